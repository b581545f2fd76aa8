"""The texts of policy and terms: the owner's words, the operator's names, a version that a letter moves."""

from datetime import date
from pathlib import Path

import pytest

from casso.config import settings
from casso.words import policies
from casso.words.policies import PolicyKind, policy
from tests import desks

PRIVACY, TERMS = PolicyKind.PRIVACY, PolicyKind.TERMS


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desks.point_settings_at(tmp_path, monkeypatch)


def write_own(text: str, kind: str = "privacy") -> None:
    folder = settings().data_dir / "policies"
    folder.mkdir(exist_ok=True)
    (folder / f"{kind}.txt").write_text(text, encoding="utf-8")


def test_the_shipped_policy_names_its_owner_and_says_that_passwords_are_hashed() -> None:
    text = policy(PRIVACY).text
    assert 'Auditech Consulting LLC, doing business as Casso ("Casso," "we," "us," or "our")' in text
    assert "Company: Auditech Consulting LLC (DBA Casso)" in text
    assert text.count("support@casso.app") == 2
    assert "Password (stored securely as a hash)" in text
    assert "using encryption" not in text
    assert "{" not in text
    assert policy(PRIVACY).updated_on == date(2024, 11, 25)


def test_every_clause_of_the_policy_is_there() -> None:
    """All fourteen, and the parts of the second."""
    lines = policy(PRIVACY).text.splitlines()
    for number in (*(f"{one}." for one in range(1, 15)), "2.1", "2.2", "2.3", "2.4", "2.5"):
        assert sum(line.startswith(f"{number} ") for line in lines) == 1


def test_an_operator_named_in_the_settings_stands_in_both_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = policy(PRIVACY).version
    names = {"CASSO_OPERATOR": "Muster {email} GmbH", "CASSO_OPERATOR_MAIL": "daten@muster.test"}
    desks.point_settings_at(tmp_path, monkeypatch, **names)
    for kind in PolicyKind:
        text = policy(kind).text
        assert "Muster" in text
        assert "Email: daten@muster.test" in text
        assert "Auditech" not in text
        assert "casso.app" not in text
    assert policies.contact_email() == "daten@muster.test"
    assert policy(PRIVACY).version != before


def test_an_own_text_goes_before_the_shipped_one() -> None:
    write_own("Datenschutz\n\nLast updated: 2026-02-03\n\nFragen an {email}.\n")
    found = policy(PRIVACY)
    assert found.text.startswith("Datenschutz")
    assert "Fragen an support@casso.app." in found.text
    assert (found.updated_on, found.language) == (date(2026, 2, 3), "")
    assert (policy(TERMS).language, policy(TERMS).text[:5]) == ("en", "Terms")


def test_a_text_changed_by_a_letter_is_another_version() -> None:
    versions = set()
    for text in ("A\n\nLast updated: 2026-02-03\n\nb", "A\n\nLast updated: 2026-02-03\n\nc", "A\n\nb"):
        write_own(text)
        versions.add(policy(PRIVACY).version)
        assert policy(PRIVACY).version == policy(PRIVACY).version
    assert len(versions) == 3


@pytest.mark.parametrize("line", ["soon", "February 31, 2026", ""])
def test_a_day_that_is_none_is_left_out(line: str) -> None:
    write_own(f"A\n\nLast updated: {line}\n\nb")
    assert policy(PRIVACY).updated_on is None
    assert len(policy(PRIVACY).version) == 8
