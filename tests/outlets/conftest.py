"""Nodes in one process ask of a disk only that it keeps things, and wait for it thousands of times.

Those that are processes of their own lie on the disk: `tmp_path_factory`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.table import in_memory


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory, where there is room for it."""
    with in_memory() as folder:
        yield folder
