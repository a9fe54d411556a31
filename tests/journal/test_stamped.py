"""A node has its head stamped, and a bundle shows it: whose time, and how many may lie."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from comity.exchange.client import Wire
from comity.exchange.clock_watch import ClockWatch
from comity.exchange.stamp import AuthorityLine, Stamper
from comity.journal.manifest import Piece
from comity.journal.report import Basis, Interval, Level, Outcome, Report, Standing
from comity.journal.timestamp import read_authority
from comity.journal.verify import verify_bundle
from comity.storage.times import AUTHORITY, RFC3161
from comity.trust.note import parse_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType, EvidenceBody, parse_entry
from tests.journal.authority import OPENSSL, StampMaker, make_authority, needs_openssl
from tests.journal.handmade import resealed
from tests.journal.two_nodes import SECOND_US, TwoNodes, declaration, two_nodes

pytestmark = needs_openssl


@pytest.fixture(scope="module")
def makers(tmp_path_factory: pytest.TempPathFactory) -> list[StampMaker]:
    return [make_authority(tmp_path_factory.mktemp(name), name) for name in ("one", "two")]


@pytest.fixture
def nodes() -> Iterator[TwoNodes]:
    """Two nodes whose clock is right: stamps come from the real time."""
    with two_nodes(start_us=time.time_ns() // 1_000) as found:
        yield found


def stamper(
    nodes: TwoNodes, *transports: httpx.AsyncBaseTransport, watch: ClockWatch | None = None
) -> Stamper:
    lines = [
        AuthorityLine(
            url=f"http://127.0.0.1:1/{at}",
            path=f"/{at}",
            authority=read_authority(maker.root.pem),
            wire=Wire("http://127.0.0.1:1", b"", maker),
        )
        for at, maker in enumerate(transports)
        if isinstance(maker, StampMaker)
    ]
    return Stamper(
        authorities=lines,
        scribe=nodes.alpha.scribe,
        clock=nodes.clock,
        every_us=60 * SECOND_US,
        watch=watch,
    )


def stamp(nodes: TwoNodes, *makers: StampMaker) -> int:
    return asyncio.run(stamper(nodes, *makers).stamp())


def report(files: dict[str, bytes], nodes: TwoNodes, *makers: StampMaker) -> Report:
    named = [read_authority(maker.root.pem) for maker in makers]
    return verify_bundle(files, nodes.trust(quorum=1), authorities=named)


def given(found: Report) -> Interval:
    assert found.times is not None
    return found.times.given


def stamped_bundle(nodes: TwoNodes, makers: list[StampMaker]) -> dict[str, bytes]:
    nodes.give(nodes.declare(declaration("EARLIER")))
    assert stamp(nodes, *makers) == len(makers)
    index = nodes.declare()
    nodes.give(index)
    nodes.declare(declaration("LATER"))
    assert stamp(nodes, *makers) == len(makers)
    return nodes.bundle(index)


def test_both_ends_rest_on_stamps(nodes: TwoNodes, makers: list[StampMaker]) -> None:
    files = stamped_bundle(nodes, makers)
    wanted = {Piece.BEACON_STAMP, Piece.NOTICE_STAMPED, Piece.NOTICE_STAMP_1, Piece.NOTICE_STAMP_2}
    assert wanted <= set(files)
    found = report(files, nodes, *makers)
    assert found.outcome is Outcome.PROVEN
    both = given(found)
    assert (both.low.basis, both.high.basis) == (Basis.TIMESTAMP, Basis.TIMESTAMP)
    assert (both.high.withstands, len(both.high.by)) == (1, 2)
    assert both.holds_claim
    assert next(c.standing for c in found.claims if c.level is Level.TIMED) is Standing.HELD
    assert [end.basis for end in both.highs].count(Basis.TIMESTAMP) == 3  # each, and both together
    assert found.times is not None
    assert found.times.taken is not None
    assert found.times.taken.high.basis is Basis.TIMESTAMP


def test_a_stamp_counts_only_if_its_authority_is_named(
    nodes: TwoNodes, makers: list[StampMaker]
) -> None:
    files = stamped_bundle(nodes, makers)
    nobody = given(report(files, nodes))
    assert (nobody.low.basis, nobody.high.basis) == (Basis.CLAIMS, Basis.PEER)
    one = given(report(files, nodes, makers[1]))
    assert (one.high.basis, one.high.by, one.high.withstands) == (Basis.TIMESTAMP, ("CN=two",), 0)


def test_authorities_of_the_trust_file_are_named(nodes: TwoNodes, makers: list[StampMaker]) -> None:
    files = stamped_bundle(nodes, makers)
    named = [read_authority(maker.root.pem) for maker in makers]
    trust = replace(nodes.trust(quorum=1), authorities=tuple(named))
    inside = verify_bundle(files, trust)
    assert given(inside).high.basis is Basis.TIMESTAMP
    assert inside == report(files, nodes, *makers)
    half = replace(trust, authorities=tuple(named[:1]))
    assert verify_bundle(files, half, authorities=named[1:]) == inside


def test_the_entry_that_records_a_stamp_names_it(nodes: TwoNodes, makers: list[StampMaker]) -> None:
    nodes.declare()
    stamp(nodes, makers[0])
    row = nodes.alpha.store.read(lambda r: r.journal.entry(r.journal.size() - 1))
    assert row is not None
    entry = parse_entry(parse_note(row.body).text)
    assert entry.type is EntryType.EVIDENCE
    assert isinstance(entry.body, EvidenceBody)
    (kept,) = nodes.alpha.store.read(lambda r: r.times.stamps(0, 9))
    assert (entry.body.sha256, entry.body.length) == (kept.hash, len(kept.body))
    assert (entry.body.kind, entry.body.size) == (RFC3161, kept.size)
    (seen,) = nodes.alpha.store.read(lambda r: r.times.onlookers(AUTHORITY))
    assert (seen.size, seen.error) == (kept.size, None)


def test_the_verifier_weighs_all_three_sources(nodes: TwoNodes, makers: list[StampMaker]) -> None:
    nodes.give(nodes.declare(declaration("EARLIER")))
    index = nodes.declare()
    nodes.give(index)
    nodes.declare(declaration("LATER"))
    nodes.witness()
    stamp(nodes, *makers)
    found = given(report(nodes.bundle(index), nodes, *makers))
    assert {end.basis for end in found.highs} == {Basis.WITNESS, Basis.TIMESTAMP, Basis.PEER}
    assert found.high.withstands == max(end.withstands for end in found.highs) == 1


@pytest.mark.parametrize("piece", [Piece.NOTICE_STAMP_1, Piece.BIND_STAMP_1])
def test_a_stamp_over_something_else_fails(
    nodes: TwoNodes, makers: list[StampMaker], piece: Piece
) -> None:
    files = stamped_bundle(nodes, makers)
    pieces = {Piece(name): data for name, data in files.items() if name != "MANIFEST.note"}
    pieces[piece] = files[Piece.BEACON_STAMP]  # true, and over an earlier head
    subject = report(files, nodes).subject
    assert subject is not None
    bent = resealed(pieces, subject.id, subject.index, nodes.alpha.identity)
    assert report(bent, nodes, *makers).outcome is Outcome.NOT_PROVEN
    pieces[piece] = b"no stamp"
    bent = resealed(pieces, subject.id, subject.index, nodes.alpha.identity)
    assert report(bent, nodes, *makers).outcome is Outcome.BAD_INPUT


def test_another_stamp_is_not_the_beacon(nodes: TwoNodes, makers: list[StampMaker]) -> None:
    files = stamped_bundle(nodes, makers)
    pieces = {Piece(name): data for name, data in files.items() if name != "MANIFEST.note"}
    assert sha256(pieces[Piece.BEACON_STAMP]) != sha256(pieces[Piece.NOTICE_STAMP_1])
    pieces[Piece.BEACON_STAMP] = pieces[Piece.NOTICE_STAMP_1]
    subject = report(files, nodes).subject
    assert subject is not None
    bent = resealed(pieces, subject.id, subject.index, nodes.alpha.identity)
    assert report(bent, nodes, *makers).outcome is Outcome.NOT_PROVEN


def test_openssl_verifies_what_a_bundle_carries(
    nodes: TwoNodes, makers: list[StampMaker], tmp_path: Path
) -> None:
    """As the how-to page says it: the text of the head, the stamp, the root; and one bent byte."""
    files = stamped_bundle(nodes, makers)
    head = files[Piece.NOTICE_STAMPED].partition(b"\n\n")[2].partition(b"\n\n")[0] + b"\n"
    (tmp_path / "stamp.tsr").write_bytes(files[Piece.NOTICE_STAMP_1])
    (tmp_path / "root.pem").write_bytes(makers[0].root.pem)
    assert OPENSSL is not None
    for data, code in ((head, 0), (head + b"x", 1)):
        (tmp_path / "head.txt").write_bytes(data)
        words: list[str | Path] = [OPENSSL, "ts", "-verify", "-data", tmp_path / "head.txt"]
        words += ["-in", tmp_path / "stamp.tsr", "-CAfile", tmp_path / "root.pem"]
        done = subprocess.run(words, capture_output=True, timeout=10, check=False)
        assert done.returncode == code, done.stderr


class Liar(StampMaker):
    """Gives the answer to the first question again and again."""

    def answer(self, query: bytes) -> bytes:
        if not hasattr(self, "first"):
            self.first = super().answer(query)
        return self.first


def test_an_answer_to_another_question_is_refused_and_said(
    nodes: TwoNodes, makers: list[StampMaker], tmp_path: Path
) -> None:
    liar = Liar(tmp_path / "liar", makers[0].root, makers[0].signer)
    nodes.declare()
    assert stamp(nodes, liar) == 1
    nodes.declare(declaration("LATER"))
    assert stamp(nodes, liar) == 0
    (seen,) = nodes.alpha.store.read(lambda r: r.times.onlookers(AUTHORITY))
    assert seen.error is not None
    assert "Nonce" in seen.error
    assert seen.size == 1 + 1  # what it stamped before stays: keys and the first notice


def test_an_authority_is_one_more_clock(nodes: TwoNodes, makers: list[StampMaker]) -> None:
    nodes.declare()
    now_us = time.time_ns() // 1_000
    nodes.clock.set(max(now_us, nodes.clock.now_us()) + 3_600 * SECOND_US)  # ours is ahead
    watch = ClockWatch(nodes.clock.now_us, nodes.clock.elapsed_us)
    assert asyncio.run(stamper(nodes, *makers, watch=watch).stamp()) == 2
    assert watch.standing().state == "untrusted"


def test_stamps_come_at_their_interval(nodes: TwoNodes, makers: list[StampMaker]) -> None:
    async def story() -> None:
        tailer, now_us = stamper(nodes, makers[0]), nodes.clock.now_us()
        nodes.declare()
        before = len(makers[0].asked)
        assert await tailer.tick(now_us) == 1
        assert await tailer.tick(now_us + 59 * SECOND_US) == 0
        assert await tailer.tick(now_us + 60 * SECOND_US) == 1
        assert len(makers[0].asked) - before == 2
        assert tailer.next_due(now_us - 7_200 * SECOND_US) == now_us - 7_200 * SECOND_US

    asyncio.run(story())
