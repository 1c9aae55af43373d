"""One signed request to an S3 server, with each part open to be made wrong. Needs the Python of .build/servers-venv."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import http.client
import re
from dataclasses import dataclass
from unittest import mock
from urllib.parse import quote, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        found = re.search(rb"<Code>([^<]*)</Code>", self.body)
        return found[1].decode() if found else ""

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")

    def element(self, name: str) -> str:
        found = re.search(rf"<{name}>([^<]*)</{name}>", self.body.decode(errors="replace"))
        return found[1] if found else ""

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


@dataclass(frozen=True)
class Store:
    address: str
    access: str
    secret: str
    region: str = "us-east-1"

    def send(
        self, method: str, path: str, query: str = "", body: bytes = b"", headers: dict[str, str] | None = None, skew: float = 0,
        digest: str | None = None,
    ) -> Answer:
        """`path` is not encoded yet, `query` is; `skew` is in seconds; `digest` takes the place of the body's SHA-256."""
        target = quote(path, safe="/~") + (f"?{query}" if query else "")
        request = AWSRequest(method=method, url=self.address + target, headers=headers or {}, data=body)
        signer = Signer(Credentials(self.access, self.secret), "s3", self.region)
        signer.digest = digest or hashlib.sha256(body).hexdigest()
        moment = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(seconds=skew)
        with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment) if skew else contextlib.nullcontext():
            signer.add_auth(request)
        parts = urlsplit(self.address)
        client = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            sent = dict(request.headers.items())
            client.request(method, target, body if body or method in ("PUT", "POST") else None, sent)
            answer = client.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            client.close()


class Signer(botocore.auth.S3SigV4Auth):
    digest = ""

    def payload(self, request: AWSRequest) -> str:
        return self.digest
