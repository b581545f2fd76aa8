"""Files in the data folder and in S3: the same promises for both, and honest failures."""

import hashlib
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casso.errors import GatewayError
from casso.gateways import storage
from tests.servers.moto_s3 import S3Server, moto_s3

DATA = b"\x00\xff" * 70_000


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with moto_s3() as server:
        yield server


@pytest.fixture(params=["local", "s3"])
def either(request: pytest.FixtureRequest, configure: Callable[..., Path], s3: S3Server) -> None:
    configure(**(s3.environment() if request.param == "s3" else {}))


@pytest.mark.usefixtures("either")
def test_bytes_come_back_whole_and_in_pieces() -> None:
    key = storage.put(5, DATA)
    assert storage.get(key) == DATA
    assert storage.get(key, sha256=hashlib.sha256(DATA).hexdigest()) == DATA
    pieces = list(storage.open_stream(key))
    assert len(pieces) > 1
    assert b"".join(pieces) == DATA


@pytest.mark.usefixtures("either")
def test_an_empty_file_is_a_file() -> None:
    key = storage.put(5, b"")
    assert storage.exists(key)
    assert storage.get(key) == b""
    assert b"".join(storage.open_stream(key)) == b""


@pytest.mark.usefixtures("either")
def test_a_deleted_file_is_missing_and_deleting_again_is_harmless() -> None:
    key = storage.put(5, b"x")
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)
    for ask in (storage.get, storage.open_stream):
        with pytest.raises(GatewayError) as caught:
            ask(key)
        assert caught.value.code == "file_missing"
        assert caught.value.permanent


@pytest.mark.usefixtures("either")
def test_damaged_bytes_are_not_returned() -> None:
    key = storage.put(5, b"right")
    with pytest.raises(GatewayError) as caught:
        storage.get(key, sha256=hashlib.sha256(b"wrong").hexdigest())
    assert caught.value.code == "file_damaged"


@pytest.mark.usefixtures("either")
def test_a_key_is_random_and_begins_with_its_organization() -> None:
    first, second = storage.put(12, b"same"), storage.put(12, b"same")
    assert first != second
    assert first.startswith("org/12/")
    assert storage.organization_of(first) == 12


HOSTILE = [
    "",
    "org/1/../../../../etc/passwd",
    "org/1/" + "a" * 31,
    "org/1/" + "A" * 32,
    "org/0/" + "a" * 32,
    "org/-1/" + "a" * 32,
    "org/1/" + "a" * 32 + "\n",
    "/org/1/" + "a" * 32,
    "org/1/" + "a" * 32 + "/..",
    "org/١/" + "a" * 32,
]


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize("key", HOSTILE)
def test_only_a_well_formed_key_reaches_a_store(key: str) -> None:
    for ask in (storage.get, storage.open_stream, storage.exists, storage.delete):
        with pytest.raises(GatewayError) as caught:
            ask(key)
        assert caught.value.code == "file_missing"


@given(st.text())
def test_no_text_is_a_key_by_chance(text: str) -> None:
    with pytest.raises(GatewayError):
        storage.checked_key(text)


@pytest.mark.parametrize("organization_id", [0, -4])
def test_a_file_needs_an_organization(organization_id: int) -> None:
    with pytest.raises(GatewayError):
        storage.new_key(organization_id)


def test_local_files_are_for_the_owner_alone_and_never_named_by_the_sender(data_dir: Path) -> None:
    key = storage.put(5, b"x")
    stored = [path for path in (data_dir / "files").rglob("*") if path.is_file()]
    assert [path.name for path in stored] == [key.rpartition("/")[2]]
    assert stored[0].stat().st_mode & 0o777 == 0o600
    assert (data_dir / "files").stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_said_and_leaves_nothing(data_dir: Path) -> None:
    storage.put(5, b"x")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(GatewayError) as caught:
            storage.put(5, DATA)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.code == "storage_failed"
    assert not caught.value.permanent
    assert len([path for path in (data_dir / "files").rglob("*") if path.is_file()]) == 1


