"""A table for each test."""

from collections.abc import Iterator

import pytest

from tests.intake.table import Table, in_memory


@pytest.fixture
def table() -> Iterator[Table]:
    """Nobody sits at it yet."""
    with in_memory() as folder:
        table = Table(folder)
        yield table
        table.close()
