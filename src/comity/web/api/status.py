"""The node at a glance, and whether it lives. Called by way of the table."""

from comity import __version__
from comity.journal.scribe import SignedHead
from comity.model.answer import UnitState
from comity.model.quantity import instant_text
from comity.storage.store import Reading
from comity.trust.note import Note, serialise
from comity.web.api.parties import party_views
from comity.web.api.record import checkpoint_note
from comity.web.api.shapes import HealthView, StatusView
from comity.web.api.timekeeping import clock_view, witness_views
from comity.web.gate import Admitted
from comity.wire.canonical import b64

__all__ = ["health", "status"]


def health(_: Admitted) -> HealthView:
    """Says that the node answers, and nothing about it."""
    return HealthView()


def status(call: Admitted) -> StatusView:
    """Size and root are those of the newest signed head."""
    head = call.node.head
    return call.read(lambda r: _status(r, call, head))


def _status(reading: Reading, call: Admitted, head: SignedHead) -> StatusView:
    node, note = call.node, checkpoint_note(reading, head)
    return StatusView(
        name=node.name,
        origin=node.origin,
        version=__version__,
        now=instant_text(call.now_us),
        exercise=node.exercise,
        journal_size=head.checkpoint.size,
        root=b64(head.checkpoint.root),
        checkpoint=serialise(note).decode("utf-8"),
        witnessed=_witnessed(call, note),
        witnesses=witness_views(reading, node, call.now_us),
        clock=clock_view(node.scribe.standing()),
        parties=party_views(reading, node.roster.now, call.now_us),
        open_risks=sum(row.state == UnitState.NOT_REACHED for row in reading.people.units()),
        open_warnings=sum(row.cleared_us is None for row in reading.sky.warnings()),
        live=reading.sky.live_counts(),
    )


def _witnessed(call: Admitted, note: Note) -> int:
    known = {(key.name, key.key_id) for key in call.node.roster.now.witnesses}
    return len(known & {(line.name, line.key_id) for line in note.signatures})
