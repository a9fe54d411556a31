"""A node and its witness with ML-DSA-44: both lines are kept, and go into bundles."""

from functools import partial
from pathlib import Path

import pytest

from comity.exchange.watch_time import newest_quorum_s
from comity.journal.bundle import bundle_files
from comity.journal.cosignature import cosigned_at
from comity.journal.evidence import read_evidence
from comity.journal.quorum import at_least
from comity.storage.rows import CosignatureRow
from comity.storage.store import Reading
from comity.storage.times import WITNESS, OnlookerRow
from comity.trust.keys import KeyType
from comity.trust.note import parse_note
from comity.wire.canonical import sha256
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_exchange import give, joined

CLASSIC, QUANTUM = KeyType.COSIGNATURE_V1, KeyType.ML_DSA_44
BOTH = (CLASSIC, QUANTUM)


def newest(net: Net) -> CosignatureRow:
    """The witness's newest cosignature over alpha's journal."""
    alpha = net.nodes["alpha"]
    name = net.witness_keys[0].name
    sizes = range(1, alpha.head.checkpoint.size + 1)
    rows = [row for size in sizes for row in alpha.read(partial(_rows, size=size))]
    return [row for row in rows if row.signer == name][-1]


def _rows(reading: Reading, size: int) -> tuple[CosignatureRow, ...]:
    return reading.journal.cosignatures(size)


def onlooker(net: Net) -> OnlookerRow:
    (row,) = net.nodes["alpha"].read(lambda r: r.times.onlookers(WITNESS))
    return row


@pytest.mark.parametrize("types", [BOTH, (QUANTUM,)])
def test_every_line_is_kept_is_the_beacon_and_is_in_the_bundle(
    tmp_path: Path, types: tuple[KeyType, ...]
) -> None:
    async def story(net: Net) -> None:
        await joined(net, types)
        await give(net, "alpha", "bravo")
        await net.advance(5)
        later = await give(net, "alpha", "bravo", 36.0)
        await net.advance(5)
        alpha = net.nodes["alpha"]
        row = newest(net)
        note = parse_note(row.note)
        assert {cosigned_at(note, key) for key in net.witness_keys} == {row.time_s}
        assert len(note.signatures) == len(types)
        assert (onlooker(net).error, onlooker(net).time_s >= NOON // 1_000_000) == (None, True)
        files = alpha.read(
            lambda r: bundle_files(
                r,
                index=later.index,
                head_of=alpha.scribe.head_of,
                head=alpha.head,
                identity=alpha.identity,
                witnesses=alpha.roster.now.witness_names or (row.signer,),
            )
        )
        evidence = read_evidence(files)
        heads = [proof.checkpoint for proof in evidence.notice.proofs]
        for key in net.witness_keys:
            assert any(cosigned_at(head, key) for head in heads)
        assert evidence.beacon is not None
        assert sha256(files["beacon.note"]) == evidence.notice.entry.beacon
        assert all(cosigned_at(evidence.beacon.note, key) for key in net.witness_keys)

    run(tmp_path, story)


def test_who_wants_one_line_keeps_one(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo")
        net.add_witness(types=BOTH, wanted=(CLASSIC,))
        await net.join("alpha", "bravo")
        await net.advance(5)
        assert len(parse_note(newest(net).note).signatures) == 1
        assert onlooker(net).error is None

    run(tmp_path, story)


def test_a_line_that_is_wanted_and_does_not_come_is_said_and_the_other_is_kept(
    tmp_path: Path,
) -> None:
    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo")
        net.add_witness(types=(CLASSIC,), wanted=BOTH)
        await net.join("alpha", "bravo")
        await net.advance(5)
        note = parse_note(newest(net).note)
        assert cosigned_at(note, net.witness_keys[0]) is not None
        assert "ML_DSA_44" in str(onlooker(net).error)
        quorum = at_least(1, net.witness_keys)
        assert net.nodes["alpha"].read(lambda r: newest_quorum_s(r, quorum)) is None

    run(tmp_path, story)
