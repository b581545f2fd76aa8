"""Only the configured receiver's own, topmost verdict counts; everything else is unknown (check 45)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casso.enums import AuthResult
from casso.rules.authentication import read_authentication

PASS, FAIL, UNKNOWN = AuthResult.PASS, AuthResult.FAIL, AuthResult.UNKNOWN


def verdict(*headers: str, receiver: str = "mx.example.test", domain: str = "customer.test") -> AuthResult:
    return read_authentication(headers, trusted_receiver=receiver, sender_domain=domain)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("mx.example.test; dmarc=pass header.from=customer.test", PASS),
        ("MX.Example.TEST 1; DMARC=PASS header.from=Customer.test", PASS),
        ("mx.example.test; dmarc=fail (p=none) header.from=customer.test", FAIL),
        ("mx.example.test; dmarc=pass header.from=evil.test", FAIL),
        ("mx.example.test; dkim=pass header.d=customer.test", PASS),
        ("mx.example.test; dkim=pass header.i=@mail.customer.test; spf=fail", PASS),
        ("mx.example.test; dkim=pass header.d=evil.test", UNKNOWN),
        ("mx.example.test; spf=pass smtp.mailfrom=bounce@customer.test", PASS),
        (
            "mx.example.test; spf=pass smtp.mailfrom=bounce@list.test; dkim=fail header.d=customer.test",
            UNKNOWN,
        ),
        ("mx.example.test; spf=fail smtp.mailfrom=evil.test; dkim=none", FAIL),
        ("mx.example.test; spf=softfail; dkim=none; dmarc=none", UNKNOWN),
        ("mx.example.test; none", UNKNOWN),
        ("mx.example.test", UNKNOWN),
        ("mx.evil.test; dmarc=pass header.from=customer.test", UNKNOWN),
        ("mx.example.test.evil.test; dmarc=pass header.from=customer.test", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_header_means(header: str, expected: AuthResult) -> None:
    assert verdict(header) == expected


def test_a_claim_below_the_receivers_own_header_does_not_count() -> None:
    own = "mx.example.test; dmarc=fail header.from=customer.test"
    forged = "mx.example.test; dmarc=pass header.from=customer.test"
    assert verdict(own, forged) == FAIL


def test_a_claim_of_another_server_above_does_not_count() -> None:
    own = "mx.example.test; dmarc=fail header.from=customer.test"
    assert verdict("mx.evil.test; dmarc=pass header.from=customer.test", own) == FAIL


def test_nothing_counts_without_a_configured_receiver() -> None:
    assert verdict("mx.example.test; dmarc=pass header.from=customer.test", receiver="") == UNKNOWN


@pytest.mark.parametrize(
    "trick",
    [
        "mx.example.test; spf=fail (dmarc=pass header.from=customer.test; dkim=pass header.d=customer.test)",
        'mx.example.test; spf=fail reason="; dmarc=pass header.from=customer.test"',
        r'mx.example.test; spf=fail reason="\"; dmarc=pass header.from=customer.test"',
        "mx.example.test; spf=fail ((nested) ; dmarc=pass header.from=customer.test)",
    ],
)
def test_a_claim_inside_a_comment_or_quotes_does_not_count(trick: str) -> None:
    assert verdict(trick) == FAIL


def test_a_top_level_domain_is_nobodys_domain() -> None:
    assert verdict("mx.example.test; dkim=pass header.d=test") == UNKNOWN


@given(st.text(max_size=300))
def test_odd_headers_are_never_an_error(text: str) -> None:
    assert verdict("mx.example.test;" + text) in (PASS, FAIL, UNKNOWN)
