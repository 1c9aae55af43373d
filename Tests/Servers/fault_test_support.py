"""What the tests of the fault proxy share: an upstream that keeps what it is given, and a proxy in front of it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BODY = bytes(range(256)) * 4


class Upstream(BaseHTTPRequestHandler):
    """Keeps what it is given, and tells what it was sent."""

    protocol_version = "HTTP/1.1"
    stored: dict[str, bytes] = {}
    heads: list[tuple[str, list[tuple[str, str]]]] = []

    def log_message(self, *arguments: Any) -> None:
        pass

    def answer(self, status: int, body: bytes, chunked: bool = False) -> None:
        Upstream.heads.append((self.requestline, self.headers.items()))
        self.send_response(status)
        self.send_header("ETag", '"true"')
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if chunked:
            half = len(body) // 2
            for part in (body[:half], body[half:]):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            body = b"0\r\n\r\n"
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.answer(200, self.stored.get(self.path, BODY), chunked="chunked" in self.path)

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) == int(self.headers["Content-Length"]):
            self.stored[self.path] = body
            self.answer(200, b"")

    def do_DELETE(self) -> None:
        self.stored.pop(self.path, None)
        self.answer(204, b"")

    def do_POST(self) -> None:
        """Refuses without reading, as a store does that does not like the head."""
        self.close_connection = True
        self.answer(403, b"early")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *arguments: Any) -> None:
        """Connections that break are what the tests are about; their traces would hide a failure."""


class ProxyCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.upstream = Server(("127.0.0.1", 0), Upstream)
        threading.Thread(target=cls.upstream.serve_forever, daemon=True).start()
        cls.process, cls.port, cls.control = cls.start()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.process.stdin.close()
        code = cls.process.wait(5)
        cls.process.stdout.close()
        cls.upstream.shutdown()
        cls.upstream.server_close()
        assert code == 0

    @classmethod
    def start(cls, *more: str) -> tuple[subprocess.Popen[bytes], int, int]:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "fault_proxy.py"), f"http://127.0.0.1:{cls.upstream.server_address[1]}", "--until-eof", *more],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        words = [process.stdout.readline().decode().split() for _ in range(2)]
        assert [word[0] for word in words] == ["listening", "control"], words
        return process, int(words[0][1]), int(words[1][1])

    def setUp(self) -> None:
        Upstream.stored.clear()
        Upstream.heads.clear()
        self.plan()
        self.client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        self.addCleanup(self.client.close)

    def command(self, method: str, path: str, value: Any = None) -> tuple[int, Any]:
        client = http.client.HTTPConnection("127.0.0.1", self.control, timeout=10)
        try:
            client.request(method, path, None if value is None else json.dumps(value))
            answer = client.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            client.close()

    def plan(self, *rules: dict[str, Any]) -> None:
        self.assertEqual(self.command("PUT", "/plan", list(rules)), (200, {}))

    def meet(self, kind: str, **parameters: Any) -> None:
        self.plan({"fault": {"kind": kind, **parameters}})

    def log(self) -> list[dict[str, Any]]:
        return self.command("GET", "/log")[1]

    def ask(self, method: str, path: str = "/b/k", body: bytes | None = None, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        self.client.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.client.getresponse()
        return answer.status, answer.headers, answer.read()

    def raw(self, sent: bytes) -> tuple[bytes, bool]:
        """Everything that comes back for the bytes, and whether it ended with a reset."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock:
            came = b""
            try:
                sock.sendall(sent)
                while block := sock.recv(65536):
                    came += block
            except ConnectionError:
                return came, True
            return came, False
