#!/usr/bin/env python3
"""Converts texts, sound and video with the tool, lets the tools that people have read the results, and compares them with the native manifest.

    sequences.py --tool WAYBILL [--only TEXT]

Every comparison is then run again on output in which one digit or letter was changed, until it notices.
"""

import argparse
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

import conll_checks
import segments_checks
import subtitle_checks
import text_checks
import tracking_checks

FIXTURES = Path(__file__).resolve().parents[2] / "Fixtures"
ATTEMPTS = 60


def fixture(path):
    """The input of a fixture, given by its folder or by itself."""
    path = FIXTURES / path
    return path if path.name.startswith("input") else next(iter(sorted(path.glob("input*"))))


def cases():
    """Title, source (or its maker), target, name of the output, and a check of manifest and output."""
    for source, target, check in conll_checks.CASES:
        ending = "conllu" if target.startswith("conllu") else "conll"
        yield f"{target} from {source}", source, target, f"out.{ending}", lambda manifest, output, check=check: check(str(output), str(manifest))
    for title, source, target, name, check in segments_checks.CASES + text_checks.CASES:
        yield title, source.removeprefix("Fixtures/"), target, name, check
    sources = {"points": "textgrid/long", "intervals": "rttm/plain"}
    for title, target, _, check, source, _ in subtitle_checks.CASES:
        yield title, sources[source], target, "out", check
    for title, source, target, check in tracking_checks.CASES:
        yield title, source, target, "out", lambda manifest, output, check=check: check(tracking_checks.read(manifest), output)


def notices(check, manifest, output, work):
    """Whether the check fails on output with one changed byte, for one of many such changes."""
    numbers = random.Random(7)
    files = [p for p in ([output] if output.is_file() else sorted(output.rglob("*"))) if p.is_file() and p.suffix not in (".png", ".ini")]
    for _ in range(ATTEMPTS):
        changed = work / "changed"
        shutil.rmtree(changed, ignore_errors=True)
        changed.mkdir()
        copy = changed / output.name
        shutil.copytree(output, copy) if output.is_dir() else shutil.copy(output, copy)
        file = numbers.choice(files)
        place = copy / file.relative_to(output) if output.is_dir() else copy
        data = bytearray(place.read_bytes())
        places = [i for i, byte in enumerate(data) if chr(byte).isalnum() and byte < 128]
        if not places:
            continue
        at = numbers.choice(places)
        data[at] = ord("7") if data[at] != ord("7") else ord("3")
        place.write_bytes(data)
        try:
            check(manifest, copy)
        except Exception:
            return True
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    tool = str(Path(given.tool).resolve())
    failures, count = [], 0
    for title, source, target, name, check in cases():
        if given.only not in title:
            continue
        count += 1
        with tempfile.TemporaryDirectory() as work:
            work = Path(work)
            (work / "source").mkdir()
            path = fixture(source) if isinstance(source, str) else source(str(work / "source"), 7)
            manifest, output = work / "native.waybill.jsonl", work / name
            for place, to in [(manifest, "waybill"), (output, target)]:
                done = subprocess.run(
                    [tool, "convert", str(path), str(place), "--to", to, "--allow-loss", "--quiet"], capture_output=True, text=True)
                if done.returncode:
                    failures.append(f"{title}: {done.stderr}")
                    break
            else:
                try:
                    check(manifest, output)
                    if not notices(check, manifest, output, work):
                        failures.append(f"{title}: does not notice a changed byte")
                        continue
                    print(f"ok  {title}", flush=True)
                except Exception as error:  # noqa: BLE001: whatever a library makes of our output counts
                    failures.append(f"{title}: {type(error).__name__} {error}")
    for failure in failures:
        print(f"FAILED  {failure}", flush=True)
    if failures or not count:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
