"""Runs the same conversions by Waybill and by other tools, one after the other, and prints what they took and what came out.

Called by Benchmarks/peers. A tool that is not installed is left out with a message; one that fails is shown as failed.
"""

import argparse
import json
import multiprocessing
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path

import measure

COLUMNS = ("work", "tool", "CPU s", "user s", "MB/CPU-s", "max RSS MB", "images", "boxes", "segmentations", "crowds")
WIDTHS = (26, 9, 8, 8, 9, 10, 8, 8, 13, 7)
BIN = Path(sys.executable).parent

# globox makes no folders for YOLO.
GLOBOX = 'for last; do :; done; case "$last" in *.json) ;; *) mkdir -p "$last" ;; esac; exec "$0" "$@"'

MANIFEST = """
import sys, orjson
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
    for line in source:
        target.write(orjson.dumps(orjson.loads(line)) + b"\\n")
"""

DATUMARO = """
import sys
from datumaro.components.dataset import Dataset
Dataset.import_from(sys.argv[1], "coco_instances").export(sys.argv[2], sys.argv[3], save_media=False)
"""


def line(cells):
    return "  ".join(str(cell).ljust(width) if at < 2 else str(cell).rjust(width) for at, (cell, width) in enumerate(zip(cells, WIDTHS))).rstrip()


def read_json(path):
    data = Path(path).read_bytes()
    if find_spec("orjson"):
        import orjson

        return orjson.loads(data)
    return json.loads(data)


def read_names(path):
    return [category["name"] for category in read_json(path)["categories"]]


def files(path, ending):
    return [Path(folder) / name for folder, _, names in os.walk(path) for name in names if name.endswith(ending)]


def count_coco(path):
    """Images, boxes, segmentations that hold something, and crowd marks; in a file or in all files of a folder."""
    totals = [0, 0, 0, 0]
    for one in files(path, ".json") if os.path.isdir(path) else [path]:
        document = read_json(one)
        annotations = document["annotations"]
        counts = (
            len(document["images"]), sum(bool(a.get("bbox")) for a in annotations), sum(bool(a.get("segmentation")) for a in annotations),
            sum(a.get("iscrowd") == 1 for a in annotations),
        )
        totals = [total + count for total, count in zip(totals, counts)]
    return totals


def count_voc(path):
    texts = [one.read_text() for one in files(path, ".xml")]
    return len(texts), sum(text.count("<bndbox>") for text in texts), "", ""


def count_yolo(path):
    texts = [one.read_text() for one in files(path, ".txt") if one.name not in ("train.txt", "unsplit.txt")]
    rows = sum(len(re.findall(r"(?m)^\d+(?: [-+.\de]+){4}$", text)) for text in texts)
    return len(texts), rows, "", ""


def count_lines(path):
    with open(path, "rb") as lines:
        return sum(1 for _ in lines), "", "", ""


def counted(count, path):
    """Counts in a process that ends, for what a measured process starts with counts as its own memory."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(count, (path,))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tool", required=True)
    parser.add_argument("--work", required=True)
    for name in ("images", "many", "lines", "files"):
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    coco, many = (f"{chosen.work}/coco-{amount}.json" for amount in (chosen.images, chosen.many))
    manifest, voc = f"{chosen.work}/modelarts-{chosen.lines}.manifest", f"{chosen.work}/voc-{chosen.files}"

    def ours(to, *options):
        return "waybill", [chosen.tool, "convert", "INPUT", "OUTPUT", "--to", to, "--jobs", "1", *options]

    def panlabel(source, to):
        return "panlabel", [f"{BIN}/panlabel", "convert", "-f", source, "-t", to, "-i", "INPUT", "-o", "OUTPUT", "--allow-lossy"]

    def globox(source, to, *options):
        return "globox", ["sh", "-c", GLOBOX, f"{BIN}/globox", "--quiet", "convert", "-f", source, "-F", to, *options, "INPUT", "OUTPUT"]

    def datumaro(to):
        return "datumaro", [sys.executable, "-c", DATUMARO, str(folder), "OUTPUT", to]

    boxes = ("--approximate", "polygon=box,mask=box", "--allow-loss")
    names = Path(f"{chosen.work}/out/names.txt")
    names.write_text("".join(name + "\n" for name in counted(read_names, coco)))
    # datumaro reads a folder with names like COCO's, and wants one for the pictures.
    folder = Path(f"{chosen.work}/out/datumaro")
    measure.remove(str(folder))
    (folder / "annotations").mkdir(parents=True)
    (folder / "images" / "train").mkdir(parents=True)
    os.link(coco, folder / "annotations" / "instances_train.json")
    # globox reads a folder of files without folders in it.
    works = [
        ("COCO -> COCO", coco, count_coco, [ours("coco"), panlabel("coco", "coco"), globox("coco", "coco"), datumaro("coco_instances")]),
        ("COCO -> YOLO", coco, count_yolo, [
            ours("yolo:task=detect", *boxes), panlabel("coco", "yolo"), globox("coco", "yolov5", "--mapping_out", str(names)), datumaro("yolo"),
        ]),
        ("COCO -> Pascal VOC", coco, count_voc, [
            ours("pascal-voc:masks=leave", *boxes), panlabel("coco", "voc"), globox("coco", "pascalvoc"), datumaro("voc_detection"),
        ]),
        ("Pascal VOC -> COCO", voc, count_coco, [
            ours("coco"), panlabel("voc", "coco"), ("globox", [a.replace("INPUT", voc + "/Annotations") for a in globox("pascalvoc", "coco", "-A")[1]]),
        ]),
        ("ModelArts -> ModelArts", manifest, count_lines, [
            ours("modelarts"), ("orjson", [sys.executable, "-c", MANIFEST, "INPUT", "OUTPUT"]),
        ]),
    ]
    if many != coco:
        works.insert(1, (f"COCO {chosen.many} -> COCO", many, count_coco, [ours("coco"), panlabel("coco", "coco")]))

    missing = {tool for tool in ("panlabel", "globox", "datumaro", "orjson") if not ((BIN / tool).exists() or find_spec(tool))}
    for tool in sorted(missing):
        print(f"peers: left out, not installed: {tool}", file=sys.stderr)
    print(line(COLUMNS), flush=True)
    failed = False
    for name, source, count, tools in (work for work in works if chosen.only in work[0]):
        megabytes = measure.size(source) / 1e6
        # The ending says whether it is a file or a folder.
        target = f"{chosen.work}/out/peer" + {count_coco: ".json", count_lines: ".manifest"}.get(count, "")
        if count is not count_lines:
            read = counted(count_voc if os.path.isdir(source) else count_coco, source)
            print(line((f"{name}, {megabytes:.0f} MB", "(input)", "", "", "", "", *read)), flush=True)
        for tool, command in tools:
            if tool in missing:
                continue
            try:
                done = measure.convert(command, source, target)
                figures = (f"{done.cpu:.2f}", f"{done.user:.2f}", f"{megabytes / done.cpu:.0f}", f"{done.resident * 1024 / 1e6:.0f}")
                print(line(("" if count is not count_lines else name, tool, *figures, *counted(count, target))), flush=True)
            except (measure.Failure, OSError) as failure:
                failed |= tool == "waybill"
                print(line(("", tool, "FAILED")), flush=True)
                print(str(failure)[-300:], file=sys.stderr)
            measure.remove(target)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
