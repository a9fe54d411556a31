"""A store for each test, in memory where only its answers are tested."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.storage.sqlite.store import SqliteStore
from tests.intake.table import in_memory


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a store may lie."""
    with in_memory() as found:
        yield found


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    found = SqliteStore(folder)
    yield found
    found.close()
