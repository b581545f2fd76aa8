"""The quarantine page: a person's word, another try, and the operator's list, each for whom it is meant."""

import dataclasses

import pytest

from casso.access import Actor
from casso.errors import NotAllowed
from casso.jobs.receive import receive_waiting
from casso.queries.changes import ChangeRow
from casso.services import mailboxes
from casso.services.mailboxes import MailboxForm
from casso.ui import policy
from casso.ui.changes import Changes
from casso.ui.me import Me
from casso.ui.settings.quarantine import Quarantine
from casso.ui.settings.unrouted import Unrouted
from casso.ui.toast import Toast
from tests.desks import Desk
from tests.services.mails import mail, messages, put
from tests.ui.screen import signed_in

REPORT = {"sender": "Post <postmaster@customer.test>", "subject": "Undeliverable: our order"}
STATE = "reflex___state____state.casso___ui___settings___"


def report() -> None:
    put(mail("Our order could not be delivered, the address is unknown.", **REPORT))
    receive_waiting()


def operator(desk: Desk) -> Actor:
    return dataclasses.replace(desk.owner, is_operator=True)


async def test_a_report_is_taken_as_a_ticket_and_leaves_the_list(sqlite_desk: Desk) -> None:
    report()
    for screen in signed_in(sqlite_desk.owner):
        kept, toast = await screen.get(Quarantine), await screen.get(Toast)
        await Quarantine.arrive.fn(kept)
        (row,) = kept.rows
        assert (row.reason, row.may_take) == ("bounce_unmatched", True)
        for _ in range(2):
            await Quarantine.take.fn(kept, row.id, "i-1")
        assert (kept.rows, toast.said) == ([], "take_as_ticket")
    receive_waiting()
    assert len(messages(sqlite_desk.system)) == 1


async def test_run_again_stays_and_a_report_that_comes_back_shows_again(sqlite_desk: Desk) -> None:
    report()
    for screen in signed_in(sqlite_desk.owner):
        kept = await screen.get(Quarantine)
        await Quarantine.arrive.fn(kept)
        await Quarantine.run_again.fn(kept, kept.rows[0].id, "i-1")
        assert kept.rows == []
        receive_waiting()
        change = ChangeRow(1, sqlite_desk.mine.organization_id, "settings", None)
        await kept._on_changes(sqlite_desk.owner, Changes([change], {sqlite_desk.owner.account_id or 0}))
        assert [row.reason for row in kept.rows] == ["bounce_unmatched"]


async def test_the_operator_finds_mail_without_a_mailbox_and_tries_it_again(sqlite_desk: Desk) -> None:
    put(mail("canary"), "sales@example.test", "pipe")
    receive_waiting()
    for screen in signed_in(operator(sqlite_desk)):
        found, toast = await screen.get(Unrouted), await screen.get(Toast)
        await Unrouted.arrive.fn(found)
        (row,) = found.rows
        assert (row.recipient, row.sender_domain, found.count) == ("sales@example.test", "customer.test", 1)
        await Unrouted.try_again.fn(found, row.id, "i-1")
        assert (toast.said, len(found.rows)) == ("try_again_in_vain", 1)
        mailboxes.create_mailbox(sqlite_desk.other.owner, MailboxForm("sales@example.test"))
        for _ in range(2):
            await Unrouted.try_again.fn(found, row.id, "i-2")
        assert (toast.said, found.rows, found.count) == ("try_again", [], 0)
        assert "canary" not in repr(screen.root.dict())
    receive_waiting()
    assert len(messages(sqlite_desk.other.system)) == 1


async def test_an_owner_who_is_no_operator_has_no_such_list(sqlite_desk: Desk) -> None:
    put(mail(), "sales@example.test", "pipe")
    receive_waiting()
    for screen in signed_in(dataclasses.replace(sqlite_desk.owner, is_operator=False)):
        found, me = await screen.get(Unrouted), await screen.get(Me)
        await Me.arrive.fn(me)
        await Unrouted.arrive.fn(found)
        assert (me.is_operator, found.rows, found.count) == (False, [], 0)
        with pytest.raises(NotAllowed):
            await Unrouted.try_again.fn(found, 1, "i-1")


async def test_the_frame_knows_the_operator(sqlite_desk: Desk) -> None:
    for screen in signed_in(operator(sqlite_desk)):
        me = await screen.get(Me)
        await Me.arrive.fn(me)
        assert me.is_operator


def test_only_the_operator_may_call_for_another_try(sqlite_desk: Desk) -> None:
    declared = policy.policy_of(f"{STATE}unrouted____unrouted.try_again")
    assert declared is not None
    assert declared.admits(operator(sqlite_desk))
    assert not declared.admits(dataclasses.replace(sqlite_desk.owner, is_operator=False))
    assert not declared.admits(None)
