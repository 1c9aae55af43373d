"""One connection of the fault proxy, and the head of a request or an answer as it stood on it.

Heads are kept as raw lines: what is not changed on purpose is sent on byte for byte, and so signatures stay valid.
"""

from __future__ import annotations

import fcntl
import select
import socket
import ssl
import struct
import termios
import time
from typing import Iterator

BLOCK = 64 * 1024
LONGEST_LINE = 256 * 1024
# Long enough for a stalled test, short enough that a forgotten connection ends.
PATIENCE = 300.0


class Wire:
    """Reads lines and counted bytes from a socket, and ends the connection in one of the ways that a network does."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.kept = b""
        sock.settimeout(PATIENCE)
        # Else a small head waits for the other side's acknowledgement, 40 ms for each request.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def some(self, limit: int) -> bytes:
        """Up to `limit` bytes; nothing at the end."""
        if not self.kept:
            return self.sock.recv(min(limit, BLOCK))
        block, self.kept = self.kept[:limit], self.kept[limit:]
        return block

    def line(self) -> bytes:
        """The next line without its end; raises EOFError when the connection ends before it."""
        while b"\n" not in self.kept:
            block = self.sock.recv(BLOCK)
            if not block or len(self.kept) > LONGEST_LINE:
                raise EOFError("the connection ended in a head")
            self.kept += block
        line, _, self.kept = self.kept.partition(b"\n")
        return line.rstrip(b"\r")

    def counted(self, left: int) -> Iterator[bytes]:
        """So many bytes, as they come; raises EOFError when the connection ends before."""
        while left:
            block = self.some(left)
            if not block:
                raise EOFError("the connection ended in a body")
            left -= len(block)
            yield block

    def send(self, block: bytes) -> None:
        self.sock.sendall(block)

    def has_something(self) -> bool:
        """Whether a read would not wait for the network: bytes or an end are there."""
        return bool(wait([self], 0))

    def reset(self) -> None:
        """Ends with RST. What was sent is let through first: a reset throws away what the other side has not taken."""
        try:
            until = time.monotonic() + 1
            while time.monotonic() < until:
                unsent = struct.unpack("i", fcntl.ioctl(self.sock.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]
                if unsent == 0:
                    break
                time.sleep(0.005)
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self.sock.close()

    def finish(self) -> None:
        """Ends with FIN, and with close_notify under TLS. Reads on for a moment: closing over unread bytes would send RST."""
        try:
            self.sock.settimeout(0.5)
            if isinstance(self.sock, ssl.SSLSocket):
                try:
                    self.sock.unwrap()
                except (OSError, ValueError):
                    pass
            else:
                self.sock.shutdown(socket.SHUT_WR)
                until = time.monotonic() + 2
                while time.monotonic() < until and self.sock.recv(BLOCK):
                    pass
        except OSError:
            pass
        self.sock.close()


def wait(wires: list[Wire], seconds: float = PATIENCE) -> list[Wire]:
    """Those of the connections that can be read from now."""
    held = [wire for wire in wires if wire.kept or isinstance(wire.sock, ssl.SSLSocket) and wire.sock.pending()]
    if held:
        return held
    readable, _, _ = select.select([wire.sock for wire in wires], [], [], seconds)
    return [wire for wire in wires if wire.sock in readable]


class Head:
    """The first line and the header lines of a message."""

    def __init__(self, start: bytes, lines: list[bytes]) -> None:
        self.start = start
        self.lines = lines

    @classmethod
    def read(cls, wire: Wire) -> Head:
        start = b""
        while not start:
            start = wire.line()
        lines = []
        while line := wire.line():
            lines.append(line)
        return cls(start, lines)

    @classmethod
    def answer(cls, status: int, reason: str, fields: dict[str, str]) -> Head:
        head = cls(f"HTTP/1.1 {status} {reason}".encode(), [])
        for name, value in fields.items():
            head.put(name, value)
        return head

    @staticmethod
    def _name(line: bytes) -> str:
        return line.partition(b":")[0].decode("latin-1").lower()

    def fields(self) -> dict[str, str]:
        """The values by lower-case name; those of equal names are joined."""
        found: dict[str, str] = {}
        for line in self.lines:
            name, value = self._name(line), line.partition(b":")[2].strip().decode("utf-8", "replace")
            found[name] = f"{found[name]}, {value}" if name in found else value
        return found

    def get(self, name: str) -> str | None:
        return self.fields().get(name.lower())

    def drop(self, name: str) -> None:
        self.lines = [line for line in self.lines if self._name(line) != name.lower()]

    def put(self, name: str, value: str) -> None:
        self.drop(name)
        self.lines.append(f"{name}: {value}".encode())

    def encode(self) -> bytes:
        return b"\r\n".join([self.start, *self.lines, b"", b""])

    @property
    def status(self) -> int:
        return int(self.start.split(b" ")[1])

    @property
    def is_chunked(self) -> bool:
        return (self.get("transfer-encoding") or "").lower() == "chunked"

    def length(self) -> int | None:
        text = self.get("content-length")
        if text is None:
            return None
        # int() alone would take a sign, spaces and underscores.
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"Content-Length is not a number: {text}")
        return int(text)
