"""Times as a scenario writes them: `21:39`, an RFC 3339 time, `activity_start - lead + 20s`.

A clock time stands on the scenario's date with its offset. A name stands for a time or a duration
in the tables `times`; names may lean on names, never in a circle. Nothing here reads a clock.
Called by load, check and plan. The grammar: docs/reference/scenario.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from comity.exercise.amount import DURATION, duration_us
from comity.model.fault import Malformed
from comity.model.quantity import SECOND_US, checked_instant_us, instant_us

__all__ = ["NAME", "LocalDay", "Moments"]

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_DEPTH_MAX = 16  # names that lean on names; a longer chain is a circle or a puzzle
_TERMS_MAX = 8
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_OFFSET = re.compile(r"([+-])([01]\d):([0-5]\d)", re.ASCII)
_SIGN = re.compile(r"\s+([+-])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDay:
    """The day and the offset from UTC in which a scenario writes clock times."""

    date: str
    offset: str

    def __post_init__(self) -> None:
        """Refuse a day or an offset that does not exist."""
        self.instant_us("00:00")

    def instant_us(self, clock: str) -> int:
        """`21:39` or `21:39:30` of this day in microseconds of UTC."""
        seconds = clock if clock.count(":") == 2 else f"{clock}:00"  # noqa: PLR2004
        return instant_us(f"{self.date}T{seconds}{self.offset}")

    def clock_text(self, at_us: int) -> str:
        """An instant as the local clock of this scenario shows it: `21:39:30`."""
        sign, hours, minutes = _OFFSET.fullmatch(self.offset).groups()  # type: ignore[union-attr]
        shift = timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == "+" else -1)
        moment = datetime.fromtimestamp(at_us // SECOND_US, UTC).astimezone(timezone(shift))
        return moment.strftime("%H:%M:%S")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """A time (`is_instant`) or a duration, both in microseconds."""

    us: int
    is_instant: bool


class Moments:
    """The names of one variant, and what an expression over them means."""

    def __init__(self, day: LocalDay, names: Mapping[str, str]) -> None:
        """Take the day and the table; nothing is worked out before it is asked for."""
        self.day = day
        self._names = dict(names)

    def instant_us(self, text: str) -> int:
        """The time that `text` means; Malformed (`bad_time`) if it means none."""
        value = self._value(text, 0)
        if not value.is_instant:
            raise Malformed(f"{text[:60]!r} is a duration, a time is needed", code="bad_time")
        return checked_instant_us(value.us)

    def check(self, text: str) -> None:
        """Raise Malformed unless `text` means a time or a duration."""
        self._value(text, 0)

    def _value(self, text: str, depth: int) -> _Value:
        if depth > _DEPTH_MAX:
            raise Malformed(f"{text[:60]!r} leans on itself", code="bad_time")
        first, *rest = _SIGN.split(text.strip())
        if len(rest) > 2 * _TERMS_MAX:
            raise Malformed(f"more than {_TERMS_MAX} terms in one time", code="bad_time")
        total = self._term(first, depth)
        for sign, term in zip(rest[::2], rest[1::2], strict=True):
            total = _joined(total, sign, self._term(term, depth), text)
        return total

    def _term(self, term: str, depth: int) -> _Value:
        if _CLOCK.fullmatch(term):
            return _Value(us=self.day.instant_us(term), is_instant=True)
        if DURATION.fullmatch(term):
            return _Value(us=duration_us(term), is_instant=False)
        if not NAME.fullmatch(term):
            return _Value(us=instant_us(term), is_instant=True)
        if term not in self._names:
            known = ", ".join(sorted(self._names)) or "none"
            raise Malformed(f"no time is named {term!r}; known: {known}", code="bad_time")
        return self._value(self._names[term], depth + 1)


def _joined(left: _Value, sign: str, right: _Value, text: str) -> _Value:
    """A time and a duration make a time, two durations a duration, two times (-) a duration."""
    if right.is_instant and (sign == "+" or not left.is_instant):
        raise Malformed(f"{text[:60]!r} adds a time to something", code="bad_time")
    us = left.us + right.us if sign == "+" else left.us - right.us
    return _Value(us=us, is_instant=left.is_instant and not right.is_instant)
