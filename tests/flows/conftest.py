"""Fixtures of the flows: one browser a session; a product only where a flow does not need its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.flows.browser import chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with chromium() as found:
        yield found
