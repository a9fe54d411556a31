"""Who may change a party's keys: opens statements, and says what the keys are afterwards.

A new key always proves that it is held. Beside it sign: `needed` of the party's root keys, and the
old key, unless that is said to be lost; of a party without roots the old key alone. Revoking takes
the roots, or without roots the key that took the revoked one's place. A key in use is not revoked,
and a key is new but once. Pure. Called by intake.renew, the exchange and the command line.
"""

from collections.abc import Iterable
from dataclasses import replace

from comity.model.fault import Malformed, Refusal, Refused, Untrusted
from comity.model.quantity import SECOND_US
from comity.trust.identity import Role, Roots, key_name, key_type
from comity.trust.keys import VerifierKey, admit, parse_verifier_key
from comity.trust.lives import KeyLife, Span, present
from comity.trust.note import Note, parse_note, verify_note
from comity.trust.possession import possessed_by
from comity.wire.key_v1 import KeyText, RevokeText, parse_statement

__all__ = ["STATEMENT_BYTES_MAX", "Statement", "changed", "open_statement", "role_of"]

STATEMENT_BYTES_MAX = 32_768  # two ML-DSA keys and two of its signatures are 10 kB
Statement = KeyText | RevokeText
_Lives = tuple[KeyLife, ...]


def open_statement(data: bytes, origin: str, lives: _Lives, roots: Roots) -> Statement:
    """A statement of `origin`, whose keys are `lives`, that is signed by all who must.

    Raises:
        Malformed: not a statement. Untrusted: of another party, or a signature does not hold.
        Refused: signed by too few (`too_few_roots`), or about a key that does not stand so.
    """
    note = parse_note(data, size_max=STATEMENT_BYTES_MAX)
    found = parse_statement(note.text)
    if found.origin != origin:
        raise Untrusted("a statement about another party's keys", code="wrong_sender")
    if isinstance(found, KeyText):
        _check_key(note, found, lives, roots)
    else:
        _check_revoke(note, found, lives, roots)
    return found


def role_of(statement: Statement) -> Role:
    """The role that it is about; Malformed for none."""
    try:
        return Role(statement.role)
    except ValueError as error:
        raise Malformed("no key has that role", code="bad_statement") from error


def _check_key(note: Note, found: KeyText, lives: _Lives, roots: Roots) -> None:
    role = role_of(found)
    new = parse_verifier_key(found.new)
    if (new.name, new.key_type) != (key_name(role, found.origin), key_type(role)):
        raise Malformed("the new key is not named after its role", code="bad_statement")
    admit(new)
    if new.public in {key.public for key in (*roots.keys, *(life.key for life in lives))}:
        raise Untrusted("a key is new once, and for one purpose", code="shared_key")
    old = present(lives, role)
    if found.old != (None if old is None else old.text()):
        raise _refused("other_key", "it does not name the present key of that role")
    possessed_by(note, new)
    if roots.keys:
        _count_roots(note, roots)
    elif found.because == "loss":
        raise _refused("no_roots", "without root keys only the old key can name a new one")
    if found.because != "loss":
        possessed_by(note, old or _needed(present(lives, Role.LOG)))


def _check_revoke(note: Note, found: RevokeText, lives: _Lives, roots: Roots) -> None:
    role, key = role_of(found), parse_verifier_key(found.key)
    if not any((life.role, life.key) == (role, key) for life in lives):
        raise _refused("other_key", "that key never had that role")
    now = _needed(present(lives, role))
    if now == key:
        raise _refused("key_in_use", "it is that role's present key: give it a successor first")
    if roots.keys:
        _count_roots(note, roots)
    else:
        possessed_by(note, now)


def _needed(key: VerifierKey | None) -> VerifierKey:
    if key is None:
        raise _refused("other_key", "the party has no key that could say so")
    return key


def _count_roots(note: Note, roots: Roots) -> None:
    count = len(verify_note(note, roots.keys))
    if count < roots.needed:
        raise _refused("too_few_roots", f"{count} of {roots.needed} root keys have signed it")


def changed(lives: Iterable[KeyLife], statement: Statement, index: int) -> _Lives:
    """The keys after `statement`, which counts from entry `index` on.

    A new entry key ends the old one's time at once. Earlier log and cosigner keys go on beside the
    new one until they are revoked, so that nobody loses the thread meanwhile.
    """
    role = role_of(statement)
    if isinstance(statement, RevokeText):
        return tuple(
            _revoked(life, statement) if life.key.text() == statement.key else life
            for life in lives
        )
    kept = [
        replace(life, span=Span(start=life.span.start, end=index))
        if role is Role.ENTRY and life.role is role and life.span.end is None
        else life
        for life in lives
    ]
    # A new log key signs earlier heads again, so it has no beginning; entries are signed once.
    span = Span(start=index if role is Role.ENTRY else None)
    return (*kept, KeyLife(role=role, key=parse_verifier_key(statement.new), span=span))


def _revoked(life: KeyLife, statement: RevokeText) -> KeyLife:
    ends = [end for end in (life.span.end, statement.to) if end is not None]
    start = life.span.start
    end = max(min(ends), start or 0) if ends else None
    since_s = None if statement.since_us is None else statement.since_us // SECOND_US
    times = [time_s for time_s in (life.revoked_s, since_s) if time_s is not None]
    return replace(life, span=Span(start=start, end=end), revoked_s=min(times, default=None))


def _refused(code: str, reason: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do="see docs/how-to/rotate-a-key.md"))
