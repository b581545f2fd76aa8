"""The second step: what counts, what counts once, and what a half-done sign-in opens."""

from threading import Barrier, Thread

import pyotp
import pytest
from sqlmodel import select

from casso import db
from casso.db import transaction
from casso.enums import Strength
from casso.errors import CassoError, Invalid, NotAllowed, TooManyTries
from casso.models import Authenticator, Notice, Organization, RecoveryCode
from casso.services import authenticators, login, second_step, sessions
from casso.services.second_step import NextStep
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import PASSWORD, Desk

HERE = Caller(ip="192.0.2.7", browser="test")


def account(desk: Desk) -> int:
    assert desk.owner.account_id
    return desk.owner.account_id


def app_of(desk: Desk) -> pyotp.TOTP:
    """The owner's confirmed authenticator app."""
    secret = authenticators.begin(account(desk)).secret
    with transaction() as session:
        authenticators.confirm(session, account(desk), code(desk, pyotp.TOTP(secret)))
    desk.clock.tick(seconds=60)
    return pyotp.TOTP(secret)


def code(desk: Desk, app: pyotp.TOTP) -> str:
    return app.at(desk.clock.moment)


def half(desk: Desk) -> str:
    return login.keep_half(login.check_password(desk.owner.email, PASSWORD, HERE))


def notices() -> list[str]:
    with db.reading() as session:
        return list(session.exec(select(Notice.kind)).all())


def test_without_an_authenticator_nothing_more_is_asked(desk: Desk) -> None:
    assert second_step.next_step(Proved(account(desk), Strength.PASSWORD)) is NextStep.NONE


def test_with_one_the_code_is_asked_after_password_and_provider(desk: Desk) -> None:
    app_of(desk)
    for strength in (Strength.PASSWORD, Strength.PROVIDER):
        assert second_step.next_step(Proved(account(desk), strength)) is NextStep.CODE
    for strength in (Strength.TWO_FACTORS, Strength.PASSKEY):
        assert second_step.next_step(Proved(account(desk), strength)) is NextStep.NONE


def test_an_authenticator_that_was_never_confirmed_is_not_asked_for(desk: Desk) -> None:
    authenticators.begin(account(desk))
    assert second_step.next_step(Proved(account(desk), Strength.PASSWORD)) is NextStep.NONE


def test_the_secret_is_sealed_and_the_spare_codes_are_hashed(desk: Desk) -> None:
    enrolment = authenticators.begin(account(desk))
    with transaction() as session:
        codes = authenticators.confirm(session, account(desk), code(desk, pyotp.TOTP(enrolment.secret)))
    with db.reading() as session:
        stored = session.exec(select(Authenticator)).one()
        kept = session.exec(select(RecoveryCode)).all()
    assert enrolment.secret not in repr(stored)
    assert len(kept) == 10
    assert not any(one in repr(kept) or one.replace("-", "") in repr(kept) for one in codes)


def test_the_right_code_finishes_the_sign_in(desk: Desk) -> None:
    app = app_of(desk)
    proved = second_step.finish(half(desk), code(desk, app), HERE)
    assert proved == Proved(account(desk), Strength.TWO_FACTORS)


def test_a_code_counts_once(desk: Desk) -> None:
    app = app_of(desk)
    now = code(desk, app)
    second_step.finish(half(desk), now, HERE)
    with pytest.raises(Invalid, match="factor_code"):
        second_step.finish(half(desk), now, HERE)


def test_an_older_code_is_worth_nothing_once_a_newer_one_was_used(desk: Desk) -> None:
    app = app_of(desk)
    older = code(desk, app)
    desk.clock.tick(seconds=30)
    second_step.finish(half(desk), code(desk, app), HERE)
    with pytest.raises(Invalid, match="factor_code"):
        second_step.finish(half(desk), older, HERE)


def test_the_code_that_confirmed_the_app_does_not_sign_in(desk: Desk) -> None:
    secret = authenticators.begin(account(desk)).secret
    first = code(desk, pyotp.TOTP(secret))
    with transaction() as session:
        authenticators.confirm(session, account(desk), first)
    with pytest.raises(Invalid, match="factor_code"):
        second_step.finish(half(desk), first, HERE)


