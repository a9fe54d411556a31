"""Contract of the table group `people`: answers, units, calls, callers, purges. Rows: `rows`.

Part of `storage.store`.
"""

from collections.abc import Iterable
from typing import Protocol

from comity.storage.rows import AnswerRow, CallerRow, CallRow, PurgeRow, UnitRow

__all__ = ["Persons"]


class Persons(Protocol):
    """What people answered, which units were told, calls, callers and their repeated requests."""

    def save_answer(self, row: AnswerRow) -> None:
        """Keep an answer."""
        ...

    def answers(self, of: bytes) -> tuple[AnswerRow, ...]:
        """Answers to a notice, oldest first."""
        ...

    def answers_about(self, subject: bytes) -> tuple[AnswerRow, ...]:
        """Answers to any notice about a subject, oldest first."""
        ...

    def save_unit(self, row: UnitRow) -> None:
        """Insert or replace the word on a unit, by (of, party, handle)."""
        ...

    def units(self) -> tuple[UnitRow, ...]:
        """All words on units, oldest first."""
        ...

    def units_of(self, of: bytes) -> tuple[UnitRow, ...]:
        """Words on units about one notice."""
        ...

    def open_risks(self) -> tuple[UnitRow, ...]:
        """Units not reached, of whose notices none is over; oldest first."""
        ...

    def open_risk_count(self) -> int:
        """How many these are."""
        ...

    def next_risk_over(self) -> int | None:
        """When the next open risk is one no more: 0 where its notice has ended."""
        ...

    def risks_over(self, now_us: int) -> tuple[UnitRow, ...]:
        """The open risks whose notice has ended, or whose window passed before anybody started."""
        ...

    def save_call(self, row: CallRow) -> None:
        """Keep an account of a call."""
        ...

    def calls(self) -> tuple[CallRow, ...]:
        """All accounts, oldest first."""
        ...

    def save_caller(self, row: CallerRow) -> None:
        """Insert or replace a bearer key."""
        ...

    def caller(self, key_hash: bytes) -> CallerRow | None:
        """One bearer key."""
        ...

    def callers(self) -> tuple[CallerRow, ...]:
        """All bearer keys."""
        ...

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete answers, units, calls and remembered replies that are about one of `ids`."""
        ...

    def save_purge(self, row: PurgeRow) -> None:
        """Insert or replace a purge."""
        ...

    def purge(self, id_: bytes) -> PurgeRow | None:
        """One purge."""
        ...

    def purges(self) -> tuple[PurgeRow, ...]:
        """All purges, oldest first."""
        ...

    def remember(self, caller: bytes, key: str, request: bytes, answer: bytes, at_us: int) -> None:
        """Keep the answer to an idempotent request."""
        ...

    def recall(self, caller: bytes, key: str) -> tuple[bytes, bytes] | None:
        """(request hash, answer) of an idempotent request."""
        ...
