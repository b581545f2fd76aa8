"""Sign-in with others: who they say it is counts only when every word of it is proven."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt

from casso.errors import GatewayError
from casso.gateways import identity
from casso.gateways.identity import openid
from tests.desks import forget, point_settings_at
from tests.servers.oidc_provider import oidc_provider
from tests.servers.openid_stub import CLIENT_ID, OTHER, SHARED, IdentityStub, identity_stub

BACK = "http://desk.example:3000/auth/oidc/callback"


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityStub]:
    with identity_stub() as found:
        more = found.environment("oidc") | found.environment("github")
        point_settings_at(tmp_path, monkeypatch, **more)
        openid._known.clear()
        yield found
        forget()


def sign_in(stub: IdentityStub, name: str = "oidc") -> identity.Identity:
    """The whole way: leave, agree, come back with a code, ask who it is."""
    provider = identity.find_provider(name)
    assert provider
    flow = identity.new_flow()
    back = stub.grant(identity.authorize_url(provider, flow, BACK))
    query = parse_qs(urlsplit(back).query)
    assert query["state"] == [flow.state]
    return identity.fetch_identity(provider, flow, code=query["code"][0], redirect_uri=BACK)


def test_only_providers_with_a_key_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_settings_at(tmp_path, monkeypatch)
    assert identity.list_providers() == ()
    assert identity.find_provider("google") is None
    point_settings_at(tmp_path, monkeypatch, GOOGLE_CLIENT_ID="a", GOOGLE_CLIENT_SECRET="b")
    assert [one.name for one in identity.list_providers()] == ["google"]
    assert identity.list_providers()[0].base == "https://accounts.google.com"
    forget()


def test_a_verified_person_comes_back_from_a_provider(stub: IdentityStub) -> None:
    found = sign_in(stub)
    assert found == identity.Identity("oidc", "person-1", "mia@example.test", "Mia Moor")


def test_leaving_carries_state_nonce_and_a_challenge_but_no_verifier(stub: IdentityStub) -> None:
    provider, flow = identity.find_provider("oidc"), identity.new_flow()
    assert provider
    url = identity.authorize_url(provider, flow, BACK)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert (asked["state"], asked["nonce"], asked["redirect_uri"]) == (flow.state, flow.nonce, BACK)
    assert flow.verifier not in url


def test_a_code_without_its_verifier_is_worth_nothing(stub: IdentityStub) -> None:
    provider, flow = identity.find_provider("oidc"), identity.new_flow()
    assert provider
    back = stub.grant(identity.authorize_url(provider, flow, BACK))
    code = parse_qs(urlsplit(back).query)["code"][0]
    with pytest.raises(GatewayError, match="did not confirm") as caught:
        identity.fetch_identity(provider, identity.new_flow(), code=code, redirect_uri=BACK)
    assert caught.value.permanent


@pytest.mark.parametrize("verified", [False, None, "true", 1, "yes"])
def test_an_address_that_is_not_verified_does_not_count(stub: IdentityStub, verified: object) -> None:
    stub.person = {"email_verified": verified}
    found = sign_in(stub)
    assert (found.subject, found.email) == ("person-1", "")


LIES: dict[str, dict[str, object]] = {
    "for another desk": {"aud": "somebody-else"},
    "for several desks, given to another": {"aud": [CLIENT_ID, "b"], "azp": "b"},
    "from another issuer": {"iss": "https://evil.example"},
    "over": {"exp": 1_000_000_000},
    "not yet valid": {"nbf": 4_000_000_000},
    "of another flow": {"nonce": "n" * 43},
    "of no flow": {"nonce": None},
    "of nobody": {"sub": None},
    "never issued": {"iat": None},
    "without end": {"exp": None},
}


@pytest.mark.parametrize("claims", LIES.values(), ids=LIES)
def test_an_id_token_that_does_not_fit_is_refused(stub: IdentityStub, claims: dict[str, object]) -> None:
    stub.person = claims
    with pytest.raises(GatewayError) as caught:
        sign_in(stub)
    assert (caught.value.permanent, caught.value.code) == (True, "identity_refused")


def test_an_id_token_signed_by_another_key_is_refused(stub: IdentityStub) -> None:
    stub.key = OTHER
    with pytest.raises(GatewayError, match="did not confirm"):
        sign_in(stub)


def test_an_id_token_signed_with_the_shared_secret_is_refused(stub: IdentityStub) -> None:
    stub.key, stub.algorithm = SHARED, "HS256"
    stub.metadata = {"id_token_signing_alg_values_supported": ["HS256", "none"]}
    with pytest.raises(GatewayError):
        sign_in(stub)


def test_an_id_token_without_signature_is_refused(stub: IdentityStub) -> None:
    head = jwt.encode({"alg": "HS256"}, {"sub": "person-1", "iss": stub.base, "aud": CLIENT_ID}, SHARED)
    _, body, _ = head.split(".")
    stub.raw_token = f"eyJhbGciOiJub25lIn0.{body}."
    with pytest.raises(GatewayError):
        sign_in(stub)


def test_a_token_answer_without_an_id_token_is_refused(stub: IdentityStub) -> None:
    stub.raw_token = "x"
    with pytest.raises(GatewayError):
        sign_in(stub)


def test_the_address_may_come_from_userinfo_about_the_same_person(stub: IdentityStub) -> None:
    stub.person = {"email": None, "email_verified": None}
    stub.userinfo = {"email": "Mia@Example.Test", "email_verified": True}
    assert sign_in(stub).email == "mia@example.test"


def test_userinfo_about_somebody_else_is_refused(stub: IdentityStub) -> None:
    stub.person = {"email": None}
    stub.userinfo = {"sub": "person-2", "email": "owner@example.test", "email_verified": True}
    with pytest.raises(GatewayError):
        sign_in(stub)


def test_a_configuration_of_another_issuer_is_refused(stub: IdentityStub) -> None:
    stub.metadata = {"issuer": "https://evil.example"}
    with pytest.raises(GatewayError):
        sign_in(stub)


def test_a_provider_that_is_down_may_be_tried_again(stub: IdentityStub) -> None:
    stub.status = 503
    with pytest.raises(GatewayError, match="answered with 503") as caught:
        sign_in(stub)
    assert not caught.value.permanent


def test_a_provider_that_is_not_there_may_be_tried_again(
    stub: IdentityStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "http://127.0.0.1:9")
    forget()
    with pytest.raises(GatewayError, match="cannot be reached") as caught:
        sign_in(stub)
    assert not caught.value.permanent


def test_github_gives_its_number_and_the_primary_verified_address(stub: IdentityStub) -> None:
    stub.emails = [
        {"email": "old@example.test", "primary": False, "verified": True},
        {"email": "Mia@Example.test", "primary": True, "verified": True},
    ]
    assert sign_in(stub, "github") == identity.Identity("github", "7", "mia@example.test", "Mia")


@pytest.mark.parametrize("one", [{"primary": True, "verified": False}, {"primary": False, "verified": True}])
def test_githubs_unverified_or_secondary_address_does_not_count(
    stub: IdentityStub, one: dict[str, bool]
) -> None:
    stub.emails = [{"email": "owner@example.test", **one}]
    assert sign_in(stub, "github").email == ""


@pytest.mark.parametrize("number", ["7", None, True, 1.5])
def test_a_github_account_without_a_number_is_refused(stub: IdentityStub, number: object) -> None:
    stub.github_user = {"id": number, "login": "mia"}
    with pytest.raises(GatewayError):
        sign_in(stub, "github")


def test_no_error_repeats_code_secret_or_token(stub: IdentityStub) -> None:
    stub.person = {"aud": "x"}
    with pytest.raises(GatewayError) as caught:
        sign_in(stub)
    said = caught.value.text + str(caught.value)
    assert not any(secret in said for secret in ("code-0", "secret-for-tests", "token-of-mia", "mia@"))


def test_a_real_provider_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = {"sub": "s-1", "email": "real@example.test", "email_verified": True, "name": "Real"}
    with oidc_provider(person) as issuer:
        more = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "desk", "OIDC_CLIENT_SECRET": "s"}
        point_settings_at(tmp_path, monkeypatch, **more)
        provider, flow = identity.find_provider("oidc"), identity.new_flow()
        assert provider
        url = identity.authorize_url(provider, flow, BACK)
        answer = httpx.post(url, data={"sub": "s-1"}, trust_env=False)
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query["state"] == [flow.state]
        found = identity.fetch_identity(provider, flow, code=query["code"][0], redirect_uri=BACK)
    assert found == identity.Identity("oidc", "s-1", "real@example.test", "Real")
    forget()
