"""The durable spool: nothing acknowledged is lost, nothing half-written is seen."""

import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from casso import clock
from casso.errors import GatewayError
from casso.gateways import spool

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("data_dir")


def put(
    raw: bytes = b"Subject: x\r\n\r\nhello", recipient: str = "help@desk.example", at: datetime = NOON
) -> str:
    return spool.store(raw, source="smtp", recipient=recipient, sender="a@b.example", received_at=at)


def test_a_stored_mail_comes_back_byte_for_byte_with_its_envelope() -> None:
    raw = b"Subject: \xff\xfe\r\n\r\n{\n}\n\x00\r bare"
    name = spool.store(
        raw, source="imap:7", recipient="Help@Desk.example", sender="x@y", detail="uid 9", received_at=NOON
    )
    envelope, found = spool.read(name)
    assert found == raw
    assert (envelope.source, envelope.recipient, envelope.sender) == ("imap:7", "help@desk.example", "x@y")
    assert (envelope.detail, envelope.received_at) == ("uid 9", NOON)


def test_the_same_mail_twice_is_one_file() -> None:
    assert put() == put(at=NOON + timedelta(hours=1)) == put(recipient="HELP@desk.example")
    assert spool.count_waiting() == 1


def test_another_recipient_source_or_content_is_another_mail() -> None:
    names = {put(), put(recipient="other@desk.example"), put(b"other")}
    names.add(spool.store(b"other", source="pipe", recipient="help@desk.example", received_at=NOON))
    assert len(names) == 4


def test_joined_fields_never_collide() -> None:
    assert spool.spool_id("a", "bc", "d") != spool.spool_id("ab", "c", "d")


def test_waiting_is_oldest_first_and_limited() -> None:
    late = put(b"late", at=NOON + timedelta(minutes=2))
    early = put(b"early", at=NOON)
    middle = put(b"middle", at=NOON + timedelta(minutes=1))
    assert spool.waiting() == [early, middle, late]
    assert spool.waiting(limit=2) == [early, middle]


def test_removed_mail_is_gone_and_removing_again_is_harmless() -> None:
    name = put()
    spool.remove(name)
    spool.remove(name)
    assert spool.waiting() == []
    with pytest.raises(GatewayError) as caught:
        spool.read(name)
    assert caught.value.permanent
    assert caught.value.code == "spool_missing"


def test_mail_kept_aside_leaves_the_queue_and_can_be_brought_back() -> None:
    name = put()
    spool.keep_aside(name, spool.QUARANTINE)
    assert spool.waiting() == []
    assert spool.kept_aside(spool.QUARANTINE) == [name]
    assert spool.read(name, spool.QUARANTINE)[1].endswith(b"hello")
    spool.bring_back(name, spool.QUARANTINE)
    assert spool.waiting() == [name]


def test_moving_a_mail_that_is_gone_says_so() -> None:
    with pytest.raises(GatewayError, match="no longer"):
        spool.keep_aside("0" * 64, spool.UNROUTED)


@pytest.mark.parametrize("odd", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_spool_ids_become_paths(odd: str) -> None:
    with pytest.raises(GatewayError):
        spool.path(odd)


def test_only_the_known_folders_exist() -> None:
    with pytest.raises(ValueError):
        spool.keep_aside(put(), "../elsewhere")


def test_folder_and_files_are_readable_by_the_owner_alone(data_dir: Path) -> None:
    name = put()
    assert (data_dir / "spool" / "incoming").stat().st_mode & 0o777 == 0o700
    assert spool.path(name).stat().st_mode & 0o777 == 0o600


def test_age_of_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spool.age_of_oldest() == 0
    put(at=NOON)
    put(b"later", at=NOON + timedelta(minutes=4))
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=5))
    assert spool.age_of_oldest() == 300


def test_a_changed_file_is_not_taken_for_the_mail() -> None:
    name = put()
    with spool.path(name).open("ab") as file:
        file.write(b"more")
    with pytest.raises(GatewayError) as caught:
        spool.read(name)
    assert caught.value.code == "spool_damaged"


@pytest.mark.parametrize("content", [b"", b"no json\nx", b"[]\nx", b'{"source": "a"}\nx'])
def test_a_damaged_header_is_an_error_and_nothing_worse(content: bytes) -> None:
    name = put()
    spool.path(name).write_bytes(content)
    with pytest.raises(GatewayError):
        spool.read(name)


def test_a_full_disk_refuses_the_mail_and_leaves_nothing(data_dir: Path) -> None:
    put(b"first")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(spool.SpoolFull) as caught:
            put(b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not caught.value.permanent
    assert caught.value.code == "spool_full"
    assert len(list((data_dir / "spool" / "incoming").iterdir())) == 1


def test_a_spool_that_cannot_be_made_refuses_the_mail(data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "spool").write_text("a file in the way")
    with pytest.raises(spool.SpoolFull) as caught:
        put()
    assert caught.value.code == "spool_failed"


def test_leftovers_are_invisible_and_swept_after_an_hour(data_dir: Path) -> None:
    put()
    incoming = data_dir / "spool" / "incoming"
    old, fresh = incoming / ".part-1-old", incoming / ".part-1-fresh"
    for leftover, age in ((old, 4000), (fresh, 10)):
        leftover.write_bytes(b"half")
        then = clock.now().timestamp() - age
        os.utime(leftover, (then, then))
    assert spool.count_waiting() == 1
    assert spool.sweep_leftovers() == 1
    assert fresh.exists()
    assert not old.exists()


def test_listing_again_does_not_look_at_each_file() -> None:
    names = [put(b"%d" % number, at=NOON + timedelta(seconds=number)) for number in range(5)]
    assert spool.waiting() == names
    for place, name in enumerate(names):
        os.utime(spool.path(name), (10 - place, 10 - place))  # a second look would turn the order round
    assert spool.waiting() == names


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=400), st.text(max_size=40), st.text(max_size=40))
def test_any_bytes_and_any_envelope_survive(raw: bytes, recipient: str, sender: str) -> None:
    name = spool.store(raw, source="pipe", recipient=recipient, sender=sender, received_at=NOON)
    envelope, found = spool.read(name)
    assert (found, envelope.recipient, envelope.sender) == (raw, recipient.lower(), sender)
    spool.remove(name)


WRITER = """
import sys
from datetime import UTC, datetime
from casso.gateways import spool
number = 0
while True:
    raw = b"%d " % number * 2000
    name = spool.store(raw, source="pipe", recipient="a@b", received_at=datetime.now(UTC))
    print(number, name, flush=True)
    number += 1
"""


@pytest.mark.parametrize("lines", [1, 7, 20])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(data_dir: Path, lines: int) -> None:
    env = os.environ | {"CASSO_DATA_DIR": str(data_dir), "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], stdout=subprocess.PIPE, env=env, text=True
    ) as child:
        assert child.stdout
        acknowledged = [child.stdout.readline().split() for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [line.split() for line in child.stdout.read().splitlines() if len(line.split()) == 2]
    waiting = spool.waiting(limit=10_000)
    for number, name in acknowledged:
        assert name in waiting
        assert spool.read(name)[1] == f"{number} ".encode() * 2000
    for name in waiting:
        spool.read(name)
