"""How a peer behaves when it is asked: one that stalls, floods, shrinks or lies is named.

A line that is cut is no offence, nor is a refusal. Called by the courier, for one line.
"""

from comity.exchange.accuse import absolve, accuse
from comity.exchange.line import Line
from comity.journal.heads import Forked
from comity.journal.pen import Pen
from comity.model.fault import Fault, Untrusted
from comity.storage.store import Transaction

__all__ = ["FALSE", "Conduct"]

_STALLS_MAX = 3  # in a row: a busy peer may be slow once
_PASSING = ("stalled", "flooded")
_QUIET_US = 60_000_000
# What a party says under its own key and is not so; other codes may come of a clock or a release.
# Not `peer_ahead`: perhaps our own journal was rolled back, and must not grow by another entry.
# Not `not_signed`: a key that we do not know may be the next one, its statement still on its way.
FALSE = frozenset(
    {
        *("bad_receipt", "bad_signature", "duplicate_signature", "proof_fails"),
        *("wrong_origin", "wrong_sender"),
    }
)


class Conduct:
    """See the module docstring."""

    def __init__(self, line: Line) -> None:
        """Nothing is held against the peer but what is in the store."""
        self._line = line
        self._stalls = 0
        self._open = set(_PASSING)
        self._looked_us = 0

    async def failed(self, fault: Fault) -> None:
        """A request came to nothing: name the peer if it is the cause."""
        self._stalls = self._stalls + 1 if fault.code == "stalled" else 0
        found = self._offence(fault)
        if found is None:
            return
        kind, text = found

        def work(tx: Transaction, pen: Pen) -> None:
            accuse(tx, pen, self._line.peer, kind, text)

        await self._line.commit(work)
        self._open.add(kind)

    def _offence(self, fault: Fault) -> tuple[str, str] | None:
        if fault.code == "stalled" and self._stalls >= _STALLS_MAX:
            return "stalled", f"it took {self._stalls} requests in a row and did not answer in time"
        if fault.code == "too_large":
            return "flooded", "it answers with more than an answer can be"
        if fault.code == "peer_ahead_of_us":
            return "shrunk", "it says that its journal is smaller than the head that it signed"
        if isinstance(fault, Untrusted) and not isinstance(fault, Forked) and fault.code in FALSE:
            return "false_statement", f"{fault.reason} ({fault.code})"
        return None

    async def worked(self, now_us: int) -> None:
        """A request was answered: what passes is over, after a minute."""
        self._stalls = 0
        if not self._open or now_us < self._looked_us + _QUIET_US:
            return
        self._looked_us = now_us

        def work(tx: Transaction, pen: Pen) -> set[str]:
            return {k for k in _PASSING if not absolve(tx, pen, self._line.peer, k)}

        self._open = (await self._line.commit(work)).value
