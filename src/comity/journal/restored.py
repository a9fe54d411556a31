"""A journal that came from a backup: what others know of it, and whether it may write again.

The mark lies in the lock file from the restoring until every peer and witness has shown the newest
head of ours that it knows, and none knows more than we have. Silence can be overridden by a named
person, a contradiction by nobody. Judges only; `exchange.inquire` asks, and writes the entry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from comity.journal.checkpoint import Checkpoint, parse_checkpoint
from comity.journal.hold import Hold
from comity.journal.merkle import root
from comity.journal.validity import LogKeys
from comity.model.fault import Corrupt, Malformed, Refusal, Untrusted
from comity.storage.store import Reading
from comity.trust.lives import KeyLife, held, within
from comity.trust.note import Note, parse_note, verify_note
from comity.wire.fields import Field, int_field, text_field

__all__ = [
    "NOBODY",
    "Accepted",
    "Mark",
    "Said",
    "Word",
    "contradiction",
    "fields_of_restored",
    "judged",
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


_CONTRADICTIONS = frozenset({Said.AHEAD, Said.DIFFERS})


class Accepted(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A person's word that a party's silence is not waited for. `at_us` is the node's clock."""

    party: str
    by: str
    at_us: int


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
        """With one more silence accepted; the first word on a party stands."""
        if any(each.party == more.party for each in self.accepted):
            return self
        return msgspec.structs.replace(self, accepted=(*self.accepted, more))


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
                "that no key known here signed"
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
    oldest. Only our own signature stops us for good. A larger head that none of them signed may
    carry a key that came after the backup: it is waited for, and is no silence.
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
    """The hold that time or a person lifts: parties that are silent, and whom nobody accepted.

    No person lifts that of a larger head which nobody here can check.
    """
    unproven = [word for word in words if word.said is Said.UNPROVEN]
    if unproven:
        return _unproven(unproven)
    accepted = {each.party for each in mark.accepted}
    missing = [word for word in words if word.said is Said.SILENT and word.party not in accepted]
    if not missing:
        return None
    names = ", ".join(word.party for word in missing)
    return Hold(
        refusal=Refusal(
            code="restored",
            reason=f"restored from a backup; not known yet what these know of our journal: {names}",
            what_to_do="reach them, or: comity restore --accept-missing PARTY --by NAME",
        ),
        passing=True,
    )


def _unproven(words: Sequence[Word]) -> Hold:
    return Hold(
        refusal=Refusal(
            code="restored",
            reason="restored from a backup; " + "; ".join(word.text() for word in words),
            what_to_do="restore a newer copy, with the log key that signed it: "
            "docs/how-to/run-a-node.md",
        ),
        passing=True,
    )


def fields_of_restored(mark: Mark, words: Sequence[Word]) -> tuple[Field, ...]:
    """The content of the entry `restored`: the backup, who said what, who accepted whose silence.

    Texts are `<party> agrees <size>` and `<party> silent accepted by <person>`.
    """
    found = [
        int_field("backup/made", mark.made_us),
        int_field("backup/size", mark.size),
        text_field("backup/root", mark.root),
    ]
    by = {each.party: each.by for each in mark.accepted}
    for number, word in enumerate(words):
        said = f"{word.party} {word.said}"
        if word.said is Said.SILENT:
            said += f" accepted by {by[word.party]}"
        elif word.size is not None:
            said += f" {word.size}"
        found.append(text_field(f"said/{number}", said))
    return tuple(found)
