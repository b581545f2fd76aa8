"""Checks of single settings: each gives back the value in one form, or says in one line what is wrong.

No message repeats a value that may hold a password.
"""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

KEY_LENGTH = 32


class SettingError(Exception):
    """A setting is wrong; the text names it and says what to do."""


def whole_number(name: str, text: str, low: int, high: int) -> int:
    """A whole number between two limits."""
    if not (text.isascii() and text.isdecimal()) or not low <= int(text) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def one_of(name: str, text: str, allowed: tuple[str, ...]) -> str:
    """One of a few words."""
    if text not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {text!r}")
    return text


def yes_or_no(name: str, text: str) -> bool:
    """A switch."""
    return one_of(name, text, ("yes", "no")) == "yes"


def public_url(text: str) -> str:
    """The desk's own address: scheme, host and perhaps a port, nothing else."""
    parts = _split(text)
    is_bare = parts and parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if not parts or not is_bare or parts.scheme not in ("http", "https"):
        raise SettingError(
            "CASSO_URL must look like https://desk.example.com: no path, no name, a port up to 65535"
        )
    return text.rstrip("/")


def service_url(name: str, text: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """The address of another service; empty stays empty."""
    parts = _split(text)
    if text and (not parts or parts.scheme not in schemes):
        raise SettingError(f"{name} must look like {schemes[-1]}://host:port")
    return text


def database_url(text: str) -> str:
    """SQLite as it is; PostgreSQL with the driver that is installed."""
    if text.startswith("sqlite:///"):
        return text
    plain = text.replace("postgresql+psycopg://", "postgresql://", 1)
    # a server on a Unix socket has no host part: postgresql:///name?host=/run/postgresql
    if plain.startswith("postgresql://") and (_split(plain) or "?host=" in plain):
        return plain.replace("postgresql://", "postgresql+psycopg://", 1)
    raise SettingError(
        "CASSO_DATABASE_URL must look like postgresql://user:password@host/name (or stay empty for SQLite)"
    )


def mail_out(text: str) -> str:
    """file:, mailgun:, or an SMTP server."""
    if text == "mailgun:" or text.startswith("file:"):
        return text
    parts = _split(text)
    if parts and parts.scheme in ("smtp", "smtps"):
        return text
    raise SettingError("CASSO_MAIL_OUT must be file:, smtp://host:port, smtps://host:port or mailgun:")


def mail_address(name: str, text: str) -> str:
    """A plain mail address in ASCII; empty stays empty."""
    if text and not re.fullmatch(r"[!-?A-~]{1,64}@[A-Za-z0-9.-]{1,250}", text):
        raise SettingError(f"{name} must be a mail address like casso@example.com")
    return text


def listen_address(name: str, text: str) -> str:
    """host:port to listen on; empty is off."""
    parts = _split(f"smtp://{text}")
    if text and (not parts or parts.port is None or "@" in text or "/" in text):
        raise SettingError(
            f"{name} must look like 127.0.0.1:2525 (or stay empty to turn it off), not {text!r}"
        )
    return text


def file_to_read(name: str, text: str) -> str:
    """An existing file that we may read; empty stays empty."""
    if text and not os.access(text, os.R_OK):
        raise SettingError(f"{name} names a file that cannot be read: {text}")
    return text


def tls_pair(certificate: str, key: str) -> None:
    """A certificate with its own key, both PEM; the key without a password, as nobody is there to type it."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, ValueError, OSError) as error:
        if "KEY_VALUES_MISMATCH" in str(error):
            raise SettingError("CASSO_TLS_KEY is not the key of the certificate in CASSO_TLS_CERT") from None
        raise SettingError(
            "CASSO_TLS_CERT and CASSO_TLS_KEY must be PEM files: the certificate with its chain, "
            "and its key without a password"
        ) from None


def data_folder(path: Path) -> Path:
    """The folder that everything is kept in, made if need be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"CASSO_DATA_DIR cannot be used: {error.strerror} ({path})") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingError(f"CASSO_DATA_DIR cannot be written: {path}")
    return path


def secret_keys(text: str, data_dir: Path) -> tuple[str, ...]:
    """The keys from the setting, newest first, or the one made once in the data folder (mode 0600)."""
    if text:
        keys = tuple(key.strip() for key in text.split(","))
        if any(len(key) < KEY_LENGTH for key in keys):
            raise SettingError(f"CASSO_SECRET_KEY: every key needs at least {KEY_LENGTH} characters")
        return keys
    path = data_dir / "secret.key"
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(KEY_LENGTH))
    if path.stat().st_mode & 0o077:
        raise SettingError(f"{path} must be readable by its owner alone: chmod 600 {path}")
    key = path.read_text().strip()
    if len(key) < KEY_LENGTH:
        raise SettingError(f"{path} is damaged: put the key back from a backup")
    return (key,)


def _split(text: str) -> SplitResult | None:
    """The parts of an address with a host and a possible port, else None."""
    try:
        parts = urlsplit(text)
        return parts if parts.hostname and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None
