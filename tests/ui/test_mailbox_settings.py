"""A mailbox's options: shown as they are stored, and only what the form says is kept."""

import pytest
import reflex as rx

from casso import config
from casso.enums import Role
from casso.models import Mailbox
from casso.queries.tickets import list_mailboxes
from casso.services import mailboxes
from casso.services.mailboxes import ImapForm, MailboxForm
from casso.ui.inbox.desk_state import Desk as DeskList
from casso.ui.settings.mailboxes import mailboxes_page
from casso.ui.settings.mailboxes_state import Mailboxes
from tests.desks import Desk
from tests.services.members import member
from tests.ui.screen import Screen, signed_in

OPTIONS = {"uses_reply_to": "on", "unfolds_forwards": "on", "trusted_receiver": " MX.Example.Test "}


async def opened(screen: Screen, mailbox_id: int) -> Mailboxes:
    boxes = await screen.get(Mailboxes)
    await Mailboxes.arrive.fn(boxes)
    await Mailboxes.open.fn(boxes, mailbox_id)
    return boxes


async def submit(boxes: Mailboxes, form: dict[str, str]) -> None:
    async for _ in Mailboxes.submit.fn(boxes, form):
        pass


def options_of(desk: Desk) -> tuple[bool, bool, str]:
    (row,) = list_mailboxes(desk.owner)
    return row.uses_reply_to, row.unfolds_forwards, row.trusted_receiver


async def test_options_are_saved_and_shown_and_can_be_taken_back(sqlite_desk: Desk) -> None:
    for screen in signed_in(sqlite_desk.owner):
        assert options_of(sqlite_desk) == (False, False, "")
        boxes = await opened(screen, sqlite_desk.mine.mailbox_id)
        await submit(boxes, {"address": sqlite_desk.address, **OPTIONS})
        assert options_of(sqlite_desk) == (True, True, "mx.example.test")
        assert [(row.uses_reply_to, row.trusted_receiver) for row in boxes.rows] == [
            (True, "mx.example.test")
        ]
        await Mailboxes.open.fn(boxes, sqlite_desk.mine.mailbox_id)
        await submit(boxes, {"address": sqlite_desk.address, "trusted_receiver": ""})
        assert options_of(sqlite_desk) == (False, False, "")


async def test_who_may_not_manage_mailboxes_is_told_names_and_addresses_alone(sqlite_desk: Desk) -> None:
    """Read off what travels: the state's whole contents, as a fresh page is told."""
    here = sqlite_desk.mine.mailbox_id
    form = ImapForm("imap.canary.example", "canary-login", "canary-password", folder="canary-folder")
    mailboxes.save_imap(sqlite_desk.owner, here, form)
    options = MailboxForm(sqlite_desk.address, "Help", trusted_receiver="mx.canary.example")
    mailboxes.update_mailbox(sqlite_desk.owner, here, options)
    own = ("tickets.read", "settings.read", "settings.change")
    setter = member(sqlite_desk.mine, "setter@example.test", Role.OWN, own=own)
    for actor, is_told in ((sqlite_desk.owner, True), (setter, False)):
        for screen in signed_in(actor):
            boxes = await screen.get(Mailboxes)
            await Mailboxes.arrive.fn(boxes)
            desk_list = await screen.get(DeskList)
            await DeskList.arrive.fn(desk_list)
            told = repr(screen.root.dict())
            assert sqlite_desk.address in told
            assert "Help" in told
            for canary in ("imap.canary.example", "canary-login", "canary-folder", "mx.canary.example"):
                assert (canary in told) is is_told
            assert "canary-password" not in told


async def test_a_new_mailbox_has_its_options_at_once(sqlite_desk: Desk) -> None:
    for screen in signed_in(sqlite_desk.owner):
        boxes = await opened(screen, 0)
        await submit(boxes, {"address": "sales@example.test", "unfolds_forwards": "on"})
        row = next(row for row in boxes.rows if row.address == "sales@example.test")
        assert (row.uses_reply_to, row.unfolds_forwards, row.trusted_receiver) == (False, True, "")


async def test_options_of_another_organizations_mailbox_are_out_of_reach(sqlite_desk: Desk) -> None:
    for screen in signed_in(sqlite_desk.owner):
        boxes = await opened(screen, sqlite_desk.other.mailbox_id)
        with pytest.raises(Exception, match="not_found"):
            await submit(boxes, {"address": "evil@example.test", **OPTIONS})
    (row,) = list_mailboxes(sqlite_desk.other.owner)
    assert (row.address, row.unfolds_forwards) == (sqlite_desk.other.address, False)


def test_the_form_asks_for_every_option_that_a_mailbox_has() -> None:
    drawn = rx.Component.render(mailboxes_page())
    for name in OPTIONS:
        assert f'name:"{name}"' in str(drawn)
        assert name in Mailbox.model_fields


def test_a_mailbox_trusts_nobody_until_somebody_says_so(desk: Desk) -> None:
    mailboxes.create_mailbox(desk.owner, MailboxForm("sales@example.test"))
    found = list_mailboxes(desk.owner)[-1]
    assert (found.uses_reply_to, found.trusted_receiver, found.unfolds_forwards) == (False, "", False)


def warnings_of(drawn: str) -> list[str]:
    return [key for key in ("mailboxes.in_clear", "mailboxes.out_in_clear") if key in drawn]


async def test_a_mailbox_that_is_fetched_in_the_clear_is_marked(sqlite_desk: Desk) -> None:
    for screen in signed_in(sqlite_desk.owner):
        for host, security, is_fetched, is_marked in (
            ("mail.example.test", "none", "on", True),
            ("mail.example.test", "none", "", False),
            ("mail.example.test", "starttls", "on", False),
            ("localhost", "none", "on", False),
        ):
            boxes = await opened(screen, sqlite_desk.mine.mailbox_id)
            imap = {"host": host, "port": "143", "login": "anna", "password": "x", "security": security}
            await submit(boxes, {"address": sqlite_desk.address, "is_enabled": is_fetched, **imap})
            assert [row.is_in_clear for row in boxes.rows] == [is_marked], (host, security, is_fetched)


@pytest.mark.parametrize(("route", "is_told"), [("smtp://mail.example.test:25", True), ("file:", False)])
async def test_mail_that_may_leave_unencrypted_is_told(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, route: str, is_told: bool
) -> None:
    monkeypatch.setenv("CASSO_MAIL_OUT", route)
    config.settings.cache_clear()
    for screen in signed_in(sqlite_desk.owner):
        boxes = await opened(screen, sqlite_desk.mine.mailbox_id)
        assert boxes.may_be_overheard is is_told


def test_the_page_has_words_for_both() -> None:
    assert warnings_of(str(rx.Component.render(mailboxes_page()))) == [
        "mailboxes.in_clear",
        "mailboxes.out_in_clear",
    ]
