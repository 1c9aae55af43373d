#!/usr/bin/env python3
"""Converts datasets with the tool, and lets the tools that people have read the results.

    Scripts/peers [--seed N] [--only TEXT]

Every comparison is then run again on output in which one value was changed, and must notice.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import checks
import datasets

ROOT = Path(__file__).resolve().parents[2]


class Tool:
    def __init__(self, path):
        self.path = str(path)
        self.formats = {entry["id"]: entry for entry in json.loads(self.run("formats", "--json"))}

    def run(self, *arguments):
        done = subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"waybill {' '.join(map(str, arguments))}\nexited with {done.returncode}\n{done.stderr}")
        return done.stdout

    def lacks(self, target):
        """What of a target `id:option=value` the tool does not know; None when it knows all. After `?` stands what it lacks."""
        if target.startswith("?"):
            return target[1:]
        id, _, options = target.partition(":")
        if id not in self.formats:
            return f"the format {id}"
        known = {option["name"]: option["choices"] for option in self.formats[id]["writeOptions"]}
        for option in filter(None, options.split(",")):
            name, _, value = option.partition("=")
            if name not in known or known[name] and value not in known[name]:
                return f"{id}:{option}"
        return None


def cases(tool):
    """Name, target, output name, more arguments, check, what its sources hold, and which files to break."""
    boxes = ["--approximate", "polygon=box,mask=box", "--allow-loss"]
    media = ["--media", "copy"]
    writes_masks = "mask" in tool.formats["pascal-voc"]["writes"]
    return [
        ("COCO for pycocotools", "coco", "out.json", [], checks.coco_with_pycocotools, "all", "*.json"),
        ("VOC for supervision", "pascal-voc", "voc", boxes + media, checks.voc_with_supervision, "boxes", "*.xml"),
        ("VOC for datumaro", "pascal-voc", "voc", boxes + media, checks.voc_with_datumaro, "splits", "*.xml"),
        ("YOLO for supervision", "yolo:task=detect", "yolo", boxes + media, checks.yolo_with_supervision, "boxes", "*.txt"),
        ("YOLO's rows", "yolo:task=detect", "yolo", boxes, checks.yolo_rows, "boxes", "*.txt"),
        (
            "YOLO's outlines", "yolo:task=segment", "yolo", ["--allow-loss", "--approximate", "box=polygon"], checks.yolo_outlines, "splits",
            "*.txt",
        ),
        (
            "darknet for supervision", "yolo:layout=darknet,task=detect", "darknet", boxes + media,
            lambda source, output: checks.yolo_with_supervision(source, output, "darknet"), "boxes", "*.txt",
        ),
        (
            "VOC masks for Pillow", "pascal-voc" if writes_masks else "?masks in pascal-voc", "voc", media,
            checks.masks_of_voc, "masks", "SegmentationObject/*.png",
        ),
        ("panoptic for Pillow", "coco:kind=panoptic", "panoptic", [], checks.masks_of_panoptic, "masks", "*.png"),
    ]


def change_one_value(output, pattern, rng):
    """Changes one number, or one pixel, of one file, by more than any tolerance."""
    files = [output] if output.is_file() else sorted(p for p in output.rglob("*") if p.is_file() and p.match(pattern))
    rng.shuffle(files)
    for path in files:
        if path.suffix == ".png":
            with Image.open(path) as picture:
                mode, palette, pixels = picture.mode, picture.getpalette(), np.array(picture)
            places = np.argwhere(pixels.reshape(pixels.shape[0], pixels.shape[1], -1).any(-1))
            if not len(places):
                continue
            pixels[tuple(places[rng.randrange(len(places))])] = 0
            changed = Image.fromarray(pixels, mode)
            if palette:
                changed.putpalette(palette)
            changed.save(path)
            return f"a pixel of {path.name}"
        text = path.read_text(encoding="utf-8")
        expression = {
            ".json": r'"bbox":\[()([0-9.]+)', ".xml": r"<(x|y)min>([0-9.]+)", ".txt": r"(?m)^(\d+) ([0-9.]+)(?: [0-9.e-]+){3,}$",
        }[path.suffix]
        found = list(re.finditer(expression, text))
        if not found:
            continue
        match = rng.choice(found)
        value = str(round(float(match[2]) + (0.25 if path.suffix == ".txt" else 3), 6))
        path.write_text(text[: match.start(2)] + value + text[match.end(2) :], encoding="utf-8")
        return f"{match[2]} in {path.name}"
    return None


def fits(source, holds):
    masks = source.name.startswith("masks")
    return {"all": True, "boxes": not masks, "splits": not masks and source.name != "demo", "masks": masks}[holds]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=20_260)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path, help="where to keep what was written")
    arguments = parser.parse_args()
    tool = Tool(arguments.tool.resolve())
    failures, compared, skipped = [], 0, {}
    with tempfile.TemporaryDirectory(prefix="waybill-peers-") as temporary:
        work = arguments.keep or Path(temporary)
        sources = [datasets.demo(ROOT)]
        for step in range(4):
            sources.append(datasets.random_source(work / f"random{step}", arguments.seed + step))
        for step in range(2):
            sources.append(datasets.random_source(work / f"masks{step}", arguments.seed + step, masks=True))
        for number, (name, target, output_name, options, check, holds, pattern) in enumerate(cases(tool)):
            if arguments.only not in name:
                continue
            lacking = tool.lacks(target)
            if lacking:
                skipped[name] = lacking
                continue
            for source in sources:
                if not fits(source, holds):
                    continue
                where = f"{name}, {source.name}"
                # A folder for a source of several files, so that none of its splits is lost.
                if output_name.endswith(".json") and source.input.is_dir():
                    output = work / f"{number}-{source.input.name}"
                else:
                    output = work / f"{number}-{source.input.name}-{output_name}"
                tool.run("convert", source.input, output, "--to", target, *options)
                compared += 1
                try:
                    check(source, output)
                except checks.Mismatch as mismatch:
                    failures.append(f"{where}: {mismatch}")
                    continue
                except Exception as error:  # a reader that gives up is a failure like any other
                    failures.append(f"{where}: {type(error).__name__}: {error}")
                    continue
                broken = output.with_name(f"broken-{output.name}")
                shutil.copytree(output, broken) if output.is_dir() else shutil.copy(output, broken)
                what = change_one_value(broken, pattern, random.Random(arguments.seed + compared))
                if what is None:
                    failures.append(f"{where}: there is nothing to break")
                    continue
                try:
                    check(source, broken)
                    failures.append(f"{where}: {what} was changed, and nobody noticed")
                except Exception:  # also a reader that gives up has noticed
                    pass
                print(f"ok: {where}")
    for name, lacking in skipped.items():
        print(f"skipped: {name}: the tool does not have {lacking}")
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    print(f"{compared} comparisons, {len(failures)} failed (seed {arguments.seed})")
    if failures or not compared:
        sys.exit(1)


if __name__ == "__main__":
    main()
