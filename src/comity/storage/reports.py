"""Rows and contract of the table group `reports`: what was said of hazards, and when they lapse.

Part of `storage.store`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

__all__ = ["ReportRow", "Reports"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A report of `by` on the hazard `of`; `number` is its place by arrival, from 0.

    `recipients` are the parties that a report of ours was given to. `of` need not be known yet.
    """

    id: bytes
    of: bytes
    number: int
    by: str
    content: bytes
    at_us: int
    recipients: str


class Reports(Protocol):
    """Reports on hazards; and the moments at which the belief in live hazards lapses."""

    def save_report(self, row: ReportRow) -> None:
        """Keep a report."""
        ...

    def report(self, id_: bytes) -> ReportRow | None:
        """One report."""
        ...

    def reports_of(self, hazard: bytes) -> tuple[ReportRow, ...]:
        """The reports on a hazard, in the order of their arrival."""
        ...

    def strays(self, by: str) -> int:
        """How many reports of a party are about something that is not known here."""
        ...

    def strays_before(self, before_us: int) -> tuple[bytes, ...]:
        """The reports of that kind that came before a moment."""
        ...

    def save_lapse(self, subject: bytes, at_us: int) -> None:
        """Insert or replace when the belief in a hazard lapses."""
        ...

    def next_lapse(self) -> int | None:
        """The earliest."""
        ...

    def lapsing(self, now_us: int) -> tuple[bytes, ...]:
        """The hazards whose moment has come."""
        ...

    def drop_lapse(self, subject: bytes) -> None:
        """It was acted on."""
        ...

    def forget(self, ids: Iterable[bytes]) -> None:
        """Delete reports that are, or are about, one of `ids`, and their lapse."""
        ...
