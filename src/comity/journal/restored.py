"""A journal that came from a backup: what others know of it, and whether it may write again.

The mark lies in the lock file from the restoring until every peer and witness has shown the newest
head of ours that it knows, and none knows more than we have. A head is ours by any log key that we
know, or that statements lead to which were signed by keys or roots of ours. Silence, and a head
that nothing shows to be ours, can be overridden by a named person, a contradiction by nobody.
Judges only; `exchange.inquire` asks, and writes the entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from comity.journal.checkpoint import Checkpoint, parse_checkpoint
from comity.journal.hold import Hold
from comity.journal.merkle import root
from comity.journal.validity import LogKeys
from comity.model.fault import Corrupt, Malformed, Refusal, Refused, Untrusted
from comity.storage.store import Reading
from comity.trust.identity import Role, Roots
from comity.trust.lives import KeyLife, held, within
from comity.trust.note import Note, parse_note, verify_note
from comity.trust.statement import changed, open_statement, role_of
from comity.wire.fields import Field, int_field, text_field

__all__ = [
    "NOBODY",
    "UNSETTLED",
    "Accepted",
    "Mark",
    "Said",
    "Word",
    "contradiction",
    "fields_of_restored",
    "judged",
    "led_to",
    "mark_from",
    "silent",
    "waiting",
]

NOBODY = "nobody"  # who is asked where there is no peer and no witness


class Said(StrEnum):
    """What a party's answer comes to."""

    AGREES = "agrees"
    AHEAD = "ahead"
    DIFFERS = "differs"
    SILENT = "silent"
    UNPROVEN = "unproven"


UNSETTLED = frozenset({Said.SILENT, Said.UNPROVEN})
_CONTRADICTIONS = frozenset({Said.AHEAD, Said.DIFFERS})


