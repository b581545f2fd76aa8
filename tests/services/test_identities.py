"""An identity opens the account whose owner linked it, and no other, whatever address it carries."""

from collections.abc import Iterator
from threading import Barrier, Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from casso import db
from casso.access import Actor
from casso.config import settings
from casso.enums import Strength
from casso.errors import Invalid, NotAllowed, NotFound, NotProved
from casso.gateways import identity, secrets
from casso.gateways.identity import Identity
from casso.models import Account, LinkedIdentity
from casso.services import identities, sessions
from casso.services.identities import Returning
from casso.values.caller import Caller
from casso.values.proved import Proved
from tests.desks import Desk, Tenant
from tests.servers.openid_stub import IdentityStub, identity_stub, switch_on

MIA = Identity("oidc", "person-1", "mia@example.test", "Mia Moor")


@pytest.fixture
def stub(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityStub]:
    with identity_stub() as found:
        switch_on(found, monkeypatch, sqlite_desk.clock.moment)
        yield found


def provider(name: str = "oidc") -> identity.Provider:
    found = identity.find_provider(name)
    assert found
    return found


def agreed(stub: IdentityStub, left: identities.Leaving) -> Returning:
    """The person agreed at the provider; what their browser comes back with."""
    query = {name: one[0] for name, one in parse_qs(urlsplit(stub.grant(left.url)).query).items()}
    return Returning(left.cookie, query["state"], query["code"])


def account_of(found: Identity) -> str:
    proved = identities.prove(found)
    with db.reading() as session:
        return session.get_one(Account, proved.account_id).email


def fresh(tenant: Tenant) -> Actor:
    """The owner with a session opened just now."""
    proved = Proved(tenant.owner.account_id or 0, Strength.PASSWORD)
    found = sessions.find_session(sessions.open_session(proved, Caller()))
    assert found
    return found


def linked() -> list[tuple[int, str]]:
    with db.reading() as session:
        return [(row.account_id, row.subject) for row in session.exec(select(LinkedIdentity)).all()]


def test_who_linked_an_identity_signs_in_with_it(desk: Desk) -> None:
    identities.link(desk.owner, MIA)
    assert account_of(MIA) == desk.owner.email
    with db.reading() as session:
        assert session.exec(select(LinkedIdentity.last_used_at)).one() is not None


def test_an_address_alone_links_nothing_even_when_verified(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="identity_unknown"):
        identities.prove(Identity("google", "9", desk.owner.email, "Owner"))
    assert linked() == []


