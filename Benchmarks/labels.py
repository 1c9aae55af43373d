#!/usr/bin/env python3
"""Measures work in a label repository beside git's own work on the same files; run it as Benchmarks/labels [small|full]."""
import os
import random
import shutil
import subprocess
import sys
import time

tool, work, size = sys.argv[1:4]
tool = os.path.abspath(tool)
many, few, edits = (1_000_000, 100_000, 1_000) if size == "full" else (50_000, 5_000, 50)
bin_folder = f"{os.path.abspath(work)}/bin"
environment = {
    **os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "WAYBILL_AUTHOR": "a",
}


def run(folder, *words, check=True):
    """Runs a command in a folder; gives wall seconds, CPU seconds and the largest resident set in MB of it and what it starts."""
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in words], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if check and process.returncode:
        sys.exit(f"{words[0:3]} failed with {process.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row(name, result, goal=""):
    wall, cpu, resident = result
    print(f"{name:<58}{wall:>8.3f}{cpu:>8.3f}{resident:>9.0f}  {goal}", flush=True)


def line(number, x=0, confidence=None, label="car"):
    key = f"images/{number:07d}.jpg"
    more = "" if confidence is None else f',"confidence":{confidence}'
    return ('{"key":"%s","image":{"path":"%s","width":640,"height":480},"annotations":[{"id":1,"label":"%s","box_xywh":[%d,20,30,40]%s},'
            '{"id":2,"label":"person","box_xywh":[%d,200,30,40]}]}') % (key, key, label, x, more, number % 600)


def repository(name, count, shards):
    folder = f"{work}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    run(folder, "git", "init", "-q", "-b", "main")
    with open(f"{folder}/names.txt", "w") as file:
        file.write("car\nperson\ntruck\n")
    run(folder, tool, "init", "--type", "object-detection", "--name", "street", "--labels", "names.txt", "-q")
    os.remove(f"{folder}/names.txt")
    with open(f"{folder}/labels/all.waybill.jsonl", "w") as file:
        for number in range(count):
            file.write(line(number) + "\n")
    if shards > 1:
        run(folder, tool, "reshard", shards, "-q")
    return folder


def commit(folder, message):
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-q", "--no-verify", "-m", message)


def edit(folder, numbers, change):
    path = f"{folder}/labels/all.waybill.jsonl"
    with open(path) as file:
        lines = file.read().split("\n")
    for number in numbers:
        lines[number] = change(number)
    with open(path, "w") as file:
        file.write("\n".join(lines))


def objects(folder, afresh):
    """Bytes of all packs, after packing anew or, `afresh`, after looking for differences anew as git gc --aggressive does."""
    run(folder, "git", "gc", "-q", "--prune=now")
    if afresh:
        run(folder, "git", "repack", "-adfq")
    total = 0
    for path, _, files in os.walk(f"{folder}/.git/objects/pack"):
        total += sum(os.path.getsize(f"{path}/{name}") for name in files if name.endswith(".pack"))
    return total


def merging():
    folder = repository("merge", few, 1)
    commit(folder, "base")
    source = random.Random(1)
    ours, theirs = (sorted(source.sample(range(few), edits)) for _ in range(2))
    run(folder, "git", "checkout", "-q", "-b", "other")
    edit(folder, theirs, lambda number: line(number, confidence=0.5))
    commit(folder, "theirs")
    run(folder, "git", "checkout", "-q", "main")
    edit(folder, ours, lambda number: line(number, x=3))
    row(f"git diff of {edits:,} among {few:,} samples", run(folder, "git", "diff"), "wall 1 s")
    row("  the same by git alone", run(folder, "git", "diff", "--no-ext-diff", "--no-textconv"))
    commit(folder, "ours")
    row(f"merge, {edits:,} edits each, {few:,} samples", run(folder, "git", "merge", "-q", "--no-verify", "-m", "merged", "other"), "wall 2 s")
    with open(f"{folder}/labels/all.waybill.jsonl") as file:
        found = file.read().split("\n")
    for number in set(ours) | set(theirs):
        wanted = line(number, x=3 if number in ours else 0, confidence=0.5 if number in theirs else None)
        if found[number] != wanted:
            sys.exit(f"the merge of sample {number} is wrong: {found[number]}")


def growing(shards, afresh=False):
    folder = repository("growth", few, shards)
    commit(folder, "base")
    before = objects(folder, afresh)
    run(folder, tool, "annotate", f"images/{few // 2:07d}.jpg", "--label", "truck", "--box", "1,2,3,4", "-q")
    commit(folder, "one box")
    name = f"one box more, {few:,} samples in {shards} files, pack grows by"
    print(f"{name:<58}{objects(folder, afresh) - before:>8} bytes{', differences found afresh' if afresh else ''}  (10,000)", flush=True)


def large():
    folder = repository("large", many, 64)
    key = f"images/{many // 3:07d}.jpg"
    shutil.rmtree(f"{folder}/.waybill", ignore_errors=True)
    row(f"status of {many:,} samples", run(folder, tool, "status"), "wall 3 s, 200 MB")
    row("status again, nothing changed", run(folder, tool, "status"), "wall 0.3 s")
    row("annotate one sample", run(folder, tool, "annotate", key, "--label", "truck", "--box", "1,2,3,4", "-q"), "wall 0.2 s")
    row("confirm one sample", run(folder, tool, "confirm", key, "-q"), "wall 0.2 s")
    row("status after one change", run(folder, tool, "status"))
    row("list by a filter", run(folder, tool, "list", "--where", "any(label = truck)"))
    row("check", run(folder, tool, "git", "check"))


os.makedirs(bin_folder, exist_ok=True)
if not os.path.lexists(f"{bin_folder}/waybill"):
    os.symlink(tool, f"{bin_folder}/waybill")
print(f"{'work':<58}{'wall s':>8}{'CPU s':>8}{'RSS MB':>9}  goal")
merging()
growing(64)
growing(256)
growing(64, afresh=True)
large()
