"""What is typed becomes the address accounts keep, or nothing: control characters break PostgreSQL."""

import pytest

from casso.rules.sign_in_address import typed_address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ana@Example.Test ", "ana@example.test"),
        ("änne@example.test", "änne@example.test"),
        ("a\x00@example.test", ""),
        ("a@example.test\r\nBcc: b@c", ""),
        ("\ud800@example.test", ""),
        ("x" * 400, ""),
        ("", ""),
    ],
)
def test_a_typed_address_is_the_one_accounts_keep_or_nothing(typed: str, kept: str) -> None:
    assert typed_address(typed) == kept
