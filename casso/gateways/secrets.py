"""Sealing of stored credentials and signing of links, both with keys derived from CASSO_SECRET_KEY.

The first key seals and signs, every listed key opens and checks: that is rotation.
What cannot be opened raises; nothing ever falls back to plain text.
"""

import base64
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casso.config import settings
from casso.errors import GatewayError


def encrypt(text: str) -> str:
    """Seal a credential for the database."""
    return _fernet(settings().secret_keys).encrypt(text.encode()).decode("ascii")


def decrypt(sealed: str) -> str:
    """Open a sealed credential. Raises GatewayError when no key fits or it was changed."""
    try:
        return _fernet(settings().secret_keys).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise _wrong_key() from None


def reseal(sealed: str) -> str:
    """The same credential under the newest key, so that old keys can be retired. Raises GatewayError."""
    try:
        return _fernet(settings().secret_keys).rotate(sealed.encode()).decode("ascii")
    except (InvalidToken, UnicodeError):
        raise _wrong_key() from None


def is_newest(sealed: str) -> bool:
    """Whether the newest key sealed it; an older one otherwise. Raises GatewayError when no key fits."""
    decrypt(sealed)
    try:
        _fernet(settings().secret_keys[:1]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def sign(purpose: str, text: str) -> str:
    """A signature of 64 hex digits; one made for another purpose never fits."""
    return _signature(settings().secret_keys[0], purpose, text)


def verify(purpose: str, text: str, signature: str) -> bool:
    """Whether one of our keys signed this text for this purpose; takes the same time either way."""
    given = signature.encode("utf-8", "replace")
    fits = [
        hmac.compare_digest(_signature(key, purpose, text).encode(), given) for key in settings().secret_keys
    ]
    return any(fits)


def is_signed_by_newest(purpose: str, text: str, signature: str) -> bool:
    """Whether it needs no older key any more."""
    return hmac.compare_digest(sign(purpose, text).encode(), signature.encode("utf-8", "replace"))


def _wrong_key() -> GatewayError:
    return GatewayError(
        "A stored password cannot be opened: CASSO_SECRET_KEY lacks the key that sealed it",
        permanent=True,
        code="wrong_secret_key",
    )


def _signature(key: str, purpose: str, text: str) -> str:
    signing_key = _derived(key, f"casso sign: {purpose}")
    return hmac.new(signing_key, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, "casso credentials"))) for key in keys])


@lru_cache(maxsize=128)
def _derived(key: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF, RFC 5869): knowing one says nothing of the others."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())
