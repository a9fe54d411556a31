"""Kills a bare writer again and again: fork, write, SIGKILL, recover, compare with what was acked.

Run as a process of its own, since forking with threads is unsafe:
    python writer.py FOLDER KILLS SEED (honest|hasty)
The child acknowledges an entry by 40 bytes on a pipe: after its commit (honest), or before (hasty:
the negative control, which must lose something). Prints one JSON line with the counts.
"""

import json
import os
import random
import secrets
import select
import signal
import struct
import sys
import time
from pathlib import Path

from comity.journal.merkle import leaf_hash, root
from comity.journal.pen import Pen, Written
from comity.journal.recover import recomputed_root, recover
from comity.journal.scribe import Scribe
from comity.model.fault import Fault
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Transaction
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import int_field, text_field

ORIGIN = "alpha.example/comity/2026"
NOW_US = 1_537_209_600_000_000
ACK = struct.Struct(">q32s")
BATCH = 8


def identity() -> Identity:
    """The same keys in every life."""

    def key(name: str, kind: KeyType, octet: int) -> SigningKey:
        return SigningKey(name=name, key_type=kind, seed=bytes([octet]) * 32)

    return Identity(
        origin=ORIGIN,
        entry=key(f"{ORIGIN}/desk", KeyType.ED25519, 1),
        log=key(ORIGIN, KeyType.ED25519, 2),
        cosigner=key(f"{ORIGIN}/cosigner", KeyType.COSIGNATURE_V1, 3),
    )


def write(tx: Transaction, pen: Pen) -> Written:
    """One entry with a content."""
    del tx
    content = pen.seal((text_field("code", "A1"), int_field("at", pen.now_us)))
    return pen.write_content(EntryType.NOTICE, ORIGIN, content)


def child(folder: Path, pipe: int, *, hasty: bool) -> None:
    """Write until killed."""
    scribe = Scribe(
        store=SqliteStore(folder),
        identity=identity(),
        seeds=lambda: secrets.token_bytes(32),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda _: os._exit(70),
    )
    guess = scribe.head.checkpoint.size
    while True:  # bounded by SIGKILL from the parent, and by its alarm
        futures = [scribe.submit(write, NOW_US) for _ in range(BATCH)]
        if hasty:
            for offset in range(BATCH):
                os.write(pipe, ACK.pack(guess + offset, bytes(32)))
            guess += BATCH
        for future in futures:
            done = future.result()
            if not hasty:
                os.write(pipe, ACK.pack(done.value.index, done.value.leaf))


def one_life(folder: Path, chance: random.Random, *, hasty: bool) -> list[tuple[int, bytes]]:
    """Fork, let it write for a moment, kill it; what it acknowledged."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        signal.alarm(20)
        try:
            child(folder, writer, hasty=hasty)
        finally:
            os._exit(1)
    os.close(writer)
    if not select.select([reader], [], [], 10)[0]:
        os.kill(pid, signal.SIGKILL)
        raise SystemExit("the writer never acknowledged anything")
    time.sleep(chance.uniform(0.0, 0.012))
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise SystemExit(f"the writer ended by itself: {status}")
    data = bytearray()
    while part := os.read(reader, 65_536):
        data += part
    os.close(reader)
    whole = len(data) - len(data) % ACK.size
    return list(ACK.iter_unpack(bytes(data[:whole])))


def check(folder: Path, acked: list[tuple[int, bytes]], *, hasty: bool) -> tuple[int, int]:
    """Recover as a node does; (acknowledged entries that are gone, size)."""
    store = SqliteStore(folder)
    try:
        checkpoint = recover(store, ORIGIN)
        lost = 0
        for index, leaf in acked:
            row = store.read(lambda r, at=index: r.journal.entry(at))  # type: ignore[misc]
            if row is None or (not hasty and (row.leaf != leaf or leaf_hash(row.body) != leaf)):
                lost += 1
        again = store.read(lambda r: recomputed_root(r, 0, checkpoint.size))
        kept = store.read(lambda r: root(checkpoint.size, r.journal.node))
        if not again == kept == checkpoint.root:
            raise SystemExit("the tree is not the one over its entries")
        return lost, checkpoint.size
    finally:
        store.close()


def main() -> None:
    """See the module docstring."""
    folder, kills, seed, mode = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    chance = random.Random(seed)
    lost = acks = size = faults = 0
    for life in range(kills):
        place = folder / str(life // 25)  # a fresh journal now and then, or checks grow long
        place.mkdir(exist_ok=True)
        acked = one_life(place, chance, hasty=mode == "hasty")
        acks += len(acked)
        try:
            gone, size = check(place, acked, hasty=mode == "hasty")
            lost += gone
        except Fault as fault:
            faults += 1
            print(fault.code, fault.reason, file=sys.stderr)
    print(json.dumps({"kills": kills, "acks": acks, "lost": lost, "size": size, "faults": faults}))


if __name__ == "__main__":
    main()
