"""Warnings as things to tell, in the order in which they were raised. Called by assembly."""

from comity.model.outlet import Group
from comity.outlets.thing import Found, Thing
from comity.storage.messages import MessageRow
from comity.storage.rows import WarningRow
from comity.storage.store import Reading, Transaction

__all__ = ["Raised"]

_AT_ONCE = 64
_EVERYTHING = "comity status, then comity hotline card"  # the card has every open warning
# Warnings with the safety floor behind them: they go first, and on a full disk are recorded too.
_OF_FLOOR = frozenset(
    {
        *("hazard_contradicted", "hazard_lapsed", "no_room", "overdue_end", "unit_not_reached"),
        *("escalated", "nobody_answers", "waiting_for_release"),
    }
)

# Warnings whose words may quote what somebody wrote freely: those stay at the node.
_QUOTING = frozenset(
    {"agreement_proposed", "agreement_suspended", "answer_refused", "no_area", "register_refused"}
)


class Raised:
    """See `thing.Source`."""

    name = "raised"

    def end(self, reading: Reading) -> int:
        """After the newest."""
        return reading.dispatches.newest_raised()

    def after(self, reading: Reading, place: int) -> Found:
        """The next that are held; what was purged meanwhile is told to nobody."""
        rows = reading.dispatches.raised_after(place, _AT_ONCE)
        things = (self.thing(reading, id_) for _, id_ in rows)
        return Found(
            things=tuple(thing for thing in things if thing is not None),
            place=rows[-1][0] if rows else place,
            more=len(rows) == _AT_ONCE,
        )

    def thing(self, reading: Reading, of: bytes) -> Thing | None:
        """A warning."""
        row = reading.sky.warning(of)
        return None if row is None else _thing(reading, row)

    def told(self, tx: Transaction, place: int) -> None:
        """The line behind us is cleared."""
        tx.dispatches.drop_raised(place)


def _thing(reading: Reading, row: WarningRow) -> Thing:
    message = reading.messages.message(row.about)
    return Thing(
        of=row.id,
        kind=row.kind,
        title=f"warning {row.kind}",
        group=Group.WARNING,
        floor=row.kind in _OF_FLOOR or (message is not None and message.floor),
        at_us=row.raised_us,
        look=_look(reading, row, message),
        about=row.about,
        party=row.party,
        due_us=None if message is None else message.due_us,
        over_us=row.cleared_us,
        words="" if row.kind in _QUOTING else row.text,
    )


def _look(reading: Reading, row: WarningRow, message: MessageRow | None) -> str:
    """Where the thing is shown that a warning is about."""
    about = row.about.hex()
    if message is not None:
        return f"comity hotline show {about}"
    if row.kind == "conflict":
        return f"{_EVERYTHING}; GET /api/v1/conflicts/{about}"
    if reading.sky.subject_of_notice(row.about) is not None:
        return f"comity notice show {about}"
    return _EVERYTHING
