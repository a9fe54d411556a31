"""Two processes race for one home, again and again: who writes, and how the other one ends.

Run as a process of its own, since forking with threads is unsafe:
    python -m tests.crash.pens FOLDER RACES (held|free)
`held` is what `comity serve` does; `free` forgets the home's lock: the negative control. Prints one
JSON line: races, those with one writer, exit codes, holders that were named rightly.
"""

import json
import os
import secrets
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from comity.cli.exit_codes import exit_code_of
from comity.home import hold_lock
from comity.journal.scribe import Scribe
from comity.model.fault import Fault
from comity.storage.sqlite.store import SqliteStore
from tests.crash.writer import NOW_US, identity, write

__all__ = ["main", "race"]

WROTE = 100  # an exit code of no fault's


def pen(folder: Path, start: int, *, held: bool) -> int:
    """Take the home, write once when told to start; the exit code."""
    try:
        os.read(start, 1)
        with hold_lock(folder) if held else nullcontext():
            store = SqliteStore(folder)
            scribe = Scribe(
                store=store,
                identity=identity(),
                seeds=lambda: secrets.token_bytes(32),
                witnesses=(),
                on_commit=lambda: None,
                on_fatal=lambda _: None,
            )
            scribe.submit(write, NOW_US).result(10)
            os.read(start, 1)  # hold it until the other one has ended
            return WROTE
    except Fault as fault:
        named = fault.code != "lock_held" or f"process {os.getpid()}" not in fault.reason
        return int(exit_code_of(fault)) if named else 1


def race(folder: Path, *, held: bool) -> list[int]:
    """Two processes at once; how each ended."""
    reader, writer = os.pipe()
    pids = []
    for _ in range(2):
        pid = os.fork()
        if pid == 0:
            os.close(writer)
            code = 1
            try:
                code = pen(folder, reader, held=held)
            finally:
                os._exit(code)
        pids.append(pid)
    os.close(reader)
    os.write(writer, b"..")
    ends = []
    if held:
        pid, status = os.wait()  # the one that did not get it
        ends.append(os.waitstatus_to_exitcode(status))
        pids.remove(pid)
    os.close(writer)
    ends += [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    return sorted(ends)


def main() -> None:
    """See the module docstring."""
    folder, races, held = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "held"
    ends: Counter[str] = Counter()
    for _ in range(races):
        ends[" ".join(map(str, race(folder, held=held)))] += 1
    store = SqliteStore(folder)
    size = store.read(lambda r: r.journal.size())
    store.close()
    print(json.dumps({"races": races, "ends": ends, "size": size}))


if __name__ == "__main__":
    main()
