"""The public pages of policy and terms: for everybody, without script, in the operator's words, escaped."""

import re
from html import unescape
from pathlib import Path

import pytest

from casso.words.policies import PolicyKind, policy
from tests import desks
from tests.desks import Desk
from tests.web.conftest import Client

CORPUS_LIMIT = 60_000


@pytest.mark.parametrize(("path", "title"), [("/privacy", "Privacy Policy"), ("/terms", "Terms of Use")])
async def test_the_pages_are_there_for_everybody_small_and_without_script(
    client: Client, path: str, title: str
) -> None:
    async with client() as browser:
        answer = await browser.get(path)
        assert (await browser.post(path, headers={"Origin": "http://desk.example:3000"})).status_code == 405
    assert answer.status_code == 200
    assert f"<h1>{title}</h1>" in answer.text
    assert "<script" not in answer.text
    assert len(answer.content) <= CORPUS_LIMIT
    assert "set-cookie" not in answer.headers
    assert "script-src 'self';" in answer.headers["content-security-policy"]


async def test_the_whole_policy_is_on_the_page(client: Client) -> None:
    async with client() as browser:
        answer = await browser.get("/privacy")
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())
    for number in range(1, 15):
        assert re.search(rf"<h2>{number}\. ", answer.text)
    assert len(re.findall(r"<h3>2\.\d ", answer.text)) == 5
    assert answer.text.count("<li>") == policy(PolicyKind.PRIVACY).text.count("•") > 60
    assert "Password (stored securely as a hash)" in text
    assert "Last updated on November 25, 2024" in text
    assert 'href="mailto:support@casso.app"' in answer.text


async def test_the_frame_speaks_german_and_says_that_the_text_is_english(client: Client) -> None:
    async with client(headers={"Accept-Language": "de"}) as browser:
        page = (await browser.get("/privacy")).text
    assert "Zuletzt geändert am 25. November 2024" in page
    assert '<div class="prose" lang="en">' in page
    assert ">Datenschutz</a>" in page


@pytest.mark.parametrize("path", ["/sign-in", "/reset", "/invitation/x", "/reset/x", "/privacy", "/terms"])
async def test_every_public_page_leads_to_both_texts(client: Client, path: str) -> None:
    async with client() as browser:
        page = (await browser.get(path)).text
    assert '<a href="/privacy">' in page
    assert '<a href="/terms">' in page


async def test_the_operator_stands_under_every_page_once_named(
    client: Client, sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client() as browser:
        assert "mailto:" not in (await browser.get("/sign-in")).text
        names = {"CASSO_OPERATOR": "Muster <b> & Co", "CASSO_OPERATOR_MAIL": "daten@muster.test"}
        desks.point_settings_at(sqlite_desk.folder, monkeypatch, **names)
        page = (await browser.get("/sign-in")).text
        assert '<a href="mailto:daten@muster.test">Muster &lt;b&gt; &amp; Co</a>' in page
        assert "Muster &lt;b&gt; &amp; Co (&quot;Casso,&quot;" in (await browser.get("/privacy")).text


async def test_an_own_text_is_shown_escaped(client: Client, sqlite_desk: Desk) -> None:
    folder: Path = sqlite_desk.folder / "policies"
    folder.mkdir()
    (folder / "terms.txt").write_text("Own <script>x</script>\n\n1. Eins\n\n<img src=x>\n\n- <b>y</b>\n")
    async with client() as browser:
        page = (await browser.get("/terms")).text
    assert "<h1>Own &lt;script&gt;x&lt;/script&gt;</h1>" in page
    assert "<p>&lt;img src=x&gt;</p>" in page
    assert "<li>&lt;b&gt;y&lt;/b&gt;</li>" in page
    assert "Version " in page