def test_the_same_code_twenty_times_at_once_opens_one_sign_in(desk: Desk) -> None:
    app = app_of(desk)
    halves, now = [login.keep_half(Proved(account(desk), Strength.PASSWORD))] * 6, code(desk, app)
    together, opened, refused = Barrier(len(halves)), [], []

    def try_it(token: str) -> None:
        together.wait(10)
        try:
            opened.append(second_step.finish(token, now, HERE))
        except CassoError as error:
            refused.append(error.key)

    threads = [Thread(target=try_it, args=(one,)) for one in halves]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert (len(opened), len(refused)) == (1, len(halves) - 1)


def test_a_spare_code_opens_once_and_the_person_is_told(desk: Desk) -> None:
    app_of(desk)
    with transaction() as session:
        spare = authenticators.renew_spare_codes(session, account(desk))
    assert second_step.finish(half(desk), spare[3], HERE).strength is Strength.TWO_FACTORS
    assert notices() == ["spare_code_used"]
    with pytest.raises(Invalid, match="factor_code"):
        second_step.finish(half(desk), spare[3], HERE)
    assert authenticators.count_spare_codes(account(desk)) == 9


def test_another_persons_codes_are_wrong(desk: Desk) -> None:
    app_of(desk)
    other = desk.other.owner.account_id
    assert other
    secret = authenticators.begin(other).secret
    with transaction() as session:
        spare = authenticators.confirm(session, other, code(desk, pyotp.TOTP(secret)))
    desk.clock.tick(seconds=60)
    for wrong in (code(desk, pyotp.TOTP(secret)), spare[0]):
        with pytest.raises(Invalid, match="factor_code"):
            second_step.finish(half(desk), wrong, HERE)


def test_guessing_is_slowed_down(desk: Desk) -> None:
    app = app_of(desk)
    token, tries = half(desk), 0
    with pytest.raises(TooManyTries):
        while tries < 50:
            tries += 1
            with pytest.raises(Invalid):
                second_step.finish(token, "000000", HERE)
    assert tries < 10
    with pytest.raises(TooManyTries):
        second_step.finish(token, code(desk, app), HERE)


def test_a_half_done_sign_in_is_over_after_ten_minutes_and_opens_nothing_else(desk: Desk) -> None:
    app = app_of(desk)
    token = half(desk)
    assert sessions.find_session(token) is None
    desk.clock.tick(minutes=11)
    with pytest.raises(NotAllowed, match="step_over"):
        second_step.finish(token, code(desk, app), HERE)


def test_where_the_organization_demands_it_somebody_without_one_sets_it_up_first(desk: Desk) -> None:
    _demand(desk)
    assert second_step.next_step(Proved(account(desk), Strength.PASSWORD)) is NextStep.ENROL
    token = half(desk)
    enrolment = second_step.begin_in_half(token)
    assert second_step.begin_in_half(token) == enrolment
    with pytest.raises(Invalid, match="factor_code"):
        second_step.finish_in_half(token, "123", HERE)
    proved, codes = second_step.finish_in_half(token, code(desk, pyotp.TOTP(enrolment.secret)), HERE)
    assert (proved.strength, len(codes)) == (Strength.TWO_FACTORS, 10)
    assert "factor_on" in notices()
    assert second_step.next_step(Proved(account(desk), Strength.PASSWORD)) is NextStep.CODE


def test_enrolling_in_half_never_replaces_an_authenticator_that_is_on(desk: Desk) -> None:
    app_of(desk)
    _demand(desk)
    token = half(desk)
    with pytest.raises(Invalid, match="factor_on"):
        second_step.begin_in_half(token)


def test_a_weak_session_ends_where_a_second_factor_is_demanded(desk: Desk) -> None:
    weak = sessions.open_session(Proved(account(desk), Strength.PASSWORD), HERE)
    strong = sessions.open_session(Proved(account(desk), Strength.TWO_FACTORS), HERE)
    assert sessions.find_session(weak)
    _demand(desk)
    assert sessions.find_session(weak) is None
    assert sessions.find_session(strong)


def _demand(desk: Desk) -> None:
    with transaction(desk.owner.organization_id) as session:
        session.get_one(Organization, desk.owner.organization_id).requires_second_factor = True
