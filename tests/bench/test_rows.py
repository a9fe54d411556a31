from pathlib import Path

import apsw
import pytest

from comity.bench.rows import PlainRows


@pytest.mark.parametrize("group", [1, 4, 100])
def test_every_row_is_there_and_of_its_size(tmp_path: Path, group: int) -> None:
    path = tmp_path / "plain.db"
    with PlainRows(path, 321) as rows:
        assert rows.insert(10, group) > 0
        assert rows.size() == 10
    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT DISTINCT length(body) FROM rows").fetchall() == [(321,)]
    connection.close()


def test_it_is_as_durable_as_the_journal(tmp_path: Path) -> None:
    """A peer that does not wait for the disk would make the comparison worthless."""
    with PlainRows(tmp_path / "plain.db", 1) as rows:
        connection = rows._connection
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("synchronous") == 2  # FULL


def test_groups_are_commits(tmp_path: Path) -> None:
    commits: list[int] = []

    def committing() -> bool:
        commits.append(1)
        return False  # let it be

    with PlainRows(tmp_path / "plain.db", 1) as rows:
        rows._connection.set_commit_hook(committing)
        rows.insert(10, 4)
    assert len(commits) == 3
