"""Files in an S3-compatible store (AWS, Linode Object Storage, MinIO), through boto3.

Called by storage.py, which has checked the key. The new checksum trailers of boto3
are off because several compatible stores refuse them; Content-MD5 does their work.
"""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from casso.config import Settings
from casso.errors import GatewayError

_PIECE_BYTES = 64 * 1024
_FORBIDDEN = ("AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket")


class S3Files:
    """One bucket. Objects are private; nothing is ever shared by a link of the store."""

    def __init__(self, found: Settings, *, timeout_seconds: float = 20) -> None:
        self._bucket = found.s3_bucket
        self._client = boto3.session.Session().client(
            "s3",
            endpoint_url=found.s3_endpoint,
            region_name="us-east-1",
            aws_access_key_id=found.s3_access_key,
            aws_secret_access_key=found.s3_secret_key,
            config=Config(
                connect_timeout=min(5, timeout_seconds),
                read_timeout=timeout_seconds,
                retries={"total_max_attempts": 2, "mode": "standard"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path"},
            ),
        )

    def put(self, key: str, data: bytes) -> None:
        """Store an object; the store itself checks the digest, so half a body is refused."""
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        with _store_errors():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                ContentMD5=digest,
                ContentType="application/octet-stream",
            )

    def get(self, key: str) -> bytes:
        """All bytes of an object; a body shorter than announced raises."""
        with _store_errors():
            data: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return data

    def open_stream(self, key: str) -> Iterator[bytes]:
        """The bytes in pieces; a missing object raises now."""
        with _store_errors():
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        return _pieces(body)

    def delete(self, key: str) -> None:
        """Remove the object if it is there."""
        with _store_errors():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def exists(self, key: str) -> bool:
        """Whether the object is there."""
        try:
            with _store_errors():
                self._client.head_object(Bucket=self._bucket, Key=key)
        except GatewayError as error:
            if error.code == "file_missing":
                return False
            raise
        return True

    def list_after(self, place: str, limit: int) -> list[tuple[str, datetime]]:
        """Keys behind a place, in order, with the moment each was written; a store gives 1,000 at most."""
        start = {"StartAfter": place} if place else {}
        with _store_errors():
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix="org/", MaxKeys=limit, **start)
        return [(one["Key"], one["LastModified"]) for one in found.get("Contents", ())]

    def remove_halves(self, before: datetime) -> int:
        """An object is whole or absent: the store keeps no half."""
        return 0


def _pieces(body: StreamingBody) -> Iterator[bytes]:
    with _store_errors():
        yield from body.iter_chunks(_PIECE_BYTES)


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _refused(error) from error
    except (BotoCoreError, OSError) as error:
        raise GatewayError(
            f"The file store does not answer ({type(error).__name__})", permanent=False, code="storage_failed"
        ) from error


def _refused(error: ClientError) -> GatewayError:
    code = error.response.get("Error", {}).get("Code", "")
    if code in ("NoSuchKey", "404"):
        return GatewayError("The file is not in the store", permanent=True, code="file_missing")
    kind = "storage_refused" if code in _FORBIDDEN else "storage_failed"
    return GatewayError(f"The file store refused the request ({code})", permanent=False, code=kind)
