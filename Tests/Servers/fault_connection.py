"""A client's connection through the fault proxy, with the connection to the upstream that belongs to it."""

from __future__ import annotations

import itertools
import socket

from fault_exchange import Ended, Exchange
from fault_plan import Plan
from fault_wire import BLOCK, Head, Wire, wait

_connections = itertools.count(1)


class Connection:
    """Serves the requests of one client connection, in turn; the connection to the upstream is kept as well."""

    def __init__(self, sock: socket.socket, upstream: tuple[str, int], plan: Plan) -> None:
        self.client = Wire(sock)
        self.address = upstream
        self.plan = plan
        self.kept_upstream: Wire | None = None
        self.number = next(_connections)

    def upstream(self) -> Wire:
        # A kept connection that can be read from without a request was ended by the upstream.
        if self.kept_upstream and self.kept_upstream.has_something():
            self.leave_upstream()
        if self.kept_upstream is None:
            self.kept_upstream = Wire(socket.create_connection(self.address, timeout=10))
        return self.kept_upstream

    def leave_upstream(self, reset: bool = False) -> None:
        if self.kept_upstream:
            if reset:
                self.kept_upstream.reset()
            else:
                self.kept_upstream.sock.close()
            self.kept_upstream = None

    def serve(self) -> None:
        try:
            while wait([self.client]) and (self.client.kept or self._more()):
                if not Exchange(self, Head.read(self.client)).run():
                    break
            self.client.finish()
        except Ended:
            pass
        except (OSError, EOFError, ValueError, IndexError):
            # The client or the upstream broke off, or spoke no HTTP: the other side sees a break too.
            self.leave_upstream(reset=True)
            self.client.reset()
        finally:
            self.leave_upstream()

    def _more(self) -> bool:
        self.client.kept = self.client.some(BLOCK)
        return bool(self.client.kept)
