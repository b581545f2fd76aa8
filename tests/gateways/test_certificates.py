"""What a certificate file says is read from the file itself, not believed from its name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casso.gateways.certificates import read_certificate
from tests.servers.certificates import make_certificate


def test_its_days_and_names_are_read(tmp_path: Path) -> None:
    found = read_certificate(str(make_certificate(tmp_path, ends=timedelta(days=3)).certificate))
    today = datetime.now(UTC)
    assert found.valid_from < today < found.valid_until < today + timedelta(days=4)
    assert found.names == ("localhost", "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "host", "is_for"),
    [
        ("desk.example.com", "desk.example.com", True),
        ("desk.example.com", "Desk.Example.COM", True),
        ("desk.example.com", "example.com", False),
        ("*.example.com", "desk.example.com", True),
        ("*.example.com", "a.desk.example.com", False),
        ("*.example.com", "example.com", False),
        ("localhost", "127.0.0.1", True),
        ("localhost", "localhost.evil.example", False),
    ],
)
def test_it_is_for_its_own_names_alone(tmp_path: Path, name: str, host: str, is_for: bool) -> None:
    found = read_certificate(str(make_certificate(tmp_path, name).certificate))
    assert found.is_for(host) is is_for


def test_of_a_chain_the_first_counts(tmp_path: Path) -> None:
    own, above = make_certificate(tmp_path, "desk.example.com"), make_certificate(tmp_path, "ca.example.com")
    chain = tmp_path / "chain.pem"
    chain.write_bytes(own.certificate.read_bytes() + above.certificate.read_bytes())
    assert read_certificate(str(chain)).names == ("desk.example.com",)


def test_a_file_without_a_certificate_raises(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("hello")
    with pytest.raises(ValueError, match="PEM"):
        read_certificate(str(tmp_path / "none.pem"))
