"""Upgrades a database and kills itself before its k-th statement: run by `test_upgrade`."""

import os
import signal
import sys
from pathlib import Path

import apsw

from comity.storage.sqlite.open import migrate, open_writer, scripts

EXTRA = """\
CREATE TABLE planted (one INTEGER PRIMARY KEY, two BLOB) STRICT;
INSERT INTO planted SELECT idx, leaf FROM entry;
ALTER TABLE warning ADD COLUMN planted TEXT;
UPDATE outbox SET due_us = due_us + 1;
CREATE INDEX planted_two ON planted (two);
"""


def main(path: str, at: int) -> None:
    """Count statements from the first on; print how many there were if none was the last."""
    connection = open_writer(Path(path))
    count = 0

    def before(_: apsw.Cursor, __: str, ___: object) -> bool:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    connection.exec_trace = before
    migrate(connection, [*scripts(), EXTRA])
    connection.exec_trace = None
    connection.close()
    print(count)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
