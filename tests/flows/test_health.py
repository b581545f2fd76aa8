"""An operator asks for the checks and sees them begin, without reloading; a desk that stops ends them too."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from casso.services.bench.desk import family
from tests.flows.browser import signed_in
from tests.servers.product import product

pytestmark = pytest.mark.browser


def commands() -> dict[int, str]:
    """What our descendants are doing; other tests of this process have left some running."""
    return {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in family(os.getpid())[1:]}


def test_checks_asked_for_begin_once_and_end_with_the_desk(browser: Browser, tmp_path: Path) -> None:
    before = commands()
    with product(tmp_path) as desk:
        desk.set_up()
        desk.start()
        page = signed_in(browser, desk)
        page.goto(f"{desk.url}/settings/health")
        button = page.get_by_role("button", name="Run the checks now")
        expect(page.get_by_text("Not checked yet.").first).to_be_visible()
        button.click()
        expect(button).to_be_disabled()
        expect(page.get_by_text("Being checked since")).to_be_visible(timeout=60_000)
        page.context.close()
        desk.stop()
    assert [command for pid, command in commands().items() if "casso" in command and pid not in before] == []
