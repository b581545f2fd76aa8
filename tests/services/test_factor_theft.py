"""What a stolen password or cookie may not make of a second factor, and how a lost one is reset."""

import pyotp
import pytest

from casso.cli import main
from casso.db import transaction
from casso.enums import Strength
from casso.errors import NotAllowed
from casso.models import Organization, Passkey
from casso.services import (
    accounts,
    authenticators,
    login,
    own_factor,
    password_changes,
    second_step,
    sessions,
)
from casso.services.links import LinkPurpose, make
from casso.services.second_step import NextStep
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import PASSWORD, Desk
from tests.services.people import actor_of, notices, open_session, trail

HERE = Caller(ip="192.0.2.7", browser="test")
NEW = "seven grey herons wading"


def number(desk: Desk) -> int:
    return desk.owner.account_id or 0


def secret(desk: Desk) -> str:
    return authenticators.begin(number(desk)).secret


def demand(desk: Desk) -> None:
    with transaction(desk.owner.organization_id) as session:
        session.get_one(Organization, desk.owner.organization_id).requires_second_factor = True


def half(desk: Desk) -> str:
    return login.keep_half(login.check_password(desk.owner.email, PASSWORD, HERE))


def give_passkey(desk: Desk) -> None:
    with transaction() as session:
        session.add(
            Passkey(
                account_id=number(desk),
                credential_id="x",
                public_key=b"x",
                sign_count=0,
                name="k",
                is_backed_up=False,
                created_at=desk.clock.moment,
            )
        )


def strong(desk: Desk) -> str:
    return sessions.open_session(Proved(number(desk), Strength.TWO_FACTORS), HERE)


def test_a_secret_stays_for_a_reload_and_is_new_after_ten_minutes(desk: Desk) -> None:
    known = secret(desk)
    desk.clock.tick(minutes=9)
    assert secret(desk) == known
    desk.clock.tick(minutes=2)
    later = secret(desk)
    assert later != known
    desk.clock.tick(minutes=9)
    assert secret(desk) == later


def test_a_new_password_forgets_a_secret_that_was_never_confirmed(desk: Desk) -> None:
    known = secret(desk)
    with transaction() as session:
        token = make(session, LinkPurpose.RESET, account_id=number(desk))
    password_changes.reset_password(token, NEW, HERE)
    again = secret(desk)
    assert again != known
    accounts.set_password(desk.owner.email, NEW + " again")
    assert secret(desk) not in {known, again}


def test_signing_out_forgets_it_and_a_confirmed_one_stays(desk: Desk) -> None:
    known = secret(desk)
    sessions.sign_out(open_session(number(desk)), HERE)
    mine = secret(desk)
    assert mine != known
    with transaction() as session:
        authenticators.confirm(session, number(desk), pyotp.TOTP(mine).at(desk.clock.moment))
    sessions.sign_out(open_session(number(desk)), HERE)
    assert authenticators.is_on(number(desk))


def test_every_sign_in_is_shown_a_secret_of_its_own(desk: Desk) -> None:
    demand(desk)
    known = second_step.begin_in_half(half(desk)).secret
    assert second_step.begin_in_half(half(desk)).secret != known


def test_whoever_has_a_passkey_sets_no_app_up_with_the_password_alone(desk: Desk) -> None:
    demand(desk)
    token = half(desk)
    known = pyotp.TOTP(second_step.begin_in_half(token).secret)
    give_passkey(desk)
    assert second_step.next_step(Proved(number(desk), Strength.PASSWORD)) is NextStep.PASSKEY
    with pytest.raises(NotAllowed, match="factor_passkey"):
        second_step.begin_in_half(token)
    with pytest.raises(NotAllowed, match="factor_passkey"):
        second_step.finish_in_half(token, known.at(desk.clock.moment), HERE)
    assert not authenticators.is_on(number(desk))


def test_weak_sessions_end_for_good_where_a_second_factor_is_demanded(desk: Desk) -> None:
    weak, mine = open_session(number(desk)), actor_of(strong(desk))
    elsewhere = open_session(desk.other.owner.account_id)
    own_factor.demand(mine, HERE, is_demanded=True)
    own_factor.demand(mine, HERE, is_demanded=False)
    assert sessions.find_session(weak) is None
    assert sessions.find_session(elsewhere)
    assert len(trail(desk, "session.revoked")) == 1


def test_setting_it_up_ends_the_persons_other_sessions(desk: Desk) -> None:
    other, mine = open_session(number(desk)), open_session(number(desk))
    actor = actor_of(mine)
    code = pyotp.TOTP(own_factor.begin(actor).secret).at(desk.clock.moment)
    own_factor.confirm(actor, code, HERE)
    assert sessions.find_session(other) is None
    assert sessions.find_session(mine)
    assert len(trail(desk, "session.revoked")) == 1


def test_the_console_resets_a_lost_factor_and_lost_passkeys(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    app = pyotp.TOTP(secret(desk))
    with transaction() as session:
        authenticators.confirm(session, number(desk), app.at(desk.clock.moment))
    give_passkey(desk)
    demand(desk)
    token = strong(desk)
    assert main(["account", "reset-factor", "--email", desk.owner.email]) == 0
    assert "no second factor" in capsys.readouterr().out
    assert sessions.find_session(token) is None
    assert second_step.next_step(Proved(number(desk), Strength.PASSWORD)) is NextStep.ENROL
    assert notices()[-1].kind == "factor_off"
    assert len(trail(desk, "factor.reset")) == 1
    assert main(["account", "reset-factor", "--email", "nobody@example.test"]) == 1
