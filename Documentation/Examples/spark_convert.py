#!/usr/bin/env python3
"""Converts a large dataset in shards on Apache Spark and publishes the parts as one version: the bytes `waybill publish` makes of it alone.

    spark_convert.py INPUT STORE --name DATASET --shards N --work FOLDER [options] [-- options of waybill publish]

INPUT and FOLDER must have the same path on the driver and on all workers. The exit code is that of `waybill`. ../BatchEngines.md tells more.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pyspark import SparkConf, SparkContext, SparkFiles, TaskContext

# Of these exit codes the same comes out again, however often it is tried: wrong usage, invalid input, refused.
FINAL = (2, 3, 4)
# The last of so many shards is empty: nothing but the head of the dataset is written.
LAST = 2**63 - 1


@dataclass(frozen=True)
class Plan:
    """What every task knows."""

    source: str
    folder: Path
    shards: int
    tool: str
    ships_tool: bool
    reading: tuple[str, ...]

    def run(self, command: str, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """Runs the tool on the input, on one core: the engine says how many tasks a machine works on."""
        tool = SparkFiles.get(os.path.basename(self.tool)) if self.ships_tool else self.tool
        return subprocess.run(
            [tool, command, self.source, str(output), "--to", "waybill", "--jobs", "1", "--quiet", *self.reading, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
            preexec_fn=end_with_parent)

    def place(self, number: int) -> Path:
        """Where a part comes to lie: parts are read in the order of their names. Part 0 has the list of labels."""
        return self.folder / "parts" / f"part-{number:06d}.waybill.jsonl"


@dataclass(frozen=True)
class Outcome:
    """What became of a shard; its code is None when it was not begun, for another had failed."""

    shard: int
    code: int | None
    message: str = ""
    account: dict | None = None


def end_with_parent() -> None:
    """Spark kills the Python worker of an attempt that it gives up; the tool must not go on alone. The call is Linux's."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def work(plan: Plan, number: int) -> Outcome:
    """One task. It may run several times, also at once: each attempt writes in a folder of its own and gives its part a name in one step."""
    failed = plan.folder / "failed"
    # The shard that failed is tried once more where Spark lost its result.
    if failed.exists() and failed.read_text() != str(number):
        return Outcome(number, None)
    own = plan.folder / "attempts" / f"{number:06d}-{TaskContext.get().taskAttemptId()}"
    own.mkdir()
    part, report = own / "part.waybill.jsonl", own / "report.json"
    if number == 0:
        done = write_labels(plan, part)
    else:
        done = plan.run("convert", part, "--shard", f"{number}/{plan.shards}", "--report", str(report))
    if done.returncode in FINAL:
        # Raising would make Spark try again; a result ends the job.
        failed.write_text(str(number))
        return Outcome(number, done.returncode, done.stderr)
    if done.returncode != 0:
        raise RuntimeError(f"waybill ended with {done.returncode} in shard {number}: {done.stderr}")
    account = json.loads(report.read_bytes()) if number > 0 else None
    # Another attempt has made the same bytes; what is there may be in use.
    if (number > 0 or part.exists()) and not plan.place(number).exists():
        part.rename(plan.place(number))
    shutil.rmtree(own)
    return Outcome(number, 0, done.stderr, account)


def write_labels(plan: Plan, part: Path) -> subprocess.CompletedProcess[str]:
    """Writes the list of labels as part 0, where the parts do not bring it.

    A format that names its labels up front heads each part with all of them. Of others a part has the labels its samples use, and those
    that only an unreadable record or a relation names would be missing, or come in another order, without a look at the whole.
    """
    head = part.with_name("head.waybill.jsonl")
    done = plan.run("convert", head, "--shard", f"{LAST}/{LAST}")
    if done.returncode == 0:
        header = json.loads(first_line(head))
        if "labels" in header and header.get("labels_complete", True) and "--skip-invalid" not in plan.reading:
            return done
        done = plan.run("sample", head, "--count", "1", "--stratify", "--overwrite")
    if done.returncode == 0:
        part.write_bytes(first_line(head))
    return done