class Accepted(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A person's word that a party is not waited for. `at_us` is the node's clock.

    `said` is what the person saw: who took a silence upon them knew of no head.
    """

    party: str
    by: str
    at_us: int
    said: str = Said.SILENT.value

    def covers(self, party: str, said: str) -> bool:
        """Whether it stands for what a party says now."""
        return self.party == party and self.said in {said, Said.UNPROVEN}


class Mark(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What was restored: size and root (base64) of the journal, and when the backup was made."""

    size: int
    root: str
    made_us: int
    accepted: tuple[Accepted, ...] = ()

    def bytes(self) -> bytes:
        """As it is kept."""
        return msgspec.json.encode(self)

    def accepting(self, more: Accepted) -> "Mark":
        """With one more accepted; the first word on a party that covers it stands."""
        if any(each.covers(more.party, more.said) for each in self.accepted):
            return self
        others = (each for each in self.accepted if each.party != more.party)
        return msgspec.structs.replace(self, accepted=(*others, more))

    def accepter(self, word: "Word") -> str | None:
        """Who answers for what a party says, if somebody does."""
        found = (each.by for each in self.accepted if each.covers(word.party, word.said.value))
        return next(found, None)


def mark_from(data: bytes) -> Mark:
    """Read a mark; Corrupt if it is damaged."""
    try:
        return msgspec.json.decode(data, type=Mark)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Corrupt("the mark of the restoring cannot be read", code="bad_row") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What one party knows of our journal. `note` is the head as it showed it.

    We signed it, unless it is unproven.
    """

    party: str
    witness: bool
    said: Said
    size: int | None = None
    note: bytes | None = None
    why: str = ""

    def text(self) -> str:
        """In words."""
        if self.said is Said.SILENT:
            return f"{self.party} has not said what it knows: {self.why}"
        if self.said is Said.UNPROVEN:
            return (
                f"{self.party} shows a head of our journal of size {self.size} "
                "that nothing shows to be ours: no key known here signed it, and no statement of "
                "ours leads to one that did"
            )
        if self.said is Said.AHEAD:
            return f"{self.party} has our signed head of size {self.size}"
        if self.said is Said.DIFFERS:
            return f"{self.party} has our signed head of size {self.size} with another root"
        return f"{self.party} knows {self.size} entries, as we have them"


def judged(
    reading: Reading, keys: LogKeys, party: str, note: bytes | None, *, witness: bool
) -> Word:
    """What a head that a party showed comes to; None is "I know none".

    `keys` are all log keys that we know to be ours, earlier ones too: a peer keeps the line of the
    oldest, and those that statements handed over lead to (`led_to`). Only our own signature stops
    us for good. A larger head that none of them signed is waited for until a person decides.
    """
    if note is None:
        return Word(party=party, witness=witness, said=Said.AGREES, size=0)
    try:
        signed = parse_note(note)
        head = parse_checkpoint(signed.text)
        said = _compared(reading, keys, signed, head)
    except (Malformed, Untrusted) as fault:
        why = f"what it showed is no head of ours: {fault.reason}"
        return silent(party, why, witness=witness)
    return Word(party=party, witness=witness, said=said, size=head.size, note=note)


def _compared(reading: Reading, keys: LogKeys, note: Note, head: Checkpoint) -> Said:
    """Untrusted if it is no head of ours, and not larger than what we have."""
    if head.origin != keys.origin:
        raise Untrusted("a head of another journal", code="wrong_origin")
    larger = head.size > reading.journal.size()
    if larger and not verify_note(note, {life.key for life in keys.lives}):
        return Said.UNPROVEN
    within(held(note, keys.lives), lambda life: _counts(life, head.size))
    if larger:
        return Said.AHEAD
    return Said.AGREES if head.root == root(head.size, reading.journal.node) else Said.DIFFERS


def _counts(life: KeyLife, size: int) -> bool:
    """A key that was revoked counts up to its end; without one nobody knows what it signed."""
    return life.span.holds(size) and (life.revoked_s is None or life.span.end is not None)


def led_to(
    keys: LogKeys, roots: Roots, statements: Iterable[bytes]
) -> tuple[LogKeys, tuple[bytes, ...]]:
    """The log keys with those that statements lead to, and the statements that hold.

    They are taken in their order, each by the keys before it and our offline roots; what does not
    hold, or is known, is passed over. Nothing is believed of who hands them over.
    """
    lives, good = keys.lives, list[bytes]()
    for each in statements:
        try:
            found = open_statement(each, keys.origin, lives, roots)
            if role_of(found) is not Role.LOG:
                continue
        except (Malformed, Refused, Untrusted):
            continue
        lives = changed(lives, found, 0)  # of log keys none counts from an entry on
        good.append(each)
    return LogKeys(origin=keys.origin, lives=lives), tuple(good)


def silent(party: str, why: str, *, witness: bool) -> Word:
    """A party that did not answer, or not the question."""
    return Word(party=party, witness=witness, said=Said.SILENT, why=why)


def contradiction(words: Iterable[Word]) -> Hold | None:
    """The hold that nobody can lift: somebody has a head of ours that does not fit what is here."""
    against = [word for word in words if word.said in _CONTRADICTIONS]
    if not against:
        return None
    return Hold(
        refusal=Refusal(
            code="rollback_detected",
            reason="this is not the newest state of the journal: "
            + "; ".join(word.text() for word in against),
            what_to_do="restore a newer copy, or begin a new origin: docs/how-to/run-a-node.md",
        ),
        passing=False,
    )


def waiting(mark: Mark, words: Sequence[Word]) -> Hold | None:
    """The hold that time or a person lifts: parties that are silent, or show what is unproven."""
    missing = [word for word in words if word.said in UNSETTLED and mark.accepter(word) is None]
    if not missing:
        return None
    quiet = ", ".join(word.party for word in missing if word.said is Said.SILENT)
    reasons = [f"not known yet what these know of our journal: {quiet}"] if quiet else []
    reasons += [word.text() for word in missing if word.said is Said.UNPROVEN]
    return Hold(
        refusal=Refusal(
            code="restored",
            reason="restored from a backup; " + "; ".join(reasons),
            what_to_do="reach them, or: comity restore --accept-missing PARTY --by NAME; "
            "what that means: docs/how-to/run-a-node.md",
        ),
        passing=True,
    )


def fields_of_restored(mark: Mark, words: Sequence[Word]) -> tuple[Field, ...]:
    """The content of the entry `restored`: the backup, who said what, who answered for whom.

    Texts are `<party> agrees <size>`, `<party> silent accepted by <person>` and
    `<party> unproven <size> accepted by <person>`.
    """
    found = [
        int_field("backup/made", mark.made_us),
        int_field("backup/size", mark.size),
        text_field("backup/root", mark.root),
    ]
    for number, word in enumerate(words):
        said = f"{word.party} {word.said}"
        if word.size is not None:
            said += f" {word.size}"
        if word.said in UNSETTLED:
            said += f" accepted by {mark.accepter(word)}"
        found.append(text_field(f"said/{number}", said))
    return tuple(found)
