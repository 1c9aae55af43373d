#!/usr/bin/env python3
"""Measures a store in a bucket beside one on the disk; run it as Benchmarks/buckets [small|full]."""
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time

import boto3

tool, aws, work, size = sys.argv[1:5]
files, bytes_each = (20_000, 60_000) if size == "full" else (2_000, 60_000)
data = f"{work}/data"
environment = {
    **os.environ, "AWS_ACCESS_KEY_ID": os.environ["WAYBILL_S3_RGW_ACCESS"], "AWS_SECRET_ACCESS_KEY": os.environ["WAYBILL_S3_RGW_SECRET"],
    "AWS_ENDPOINT_URL": os.environ["WAYBILL_S3_RGW"], "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "WAYBILL_CACHE": f"{work}/cache",
}


class Run:
    """A command: its seconds by the clock, those of the processor, its most memory, and what it said of its traffic."""

    def __init__(self, *words):
        began = time.monotonic()
        process = subprocess.Popen([str(word) for word in words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        self.wall = time.monotonic() - began
        if status:
            sys.exit(f"{words[0]} {words[1]} failed: {said}")
        self.cpu = used.ru_utime + used.ru_stime
        self.megabytes = used.ru_maxrss / 1024
        found = re.search(r"(\d+) requests?.*?, (\S+ \S+) received, (\S+ \S+) sent", said)
        self.traffic = found.groups() if found else ("", "", "")


def row(name, *columns):
    print(f"{name:<58}" + "".join(f"{column:>16}" for column in columns), flush=True)


def generate():
    source = random.Random(1)
    os.makedirs(f"{data}/images")
    with open(f"{data}/labels.waybill.jsonl", "w") as labels:
        labels.write('{"waybill":1,"labels":[{"name":"car"},{"name":"person"}]}\n')
        for number in range(files):
            name = f"images/{number:06d}.jpg"
            with open(f"{data}/{name}", "wb") as file:
                file.write(source.randbytes(bytes_each))
            labels.write('{"key":"%s","image":{"path":"%s","width":640,"height":480},"annotations":'
                         '[{"label":"car","box":[12,30,88,61.5]},{"label":"person","box":[%d,30,188,61.5]}]}\n' % (name, name, number % 100))


def publish(store):
    shutil.rmtree(f"{work}/cache", ignore_errors=True)
    return Run(tool, "publish", f"{data}/labels.waybill.jsonl", store, "--name", "set", "--quiet", "--stats")


generate()
boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"], aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
             aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1").create_bucket(Bucket="bench")
row("", "wall s", "processor s", "memory MB", "requests", "received", "sent")
publish(f"{work}/warm")
disk = publish(f"{work}/store")
row(f"publish {files} files to the disk", f"{disk.wall:.2f}", f"{disk.cpu:.2f}", f"{disk.megabytes:.0f}")
bucket = publish("s3://bench/store")
row(f"publish {files} files to the bucket", f"{bucket.wall:.2f}", f"{bucket.cpu:.2f}", f"{bucket.megabytes:.0f}", *bucket.traffic)
copied = Run(aws, "s3", "cp", "--recursive", "--only-show-errors", f"{work}/store", "s3://bench/copied")
row("aws s3 cp of the store on the disk", f"{copied.wall:.2f}", f"{copied.cpu:.2f}", f"{copied.megabytes:.0f}")
print(f"processor, bucket / disk: {bucket.cpu / disk.cpu:.2f} (goal 1.5); clock, bucket / (disk + aws s3 cp): "
      f"{bucket.wall / (disk.wall + copied.wall):.2f} (goal 1)")
for key in ("images/000000.jpg", f"images/{files // 2:06d}.jpg", f"images/{files * 3 // 4 + 1:06d}.jpg"):
    one = Run(tool, "cat", "s3://bench/store", "set@V001", key, "--sample", "--stats")
    row(f"cat --sample {key}", f"{one.wall:.3f}", f"{one.cpu:.3f}", f"{one.megabytes:.0f}", *one.traffic)
one = Run(tool, "cat", "s3://bench/store", "set@V001", f"images/{files // 3:06d}.jpg", "--stats")
row("cat of a picture", f"{one.wall:.3f}", f"{one.cpu:.3f}", f"{one.megabytes:.0f}", *one.traffic)
out = Run(tool, "checkout", "s3://bench/store", "set@V001", f"{work}/out", "--quiet", "--stats")
row("checkout", f"{out.wall:.2f}", f"{out.cpu:.2f}", f"{out.megabytes:.0f}", *out.traffic)
source = random.Random(2)
for number in range(0, files, 100):
    with open(f"{data}/images/{number:06d}.jpg", "wb") as file:
        file.write(source.randbytes(bytes_each))
again = publish("s3://bench/store")
row("publish with 1 % changed", f"{again.wall:.2f}", f"{again.cpu:.2f}", f"{again.megabytes:.0f}", *again.traffic)
print(f"changed: {files // 100 * bytes_each / 1e6:.1f} MB of media, and the labels")
