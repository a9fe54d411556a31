"""A second implementation of docs/reference/agreement.md, from the page alone.

It reads the parameters from the page's own table, and imports nothing of comity: the page must say
everything. Texts, signatures, and which clause decides. Called by `test_second_agreement`.
"""

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "agreement.md"
SCOPES = {
    "kinds": ["operation", "hazard", "presence"],
    "purposes": [
        *("military-activity", "training", "transport", "survey", "medical", "fire-rescue"),
        *("search-rescue", "weather", "farming", "humanitarian", "civil-traffic"),
        *("air-defence-active", "danger-area", "interference"),
    ],
    "domains": ["air", "ground", "maritime", "subsurface", "electromagnetic"],
    "crafts": ["combat", "unarmed", "rotary", "uav", "balloon", "none"],
}
CASE_KEY = {  # the line of a clause, and what a case calls it; in the order of the lines
    "kinds": "kind",
    "purposes": "purpose",
    "domains": "domain",
    "crafts": "craft",
    "by": "by",
    "to": "to",
}
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[A-Za-z0-9][A-Za-z0-9._-]*)+", re.ASCII)
YEARS = (946_684_800_000_000, 4_102_444_799_999_999)


class No(Exception):  # noqa: N818 - it is the answer
    """Not an agreement of version 1."""


def no(why: str) -> NoReturn:
    raise No(why)


@dataclass
class Row:
    """A row of the page's table of parameters."""

    names: list[str]
    least: int
    most: int
    more: bool | None  # None: neither protects more
    default: int


def parameters() -> dict[str, Row]:
    """What the page's table says."""
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 9 and cells[0].startswith("`"):
            name, default, _, span, protects = cells[0].strip("`"), *cells[1:5]
            words = [] if " to " in span else span.split(", ")
            least, most = (0, len(words) - 1) if words else map(int, span.split(" to "))
            found[name] = Row(
                names=words,
                least=least,
                most=most,
                more={"more": True, "less": False, "-": None}[protects],
                default=words.index(default) if words else int(default),
            )
    return found


TABLE = parameters()


@dataclass
class Clause:
    """A clause as read; values of named parameters are the places of their names."""

    name: str
    scope: dict[str, list[str]] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    line: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Agreement:
    """An agreement as read."""

    name: str
    version: int
    previous: bytes | None
    principals: list[str]
    clauses: list[Clause]


class Lines:
    """Takes lines in their order."""

    def __init__(self, text: str) -> None:
        if not text.endswith("\n") or len(text.encode("utf-8", "surrogatepass")) > 57_344:
            no("size, or no line feed at its end")
        self.left = text[:-1].split("\n")

    def peek(self, key: str) -> bool:
        return bool(self.left) and self.left[0].startswith(f"{key} ")

    def take(self, key: str) -> str:
        if not self.peek(key):
            no(f"{key} is due")
        return self.left.pop(0)[len(key) + 1 :]


def number(text: str, least: int, most: int) -> int:
    if not NUMBER.fullmatch(text) or not least <= int(text) <= most:
        no(f"{text} is no such number")
    return int(text)


def name(text: str) -> str:
    return text if NAME.fullmatch(text) else no(f"{text} is no name")


def origin(text: str) -> str:
    return text if len(text) <= 255 and ORIGIN.fullmatch(text) else no(f"{text} is no origin")


def free(text: str, least: int, most: int) -> None:
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    if not least <= len(text) <= most or text[:1] == " " or text[-1:] == " ":
        no("free text")
    for character in text:
        category = unicodedata.category(character)
        if category in bad or (category == "Zs" and character != " "):
            no("free text")


def ascending(text: str) -> list[str]:
    words = text.split(" ")
    return words if words == sorted(set(words)) else no("not in ascending order, or twice")


def read(text: str) -> Agreement:
    """Sections "Parties and roles" and "The text"."""
    lines = Lines(text)
    if lines.left.pop(0) != "comity/agreement@v1":
        no("head")
    named, version = name(lines.take("name")), number(lines.take("version"), 1, 1_000_000)
    previous = lines.take("previous")
    if (previous == "-") != (version == 1):
        no("previous")
    origins, principals = _parties(lines)
    start, until = number(lines.take("from"), *YEARS), lines.take("until")
    if until != "-" and number(until, *YEARS) <= start:
        no("ends before it begins")
    _languages(lines.take("languages"))
    clauses = []
    while lines.left:
        clauses.append(_clause(lines, origins))
    _whole(clauses)
    return Agreement(
        name=named,
        version=version,
        previous=None if previous == "-" else _hash(previous),
        principals=principals,
        clauses=clauses,
    )


