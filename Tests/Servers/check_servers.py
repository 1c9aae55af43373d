#!/usr/bin/env python3
"""Tells which of S3's rules the started servers keep: check_servers.py FOLDER [--only rgw|moto] [--rounds N]

Runs with the Python of .build/servers-venv. Prints a line for each rule: `ok`, or `no` with what came instead. Exits with 1 when a server lacks
what REQUIRED names for it: tests rely on that.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

from signed_request import Answer, Store

BASE = {"buckets", "create once", "replace by bare etag", "multipart", "copy", "list", "ranged get by etag", "wrong secret", "other user"}
REQUIRED = {
    "rgw": BASE | {"skewed date", "wrong digest", "race: create once", "race: create once, large", "race: replace by bare etag"},
    "moto": BASE | {"replace by etag", "complete: create once", "delete by etag"},
}
PART = b"p" * (5 << 20)


class Checks:
    def __init__(self, store: Store, other: Store, rounds: int) -> None:
        self.store, self.other, self.rounds = store, other, rounds
        self.bucket = f"check-{uuid.uuid4().hex[:12]}"
        self.passed: set[str] = set()
        self.client = boto3.client(
            "s3", endpoint_url=store.address, aws_access_key_id=store.access, aws_secret_access_key=store.secret, region_name=store.region,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, request_checksum_calculation="when_required"))

    def tell(self, name: str, holds: bool, came: object = "") -> None:
        if holds:
            self.passed.add(name)
        print(f"  {'ok' if holds else 'no'}  {name}{f': {came}' if came != '' else ''}")

    def put(self, key: str, body: bytes, **headers: str) -> Answer:
        return self.store.send("PUT", f"/{self.bucket}/{key}", body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def get(self, key: str, **headers: str) -> Answer:
        return self.store.send("GET", f"/{self.bucket}/{key}", headers={name.replace("_", "-"): value for name, value in headers.items()})

    def run(self) -> None:
        self.client.create_bucket(Bucket=self.bucket)
        self.tell("buckets", self.bucket in [bucket["Name"] for bucket in self.client.list_buckets()["Buckets"]])
        for check in (self.conditions, self.multipart, self.copy, self.listing, self.refusals, self.races):
            check()

    def conditions(self) -> None:
        first, second = (self.put("once", body, If_None_Match="*") for body in (b"1", b"2"))
        self.tell("create once", (first.status, second.status, self.get("once").body) == (200, 412, b"1"), f"{first}, then {second}")
        for name, form in (("replace by etag", str), ("replace by bare etag", bare)):
            before = self.put("replaced", b"3").etag
            new, old = (self.put("replaced", body, If_Match=form(before)) for body in (b"4", b"5"))
            self.tell(name, (new.status, old.status, self.get("replaced").body) == (200, 412, b"4"), f"{new}, then {old}")
        absent = self.put("absent", b"6", If_Match=first.etag)
        self.tell("replace by etag where nothing is", absent.status in (404, 412) and self.get("absent").status == 404, absent)
        right, wrong = (self.get("once", Range="bytes=0-0", If_Match=etag) for etag in (first.etag, before))
        self.tell("ranged get by etag", (right.status, right.body, wrong.status) == (206, b"1", 412), f"{right}, {wrong}")
        wrong = self.store.send("DELETE", f"/{self.bucket}/once", headers={"If-Match": before})
        kept = self.get("once").status == 200
        self.tell("delete by etag", wrong.status == 412 and kept, f"{wrong}, object {'kept' if kept else 'gone'}")

    def complete(self, key: str, **headers: str) -> Answer:
        """Uploads one small part, which may be the last one, and completes."""
        path = f"/{self.bucket}/{key}"
        upload = self.store.send("POST", path, "uploads=").element("UploadId")
        etag = self.store.send("PUT", path, f"partNumber=1&uploadId={upload}", b"whole").etag
        text = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
        return self.store.send("POST", path, f"uploadId={upload}", text.encode(), {name.replace("_", "-"): value for name, value in headers.items()})

    def multipart(self) -> None:
        place = {"Bucket": self.bucket, "Key": "large"}
        upload = self.client.create_multipart_upload(**place)["UploadId"]
        parts = [
            {"PartNumber": number, "ETag": self.client.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)["ETag"]}
            for number, body in ((1, PART), (2, b"end"))]
        listed = self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])
        sizes = [part["Size"] for part in self.client.list_parts(**place, UploadId=upload)["Parts"]]
        etag = self.client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})["ETag"]
        whole = self.client.get_object(**place)["Body"].read() == PART + b"end"
        dropped = self.client.create_multipart_upload(**place)["UploadId"]
        self.client.abort_multipart_upload(**place, UploadId=dropped)
        left = self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])
        true = self.client.head_object(**place)["ETag"]
        came = ([entry["UploadId"] == upload for entry in listed], sizes, true.strip('"')[-2:], whole, left)
        self.tell("multipart", came == ([True], [len(PART), 3], "-2", True, []), came)
        self.tell("multipart: the answer has the etag", etag == true, f"{etag}, is {true}")
        once, again = (self.complete("completed", If_None_Match="*") for _ in range(2))
        self.tell("complete: create once", (once.status, again.status, again.code) == (200, 412, "PreconditionFailed"), f"{once}, then {again}")

    def copy(self) -> None:
        self.put("source", b"source")
        source = {"x-amz-copy-source": f"/{self.bucket}/source"}
        copied = self.store.send("PUT", f"/{self.bucket}/copied", headers=source)
        self.tell("copy", copied.status == 200 and self.get("copied").body == b"source", copied)
        again = self.store.send("PUT", f"/{self.bucket}/copied", headers=source | {"If-None-Match": "*"})
        self.tell("copy: create once", again.status == 412, again)
        wrong = self.store.send("PUT", f"/{self.bucket}/copied", headers=source | {"x-amz-copy-source-if-match": '"other"'})
        self.tell("copy by source's etag", wrong.status == 412, wrong)

    def listing(self) -> None:
        keys = sorted((f"list/{index:02} é+" for index in range(25)), key=str.encode)
        for key in keys:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=b"")
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix="list/", StartAfter=keys[3], PaginationConfig={"PageSize": 10})
        found = [[entry["Key"] for entry in page.get("Contents", [])] for page in pages]
        self.tell("list", found == [keys[4:14], keys[14:24], keys[24:]], f"pages of {[len(page) for page in found]}")

    def refusals(self) -> None:
        path = f"/{self.bucket}/source"
        wrong = Store(self.store.address, self.store.access, self.store.secret + "x").send("GET", path)
        self.tell("wrong secret", str(wrong) == "403 SignatureDoesNotMatch", wrong)
        unknown = Store(self.store.address, "UNKNOWNKEY", "x").send("GET", path)
        self.tell("unknown key", str(unknown) == "403 InvalidAccessKeyId", unknown)
        denied = [self.other.send("GET", path), self.other.send("PUT", path, body=b"x"), self.other.send("GET", f"/{self.bucket}", "list-type=2")]
        self.tell("other user", all(str(answer) == "403 AccessDenied" for answer in denied), ", ".join(map(str, denied)))
        skewed = self.store.send("GET", path, skew=-3600)
        self.tell("skewed date", str(skewed) == "403 RequestTimeTooSkewed", skewed)
        digest = self.store.send("PUT", f"/{self.bucket}/digest", body=b"body", digest="0" * 64)
        self.tell("wrong digest", str(digest) == "400 XAmzContentSHA256Mismatch", digest)
        md5 = self.put("digest", b"body", Content_MD5="1B2M2Y8AsgTpgAmY7PhCfg==")
        self.tell("wrong Content-MD5", str(md5) == "400 BadDigest", md5)
        self.tell("what was refused is not there", self.get("digest").status == 404)

    def race(self, name: str, rounds: int, attempt: Callable[[int, int], Answer], prepare: Callable[[int], None] | None = None) -> None:
        """Sixteen attempts at the same moment, again and again: just one may succeed, and what it sent must be there."""
        winners: Counter[int] = Counter()
        losers: Counter[str] = Counter()
        wrong = 0
        with ThreadPoolExecutor(16) as pool:
            for round_ in range(rounds):
                if prepare:
                    prepare(round_)
                gate = threading.Barrier(16)

                def one(index: int) -> Answer:
                    gate.wait()
                    return attempt(round_, index)

                answers = list(pool.map(one, range(16)))
                won = [index for index, answer in enumerate(answers) if answer.status == 200]
                winners[len(won)] += 1
                losers.update(str(answer) for answer in answers if answer.status != 200)
                wrong += len(won) != 1 or self.get(f"race-{round_}").body[:8] != b"%08d" % won[0]
        self.tell(name, wrong == 0, f"rounds by number of winners {dict(winners)}, losers {dict(losers)}")

    def races(self) -> None:
        def create(size: int) -> Callable[[int, int], Answer]:
            return lambda round_, index: self.put(f"race-{round_}", b"%08d" % index + bytes(size), If_None_Match="*")

        def remove(round_: int) -> None:
            self.client.delete_object(Bucket=self.bucket, Key=f"race-{round_}")

        self.race("race: create once", self.rounds, create(0))
        # Too large for the first of the gateway's pieces: it is written in several steps.
        self.race("race: create once, large", self.rounds // 10, create(6 << 20), remove)
        etags: dict[int, str] = {}

        def prepare(round_: int) -> None:
            etags[round_] = self.put(f"race-{round_}", b"before").etag

        for name, form in (("race: replace by etag", str), ("race: replace by bare etag", bare)):
            self.race(name, self.rounds, lambda round_, index: self.put(f"race-{round_}", b"%08d" % index, If_Match=form(etags[round_])), prepare)


def bare(etag: str) -> str:
    return etag.strip('"')


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=list(REQUIRED))
    parser.add_argument("--rounds", type=int, default=50)
    arguments = parser.parse_args()
    lines = dict(line.split("=", 1) for line in (arguments.folder / "servers.env").read_text().splitlines())
    lacking = []
    for name in [arguments.only] if arguments.only else REQUIRED:
        prefix = f"WAYBILL_S3_{name.upper()}"
        if prefix not in lines:
            continue
        print(f"{name}: {lines[prefix]}")
        began = time.monotonic()
        store, other = (Store(lines[prefix], lines[f"{user}_ACCESS"], lines[f"{user}_SECRET"]) for user in (prefix, f"{prefix}_OTHER"))
        checks = Checks(store, other, arguments.rounds)
        checks.run()
        print(f"  in {time.monotonic() - began:.1f} s")
        lacking += [f"{name} lacks: {missing}" for missing in sorted(REQUIRED[name] - checks.passed)]
    print("\n".join(lacking), end="\n" if lacking else "", file=sys.stderr)
    raise SystemExit(bool(lacking))


if __name__ == "__main__":
    main()
