"""An S3 server (moto's, real HTTP on loopback) with one empty bucket.

    with moto_s3() as server:
        server.endpoint, server.bucket, server.environment()

Outside of pytest: `python -m tests.servers.moto_s3` serves until Ctrl+C.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer


@dataclass(frozen=True)
class S3Server:
    """Where it listens; any key pair is accepted."""

    endpoint: str
    bucket: str

    def environment(self) -> dict[str, str]:
        """The settings that make the product use this store."""
        return {
            "CASSO_S3_ENDPOINT": self.endpoint,
            "CASSO_S3_BUCKET": self.bucket,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def client(self) -> Any:
        """A boto3 client of the test's own, to look into the bucket."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def keys(self) -> list[str]:
        """Every key in the bucket."""
        return [item["Key"] for item in self.client().list_objects_v2(Bucket=self.bucket).get("Contents", [])]


@contextmanager
def moto_s3(bucket: str = "casso-files") -> Iterator[S3Server]:
    """Run the server on a free port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        found = S3Server(f"http://{host}:{port}", bucket)
        found.client().create_bucket(Bucket=bucket)
        yield found
    finally:
        server.stop()


if __name__ == "__main__":
    with moto_s3() as running:
        print(running.environment(), flush=True)
        threading.Event().wait()
