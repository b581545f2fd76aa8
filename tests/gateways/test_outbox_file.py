"""Delivery into a folder: one durable file a mail, the same one when it is sent again."""

import resource
from pathlib import Path

import pytest

from casso.errors import GatewayError
from casso.gateways import outbox_file
from casso.values.mail import OutgoingMail

RAW = b"Subject: Hello\r\n\r\nbody\r\n"


def mail(message_id: str = "1@desk", recipient: str = "a@b.example", raw: bytes = RAW) -> OutgoingMail:
    return OutgoingMail("help@desk.example", recipient, raw, message_id)


def test_a_mail_becomes_one_file_with_the_same_bytes(tmp_path: Path) -> None:
    written = outbox_file.send(mail(), tmp_path / "outbox")
    assert written.read_bytes() == RAW
    assert written.suffix == ".eml"
    assert written.stat().st_mode & 0o777 == 0o600


def test_sending_again_is_the_same_file(tmp_path: Path) -> None:
    assert outbox_file.send(mail(), tmp_path) == outbox_file.send(mail(recipient="A@B.example"), tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_each_recipient_and_each_message_has_a_file(tmp_path: Path) -> None:
    for outgoing in (mail(), mail(recipient="c@d.example"), mail(message_id="2@desk")):
        outbox_file.send(outgoing, tmp_path)
    assert len(list(tmp_path.glob("*.eml"))) == 3


def test_a_message_id_never_becomes_a_path(tmp_path: Path) -> None:
    written = outbox_file.send(mail(message_id="../../evil"), tmp_path / "outbox")
    assert written.parent == tmp_path / "outbox"


def test_a_full_disk_is_tried_later_and_leaves_nothing(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(GatewayError) as caught:
            outbox_file.send(mail(raw=RAW + b"x" * 100_000), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (caught.value.permanent, caught.value.uncertain) == (False, False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file in the way")
    with pytest.raises(GatewayError) as caught:
        outbox_file.send(mail(), tmp_path / "outbox")
    assert caught.value.code == "outbox_failed"


def test_an_injected_header_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(GatewayError):
        outbox_file.send(mail(raw=b"Subject: x\nBcc: y@z\r\n\r\nbody"), tmp_path)
    assert list(tmp_path.iterdir()) == []
