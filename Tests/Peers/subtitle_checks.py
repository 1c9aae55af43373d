"""What other tools read from our TextGrids and subtitles, compared by value with a native manifest of the same source.

Needs praatio==6.2.2, textgrid==1.6.1, webvtt-py==0.6.0 and pysrt==1.1.2 from PyPI.

Each check takes the native manifest and the folder that the tool wrote, and raises Mismatch where anything differs.
"""

import html
import json
from pathlib import Path


class Mismatch(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Mismatch(message)


def seconds(value):
    """A time of the manifest: a number, or a clock time."""
    if isinstance(value, str):
        total = 0.0
        for part in value.split(":"):
            total = total * 60 + float(part)
        return total
    return float(value)


def samples(manifest):
    """Key and annotations of each sample: label or None, start, end, text or None."""
    for line in Path(manifest).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if "key" not in record:
            continue
        found = []
        for item in record.get("annotations", []):
            if "interval" in item:
                start, end = map(seconds, item["interval"])
                found.append((item.get("label"), start, end, item.get("text")))
            elif "instant" in item:
                at = seconds(item["instant"])
                found.append((item.get("label"), at, None, item.get("text")))
        yield record["key"], found


def file_of(folder, key, ending):
    for name in (key, f"{key}.video", f"{key}.audio"):
        path = Path(folder) / f"{name}{ending}"
        if path.exists():
            return path
    raise Mismatch(f"there is no file of {key}")


def same(found, expected, where, tolerance=0.0):
    def order(item):
        return (item[0] or "", item[1], item[2] if item[2] is not None else -1, item[3] or "")

    found, expected = sorted(found, key=order), sorted(expected, key=order)
    expect(len(found) == len(expected), f"{where}: {len(found)} instead of {len(expected)}: {found[:3]} {expected[:3]}")
    for a, b in zip(found, expected):
        times = [(a[1], b[1])] + ([(a[2], b[2])] if b[2] is not None else [])
        near = all(abs(x - y) <= tolerance + 1e-9 for x, y in times)
        expect(a[0] == b[0] and a[3] == b[3] and (a[2] is None) == (b[2] is None) and near, f"{where}: {a} instead of {b}")


def expected_tiers(annotations):
    """As a tier has them: no label is the tier text, an interval without words has the tier's name, a point without words nothing."""
    out = []
    for label, start, end, text in annotations:
        label = label or "text"
        if text is None:
            text = "" if end is None else label
        out.append((label, start, end, text))
    return out


def textgrid_with_praatio(manifest, folder):
    """praatio: names, times and words of every tier, gaps left out."""
    from praatio import textgrid

    for key, annotations in samples(manifest):
        # It reads no file without tiers.
        if not annotations:
            continue
        grid = textgrid.openTextgrid(
            str(file_of(folder, key, ".TextGrid")), includeEmptyIntervals=False, duplicateNamesMode="rename", reportingMode="silence"
        )
        found = []
        names = {label or "text" for label, *_ in annotations}
        for tier in grid.tiers:
            # praatio numbers the tiers of one name.
            name = tier.name if tier.name in names else tier.name.rsplit("_", 1)[0]
            for entry in tier.entries:
                if hasattr(entry, "end"):
                    found.append((name, entry.start, entry.end, entry.label))
                else:
                    # It leaves the quotes of marks doubled.
                    found.append((name, entry.time, None, entry.label.replace('""', '"')))
        # It leaves points without a mark out.
        same(found, [item for item in expected_tiers(annotations) if item[3]], key)


def textgrid_with_textgrid(manifest, folder):
    """textgrid: names, times and words of every tier, gaps left out."""
    import textgrid

    for key, annotations in samples(manifest):
        grid = textgrid.TextGrid.fromFile(str(file_of(folder, key, ".TextGrid")))
        found = []
        for tier in grid:
            for entry in tier:
                if isinstance(entry, textgrid.Point):
                    found.append((tier.name, float(entry.time), None, entry.mark))
                elif entry.mark:
                    found.append((tier.name, float(entry.minTime), float(entry.maxTime), entry.mark))
        # It rounds to 15 digits.
        same(found, expected_tiers(annotations), key, tolerance=1e-12)


def webvtt_with_webvtt(manifest, folder):
    """webvtt-py: voice, times and text of every cue."""
    import webvtt

    for key, annotations in samples(manifest):
        found = []
        for caption in webvtt.read(str(file_of(folder, key, ".vtt"))):
            text = caption.raw_text
            label = None
            if text.startswith("<v ") and ">" in text:
                name, text = text[3:].split(">", 1)
                label = html.unescape(name)
            if "<" not in text:
                text = html.unescape(text)
            found.append((label, seconds(caption.start), seconds(caption.end), text or None))
        same(found, annotations, key, tolerance=0.0006)


def srt_with_pysrt(manifest, folder):
    """pysrt: times and text of every subtitle, numbered from 1."""
    import pysrt

    for key, annotations in samples(manifest):
        items = list(pysrt.open(str(file_of(folder, key, ".srt")), encoding="utf-8"))
        expect([item.index for item in items] == list(range(1, len(items) + 1)), f"{key}: other numbers")
        found = [(None, item.start.ordinal / 1000, item.end.ordinal / 1000, item.text or None) for item in items]
        same(found, [(None, *item[1:]) for item in annotations], key, tolerance=0.0006)


# Name, target, more arguments, check, what the source may hold, the files of the output that a changed value is tried on.
# Both libraries misread the points of short files, and subtitles have none.
CASES = [
    ("TextGrid for praatio", "textgrid", [], textgrid_with_praatio, "points", "*.TextGrid"),
    ("short TextGrid for praatio", "textgrid:layout=short", [], textgrid_with_praatio, "intervals", "*.TextGrid"),
    ("TextGrid in UTF-16 for praatio", "textgrid:encoding=utf-16", [], textgrid_with_praatio, "points", "*.TextGrid"),
    ("TextGrid for textgrid", "textgrid", [], textgrid_with_textgrid, "points", "*.TextGrid"),
    ("short TextGrid for textgrid", "textgrid:layout=short", [], textgrid_with_textgrid, "intervals", "*.TextGrid"),
    ("WebVTT for webvtt-py", "webvtt", [], webvtt_with_webvtt, "intervals", "*.vtt"),
    ("SubRip for pysrt", "srt", ["--allow-loss"], srt_with_pysrt, "intervals", "*.srt"),
]
