"""The plan of the fault proxy: which request meets which fault, and what has been seen since the plan was set.

A plan is a list of rules {"match": {...}, "times": n, "fault": {"kind": ..., ...}}. A request meets the first rule that fits it and is not
used up. `match` may hold, all optional: "method", "path" and "query" (regular expressions, searched in the raw text), "header" (a name that
must be there), "number" (the N-th request since the plan was set) and "nth" (the k-th request that fits the rest; with "times", the k-th and
those after it). `times` is 1 when absent; -1 is always. What is misspelt is refused: a rule that never fits would test nothing.
"""

from __future__ import annotations

import re
import threading
import time
from typing import Any

# The parameters of each kind; those that end with ? may be absent.
KINDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "status": {"status": int, "code?": str, "message?": str, "headers?": dict},
    "status-after": {"status": int, "code?": str, "message?": str, "headers?": dict},
    "reset-before": {},
    "reset-request": {"after": int},
    "lost-reply": {},
    "reset-response": {"after": int},
    "truncate": {"after": int},
    "flip": {"at": int},
    "flip-request": {"at": int},
    "etag": {"value": str},
    "drop-header": {"name": str},
    "set-header": {"name": str, "value": str},
    "stall": {"seconds": (int, float)},
    "stall-response": {"after": int, "seconds": (int, float)},
    "redirect": {"status": int, "location": str, "code?": str},
    "date": {"offset": (int, float)},
    "strip-request-header": {"name": str},
    "refuse-request-header": {"name": str, "status": int, "code": str, "message?": str},
}
MATCHES: dict[str, type | tuple[type, ...]] = {
    "method?": str, "path?": str, "query?": str, "header?": str, "number?": int, "nth?": int,
}


def check(values: Any, allowed: dict[str, type | tuple[type, ...]], what: str) -> None:
    """Raises ValueError unless `values` has what `allowed` demands, and nothing else."""
    if not isinstance(values, dict):
        raise ValueError(f"{what} is not an object")
    types = {name.rstrip("?"): type_ for name, type_ in allowed.items()}
    for name, value in values.items():
        if name not in types:
            raise ValueError(f"{what}: unknown: {name}")
        if not isinstance(value, types[name]) or isinstance(value, bool):
            raise ValueError(f"{what}: {name} has the wrong type")
        if isinstance(value, (int, float)) and value < 0 and name not in ("offset", "times"):
            raise ValueError(f"{what}: {name} is negative")
    for name in allowed:
        if not name.endswith("?") and name not in values:
            raise ValueError(f"{what}: {name} is missing")


class Rule:
    def __init__(self, given: Any) -> None:
        check(given, {"match?": dict, "times?": int, "fault": dict}, "rule")
        self.match: dict[str, Any] = given.get("match", {})
        check(self.match, MATCHES, "match")
        for name in ("number", "nth"):
            if self.match.get(name) == 0:
                raise ValueError(f"match: {name} counts from 1")
        self.times: int = given.get("times", 1)
        if self.times == 0 or self.times < -1:
            raise ValueError("rule: times is -1 or from 1")
        self.fault: dict[str, Any] = given["fault"]
        kind = self.fault.get("kind")
        if kind not in KINDS:
            raise ValueError(f"fault: unknown kind: {kind}")
        check(self.fault, {"kind": str, **KINDS[kind]}, f"fault {kind}")
        self.patterns = {name: re.compile(self.match[name]) for name in ("path", "query") if name in self.match}
        self.seen = 0
        self.used = 0

    def fits(self, entry: dict[str, Any]) -> bool:
        """Counts the request when the rule's conditions fit it; then tells whether its turn is now."""
        headers = entry["headers"]
        if self.match.get("method", entry["method"]) != entry["method"]:
            return False
        if any(not pattern.search(entry[name]) for name, pattern in self.patterns.items()):
            return False
        if "header" in self.match and self.match["header"].lower() not in headers:
            return False
        # A fault about a request header has nothing to do where there is none, and is not used up there.
        if self.fault["kind"].endswith("request-header") and self.fault["name"].lower() not in headers:
            return False
        if self.match.get("number", entry["number"]) != entry["number"]:
            return False
        self.seen += 1
        if "nth" in self.match:
            past = self.seen - self.match["nth"]
            return past >= 0 and (self.times < 0 or past < self.times)
        return self.times < 0 or self.used < self.times


class Plan:
    """The rules and the log. Threads of many connections share it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rules: list[Rule] = []
        self.entries: list[dict[str, Any]] = []
        self.count = 0
        self.since = time.monotonic()

    def set(self, given: Any) -> None:
        if not isinstance(given, list):
            raise ValueError("the plan is not a list")
        rules = [Rule(rule) for rule in given]
        with self.lock:
            self.rules = rules
            self.count = 0
            self.entries = []
            self.since = time.monotonic()

    def clear(self) -> None:
        """Empties the log. Requests are counted on: the plan's numbers stay true."""
        with self.lock:
            self.entries = []

    def begin(self, method: str, target: str, headers: dict[str, str], connection: int) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Numbers and logs a request; gives its log entry, which the exchange completes, and its fault."""
        path, _, query = target.partition("?")
        with self.lock:
            self.count += 1
            entry: dict[str, Any] = {
                "number": self.count, "method": method, "path": path, "query": query, "connection": connection,
                "at": round(time.monotonic() - self.since, 4), "status": None, "answered": None, "fault": None,
                "request_bytes": 0, "response_bytes": 0,
                "headers": {name: value for name, value in headers.items() if name != "authorization"},
            }
            self.entries.append(entry)
            chosen = None
            # Every rule counts, also behind one that fits: its "nth" is about requests, not about what other rules left.
            for rule in self.rules:
                if rule.fits(entry) and chosen is None:
                    chosen = rule
                    rule.used += 1
            return entry, chosen.fault if chosen else None

    def log(self) -> list[dict[str, Any]]:
        with self.lock:
            return [dict(entry) for entry in self.entries]

    def state(self) -> list[dict[str, Any]]:
        """The rules with how many requests fitted them and how many met the fault: a test can tell that its fault took place."""
        with self.lock:
            return [{"match": rule.match, "fault": rule.fault, "times": rule.times, "seen": rule.seen, "used": rule.used} for rule in self.rules]
