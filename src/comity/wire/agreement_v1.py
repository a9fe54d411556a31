"""Schema v1 of an agreement: the text that all principals sign, and the statements about it.

A text of lines in one order; `parse_agreement` writes its result again and compares, so that one
agreement has one form and one hash. Reference: docs/reference/agreement.md.

An agreement travels as a note: the text, and the signatures of principals' entry keys. Called by
intake, the room `agreement` and the command line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from comity.model.clause import Agreement, Clause, Party, PartyRole, Scope
from comity.model.fault import Malformed
from comity.model.notice import Craft, Domain, Purpose, SubjectKind, checked_text
from comity.model.parameter import parameter
from comity.model.quantity import Position, checked_instant_us
from comity.wire.canonical import b64, decimal, hash32, sha256
from comity.wire.fields import Field, Reader, id_field, int_field, text_field
from comity.wire.limits import AGREEMENT_BYTES_MAX, AGREEMENTS_MAX, QUOTE_CHARS_MAX

__all__ = [
    "HEAD",
    "Standing",
    "StandingChange",
    "agreement_hash",
    "agreement_text",
    "fields_of_note",
    "fields_of_standing",
    "note_from",
    "parse_agreement",
    "standing_from",
]

HEAD = "comity/agreement@v1"
_PARTY_WORDS = 2  # origin, role; a bound party names a third
E = TypeVar("E", bound=StrEnum)


class StandingChange(StrEnum):
    """What one principal alone may do to an agreement."""

    SUSPEND = "suspend"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A principal suspends an agreement, or takes its own suspension back; the floor stays."""

    of: bytes
    change: StandingChange
    reason: str
    at_us: int

    def __post_init__(self) -> None:
        """A suspension says why."""
        checked_instant_us(self.at_us)
        if not checked_text(self.reason, QUOTE_CHARS_MAX, "reason"):
            raise Malformed("a suspension says why", code="no_reason")


def agreement_text(agreement: Agreement) -> str:
    """The canonical text, ending in LF."""
    previous = "-" if agreement.previous is None else b64(agreement.previous)
    until = "-" if agreement.until_us is None else str(agreement.until_us)
    lines = [
        HEAD,
        f"name {agreement.name}",
        f"version {agreement.version}",
        f"previous {previous}",
        *(_party_line(party) for party in agreement.parties),
        f"from {agreement.from_us}",
        f"until {until}",
        f"languages {' '.join(agreement.languages)}",
    ]
    for clause in agreement.clauses:
        lines += _clause_lines(clause)
    return "\n".join(lines) + "\n"


def agreement_hash(text: str) -> bytes:
    """SHA-256 of the text: the agreement's id, the same on all sides."""
    return sha256(text.encode())


@lru_cache(maxsize=AGREEMENTS_MAX)
def parse_agreement(text: str) -> Agreement:
    """Read a canonical text; Malformed for anything that `agreement_text` would not write.

    Remembered: the same few texts are asked for with every notice.
    """
    if len(text.encode("utf-8", "surrogatepass")) > AGREEMENT_BYTES_MAX:
        raise Malformed(f"an agreement has at most {AGREEMENT_BYTES_MAX} bytes", code="too_large")
    lines = _Lines(text)
    lines.whole(HEAD)
    name, version = lines.take("name"), decimal(lines.take("version"))
    previous, parties = _or_none(lines.take("previous")), tuple(map(_party, lines.all("party")))
    from_us, until = decimal(lines.take("from")), lines.take("until")
    agreement = Agreement(
        name=name,
        version=version,
        previous=None if previous is None else hash32(previous),
        parties=parties,
        from_us=from_us,
        until_us=None if _or_none(until) is None else decimal(until),
        languages=tuple(lines.take("languages").split(" ")),
        clauses=tuple(_clauses(lines)),
    )
    if agreement_text(agreement) != text:
        raise Malformed("the agreement is not in canonical form", code="bad_agreement")
    return agreement


def fields_of_note(note: str) -> tuple[Field, ...]:
    """The content that gives an agreement with its signatures to a party."""
    return (text_field("note", note),)


def note_from(fields: tuple[Field, ...]) -> str:
    """The note of such a content."""
    reader = Reader(fields, frozenset())
    note = reader.text("note")
    reader.finish()
    return note


def fields_of_standing(standing: Standing) -> tuple[Field, ...]:
    """The content of a suspension or resumption, in canonical order."""
    return (
        id_field("of", standing.of),
        text_field("change", standing.change),
        text_field("reason", standing.reason),
        int_field("at", standing.at_us),
    )


def standing_from(fields: tuple[Field, ...]) -> Standing:
    """Read such a content."""
    reader = Reader(fields, frozenset())
    standing = Standing(
        of=reader.identity("of"),
        change=reader.choice("change", StandingChange),
        reason=reader.text("reason"),
        at_us=reader.integer("at"),
    )
    reader.finish()
    if fields_of_standing(standing) != fields:
        raise Malformed("the fields are not in canonical order", code="bad_field")
    return standing


