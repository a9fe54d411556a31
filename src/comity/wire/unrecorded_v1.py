"""Two signed statements that stand in no journal: what a full disk leaves of the safety floor.

`unrecorded`: I say this, and could not record that I say it. `not-recorded`: I have shown what you
gave me to my people, and could not record it; no receipt. The text of a signed note each, in one
form only. Reference: docs/reference/protocol.md. Called by the exchange.
"""

from dataclasses import dataclass
from typing import TypeVar

from comity.model.fault import Malformed
from comity.model.party import check_origin, exercise_of
from comity.model.quantity import checked_instant_us
from comity.wire.canonical import b64, decimal, hash32
from comity.wire.entry_v1 import ContentBody

__all__ = [
    "NotRecordedHere",
    "Unrecorded",
    "not_recorded_from",
    "not_recorded_text",
    "unrecorded_from",
    "unrecorded_text",
]

T = TypeVar("T")

_UNRECORDED = "comity/unrecorded@v1"
_NOT_RECORDED = "comity/not-recorded@v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecorded:
    """A content of the safety floor, said without an entry."""

    sender: str
    audience: str
    issued_us: int
    body: ContentBody


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRecordedHere:
    """`of` is the leaf hash of an entry given, or the content-root of what came without one."""

    sender: str
    audience: str
    of: bytes
    shown_us: int


def unrecorded_text(said: Unrecorded) -> str:
    """The text that is signed."""
    return _text(
        _UNRECORDED,
        said.sender,
        said.audience,
        f"issued {said.issued_us}",
        f"content-root {b64(said.body.root)}",
        f"content-leaves {said.body.leaves}",
        f"content-seed-commit {b64(said.body.seed_commit)}",
    )


def unrecorded_from(text: str) -> Unrecorded:
    """Read it; Malformed for anything that `unrecorded_text` would not write."""
    keys = ("issued", "content-root", "content-leaves", "content-seed-commit")
    sender, audience, issued, root, leaves, commit = _values(text, _UNRECORDED, keys)
    said = Unrecorded(
        sender=check_origin(sender),
        audience=check_origin(audience),
        issued_us=checked_instant_us(decimal(issued)),
        body=ContentBody(root=hash32(root), leaves=decimal(leaves), seed_commit=hash32(commit)),
    )
    return _same(said, unrecorded_text(said), text)


def not_recorded_text(here: NotRecordedHere) -> str:
    """The text that is signed."""
    return _text(
        _NOT_RECORDED,
        here.sender,
        here.audience,
        f"of {b64(here.of)}",
        f"shown {here.shown_us}",
    )


def not_recorded_from(text: str) -> NotRecordedHere:
    """Read it; Malformed for anything that `not_recorded_text` would not write."""
    sender, audience, of, shown = _values(text, _NOT_RECORDED, ("of", "shown"))
    here = NotRecordedHere(
        sender=check_origin(sender),
        audience=check_origin(audience),
        of=hash32(of),
        shown_us=checked_instant_us(decimal(shown)),
    )
    return _same(here, not_recorded_text(here), text)


def _text(head: str, sender: str, audience: str, *lines: str) -> str:
    if exercise_of(sender) != exercise_of(audience):
        raise Malformed("an exercise and the live line do not mix", code="exercise_mismatch")
    label = () if exercise_of(sender) is None else ("label exercise",)
    return "\n".join([head, f"from {sender}", f"to {audience}", *lines, *label]) + "\n"


def _values(text: str, head: str, keys: tuple[str, ...]) -> list[str]:
    """What stands behind the keys; whether that is all is seen when it is written again."""
    lines = text.split("\n")
    wanted = ("from", "to", *keys)
    if lines[0] != head or len(lines) <= len(wanted):
        raise Malformed(f"not a statement {head}", code="bad_statement")
    return [line.partition(" ")[2] for line in lines[1 : len(wanted) + 1]]


def _same(found: T, again: str, text: str) -> T:
    if again != text:
        raise Malformed("a statement is not in canonical form", code="bad_statement")
    return found