def _hash(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        no("base64")
    return raw if len(raw) == 32 and base64.b64encode(raw).decode() == text else no("a hash")


def _parties(lines: Lines) -> tuple[list[str], list[str]]:
    found: dict[str, list[str]] = {}
    while lines.peek("party"):
        who, *how = lines.take("party").split(" ")
        if how[:1] not in (["principal"], ["bound"], ["mediator"]):
            no("role")
        if len(how) != 1 + (how[0] == "bound") or who in found:
            no("party")
        found[origin(who)] = how
    principals = [who for who, how in found.items() if how[0] == "principal"]
    if not 2 <= len(found) <= 32 or list(found) != sorted(found) or len(principals) < 2:
        no("parties")
    if any(how[0] == "bound" and how[1] not in principals for how in found.values()):
        no("bound by no principal")
    if len({who.partition("/exercise/")[2] for who in found}) != 1:
        no("live and exercise")
    return list(found), principals


def _languages(text: str) -> None:
    words = text.split(" ")
    if words[0] != "en" or len(set(words)) != len(words) or set(words) - {"en", "ru", "he", "ar"}:
        no("languages")


def _clause(lines: Lines, origins: list[str]) -> Clause:
    clause = Clause(name=name(lines.take("clause")))
    free(lines.take("title"), 0, 80)
    if lines.peek("basis"):
        free(lines.take("basis"), 1, 280)
    _scope(clause, lines, origins)
    while lines.peek("set"):
        _value(clause, lines.take("set"))
    if not clause.values or list(clause.values) != sorted(clause.values):
        no("values")
    if lines.peek("line"):
        clause.line = [_point(word) for word in lines.take("line").split(" ")]
        if not 2 <= len(clause.line) <= 200:
            no("line")
    return clause


def _scope(clause: Clause, lines: Lines, origins: list[str]) -> None:
    for key in CASE_KEY:
        if lines.peek(key):
            clause.scope[key] = ascending(lines.take(key))
            if set(clause.scope[key]) - set(SCOPES.get(key, origins)):
                no(key)
    if lines.peek("over"):
        clause.over = ascending(lines.take("over"))
        if len(clause.over) > 16:
            no("over too many")


def _value(clause: Clause, text: str) -> None:
    parameter, _, value = text.partition(" ")
    row = TABLE.get(parameter) or no(f"no parameter {parameter}")
    if parameter in clause.values:
        no("set twice")
    if row.names:
        clause.values[parameter] = row.names.index(value) if value in row.names else no(value)
    else:
        clause.values[parameter] = number(value, row.least, row.most)


def _point(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2:
        no("point")
    lat, lon = (_signed(part, most) for part, most in zip(parts, (90, 180), strict=True))
    return lat, lon


def _signed(text: str, most: int) -> int:
    value = number(text.removeprefix("-"), 0, most * 10_000_000)
    if text == "-0":
        no("minus nought")
    return -value if text.startswith("-") else value


def _whole(clauses: list[Clause]) -> None:
    names = [clause.name for clause in clauses]
    if not 1 <= len(clauses) <= 256 or len(set(names)) != len(names):
        no("clauses")
    if any(set(clause.over) - set(names) for clause in clauses):
        no("over nothing")
    if any(clause.name in beneath(clauses, clause.name) for clause in clauses):
        no("precedence goes round")


def beneath(clauses: list[Clause], start: str) -> set[str]:
    """All that a clause stands over, itself or by way of others."""
    over = {clause.name: clause.over for clause in clauses}
    found: set[str] = set()
    left = list(over[start])
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += over[each]
    return found


def ruling(agreement: Agreement, parameter: str, case: dict[str, str]) -> tuple[int, str] | None:
    """Section "Which clause decides": value and clause; None if the agreement says nothing."""
    found = [
        clause
        for clause in agreement.clauses
        if parameter in clause.values
        and all(case.get(CASE_KEY[key]) in of for key, of in clause.scope.items())
    ]
    under = {name for clause in found for name in beneath(agreement.clauses, clause.name)}
    found = [clause for clause in found if clause.name not in under]
    if not found:
        return None
    most = max(len(clause.scope) for clause in found)
    found = [clause for clause in found if len(clause.scope) == most]
    more = TABLE[parameter].more
    if more is not None:
        best = (max if more else min)(clause.values[parameter] for clause in found)
        found = [clause for clause in found if clause.values[parameter] == best]
    return found[0].values[parameter], found[0].name


def signers(note: bytes, keys: dict[str, tuple[str, bytes]]) -> set[str]:
    """Which principals have signed; `keys` has the name and the Ed25519 key of each."""
    text, _, lines = note.partition(b"\n\n")
    found = set()
    for line in lines.decode().splitlines():
        mark, signer, blob = line.split(" ")
        signature = base64.b64decode(blob)
        for who, (key_name, public) in keys.items():
            key_id = hashlib.sha256(f"{key_name}\n".encode() + b"\1" + public).digest()[:4]
            if mark == "\u2014" and signer == key_name and signature[:4] == key_id:
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], text + b"\n")
                except InvalidSignature:
                    no("a false signature")
                found.add(who)
    return found
