#!/usr/bin/env python3
"""Makes a manifest of SageMaker Ground Truth with boxes, in no order, and a small file for each picture beside it: the same bytes each time.

    large_manifest.py FOLDER SAMPLES

The pictures hold a few bytes of their own instead of pixels: enough to see that each is packed, and packed once.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

LABELS = ("car", "bus", "person", "bicycle", "truck", "dog", "cat", "sign")
# Shares no factor with a round number of samples, so that multiples of it visit each number once.
STEP = 7919


def line(number: int, source: random.Random) -> dict:
    boxes = [
        {"class_id": source.randrange(len(LABELS)), "left": source.randrange(500), "top": source.randrange(400),
         "width": source.randrange(8, 140), "height": source.randrange(8, 80)}
        for _ in range(source.randrange(5))]
    classes = {str(box["class_id"]): LABELS[box["class_id"]] for box in boxes}
    return {
        "source-ref": f"s3://zoo/street/{number // 1000:04d}/{number % 1000:03d}.jpg",
        "boxes": {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": boxes},
        "boxes-metadata": {
            "objects": [{"confidence": source.randrange(50, 100) / 100} for _ in boxes], "class-map": classes,
            "type": "groundtruth/object-detection", "human-annotated": "yes", "job-name": "labeling-job/street",
            "creation-date": f"2026-03-{1 + source.randrange(28):02d}T10:20:30.123456"}}


def main() -> None:
    folder, samples = Path(sys.argv[1]), int(sys.argv[2])
    if samples % STEP == 0:
        sys.exit(f"large_manifest.py: take another number than a multiple of {STEP}")
    source = random.Random(samples)
    for group in range((samples + 999) // 1000):
        (folder / f"street/{group:04d}").mkdir(parents=True, exist_ok=True)
    with open(folder / "large.manifest", "w", encoding="utf-8") as manifest:
        for position in range(samples):
            number = position * STEP % samples
            manifest.write(json.dumps(line(number, source), separators=(",", ":")) + "\n")
            # Every tenth has the content of another.
            content = f"picture {number - number % 10 if number % 10 == 9 else number}\n"
            (folder / f"street/{number // 1000:04d}/{number % 1000:03d}.jpg").write_text(content)


if __name__ == "__main__":
    main()
