"""One nursery for all tests here: the product is imported once, and a child costs a fork."""

from collections.abc import Iterator

import pytest

from tests.faults.lives import Lives, nursery


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    """Begins short lives of the product's processes."""
    with nursery(tmp_path_factory.mktemp("nursery") / "log") as found:
        yield found
