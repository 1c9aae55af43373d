"""What other tools read from RTTM, from label tracks and from segments tables, compared with the native manifest of the same source.

Packages: pyannote.database==5.1.0, pandas==2.2.3
Each check takes the manifest and the file or folder that the tool wrote, and raises Mismatch where anything differs.
"""

import csv
import json
import math
from decimal import Decimal
from pathlib import Path

from checks import Mismatch, expect  # noqa: F401

TOLERANCE = 1e-6
# Columns that speak of the media, not of an annotation.
OF_MEDIA = {"media", "key", "kind", "split", "duration", "image_width", "image_height"}


def samples_of(manifest):
    lines = Path(manifest).read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, filter(None, lines)) if "waybill" not in record]


def seconds(time):
    """A time of a manifest: a number, or a text on a clock."""
    if not isinstance(time, str):
        return float(time)
    total = Decimal(0)
    for part in time.split(":"):
        total = total * 60 + Decimal(part)
    return float(total)


def turns_of(sample, with_text=False):
    found = []
    for annotation in sample.get("annotations", []):
        if "interval" not in annotation or ("text" in annotation) != with_text:
            continue
        start, end = map(seconds, annotation["interval"])
        found.append((start, end, annotation.get("label"), annotation.get("text")))
    return sorted(found, key=lambda turn: tuple(map(str, turn)))


def expect_turns(found, expected, where):
    found, expected = sorted(found, key=lambda t: (t[2] or "", t[0], t[1])), sorted(expected, key=lambda t: (t[2] or "", t[0], t[1]))
    expect(len(found) == len(expected), f"{where}: {len(found)} turns instead of {len(expected)}")
    for mine, other in zip(found, expected):
        near = math.isclose(mine[0], other[0], abs_tol=TOLERANCE) and math.isclose(mine[1], other[1], abs_tol=TOLERANCE)
        expect(near and mine[2] == other[2], f"{where}: {mine} instead of {other}")


def rttm_with_pyannote(manifest, output):
    """pyannote.database: the turns of every recording, by speaker; zero-length turns and other records are not its business."""
    from pyannote.database.util import load_rttm

    found = {}
    for path in [output] if Path(output).is_file() else sorted(Path(output).rglob("*.rttm")):
        found.update(load_rttm(path))
    for sample in samples_of(manifest):
        expected = [turn for turn in turns_of(sample) if turn[1] > turn[0]]
        annotation = found.get(sample["key"])
        expect(annotation is not None or not expected, f"{sample['key']} is missing")
        turns = [] if annotation is None else [(s.start, s.end, label) for s, _, label in annotation.itertracks(yield_label=True)]
        expect_turns(turns, expected, sample["key"])


def segments_with_pandas(manifest, output):
    """pandas: every interval and moment with its label and text, in rows under their names."""
    import pandas

    table = pandas.read_csv(output, sep="\t" if str(output).endswith(".tsv") else ",", dtype=str, keep_default_na=False)
    for sample in samples_of(manifest):
        rows = table[table["media"] == sample["key"]]
        expected = []
        for annotation in sample.get("annotations", []):
            start, end = annotation.get("interval", (annotation.get("instant"), None))
            expected.append((start, end, annotation.get("label"), annotation.get("text")))
        found = []
        for row in rows.to_dict("records"):
            cell = lambda name: row.get(name) or None  # noqa: E731
            if any(cell(name) for name in row if name not in OF_MEDIA):
                found.append((cell("start"), cell("end"), cell("label"), cell("text")))
        expect(len(found) == len(expected), f"{sample['key']}: {len(found)} rows instead of {len(expected)}")
        for mine, other in zip(found, expected):
            for a, b in zip(mine[:2], other[:2]):
                expect((a is None) == (b is None), f"{sample['key']}: {mine} instead of {other}")
                expect(a is None or math.isclose(seconds(a), seconds(b), abs_tol=TOLERANCE), f"{sample['key']}: {mine} instead of {other}")
            expect(mine[2:] == other[2:], f"{sample['key']}: {mine} instead of {other}")


def segments_with_csv(manifest, output):
    """Python's csv: every row has a cell for each column, and every sample a row."""
    with open(output, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file, delimiter="\t" if str(output).endswith(".tsv") else ","))
    expect(all(len(row) == len(rows[0]) for row in rows), "rows have different numbers of cells")
    place = rows[0].index("media")
    expect({row[place] for row in rows[1:]} == {sample["key"] for sample in samples_of(manifest)}, "other samples")


def audacity_by_hand(manifest, output):
    """Lines split at tabs, as Audacity reads them: begins, ends and labels of every recording."""
    for sample in samples_of(manifest):
        expected = []
        for annotation in sample.get("annotations", []):
            start, end = annotation.get("interval", [annotation.get("instant")] * 2)
            expected.append((seconds(start), seconds(end), annotation.get("label") or ""))
        text = (Path(output) / f"{sample['key']}.txt").read_text(encoding="utf-8")
        rows = [line.split("\t", 2) for line in text.splitlines() if line and not line.startswith("\\")]
        expect_turns([(float(a), float(b), label) for a, b, label in rows], expected, sample["key"])


# Name, source below the root, target, name of the output, check.
CASES = [
    ("RTTM for pyannote", "Fixtures/rttm/plain/input.rttm", "rttm", "out.rttm", rttm_with_pyannote),
    ("RTTM of several files in one for pyannote", "Fixtures/rttm/same-recording/input", "rttm", "out.rttm", rttm_with_pyannote),
    ("RTTM from a table for pyannote", "Fixtures/segments/scattered/input.csv", "rttm", "out.rttm", rttm_with_pyannote),
    ("Segments for pandas", "Fixtures/segments/speech/input.csv", "segments", "out.csv", segments_with_pandas),
    ("Segments with tabs for pandas", "Fixtures/segments/speech/input.csv", "segments", "out.tsv", segments_with_pandas),
    ("Segments from RTTM for pandas", "Fixtures/rttm/plain/input.rttm", "segments", "out.csv", segments_with_pandas),
    ("Segments for csv", "Fixtures/segments/speech/input.csv", "segments", "out.csv", segments_with_csv),
    ("Audacity from RTTM", "Fixtures/rttm/plain/input.rttm", "audacity", "out", audacity_by_hand),
    ("Audacity from Audacity", "Fixtures/audacity/spectral/input.txt", "audacity", "out", audacity_by_hand),
]
