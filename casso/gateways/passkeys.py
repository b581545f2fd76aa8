"""Passkeys (WebAuthn) checked with py_webauthn: our origin and challenge, a verified person, a signature.

Nothing here is remembered: challenges count once by the caller's hand, sign counts too.
Source: W3C Web Authentication Level 3, 7.1 and 7.2.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from casso.config import settings
from casso.errors import GatewayError

CHALLENGE_BYTES = 32
LIFE_SECONDS = 300
NAME = "Casso"


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """The public half of a passkey that was just made; `credential_id` in base64url."""

    credential_id: str
    public_key: bytes
    sign_count: int
    is_backed_up: bool


def are_possible() -> bool:
    """Whether browsers allow passkeys at the public address: over https, or on this machine by name."""
    parts = urlsplit(settings().url)
    return parts.scheme == "https" or parts.hostname == "localhost"


def registration_options(
    challenge: bytes, *, handle: bytes, name: str, shown: str, known: tuple[str, ...]
) -> dict[str, object]:
    """What the browser is asked to make; `handle` stands for the account and says nothing about it."""
    from webauthn import base64url_to_bytes, generate_registration_options, options_to_json
    from webauthn.helpers import structs

    made = generate_registration_options(
        rp_id=_rp_id(),
        rp_name=NAME,
        user_id=handle,
        user_name=name,
        user_display_name=shown,
        challenge=challenge,
        timeout=LIFE_SECONDS * 1000,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known
        ],
    )
    found: dict[str, object] = json.loads(options_to_json(made))
    return found


def authentication_options(challenge: bytes) -> dict[str, object]:
    """What the browser is asked to sign; it offers the passkeys that it has for this desk."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers import structs

    made = generate_authentication_options(
        rp_id=_rp_id(),
        challenge=challenge,
        timeout=LIFE_SECONDS * 1000,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    found: dict[str, object] = json.loads(options_to_json(made))
    return found


def check_registration(answer: dict[str, object], challenge: bytes) -> NewPasskey:
    """The new passkey. Raises GatewayError for whatever does not fit."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(),
            expected_origin=settings().url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise _refused(error) from error
    return NewPasskey(
        credential_id=bytes_to_base64url(found.credential_id),
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        is_backed_up=found.credential_backed_up,
    )


def check_authentication(
    answer: dict[str, object], challenge: bytes, *, public_key: bytes, sign_count: int
) -> int:
    """The new sign count. Raises GatewayError, also for a count that did not grow: a copy is at work."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(),
            expected_origin=settings().url,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise _refused(error) from error
    return int(found.new_sign_count)


def _rp_id() -> str:
    return urlsplit(settings().url).hostname or "localhost"


def _refused(error: Exception) -> GatewayError:
    text = f"The passkey's answer does not fit ({type(error).__name__})"
    return GatewayError(text, permanent=True, code="passkey_refused")
