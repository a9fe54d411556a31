"""The node at a glance, and whether it lives. Called by way of the table."""

import msgspec

from comity import __version__
from comity.model.quantity import instant_text
from comity.storage.store import Reading
from comity.trust.note import Note, serialise
from comity.web.api.parties import party_views
from comity.web.api.record import checkpoint_note
from comity.web.api.record_shapes import ShownView
from comity.web.api.shapes import StatusView
from comity.web.api.timekeeping import clock_view, witness_views
from comity.web.api.upkeep_shapes import HealthView, ReasonView
from comity.web.board import is_recorded
from comity.web.gate import Admitted
from comity.web.health import conditions, verdict_on
from comity.web.node import Condition
from comity.web.problem import HEALTH_STATUS
from comity.web.route import Answer
from comity.web.scope import Scope
from comity.wire.canonical import b64

__all__ = ["health", "status"]


_MAY_KNOW_WHY = frozenset({Scope.READ, Scope.ADMIN, Scope.METRICS})


async def health(call: Admitted) -> Answer:
    """One word for everybody, and a status that a load balancer understands; why, for a key."""
    found = call.read(lambda r: conditions(call.node, r, call.now_us))
    word = verdict_on(found)
    scopes = set() if call.caller is None else set(call.caller.scopes.split())
    view = HealthView(status=word, reasons=_reasons(found) if scopes & _MAY_KNOW_WHY else None)
    return Answer(body=msgspec.json.encode(view), status=HEALTH_STATUS[word])


def _reasons(found: tuple[Condition, ...]) -> list[ReasonView]:
    return [ReasonView(code=each.code, text=each.text, stops=each.stops) for each in found]


def status(call: Admitted) -> StatusView:
    """Size and root are those of the newest head, signed or (while the pen is held) not."""
    return call.read(lambda r: _status(r, call))


def _status(reading: Reading, call: Admitted) -> StatusView:
    node = call.node
    head = None if node.scribe.held else node.head
    checkpoint = node.scribe.checkpoint if head is None else head.checkpoint
    note = None if head is None else checkpoint_note(reading, head)
    found = conditions(node, reading, call.now_us)
    node.board.drop(lambda line: is_recorded(reading, line))
    return StatusView(
        name=node.name,
        origin=node.origin,
        version=__version__,
        now=instant_text(call.now_us),
        exercise=node.exercise,
        journal_size=checkpoint.size,
        root=b64(checkpoint.root),
        checkpoint="" if note is None else serialise(note).decode("utf-8"),
        witnessed=0 if note is None else _witnessed(call, note),
        witnesses=witness_views(reading, node, call.now_us),
        clock=clock_view(node.scribe.standing()),
        parties=party_views(reading, node.roster.now, call.now_us),
        open_risks=reading.people.open_risk_count(),
        open_warnings=sum(row.cleared_us is None for row in reading.sky.warnings()),
        open_messages=reading.messages.open_count(),
        live=reading.sky.live_counts(),
        health=verdict_on(found),
        reasons=_reasons(found),
        not_recorded=[
            ShownView(id=s.id.hex(), party=s.party, said=s.said, at=instant_text(s.at_us))
            for s in node.board.lines()
        ],
    )


def _witnessed(call: Admitted, note: Note) -> int:
    there = {(line.name, line.key_id) for line in note.signatures}
    keys = call.node.roster.now.witnesses
    return len({key.name for key in keys if (key.name, key.key_id) in there})
