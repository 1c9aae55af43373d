"""Measures commands beside a floor or beside themselves, and prints one row of the table.

    measure.py floor   NAME INPUT OUTPUT FLOOR COMMAND...                 CPU time and memory beside the floor
    measure.py growth  NAME FEW INPUT MANY INPUT OUTPUT COMMAND...        CPU time an image, for few images and for many
    measure.py workers NAME INPUT OUTPUT COMMAND...                       wall time with one and with two worker threads
    measure.py start   NAME COMMAND...                                    mean wall time of fifty runs

INPUT and OUTPUT in a COMMAND stand for the paths. CPU time (user and system) and the largest resident set come from wait4; anonymous
memory is read from /proc/PID/status every 10 ms. What is compared runs in turn, three times; the medians count.
"""

import os
import shutil
import statistics
import sys
import time
from typing import NamedTuple

ROUNDS = 3
STARTS = 50
HEADER = ("work", "input MB", "CPU s", "user s", "MB/CPU-s", "anon MB", "max RSS MB", "floor s", "CPU/floor")
WIDTHS = (28, 9, 8, 8, 9, 8, 10, 8, 9)


class Run(NamedTuple):
    """What one run took: seconds, and the peaks of anonymous and resident memory in kilobytes."""

    code: int
    cpu: float
    user: float
    wall: float
    anonymous: int
    resident: int


class Failure(Exception):
    pass


def row(cells):
    first, *rest = (str(cell).rjust(width) for cell, width in zip(cells, WIDTHS))
    return "  ".join([first.strip().ljust(WIDTHS[0])] + rest)


def anonymous_kilobytes(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def run(command, log):
    """Runs the command to its end."""
    output = [
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
    ]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=output)
    peak = 0
    begin = time.monotonic()
    while True:
        peak = max(peak, anonymous_kilobytes(pid))
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            cpu = usage.ru_utime + usage.ru_stime
            return Run(os.waitstatus_to_exitcode(status), cpu, usage.ru_utime, time.monotonic() - begin, peak, usage.ru_maxrss)
        time.sleep(0.01)


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def files(path):
    """Folders (`/name`) and files (`bytes name`) at a path, folders before what is in them, in the order the system lists them."""
    if not os.path.isdir(path):
        return [f"{os.path.getsize(path)}"]
    lines = []
    for folder, _, names in os.walk(path):
        lines.append("/" + os.path.relpath(folder, path).removeprefix("."))
        lines += [f"{os.path.getsize(os.path.join(folder, name))} {name}" for name in names]
    return lines


def size(path):
    return sum(int(line.split(" ", 1)[0]) for line in files(path) if not line.startswith("/"))


def checked(command, log):
    done = run(command, log)
    if done.code != 0:
        with open(log, errors="replace") as text:
            lines = text.read().splitlines()
        raise Failure("\n".join([f"exit code {done.code}: {' '.join(command)}"] + lines[:8] + lines[8:][-2:]))
    return done


def convert(command, source, target):
    """Runs a conversion whose arguments INPUT and OUTPUT stand for paths; what it wrote stays."""
    remove(target)
    places = {"INPUT": source, "OUTPUT": target}
    return checked([places.get(argument, argument) for argument in command], target + ".log")


def median(runs, field):
    return statistics.median(getattr(done, field) for done in runs)


def beside_floor(name, source, target, floor, *command):
    runs, floors = [], []
    spare = target + ".floor"
    for _ in range(ROUNDS):
        runs.append(convert(command, source, target))
        with open(target + ".list", "w") as text:
            text.write("".join(line + "\n" for line in files(target)))
        remove(target)
        below = [checked([floor, *arguments], target + ".log") for arguments in (["read", source], ["write", spare, target + ".list"])]
        remove(spare)
        floors.append(sum(done.cpu for done in below))
    remove(target + ".list")
    megabytes, cpu, beneath = size(source) / 1e6, median(runs, "cpu"), statistics.median(floors)
    return (
        name, f"{megabytes:.1f}", f"{cpu:.3f}", f"{median(runs, 'user'):.3f}", f"{megabytes / cpu:.0f}",
        f"{median(runs, 'anonymous') * 1024 / 1e6:.1f}", f"{median(runs, 'resident') * 1024 / 1e6:.1f}", f"{beneath:.3f}",
        f"{cpu / beneath:.1f}",
    )


def growth(name, few, small, many, large, target, *command):
    runs = [(convert(command, small, target), convert(command, large, target)) for _ in range(ROUNDS)]
    least, most = (statistics.median(done.cpu for done in column) for column in zip(*runs))
    a, b = least / int(few) * 1e6, most / int(many) * 1e6
    return name, f"{a:.1f} us an image for {few}, {b:.1f} us for {many}: {b / a:.2f} times as much"


def workers(name, source, target, *command):
    runs = [[convert([*command, "--jobs", str(jobs)], source, target) for jobs in (1, 2)] for _ in range(ROUNDS)]
    alone, together = (statistics.median(done.wall for done in column) for column in zip(*runs))
    return name, f"{alone:.3f} s wall with one thread, {together:.3f} s with two: {together / alone:.2f} times as long"


def start(name, *command):
    begin = time.monotonic()
    for _ in range(STARTS):
        pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
        if os.waitpid(pid, 0)[1] != 0:
            raise Failure(f"failed: {' '.join(command)}")
    return name, f"{(time.monotonic() - begin) / STARTS * 1e3:.2f} ms, the mean of {STARTS} runs"


def main(kind, name="", *arguments):
    if kind == "header":
        print(row(HEADER), flush=True)
        return 0
    try:
        cells = {"floor": beside_floor, "growth": growth, "workers": workers, "start": start}[kind](name, *arguments)
    except Failure as failure:
        print(row((name, "FAILED")), flush=True)
        print(failure, file=sys.stderr)
        return 1
    print(row(cells) if kind == "floor" else f"{name.ljust(WIDTHS[0])}  {cells[1]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
