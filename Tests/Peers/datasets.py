"""Source datasets in COCO form: the demonstration and random ones, and what they say, read here from their JSON alone."""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass
class Source:
    """A dataset to convert: what to give the tool, and its records by file name."""

    name: str
    input: Path
    pictures: Path
    images: dict = field(default_factory=dict)  # file name -> record with its annotations under "annotations"
    categories: dict = field(default_factory=dict)  # id -> name, in the order of the file
    files: list = field(default_factory=list)  # the JSON files

    def read(self):
        for path in self.files:
            data = json.loads(path.read_text(encoding="utf-8"))
            for category in data["categories"]:
                self.categories[category["id"]] = category["name"]
            by_id = {}
            for record in data["images"]:
                by_id[record["id"]] = dict(record, annotations=[], split=split_of(path))
                self.images[record["file_name"]] = by_id[record["id"]]
            for annotation in data["annotations"]:
                by_id[annotation["image_id"]]["annotations"].append(annotation)
        return self

    def picture(self, file_name):
        """The picture's file, found by its name."""
        return next(path for path in self.pictures.rglob(Path(file_name).name) if path.is_file())

    def boxes(self, record):
        """Label and xmin, ymin, xmax, ymax of each annotation, rounded as no coordinate here needs."""
        return sorted(
            (self.categories[a["category_id"]], *corners(a["bbox"])) for a in record["annotations"]
        )


def split_of(path):
    return path.stem.split("_")[-1] if path.stem.startswith("instances_") else None


def corners(bbox):
    x, y, width, height = bbox
    return tuple(round(v, 6) for v in (x, y, x + width, y + height))


def mask_of(annotation, height, width):
    """The pixels of an annotation with run lengths, decoded here: down the columns, beginning with background."""
    counts = annotation["segmentation"]["counts"]
    if isinstance(counts, str):
        counts = decode_counts(counts)
    flat = np.zeros(height * width, dtype=bool)
    at = 0
    for index, count in enumerate(counts):
        if index % 2:
            flat[at : at + count] = True
        at += count
    assert at == height * width
    return flat.reshape((width, height)).T


def decode_counts(text):
    """COCO's compressed counts: six bits a character, differences to the count two before."""
    counts, value, shift = [], 0, 0
    for character in text.encode("ascii"):
        digit = character - 48
        value |= (digit & 0x1F) << shift
        shift += 5
        if not digit & 0x20:
            if digit & 0x10:
                value -= 1 << shift
            counts.append(value + counts[-2] if len(counts) > 2 else value)
            value, shift = 0, 0
    return counts


def counts_of(mask):
    """Run lengths of a mask, the first of background."""
    flat = mask.T.reshape(-1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flat)).astype(np.int8))) if flat.size else []
    bounds = [0, *edges.tolist(), flat.size]
    counts = [b - a for a, b in zip(bounds, bounds[1:])]
    return counts


def demo(root):
    folder = root / "Fixtures" / "demo"
    path = folder / "street.coco.json"
    return Source("demo", path, folder / "images", files=[path]).read()


NAMES = ["person", "traffic light", "Żaba", "dog & cat", "tram-7", "car", "a.b", "bus"]


def random_source(folder, seed, masks=False):
    """Pictures of two splits with boxes and polygons, or with masks that do not overlap."""
    rng = random.Random(f"{seed}:{masks}")
    numpy_rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    names = rng.sample(NAMES, rng.randint(3, len(NAMES)))
    ids = rng.sample(range(1, 90), len(names))
    categories = [{"id": id, "name": name, "supercategory": "thing"} for id, name in zip(ids, names)]
    source = Source(f"{'masks' if masks else 'random'} {seed}", folder, folder)
    annotation_id = rng.randint(1, 1000)
    (folder / "annotations").mkdir()
    for split, total in (("train", rng.randint(4, 9)), ("val", rng.randint(2, 4))):
        (folder / split).mkdir()
        images, annotations = [], []
        for _ in range(total):
            width, height = rng.randint(24, 160), rng.randint(24, 160)
            id = rng.randint(1, 10**9)
            file_name = f"{split}_{id}{rng.choice(['', ' copy', '-ä'])}.{rng.choice(['png', 'jpg'])}"
            picture = numpy_rng.integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
            Image.fromarray(picture).resize((width, height)).save(folder / split / file_name)
            images.append({"id": id, "file_name": file_name, "width": width, "height": height})
            taken = np.zeros((height, width), dtype=bool)
            for _ in range(rng.randint(0, 6)):
                annotation_id += rng.randint(1, 9)
                annotation = {"id": annotation_id, "image_id": id, "category_id": rng.choice(ids), "iscrowd": 0}
                x0, x1 = sorted(rng.sample(range(width + 1), 2))
                y0, y1 = sorted(rng.sample(range(height + 1), 2))
                if masks:
                    mask = np.zeros((height, width), dtype=bool)
                    mask[y0:y1, x0:x1] = True
                    if rng.random() < 0.5:
                        mask &= np.add.outer(np.arange(height), np.arange(width)) % 7 > 1
                    mask &= ~taken
                    if not mask.any():
                        continue
                    taken |= mask
                    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
                    x0, x1, y0, y1 = map(int, (columns[0], columns[-1] + 1, rows[0], rows[-1] + 1))
                    annotation["segmentation"] = {"size": [height, width], "counts": counts_of(mask)}
                    annotation["area"] = int(mask.sum())
                else:
                    if rng.random() < 0.5:
                        x0, x1, y0, y1 = (round(v + rng.choice([0, 0.25, 0.5]) * (v < limit), 2) for v, limit in
                                          ((x0, width), (x1, width), (y0, height), (y1, height)))
                    annotation["area"] = round((x1 - x0) * (y1 - y0), 4)
                    kind = rng.random()
                    if kind < 0.6:
                        corner = (x0, y0, x1, y0, x1, y1, x0, y1)
                        annotation["segmentation"] = [list(corner[: rng.choice([6, 8])])]
                annotation["bbox"] = [x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)]
                annotations.append(annotation)
        rng.shuffle(annotations)
        path = folder / "annotations" / f"instances_{split}.json"
        path.write_text(
            json.dumps({"images": images, "annotations": annotations, "categories": categories}, ensure_ascii=False),
            encoding="utf-8")
        source.files.append(path)
    return source.read()
