"""MOTChallenge rows read by py-motmetrics, and Ground Truth manifests read by a strict reader, compared by value with the native manifest.

Needs motmetrics==1.4.0 (with its pandas and numpy) and Pillow==12.3.0.

    python tracking_checks.py WAYBILL
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path


class Mismatch(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Mismatch(message)


def native(tool, source, work, *options):
    """The samples of a dataset as the native manifest says them."""
    path = Path(work) / "native.jsonl"
    subprocess.run([tool, "convert", str(source), str(path), "--to", "waybill", "--overwrite", *options], check=True, capture_output=True)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def read(manifest):
    """The samples of a native manifest."""
    return [record for record in map(json.loads, Path(manifest).read_text(encoding="utf-8").splitlines()) if "waybill" not in record]


# MOTChallenge


def mot_with_motmetrics(samples, output):
    """motmetrics: every row's frame, track, box, confidence, class and visibility."""
    import motmetrics

    expected = {}
    for sample in samples:
        folder, _, _ = sample["key"].rpartition("/")
        sequence = folder[: -len("/img1")] if folder.endswith("/img1") else "" if folder == "img1" else folder
        for annotation in sample.get("annotations", []):
            expected.setdefault(sequence, []).append(
                (
                    sample["image"]["frame"]["number"], annotation.get("track", -1), *annotation["box_xywh"],
                    annotation.get("confidence", 1), annotation.get("attributes", {}).get("visibility", -1),
                )
            )
    for sequence, rows in expected.items():
        found = next(p for p in sorted(Path(output).rglob("gt.txt")) if str(p.parent).endswith(f"{Path(sequence).name}/gt" if sequence else "gt"))
        frame = motmetrics.io.loadtxt(str(found), fmt="mot16")
        read = [
            # motmetrics counts pixels from 1, and the frames as they are.
            (int(number), int(track), row.X + 1, row.Y + 1, row.Width, row.Height, row.Confidence, row.Visibility)
            for (number, track), row in zip(frame.index, frame.itertuples())
        ]
        expect(len(read) == len(rows), f"{sequence}: {len(read)} rows instead of {len(rows)}")
        for one, other in zip(sorted(read), sorted(rows)):
            expect(all(abs(a - b) < 1e-9 for a, b in zip(one, other)), f"{sequence}: {one} instead of {other}")
    return sum(map(len, expected.values()))


# Ground Truth

TASKS = {
    "image-classification", "text-classification", "video-classification", "label-verification", "image-classification-multilabel",
    "text-classification-multilabel", "object-detection", "semantic-segmentation", "text-span", "video-object-detection",
    "video-object-tracking",
}


def groundtruth_strictly(samples, output):
    """Every line by the rules of the documentation; boxes, classes, masks and entities by value."""
    found = {}
    manifest = next(Path(output).glob("*.manifest"))
    for number, line in enumerate(manifest.read_text(encoding="utf-8").splitlines(), 1):
        record = json.loads(line)
        expect(("source-ref" in record) != ("source" in record), f"line {number} has not one source")
        expect(len(line) <= 100_000 and not any(key.startswith("$") for key in record), f"line {number} breaks a limit")
        key = record.get("source-ref", record.get("id", str(number)))
        for name in [name for name in record if name + "-metadata" in record]:
            found.setdefault(key, []).extend(labels_of(name, record, output))
    compared = 0
    for sample in samples:
        expected = []
        for annotation in sample.get("annotations", []):
            place = "mask" if "mask" in annotation else None
            if "box_xywh" in annotation:
                place = tuple(annotation["box_xywh"])
            elif "span" in annotation:
                place = (annotation["span"]["start"], annotation["span"]["end"])
            expected.append((annotation["label"], place, annotation.get("confidence")))
        read = found.get(sample["key"], [])
        expect(sorted(map(plain, read)) == sorted(map(plain, expected)), f"{sample['key']}: {read} instead of {expected}")
        compared += len(expected)
    return compared


def plain(label):
    """A label as text, numbers by their value."""
    return repr([tuple(map(float, part)) if isinstance(part, tuple) else float(part) if isinstance(part, int) else part for part in label])


