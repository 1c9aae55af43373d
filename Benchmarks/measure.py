"""Measures one command against the floor and prints one row of the table.

    measure.py NAME INPUT OUTPUT FLOOR COMMAND...

CPU time (user and system) and the largest resident set come from wait4; anonymous memory is read from
/proc/PID/status every 10 ms. The command and the floor run in turn, three times; the median counts.
"""

import os
import shutil
import statistics
import sys
import time

ROUNDS = 3
HEADER = ("work", "input MB", "CPU s", "user s", "MB/CPU-s", "anon MB", "max RSS MB", "floor s", "CPU/floor")
WIDTHS = (28, 9, 8, 8, 9, 8, 10, 8, 9)


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
    """Runs the command to its end: exit code, CPU and user seconds, peak anonymous and peak resident kilobytes."""
    output = [
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
    ]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=output)
    peak = 0
    while True:
        peak = max(peak, anonymous_kilobytes(pid))
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_utime, peak, usage.ru_maxrss
        time.sleep(0.01)


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def extent(path):
    """Bytes and number of the files at a path."""
    if not os.path.isdir(path):
        return os.path.getsize(path), 1
    sizes = [os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names]
    return sum(sizes), len(sizes)


def main(name, source, target, floor, *command):
    log = target + ".log"
    spare = target + ".floor"
    runs, floors = [], []
    for _ in range(ROUNDS):
        remove(target)
        code, *figures = run(command, log)
        if code != 0:
            print(row((name, f"FAILED with exit code {code}")), flush=True)
            with open(log, errors="replace") as text:
                print("\n".join("    " + line for line in text.read().splitlines()[:10]), file=sys.stderr)
            remove(target)
            return 1
        runs.append(figures)
        size, files = extent(target)
        remove(target)
        below = [run((floor, "read", source), log), run((floor, "write", spare, str(size), str(max(files, 1))), log)]
        remove(spare)
        if any(code != 0 for code, *_ in below):
            print(row((name, "FAILED in the floor")), flush=True)
            return 1
        floors.append(sum(cpu for _, cpu, *_ in below))
    remove(log)
    megabytes = extent(source)[0] / 1e6
    cpu, user, anonymous, resident = (statistics.median(figure) for figure in zip(*runs))
    beneath = statistics.median(floors)
    print(
        row((
            name, f"{megabytes:.1f}", f"{cpu:.3f}", f"{user:.3f}", f"{megabytes / cpu:.0f}", f"{anonymous * 1024 / 1e6:.1f}",
            f"{resident * 1024 / 1e6:.1f}", f"{beneath:.3f}", f"{cpu / beneath:.1f}",
        )),
        flush=True,
    )
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--header"]:
        print(row(HEADER), flush=True)
    else:
        sys.exit(main(*sys.argv[1:]))
