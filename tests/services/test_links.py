"""A secret link does one thing, once, for a short time, and lies in the database as a hash only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from casso import db
from casso.db import transaction
from casso.errors import Invalid
from casso.models import LinkToken
from casso.services import links
from casso.services.links import LIVES, LinkFound, LinkPurpose
from tests.desks import Desk

RESET = LinkPurpose.RESET


def make(desk: Desk, purpose: LinkPurpose = RESET, detail: str = "") -> str:
    with transaction() as session:
        return links.make(session, purpose, account_id=desk.owner.account_id, detail=detail)


def redeem(token: str, purpose: LinkPurpose = RESET) -> LinkFound | None:
    try:
        with transaction() as session:
            return links.redeem(session, purpose, token)
    except Invalid:
        return None


def test_a_link_gives_back_what_it_was_made_for(desk: Desk) -> None:
    found = redeem(make(desk, detail="new@example.test"))
    assert found is not None
    assert (found.account_id, found.detail) == (desk.owner.account_id, "new@example.test")


def test_a_link_works_once(desk: Desk) -> None:
    token = make(desk)
    assert redeem(token)
    assert redeem(token) is None
    assert links.find(RESET, token) is None


def test_of_twenty_at_once_one_succeeds(desk: Desk) -> None:
    token = make(desk)
    with ThreadPoolExecutor(20) as pool:
        won = [found for found in pool.map(lambda _: redeem(token), range(20)) if found]
    assert len(won) == 1


def test_an_act_that_fails_does_not_use_the_link_up(desk: Desk) -> None:
    token = make(desk)
    with pytest.raises(RuntimeError), transaction() as session:
        links.redeem(session, RESET, token)
        raise RuntimeError("the password was too weak")
    assert redeem(token)


def test_looking_at_a_link_does_not_use_it_up(desk: Desk) -> None:
    token = make(desk)
    for _ in range(3):
        assert links.find(RESET, token)
    assert redeem(token)


@pytest.mark.parametrize("purpose", list(LinkPurpose))
def test_a_link_ends_after_its_life(sqlite_desk: Desk, purpose: LinkPurpose) -> None:
    token = make(sqlite_desk, purpose)
    sqlite_desk.clock.tick(seconds=LIVES[purpose].total_seconds() - 5)
    assert links.find(purpose, token)
    sqlite_desk.clock.tick(seconds=10)
    assert links.find(purpose, token) is None
    assert redeem(token, purpose) is None


def test_only_an_invitation_lives_longer_than_an_hour() -> None:
    longer = {purpose for purpose, life in LIVES.items() if life > timedelta(hours=1)}
    assert longer == {LinkPurpose.INVITATION}
    assert LIVES[LinkPurpose.INVITATION] <= timedelta(days=7)


def test_a_link_for_one_thing_never_does_another(sqlite_desk: Desk) -> None:
    token = make(sqlite_desk)
    assert redeem(token, LinkPurpose.INVITATION) is None
    assert redeem(token)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 100_000, "' OR 1=1 --"])
def test_what_was_never_made_is_refused_calmly(desk: Desk, token: str) -> None:
    make(desk)
    assert redeem(token) is None
    assert links.find(RESET, token) is None


def test_revoking_ends_what_was_asked_and_nothing_else(sqlite_desk: Desk) -> None:
    reset, change = make(sqlite_desk), make(sqlite_desk, LinkPurpose.MAIL_CHANGE)
    other = make_for(sqlite_desk.other.owner.account_id)
    with transaction() as session:
        links.revoke(session, sqlite_desk.owner.account_id or 0, RESET)
    assert links.find(RESET, reset) is None
    assert links.find(LinkPurpose.MAIL_CHANGE, change)
    with transaction() as session:
        links.revoke(session, sqlite_desk.owner.account_id or 0)
    assert links.find(LinkPurpose.MAIL_CHANGE, change) is None
    assert links.find(RESET, other)


def make_for(account_id: int | None) -> str:
    with transaction() as session:
        return links.make(session, RESET, account_id=account_id)


def test_the_database_keeps_a_hash_and_not_the_token(sqlite_desk: Desk) -> None:
    token = make(sqlite_desk)
    with db.reading() as session:
        row = session.exec(select(LinkToken)).one()
    assert token not in repr(row)
    assert len(row.token_hash) == 64
    assert len(token) >= 43


def test_the_address_of_a_link_is_the_configured_one(sqlite_desk: Desk) -> None:
    assert links.url_of("/reset", "abc") == "http://desk.example:3000/reset/abc"
