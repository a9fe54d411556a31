"""What came of one try to send: three ends, and the other side's own words, cut short.

None of them says that anything was delivered, seen or read. Called by mail, webhook and the sender.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from comity.outlets.letter import Letter

__all__ = ["SEND_DEADLINE_S", "Outcome", "Took", "Transport", "accepted", "not_now", "refused"]

SEND_DEADLINE_S = 20.0  # connect, sign in and send, real time; a greylisting server is tried again
_WORDS_CHARS_MAX = 200


class Took(StrEnum):
    """Whether the other end took it; `not-now` may be tried again."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_NOW = "not-now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of a try, with what was said: one printable line."""

    took: Took
    words: str


class Transport(Protocol):
    """One outlet's way out. Whatever happens is an outcome: only a cancellation is raised."""

    async def send(self, letter: Letter, now_us: int) -> Outcome:
        """Try once."""
        ...


def accepted(words: str) -> Outcome:
    """It was taken."""
    return Outcome(took=Took.ACCEPTED, words=_line(words))


def refused(words: str) -> Outcome:
    """It will never be taken."""
    return Outcome(took=Took.REFUSED, words=_line(words))


def not_now(words: str) -> Outcome:
    """It was not taken this time."""
    return Outcome(took=Took.NOT_NOW, words=_line(words))


def _line(text: str) -> str:
    """What a server says is foreign text: one line of plain characters, of bounded length."""
    flat = " ".join(text.split())[:_WORDS_CHARS_MAX]
    return "".join(char if " " <= char <= "~" else "?" for char in flat)
