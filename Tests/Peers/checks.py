"""What other tools read from our output, compared by value with what the source says.

Each check takes the source and the folder or file that the tool wrote, and raises Mismatch where anything differs.
"""

import io
import json
import contextlib
from pathlib import Path

import numpy as np
from PIL import Image

from datasets import corners, mask_of


class Mismatch(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Mismatch(message)


def expect_boxes(found, expected, where, tolerance=0.0):
    """Label and corners of each box or outline, in any order."""
    found, expected = sorted(found), sorted(expected)
    expect(len(found) == len(expected), f"{where}: {len(found)} places instead of {len(expected)}")
    # Equal labels side by side; a tolerance can change the order of nearly equal boxes only within a label.
    rest = list(expected)
    for box in found:
        near = [other for other in rest if (other[0], len(other)) == (box[0], len(box)) and np.allclose(box[1:], other[1:], rtol=0, atol=tolerance)]
        expect(near, f"{where}: {box} is none of {rest}")
        rest.remove(near[0])


def expect_pictures(source, folder):
    """Every picture was brought along unchanged and opens at its size."""
    found = {}
    for path in Path(folder).rglob("*"):
        if path.suffix in (".png", ".jpg") and "Segmentation" not in str(path) and "panoptic" not in str(path):
            found[path.name] = path
    for name, record in source.images.items():
        path = found.get(Path(name).name)
        expect(path is not None, f"{name} was not brought along")
        expect(path.read_bytes() == source.picture(name).read_bytes(), f"{name} was changed")
        with Image.open(path) as picture:
            expect(picture.size == (record["width"], record["height"]), f"{name} is {picture.size}")


def coco_with_pycocotools(source, output):
    """pycocotools: ids, names, sizes, boxes, areas, crowds, outlines, and the pixels of every mask."""
    from pycocotools.coco import COCO

    parts = [output] if output.is_file() else sorted(output.rglob("*.json"))
    seen_images, seen_annotations = 0, 0
    expected = {record["id"]: record for record in source.images.values()}
    originals = {}
    with contextlib.redirect_stdout(io.StringIO()):
        loaded = [COCO(str(part)) for part in parts]
        for path in source.files:
            originals.update(COCO(str(path)).anns)
        references = [COCO(str(path)) for path in source.files]
    for coco in loaded:
        names = {category["id"]: category["name"] for category in coco.loadCats(coco.getCatIds())}
        expect(names == source.categories, f"categories {names}")
        for image in coco.loadImgs(coco.getImgIds()):
            record = expected.get(image["id"])
            expect(record is not None, f"image {image['id']} is new")
            for key in ("file_name", "width", "height"):
                expect(image[key] == record[key], f"{key} of image {image['id']} is {image[key]}")
            seen_images += 1
            annotations = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
            expect(len(annotations) == len(record["annotations"]), f"image {image['id']} has {len(annotations)} annotations")
            for annotation in annotations:
                other = originals.get(annotation["id"])
                expect(other is not None, f"annotation {annotation['id']} is new")
                for key in ("image_id", "category_id", "bbox", "area", "iscrowd"):
                    expect(annotation.get(key) == other.get(key), f"{key} of annotation {annotation['id']} is {annotation.get(key)}")
                expect(
                    annotation.get("segmentation") == other.get("segmentation"), f"outline of annotation {annotation['id']} differs")
                if "segmentation" in other:
                    reference = next(r for r in references if annotation["id"] in r.anns)
                    ours, theirs = coco.annToMask(annotation), reference.annToMask(other)
                    expect(np.array_equal(ours, theirs), f"pixels of annotation {annotation['id']} differ")
                    if isinstance(other["segmentation"], dict):
                        own = mask_of(other, record["height"], record["width"])
                        expect(np.array_equal(ours.astype(bool), own), f"pixels of annotation {annotation['id']} differ")
                seen_annotations += 1
    expect(seen_images == len(source.images), f"{seen_images} images")
    expect(seen_annotations == len(originals), f"{seen_annotations} annotations")


def pairs_of_folders(root, kind, suffix):
    """Folders that hold label files, with the folders of their pictures."""
    return sorted({path.parent for path in Path(root).rglob(f"*{suffix}") if kind(path)})


def voc_with_supervision(source, output):
    """supervision's Pascal VOC: it takes one off xmin and ymin, as the first pixel of VOC is 1."""
    import supervision as sv

    expect_pictures(source, output)
    seen = {}
    for folder in pairs_of_folders(output, lambda path: True, ".xml"):
        pictures = output / "JPEGImages" / folder.relative_to(output / "Annotations")
        dataset = sv.DetectionDataset.from_pascal_voc(str(pictures), str(folder))
        for path in dataset.image_paths:
            found = dataset.annotations[path]
            seen[Path(path).name] = [
                (dataset.classes[label], *(float(v) for v in (box + np.array([1, 1, 0, 0]))))
                for label, box in zip(found.class_id if len(found) else [], found.xyxy.astype(float))
            ]
    expect(set(seen) == {Path(name).name for name in source.images}, f"pictures {sorted(seen)}")
    for name, record in source.images.items():
        # Its corners are single-precision numbers.
        expect_boxes(seen[Path(name).name], source.boxes(record), name, tolerance=1e-3)


def voc_with_datumaro(source, output):
    """datumaro's Pascal VOC: items by image set, labels by name, boxes as written."""
    import datumaro

    # It knows labels other than VOC's twenty only from a list of them.
    if not (output / "labelmap.txt").exists():
        lines = [f"{name}:{10 * index + 1},0,0::\n" for index, name in enumerate(source.categories.values())]
        (output / "labelmap.txt").write_text("".join(lines), encoding="utf-8")
    dataset = datumaro.Dataset.import_from(str(output), "voc_detection")
    labels = dataset.categories()[datumaro.AnnotationType.label]
    items = {(item.id, item.subset): item for item in dataset}
    expected = {(str(Path(name).with_suffix("")), record["split"]): record for name, record in source.images.items()}
    expect(set(items) == set(expected), f"items {sorted(items)} instead of {sorted(expected)}")
    for key, record in expected.items():
        found = []
        for annotation in items[key].annotations:
            if annotation.type == datumaro.AnnotationType.bbox:
                x, y, width, height = annotation.get_bbox()
                found.append((labels[annotation.label].name, x, y, x + width, y + height))
        # It keeps two decimals.
        expect_boxes(found, source.boxes(record), key, tolerance=0.011)


def yolo_with_supervision(source, output, layout="ultralytics"):
    """supervision's YOLO: boxes, or outlines when the rows are polygons, scaled by the sizes of the pictures."""
    import supervision as sv
    import yaml

    expect_pictures(source, output)
    seen = {}
    if layout == "darknet":
        # supervision wants a YAML of names: that of a darknet dataset is its list of names, made into one here.
        names = next(output.rglob("obj.names")).read_text(encoding="utf-8").splitlines()
        description = output / "names-for-supervision.yaml"
        description.write_text(yaml.safe_dump({"names": names, "nc": len(names)}, allow_unicode=True), encoding="utf-8")
    else:
        description = output / "data.yaml"
    for folder in pairs_of_folders(output, lambda path: path.parent != output, ".txt"):
        pictures = folder
        if layout != "darknet" or folder.name == "labels":
            parts = list(folder.relative_to(output).parts)
            parts[len(parts) - 1 - parts[::-1].index("labels")] = "images"
            pictures = output.joinpath(*parts)
        with contextlib.suppress(StopIteration):
            next(path for path in pictures.iterdir() if path.suffix in (".png", ".jpg"))
            dataset = sv.DetectionDataset.from_yolo(str(pictures), str(folder), str(description))
            for path in dataset.image_paths:
                found = dataset.annotations[path]
                seen[Path(path).name] = [
                    (dataset.classes[label], *(float(v) for v in box))
                    for label, box in zip(found.class_id if len(found) else [], found.xyxy.astype(float))
                ]
    expect(set(seen) == {Path(name).name for name in source.images}, f"pictures {sorted(seen)}")
    for name, record in source.images.items():
        expect_boxes(seen[Path(name).name], source.boxes(record), name, tolerance=1e-3)


def yolo_rows(source, output):
    """The rows themselves: class number, centre and size as shares, exact to nine decimals."""
    import yaml

    names = yaml.safe_load((output / "data.yaml").read_text(encoding="utf-8"))["names"]
    rows = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in output.rglob("*.txt") if "labels" in path.parts}
    for name, record in source.images.items():
        found = []
        for row in rows.get(Path(name).stem, []):
            label, *numbers = row.split()
            x, y, width, height = map(float, numbers)
            expect(len(numbers) == 4, f"{name}: {row}")
            found.append((names[int(label)], x - width / 2, y - height / 2, x + width / 2, y + height / 2))
        expected = [
            (label, x0 / record["width"], y0 / record["height"], x1 / record["width"], y1 / record["height"])
            for label, x0, y0, x1, y1 in source.boxes(record)
        ]
        expect_boxes(found, expected, name, tolerance=1e-9)


