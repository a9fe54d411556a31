"""The part of an audit that reads what was recorded of lines: does the journal bear it out?

A contact that an entry names is a head of that party, recorded then. In a gap no head of it was
heard: none is recorded between the two that bound it, but with receipts, which may come by hand.
Called by `journal.audit`.
"""

from comity.journal.audit_case import Case, parsed
from comity.journal.audited import hold
from comity.model.line import LineFact
from comity.wire.entry_v1 import Entry, EntryType, PeerCheckpointBody
from comity.wire.fields import parse_fields
from comity.wire.limits import CLOCK_SKEW_US_MAX
from comity.wire.line_v1 import LINE_PATH, line_from

__all__ = ["LineFacts"]


class LineFacts:
    """See the module docstring; keeps where the heads of each party were heard."""

    def __init__(self, case: Case) -> None:
        """Nothing is read yet."""
        self._case = case
        self._heard: dict[str, list[int]] = {}

    def lines(self) -> None:
        """Each entry about a line, in the order of the journal."""
        for row in self._case.store.entries():
            with self._case.audited.at(f"line in entry {row.index}"):
                entry = parsed(row.body)
                if isinstance(entry.body, PeerCheckpointBody) and not entry.refs:
                    self._heard.setdefault(entry.body.peer, []).append(row.index)
                elif entry.type is EntryType.PARTY:
                    self._line(entry, row.leaf)

    def _line(self, entry: Entry, leaf: bytes) -> None:
        opening = self._case.store.opening(leaf)
        fields = () if opening is None else parse_fields(opening.fields)
        if not fields or fields[0].path != LINE_PATH:
            return
        self._case.audited.count("states of lines")
        fact = line_from(fields)
        bounds = [self._head(fact, ref) for ref in entry.refs]
        if fact.contact is not None:
            hold(fact.contact.index in bounds, "it refers to another contact than it names")
            self._held_then(fact.contact.index, fact.contact.at_us)
        if fact.gap is not None:
            self._gap(fact, bounds)

    def _head(self, fact: LineFact, ref: bytes) -> int:
        """Where the head stands that it refers to."""
        index = self._case.store.index_of(ref)
        body = None if index is None else self._case.own_entry(index).body
        of_party = isinstance(body, PeerCheckpointBody) and body.peer == fact.party
        hold(of_party, "it refers to what is no head of that party")
        return -1 if index is None else index

    def _held_then(self, index: int, at_us: int) -> None:
        """An entry says the time of its work, or up to 5 s more if the clock went back a little."""
        issued_us = self._case.own_entry(index).issued_us
        hold(
            at_us <= issued_us <= at_us + CLOCK_SKEW_US_MAX, "the head was recorded at no such time"
        )

    def _gap(self, fact: LineFact, bounds: list[int]) -> None:
        hold(bounds, "a gap refers to the heads around it")
        if fact.gap is None or len(bounds) < len(("before", "after")):
            return  # what was before is of a release that kept no place of it
        before, after = bounds[0], bounds[-1]
        self._held_then(before, fact.gap.from_us)
        self._held_then(after, fact.gap.until_us)
        heard = self._heard.get(fact.party, [])
        hold(
            not any(before < index < after for index in heard),
            "a head of that party was recorded inside the gap",
        )
