"""The store's own search, as the desk asks it: boxes in SQLite's R*-tree, then the exact test.

Each volume is one subject with the notice that declared it, saved as the desk saves them, so many
in each durable commit. What is found is decoded from its notice and tested exactly. Called by
airspace.
"""

from collections.abc import Sequence
from itertools import islice

from comity.airspace.clearance import NO_CLEARANCE
from comity.airspace.find import find
from comity.bench.works import OWN, PEER, plain_declaration
from comity.intake.subject import around, volumes_of
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow
from comity.storage.store import Store, Transaction
from comity.wire.canonical import sha256
from comity.wire.fields import serialise_fields
from comity.wire.notice_v1 import fields_of

__all__ = ["Stored", "subject_rows"]

_BATCH = 2_000  # subjects in each commit


def subject_rows(volumes: Sequence[Volume4D], first: int) -> list[SubjectRow]:
    """Live operations of a peer, one for each volume, numbered from `first`."""
    found = []
    for number, volume in enumerate(volumes, first):
        content = serialise_fields(fields_of(plain_declaration(volume)))
        id_ = sha256(number.to_bytes(8, "big", signed=True))
        found.append(
            SubjectRow(
                id=id_,
                kind="operation",
                owner=PEER,
                ours=False,
                state="declared",
                content=content,
                volumes=content,
                notice=id_,
                issued_us=volume.window.start_us,
                delivered_us=volume.window.start_us,
                flags="",
                recipients="",
                prompted_by=None,
                box=around((volume,)),
            )
        )
    return found


class Stored:
    """Subjects in a store."""

    def __init__(self, store: Store) -> None:
        """Use a store; who opened it closes it."""
        self._store = store

    def add(self, rows: Sequence[SubjectRow]) -> None:
        """Save subjects, durably in batches."""
        left = iter(rows)
        while batch := list(islice(left, _BATCH)):  # bounded by the rows

            def save(tx: Transaction, batch: list[SubjectRow] = batch) -> None:
                for row in batch:
                    tx.sky.save_subject(row)

            self._store.write(save)

    def forget(self, rows: Sequence[SubjectRow]) -> None:
        """Take subjects out again, in one commit."""

        def forget(tx: Transaction) -> None:
            for row in rows:
                tx.sky.forget(row.id, ())

        self._store.write(forget)

    def near(self, candidate: Volume4D) -> list[bytes]:
        """The ids of all subjects that meet the candidate."""
        box = around((candidate,))
        rows = self._store.read(lambda reading: reading.sky.subjects_near(box, OWN, ours=True))
        neighbours = [(row.id, volume) for row in rows for volume in volumes_of(row)]
        return [each.key for each in find(candidate, neighbours, lambda _: NO_CLEARANCE)]
