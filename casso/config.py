"""Settings from the environment or `.env`, read once and checked before anything starts.

Every name and default is a promise (see .env.example). A wrong or half-set value
raises SettingError with one line that names it; nothing falls back silently.
"""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from casso import setting_checks as checks
from casso.setting_checks import SettingError

__all__ = ["ROOT", "SettingError", "Settings", "read_settings", "settings"]


ROOT = Path(__file__).resolve().parents[1]


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
    operator_name: str
    operator_email: str
    usage_days: int
    private_mail_hosts: bool
    corpus: Path
    database_url: str
    redis_url: str
    secret_keys: tuple[str, ...]
    smtp_listen: str
    mail_out: str
    mail_from: str
    mailgun_api_key: str
    mailgun_domain: str
    mailgun_signing_key: str
    mailgun_api_base: str
    s3_endpoint: str
    s3_bucket: str
    s3_access_key: str
    s3_secret_key: str
    allow_http: bool
    google_client_id: str
    google_client_secret: str
    google_issuer: str
    github_client_id: str
    github_client_secret: str
    github_oauth_base: str
    github_api_base: str
    oidc_name: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str

    @property
    def is_https(self) -> bool:
        """Whether the public address is https: Secure cookies and HSTS follow from it."""
        return self.url.startswith("https://")

    @property
    def session_cookie(self) -> str:
        """The session cookie's name; the __Host- prefix makes browsers insist on Secure and no Domain."""
        return "__Host-casso" if self.is_https else "casso"

    @property
    def device_cookie(self) -> str:
        """The cookie that tells a browser used before from others; it opens nothing."""
        return f"{self.session_cookie}-device"

    @property
    def step_cookie(self) -> str:
        """The cookie of a half-done sign-in; it opens nothing but the second step."""
        return f"{self.session_cookie}-step"

    @property
    def sign_up_cookie(self) -> str:
        """The cookie of a half-done sign-up; it opens nothing without the code from the mail."""
        return f"{self.session_cookie}-sign-up"

    @property
    def flow_cookie(self) -> str:
        """The cookie of a sign-in that is away at a provider; sealed, and good for ten minutes."""
        return f"{self.session_cookie}-flow"

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
    def notice_sender(self) -> str:
        """Who mail from Casso itself is from: CASSO_MAIL_FROM, else `casso@` the host that sends."""
        host = self.mailgun_domain if self.mail_out == "mailgun:" else self.mail_host
        return self.mail_from or f"casso@{host}"

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

    signup = checks.one_of("CASSO_SIGNUP", get("CASSO_SIGNUP", "closed"), ("open", "closed"))
    data_dir = checks.data_folder(Path(get("CASSO_DATA_DIR", str(ROOT / "data"))).resolve())
    result = Settings(
        data_dir=data_dir,
        url=checks.public_url(get("CASSO_URL", "http://localhost:3000")),
        host=get("CASSO_HOST", "127.0.0.1"),
        port=checks.whole_number("CASSO_PORT", get("CASSO_PORT", "3000"), 1, 65535),
        tls_cert=checks.file_to_read("CASSO_TLS_CERT", get("CASSO_TLS_CERT")),
        tls_key=checks.file_to_read("CASSO_TLS_KEY", get("CASSO_TLS_KEY")),
        proxy_hops=checks.whole_number("CASSO_PROXY_HOPS", get("CASSO_PROXY_HOPS", "0"), 0, 10),
        operator_name=get("CASSO_OPERATOR"),
        operator_email=checks.mail_address("CASSO_OPERATOR_MAIL", get("CASSO_OPERATOR_MAIL")),
        signup_open=signup == "open",
        private_mail_hosts=checks.yes_or_no(
            "CASSO_ALLOW_PRIVATE_MAIL_HOSTS",
            get("CASSO_ALLOW_PRIVATE_MAIL_HOSTS", "no" if signup == "open" else "yes"),
        ),
        usage_days=checks.whole_number("CASSO_USAGE_DAYS", get("CASSO_USAGE_DAYS", "30"), 0, 365),
        corpus=Path(get("CASSO_CORPUS", "../shared/corpus")),
        database_url=checks.database_url(get("CASSO_DATABASE_URL", f"sqlite:///{data_dir}/casso.db")),
        redis_url=checks.service_url("CASSO_REDIS_URL", get("CASSO_REDIS_URL"), ("rediss", "redis")),
        secret_keys=checks.secret_keys(get("CASSO_SECRET_KEY"), data_dir),
        smtp_listen=checks.listen_address(
            "CASSO_SMTP_LISTEN", env.get("CASSO_SMTP_LISTEN", "127.0.0.1:2525").strip()
        ),
        mail_out=checks.mail_out(get("CASSO_MAIL_OUT", "file:")),
        mail_from=checks.mail_address("CASSO_MAIL_FROM", get("CASSO_MAIL_FROM")),
        mailgun_api_key=get("MAILGUN_API_KEY"),
        mailgun_domain=get("MAILGUN_DOMAIN"),
        mailgun_signing_key=get("MAILGUN_WEBHOOK_SIGNING_KEY"),
        mailgun_api_base=checks.service_url("MAILGUN_API_BASE", get("MAILGUN_API_BASE")),
        s3_endpoint=checks.service_url("CASSO_S3_ENDPOINT", get("CASSO_S3_ENDPOINT")),
        s3_bucket=get("CASSO_S3_BUCKET"),
        s3_access_key=get("AWS_ACCESS_KEY_ID"),
        s3_secret_key=get("AWS_SECRET_ACCESS_KEY"),
        allow_http=checks.yes_or_no("CASSO_ALLOW_HTTP", get("CASSO_ALLOW_HTTP", "no")),
        google_client_id=get("GOOGLE_CLIENT_ID"),
        google_client_secret=get("GOOGLE_CLIENT_SECRET"),
        google_issuer=checks.service_url("GOOGLE_ISSUER", get("GOOGLE_ISSUER")),
        github_client_id=get("GITHUB_CLIENT_ID"),
        github_client_secret=get("GITHUB_CLIENT_SECRET"),
        github_oauth_base=checks.service_url("GITHUB_OAUTH_BASE", get("GITHUB_OAUTH_BASE")),
        github_api_base=checks.service_url("GITHUB_API_BASE", get("GITHUB_API_BASE")),
        oidc_name=get("OIDC_NAME", "OpenID Connect"),
        oidc_issuer=checks.service_url("OIDC_ISSUER", get("OIDC_ISSUER")),
        oidc_client_id=get("OIDC_CLIENT_ID"),
        oidc_client_secret=get("OIDC_CLIENT_SECRET"),
    )
    _check_together(result)
    return result