def yolo_outlines(source, output):
    """The rows of outlines: class number and every corner as shares, exact to nine decimals; the box's where there is no outline."""
    import yaml

    names = yaml.safe_load((output / "data.yaml").read_text(encoding="utf-8"))["names"]
    rows = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in output.rglob("*.txt") if "labels" in path.parts}
    for name, record in source.images.items():
        size = (record["width"], record["height"])
        expected = []
        for annotation in record["annotations"]:
            label = source.categories[annotation["category_id"]]
            numbers = annotation.get("segmentation", [None])[0]
            if numbers is None:
                x0, y0, x1, y1 = corners(annotation["bbox"])
                numbers = [x0, y0, x1, y0, x1, y1, x0, y1]
            expected.append((label, *(value / size[index % 2] for index, value in enumerate(numbers))))
        found = [(names[int(row.split()[0])], *map(float, row.split()[1:])) for row in rows.get(Path(name).stem, [])]
        expect_boxes(found, expected, name, tolerance=1e-9)


def masks_of_voc(source, output):
    """Pillow: the objects' map holds each mask under a number of its own, the classes' map one colour a label."""
    colors = {}
    for record in source.images.values():
        stem = Path(record["file_name"]).stem
        masks = [(a, mask_of(a, record["height"], record["width"])) for a in record["annotations"]]
        if not masks:
            continue
        with Image.open(next(output.rglob(f"SegmentationObject/{stem}.png"))) as picture:
            expect(picture.size == (record["width"], record["height"]), f"{stem}: {picture.size}")
            objects = np.array(picture)
        with Image.open(next(output.rglob(f"SegmentationClass/{stem}.png"))) as picture:
            classes = np.array(picture.convert("RGB"))
        numbers = set(np.unique(objects).tolist()) - {0, 255}
        expect(len(numbers) == len(masks), f"{stem}: {len(numbers)} objects instead of {len(masks)}")
        for annotation, mask in masks:
            own = set(np.unique(objects[mask]).tolist())
            expect(len(own) == 1 and own <= numbers, f"{stem}: annotation {annotation['id']} has the numbers {own}")
            expect(np.array_equal(objects == own.pop(), mask), f"{stem}: annotation {annotation['id']} has other pixels")
            color = {tuple(c) for c in classes[mask].tolist()}
            expect(len(color) == 1, f"{stem}: annotation {annotation['id']} has the colours {color}")
            label = source.categories[annotation["category_id"]]
            expect(colors.setdefault(label, color) == color, f"{stem}: {label} has the colours {colors[label]} and {color}")
    expect(len({tuple(c) for c in colors.values()}) == len(colors), f"labels share colours: {colors}")