def first_line(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.readline()


def look(path: str) -> tuple[int, ...] | None:
    """What changes when a file is written; None for a folder or a version."""
    if not os.path.isfile(path):
        return None
    status = os.stat(path)
    return (status.st_size, status.st_mtime_ns, status.st_ino)


def arguments() -> tuple[argparse.Namespace, list[str]]:
    own, publishing = sys.argv[1:], []
    if "--" in own:
        own, publishing = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = argparse.ArgumentParser(prog="spark_convert.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", help="the dataset: a file, a folder, an archive, or a version STORE#DATASET@VERSION")
    parser.add_argument("store", help="a folder or s3://BUCKET/PREFIX; only the driver writes to it")
    parser.add_argument("--name", required=True, metavar="DATASET")
    parser.add_argument("--shards", type=int, required=True, metavar="N")
    parser.add_argument("--work", type=Path, required=True, metavar="FOLDER", help="a new folder that the driver and all workers share")
    parser.add_argument("--master", help="Spark's master, where spark-submit does not say it")
    parser.add_argument("--tool", default="waybill", metavar="PATH", help="the tool on every machine (default: waybill, found by PATH)")
    parser.add_argument("--ship-tool", action="store_true", help="send the driver's tool to the workers")
    parser.add_argument("--from", dest="source_format", metavar="ID")
    parser.add_argument("--media-root", metavar="DIR", help="the folder of the media (default: that of the input)")
    parser.add_argument("--map-url", action="append", default=[], metavar="FROM=TO")
    parser.add_argument("--skip-invalid", action="store_true")
    parser.add_argument("--keep", action="store_true", help="leave the parts in FOLDER")
    given = parser.parse_args(own)
    if given.shards < 1:
        parser.error("--shards is 1 or more")
    if "#" not in given.input:
        # Workers have another working folder.
        given.input = os.path.abspath(given.input)
    if given.media_root is None and "#" not in given.input:
        is_place = os.path.isdir(given.input) or given.input.endswith(".zip")
        given.media_root = given.input if is_place else os.path.dirname(given.input)
    return given, publishing


def convert(given: argparse.Namespace, plan: Plan) -> list[Outcome]:
    configuration = SparkConf().setAppName(f"waybill {given.name}")
    if given.master:
        configuration.setMaster(given.master)
    context = SparkContext(conf=configuration)
    try:
        if plan.ships_tool:
            context.addFile(plan.tool)
        # The labels first: where they need a look at the whole, theirs is the longest task.
        numbers = context.parallelize(range(plan.shards + 1), plan.shards + 1)
        return numbers.map(lambda number: work(plan, number)).collect()
    finally:
        # Publishing needs no workers, and no late attempt may meddle with the parts.
        context.stop()


def run(given: argparse.Namespace, publishing: list[str]) -> int:
    reading = ["--media-root", given.media_root] if given.media_root else []
    reading += [word for pair in given.map_url for word in ("--map-url", pair)]
    places = list(reading)
    if given.source_format:
        reading += ["--from", given.source_format]
    if given.skip_invalid:
        reading.append("--skip-invalid")
    plan = Plan(given.input, given.work.absolute(), given.shards, given.tool, given.ship_tool, tuple(reading))

    (begun, before) = (time.monotonic(), look(given.input))
    outcomes = convert(given, plan)
    # What the tool says of the input as a whole, it says in every shard.
    for line in dict.fromkeys(line for outcome in outcomes for line in outcome.message.splitlines()):
        print(line, file=sys.stderr)
    codes = [outcome.code for outcome in outcomes if outcome.code]
    if codes:
        print(f"spark_convert.py: {len(codes)} of {len(outcomes)} tasks failed; nothing was published", file=sys.stderr)
        return codes[0]
    if look(given.input) != before or not all(plan.place(number).exists() for number in range(1, plan.shards + 1)):
        print("spark_convert.py: the input changed meanwhile, or a part is missing; nothing was published", file=sys.stderr)
        return 1
    written = [outcome.account["written"] for outcome in outcomes if outcome.account]
    samples, annotations = (sum(part[name] for part in written) for name in ("samples", "annotations"))
    print(f"{samples} samples and {annotations} annotations in {plan.shards} parts after {time.monotonic() - begun:.1f} s", flush=True)
    return subprocess.run(
        [plan.tool, "publish", str(plan.folder / "parts"), given.store, "--name", given.name, "--if-changed", *places, *publishing]).returncode


def main() -> int:
    given, publishing = arguments()
    try:
        given.work.mkdir(parents=True)
    except FileExistsError:
        print(f"spark_convert.py: {given.work} exists; parts of another run must not be among these", file=sys.stderr)
        return 4
    try:
        for name in ("parts", "attempts"):
            (given.work / name).mkdir()
        return run(given, publishing)
    finally:
        if not given.keep:
            shutil.rmtree(given.work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