def _with_env_file(env: dict[str, str]) -> dict[str, str]:
    """The environment over the project's `.env` (or CASSO_ENV_FILE): what is set outside wins.

    Never the working folder's: a mail server's pipe runs in a folder of its own.
    """
    path = Path(env.get("CASSO_ENV_FILE") or ROOT / ".env")
    if not path.is_file():
        return env
    found: dict[str, str] = {}
    for line in path.read_text().splitlines():
        name, sign, value = line.partition("=")
        if sign and not name.lstrip().startswith("#"):
            found[name.strip()] = value.strip().strip("\"'")
    return found | env


def _check_together(found: Settings) -> None:
    """Refuse combinations that would fail later or fail open."""
    if bool(found.tls_cert) != bool(found.tls_key):
        raise SettingError("CASSO_TLS_CERT and CASSO_TLS_KEY go together: set both or neither")
    if found.tls_cert:
        checks.tls_pair(found.tls_cert, found.tls_key)
        if not found.is_https:
            raise SettingError("CASSO_TLS_CERT needs a CASSO_URL that begins with https://")
    if bool(found.s3_endpoint) != bool(found.s3_bucket):
        raise SettingError("CASSO_S3_ENDPOINT and CASSO_S3_BUCKET go together: set both or neither")
    if found.s3_bucket and not (found.s3_access_key and found.s3_secret_key):
        raise SettingError("CASSO_S3_BUCKET needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    if bool(found.mailgun_api_key) != bool(found.mailgun_domain):
        raise SettingError("MAILGUN_API_KEY and MAILGUN_DOMAIN go together: set both or neither")
    if bool(found.operator_name) != bool(found.operator_email):
        raise SettingError("CASSO_OPERATOR and CASSO_OPERATOR_MAIL go together: set both or neither")
    if found.mail_out == "mailgun:" and not (found.mailgun_api_key and found.mailgun_domain):
        raise SettingError("CASSO_MAIL_OUT=mailgun: needs MAILGUN_API_KEY and MAILGUN_DOMAIN")
    for first, second, both in (
        (found.google_client_id, found.google_client_secret, "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"),
        (found.github_client_id, found.github_client_secret, "GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET"),
        (found.oidc_client_id, found.oidc_client_secret, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"),
        (found.oidc_client_id, found.oidc_issuer, "OIDC_CLIENT_ID and OIDC_ISSUER"),
    ):
        if bool(first) != bool(second):
            raise SettingError(f"{both} go together: set both or neither")
    loopback = found.host in ("127.0.0.1", "::1", "localhost")
    if not loopback and not found.is_https and not found.allow_http:
        raise SettingError(
            "CASSO_HOST is not a loopback address and CASSO_URL is not https: passwords would travel "
            "in the clear. Use https, or set CASSO_ALLOW_HTTP=yes if you accept that"
        )
