"""A renewed certificate is noticed once, and never while only half of it is there."""

import shutil
from pathlib import Path

import pytest

from casso import clock, renewals
from casso.renewals import CertificateWatch
from tests.servers.certificates import Certificate, make_certificate


@pytest.fixture
def pair(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


@pytest.fixture
def renewed(tmp_path: Path) -> Certificate:
    folder = tmp_path / "renewed"
    folder.mkdir()
    return make_certificate(folder)


@pytest.fixture
def watch(pair: Certificate, monkeypatch: pytest.MonkeyPatch) -> CertificateWatch:
    monkeypatch.setattr(renewals, "LOOK_EVERY_SECONDS", 0.0)
    return CertificateWatch(str(pair.certificate), str(pair.key))


def test_nothing_changed_is_no_renewal(watch: CertificateWatch) -> None:
    assert not watch.is_renewed()


def test_a_renewal_is_told_once_both_files_fit(
    watch: CertificateWatch, pair: Certificate, renewed: Certificate
) -> None:
    shutil.copy(renewed.certificate, pair.certificate)
    assert not watch.is_renewed()
    shutil.copy(renewed.key, pair.key)
    assert watch.is_renewed()
    assert not watch.is_renewed()


def test_a_file_that_is_away_for_a_moment_is_no_renewal(watch: CertificateWatch, pair: Certificate) -> None:
    kept = pair.key.read_bytes()
    pair.key.unlink()
    assert not watch.is_renewed()
    pair.key.write_bytes(kept)
    assert watch.is_renewed()


def test_a_link_that_points_to_a_new_file_is_a_renewal(
    tmp_path: Path, pair: Certificate, renewed: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewals, "LOOK_EVERY_SECONDS", 0.0)
    certificate, key = tmp_path / "fullchain.pem", tmp_path / "privkey.pem"
    certificate.symlink_to(pair.certificate)
    key.symlink_to(pair.key)
    watch = CertificateWatch(str(certificate), str(key))
    for link, target in ((certificate, renewed.certificate), (key, renewed.key)):
        link.unlink()
        link.symlink_to(target)
    assert watch.is_renewed()


def test_the_files_are_looked_at_every_ten_seconds_only(
    pair: Certificate, renewed: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [100.0]
    monkeypatch.setattr(clock, "ticks", lambda: moment[0])
    watch = CertificateWatch(str(pair.certificate), str(pair.key))
    shutil.copy(renewed.certificate, pair.certificate)
    shutil.copy(renewed.key, pair.key)
    moment[0] = 109.9
    assert not watch.is_renewed()
    moment[0] = 110.0
    assert watch.is_renewed()