def test_the_same_subject_of_another_issuer_is_somebody_else(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {"OIDC_CLIENT_ID": "casso", "OIDC_CLIENT_SECRET": "secret"}
    for issuer in ("https://one.example", "https://two.example"):
        for name, value in {**named, "OIDC_ISSUER": issuer}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        if issuer == "https://one.example":
            identities.link(desk.owner, MIA)
            assert identities.prove(MIA).account_id == desk.owner.account_id
    with pytest.raises(NotAllowed):
        identities.prove(MIA)


def test_the_same_subject_at_another_provider_is_somebody_else(desk: Desk) -> None:
    identities.link(desk.owner, MIA)
    with pytest.raises(NotAllowed, match="identity_unknown"):
        identities.prove(Identity("google", MIA.subject, MIA.email, MIA.name))


def test_an_identity_belongs_to_one_account(desk: Desk) -> None:
    identities.link(desk.owner, MIA)
    identities.link(desk.owner, MIA)
    with pytest.raises(Invalid, match="identity_taken"):
        identities.link(desk.other.owner, MIA)
    assert linked() == [(desk.owner.account_id, "person-1 at ")]


def test_of_two_accounts_linking_at_once_one_gets_it(desk: Desk) -> None:
    together, lost = Barrier(2), []

    def try_it(actor: object) -> None:
        together.wait(5)
        try:
            identities.link(actor, MIA)  # type: ignore[arg-type]
        except Invalid as error:
            lost.append(error.key)

    threads = [Thread(target=try_it, args=(one,)) for one in (desk.owner, desk.other.owner)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert (len(linked()), lost) == (1, ["error.identity_taken"])


def test_another_persons_identity_cannot_be_unlinked(desk: Desk) -> None:
    identities.link(desk.other.owner, MIA)
    with db.reading() as session:
        number = session.exec(select(LinkedIdentity.id)).one()
    assert number is not None
    with pytest.raises(NotFound):
        identities.unlink(fresh(desk.mine), number)
    with pytest.raises(NotProved):
        identities.unlink(desk.other.owner, number)
    identities.unlink(fresh(desk.other), number)
    assert linked() == []


def test_the_last_way_in_stays(desk: Desk) -> None:
    identities.link(desk.owner, MIA)
    with db.transaction() as session:
        session.get_one(Account, desk.owner.account_id).password_hash = ""
    with db.reading() as session:
        number = session.exec(select(LinkedIdentity.id)).one()
    with pytest.raises(Invalid, match="last_way_in"):
        identities.unlink(fresh(desk.mine), number or 0)
    assert len(linked()) == 1


def test_coming_back_tells_who_it_is_and_where_to_go_on(sqlite_desk: Desk, stub: IdentityStub) -> None:
    left = identities.leave(provider(), target="/tickets/3", sign_in_id=5)
    found = identities.come_back(provider(), agreed(stub, left))
    assert (found.identity, found.target, found.sign_in_id) == (MIA, "/tickets/3", 5)


def test_the_cookie_hides_the_flow(sqlite_desk: Desk, stub: IdentityStub) -> None:
    left = identities.leave(provider(), target="/")
    state = parse_qs(urlsplit(left.url).query)["state"][0]
    assert state not in left.cookie
    assert state in secrets.decrypt(left.cookie)


def test_a_flow_counts_once(sqlite_desk: Desk, stub: IdentityStub) -> None:
    back = agreed(stub, identities.leave(provider(), target="/"))
    identities.come_back(provider(), back)
    asked = len(stub.asked)
    with pytest.raises(NotAllowed, match="identity_flow"):
        identities.come_back(provider(), back)
    assert len(stub.asked) == asked


def test_a_flow_ends_after_ten_minutes(sqlite_desk: Desk, stub: IdentityStub) -> None:
    back = agreed(stub, identities.leave(provider(), target="/"))
    sqlite_desk.clock.tick(minutes=11)
    with pytest.raises(NotAllowed, match="identity_flow"):
        identities.come_back(provider(), back)
    assert stub.asked == []


def test_an_answer_to_another_browsers_question_is_refused(sqlite_desk: Desk, stub: IdentityStub) -> None:
    mine = identities.leave(provider(), target="/")
    theirs = agreed(stub, identities.leave(provider(), target="/"))
    for forged in (
        Returning(mine.cookie, theirs.state, theirs.code),
        Returning("", theirs.state, theirs.code),
        Returning(theirs.cookie, "", theirs.code),
        Returning(theirs.cookie, theirs.state, ""),
        Returning(theirs.cookie[:-4] + "AAAA", theirs.state, theirs.code),
        Returning(theirs.cookie, "\ud800", theirs.code),
    ):
        with pytest.raises(NotAllowed, match="identity_flow"):
            identities.come_back(provider(), forged)
    assert stub.asked == []


def test_an_answer_at_another_providers_address_is_refused(sqlite_desk: Desk, stub: IdentityStub) -> None:
    back = agreed(stub, identities.leave(provider("oidc"), target="/"))
    with pytest.raises(NotAllowed, match="identity_flow"):
        identities.come_back(provider("google"), back)
    assert stub.asked == []


def test_an_answer_that_names_another_issuer_is_refused(sqlite_desk: Desk, stub: IdentityStub) -> None:
    back = agreed(stub, identities.leave(provider(), target="/"))
    with pytest.raises(Exception, match="answered with something else"):
        identities.come_back(
            provider(), Returning(back.cookie, back.state, back.code, issuer="https://evil.example")
        )
    assert stub.asked == []


def test_a_sealed_thing_of_another_kind_is_no_flow(sqlite_desk: Desk, stub: IdentityStub) -> None:
    for text in ("{}", "[]", "x", '{"state": "a", "provider": "oidc", "until": "never"}'):
        with pytest.raises(NotAllowed, match="identity_flow"):
            identities.come_back(provider(), Returning(secrets.encrypt(text), "a", "code"))
