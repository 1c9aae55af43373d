#!/usr/bin/env python3
"""Measures texts, sound and video beside a plain Python loop that only reads the same file; run it as Benchmarks/sequences [small|full].

    sequences.py TOOL FOLDER small|full [TEXT]      only the works whose name holds TEXT

The data is made from a fixed seed: the same bytes every time. CPU time is user and system time of the process, the least of three runs.
"""
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile

tool, work, size = sys.argv[1:4]
only = sys.argv[4] if len(sys.argv) > 4 else ""
sentences, segments, rows = (200_000, 500_000, 1_000_000) if size == "full" else (10_000, 25_000, 50_000)
ROUNDS = 3

WORDS = [
    "the", "of", "in", "to", "a", "and", "on", "said", "for", "at", "with", "was", "by", "from", "that", "his", "has", "after", "government",
    "company", "minister", "officials", "market", "yesterday", "million", "percent", "season", "victory", "against", "between", "announced",
]
NAMES = {
    "PER": ["Clinton", "Michael", "Schmidt", "Yeltsin", "Anna", "Müller", "O'Brien", "García"],
    "LOC": ["London", "Germany", "New", "York", "Paris", "Tokyo", "Brussels", "Iraq"],
    "ORG": ["Reuters", "EU", "Commission", "Bank", "United", "Nations", "Ajax", "NATO"],
    "MISC": ["British", "French", "Olympic", "World", "Cup", "German"],
}


def conll(path):
    """CoNLL-2003 as it was shared out: four columns, a space between, IOB1 tags, a document mark now and then."""
    source = random.Random(2003)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(sentences):
            if number % 20 == 0:
                file.write("-DOCSTART- -X- O O\n\n")
            lines, left = [], source.randrange(4, 26)
            while left > 0:
                if source.random() < 0.13:
                    kind = source.choice(list(NAMES))
                    for _ in range(min(left, source.choice((1, 1, 2, 3)))):
                        lines.append(f"{source.choice(NAMES[kind])} NNP I-NP I-{kind}\n")
                        left -= 1
                else:
                    lines.append(f"{source.choice(WORDS)} {source.choice(('NN', 'IN', 'DT', 'VBD', 'JJ'))} I-NP O\n")
                    left -= 1
            file.write("".join(lines) + ". . O O\n\n")


def rttm(path):
    """Diarization of calls: a thousand segments each, two to four speakers."""
    source = random.Random(2009)
    with open(path, "w") as file:
        for call in range(segments // 1000):
            at = 0.0
            for _ in range(1000):
                at += source.random() * 3
                length = 0.2 + source.random() * 5
                file.write(f"SPEAKER call_{call:05d} 1 {at:.3f} {length:.3f} <NA> <NA> spk{source.randrange(2 + call % 3):02d} <NA> <NA>\n")


def mot(path):
    """One sequence of MOT17: ground truth by track and frame, and its seqinfo.ini."""
    source = random.Random(2017)
    frames = rows // 20
    os.makedirs(f"{path}/gt")
    with open(f"{path}/seqinfo.ini", "w") as file:
        file.write(f"[Sequence]\nname={os.path.basename(path)}\nimDir=img1\nframeRate=30\nseqLength={frames}\nimWidth=1920\nimHeight=1080\nimExt=.jpg\n")
    with open(f"{path}/gt/gt.txt", "w") as file:
        written, track = 0, 0
        while written < rows:
            track += 1
            first = source.randrange(1, frames)
            x, y = source.randrange(1800), source.randrange(900)
            width, height = source.randrange(20, 200), source.randrange(40, 400)
            for frame in range(first, min(frames + 1, first + source.randrange(50, 800))):
                if written == rows:
                    break
                x, y = x + source.randrange(-3, 4), y + source.randrange(-2, 3)
                file.write(f"{frame},{track},{x},{y},{width},{height},1,{1 + track % 7},{source.random():.5f}\n")
                written += 1


LOOP = """
import sys
count = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        fields = line.rstrip("\\n").split(sys.argv[2])
        count += len(fields)
"""


def run(command):
    """CPU seconds and the largest anonymous memory in MB of the command for a folder of its own.

    Nothing is removed between two rounds: for some seconds ext4 passes over each inode that was just freed whenever a file is
    made, and a writer of many files would pay for the removal of the ones before.
    """
    best, memory = None, 0
    for _ in range(ROUNDS):
        folder = tempfile.mkdtemp(dir=f"{work}/out")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(command(folder), stdout=subprocess.DEVNULL)
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status") as status:
                    for line in status:
                        if line.startswith("RssAnon:"):
                            memory = max(memory, int(line.split()[1]) / 1024)
            except OSError:
                pass
            try:
                process.wait(0.01)
            except subprocess.TimeoutExpired:
                pass
        if process.returncode:
            sys.exit(f"{process.args} exited with {process.returncode}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = used if best is None else min(best, used)
    return best, memory


def made(name, make):
    path = f"{work}/{name}"
    if not os.path.exists(path):
        print(f"generating {path}", file=sys.stderr)
        shutil.rmtree(f"{path}.part", ignore_errors=True)
        if os.path.exists(f"{path}.part"):
            os.remove(f"{path}.part")
        make(f"{path}.part")
        os.rename(f"{path}.part", path)
    return path


shutil.rmtree(f"{work}/out", ignore_errors=True)
os.makedirs(f"{work}/out")
print(f"{'work':<38}{'CPU s':>8}{'MB/CPU-s':>10}{'anon MB':>9}{'of the loop':>13}  goal")
for title, path, text, separator, goal, targets in [
    ("CoNLL", made(f"conll-{sentences}.conll", conll), "", " ", 0.45,
     [("IOBES", "conll:scheme=iobes", "out.conll"), ("JSON Lines", "jsonl-text", "out.jsonl"), ("native", "waybill", "out.waybill.jsonl")]),
    ("RTTM", made(f"rttm-{segments}.rttm", rttm), "", " ", 0.30, [("native", "waybill", "out.waybill.jsonl"), ("TextGrid", "textgrid", "grids")]),
    ("MOT", made(f"MOT17-{rows}", mot), "/gt/gt.txt", ",", 0.60, [("native", "waybill", "out.waybill.jsonl"), ("segments", "segments", "out.csv")]),
]:
    works = [(f"{title} -> {name}", to, output) for name, to, output in targets if only in f"{title} -> {name}"]
    if not works:
        continue
    megabytes = os.path.getsize(path + text) / 1e6
    loop, _ = run(lambda folder: [sys.executable, "-c", LOOP, path + text, separator])
    print(f"{f'{title}: a Python loop that only reads':<38}{loop:>8.3f}{megabytes / loop:>10.0f}")
    for name, to, output in works:
        cpu, memory = run(
            lambda folder: [tool, "convert", path, f"{folder}/{output}", "--to", to, "--jobs", "1", "--quiet", "--allow-loss"])
        print(f"{name:<38}{cpu:>8.3f}{megabytes / cpu:>10.0f}{memory:>9.1f}{cpu / loop:>13.2f}  {goal} s" if size == "full"
              else f"{name:<38}{cpu:>8.3f}{megabytes / cpu:>10.0f}{memory:>9.1f}{cpu / loop:>13.2f}", flush=True)
shutil.rmtree(f"{work}/out", ignore_errors=True)
