"""A notice given to a real peer: what its door then says of it, and the evidence it hands out."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from comity.assembly import desks_of
from comity.exchange.client import Wire
from comity.exchange.courier import Courier
from comity.exchange.line import Line
from comity.exchange.server import exchange_routes
from comity.intake.enrol import enrol
from comity.journal.manifest import MANIFEST_NAME, Piece, check_files, parse_manifest
from comity.journal.merkle import leaf_hash
from comity.journal.opening import parse_opening
from comity.journal.pen import Pen
from comity.model.agreement import DEFAULT
from comity.storage.store import Transaction
from comity.trust.note import parse_note, signed_by
from comity.wire.canonical import unb64
from tests.web.problems import problem
from tests.web.support import (
    MINUTE_US,
    NOW_US,
    Rig,
    card_of,
    identity_of,
    make_node,
    notice,
    origin_of,
    peer,
    served,
    serving,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """alpha at its door, and the way to a bravo that answers."""

    alpha: Rig
    bravo: str

    def deliver(self) -> None:
        """Let everything in alpha's outbox to bravo be taken."""

        async def run() -> None:
            node = self.alpha.node
            wire = Wire(self.bravo, b"")
            line = Line(
                enrolled=peer("bravo"),
                roster=node.roster,
                wire=wire,
                identity=node.identity,
                store=node.store,
                scribe=node.scribe,
                clock=node.clock,
            )
            courier = Courier(line, DEFAULT.heartbeat_us)
            while node.read(lambda r: r.post.outbox_count(origin_of("bravo"))):
                assert await courier.tick(node.clock.now_us())
            await wire.close()

        asyncio.run(asyncio.wait_for(run(), 10))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    for name in ("alpha", "bravo"):
        (folder / name).mkdir()
    with served(folder / "alpha") as alpha:
        node = make_node(folder / "bravo", alpha.clock, [], [], name="bravo", known=("alpha",))

        def known(tx: Transaction, pen: Pen) -> None:
            enrol(tx, pen, peer("alpha"), card_of("alpha"), DEFAULT)

        node.scribe.submit(known, NOW_US).result(5)
        with serving(node, extra=exchange_routes(node, desks_of(node.handle_secret))) as bravo:
            yield Pair(alpha=alpha, bravo=bravo)
        node.scribe.close()
        node.store.close()


def test_a_delivered_notice_comes_with_its_evidence(pair: Pair) -> None:
    with pair.alpha.client("all") as client:
        receipt = client.post("/api/v1/notices", json=notice()).json()
        path = f"/api/v1/notices/{receipt['id']}/bundle"
        assert problem(client.get(f"{path}?to=bravo")).code == "not_delivered"
        pair.alpha.clock.set(pair.alpha.clock.now_us() + MINUTE_US)
        pair.deliver()
        shown = client.get(f"/api/v1/notices/{receipt['id']}").json()
        (delivery,) = shown["deliveries"]
        assert delivery["verdict"] == "accepted"
        assert delivery["delivered"] == client.get("/api/v1/status").json()["now"]
        files = _files(client, f"{path}?to=bravo")
        index = delivery["index"]
        assert files == _files(client, f"{path}?to={origin_of('bravo')}")
        assert files == _files(client, f"/api/v1/entries/{index}/bundle")
    manifest = parse_note(files[MANIFEST_NAME])
    signed_by(manifest, identity_of("alpha").entry.verifier())
    check_files(parse_manifest(manifest.text), files)
    assert leaf_hash(files[Piece.NOTICE]).hex() == delivery["leaf"]


def test_an_entry_that_nobody_took_has_no_evidence(pair: Pair) -> None:
    with pair.alpha.client("read") as client:
        for index, code in ((0, "no_content"), (10**6, "not_found")):
            assert problem(client.get(f"/api/v1/entries/{index}/bundle")).code == code
        assert problem(client.get("/api/v1/entries/x/bundle")).code == "bad_number"


def test_what_is_shown_is_asked_for_in_the_query(pair: Pair) -> None:
    with pair.alpha.client("all") as client:
        receipt = client.post("/api/v1/notices", json=notice()).json()
        pair.deliver()
        path = f"/api/v1/notices/{receipt['id']}/bundle?to=bravo"
        (entry,) = client.get(f"/api/v1/notices/{receipt['id']}").json()["deliveries"]
        fields = client.get(f"/api/v1/entries/{entry['index']}").json()["fields"]
        paths = {field["path"] for field in fields}
        assert {"code", "purpose", "volume/0/lower"} <= paths

        def shown(query: str) -> set[str]:
            files = _files(client, f"{path}&{query}")
            return {each.path for each in parse_opening(files[Piece.OPENING])} - {""}

        assert shown("opening=fields") == paths
        assert shown("show=code,volume/0") == {"code"} | {p for p in paths if p.startswith("v")}
        assert shown("withhold=volume,purpose") == {p for p in paths if p[0] != "v"} - {"purpose"}
        assert shown("opening=names") == set()
        assert Piece.OPENING not in _files(client, f"{path}&opening=nothing")
        for query, code in (
            ("show=volume/9", "no_such_field"),
            ("withhold=,", "no_such_field"),
            ("opening=all", "bad_query"),
            ("opening=names&show=code", "bad_query"),
            ("proves=everything", "bad_query"),
        ):
            assert problem(client.get(f"{path}&{query}")).code == code


def test_the_entries_are_listed_page_by_page(pair: Pair) -> None:
    with pair.alpha.client("all") as client:
        assert client.post("/api/v1/notices", json=notice()).status_code == 201
        size = client.get("/api/v1/status").json()["journal_size"]
        found: list[int] = []
        after = ""
        while True:
            page = client.get(f"/api/v1/entries?limit=2{after}").json()
            found += [row["index"] for row in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert found == list(range(size))
        (first,) = client.get("/api/v1/entries?limit=1").json()["items"]
        assert (first["type"], first["seq"]) == ("keys", 0)
        rows = client.get("/api/v1/entries").json()["items"]
        notice_ = next(row["index"] for row in rows if row["type"] == "notice")
        assert problem(client.get("/api/v1/entries/0/bundle?proves=recorded")).code == "no_content"
        files = _files(client, f"/api/v1/entries/{notice_}/bundle?proves=recorded")
        assert Piece.NOTICE in files
        assert Piece.RECEIPT not in files
        assert client.get(f"/api/v1/entries?after={size}").json() == {"items": [], "next": None}
        for query in ("limit=0", "limit=501", "limit=x", "after=-1"):
            assert problem(client.get(f"/api/v1/entries?{query}")).code == "bad_query"


def _files(client: httpx.Client, path: str) -> dict[str, bytes]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return {name: unb64(text) for name, text in answer.json()["files"].items()}