def labels_of(name, record, output):
    """The labels of one attribute: class, place and confidence."""
    from PIL import Image

    value, metadata = record[name], record[name + "-metadata"]
    expect("-metadata" not in name, f"the name {name}")
    expect(metadata["type"].startswith("groundtruth/") and metadata["type"][12:] in TASKS, f"the type {metadata['type']}")
    task = metadata["type"][12:]
    if task == "object-detection":
        expect(len(metadata["objects"]) == len(value["annotations"]), "objects and annotations differ in number")
        return [
            (metadata["class-map"][str(box["class_id"])], tuple(box[key] for key in ("left", "top", "width", "height")), facts.get("confidence"))
            for box, facts in zip(value["annotations"], metadata["objects"])
        ]
    if task.endswith("multilabel"):
        return [(metadata["class-map"][str(item)], None, metadata.get("confidence-map", {}).get(str(item))) for item in value]
    if task == "text-span":
        expect(len(metadata["entities"]) == len(value["annotations"]["entities"]), "entities differ in number")
        names = {item["label"] for item in value["annotations"]["labels"]}
        result = []
        for entity, facts in zip(value["annotations"]["entities"], metadata["entities"]):
            expect(entity["label"] in names and entity["endOffset"] <= len(record["source"]), f"the entity {entity}")
            result.append((entity["label"], (entity["startOffset"], entity["endOffset"]), facts.get("confidence")))
        return result
    if task == "semantic-segmentation":
        expect(name.endswith("-ref"), f"the name {name}")
        path = next(p for p in Path(output).rglob("*.png") if value.endswith(str(p.relative_to(output))))
        colors = {"#%02x%02x%02x" % color for _, color in Image.open(path).convert("RGB").getcolors(1 << 24)}
        classes = [item for item in metadata["internal-color-map"].values() if item["class-name"] != "BACKGROUND"]
        expect(colors <= {item["hex-color"] for item in metadata["internal-color-map"].values()}, f"{path.name} has other colours")
        return [(item["class-name"], "mask", item.get("confidence")) for item in classes if item["hex-color"] in colors]
    return [(metadata["class-name"], None, metadata.get("confidence"))]


def random_rows(folder, seed):
    """A sequence with tracks one after the other, as the benchmark has them."""
    numbers = random.Random(seed)
    rows = []
    for track in range(1, 20):
        start = numbers.randrange(1, 50)
        for frame in range(start, start + numbers.randrange(1, 40)):
            box = [round(numbers.uniform(-20, 1900), numbers.randrange(4)) for _ in range(4)]
            score = numbers.choice([0, 1])
            rows.append([frame, track, *box, score, numbers.randrange(1, 14), round(numbers.random(), 5)])
    path = Path(folder) / "RANDOM-01" / "gt" / "gt.txt"
    path.parent.mkdir(parents=True)
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path.parents[2]


def random_manifest(folder, seed):
    """Boxes in the native manifest."""
    numbers = random.Random(seed)
    lines = ['{"waybill":1}']
    for image in range(30):
        boxes = [
            {"label": numbers.choice("abc"), "box_xywh": [round(numbers.uniform(0, 500), 2) for _ in range(4)], "confidence": round(numbers.random(), 3)}
            for _ in range(numbers.randrange(1, 9))
        ]
        lines.append(json.dumps({"key": f"{image}.jpg", "image": {"path": f"{image}.jpg", "width": 640, "height": 480}, "annotations": boxes}))
    path = Path(folder) / "boxes.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# Name, fixture or maker of a source, target, check.
CASES = [
    ("MOT with a list of classes for motmetrics", "mot/labels/input", "mot", mot_with_motmetrics),
    ("MOT of random tracks for motmetrics", random_rows, "mot", mot_with_motmetrics),
    ("Ground Truth's classes", "groundtruth/classification/input.manifest", "groundtruth", groundtruth_strictly),
    ("Ground Truth's lists of classes", "groundtruth/multilabel/input.manifest", "groundtruth", groundtruth_strictly),
    ("Ground Truth's entities", "groundtruth/entities/input.manifest", "groundtruth", groundtruth_strictly),
    ("Ground Truth's masks", "groundtruth/mask/input", "groundtruth", groundtruth_strictly),
    ("Ground Truth's boxes", random_manifest, "groundtruth", groundtruth_strictly),
]


def main():
    tool = str(Path(sys.argv[1]).resolve())
    fixtures = Path(__file__).resolve().parents[2] / "Fixtures"
    for name, origin, target, check in CASES:
        with tempfile.TemporaryDirectory() as work:
            source, output = fixtures / origin if isinstance(origin, str) else origin(work, 7), Path(work) / "out"
            samples = native(tool, source, work)
            subprocess.run([tool, "convert", str(source), str(output), "--to", target, "--allow-loss"], check=True, capture_output=True)
            print(f"{name}: {check(samples, output)} compared")


if __name__ == "__main__":
    main()
