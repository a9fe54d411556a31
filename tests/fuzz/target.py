"""What a fuzz target is, and the tools that targets share: the probe, and round trips.

`probe` returns whether the input was accepted; what is accepted must be written back as the same
bytes (or, for JSON, as the same value). Whatever a probe raises is a finding. `functions` names the
parsers that a target reaches, for the test that none is left out.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from comity.model.fault import Malformed, Refused, Untrusted
from comity.trust import note
from comity.trust.roster import Roster, peer_of
from tests.journal.two_nodes import card_of, full_sample

__all__ = ["NOW_US", "Target", "foreign_text", "note_text", "of_text", "probe", "roster", "same"]

NOW_US = 1_790_102_402_750_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`take` gives None for what it refused. `untrusted`: it may also say Untrusted or Refused."""

    take: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    functions: tuple[str, ...]
    untrusted: bool = False


def probe(target: Target, data: bytes) -> bool:
    """Whether the parser accepted the input; raises what it must not."""
    allowed = (Malformed, Untrusted, Refused) if target.untrusted else (Malformed,)
    try:
        return target.take(data) is not None
    except allowed:
        return False


def same(written: bytes | str, data: bytes) -> bool:
    """What was read is written as the bytes that were read."""
    again = written.encode() if isinstance(written, str) else written
    assert again == data, f"{data[:80]!r} is written as {again[:80]!r}"
    return True


def foreign_text(data: bytes) -> str:
    """Text as it comes from JSON or a file: any code point, also a lone surrogate."""
    return data.decode("utf-8", "surrogatepass") if _is_text(data) else data.decode("latin-1")


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def of_text(read: Callable[[str], Any], write: Callable[[Any], str]) -> Callable[[bytes], object]:
    """A parser of text, with its round trip."""

    def take(data: bytes) -> object:
        text = foreign_text(data)
        written = write(read(text))
        assert written == text, f"{text[:80]!r} is written as {written[:80]!r}"
        return written

    return take


@functools.cache
def roster() -> Roster:
    """Beta, who knows alpha."""
    alpha, beta = full_sample().alpha, full_sample().beta
    peer = peer_of(card_of(alpha))
    return Roster(own=beta.origin, peers=MappingProxyType({alpha.origin: peer}))


def note_text(data: bytes) -> bytes:
    return note.parse_note(data).text.encode()
