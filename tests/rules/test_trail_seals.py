"""What the seals cover, and that their form never changes by accident."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from casso.rules.trail_seals import digest_of, mark_of, seal_of, shortened, statement_of

AT = datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC)
COVERED: dict[str, object] = {
    "organization_id": 1,
    "number": 7,
    "ticket_id": 3,
    "account_id": 2,
    "action": "ticket.status",
    "digest": "d" * 64,
    "created_at": AT,
}


def sealed(previous: str = "p" * 64, **changed: object) -> str:
    return seal_of(previous, **(COVERED | changed))  # type: ignore[arg-type]


def test_the_form_is_the_one_that_stored_chains_have() -> None:
    """If this fails, every chain that exists would be called broken: make a new FORM beside the old one."""
    assert sealed() == "0bef42be731bb3139515e7b11a0802b8c1cf0c5e6374df12fa4db17aaa4b47ab"
    assert mark_of("00", "Ana", "", "") == "93ee9c2e6358a4dc1d23320bf370b69956fce337af0c3f6794848503490e4e3d"
    assert digest_of("a", "") == "bd55cf194b185433678e98880e00e8e1b260392d684e5f6d7f7c841c2c4e9224"


@pytest.mark.parametrize(
    "changed",
    [
        {"organization_id": 2},
        {"number": 8},
        {"ticket_id": None},
        {"ticket_id": 4},
        {"account_id": None},
        {"account_id": 3},
        {"action": "ticket.subject"},
        {"digest": "e" * 64},
        {"created_at": AT + timedelta(microseconds=1)},
        {"previous": "q" * 64},
    ],
)
def test_every_covered_field_changes_the_seal(changed: dict[str, object]) -> None:
    assert sealed(**changed) != sealed()  # type: ignore[arg-type]


def test_the_same_moment_in_another_zone_seals_the_same() -> None:
    assert sealed(created_at=AT.astimezone(timezone(timedelta(hours=5)))) == sealed()


def test_words_cannot_move_from_one_field_to_the_next() -> None:
    assert mark_of("salt", "ab", "c") != mark_of("salt", "a", "bc")
    assert digest_of("ab", "c") != digest_of("a", "bc")


def test_a_mark_cannot_be_guessed_without_its_salt() -> None:
    assert mark_of("one salt", "open", "closed") != mark_of("another", "open", "closed")
    assert mark_of("salt", "", "") == ""


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", ""),
        ("192.0.2.0/24", ""),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_an_address_is_shortened_to_its_network(address: str, network: str) -> None:
    assert shortened(address) == network


def test_a_signed_statement_names_organization_number_seal_and_time() -> None:
    said = statement_of(1, 7, "s", AT)
    others = (
        statement_of(2, 7, "s", AT),
        statement_of(1, 8, "s", AT),
        statement_of(1, 7, "t", AT),
        statement_of(1, 7, "s", AT + timedelta(seconds=1)),
    )
    assert said not in others
