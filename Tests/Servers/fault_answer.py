"""What the fault proxy makes itself: answers in the form of the store's, and changed dates and bytes."""

from __future__ import annotations

import html
import http
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from fault_wire import Head


def made_answer(fault: dict[str, Any], entry: dict[str, Any], closes: bool) -> tuple[Head, bytes]:
    """The head and the body of the answer that a fault puts in the place of the store's."""
    status = fault["status"]
    reason = http.HTTPStatus(status).phrase if status in http.HTTPStatus._value2member_map_ else "Fault"
    code = fault.get("code", "TemporaryRedirect" if fault["kind"] == "redirect" else "InternalError")
    message = fault.get("message", "A fault that the plan asked for.")
    request = f"fault-{entry['number']}"
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{html.escape(code)}</Code><Message>{html.escape(message)}</Message>'
        f"<Resource>{html.escape(entry['path'])}</Resource><RequestId>{request}</RequestId></Error>"
    ).encode()
    fields = {"Date": format_datetime(datetime.now(timezone.utc), usegmt=True), "x-amz-request-id": request}
    bodiless = status in (204, 304)
    if not bodiless:
        fields |= {"Content-Type": "application/xml", "Content-Length": str(len(text))}
    if "location" in fault:
        fields["Location"] = fault["location"]
    if closes:
        fields["Connection"] = "close"
    head = Head.answer(status, reason, fields)
    for name, value in fault.get("headers", {}).items():
        head.put(name, str(value))
    return head, b"" if bodiless or entry["method"] == "HEAD" else text


def shifted(date: str | None, offset: float) -> str:
    """A Date header that is so many seconds off; off from now where there is none."""
    moment = parsedate_to_datetime(date) if date else datetime.now(timezone.utc)
    return format_datetime((moment + timedelta(seconds=offset)).astimezone(timezone.utc), usegmt=True)


def flipped(block: bytes, at: int) -> bytes:
    """The block with the lowest bit of one byte changed; as it is when the byte is not in it."""
    if not 0 <= at < len(block):
        return block
    return block[:at] + bytes([block[at] ^ 1]) + block[at + 1:]
