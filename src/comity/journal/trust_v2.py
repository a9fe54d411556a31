"""The lines of a trust file of version 2: each key with the time in which it counts.

    party <origin>
    key <role> <start> <end> <revoked> <vkey>       roles entry, log, log-mldsa, cosigner
    witness <start> <end> <vkey>

A number or `-` for open: of `entry`, `log` and `log-mldsa` in entries of the party's journal, of
`cosigner` and witnesses in POSIX seconds; `revoked` always in seconds. A party's keys are sorted
by role, start and text. No I/O. Called by `journal.trustfile`.
"""

from comity.journal.validity import TrustedParty
from comity.model.fault import Malformed
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey, parse_verifier_key
from comity.trust.lives import KeyLife, Span, present
from comity.wire.canonical import decimal

__all__ = ["TRUST_KEYS_MAX", "party_from_v2", "party_lines", "party_of_lives"]
__all__ += ["witness_from_v2", "witness_line"]

TRUST_KEYS_MAX = 64  # of one party: a rotation of every role each year for sixteen years
_OPEN = "-"


def party_of_lives(origin: str, lives: tuple[KeyLife, ...]) -> TrustedParty:
    """A party by all its keys; Malformed unless each needed role has one."""
    entry, log = present(lives, Role.ENTRY), present(lives, Role.LOG)
    cosigner = present(lives, Role.COSIGNER)
    if entry is None or log is None or cosigner is None:
        raise Malformed(f"{origin} lacks an entry, a log or a cosigner key", code="bad_trust")
    if len({life.key for life in lives}) != len(lives) or len(lives) > TRUST_KEYS_MAX:
        raise Malformed(f"{origin} has a key twice, or too many", code="bad_trust")
    return TrustedParty(
        origin=origin,
        entry=entry,
        log=log,
        cosigner=cosigner,
        lives=tuple(sorted(lives, key=KeyLife.order)),
    )


def party_lines(party: TrustedParty) -> list[str]:
    """The lines of a party."""
    return [f"party {party.origin}", *(_key_line(life) for life in party.all_lives)]


def _key_line(life: KeyLife) -> str:
    ends = (_text(life.span.start), _text(life.span.end), _text(life.revoked_s))
    return " ".join(("key", life.role, *ends, life.key.text()))


def party_from_v2(origin: str, lines: list[str]) -> TrustedParty:
    """Read the keys of a party, whose first line has been taken from `lines`."""
    lives: list[KeyLife] = []
    while lines and lines[0].startswith("key ") and len(lives) <= TRUST_KEYS_MAX:
        lives.append(_life_from(lines.pop(0)))
    return party_of_lives(origin, tuple(lives))


def _life_from(line: str) -> KeyLife:
    words = line.split(" ", 5)
    try:
        _, role, start, end, revoked, text = words
        return KeyLife(
            role=Role(role),
            key=parse_verifier_key(text),
            span=Span(start=_number(start), end=_number(end)),
            revoked_s=_number(revoked),
        )
    except ValueError as error:
        raise Malformed("a key has a role, three times and its text", code="bad_trust") from error


def witness_line(key: VerifierKey, span: Span) -> str:
    """The line of a witness."""
    return f"witness {_text(span.start)} {_text(span.end)} {key.text()}"


def witness_from_v2(value: str) -> tuple[VerifierKey, Span]:
    """Read a witness's line, after its first word."""
    words = value.split(" ", 2)
    try:
        start, end, text = words
    except ValueError as error:
        raise Malformed("a witness has two times and its key", code="bad_trust") from error
    return parse_verifier_key(text), Span(start=_number(start), end=_number(end))


def _text(number: int | None) -> str:
    return _OPEN if number is None else str(number)


def _number(text: str) -> int | None:
    return None if text == _OPEN else decimal(text)
