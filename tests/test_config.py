"""Settings: a wrong or half-set value stops the start with one line that names it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from casso.config import ROOT, SettingError, Settings, read_settings, settings
from tests.servers.certificates import Certificate, make_certificate


def read(tmp_path: Path, **values: str) -> Settings:
    return read_settings({"CASSO_DATA_DIR": str(tmp_path), **values})


def test_with_nothing_set_the_desk_listens_on_loopback_with_sqlite(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.host, found.port, found.url) == ("127.0.0.1", 3000, "http://localhost:3000")
    assert found.is_sqlite
    assert not found.signup_open
    assert found.mail_out == "file:"


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_keys == second.secret_keys
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_secret_key_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "secret.key").chmod(0o644)
    with pytest.raises(SettingError, match=r"secret\.key must be readable by its owner alone"):
        read(tmp_path)


def test_a_postgresql_address_gets_the_driver_that_is_installed(tmp_path: Path) -> None:
    found = read(tmp_path, CASSO_DATABASE_URL="postgresql://u@localhost/casso")
    assert found.database_url == "postgresql+psycopg://u@localhost/casso"
    assert not found.is_sqlite


def test_several_keys_are_a_rotation_newest_first(tmp_path: Path) -> None:
    found = read(tmp_path, CASSO_SECRET_KEY=f"{'n' * 40}, {'o' * 40}")
    assert found.secret_keys == ("n" * 40, "o" * 40)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CASSO_PORT", "http"),
        ("CASSO_PORT", "70000"),
        ("CASSO_URL", "http://localhost:99999"),
        ("CASSO_URL", "http://ana:word@desk.example.com"),
        ("CASSO_URL", "http://desk.example.com/#top"),
        ("CASSO_SMTP_LISTEN", "banana"),
        ("CASSO_SMTP_LISTEN", "127.0.0.1:99999"),
        ("CASSO_REDIS_URL", "banana"),
        ("CASSO_SECRET_KEY", ","),
        ("CASSO_TLS_CERT", "/nope/cert.pem"),
        ("CASSO_MAIL_OUT", "smtp://"),
        ("CASSO_MAIL_OUT", "smtp://host:abc"),
        ("CASSO_S3_ENDPOINT", "banana"),
        ("MAILGUN_API_KEY", "key-1"),
        ("GOOGLE_CLIENT_ID", "id"),
        ("GITHUB_CLIENT_SECRET", "secret"),
        ("OIDC_CLIENT_ID", "id"),
        ("OIDC_ISSUER", "https://login.example"),
        ("GITHUB_API_BASE", "banana"),
        ("MAILGUN_API_BASE", "banana"),
        ("CASSO_DATABASE_URL", "postgresql://"),
        ("CASSO_DATABASE_URL", "postgresql://host:abc/x"),
        ("CASSO_PROXY_HOPS", "-1"),
        ("CASSO_URL", "desk.example.com"),
        ("CASSO_URL", "https://desk.example.com/path"),
        ("CASSO_SIGNUP", "yes"),
        ("CASSO_DATABASE_URL", "mysql://localhost/x"),
        ("CASSO_MAIL_OUT", "pigeon:"),
        ("CASSO_MAIL_OUT", "mailgun:"),
        ("CASSO_SECRET_KEY", "short"),
        ("CASSO_TLS_CERT", __file__),
        ("CASSO_S3_BUCKET", "files"),
        ("CASSO_HOST", "0.0.0.0"),
        ("CASSO_OPERATOR", "Muster GmbH"),
        ("CASSO_OPERATOR_MAIL", "daten@muster.test"),
        ("CASSO_OPERATOR_MAIL", "nobody"),
    ],
)
def test_a_wrong_or_half_set_value_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read(tmp_path, **{name: value})


def test_a_refused_mail_route_is_not_repeated_with_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as caught:
        read(tmp_path, CASSO_MAIL_OUT="smtpx://ana:secret-word@mail.example.com")
    assert "secret-word" not in str(caught.value)


def test_an_empty_listen_address_turns_the_listener_off(tmp_path: Path) -> None:
    assert read(tmp_path, CASSO_SMTP_LISTEN="").smtp_listen == ""


def test_a_database_on_a_socket_needs_no_host(tmp_path: Path) -> None:
    assert read(tmp_path, CASSO_DATABASE_URL="postgresql:///casso?host=/run/postgresql").database_url


def test_a_data_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(SettingError, match="CASSO_DATA_DIR"):
        read_settings({"CASSO_DATA_DIR": "/proc/nope"})


def test_a_damaged_key_file_stops_the_start(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(SettingError, match="damaged"):
        read(tmp_path)


def test_the_working_folder_decides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CASSO_DATA_DIR", "CASSO_PORT", "CASSO_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("CASSO_PORT=4000\n")
    monkeypatch.setenv("CASSO_ENV_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("CASSO_SECRET_KEY", "k" * 32)
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    found = settings()
    settings.cache_clear()
    assert (found.port, found.data_dir) == (3000, ROOT / "data")


def test_the_environment_outweighs_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "desk.env").write_text("# ours\nCASSO_PORT=4000\nCASSO_PROXY_HOPS='1'\n")
    monkeypatch.setenv("CASSO_ENV_FILE", str(tmp_path / "desk.env"))
    monkeypatch.setenv("CASSO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CASSO_PORT", "4001")
    settings.cache_clear()
    found = settings()
    settings.cache_clear()
    assert (found.port, found.proxy_hops) == (4001, 1)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def read_tls(tmp_path: Path, certificate: Path, key: Path, url: str = "https://localhost:3000") -> Settings:
    return read(tmp_path, CASSO_TLS_CERT=str(certificate), CASSO_TLS_KEY=str(key), CASSO_URL=url)


def test_an_own_certificate_opens_every_interface(tmp_path: Path, tls: Certificate) -> None:
    assert read_tls(tmp_path, tls.certificate, tls.key).tls_key == str(tls.key)
    with_host = {"CASSO_HOST": "0.0.0.0", "CASSO_URL": "https://localhost:3000"}
    both = {"CASSO_TLS_CERT": str(tls.certificate), "CASSO_TLS_KEY": str(tls.key)}
    assert read(tmp_path, **with_host, **both).host == "0.0.0.0"


def test_another_certificates_key_is_refused(tmp_path: Path, tls: Certificate) -> None:
    other = make_certificate(tmp_path)
    with pytest.raises(SettingError, match=r"CASSO_TLS_KEY is not the key of the certificate"):
        read_tls(tmp_path, tls.certificate, other.key)


def test_a_certificate_behind_an_address_without_https_is_refused(tmp_path: Path, tls: Certificate) -> None:
    with pytest.raises(SettingError, match=r"CASSO_URL that begins with https"):
        read_tls(tmp_path, tls.certificate, tls.key, "http://localhost:3000")


@pytest.mark.parametrize("damage", ["empty", "der", "swapped", "password", "folder"])
def test_what_is_no_pair_of_pem_files_is_refused_in_one_line(
    tmp_path: Path, tls: Certificate, damage: str
) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(tls.certificate.read_bytes())
    key.write_bytes(tls.key.read_bytes())
    if damage == "empty":
        certificate.write_bytes(b"")
    elif damage == "der":
        certificate.write_bytes(b"\x30\x82\x01\x00" * 20)
    elif damage == "swapped":
        certificate, key = key, certificate
    elif damage == "password":
        plain = load_pem_private_key(key.read_bytes(), None)
        locked = BestAvailableEncryption(b"word")
        key.write_bytes(plain.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    else:
        key = tmp_path
    with pytest.raises(SettingError, match="CASSO_TLS_CERT and CASSO_TLS_KEY must be PEM files") as caught:
        read_tls(tmp_path, certificate, key)
    assert "\n" not in str(caught.value)


def test_another_interface_is_fine_behind_https(tmp_path: Path) -> None:
    found = read(tmp_path, CASSO_HOST="0.0.0.0", CASSO_URL="https://desk.example.com")
    assert found.is_https
