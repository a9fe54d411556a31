"""What the node counts for whoever watches it: requests, refusals, commits. No global registry.

Counters and histograms only; what is so at the moment of asking is read then, by `web.api.metrics`.
Labels come from closed lists of our own (routes, codes), never from a request. Names, units and
meanings: docs/reference/metrics.md. Called by the scribe's thread, the frame and assembly.
"""

import time
from collections.abc import Mapping

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.journal.scribe import Group

__all__ = ["Metrics", "measured"]

_PROBLEM = b"application/problem+json"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WORKS = (1, 2, 4, 8, 16, 32, 64)
_NS_PER_S = 1_000_000_000


class _Named(msgspec.Struct):
    """Of a problem, what is counted."""

    code: str = "unknown"


class Metrics:
    """One node's counters, in a registry of their own."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._registry = registry = CollectorRegistry()
        self._entries = Counter(
            "comity_entries", "Entries committed since the start", registry=registry
        )
        self._works = Counter(
            "comity_works", "Works committed or refused since the start", registry=registry
        )
        self._commit = Histogram(
            "comity_commit_seconds",
            "From the first work of a group to its signed head",
            buckets=_SECONDS,
            registry=registry,
        )
        self._group = Histogram(
            "comity_group_works", "Works in one commit", buckets=_WORKS, registry=registry
        )
        self._give = Histogram(
            "comity_give_to_take_seconds",
            "From sending a GIVE to its whole TAKE",
            ("party",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._requests = Histogram(
            "comity_request_seconds",
            "From a request's head to the end of its answer",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "comity_refusals", "Answers that were a no, by code", ("code",), registry=registry
        )
        self._recovery = Gauge(
            "comity_recovery_seconds",
            "From opening the store to being ready, at the last start",
            registry=registry,
        )

    def committed(self, group: Group) -> None:
        """One group of works is durable and signed."""
        self._entries.inc(group.entries)
        self._works.inc(group.works)
        self._commit.observe(group.seconds)
        self._group.observe(group.works)

    def taken(self, party: str, seconds: float) -> None:
        """A peer answered a GIVE with a TAKE."""
        self._give.labels(party).observe(seconds)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(method, route, f"{status // 100}xx").observe(seconds)

    def refused(self, code: str) -> None:
        """One answer was a no."""
        self._refusals.labels(code).inc()

    def recovered(self, seconds: float) -> None:
        """The node is ready."""
        self._recovery.set(seconds)

    def text(self) -> bytes:
        """The exposition format, version 0.0.4."""
        return generate_latest(self._registry)


def measured(app: ASGIApp, metrics: Metrics, routes: Mapping[object, str]) -> ASGIApp:
    """Count and time every request; `routes` names the route of an endpoint."""

    async def measuring(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        began_ns, status, refused = time.perf_counter_ns(), 0, False

        async def watch(message: Message) -> None:
            nonlocal status, refused
            if message["type"] == "http.response.start":
                status = message["status"]
                refused = (b"content-type", _PROBLEM) in message.get("headers", ())
            elif refused and message.get("body"):
                refused = False
                metrics.refused(_code(message["body"]))
            await send(message)

        try:
            await app(scope, receive, watch)
        finally:
            seconds = (time.perf_counter_ns() - began_ns) / _NS_PER_S
            route = routes.get(scope.get("endpoint"), "other")
            method = scope["method"] if route != "other" else "other"
            metrics.answered(method, route, status, seconds)

    return measuring


def _code(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Named).code
    except msgspec.DecodeError:
        return "unknown"
