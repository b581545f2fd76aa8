"""Settings from the environment or `.env`, read once and checked before anything starts.

Every name and default is a promise (see .env.example). A wrong or half-set value
raises SettingError with one line that names it; nothing falls back silently.
"""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit


class SettingError(Exception):
    """A setting is wrong; the text names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Empty strings mean: not set."""

    data_dir: Path
    url: str
    host: str
    port: int
    tls_cert: str
    tls_key: str
    proxy_hops: int
    signup_open: bool
    corpus: Path
    database_url: str
    redis_url: str
    secret_keys: tuple[str, ...]
    smtp_listen: str
    mail_out: str
    mailgun_api_key: str
    mailgun_domain: str
    mailgun_signing_key: str
    mailgun_api_base: str
    s3_endpoint: str
    s3_bucket: str
    s3_access_key: str
    s3_secret_key: str
    allow_http: bool

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: Secure cookies and HSTS follow from it."""
        return self.url.startswith("https://")

    @property
    def session_cookie(self) -> str:
        """The session cookie's name; the __Host- prefix makes browsers insist on Secure and no Domain."""
        return "__Host-casso" if self.is_https else "casso"

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url.startswith("sqlite")

    @property
    def spool_dir(self) -> Path:
        """Where raw mail waits between acknowledgement and ticket."""
        return self.data_dir / "spool"

    @property
    def files_dir(self) -> Path:
        """Attachments and raw mail when no S3 store is configured."""
        return self.data_dir / "files"

    @property
    def scratch_dir(self) -> Path:
        """Where large uploads are set aside while they arrive: our own folder, not the system's."""
        return self.data_dir / "tmp"

    @property
    def mail_host(self) -> str:
        """The host part of our own Message-IDs: the public address's name."""
        return urlsplit(self.url).hostname or "localhost"


@cache
def settings() -> Settings:
    """The settings of this process, read at the first call. Raises SettingError."""
    return read_settings(_with_env_file(dict(os.environ)))


def read_settings(env: dict[str, str]) -> Settings:
    """Settings from a mapping of environment names. Raises SettingError."""

    def get(name: str, default: str = "") -> str:
        return env.get(name, "").strip() or default

    data_dir = Path(get("CASSO_DATA_DIR", "./data")).resolve()
    result = Settings(
        data_dir=data_dir,
        url=_checked_url(get("CASSO_URL", "http://localhost:3000")),
        host=get("CASSO_HOST", "127.0.0.1"),
        port=_whole_number("CASSO_PORT", get("CASSO_PORT", "3000"), 1, 65535),
        tls_cert=get("CASSO_TLS_CERT"),
        tls_key=get("CASSO_TLS_KEY"),
        proxy_hops=_whole_number("CASSO_PROXY_HOPS", get("CASSO_PROXY_HOPS", "0"), 0, 10),
        signup_open=_one_of("CASSO_SIGNUP", get("CASSO_SIGNUP", "closed"), ("open", "closed")) == "open",
        corpus=Path(get("CASSO_CORPUS", "../shared/corpus")),
        database_url=_checked_database(get("CASSO_DATABASE_URL", f"sqlite:///{data_dir}/casso.db")),
        redis_url=get("CASSO_REDIS_URL"),
        secret_keys=_secret_keys(get("CASSO_SECRET_KEY"), data_dir),
        smtp_listen=env.get("CASSO_SMTP_LISTEN", "127.0.0.1:2525").strip(),
        mail_out=_checked_mail_out(get("CASSO_MAIL_OUT", "file:")),
        mailgun_api_key=get("MAILGUN_API_KEY"),
        mailgun_domain=get("MAILGUN_DOMAIN"),
        mailgun_signing_key=get("MAILGUN_WEBHOOK_SIGNING_KEY"),
        mailgun_api_base=get("MAILGUN_API_BASE"),
        s3_endpoint=get("CASSO_S3_ENDPOINT"),
        s3_bucket=get("CASSO_S3_BUCKET"),
        s3_access_key=get("AWS_ACCESS_KEY_ID"),
        s3_secret_key=get("AWS_SECRET_ACCESS_KEY"),
        allow_http=_one_of("CASSO_ALLOW_HTTP", get("CASSO_ALLOW_HTTP", "no"), ("yes", "no")) == "yes",
    )
    _check_together(result)
    return result


def _with_env_file(env: dict[str, str]) -> dict[str, str]:
    """The environment over `.env` in the working folder: what is set outside wins."""
    path = Path(".env")
    if not path.is_file():
        return env
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign and not name.lstrip().startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found | env


def _whole_number(name: str, text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _one_of(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {text!r}")
    return text


def _checked_url(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path not in ("", "/")
        or parts.query
    ):
        raise SettingError(f"CASSO_URL must look like https://desk.example.com, not {text!r}")
    return text.rstrip("/")


def _checked_database(text: str) -> str:
    if text.startswith("postgresql://"):
        return text.replace("postgresql://", "postgresql+psycopg://", 1)
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    raise SettingError("CASSO_DATABASE_URL must begin with postgresql:// (or be left empty for SQLite)")


def _checked_mail_out(text: str) -> str:
    if text in ("file:", "mailgun:") or text.startswith(("file:", "smtp://", "smtps://")):
        return text
    raise SettingError(
        f"CASSO_MAIL_OUT must be file:, smtp://…, smtps://… or mailgun:, not {text.split(':')[0]!r}:…"
    )


def _secret_keys(text: str, data_dir: Path) -> tuple[str, ...]:
    """The keys from the setting, newest first, or the one made once in the data folder (mode 0600)."""
    if text:
        keys = tuple(key.strip() for key in text.split(",") if key.strip())
        if any(len(key) < 32 for key in keys):
            raise SettingError("CASSO_SECRET_KEY: every key needs at least 32 characters")
        return keys
    path = data_dir / "secret.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
    if path.stat().st_mode & 0o077:
        raise SettingError(f"{path} must be readable by its owner alone: chmod 600 {path}")
    return (path.read_text().strip(),)


def _check_together(found: Settings) -> None:
    """Refuse combinations that would fail later or fail open."""
    if bool(found.tls_cert) != bool(found.tls_key):
        raise SettingError("CASSO_TLS_CERT and CASSO_TLS_KEY go together: set both or neither")
    if bool(found.s3_endpoint) != bool(found.s3_bucket):
        raise SettingError("CASSO_S3_ENDPOINT and CASSO_S3_BUCKET go together: set both or neither")
    if found.s3_bucket and not (found.s3_access_key and found.s3_secret_key):
        raise SettingError("CASSO_S3_BUCKET needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    if found.mail_out == "mailgun:" and not (found.mailgun_api_key and found.mailgun_domain):
        raise SettingError("CASSO_MAIL_OUT=mailgun: needs MAILGUN_API_KEY and MAILGUN_DOMAIN")
    loopback = found.host in ("127.0.0.1", "::1", "localhost")
    if not loopback and not found.is_https and not found.allow_http:
        raise SettingError(
            "CASSO_HOST is not a loopback address and CASSO_URL is not https: passwords would travel "
            "in the clear. Use https, or set CASSO_ALLOW_HTTP=yes if you accept that"
        )
