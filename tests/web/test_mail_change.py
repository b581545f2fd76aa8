"""The links of a change of address: opening is harmless, a button decides, no session is needed."""

import pytest

from casso.queries.mail_changes import MailChangeRow, get_mail_change
from casso.services import mail_changes
from casso.values.caller import Caller
from tests.desks import Desk
from tests.services.people import signed_in
from tests.services.test_mail_changes import NEW, address_of, asked, mailed
from tests.web.conftest import Client

OWN = {"Origin": "http://desk.example:3000"}


async def test_both_links_are_opened_and_confirmed(client: Client, sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    tokens = mailed(sqlite_desk)
    async with client(headers=OWN) as browser:
        old = await browser.get(f"/mail-change/{tokens[sqlite_desk.owner.email]}")
        new = await browser.get(f"/mail-change/{tokens[NEW]}")
        half = await browser.post(f"/mail-change/{tokens[sqlite_desk.owner.email]}")
        assert address_of(sqlite_desk.owner.account_id) == sqlite_desk.owner.email
        done = await browser.post(f"/mail-change/{tokens[NEW]}")
        again = await browser.post(f"/mail-change/{tokens[NEW]}")
    assert [one.status_code for one in (old, new, half, done, again)] == [200, 200, 200, 200, 410]
    assert sqlite_desk.owner.email in old.text
    assert sqlite_desk.owner.email not in new.text
    assert "the mail to the other address" in half.text
    assert f"sign in with {NEW}" in done.text
    assert address_of(sqlite_desk.owner.account_id) == NEW


async def test_mail_scanners_that_open_every_link_change_nothing(client: Client, sqlite_desk: Desk) -> None:
    actor = asked(sqlite_desk)
    async with client() as browser:
        for token in mailed(sqlite_desk).values():
            for way in ("", "/refuse"):
                for method in ("GET", "HEAD"):
                    await browser.request(method, f"/mail-change/{token}{way}")
    row = get_mail_change(actor)
    assert (row.new_email, row.is_old_confirmed, row.is_new_confirmed) == (NEW, False, False)


async def test_no_leaves_everything_as_it_is(client: Client, sqlite_desk: Desk) -> None:
    actor = asked(sqlite_desk)
    tokens = mailed(sqlite_desk)
    async with client(headers=OWN) as browser:
        said = await browser.post(f"/mail-change/{tokens[NEW]}/refuse")
        over = await browser.get(f"/mail-change/{tokens[sqlite_desk.owner.email]}")
    assert (said.status_code, over.status_code) == (200, 410)
    assert "Nothing changes" in said.text
    assert get_mail_change(actor) == MailChangeRow()


async def test_the_page_speaks_the_readers_language(client: Client, sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    async with client(headers={"Accept-Language": "de"}) as browser:
        answer = await browser.get(f"/mail-change/{mailed(sqlite_desk)[NEW]}")
    assert "Mailadresse ändern" in answer.text
    assert "Nein, alles so lassen" in answer.text


@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "<script>"])
async def test_a_link_of_nobodys_is_over(client: Client, sqlite_desk: Desk, token: str) -> None:
    async with client(headers=OWN) as browser:
        opened = await browser.get(f"/mail-change/{token}")
        sent = await browser.post(f"/mail-change/{token}")
        refused = await browser.post(f"/mail-change/{token}/refuse")
    assert {opened.status_code, sent.status_code, refused.status_code} <= {404, 410}
    assert "<script>" not in opened.text


async def test_another_site_cannot_confirm(client: Client, sqlite_desk: Desk) -> None:
    asked(sqlite_desk)
    tokens = mailed(sqlite_desk)
    async with client(headers={"Origin": "https://evil.example"}) as browser:
        for token in tokens.values():
            assert (await browser.post(f"/mail-change/{token}")).status_code == 403
    assert address_of(sqlite_desk.owner.account_id) == sqlite_desk.owner.email


async def test_who_comes_too_late_is_told_that_the_address_is_taken(
    client: Client, sqlite_desk: Desk
) -> None:
    asked(sqlite_desk)
    first = mailed(sqlite_desk)
    other = signed_in(sqlite_desk.other.owner.account_id)
    mail_changes.request_mail_change(other, NEW, Caller())
    second = mailed(sqlite_desk)
    for token in (second[other.email], second[NEW], first[sqlite_desk.owner.email]):
        mail_changes.confirm_mail_change(token, Caller())
    async with client(headers=OWN) as browser:
        answer = await browser.post(f"/mail-change/{first[NEW]}")
    assert answer.status_code == 410
    assert "Another account has this address" in answer.text
