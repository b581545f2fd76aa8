"""Fixtures of the flows: one filled desk for whatever only looks at screens."""

from collections.abc import Iterator

import pytest

from tests.servers.product import Product, product


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running desk with 120 tickets. Tests bring their own and leave Ana's settings as they were."""
    with product(tmp_path_factory.mktemp("filled")) as desk:
        desk.set_up()
        desk.run("demo", "--tickets=120")
        desk.start()
        yield desk
