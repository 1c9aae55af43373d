#!/usr/bin/env python3
"""Measures versions beside a plain loop over the same bytes; run it as Benchmarks/versions [small|full]."""
import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import zlib

tool, work, size = sys.argv[1:4]
files, bytes_each = (20_000, 60_000) if size == "full" else (2_000, 60_000)
samples = 1_000_000 if size == "full" else 50_000
data, store = f"{work}/data-{files}", f"{work}/store"


def cpu(action):
    """User and system seconds of an action and of what it starts."""
    def used():
        own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    before = used()
    action()
    return used() - before


def run(*arguments, **options):
    subprocess.run([str(word) for word in arguments], check=True, stdout=subprocess.DEVNULL, **options)


def waybill(*arguments):
    run(tool, *arguments, env={**os.environ, "WAYBILL_CACHE": f"{work}/cache"})


def row(name, seconds, beside=None, goal=""):
    ratio = f"{seconds / beside:.3f}" if beside else ""
    print(f"{name:<52}{seconds:>9.3f}{ratio:>12}  {goal}", flush=True)


def generate():
    if os.path.exists(f"{data}/labels.waybill.jsonl"):
        return
    source = random.Random(1)
    os.makedirs(f"{data}/images", exist_ok=True)
    lines = ['{"waybill":1,"labels":[{"name":"car"},{"name":"person"}]}']
    for number in range(files):
        name = f"images/{number:06d}.jpg"
        with open(f"{data}/{name}", "wb") as file:
            file.write(source.randbytes(bytes_each))
        lines.append('{"key":"%s","image":{"path":"%s","width":640,"height":480},"annotations":'
                     '[{"label":"car","box":[12,30,88,61.5]},{"label":"person","box":[%d,30,188,61.5]}]}'
                     % (name, name, number % 100))
    with open(f"{data}/labels.waybill.jsonl", "w") as file:
        file.write("\n".join(lines) + "\n")


def floor():
    """Reads every file, hashes it, sums it up and writes it into one file, as a publication must at least."""
    with open(f"{work}/floor", "wb", buffering=1 << 20) as target:
        for number in range(files):
            with open(f"{data}/images/{number:06d}.jpg", "rb", buffering=0) as file:
                content = file.read()
            hashlib.sha256(content).digest()
            zlib.crc32(content)
            target.write(content)
        target.flush()
        os.fsync(target.fileno())
    os.remove(f"{work}/floor")


def change_some():
    source = random.Random(os.urandom(8))
    for number in range(0, files, 100):
        with open(f"{data}/images/{number:06d}.jpg", "wb") as file:
            file.write(source.randbytes(bytes_each))


def many(path, changed):
    with open(path, "w") as file:
        file.write('{"waybill":1,"labels":[{"name":"car"}]}\n')
        for number in range(samples):
            x = number % 90 + (changed and number % 100 == 0)
            file.write('{"key":"s/%07d.jpg","image":{"path":"s/%07d.jpg","width":640,"height":480},"annotations":'
                       '[{"label":"car","box":[%d,30,188,61.5]}]}\n' % (number, number, x))


os.makedirs(work, exist_ok=True)
generate()
shutil.rmtree(store, ignore_errors=True)
shutil.rmtree(f"{work}/cache", ignore_errors=True)
print(f"{'work':<52}{'CPU s':>9}{'ratio':>12}  goal")
plain = min(cpu(floor) for _ in range(3))
row(f"plain loop: read, SHA-256, CRC, write {files} files", plain)
if shutil.which("zip"):
    def others():
        run("zip", "-0", "-q", "-r", f"{work}/others.zip", "images", cwd=data)
        run("sha256sum", f"{work}/others.zip")
        os.remove(f"{work}/others.zip")
    row("zip -0 and sha256sum", cpu(others), plain)
first = cpu(lambda: waybill("publish", f"{data}/labels.waybill.jsonl", store, "--name", "d", "--jobs", 1, "--quiet"))
row("first publish", first, plain, "1.5 times the loop")
change_some()
row("publish again, 1 % changed",
    cpu(lambda: waybill("publish", f"{data}/labels.waybill.jsonl", store, "--name", "d", "--jobs", 1, "--quiet")), first,
    "0.05 of the first")
total = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(store) for name in names)
seconds = cpu(lambda: waybill("verify", store, "--quiet"))
row(f"verify, {total / 1e9:.2f} GB: {total / 1e9 / seconds:.2f} GB a CPU second", seconds, None, "1.5 GB a CPU second")
for number, changed in [(1, False), (2, True)]:
    many(f"{work}/many.waybill.jsonl", changed)
    row(f"publish the labels of {samples} samples",
        cpu(lambda: waybill("publish", f"{work}/many.waybill.jsonl", store, "--name", "many", "--media", "none", "--jobs", 1, "--quiet")))
row("the labels of one of them", cpu(lambda: waybill("cat", store, "many@V001", "s/0012345.jpg", "--sample")), None, "0.020 s")
row("diff of two versions, 1 % changed",
    cpu(lambda: waybill("diff", f"{store}#many@V001", f"{store}#many@V002", "--stat", "--jobs", 1)), None, "3 s")
shutil.rmtree(store)
