"""The whole desk on PostgreSQL: a mail comes in live, an answer leaves, and search finds both."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.browser import signed_in
from tests.servers.inside import inside
from tests.servers.postgres import Postgres
from tests.servers.product import letter, product
from tests.servers.smtp_sink import smtp_sink

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
MIA, SUPPORT = "Mia Krüger <mia@lotus.example>", "support@northwind.example"
SUBJECT = "Paket beschädigt 荷物"


def test_the_desk_works_on_postgres(browser: Browser, tmp_path: Path, postgres: Postgres) -> None:
    settings = {"CASSO_DATABASE_URL": postgres.create("flow")}
    with (
        smtp_sink() as sink,
        product(tmp_path, CASSO_MAIL_OUT=f"{sink.url}?starttls=off", **settings) as desk,
    ):
        desk.set_up()
        with inside(desk) as look:
            look.send_at_once()
        desk.start()
        page = signed_in(browser, desk)
        expect(page.get_by_text(SUPPORT).first).to_be_visible()
        desk.mail(letter(MIA, SUPPORT, SUBJECT, "Zwei Gläser sind kaputt."))
        row = page.locator("[data-ticket]", has_text=SUBJECT).first
        expect(row).to_be_visible(timeout=4000)

        row.click()
        expect(page.locator("article", has_text="Zwei Gläser sind kaputt.")).to_be_visible()
        page.locator("#casso-text").fill("Ersatz ist unterwegs, Sendung Zanzibar.")
        page.locator("form.composer button[type=submit]:visible").click()
        expect(page.locator("article", has_text="Zanzibar")).to_have_count(1)
        assert sink.wait_for(1)[0].recipients == ("mia@lotus.example",)

        for words in ("zanzibar", "glaser", "荷物"):
            page.goto(f"{desk.url}/?q={words}")
            expect(page.locator("a.row[data-ticket='1']")).to_have_count(1)
        page.goto(f"{desk.url}/?q=zanzibar")
        expect(page.locator("a.row mark")).to_have_text("Zanzibar")
        page.goto(f"{desk.url}/?q=zeppelin")
        expect(page.get_by_text("zeppelin").first).to_be_visible()
        expect(page.locator("a.row")).to_have_count(0)
        assert desk.stop() == 0
        assert not (desk.data_dir / "casso.db").exists()
