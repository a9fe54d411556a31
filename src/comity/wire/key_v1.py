"""Schema v1 of statements about a party's own keys: one takes another's place, or one is revoked.

    comity/key@v1                            comity/revoke@v1
    origin <origin>                          origin <origin>
    role entry|log|log-mldsa|cosigner        role ...
    because rotation|loss                    key <vkey>
    old <vkey, or - for none>                to <entries, or ->
    new <vkey>                               since <microseconds, or ->
    made <microseconds>                      made <microseconds>

Each is the text of a signed note; who must sign is `trust.statement`'s. `to`: of entries from that
index on, and of larger heads, the key's signature is none. `since`: what nothing neutral shows to
be older is worth nothing. No I/O. Called by trust.statement and the command line.
"""

from dataclasses import dataclass

from comity.model.fault import Malformed
from comity.model.party import check_origin
from comity.model.quantity import checked_instant_us
from comity.wire.canonical import decimal

__all__ = ["KEY_HEAD", "KeyText", "RevokeText", "parse_statement", "statement_text"]

KEY_HEAD, REVOKE_HEAD = "comity/key@v1", "comity/revoke@v1"
_BECAUSE = ("rotation", "loss")
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyText:
    """`new` takes the place of `old` (None: there was none); keys are verifier keys as text."""

    origin: str
    role: str
    because: str
    old: str | None
    new: str
    made_us: int

    def __post_init__(self) -> None:
        """Hold origin, reason and time."""
        check_origin(self.origin)
        checked_instant_us(self.made_us)
        if self.because not in _BECAUSE:
            raise Malformed("a key is replaced because of rotation or loss", code="bad_statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeText:
    """`key` counts no more: from `to` entries on, and since a moment; None where open."""

    origin: str
    role: str
    key: str
    to: int | None
    since_us: int | None
    made_us: int

    def __post_init__(self) -> None:
        """Hold origin and times."""
        check_origin(self.origin)
        checked_instant_us(self.made_us)
        if self.since_us is not None:
            checked_instant_us(self.since_us)


def statement_text(statement: KeyText | RevokeText) -> str:
    """The text that is signed, ending in LF."""
    first = [f"origin {statement.origin}", f"role {statement.role}"]
    if isinstance(statement, KeyText):
        head = KEY_HEAD
        first += [
            f"because {statement.because}",
            f"old {statement.old or _NONE}",
            f"new {statement.new}",
        ]
    else:
        head = REVOKE_HEAD
        first += [
            f"key {statement.key}",
            f"to {_text(statement.to)}",
            f"since {_text(statement.since_us)}",
        ]
    return "\n".join([head, *first, f"made {statement.made_us}"]) + "\n"


def parse_statement(text: str) -> KeyText | RevokeText:
    """Read a statement; Malformed unless `statement_text` gives `text` again."""
    head, *lines = text.removesuffix("\n").split("\n")
    pairs = [line.partition(" ") for line in lines]
    values = {word: value for word, _, value in pairs}
    if len(values) != len(lines):
        raise Malformed("a line is there twice", code="bad_statement")
    try:
        found = _key_from(values) if head == KEY_HEAD else _revoke_from(head, values)
    except KeyError as error:
        raise Malformed(f"a statement lacks its line {error}", code="bad_statement") from error
    if statement_text(found) != text:
        raise Malformed("a statement is not in canonical form", code="bad_statement")
    return found


def _key_from(values: dict[str, str]) -> KeyText:
    old = values["old"]
    return KeyText(
        origin=values["origin"],
        role=values["role"],
        because=values["because"],
        old=None if old == _NONE else old,
        new=values["new"],
        made_us=decimal(values["made"]),
    )


def _revoke_from(head: str, values: dict[str, str]) -> RevokeText:
    if head != REVOKE_HEAD:
        raise Malformed("not a statement about keys of Comity, version 1", code="bad_statement")
    return RevokeText(
        origin=values["origin"],
        role=values["role"],
        key=values["key"],
        to=_number(values["to"]),
        since_us=_number(values["since"]),
        made_us=decimal(values["made"]),
    )


def _text(number: int | None) -> str:
    return _NONE if number is None else str(number)


def _number(text: str) -> int | None:
    return None if text == _NONE else decimal(text)
