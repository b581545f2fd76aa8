"""Agreeing to policy and terms: both boxes, the version that was shown, kept with a line in the trail."""

from dataclasses import replace

import pytest
from sqlmodel import col, select

from casso.config import settings
from casso.db import reading, transaction
from casso.errors import Invalid
from casso.models import PolicyAcceptance
from casso.services.agreements import keep_agreement, require_agreement, versions_today
from casso.words.policies import PolicyKind, policy
from tests.desks import Desk
from tests.services.agreed import agreed
from tests.services.people import HOME
from tests.trails import trail_of


def acceptances() -> list[PolicyAcceptance]:
    with reading() as session:
        return list(session.exec(select(PolicyAcceptance).order_by(col(PolicyAcceptance.id))).all())


def change_the_terms() -> None:
    folder = settings().data_dir / "policies"
    folder.mkdir()
    (folder / "terms.txt").write_text("Other terms\n\nLast updated: 2026-01-01\n\nBe kind.\n")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"has_agreed": False}, "error.agree"),
        ({"is_adult": False}, "error.adult"),
        ({"versions": ""}, "error.policy_changed"),
        ({"versions": "privacy 2020-01-01.00000000, terms 2020-01-01.00000000"}, "error.policy_changed"),
    ],
)
def test_whatever_is_not_agreed_to_is_said(sqlite_desk: Desk, changed: dict[str, object], key: str) -> None:
    with pytest.raises(Invalid) as caught:
        require_agreement(replace(agreed(), **changed))  # type: ignore[arg-type]
    assert caught.value.key == key
    require_agreement(agreed())


def test_what_was_agreed_to_is_kept_with_version_age_time_and_address(desk: Desk) -> None:
    account_id = desk.owner.account_id or 0
    with transaction() as session:
        keep_agreement(session, account_id, agreed(), HOME)
    rows = acceptances()
    assert [(row.policy, row.version) for row in rows] == [
        (kind, policy(kind).version) for kind in PolicyKind
    ]
    for row in rows:
        assert (row.account_id, row.is_adult, row.ip) == (account_id, True, HOME.ip)
        assert abs((desk.clock.moment - row.accepted_at).total_seconds()) < 1
    (line,) = trail_of(desk.mine.organization_id, "account.agreed")
    assert (line.account_id, line.after) == (account_id, versions_today())
    assert trail_of(desk.other.organization_id, "account.agreed") == []


def test_a_text_changed_since_the_page_was_shown_is_asked_again(sqlite_desk: Desk) -> None:
    shown = agreed()
    change_the_terms()
    with pytest.raises(Invalid) as caught, transaction() as session:
        keep_agreement(session, sqlite_desk.owner.account_id or 0, shown, HOME)
    assert caught.value.key == "error.policy_changed"
    assert acceptances() == []
    with transaction() as session:
        keep_agreement(session, sqlite_desk.owner.account_id or 0, agreed(), HOME)
    assert acceptances()[1].version.startswith("2026-01-01.")


def test_whoever_sets_the_desk_up_is_not_asked(sqlite_desk: Desk) -> None:
    """Both owners of this desk came by set-up: they make the promises."""
    assert acceptances() == []
