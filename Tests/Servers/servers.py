#!/usr/bin/env python3
"""Starts and stops the S3 servers that tests use: servers.py start|stop FOLDER [--only rgw|moto]. Called by Scripts/s3-servers.

All that the servers keep and write lies in FOLDER. FOLDER/servers.env tells their addresses and keys, as NAME=value lines that a shell can
read. A user named OTHER has keys but no right to the first one's buckets.
"""

from __future__ import annotations

import argparse
import fcntl
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

import server_moto
import server_radosgw
from server_process import Failure, ProcessList

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {"rgw": server_radosgw.GROUP, "moto": server_moto.GROUP}


def start(folder: Path, wanted: list[str]) -> None:
    processes = ProcessList(folder)
    alive = [process for process in processes.processes if process.is_alive()]
    if alive:
        running = {process.group for process in alive}
        missing = [group for group in wanted if group not in running]
        if missing or len(alive) < len(processes.processes) or not (folder / "servers.env").exists():
            raise Failure(f"only some servers run in {folder}; stop them first: Scripts/s3-servers stop {folder}")
        print(f"s3-servers: already running in {folder}")
        return

    # What a start before has left is of no use: its servers have forgotten it.
    (folder / "servers.env").unlink(missing_ok=True)
    for group in GROUPS.values():
        shutil.rmtree(folder / group, ignore_errors=True)
    processes.stop()
    try:
        lines: dict[str, str] = {}
        moto = None
        # It loads for a second or two, in which the others can start.
        if server_moto.GROUP in wanted:
            moto = server_moto.start(processes, ROOT / ".build/servers-venv/bin/moto_server")
        if server_radosgw.GROUP in wanted:
            lines |= server_radosgw.start(processes)
        if moto:
            lines |= server_moto.set_up(processes, moto)
        # In one step: who waits for the file never reads half of it.
        unfinished = folder / "servers.env.unfinished"
        unfinished.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        unfinished.replace(folder / "servers.env")
    except BaseException:
        # A second signal must not end the clearing up.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        processes.stop()
        raise
    print(f"s3-servers: running; see {folder / 'servers.env'}")


def stop(folder: Path) -> None:
    processes = ProcessList(folder)
    count = sum(process.is_alive() for process in processes.processes)
    (folder / "servers.env").unlink(missing_ok=True)
    processes.stop()
    print(f"s3-servers: stopped {count} processes" if count else "s3-servers: nothing to stop")


def main() -> None:
    parser = argparse.ArgumentParser(prog="Scripts/s3-servers")
    parser.add_argument("command", choices=["start", "stop"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=list(GROUPS))
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    wanted = [GROUPS[arguments.only]] if arguments.only else list(GROUPS.values())

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    try:
        if arguments.command == "stop" and not folder.exists():
            print("s3-servers: nothing to stop")
            return
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if arguments.command == "start":
                start(folder, wanted)
            else:
                stop(folder)
    except Failure as failure:
        print(f"s3-servers: {failure}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
