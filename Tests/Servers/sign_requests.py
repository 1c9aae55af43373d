#!/usr/bin/env python3
"""Prints random S3 requests with the signatures that botocore gives them: sign_requests.py COUNT SEED

One JSON object a line, for tests that let another signer sign the same requests:

    method, host                 as in the request; a host has its port unless it is the usual one
    bucket, key, addressing      the bucket's name, the unencoded key ("" for requests of a bucket), "path" or "virtual"
    path                         as sent, percent-encoded
    query                        [[name, value], ...] unencoded, in the order they are sent in; the value is "" where there is none
    headers                      {name: value}, signed in addition to Host, X-Amz-Date, X-Amz-Content-Sha256 and X-Amz-Security-Token
    payload_sha256, timestamp    what these two headers hold
    access, secret, token        token is null without a session
    region, authorization        authorization is the header that is expected

The same seed prints the same lines. Runs with the Python of .build/servers-venv.
"""

from __future__ import annotations

import datetime
import json
import random
import sys
from typing import Any
from unittest import mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "default", "garage", "auto", "cn-north-1"]
METHODS = ["GET", "PUT", "POST", "HEAD", "DELETE"]
BUCKETS = ["data", "waybill-test", "a.b.c", "0-1"]
PIECES = [
    " ", "  ", "+", "%", "%20", "%2F", "%zz", "~", "*", "(", ")", "'", '"', "//", "/../", "/./", "..", ".", ":", ";", "=", "&", "?", "#", "@",
    "!", "$", ",", "[", "]", "{", "}", "|", "\\", "^", "`", "<", ">", "-", "_", "é", "e\u0301", "ß", "Ωμέγα", "Жук", "日本語", "עברית", "العربية",
    "हिन्दी", "ไทย", "😀", "\u00a0", "\u200d", "𝔘", "a", "Z", "0", "photo", "labels/train", "IMG_0001.JPG", "/",
]
SUBRESOURCES = ["uploads", "delete", "versioning", "location", "acl", "policy"]
NAMES = [
    "prefix", "delimiter", "start-after", "continuation-token", "marker", "x-id", "partNumber", "uploadId", "a b",
    "é", "A", "a", "a-", "a.", "~",
]
HEADERS = {
    "If-None-Match": ["*", '"0123456789abcdef0123456789abcdef"'],
    "If-Match": ['"d41d8cd98f00b204e9800998ecf8427e"', '"abc-17"'],
    "Range": ["bytes=0-99", "bytes=-1", "bytes=1000-"],
    "Content-Type": ["application/octet-stream", "text/plain; charset=utf-8", "application/xml"],
    "Content-MD5": ["1B2M2Y8AsgTpgAmY7PhCfg=="],
    "Content-Length": ["0", "17", "5368709120"],
    "Cache-Control": ["no-cache, max-age=0"],
    "x-amz-copy-source": ["/data/a%20b/%C3%A9", "data/x?versionId=1"],
    "x-amz-meta-note": ["  one   two  three ", "a,b , c", '"quoted  text"', "trailing ", "=?UTF-8?Q?=C3=A9?=", "", "   "],
    "X-Amz-Meta-UPPER": ["Mixed Case"],
    "x-amz-meta-a": ["1"],
    "x-amz-meta-a-b": ["2"],
    "x-amz-storage-class": ["STANDARD"],
    "x-amz-copy-source-if-match": ['"etag"'],
}


def odd_text(random_: random.Random, most: int) -> str:
    return "".join(random_.choice(PIECES) for _ in range(random_.randint(1, most)))


def odd_query(random_: random.Random) -> list[list[str]]:
    query = [
        [random_.choice(NAMES), random_.choice(["", odd_text(random_, 4), str(random_.randint(0, 10000))])] for _ in range(random_.randint(0, 4))]
    if random_.random() < 0.4:
        query.insert(random_.randint(0, len(query)), [random_.choice(SUBRESOURCES), ""])
    # Equal names with other values, which are sorted by these.
    if query and random_.random() < 0.3:
        query.append([random_.choice(query)[0], odd_text(random_, 3)])
    return query


def sent_query(random_: random.Random, query: list[list[str]]) -> str:
    """As in a request line; what has no value may stand with = or without."""
    return "&".join(
        quote(name, safe="-_.~") + (f"={quote(value, safe='-_.~')}" if value or random_.random() < 0.5 else "") for name, value in query)


def odd_request(random_: random.Random) -> dict[str, Any]:
    bucket = random_.choice(BUCKETS)
    key = odd_text(random_, 8) if random_.random() < 0.85 else ""
    region = random_.choice(REGIONS)
    addressing = random_.choice(["path", "virtual"])
    if addressing == "path":
        host = random_.choice(["127.0.0.1:8080", "localhost:9000", f"s3.{region}.example.com", "store.example.org:444"])
        path = f"/{bucket}/{quote(key, safe='/~')}" if key else random_.choice([f"/{bucket}", f"/{bucket}/"])
    else:
        host = f"{bucket}.s3.{region}.example.com"
        path = f"/{quote(key, safe='/~')}"
    names = random_.sample(sorted(HEADERS), random_.randint(0, 5))
    start = datetime.datetime(2015, 1, 1)
    return {
        "method": random_.choice(METHODS), "host": host, "bucket": bucket, "key": key, "addressing": addressing, "path": path,
        "query": odd_query(random_), "headers": {name: random_.choice(HEADERS[name]) for name in names},
        "access": f"TESTKEY{random_.randint(0, 99)}", "secret": random_.choice(["secret", "a+b/c==", "waybill+test/secret/0+1"]),
        "token": random_.choice([None, None, "session//token+with=odd chars"]), "region": region,
        "timestamp": (start + datetime.timedelta(seconds=random_.randint(0, 20 * 365 * 86400))).strftime(botocore.auth.SIGV4_TIMESTAMP),
    }


def sign(request: dict[str, Any], random_: random.Random) -> None:
    """Adds what botocore makes of the request."""
    body = random_.choice([b"", b"", random_.randbytes(random_.randint(1, 100))])
    query = sent_query(random_, request["query"])
    url = f"https://{request['host']}{request['path']}" + (f"?{query}" if query else "")
    prepared = AWSRequest(method=request["method"], url=url, headers=request["headers"], data=body)
    prepared.context["client_config"] = Config(s3={"payload_signing_enabled": random_.random() < 0.7})
    signer = botocore.auth.S3SigV4Auth(Credentials(request["access"], request["secret"], request["token"]), "s3", request["region"])
    moment = datetime.datetime.strptime(request["timestamp"], botocore.auth.SIGV4_TIMESTAMP)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):
        signer.add_auth(prepared)
    if prepared.headers["X-Amz-Date"] != request["timestamp"]:
        raise SystemExit("botocore has signed at another time than it was told")
    request["payload_sha256"] = prepared.headers["X-Amz-Content-SHA256"]
    request["authorization"] = prepared.headers["Authorization"]


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit("usage: sign_requests.py COUNT SEED")
    random_ = random.Random(int(sys.argv[2]))
    for _ in range(int(sys.argv[1])):
        request = odd_request(random_)
        sign(request, random_)
        print(json.dumps(request, ensure_ascii=False))


if __name__ == "__main__":
    main()
