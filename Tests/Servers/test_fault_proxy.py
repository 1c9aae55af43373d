#!/usr/bin/env python3
"""Proves each fault of the fault proxy, and that it changes nothing where it has none to bring in.

    python3 Tests/Servers/test_fault_proxy.py
"""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from email.utils import parsedate_to_datetime

from fault_test_support import BODY, HERE, ProxyCase, Upstream


class ProxyTests(ProxyCase):
    # What must not change

    def test_passes_on(self) -> None:
        path = "/b/a%20b//..%2F%C3%A9?x=%2b&y&x=1"
        self.assertEqual(self.ask("PUT", path, BODY, X_Amz_Meta_A="one   two", Authorization="secret")[0], 200)
        self.assertEqual(self.ask("GET", path)[2], BODY)
        self.assertEqual(self.ask("GET", path + "&chunked")[2], BODY)
        for method in ("HEAD", "DELETE"):
            self.assertEqual(self.ask(method, path)[2], b"")
        line, headers = Upstream.heads[0]
        self.assertEqual(line, f"PUT {path} HTTP/1.1")
        self.assertIn(("Host", f"127.0.0.1:{self.port}"), headers)
        self.assertIn(("X-Amz-Meta-A", "one   two"), headers)
        self.assertIn(("Authorization", "secret"), headers)
        log = self.log()
        self.assertEqual([entry["method"] for entry in log], ["PUT", "GET", "GET", "HEAD", "DELETE"])
        self.assertEqual([entry["status"] for entry in log], [200, 200, 200, 200, 204])
        self.assertEqual([entry["request_bytes"] for entry in log], [1024, 0, 0, 0, 0])
        self.assertEqual([entry["response_bytes"] for entry in log], [0, 1024, 1024, 0, 0])
        self.assertEqual((log[0]["path"], log[0]["query"]), tuple(path.split("?")))
        self.assertEqual(log[0]["headers"]["x-amz-meta-a"], "one   two")
        self.assertNotIn("authorization", log[0]["headers"])
        self.assertEqual(len({entry["connection"] for entry in log}), 1, "the client's connection was kept")

    def test_streams_large_bodies(self) -> None:
        large = BODY * 8192
        self.assertEqual(self.ask("PUT", "/b/large", large)[0], 200)
        self.assertEqual(self.ask("GET", "/b/large")[2], large)

    def test_continue(self) -> None:
        head = b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock:
            sock.sendall(head)
            self.assertTrue(sock.recv(100).startswith(b"HTTP/1.1 100 "))
            sock.sendall(b"abc")
            self.assertTrue(sock.recv(1000).startswith(b"HTTP/1.1 200 "))
        self.assertEqual(Upstream.stored["/b/k"], b"abc")
        self.meet("status", status=503)
        came, reset = self.raw(head)
        self.assertTrue(came.startswith(b"HTTP/1.1 503 ") and not reset, "refused without the body")

    def test_early_answer(self) -> None:
        self.assertEqual(self.ask("POST", "/b/k", BODY * 64)[::2], (403, b"early"))
        self.assertEqual(self.ask("GET")[2], BODY)

    def test_plan_rules(self) -> None:
        self.plan(
            {"match": {"method": "GET", "path": "^/b/", "nth": 2}, "times": 2, "fault": {"kind": "status", "status": 500}},
            {"match": {"query": "^list"}, "fault": {"kind": "status", "status": 501}},
            {"match": {"number": 6}, "fault": {"kind": "status", "status": 502}},
            {"match": {"header": "X-Odd"}, "times": -1, "fault": {"kind": "status", "status": 504}})
        asked = [self.ask("GET", path)[0] for path in ("/b/k", "/c/k", "/b/k?list", "/b/k", "/b/k", "/b/k", "/b/k?list")]
        self.assertEqual(asked, [200, 200, 500, 500, 200, 502, 501])
        self.assertEqual([self.ask("GET", X_Odd="1")[0] for _ in range(3)], [504] * 3)
        self.assertEqual([rule["used"] for rule in self.command("GET", "/plan")[1]], [2, 1, 1, 3])
        self.assertEqual(self.command("DELETE", "/log"), (200, {}))
        self.ask("GET")
        self.assertEqual([entry["number"] for entry in self.log()], [11])
        for wrong in ({"fault": {"kind": "flop"}}, {"fault": {"kind": "flip"}}, {"fault": {"kind": "flip", "at": 1, "by": 1}},
                      {"match": {"pth": ""}, "fault": {"kind": "lost-reply"}}, {"match": {"path": "("}, "fault": {"kind": "lost-reply"}},
                      {"times": 0, "fault": {"kind": "lost-reply"}}, {"match": {"nth": 0}, "fault": {"kind": "lost-reply"}}):
            self.assertEqual(self.command("PUT", "/plan", [wrong])[0], 400, wrong)

    # Answers

    def test_status(self) -> None:
        self.meet("status", status=503, code="SlowDown", headers={"Retry-After": "1"})
        status, headers, body = self.ask("PUT", body=BODY)
        self.assertEqual((status, headers["Retry-After"], headers["Content-Type"]), (503, "1", "application/xml"))
        self.assertIn(b"<Error><Code>SlowDown</Code>", body)
        self.assertEqual(Upstream.stored, {})
        self.assertEqual(self.ask("GET")[2], BODY)
        log = self.log()
        self.assertEqual([(entry["status"], entry["answered"], entry["fault"]) for entry in log], [(None, 503, "status"), (200, 200, None)])
        self.assertEqual(log[0]["connection"], log[1]["connection"])
        self.meet("status", status=500)
        self.assertEqual(self.ask("HEAD")[::2], (500, b""))
        self.assertEqual(self.ask("HEAD")[0], 200)

    def test_status_after(self) -> None:
        self.meet("status-after", status=500)
        self.assertEqual(self.ask("PUT", body=BODY)[0], 500)
        self.assertEqual(Upstream.stored, {"/b/k": BODY})
        self.assertEqual((self.log()[0]["status"], self.log()[0]["answered"]), (200, 500))

    def test_redirect(self) -> None:
        self.meet("redirect", status=307, location="http://elsewhere/b/k")
        status, headers, _ = self.ask("PUT", body=BODY)
        self.assertEqual((status, headers["Location"], Upstream.stored), (307, "http://elsewhere/b/k", {}))

    def test_answer_headers(self) -> None:
        for kind, parameters, name, value in (
                ("etag", {"value": '"other"'}, "ETag", '"other"'), ("drop-header", {"name": "etag"}, "ETag", None),
                ("set-header", {"name": "x-new", "value": "é"}, "x-new", "é".encode().decode("latin-1"))):
            self.meet(kind, **parameters)
            status, headers, body = self.ask("GET")
            self.assertEqual((status, headers[name], body), (200, value, BODY), kind)
            self.assertEqual(self.ask("GET")[1]["ETag"], '"true"')
        self.meet("date", offset=-3600)
        shifted, true = (parsedate_to_datetime(self.ask("GET")[1]["Date"]) for _ in range(2))
        self.assertAlmostEqual((true - shifted).total_seconds(), 3600, delta=2)

    def test_request_headers(self) -> None:
        self.plan({"times": -1, "fault": {"kind": "strip-request-header", "name": "If-None-Match"}})
        self.ask("PUT", body=BODY, If_None_Match="*", X_Kept="1")
        names = [name for name, _ in Upstream.heads[0][1]]
        self.assertNotIn("If-None-Match", names)
        self.assertIn("X-Kept", names)
        Upstream.stored.clear()
        self.meet("refuse-request-header", name="If-None-Match", status=501, code="NotImplemented")
        self.assertEqual(self.ask("GET")[0], 200, "has no such header")
        status, _, body = self.ask("PUT", body=BODY, If_None_Match="*")
        self.assertEqual((status, b"NotImplemented" in body, Upstream.stored), (501, True, {}))

    # Connections

    def test_resets_around_requests(self) -> None:
        put = b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 1024\r\n\r\n" + BODY
        for kind, parameters, stored, read in (
                ("reset-before", {}, False, 0), ("reset-request", {"after": 100}, False, 100), ("reset-request", {"after": 5000}, False, 1023),
                ("lost-reply", {}, True, 1024)):
            Upstream.stored.clear()
            self.meet(kind, **parameters)
            self.assertEqual(self.raw(put), (b"", True), kind)
            time.sleep(0.05)
            self.assertEqual("/b/k" in Upstream.stored, stored, kind)
            self.assertEqual(self.log()[0]["request_bytes"], read, kind)
        self.meet("reset-request", after=0)
        self.assertEqual(self.raw(b"GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n"), (b"", True))

    def test_ends_in_answers(self) -> None:
        for kind, path in (("reset-response", "/b/k"), ("truncate", "/b/k"), ("reset-response", "/b/chunked"), ("truncate", "/b/chunked")):
            self.meet(kind, after=100)
            came, reset = self.raw(f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            head, _, body = came.partition(b"\r\n\r\n")
            self.assertEqual(reset, kind == "reset-response")
            if path == "/b/k":
                self.assertIn(b"Content-Length: 1024", head)
                self.assertEqual(body, BODY[:100])
            else:
                self.assertEqual(body, b"64\r\n" + BODY[:100] + b"\r\n")
            self.assertEqual(self.log()[0]["response_bytes"], 100)

    # Bytes and time

    def test_flips(self) -> None:
        self.meet("flip", at=1000)
        body = self.ask("GET")[2]
        self.assertEqual([(place, one ^ other) for place, (one, other) in enumerate(zip(BODY, body)) if one != other], [(1000, 1)])
        self.meet("flip-request", at=3)
        self.ask("PUT", body=b"abcdef")
        self.assertEqual(Upstream.stored["/b/k"], b"abceef")
        for kind, parameters in (("flip", {"at": 6}), ("truncate", {"after": 6}), ("flip-request", {"at": 0})):
            self.meet(kind, **parameters)
            self.assertEqual(self.ask("GET")[2], b"abceef")
            self.assertEqual((self.log()[0]["fault"], self.log()[0]["missed"]), (None, kind))

    def test_stalls(self) -> None:
        for kind, parameters in (("stall", {"seconds": 0.3}), ("stall-response", {"after": 10, "seconds": 0.3})):
            self.meet(kind, **parameters)
            taken = []
            for _ in range(2):
                began = time.monotonic()
                self.assertEqual(self.ask("GET")[2], BODY)
                taken.append(time.monotonic() - began)
            self.assertGreaterEqual(taken[0], 0.3, kind)
            self.assertLess(taken[1], 0.3, kind)

    def test_tls(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, str(HERE / "make_certificates.py"), folder], check=True)
            for name, refusal in (("good", None), ("other", "mismatch"), ("expired", "expired"), ("unknown", "unable to get local issuer")):
                process, port, _ = self.start("--tls", f"{folder}/{name}.pem", f"{folder}/{name}.key")
                client = http.client.HTTPSConnection("localhost", port, timeout=10, context=ssl.create_default_context(cafile=f"{folder}/ca.pem"))
                try:
                    if refusal is None:
                        client.request("GET", "/b/k")
                        self.assertEqual(client.getresponse().read(), BODY)
                    else:
                        with self.assertRaisesRegex(ssl.SSLCertVerificationError, refusal):
                            client.request("GET", "/b/k")
                finally:
                    client.close()
                    process.stdin.close()
                    process.wait(5)
                    process.stdout.close()


if __name__ == "__main__":
    unittest.main()
