"""The part of an audit that reads evidence of time: later cosignatures and time stamps.

Each is over a head that was ours, by who is named, at the time that is noted; what entries name as
their beacon or record as a stamp is there. Of a stamp whose authority is not configured any more
the signature is not looked at, nor is the address that stands beside a stamp: it is a label. Called
by `journal.audit`, after the entries were read.
"""

from comity.journal.audit_case import Case, check_lines
from comity.journal.audited import hold
from comity.journal.checkpoint import Checkpoint, checkpoint_text, parse_checkpoint
from comity.journal.cosignature import time_in
from comity.journal.timestamp import check_stamp, stamped_between, stamps_over
from comity.model.fault import Corrupt
from comity.storage.times import COSIGNATURE, RFC3161, EvidenceRow
from comity.trust.note import parse_note
from comity.wire.canonical import sha256

__all__ = ["Times"]


class Times:
    """See the module docstring."""

    def __init__(self, case: Case) -> None:
        """Nothing is read yet."""
        self._case = case

    def times(self) -> None:
        """Every piece, and that none is missing which an entry names."""
        case, kept = self._case, set[bytes]()
        beacons = case.noted.beacons
        first = {sha256(row.note) for row in case.store.cosignatures()} & beacons.keys()
        for row, used in case.store.times():
            case.audited.count("pieces of time evidence")
            kept.add(row.hash)
            with case.audited.at(f"evidence of time {row.hash.hex()[:16]}"):
                self._piece(row)
                named = row.hash in beacons
                hold(used == named or (named and row.hash in first), "its use is noted falsely")
        for hash_ in case.noted.stamps.keys() - kept:
            case.audited.flaw(f"evidence of time {hash_.hex()[:16]}", "it is gone")
        for hash_ in beacons.keys() - kept - first:
            where = f"entry {beacons[hash_]}"
            case.audited.flaw(where, "the evidence of time that it names is gone")

    def _piece(self, row: EvidenceRow) -> None:
        hold(sha256(row.body) == row.hash, "its bytes are not those of its hash")
        hold(0 < row.size <= self._case.tree.size, "it is over a head that was never ours")
        root = self._case.tree.root(row.size)
        head = Checkpoint(origin=self._case.keys.origin, size=row.size, root=root)
        if row.kind == COSIGNATURE:
            self._cosignature(row, head)
        elif row.kind == RFC3161:
            self._stamp(row, head)
        else:
            raise Corrupt("no evidence of time is of that kind", code="bad_row")

    def _cosignature(self, row: EvidenceRow, head: Checkpoint) -> None:
        note = parse_note(row.body)
        hold(parse_checkpoint(note.text) == head, "the head was never ours")
        line = note.signatures[0]
        hold((line.name, time_in(line)) == (row.signer, row.time_s), "the note says otherwise")
        hold({each.name for each in note.signatures} == {row.signer}, "another signed it too")
        keys = [key for key in self._case.keys.witnesses if key.name == row.signer]
        if not keys:
            self._case.audited.count("cosignatures of strangers")
            return
        check_lines(note, keys, row.time_s)

    def _stamp(self, row: EvidenceRow, head: Checkpoint) -> None:
        said = self._case.noted.stamps.get(row.hash)
        if said is None:
            raise Corrupt("no entry records it", code="bad_row")
        wanted = (row.kind, len(row.body), head.size, head.root)
        hold((said.kind, said.length, said.size, said.root) == wanted, "the entry says otherwise")
        text = checkpoint_text(head).encode()
        hold(stamps_over(row.body, text), "it is over another head")
        hold(stamped_between(row.body)[0] == row.time_s, "its time is another")
        named = [each for url, each in self._case.keys.authorities if url == row.signer]
        if named:
            check_stamp(row.body, text, named)
        else:
            self._case.audited.count("time stamps of strangers")
