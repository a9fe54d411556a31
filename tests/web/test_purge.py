"""Purges: two keys, live things kept, and not one byte of the content left in the files."""

from pathlib import Path

import httpx

from comity.journal.prove import prove_inclusion
from comity.journal.recover import recomputed_root
from comity.storage.sqlite.open import open_reader
from comity.trust.note import parse_note
from comity.wire.entry_v1 import ContentBody, EntryType, parse_entry
from tests.web.problems import problem
from tests.web.support import PEER_NOTICE, Rig, notice, volume

NAME = "HERON-PURGE-ME"
LAT = (351_234_567).to_bytes(4, "big")


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / "data").iterdir()))


def declared(client: httpx.Client, name: str, latitude: float = 35.5) -> str:
    area = volume(footprint={"centre": [latitude, 35.5], "radius_m": 10_000})
    body = notice(to=[], volumes=[area]) | {"name": name}
    made = client.post("/api/v1/notices", json=body, headers={"idempotency-key": name})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def ended(client: httpx.Client, id_: str) -> None:
    for move in ("start", "end"):
        done = client.post(f"/api/v1/notices/{id_}/moves", json={"move": move})
        assert done.status_code == 201, done.text


def second(rig: Rig) -> httpx.Client:
    """Another person's client."""
    with rig.client("all") as first:
        made = first.post("/api/v1/keys", json={"name": "custody", "scopes": ["admin"]})
        return rig.client(made.json()["key"])


def test_a_purge_leaves_no_byte_of_the_content_and_all_of_the_proof(rig: Rig) -> None:
    node = rig.node
    with rig.client("all") as client, second(rig) as other:
        id_ = declared(client, NAME, 35.1234567)
        kept = declared(client, "STAYS")
        index = node.read(lambda r: r.journal.index_of_content(bytes.fromhex(id_), node.origin))
        assert index is not None
        ended(client, id_)
        assert NAME.encode() in files(rig.folder)
        assert LAT in files(rig.folder)
        proposal = client.post("/api/v1/purges", json={"notice": id_})
        assert proposal.status_code == 201, proposal.text
        assert proposal.json()["subjects"] == [id_]
        assert NAME.encode() in files(rig.folder)  # nothing is deleted yet
        path = f"/api/v1/purges/{proposal.json()['id']}/confirm"
        assert problem(client.post(path, json={})).code == "same_key"
        before = node.head.checkpoint.size
        done = other.post(path, json={})
        assert done.status_code == 201, done.text
        found = done.json()
        assert (found["proposed_by"], found["confirmed_by"]) == ("all", "custody")
        for each in (NAME.encode(), LAT):
            assert each not in files(rig.folder)
        assert b"STAYS" in files(rig.folder)  # the search finds what is there
        assert client.get(f"/api/v1/notices/{id_}").status_code == 404
        assert client.get(f"/api/v1/notices/{kept}").status_code == 200
        assert other.post(path, json={}).status_code == 201  # again: nothing more
        assert node.head.checkpoint.size == before + 1
    row = node.read(lambda r: r.journal.entry(before))
    assert row is not None
    assert parse_entry(parse_note(row.body).text).type is EntryType.PURGE
    size, root = node.head.checkpoint.size, node.head.checkpoint.root
    assert node.read(lambda r: recomputed_root(r, 0, size)) == root
    proof = node.read(lambda r: prove_inclusion(r, index, node.head))
    assert proof.index == index
    entry = node.read(lambda r: r.journal.entry(index))
    assert entry is not None
    body = parse_entry(parse_note(entry.body).text).body
    assert isinstance(body, ContentBody)
    assert node.read(lambda r: r.journal.opening(entry.leaf)) is None


def test_what_is_live_is_refused_by_name_or_left(rig: Rig) -> None:
    with rig.client("all") as client, second(rig) as other:
        live = declared(client, "LIVE")
        over = declared(client, "OVER")
        ended(client, over)
        assert problem(client.post("/api/v1/purges", json={"notice": live})).code == "still_live"
        absent = client.post("/api/v1/purges", json={"notice": "00" * 32})
        assert problem(absent).code == "not_found"
        early = client.post("/api/v1/purges", json={"before": "2026-01-01T00:00:00Z"}).json()
        assert early["subjects"] == []
        path = f"/api/v1/purges/{early['id']}/confirm"
        assert problem(other.post(path, json={})).code == "nothing_to_purge"
        late = client.post("/api/v1/purges", json={"before": "2027-01-01T00:00:00Z"}).json()
        assert over in late["subjects"]
        assert {live, PEER_NOTICE.hex()} <= set(late["kept"])
        done = other.post(f"/api/v1/purges/{late['id']}/confirm", json={})
        assert done.status_code == 201, done.text
        listed = client.get("/api/v1/purges").json()["items"]
        states = {each["id"]: each["done"] is not None for each in listed}
        assert (states[early["id"]], states[late["id"]]) == (False, True)


def test_what_a_peer_has_not_taken_is_not_purged(rig: Rig) -> None:
    with rig.client("all") as client:
        made = client.post("/api/v1/notices", json=notice()).json()["id"]
        ended(client, made)
        answer = client.post("/api/v1/purges", json={"notice": made})
        assert problem(answer).code == "still_waiting"


def test_a_key_made_for_the_purpose_does_not_confirm(rig: Rig) -> None:
    with rig.client("all") as client:
        made = declared(client, "FOR-A-FRESH-KEY")
        ended(client, made)
        row = client.post("/api/v1/purges", json={"notice": made}).json()
        rig.clock.set(rig.clock.now_us() + 1)
        with second(rig) as other:
            answer = other.post(f"/api/v1/purges/{row['id']}/confirm", json={})
        assert problem(answer).code == "same_key"
        answer = client.post("/api/v1/purges", json={"before": None})
        assert problem(answer).code == "bad_scope"


def test_files_in_use_are_said_and_the_purge_can_be_finished(rig: Rig) -> None:
    with rig.client("all") as client, second(rig) as other:
        made = declared(client, "HELD-OPEN")
        ended(client, made)
        row = client.post("/api/v1/purges", json={"notice": made}).json()
        path = f"/api/v1/purges/{row['id']}/confirm"
        reader = open_reader(rig.folder / "data" / "journal.db")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchall()
        rig.node.store._writer.db.set_busy_timeout(50)  # type: ignore[attr-defined]
        assert problem(other.post(path, json={})).code == "files_in_use"
        reader.execute("ROLLBACK")
        reader.close()
        assert other.post(path, json={}).status_code == 201
    assert b"HELD-OPEN" not in files(rig.folder)
