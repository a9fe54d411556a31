"""`/metrics`: what was counted, and what is so now, in Prometheus' text format 0.0.4.

Reads one committed state for each asking; no row of it names a notice or a unit. Called by way of
the table. Names and meanings: docs/reference/metrics.md; a test holds the page to this.
"""

from collections.abc import Callable, Iterator
from types import MappingProxyType

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from comity import __version__
from comity.model.line import LineState
from comity.storage.store import Reading
from comity.web.api.parties import line_states
from comity.web.api.timekeeping import witness_views
from comity.web.gate import Admitted
from comity.web.health import conditions, verdict_on
from comity.web.route import Answer

__all__ = ["MEDIA_TYPE", "metrics"]

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PRIVATE = MappingProxyType({"cache-control": "no-store"})
_LINE_STATES = tuple(each.value for each in LineState)
_HEALTH = ("ok", "degraded", "stopped")
_SECOND_US = 1_000_000


async def metrics(call: Admitted) -> Answer:
    """Counters first, then the readings of this moment."""
    registry = CollectorRegistry()
    registry.register(_Readings(lambda: call.read(lambda r: tuple(_readings(call, r)))))
    text = call.node.metrics.text() + generate_latest(registry)
    return Answer(body=text, headers=_PRIVATE)


class _Readings(Collector):
    """What is read when it is asked for."""

    def __init__(self, read: Callable[[], tuple[GaugeMetricFamily, ...]]) -> None:
        self._read = read

    # typing.override is of Python 3.12.
    def collect(self) -> Iterator[GaugeMetricFamily]:  # type: ignore[explicit-override]
        """All of them."""
        yield from self._read()


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"comity_{name}", about, labels=labels)


def _one(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"comity_{name}", about, value=value)


def _readings(call: Admitted, reading: Reading) -> Iterator[GaugeMetricFamily]:
    node, scribe = call.node, call.node.scribe
    about = _gauge("build_info", "Always 1", "version", "exercise")
    about.add_metric([__version__, node.exercise or ""], 1)
    yield about
    yield _one("journal_entries", "Size of our own journal", scribe.checkpoint.size)
    yield _one("queue_works", "Works that wait for the pen", scribe.waiting)
    yield _one("event_streams", "Programs that follow the events", node.streams.count)
    yield _one("clock_seconds", "The node's clock, seconds of UTC", call.now_us / _SECOND_US)
    yield _one(
        "open_warnings",
        "Warnings that nobody has cleared",
        sum(row.cleared_us is None for row in reading.sky.warnings()),
    )
    yield from _health(call, reading)
    yield from _of_lines(call, reading)
    yield from _of_witnesses(call, reading)


def _health(call: Admitted, reading: Reading) -> Iterator[GaugeMetricFamily]:
    found = conditions(call.node, reading, call.now_us)
    word = verdict_on(found)
    health = _gauge("health", "1 for the word that /healthz gives", "status")
    for each in _HEALTH:
        health.add_metric([each], each == word)
    yield health
    reasons = _gauge("condition", "How many things are not well, by code", "code")
    codes = [each.code for each in found]
    for code in sorted(set(codes)):
        reasons.add_metric([code], codes.count(code))
    yield reasons
    for gauge in call.node.gauges:
        yield _one(gauge.name, gauge.about, gauge.read())


def _of_lines(call: Admitted, reading: Reading) -> Iterator[GaugeMetricFamily]:
    states = _gauge("line_state", "1 for the state of the line to a party", "party", "state")
    outbox = _gauge("outbox_entries", "Entries that wait for a party", "party")
    contact = _gauge("last_contact_age_seconds", "Since a party was heard last", "party")
    heads = _gauge("peer_head_entries", "Size of a party's journal as we know it", "party")
    mirrored = _gauge("mirrored_entries", "Of it the leaf hashes that are here", "party")
    known = _gauge("acknowledged_entries", "Size of ours that a party has verified", "party")
    for origin, state in line_states(reading, call.node.origin, call.now_us).items():
        row, head = reading.post.peer(origin), reading.post.head(origin)
        for each in _LINE_STATES:
            states.add_metric([origin, each], each == state)
        outbox.add_metric([origin], reading.post.outbox_count(origin))
        heads.add_metric([origin], 0 if head is None else head.size)
        mirrored.add_metric([origin], reading.mirror.size(origin))
        if row is not None:
            known.add_metric([origin], row.acked_size)
            if row.contact_us is not None:
                contact.add_metric([origin], max(0, call.now_us - row.contact_us) / _SECOND_US)
    yield from (states, outbox, contact, heads, mirrored, known)


def _of_witnesses(call: Admitted, reading: Reading) -> Iterator[GaugeMetricFamily]:
    sizes = _gauge("cosigned_entries", "Size of ours that a witness cosigned last", "witness")
    ages = _gauge("cosignature_age_seconds", "Since a witness cosigned last", "witness")
    for view in witness_views(reading, call.node, call.now_us):
        sizes.add_metric([view.name], view.size or 0)
        if view.age_s is not None:
            ages.add_metric([view.name], max(0, view.age_s))
    yield from (sizes, ages)
