"""Processes that outlive the command that started them, found again by a list in a folder.

A line of the list names a process, its id, and when it started: an id that was given to another program later is not taken for it.
"""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")


class Failure(Exception):
    """What a person is told, without a trace."""


@dataclass(frozen=True)
class Process:
    group: str
    name: str
    pid: int
    started: str

    def line(self) -> str:
        return f"{self.group} {self.name} {self.pid} {self.started}\n"

    def is_alive(self) -> bool:
        return started(self.pid) == self.started

    def signal(self, number: int) -> None:
        try:
            if self.is_alive():
                os.kill(self.pid, number)
        except ProcessLookupError:
            pass


def started(pid: int) -> str | None:
    """Which boot of the machine and which tick of it a process began at; None when it is gone, or ended and only not yet taken leave of."""
    try:
        # After the name, which may itself hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else f"{BOOT.read_text().strip()}:{fields[19]}"


class ProcessList:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "processes"
        self.processes: list[Process] = []
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                group, name, pid, started_ = line.split()
                self.processes.append(Process(group, name, int(pid), started_))

    def start(self, group: str, name: str, command: list[str | Path], environment: dict[str, str] | None = None) -> None:
        """Starts a process whose output goes to FOLDER/GROUP/NAME.log; it runs in FOLDER/GROUP."""
        with open(self.log(group, name), "ab") as log:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self.folder / group, env=environment)
            except OSError as error:
                raise Failure(f"{command[0]} cannot be run ({error.strerror}); is Scripts/s3-servers install done?") from None
        listed = Process(group, name, process.pid, started(process.pid) or "ended")
        self.processes.append(listed)
        with open(self.path, "a") as file:
            file.write(listed.line())

    def log(self, group: str, name: str) -> Path:
        return self.folder / group / f"{name}.log"

    def check(self, group: str) -> None:
        """Raises Failure with what a process said last, when one has ended."""
        for process in self.processes:
            if process.group == group and not process.is_alive():
                said = self.log(group, process.name).read_text(errors="replace").splitlines()[-15:]
                raise Failure("\n".join([f"{process.name} has ended:", *said]))

    def wait_for(self, group: str, address: str, seconds: float = 60) -> None:
        """Until something at the address speaks HTTP."""
        until = time.monotonic() + seconds
        while True:
            self.check(group)
            try:
                urllib.request.urlopen(address, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if time.monotonic() > until:
                    raise Failure(f"nothing answers at {address} after {seconds:.0f} s; see {self.folder / group}") from None
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends all, the last one first: the first ones are what the others stand on. Waits until they are gone."""
        for process in reversed(self.processes):
            process.signal(signal.SIGTERM)
            if not wait_until_gone(process, 5):
                process.signal(signal.SIGKILL)
                if not wait_until_gone(process, 10):
                    raise Failure(f"{process.name} ({process.pid}) does not end")
        self.processes = []
        self.path.unlink(missing_ok=True)


def wait_until_gone(process: Process, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while process.is_alive():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def die_with_parent() -> None:
    """In a child before its program begins: it is killed when this one is, which then can no longer do so itself."""
    set_death_signal = 1
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def run(*command: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    """What a command prints in a folder; it must succeed."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, cwd=folder, env=environment,
            preexec_fn=die_with_parent)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not there; run Scripts/s3-servers install") from None
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[0]} has not ended within a minute") from None
    if done.returncode:
        raise Failure(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


given_ports: set[int] = set()


def free_port() -> int:
    """A port below those that the system gives to outgoing connections: none of these can take it before the server does."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        if port in given_ports:
            continue
        given_ports.add(port)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failure("no free port was found")
