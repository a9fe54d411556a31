"""The journal at its door, read as a stranger would: checkpoint, tiles, entries, proofs."""

import base64

import httpx
import pytest

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import cosign
from comity.journal.merkle import leaf_hash, tree_root
from comity.journal.pen import Pen
from comity.journal.tile import tiles_of, unpack_entries
from comity.journal.tlog_proof import check_proof, parse_proof
from comity.storage.rows import CosignatureRow
from comity.storage.store import Transaction
from comity.trust.note import Note, parse_note, serialise, signed_by
from comity.web.api.table import TABLE
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field
from tests.web.problems import problem
from tests.web.support import ABSENT, NOW_US, Rig, identity_of, notice

INT64_MAX = 2**63 - 1
LOG = identity_of("alpha").log.verifier()


@pytest.fixture(scope="module", autouse=True)
def _some_entries(rig: Rig) -> None:
    """More than one tile's worth, written in a few groups."""

    def work(tx: Transaction, pen: Pen) -> None:
        content = pen.seal((text_field("words", f"entry {tx.journal.size()}"),))
        pen.write_content(EntryType.CALL, pen.origin, content)

    jobs = [rig.node.scribe.submit(work, NOW_US) for _ in range(260)]
    for job in jobs:
        job.result(10)


def test_the_tiles_hash_to_the_checkpoint(client: httpx.Client) -> None:
    answer = client.get("/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    note = parse_note(answer.content)
    signed_by(note, LOG)
    checkpoint = parse_checkpoint(note.text)
    entries: list[bytes] = []
    hashes: dict[int, bytes] = {}
    for tile in tiles_of(checkpoint.size):
        found = client.get(f"/{tile.path()}")
        assert found.status_code == 200
        assert found.headers["content-type"] == "application/octet-stream"
        assert found.headers["cache-control"] == "private, max-age=604800, immutable"
        if tile.level is None:
            entries += unpack_entries(found.content, tile.width)
        else:
            hashes[tile.level] = hashes.get(tile.level, b"") + found.content
    leaves = [leaf_hash(entry) for entry in entries]
    assert len(leaves) == checkpoint.size > 256
    assert tree_root(leaves) == checkpoint.root
    assert hashes[0] == b"".join(leaves)
    assert hashes[1] == tree_root(leaves[:256])


def test_an_entry_comes_with_its_proof(client: httpx.Client) -> None:
    for index in (0, 1, 200, 264):
        entry = client.get(f"/api/v1/entries/{index}").json()
        proof = parse_proof(entry["proof"].encode())
        leaf = leaf_hash(entry["note"].encode())
        assert (entry["index"], entry["leaf"], proof.index) == (index, leaf.hex(), index)
        check_proof(proof, leaf, LOG)


@pytest.mark.parametrize("back", [0, 1, 99])
def test_after_the_last_there_is_nothing_however_far_one_asks(
    client: httpx.Client, back: int
) -> None:
    answer = client.get("/api/v1/entries", params={"after": INT64_MAX - back})
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next": None})


@pytest.mark.parametrize(
    "path", [r.path for r in TABLE if any(query.name == "after" for query in r.query)]
)
@pytest.mark.parametrize("after", [f"{INT64_MAX}", f"{INT64_MAX},x", f"{INT64_MAX}-{INT64_MAX}"])
def test_no_place_to_go_on_from_is_a_fault_of_the_node(
    client: httpx.Client, path: str, after: str
) -> None:
    answer = client.get(path.replace("{id}", ABSENT), params={"after": after})
    assert answer.status_code < 500


def test_a_tile_may_be_narrower_than_the_tree_and_never_wider(
    rig: Rig, client: httpx.Client
) -> None:
    size = rig.size()
    rest = size - 256
    for path in ("tile/0/000.p/1", "tile/0/000", f"tile/0/001.p/{rest}", "tile/1/000.p/1"):
        assert client.get(f"/{path}").status_code == 200
    for path in (f"tile/0/001.p/{rest + 1}", "tile/1/000.p/2", "tile/0/002.p/1", "tile/2/000.p/1"):
        assert problem(client.get(f"/{path}")).code == "not_found"


def test_the_head_covers_what_was_acknowledged(client: httpx.Client) -> None:
    receipt = client.post("/api/v1/notices", json=notice()).json()
    status = client.get("/api/v1/status").json()
    assert status["journal_size"] == receipt["entries"][0]["index"] + 1
    checkpoint = parse_checkpoint(parse_note(status["checkpoint"].encode()).text)
    assert checkpoint.size == status["journal_size"]
    assert base64.b64encode(checkpoint.root).decode() == status["root"]


def test_cosignatures_stand_under_the_checkpoint(rig: Rig, client: httpx.Client) -> None:
    head = rig.node.head
    line = cosign(head.note.text, identity_of("bravo").cosigner, NOW_US // 1_000_000)
    row = CosignatureRow(
        size=head.checkpoint.size,
        signer=line.name,
        line=line.line().encode(),
        time_s=NOW_US // 1_000_000,
        note=serialise(Note(text=head.note.text, signatures=(line,))),
    )
    rig.node.scribe.submit(lambda tx, _: tx.journal.save_cosignature(row), NOW_US).result(5)
    note = parse_note(client.get("/checkpoint").content)
    assert [s.name for s in note.signatures] == ["alpha.example/comity/2026", line.name]
    assert client.get("/api/v1/status").json()["witnessed"] == 0  # a peer is no neutral witness
