"""The part of an audit that reads heads: cosigned ones of ours, others', mirrors, evidence.

Called by `journal.audit`.
"""

from collections.abc import Sequence
from functools import partial

from comity.journal.audit_case import Case, check_lines, log_key_of
from comity.journal.audited import hold
from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import time_in
from comity.journal.forkfile import check_fork, parse_fork
from comity.journal.merkle import root
from comity.journal.mirror import check_tiles, node_of
from comity.journal.validity import LogKeys
from comity.storage.rows import CosignatureRow, ForkRow, Head
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife
from comity.trust.note import parse_note
from comity.trust.roster import Peer
from comity.wire.canonical import sha256

__all__ = ["Heads"]


class Heads:
    """See the module docstring."""

    def __init__(self, case: Case) -> None:
        """Nothing is read yet."""
        self._case = case

    def cosignatures(self) -> None:
        """Over heads of ours, by keys that we know; a signer that is gone is counted."""
        lives = (life for p in self._case.peers.values() for life in p.of_role(Role.COSIGNER))
        known = (*self._case.keys.witnesses, *(life.key for life in lives))
        for row in self._case.store.cosignatures():
            keys = [key for key in known if key.name == row.signer]
            self._case.audited.count("cosignatures" if keys else "cosignatures of strangers")
            with self._case.audited.at(f"cosignature of {row.signer} at {row.size}"):
                self._cosignature(row, keys)

    def _cosignature(self, row: CosignatureRow, keys: Sequence[VerifierKey]) -> None:
        note = parse_note(row.note)
        checkpoint = parse_checkpoint(note.text)
        hold(checkpoint.origin == self._case.keys.origin, "it is over another journal's head")
        held = checkpoint.size == row.size <= self._case.tree.size
        hold(held and checkpoint.root == self._case.tree.root(row.size), "the head was never ours")
        line = note.signatures[0]
        said = (line.name, line.line().encode(), time_in(line))
        hold(said == (row.signer, row.line, row.time_s), "the note says otherwise")
        if keys:
            check_lines(note, keys, row.time_s)

    def heads(self) -> None:
        """The newest heads of others, and those that did not fit."""
        for head in self._case.store.heads():
            self._case.audited.count("heads")
            with self._case.audited.at(f"head of {head.origin}"):
                self._head(head)
        for fork in self._case.store.forks():
            self._case.audited.count("forks")
            with self._case.audited.at(f"fork of {fork.origin}"):
                self._fork(fork)

    def _head(self, head: Head) -> None:
        note = parse_note(head.note)
        log_key_of(note, self._case.peer(head.origin).all_lives)
        found = parse_checkpoint(note.text)
        kept = (head.origin, head.size, head.root)
        hold((found.origin, found.size, found.root) == kept, "the note says otherwise")

    def _fork(self, fork: ForkRow) -> None:
        for data in (fork.known, fork.offered):
            note = parse_note(data)
            log_key_of(note, self._case.peer(fork.origin).all_lives)
            hold(parse_checkpoint(note.text).origin == fork.origin, "it is another journal's")

    def mirrors(self) -> None:
        """Leaf hashes of others are those under a head that they signed.

        Those beyond it are compared with the next head, when all of its leaves were fetched.
        """
        heads = {head.origin: head for head in self._case.store.mirror_heads()}
        for origin in self._case.store.mirrored():
            self._case.audited.count("mirrors")
            with self._case.audited.at(f"mirror of {origin}"):
                tile, head = partial(self._case.store.tile, origin), heads.get(origin)
                check_tiles(tile)
                if head is not None:
                    self._head(head)
                    hold(root(head.size, node_of(tile)) == head.root, "its head is another's")

    def evidence(self) -> None:
        """Files that convict somebody still do."""
        for row in self._case.store.evidence():
            self._case.audited.count("files of evidence")
            with self._case.audited.at(f"evidence {row.id.hex()[:16]}"):
                hold(sha256(row.file) == row.id, "its bytes are not those of its id")
                fork = parse_fork(row.file)
                check_fork(fork, _ever(self._case.peer(row.origin)))
                hold(fork.kind == row.kind, "it is of another kind")


def _ever(peer: Peer) -> LogKeys:
    """All log keys of a peer, for always: what was kept is whole, whatever was revoked since."""
    lives = tuple(KeyLife(role=Role.LOG, key=life.key) for life in peer.of_role(Role.LOG))
    return LogKeys(origin=peer.origin, lives=lives)
