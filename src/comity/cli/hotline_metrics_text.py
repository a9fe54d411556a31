"""The figures of a line in words, and where two sides' figures of it differ.

Called by `hotline_metrics`.
"""

from collections.abc import Iterator, Mapping

from comity.cli.show import facts, heading
from comity.model.party import party_name
from comity.model.quantity import SECOND_US
from comity.web.api.shapes_hotline_metrics import HotlineMetricsView, SpreadView, WayView

__all__ = ["figures_shown", "metrics_differences"]

_SKIPPED = frozenset({"giver", "taker", "marks"})


def figures_shown(view: HotlineMetricsView) -> None:
    """Print the figures of one line."""
    span = f"from {view.since or 'the beginning'} until {view.until or 'now'}"
    for way in view.ways:
        heading(f"{party_name(way.giver)} to {party_name(way.taker)}, taken {span}")
        facts(_figures(way))
        facts([("", "")])


def metrics_differences(here: HotlineMetricsView, there: HotlineMetricsView) -> tuple[str, ...]:
    """Where they part, a phrase each; nothing where every figure is the same.

    Both are of the same line, the one computed at each of its ends.
    """
    return tuple(_differences(here, there))


def _differences(here: HotlineMetricsView, there: HotlineMetricsView) -> Iterator[str]:
    if here.terms != there.terms:
        yield "the two ends hold other agreements, so what is in time is not comparable"
    if here.as_of != there.as_of:
        yield f"the figures are as of {here.as_of} here and {there.as_of} there"
    theirs = {(way.giver, way.taker): way for way in there.ways}
    for way in here.ways:
        other = theirs.get((way.giver, way.taker))
        name = f"{party_name(way.giver)} to {party_name(way.taker)}"
        if other is None:
            yield f"{name}: no figures there"
            continue
        yield from (f"{name}: {text}" for text in _apart(way, other))


def _apart(here: WayView, there: WayView) -> Iterator[str]:
    parted = _parted(here, there)
    if parted is not None:
        yield f"the records part {parted}"
    for name in WayView.__struct_fields__:
        one, other = getattr(here, name), getattr(there, name)
        if name not in _SKIPPED and one != other:
            yield f"{name} is {_said(one)} here and {_said(other)} there"


def _parted(here: WayView, there: WayView) -> str | None:
    """Between which receipts the first difference is."""
    if here.marks == there.marks:
        return None
    last = None if here.first is None else here.first - 1
    for one, other in zip(here.marks, there.marks, strict=False):
        if one != other:
            if last is not None and one.upto == last + 1:
                return f"at receipt {one.upto}"
            return f"between receipt {0 if last is None else last + 1} and receipt {one.upto}"
        last = one.upto
    return "after the last receipt that both have"


def _said(value: object) -> str:
    if isinstance(value, SpreadView):
        return ", ".join(f"{name} {getattr(value, name)}" for name in value.__struct_fields__)
    return str(value)


def _figures(way: WayView) -> list[tuple[str, str]]:
    over = f"{way.overdue} of {way.started} started" if way.started else ""
    cut = f"{way.receipts}, of which {way.entries} are considered"
    return [
        ("receipts", cut),
        ("BROKEN", "a receipt before these is gone here" if way.broken else ""),
        ("MISSING", f"{way.missing} entries or contents are gone here" if way.missing else ""),
        ("refused", _counts(way.refused)),
        ("declared", _counts(way.declared)),
        ("moved", _counts(way.moved)),
        ("delivered", _spread(way.delivered)),
        ("lead", _spread(way.lead)),
        ("short notice", str(way.short_notice or "")),
        ("seen", _spread(way.seen)),
        ("read back", _spread(way.read_back)),
        ("relayed", _spread(way.relayed)),
        ("not reached", f"{way.units_not_reached} of {way.units} units" if way.units else ""),
        ("overdue ends", over),
        ("never closed", str(way.unclosed or "")),
        ("messages", str(way.messages or "")),
        ("answered", _spread(way.answered)),
        ("settled", str(way.settled) if way.messages else ""),
        ("requests", str(way.requests or "")),
        ("decided", _spread(way.decided)),
    ]


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.items())


def _spread(spread: SpreadView) -> str:
    if not spread.of:
        return ""
    start = f"{spread.count} of {spread.of}, {spread.in_time} as agreed"
    if spread.p50_us is None or spread.least_us is None or spread.most_us is None:
        return start
    least, half, most = map(_seconds, (spread.least_us, spread.p50_us, spread.most_us))
    return f"{start}; least {least}, half within {half}, most {most}"


def _seconds(span_us: int) -> str:
    """Exact, in seconds."""
    sign, (whole, rest) = "-" * (span_us < 0), divmod(abs(span_us), SECOND_US)
    return f"{sign}{whole}.{rest:06d}".rstrip("0").rstrip(".") + " s"
