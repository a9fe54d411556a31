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
from comity.model.fault import Corrupt, Malformed, Refusal, Untrusted
from comity.storage.store import Reading
from comity.trust.keys import VerifierKey
from comity.trust.note import parse_note, signed_by
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
    """What one party knows of our journal. `note` is the head that we signed, as it showed it."""

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
        if self.said is Said.AHEAD:
            return f"{self.party} has our signed head of size {self.size}"
        if self.said is Said.DIFFERS:
            return f"{self.party} has our signed head of size {self.size} with another root"
        return f"{self.party} knows {self.size} entries, as we have them"


def judged(
    reading: Reading, key: VerifierKey, party: str, note: bytes | None, *, witness: bool
) -> Word:
    """What a head that a party showed comes to; None is "I know none".

    Only our own signature counts: nobody can make us wait, or stop, with a head that we did not
    sign.
    """
    if note is None:
        return Word(party=party, witness=witness, said=Said.AGREES, size=0)
    try:
        checkpoint = _own_head(note, key)
    except (Malformed, Untrusted) as fault:
        why = f"what it showed is no head of ours: {fault.reason}"
        return silent(party, why, witness=witness)
    if checkpoint.size > reading.journal.size():
        said = Said.AHEAD
    elif checkpoint.root != root(checkpoint.size, reading.journal.node):
        said = Said.DIFFERS
    else:
        said = Said.AGREES
    return Word(party=party, witness=witness, said=said, size=checkpoint.size, note=note)


def _own_head(note: bytes, key: VerifierKey) -> Checkpoint:
    signed = parse_note(note)
    signed_by(signed, key)
    checkpoint = parse_checkpoint(signed.text)
    if checkpoint.origin != key.name:
        raise Untrusted("a head of another journal", code="wrong_origin")
    return checkpoint


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
    """The hold that time or a person lifts: parties that are silent, and whom nobody accepted."""
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
