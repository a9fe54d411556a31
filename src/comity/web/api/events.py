"""`/api/v1/events`: everything that happens, as it happens. Called by way of the table."""

from comity.model.fault import Refusal, Refused
from comity.storage.store import Reading
from comity.web.api.event_views import Place, newest_place, place_from
from comity.web.event_stream import EventStream, Follower
from comity.web.gate import Admitted
from comity.web.route import Answer
from comity.web.scope import Scope

__all__ = ["followed"]


async def followed(call: Admitted) -> Answer:
    """Follow from the place that the caller names, else from now.

    Raises:
        Malformed: `bad_event_id`.
        Refused: `unknown_event` for a place that this journal has not reached, `too_many_streams`.
    """
    node, caller = call.node, call.caller
    key = b"" if caller is None else caller.key_hash
    node.streams.check_room(key)
    size = node.scribe.checkpoint.size
    newest = call.read(lambda r: newest_place(r, size))
    named = call.resume if call.resume is not None else call.query.get("after")
    start = newest if named is None else place_from(named)
    if start.entries > newest.entries or start.changes > newest.changes:
        raise _unknown(start)

    def may_read() -> bool:
        return caller is not None and call.read(lambda r: _in_force(r, caller.key_hash))

    name = "nobody" if caller is None else caller.name
    return Answer(body=b"", stream=EventStream(node, start, Follower(name, key, may_read)))


def _in_force(reading: Reading, key_hash: bytes) -> bool:
    """A key that was revoked meanwhile ends its streams."""
    row = reading.people.caller(key_hash)
    return row is not None and row.revoked_us is None and Scope.READ in row.scopes.split()


def _unknown(place: Place) -> Refused:
    return Refused(
        Refusal(
            code="unknown_event",
            reason=f"{place.text} has not happened here: this journal is another, or an older one",
            what_to_do="leave the id out to follow from now, or say 0-0 for all that there is",
        )
    )
