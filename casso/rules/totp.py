"""Codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds), and spare codes.

A code counts one step early or late, for clocks that differ. Which steps were used is
for the caller to remember.
"""

import hashlib
import hmac
import re
import secrets
from datetime import datetime

STEP_SECONDS = 30
DRIFT_STEPS = 1
SPARE_CODES = 10
# Without letters that look like digits; 16 of 31 are 79 bits, so a plain hash keeps them.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_SPARE = re.compile(f"[{_LETTERS}]{{16}}")


def new_secret() -> str:
    """A secret of 160 bits in base32, as apps take it."""
    import pyotp

    return pyotp.random_base32()


def address_of(secret: str, *, account: str, issuer: str) -> str:
    """The otpauth: address that a QR code carries."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def matching_step(secret: str, code: str, moment: datetime) -> int | None:
    """The time step whose code this is, of now and its neighbours; None for a wrong one."""
    import pyotp

    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 6):
        return None
    now_step = int(moment.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    found = None
    for step in range(now_step - DRIFT_STEPS, now_step + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found


def new_spare_codes() -> tuple[str, ...]:
    """Ten codes in groups of four."""
    return tuple(_spare_code() for _ in range(SPARE_CODES))


def spare_hash(code: str) -> str | None:
    """What is kept of a spare code, however it was typed; None for what cannot be one."""
    plain = re.sub(r"[\s-]", "", code[:60]).upper()
    return hashlib.sha256(plain.encode()).hexdigest() if _SPARE.fullmatch(plain) else None


def _spare_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))
