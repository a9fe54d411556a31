from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.assembly import open_store
from comity.bench.works import OWN, Works, counted_seeds, foreign_notes, identity_of
from comity.journal.scribe import Scribe
from comity.model.fault import Untrusted
from comity.storage.store import Store
from comity.trust.note import parse_note
from comity.wire.entry_v1 import ContentBody, parse_entry


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def scribe(store: Store) -> Iterator[Scribe]:
    scribe = Scribe(
        store=store,
        identity=identity_of(OWN),
        seeds=counted_seeds("content"),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda _: None,
    )
    yield scribe
    scribe.close()


def test_runs_are_the_same() -> None:
    assert foreign_notes(3) == foreign_notes(3)
    assert len(set(foreign_notes(3))) == 3
    assert counted_seeds("a")() == counted_seeds("a")() != counted_seeds("b")()


def test_a_work_writes_an_entry_with_a_content(store: Store, scribe: Scribe) -> None:
    works = Works(scribe, foreign_notes(2))
    indexes = [works.verify_and_write().result(10).value for _ in range(3)]
    indexes.append(works.write().result(10).value)
    assert indexes == [1, 2, 3, 4]  # entry 0 names the keys
    for index in indexes:
        row = store.read(lambda r, at=index: r.journal.entry(at))  # type: ignore[misc]
        entry = parse_entry(parse_note(row.body).text)
        assert isinstance(entry.body, ContentBody)
        assert store.read(lambda r, leaf=row.leaf: r.journal.opening(leaf))  # type: ignore[misc]


def test_the_foreign_signature_is_verified(scribe: Scribe) -> None:
    """Without this the figures would be of a cheaper work than they say."""
    one, other = (note.rpartition(b"\n\n") for note in foreign_notes(2))
    forged = one[0] + b"\n\n" + other[2]
    works = Works(scribe, [forged])
    with pytest.raises(Untrusted, match="false"):
        works.verify_and_write()
    assert scribe.head.checkpoint.size == 0