def masks_of_panoptic(source, output):
    """Pillow and json: each segment's pixels have the number R + 256 G + 65536 B."""
    seen = 0
    for path in sorted(output.rglob("*.json")) if output.is_dir() else [output]:
        data = json.loads(path.read_text(encoding="utf-8"))
        names = {image["id"]: image["file_name"] for image in data["images"]}
        for entry in data["annotations"]:
            record = source.images[names[entry["image_id"]]]
            with Image.open(next(path.parent.rglob(Path(entry["file_name"]).name))) as picture:
                channels = np.array(picture.convert("RGB")).astype(np.int64)
            ids = channels[..., 0] + 256 * channels[..., 1] + 65536 * channels[..., 2]
            expected = sorted(
                (a["category_id"], int(m.sum()), m.tobytes())
                for a, m in ((a, mask_of(a, record["height"], record["width"])) for a in record["annotations"])
            )
            found = sorted((s["category_id"], s["area"], (ids == s["id"]).tobytes()) for s in entry["segments_info"])
            expect(found == expected, f"segments of {record['file_name']} differ")
            expect(set(np.unique(ids).tolist()) - {0} == {s["id"] for s in entry["segments_info"]}, f"ids of {record['file_name']}")
            seen += len(found)
    expect(seen == sum(len(r["annotations"]) for r in source.images.values()), f"{seen} segments")
