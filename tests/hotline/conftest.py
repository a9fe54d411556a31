"""A table for each test, shared with those of intake."""

from collections.abc import Iterator

import pytest

from tests.intake.table import Party, Table, in_memory


@pytest.fixture
def table() -> Iterator[Table]:
    """Nobody sits at it yet."""
    with in_memory() as folder:
        table = Table(folder)
        yield table
        table.close()


@pytest.fixture
def pair(table: Table) -> tuple[Party, Party]:
    """Alpha and bravo, agreed."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo
