#!/usr/bin/env python3
"""A reverse proxy on loopback that passes requests on to an S3-compatible store and brings in the faults of networks and of stores.

    fault_proxy.py http://127.0.0.1:PORT [--tls CERT KEY] [--port N] [--control-port N] [--until-eof]

Prints `listening PORT`, then `control PORT`. Requests go on as they came, with their Host header: signatures stay valid. On the control port:

    PUT /plan     a JSON list of rules (see fault_plan.py) replaces the plan; numbers and the log begin anew
    GET /plan     the rules, with how many requests fitted each ("seen") and how many met its fault ("used")
    GET /log      the requests since then: number, method, path, query, status (the upstream's; null when it gave none), answered (the
                  client's), fault (null when none took place), missed (the fault whose byte the body did not have), connection, at (seconds
                  since the plan), request_bytes, response_bytes, headers (names in lower case, without Authorization)
    DELETE /log   empties the log; numbers go on
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from fault_connection import Connection
from fault_plan import Plan


def control_server(plan: Plan, port: int) -> ThreadingHTTPServer:
    class Control(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: Any) -> None:
            pass

        def reply(self, status: int, value: Any) -> None:
            text = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self) -> None:
            if self.path == "/log":
                self.reply(200, plan.log())
            elif self.path == "/plan":
                self.reply(200, plan.state())
            else:
                self.reply(404, {"error": "no such thing"})

        def do_PUT(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path != "/plan":
                return self.reply(404, {"error": "no such thing"})
            try:
                plan.set(json.loads(text))
            # re.error is no ValueError.
            except Exception as error:
                return self.reply(400, {"error": str(error)})
            self.reply(200, {})

        def do_DELETE(self) -> None:
            if self.path != "/log":
                return self.reply(404, {"error": "no such thing"})
            plan.clear()
            self.reply(200, {})

    server = ThreadingHTTPServer(("127.0.0.1", port), Control)
    server.daemon_threads = True
    return server


def serve(sock: socket.socket, context: ssl.SSLContext | None, upstream: tuple[str, int], plan: Plan) -> None:
    """One client connection, in its own thread: a slow handshake holds up no other."""
    try:
        if context:
            sock.settimeout(30)
            sock = context.wrap_socket(sock, server_side=True)
    except OSError:
        # A client that does not trust the certificate ends here; that is its right.
        sock.close()
        return
    Connection(sock, upstream, plan).serve()


def main() -> None:
    parser = argparse.ArgumentParser(description="A reverse proxy that brings in faults.")
    parser.add_argument("upstream", help="http://127.0.0.1:PORT")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--until-eof", action="store_true", help="end when standard input ends, so that it never outlives a test")
    arguments = parser.parse_args()
    parts = urlsplit(arguments.upstream)
    if parts.scheme != "http" or not parts.hostname:
        parser.error("the upstream is http://HOST:PORT")
    upstream = (parts.hostname, parts.port or 80)
    context = None
    if arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*arguments.tls)

    plan = Plan()
    listener = socket.create_server(("127.0.0.1", arguments.port), backlog=128)
    control = control_server(plan, arguments.control_port)
    threading.Thread(target=control.serve_forever, daemon=True).start()
    print(f"listening {listener.getsockname()[1]}", flush=True)
    print(f"control {control.server_address[1]}", flush=True)
    if arguments.until_eof:
        def wait_for_the_end() -> None:
            sys.stdin.buffer.read()
            os._exit(0)
        threading.Thread(target=wait_for_the_end, daemon=True).start()
    try:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=serve, args=(sock, context, upstream, plan), daemon=True).start()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
