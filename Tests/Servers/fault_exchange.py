"""One request through the fault proxy and its answer, with the fault that the plan has for it.

Bodies go on block by block as they come. A request body needs a Content-Length, as the stores demand; a chunked one breaks the connection.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Iterator

from fault_answer import flipped, made_answer, shifted
from fault_wire import BLOCK, Head, Wire, wait

if TYPE_CHECKING:
    from fault_connection import Connection


class Ended(Exception):
    """A fault has ended the client's connection; there is nothing left to do on it."""


class Exchange:
    def __init__(self, connection: Connection, head: Head) -> None:
        self.connection = connection
        self.client = connection.client
        self.head = head
        self.method, target, version = head.start.decode("latin-1").split(" ")
        fields = head.fields()
        self.entry, fault = connection.plan.begin(self.method, target, fields, connection.number)
        self.fault: dict[str, Any] = fault or {"kind": None}
        self.kind: str | None = self.fault["kind"]
        self.entry["fault"] = self.kind
        if "transfer-encoding" in fields:
            raise ValueError("a request body without Content-Length is not supported")
        self.unread = self.length = head.length() or 0
        self.awaits_continue = self.length > 0 and fields.get("expect", "").lower() == "100-continue"
        self.closes = version != "HTTP/1.1" or fields.get("connection", "").lower() == "close"

    def run(self) -> bool:
        """Whether the client's connection can serve another request."""
        kind, fault = self.kind, self.fault
        if kind == "reset-before" or kind == "reset-request" and self.length == 0:
            self.end(reset=True)
        if kind in ("status", "redirect", "refuse-request-header"):
            self.answer_instead()
            return not self.closes
        if kind == "stall":
            time.sleep(fault["seconds"])
        if kind == "strip-request-header":
            self.head.drop(fault["name"])
        if kind == "flip-request" and fault["at"] >= self.length:
            self.missed()
        upstream = self.connection.upstream()
        answer = self.forward(upstream)
        self.entry["status"] = answer.status
        if kind in ("lost-reply", "status-after"):
            for _ in self.body(answer, upstream):
                pass
            self.settle_upstream(answer)
            if kind == "lost-reply":
                self.end(reset=True)
            self.answer_instead()
            return not self.closes
        self.change(answer)
        self.reply(answer, upstream)
        return not self.closes

    # The request

    def take(self, limit: int) -> bytes:
        """The next bytes of the request body."""
        block = self.client.some(min(self.unread, limit))
        if not block:
            raise EOFError("the client ended in a body")
        self.unread -= len(block)
        self.entry["request_bytes"] += len(block)
        return block

    def forward(self, upstream: Wire) -> Head:
        """Sends the request on while it comes in; gives the head of the answer, which may come before the body has gone."""
        # Never the last byte: a request that is cut must not be complete upstream.
        cut = min(self.fault["after"], self.length - 1) if self.kind == "reset-request" else None
        upstream.send(self.head.encode())
        while self.unread:
            done = self.length - self.unread
            if done == cut:
                self.connection.leave_upstream(reset=True)
                self.end(reset=True)
            if upstream in wait([self.client, upstream]):
                answer = Head.read(upstream)
                if answer.status >= 200:
                    return answer
                self.awaits_continue = False
                self.client.send(answer.encode())
                continue
            block = self.take(BLOCK if cut is None else cut - done)
            self.awaits_continue = False
            if self.kind == "flip-request":
                block = flipped(block, self.fault["at"] - done)
            try:
                upstream.send(block)
            except OSError:
                # An upstream that refuses early may close over the rest of the body; its answer is still to be read.
                break
        while (answer := Head.read(upstream)).status < 200:
            self.client.send(answer.encode())
        return answer

    def settle_request(self) -> None:
        """Reads what the client still sends, so that the next request is found; one that was never told to go on may send nothing."""
        if self.awaits_continue:
            self.closes = True
            return
        while self.unread:
            self.take(BLOCK)

    # The answer

    def is_bodiless(self, answer: Head) -> bool:
        return self.method == "HEAD" or answer.status in (204, 304)

    def body(self, answer: Head, upstream: Wire) -> Iterator[bytes]:
        """The blocks of the answer's body; raises EOFError when it ends early."""
        if self.is_bodiless(answer):
            return
        length = answer.length()
        if answer.is_chunked:
            while size := int(upstream.line().split(b";")[0], 16):
                yield from upstream.counted(size)
                upstream.line()
            while upstream.line():
                pass
        elif length is not None:
            yield from upstream.counted(length)
        else:
            while block := upstream.some(BLOCK):
                yield block

    def settle_upstream(self, answer: Head) -> None:
        """After an answer that was read to its end: keeps the upstream's connection only where both sides know that it goes on."""
        framed = answer.length() is not None or answer.is_chunked or self.is_bodiless(answer)
        ends = (answer.get("connection") or "").lower() == "close" or not answer.start.startswith(b"HTTP/1.1") or self.closes
        if self.unread or ends or not framed:
            self.connection.leave_upstream()

    def change(self, answer: Head) -> None:
        """The faults in the head of an answer."""
        if self.kind == "etag":
            answer.put("ETag", self.fault["value"])
        elif self.kind == "drop-header":
            answer.drop(self.fault["name"])
        elif self.kind == "set-header":
            answer.put(self.fault["name"], self.fault["value"])
        elif self.kind == "date":
            answer.put("Date", shifted(answer.get("date"), self.fault["offset"]))

    def reply(self, answer: Head, upstream: Wire) -> None:
        """Sends the answer on while it comes in."""
        bodiless = self.is_bodiless(answer)
        chunked = answer.is_chunked and not bodiless
        # What the upstream says of its own connection says nothing of the client's.
        sent = Head(b"HTTP/1.1 " + answer.start.partition(b" ")[2], list(answer.lines))
        sent.drop("Connection")
        sent.drop("Keep-Alive")
        if self.awaits_continue or not (chunked or bodiless or answer.length() is not None):
            self.closes = True
        if self.closes:
            sent.put("Connection", "close")
        at = self.fault.get("after", self.fault.get("at")) if self.kind in ("reset-response", "truncate", "flip", "stall-response") else None
        size = 0 if bodiless else None if chunked else answer.length()
        if at is not None and size is not None and at >= size:
            self.missed()
            at = None
        self.entry["answered"] = sent.status
        self.client.send(sent.encode())

        done = 0
        for block in self.body(answer, upstream):
            parts = [block]
            if at is not None and done <= at < done + len(block):
                parts = self.meet(block, at - done, chunked)
                at = None
            done += len(block)
            for part in parts:
                self.give(part, chunked)
        if at is not None:
            self.missed()
        if chunked:
            self.client.send(b"0\r\n\r\n")
        self.settle_upstream(answer)
        self.settle_request()

    def give(self, block: bytes, chunked: bool) -> None:
        # Counted first: who has the end of an answer finds all of it in the log.
        self.entry["response_bytes"] += len(block)
        if block:
            self.client.send(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)

    def meet(self, block: bytes, at: int, chunked: bool) -> list[bytes]:
        """The fault in a body, at a byte of this block; gives what is left to send."""
        if self.kind == "flip":
            return [flipped(block, at)]
        self.give(block[:at], chunked)
        if self.kind == "stall-response":
            time.sleep(self.fault["seconds"])
            return [block[at:]]
        self.connection.leave_upstream(reset=True)
        self.end(reset=self.kind == "reset-response")
        return []

    def answer_instead(self) -> None:
        self.settle_request()
        head, text = made_answer(self.fault, self.entry, self.closes)
        self.entry["answered"] = head.status
        self.entry["response_bytes"] += len(text)
        self.client.send(head.encode() + text)

    def end(self, reset: bool) -> None:
        if reset:
            self.client.reset()
        else:
            self.client.finish()
        raise Ended

    def missed(self) -> None:
        """The body had no such byte. The log says so, for a fault that did not take place must not count as one."""
        self.entry["fault"] = None
        self.entry["missed"] = self.kind
