#!/usr/bin/env python3
"""Writes folders of media and lists of tokens with the tool, lets Hugging Face's `datasets` open them, and compares every value with the native manifest.

    python -P folders.py --tool WAYBILL [--only TEXT]

Without -P a file beside this one would stand in for the package. Every comparison is then run again on output in which one letter
or digit of a file or of a folder's name was changed, until it notices. Sound is found by the same code of the package, which opens it with
PyTorch alone.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import tempfile
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "Fixtures"
ATTEMPTS = 40
SPLITS = {None: "train"}

home = tempfile.mkdtemp(prefix="waybill-hf-")
os.environ.update(HF_HOME=home, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

import datasets  # noqa: E402

datasets.disable_progress_bars()
datasets.logging.set_verbosity_error()


def pictures(folder):
    """A folder of pictures with classes in two splits, of different bytes, so that none stands in for another."""
    from PIL import Image

    numbers = random.Random(5)
    for split, name, count in [("train", "cat", 3), ("train", "dog, big", 2), ("test", "cat", 1), ("test", "dog, big", 2)]:
        place = folder / split / name
        place.mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (4 + number, 3), tuple(numbers.randrange(256) for _ in range(3))).save(place / f"{split}{number}.png")
    return folder


def labeled(folder):
    """Rows of metadata with classes, captions, boxes and values of many types."""
    from PIL import Image

    numbers = random.Random(6)
    for split in ("train", "validation"):
        rows = []
        for number in range(4):
            name = f"d{number % 2}/{number}.png"
            (folder / split / name).parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (30, 20), numbers.randrange(256)).save(folder / split / name)
            boxes = [[numbers.randrange(9), numbers.randrange(9) + 0.5, 5, 6.25] for _ in range(number % 3)]
            rows.append(
                {
                    "file_name": name,
                    "label": numbers.choice(["cat", "dog"]),
                    "text": f"a \"caption\" {number}, é",
                    "objects": {"bbox": boxes, "categories": [numbers.choice(["ear", "eye"]) for _ in boxes]},
                    "weather": numbers.choice(["rain", "sun"]),
                    "rank": number,
                    "score": number / 4,
                    "ok": number % 2 == 0,
                    "tags": ["x", f"t{number}"],
                }
            )
        (folder / split / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def opened(output, kind, **options):
    """Rows of every split as the package reads them, the media as digests of their bytes."""
    cache = tempfile.mkdtemp(dir=home)
    try:
        loaded = datasets.load_dataset(f"{kind}folder", data_dir=str(output), cache_dir=cache, **options)
        found = {}
        for split, rows in loaded.items():
            names = rows.features["label"].names if isinstance(rows.features.get("label"), datasets.ClassLabel) else None
            found[split] = []
            for row in rows.cast_column(kind, datasets.Image(decode=False)):
                row = dict(row)
                if names:
                    row["label"] = names[row["label"]]
                place = Path(row.pop(kind)["path"])
                row["name"] = place.name
                row["bytes"] = hashlib.sha256(place.read_bytes()).hexdigest()
                found[split].append({key: value for key, value in row.items() if value not in (None, [], {})})
        return found
    finally:
        shutil.rmtree(cache, ignore_errors=True)


def expected(manifest, source, columns):
    """The same rows, from the native manifest alone."""
    found = {}
    for line in Path(manifest).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "key" not in record:
            continue
        media = record["image"]
        row = {"name": Path(media["path"]).name, "bytes": hashlib.sha256((source / media["path"]).read_bytes()).hexdigest()}
        objects = {"bbox": [], "categories": []}
        for annotation in record.get("annotations", []):
            if "box_xywh" in annotation:
                objects["bbox"].append([float(v) for v in annotation["box_xywh"]])
                objects["categories"].append(annotation["label"])
            elif "label" in annotation:
                row["label"] = annotation["label"]
            else:
                row["text"] = annotation["text"]
        if objects["bbox"]:
            row["objects"] = objects
        row.update(record.get("attributes", {}))
        found.setdefault(SPLITS.get(record.get("split"), record.get("split")), []).append(
            {key: value for key, value in row.items() if columns is None or key in columns or key in ("name", "bytes")}
        )
    return found


def compare(output, manifest, source, kind, columns, options):
    if kind == "tokens":
        return compare_lists(output, manifest)
    found, wanted = opened(output, kind, **options), expected(manifest, source, columns)
    if columns:
        # Of a table, the columns that are texts: a cell does not tell a number from its digits.
        found = {s: [{k: v for k, v in row.items() if k in (*columns, "name", "bytes")} for row in rows] for s, rows in found.items()}
    if found.keys() != wanted.keys():
        return f"splits {sorted(found)}, and not {sorted(wanted)}"
    for split in wanted:
        order = lambda row: (row["name"], row["bytes"])  # noqa: E731
        for a, b in zip(sorted(found[split], key=order), sorted(wanted[split], key=order)):
            if json.dumps(a, sort_keys=True) != json.dumps(b, sort_keys=True):
                return f"{split}: {a}, and not {b}"
        if len(found[split]) != len(wanted[split]):
            return f"{split}: {len(found[split])} rows, and not {len(wanted[split])}"
    return None


def lists(folder):
    """A column file in a folder of its own."""
    folder.mkdir(parents=True)
    shutil.copy(FIXTURES / "conll" / "conll2003" / "input.conll", folder / "input.conll")
    return folder


def compare_lists(output, manifest):
    """The tokens and their columns, as the loader of JSON types them, and a tag for each token that begins or goes on where an entity does."""
    cache = tempfile.mkdtemp(dir=home)
    try:
        rows = list(datasets.Dataset.from_json(str(output / "dataset.jsonl"), cache_dir=cache))
    finally:
        shutil.rmtree(cache, ignore_errors=True)
    samples = [record for record in map(json.loads, Path(manifest).read_text(encoding="utf-8").splitlines()) if "key" in record]
    if len(rows) != len(samples):
        return f"{len(rows)} rows, and not {len(samples)}"
    for row, sample in zip(rows, samples):
        tokens = sample["tokens"]
        wanted = {"tokens": [cells[0] for cells in tokens["rows"]], "ner_tags": ["O"] * len(tokens["rows"]), "meta": sample.get("attributes")}
        wanted |= {name: [cells[number] for cells in tokens["rows"]] for number, name in enumerate(tokens["columns"], 1)}
        starts, at = [], 0
        for word in wanted["tokens"]:
            starts.append(at)
            at += len(word) + 1
        for mark in sample.get("annotations", []):
            inside = [i for i, start in enumerate(starts) if mark["span"]["start"] <= start < mark["span"]["end"]]
            for i in inside:
                wanted["ner_tags"][i] = ("B-" if i == inside[0] else "I-") + mark["label"]
        found = {key: value for key, value in row.items() if key != "id"}
        if found != wanted or str(row["id"]) != sample["key"]:
            return f"{sample['key']}: {row}, and not {wanted}"
    return None


def change(output, numbers):
    """Changes one letter or digit of a file, or of the name of a class folder; False when there was none to change."""
    files = sorted(path for path in output.rglob("*") if path.is_file())
    folders = sorted({path.parent for path in files if path.parent.name in ("cat",)})
    if folders and numbers.random() < 0.5:
        folder = numbers.choice(folders)
        folder.rename(folder.with_name("r" + folder.name[1:]))
        return True
    place = numbers.choice([path for path in files if path.name.startswith("metadata")] or files)
    data = bytearray(place.read_bytes())
    if place.name.endswith(".csv"):
        first = data.index(b"\n")
    else:
        first = 0
    places = [i for i, byte in enumerate(data) if i >= first and (chr(byte).isalnum() and byte < 128)]
    if not places:
        return False
    at = numbers.choice(places)
    data[at] = ord("7") if data[at] != ord("7") else ord("8")
    place.write_bytes(data)
    return True


CASES = [
    # Title, maker of the source, target, kind, columns of the target (None for all), options of the reader
    ("class folders of pictures", pictures, "media-folder:layout=class-folders", "image", None, {}),
    ("metadata of pictures", labeled, "media-folder", "image", None, {}),
    ("metadata from class folders", pictures, "media-folder:layout=metadata", "image", None, {}),
    ("metadata as a table", labeled, "media-folder:metadata=csv", "image", ("label", "text", "weather"), {}),
    ("lists of tokens", lists, "jsonl-text:dialect=huggingface", "tokens", None, {}),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="waybill-folders-"))
    failures = 0
    try:
        for number, (title, make, target, kind, columns, options) in enumerate(CASES):
            if arguments.only not in title:
                continue
            place = work / str(number)
            source = make(place / "source")
            output, manifest = place / "out", place / "native.jsonl"
            for name, to, media in [(output, target, "copy"), (manifest, "waybill", "none")]:
                command = [arguments.tool, "convert", source, name, "--to", to, "--media", media, "--allow-loss", "--quiet"]
                subprocess.run([str(part) for part in command], check=True)
            problem = compare(output, manifest, source, kind, columns, options)
            notices = False
            numbers = random.Random(7)
            for attempt in range(0 if problem else ATTEMPTS):
                changed = place / f"changed{attempt}"
                shutil.copytree(output, changed)
                if not change(changed, numbers):
                    continue
                try:
                    notices = compare(changed, manifest, source, kind, columns, options) is not None
                except Exception:  # What the package will not open is noticed as well.
                    notices = True
                if notices:
                    break
            if problem or not notices:
                failures += 1
            print(f"{'ok' if not problem and notices else 'NOT OK'}  {title}" + (f": {problem}" if problem else "" if notices else ": a changed byte is not noticed"))
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
    if failures:
        raise SystemExit(f"{failures} of the comparisons failed")


main()
