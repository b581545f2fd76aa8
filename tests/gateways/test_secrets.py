"""Sealed credentials and signatures: rotation works, failure never shows plain text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from casso.errors import GatewayError
from casso.gateways import secrets

OLD, NEW = "o" * 40, "n" * 40


def test_a_sealed_password_opens_again_and_does_not_show(data_dir: Path) -> None:
    sealed = secrets.encrypt("pässword")
    assert "pässword" not in sealed
    assert secrets.decrypt(sealed) == "pässword"
    assert secrets.encrypt("pässword") != sealed


def test_old_passwords_open_after_rotation(configure: Callable[..., Path]) -> None:
    configure(CASSO_SECRET_KEY=OLD)
    sealed = secrets.encrypt("hunter2")
    configure(CASSO_SECRET_KEY=f"{NEW},{OLD}")
    resealed = secrets.reseal(sealed)
    assert secrets.decrypt(sealed) == "hunter2"
    configure(CASSO_SECRET_KEY=NEW)
    assert secrets.decrypt(resealed) == "hunter2"
    with pytest.raises(GatewayError) as caught:
        secrets.decrypt(sealed)
    assert caught.value.code == "wrong_secret_key"


@pytest.mark.parametrize("damaged", ["", "hunter2", "é" * 100, "gAAAAA" + "A" * 100])
def test_what_was_never_sealed_is_refused(data_dir: Path, damaged: str) -> None:
    with pytest.raises(GatewayError):
        secrets.decrypt(damaged)
    with pytest.raises(GatewayError):
        secrets.reseal(damaged)


def test_one_changed_character_is_refused(data_dir: Path) -> None:
    sealed = secrets.encrypt("hunter2")
    for place in range(0, len(sealed) - 2, 7):
        other = "A" if sealed[place] != "A" else "B"
        with pytest.raises(GatewayError):
            secrets.decrypt(sealed[:place] + other + sealed[place + 1 :])


def test_a_signature_fits_its_purpose_and_text_only(data_dir: Path) -> None:
    signature = secrets.sign("survey", "ticket 5")
    assert secrets.verify("survey", "ticket 5", signature)
    assert not secrets.verify("file", "ticket 5", signature)
    assert not secrets.verify("survey", "ticket 6", signature)
    assert not secrets.verify("survey", "ticket 5", signature.upper())
    assert not secrets.verify("survey", "ticket 5", signature[:-1])
    assert not secrets.verify("survey", "ticket 5", "")


def test_signatures_survive_rotation_until_the_key_is_retired(configure: Callable[..., Path]) -> None:
    configure(CASSO_SECRET_KEY=OLD)
    signature = secrets.sign("file", "7")
    configure(CASSO_SECRET_KEY=f"{NEW},{OLD}")
    assert secrets.verify("file", "7", signature)
    assert secrets.sign("file", "7") != signature
    configure(CASSO_SECRET_KEY=NEW)
    assert not secrets.verify("file", "7", signature)


@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text())
def test_any_given_signature_is_judged_without_an_exception(data_dir: Path, given_signature: str) -> None:
    assert not secrets.verify("file", "7", given_signature)