def test_s3_objects_carry_no_type_of_the_sender(configure: Callable[..., Path], s3: S3Server) -> None:
    configure(**s3.environment())
    key = storage.put(5, b"<svg/>")
    head = s3.client().head_object(Bucket=s3.bucket, Key=key)
    assert head["ContentType"] == "application/octet-stream"


def test_a_missing_bucket_is_for_the_operator_to_mend(configure: Callable[..., Path], s3: S3Server) -> None:
    configure(**(s3.environment() | {"CASSO_S3_BUCKET": "no-such-bucket"}))
    with pytest.raises(GatewayError) as caught:
        storage.put(5, b"x")
    assert (caught.value.code, caught.value.permanent) == ("storage_refused", False)


@contextmanager
def answering(reply: bytes) -> Iterator[str]:
    """An HTTP server that gives every request the same bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


FAULTS = {
    "forbidden": (
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "storage_refused",
    ),
    "broken": (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "storage_failed"),
    "short body": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\nhalf",
        "storage_failed",
    ),
    "no answer": (b"", "storage_failed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_s3_faults_are_gateway_errors_that_may_be_tried_again(
    configure: Callable[..., Path], s3: S3Server, fault: str
) -> None:
    reply, code = FAULTS[fault]
    with answering(reply) as endpoint:
        configure(**(s3.environment() | {"CASSO_S3_ENDPOINT": endpoint}))
        with pytest.raises(GatewayError) as caught:
            storage.get(storage.new_key(5))
    assert (caught.value.code, caught.value.permanent) == (code, False)


def test_a_short_body_also_breaks_the_stream(configure: Callable[..., Path], s3: S3Server) -> None:
    with answering(FAULTS["short body"][0]) as endpoint:
        configure(**(s3.environment() | {"CASSO_S3_ENDPOINT": endpoint}))
        with pytest.raises(GatewayError):
            list(storage.open_stream(storage.new_key(5)))


def test_s3_down_is_said(configure: Callable[..., Path], s3: S3Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configure(**(s3.environment() | {"CASSO_S3_ENDPOINT": f"http://127.0.0.1:{port}"}))
    with pytest.raises(GatewayError) as caught:
        storage.put(5, b"x")
    assert caught.value.code == "storage_failed"


@pytest.mark.usefixtures("either")
def test_files_are_listed_in_pages_each_once_and_in_order(s3: S3Server) -> None:
    for page in iter(lambda: list(storage.list_page(limit=1000).written_at), []):
        for key in page:
            storage.delete(key)
    keys = {storage.put(organization_id, b"x") for organization_id in (1, 2, 10, 11) for _ in range(7)}
    seen, place = [], ""
    while True:
        page = storage.list_page(after=place, limit=5)
        assert len(page.written_at) <= 5
        seen += page.written_at
        place = page.until
        if not place:
            break
    assert seen == sorted(keys)
    last = sorted(keys)[-1]
    assert storage.list_page(after=last, limit=5) == storage.Page({}, "")
    assert all(at.utcoffset() is not None for at in storage.list_page(limit=50).written_at.values())


def test_what_others_keep_in_the_bucket_is_not_listed(configure: Callable[..., Path], s3: S3Server) -> None:
    configure(**s3.environment())
    for key in ("org/1/notes.txt", "backup/org/1/" + "a" * 32, "org/x/" + "a" * 32):
        s3.client().put_object(Bucket=s3.bucket, Key=key, Body=b"theirs")
    mine = storage.put(1, b"x")
    listed = storage.list_page(limit=1000).written_at
    assert mine in listed
    assert all(storage.checked_key(key) for key in listed)


def test_what_others_put_in_the_folder_is_not_listed(data_dir: Path) -> None:
    key = storage.put(5, b"x")
    for name in ("notes", "org/notes", "org/5/notes", f"org/5/{key[6:8]}/.part-1", f"org/5/{key[6:8]}/notes"):
        (data_dir / "files" / name).write_text("theirs")
    assert list(storage.list_page(limit=1000).written_at) == [key]