def _party_line(party: Party) -> str:
    words = [party.origin, party.role, *([] if party.bound_by is None else [party.bound_by])]
    return f"party {' '.join(words)}"


def _clause_lines(clause: Clause) -> list[str]:
    scope = clause.scope
    lists: tuple[tuple[str, Iterable[str]], ...] = (
        ("kinds", scope.kinds),
        ("purposes", scope.purposes),
        ("domains", scope.domains),
        ("crafts", scope.crafts),
        ("by", scope.by),
        ("to", scope.to),
        ("over", clause.over),
    )
    lines = [f"clause {clause.id}", f"title {clause.title}"]
    if clause.basis:
        lines.append(f"basis {clause.basis}")
    lines += [f"{key} {' '.join(sorted(values))}" for key, values in lists if values]
    lines += [f"set {name} {parameter(name).written(value)}" for name, value in clause.values]
    if clause.line:
        lines.append("line " + " ".join(f"{p.lat_e7},{p.lon_e7}" for p in clause.line))
    return lines


class _Lines:
    """Takes `key value` lines in order."""

    def __init__(self, text: str) -> None:
        if not text.endswith("\n"):
            raise Malformed("an agreement ends in a line feed", code="bad_agreement")
        self._lines = text[:-1].split("\n")
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._lines)

    def whole(self, line: str) -> None:
        """Take a line that has no value."""
        if self.done or self._lines[self._at] != line:
            raise Malformed(f"not an agreement: no line {line!r}", code="bad_agreement")
        self._at += 1

    def maybe(self, key: str) -> str | None:
        """The value of the next line, if it has that key."""
        if self.done:
            return None
        found, space, value = self._lines[self._at].partition(" ")
        if found != key or not space:
            return None
        self._at += 1
        return value

    def take(self, key: str) -> str:
        """The value of the next line; Malformed if it has another key."""
        value = self.maybe(key)
        if value is None:
            raise Malformed(f"line {self._at + 1} of an agreement is {key!r}", code="bad_agreement")
        return value

    def all(self, key: str) -> list[str]:
        """The values of all lines of that key that follow."""
        values: list[str] = []
        while (value := self.maybe(key)) is not None:  # bounded by the text: each turn takes a line
            values.append(value)
        return values


def _or_none(text: str) -> str | None:
    return None if text == "-" else text


def _party(text: str) -> Party:
    words = text.split(" ")
    if len(words) not in (_PARTY_WORDS, _PARTY_WORDS + 1):
        raise Malformed("a party has an origin and a role", code="bad_parties")
    bound_by = words[_PARTY_WORDS] if len(words) > _PARTY_WORDS else None
    return Party(origin=words[0], role=_choice(words[1], PartyRole), bound_by=bound_by)


def _clauses(lines: _Lines) -> list[Clause]:
    found: list[Clause] = []
    while not lines.done:  # bounded by the text: each turn takes a line or raises
        found.append(_clause(lines))
    return found


def _clause(lines: _Lines) -> Clause:
    name, title = lines.take("clause"), lines.take("title")
    basis = lines.maybe("basis") or ""
    scope = Scope(
        kinds=_set(lines.maybe("kinds"), SubjectKind),
        purposes=_set(lines.maybe("purposes"), Purpose),
        domains=_set(lines.maybe("domains"), Domain),
        crafts=_set(lines.maybe("crafts"), Craft),
        by=frozenset(_words(lines.maybe("by"))),
        to=frozenset(_words(lines.maybe("to"))),
    )
    return Clause(
        id=name,
        title=title,
        basis=basis,
        scope=scope,
        over=tuple(_words(lines.maybe("over"))),
        values=tuple(map(_value, lines.all("set"))),
        line=tuple(map(_point, _words(lines.maybe("line")))),
    )


def _words(text: str | None) -> Sequence[str]:
    return [] if text is None else text.split(" ")


def _set(text: str | None, choices: type[E]) -> frozenset[E]:
    return frozenset(_choice(word, choices) for word in _words(text))


def _choice(word: str, choices: type[E]) -> E:
    try:
        return choices(word)
    except ValueError as error:
        raise Malformed(f"{word[:40]!r} is not in the closed list", code="bad_choice") from error


def _value(text: str) -> tuple[str, int]:
    name, _, value = text.partition(" ")
    return name, parameter(name).read(value, decimal(value) if value.isdigit() else None)


def _point(text: str) -> Position:
    lat, _, lon = text.partition(",")
    return Position(lat_e7=_signed(lat), lon_e7=_signed(lon))


def _signed(text: str) -> int:
    return -decimal(text[1:]) if text.startswith("-") else decimal(text)
