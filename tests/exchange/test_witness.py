"""The neutral witness at its door: C2SP's statuses, and nothing that a stranger can break."""

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from comity.clock import VirtualClock
from comity.exchange.witness import Witness, witness_routes
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.cosignature import cosigned_at
from comity.journal.merkle import EMPTY_ROOT, consistency_proof, tree_root
from comity.model.fault import Corrupt
from comity.storage.sqlite.store import SqliteStore
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.wire.canonical import b64, sha256
from tests.exchange.net import NOON, WITNESS, make_identity

LEAVES = [sha256(bytes([number])) for number in range(9)]
LOG = make_identity("alpha.example/comity/2026").log
KEY = SigningKey(name=WITNESS, key_type=KeyType.COSIGNATURE_V1, seed=secrets.token_bytes(32))
QUANTUM = SigningKey(name=WITNESS, key_type=KeyType.ML_DSA_44, seed=secrets.token_bytes(32))
SECOND_US = 1_000_000


def head(size: int, *, root: bytes | None = None, key: SigningKey = LOG, origin: str = "") -> Note:
    """A signed head of the log."""
    found = tree_root(LEAVES[:size]) if root is None else root
    text = checkpoint_text(Checkpoint(origin=origin or LOG.name, size=size, root=found))
    return sign_note(text, key)


def grown(old: int, new: int) -> tuple[bytes, ...]:
    """The true proof."""

    def get(level: int, index: int) -> bytes:
        return tree_root(LEAVES[index << level : (index + 1) << level])

    return () if old in (0, new) else consistency_proof(old, new, get)


def body(note: Note, old: int, proof: tuple[bytes, ...]) -> bytes:
    """An add-checkpoint request."""
    lines = [f"old {old}", *(b64(value) for value in proof), ""]
    return "\n".join(lines).encode() + b"\n" + serialise(note)


class Door:
    """One witness and a clock."""

    def __init__(
        self, folder: Path, *more: SigningKey, cosigners: tuple[SigningKey, ...] = ()
    ) -> None:
        self.clock = VirtualClock(NOON)
        self.store = SqliteStore(folder)
        keys = tuple(key.verifier() for key in (LOG, *more))
        witness = Witness(
            keys=cosigners or (KEY,), logs={LOG.name: keys}, store=self.store, clock=self.clock
        )
        self._app = Starlette(routes=witness_routes(witness))

    def ask(self, method: str, path: str, content: bytes = b"") -> httpx.Response:
        """One request."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://w") as client:
                return await client.request(method, path, content=content)

        return asyncio.run(once())

    def add(self, size: int, old: int) -> httpx.Response:
        """A true head with its true proof."""
        return self.ask("POST", "/add-checkpoint", body(head(size), old, grown(old, size)))


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_it_cosigns_what_only_grows_and_its_time_never_goes_back(door: Door) -> None:
    times = []
    for old, size in ((0, 3), (3, 7), (7, 7), (7, 9)):
        answer = door.add(size, old)
        assert answer.status_code == 200
        note = parse_note(head(size).text.encode() + b"\n" + answer.content)
        time_s = cosigned_at(note, KEY.verifier())
        assert time_s is not None
        times.append(time_s)
        door.clock.set(door.clock.now_us() + 5 * SECOND_US)
    assert times == sorted(times)


def test_with_two_keys_it_answers_two_lines_at_one_time_and_shows_both(tmp_path: Path) -> None:
    door = Door(tmp_path, cosigners=(KEY, QUANTUM))
    path = f"/{sha256(LOG.name.encode()).hex()}/checkpoint"
    for old, size in ((0, 3), (3, 7), (7, 7)):
        answer = door.add(size, old)
        assert (answer.status_code, answer.text.count("\n")) == (200, 2)
        note = parse_note(head(size).text.encode() + b"\n" + answer.content)
        one, other = (cosigned_at(note, key.verifier()) for key in (KEY, QUANTUM))
        assert one == other == door.clock.now_us() // SECOND_US
        shown = parse_note(door.ask("GET", path).content)
        assert [cosigned_at(shown, key.verifier()) for key in (KEY, QUANTUM)] == [one, other]
        door.clock.set(door.clock.now_us() + 5 * SECOND_US)


def test_a_second_key_comes_to_a_witness_that_has_cosigned_and_its_times_go_on(
    tmp_path: Path,
) -> None:
    door = Door(tmp_path)
    door.clock.set(NOON + 60 * SECOND_US)
    assert door.add(3, 0).status_code == 200
    door.store.close()
    door = Door(tmp_path, cosigners=(KEY, QUANTUM))  # a minute back: its word does not go back
    note = parse_note(head(7).text.encode() + b"\n" + door.add(7, 3).content)
    for key in (KEY, QUANTUM):
        assert cosigned_at(note, key.verifier()) == NOON // SECOND_US + 60


def test_a_witness_has_one_name(tmp_path: Path) -> None:
    other = replace(QUANTUM, name="other.example/w1")
    for cosigners in ((KEY, other),):
        with pytest.raises(Corrupt):
            Door(tmp_path, cosigners=cosigners)


def test_while_a_log_key_changes_either_will_do_and_a_false_line_of_one_will_not(
    tmp_path: Path,
) -> None:
    new = SigningKey(name=LOG.name, key_type=KeyType.ED25519, seed=b"n" * 32)
    door = Door(tmp_path, new)
    both = head(5).signatures + head(5, key=new).signatures
    false = (head(7).signatures[0], replace(head(7, key=new).signatures[0], blob=bytes(64)))
    asked = [
        (200, head(3), 0),
        (200, Note(text=head(5).text, signatures=both), 3),
        (403, Note(text=head(7).text, signatures=false), 5),
        (200, head(7, key=new), 5),
    ]
    for status, note, old in asked:
        size = int(note.text.split("\n")[1])
        answer = door.ask("POST", "/add-checkpoint", body(note, old, grown(old, size)))
        assert answer.status_code == status, answer.text


def test_the_statuses_are_those_of_the_specification(door: Door) -> None:
    assert door.add(3, 0).status_code == 200
    other = door.add(7, 2)
    assert (other.status_code, other.text) == (409, "3\n")
    assert other.headers["content-type"].startswith("text/x.tlog.size")
    stranger = make_identity("carol.example/comity/2026").log
    requests = {
        404: body(head(3, key=stranger, origin=stranger.name), 0, ()),
        403: body(
            head(7, key=SigningKey(name=LOG.name, key_type=KeyType.ED25519, seed=bytes(32))),
            3,
            grown(3, 7),
        ),
        422: body(head(7), 3, (bytes(32),)),
        400: b"old 3\n" + serialise(head(7)),
    }
    for status, content in requests.items():
        assert door.ask("POST", "/add-checkpoint", content).status_code == status
    same_size = body(head(3, root=bytes(32)), 3, ())
    assert door.ask("POST", "/add-checkpoint", same_size).status_code == 422
    smaller = body(head(2), 3, ())
    assert door.ask("POST", "/add-checkpoint", smaller).status_code == 400
    assert door.add(7, 3).status_code == 200  # nothing above changed anything


def test_an_empty_log_has_the_empty_root(door: Door) -> None:
    false = body(head(0, root=bytes(32)), 0, ())
    assert door.ask("POST", "/add-checkpoint", false).status_code == 422
    assert (
        door.ask("POST", "/add-checkpoint", body(head(0, root=EMPTY_ROOT), 0, ())).status_code
        == 200
    )


def test_a_forged_line_in_its_own_name_does_not_wedge_it(tmp_path: Path) -> None:
    """Anyone can fetch the checkpoint, spoil the witness's lines and send it back."""
    door = Door(tmp_path, cosigners=(KEY, QUANTUM))
    assert door.add(3, 0).status_code == 200
    path = f"/{sha256(LOG.name.encode()).hex()}/checkpoint"
    note = parse_note(door.ask("GET", path).content)
    assert cosigned_at(note, KEY.verifier()) is not None
    spoiled = tuple(
        type(line)(name=line.name, key_id=line.key_id, blob=bytes(len(line.blob)))
        if line.name == WITNESS
        else line
        for line in note.signatures
    )
    forged = body(Note(text=note.text, signatures=spoiled), 3, ())
    assert door.ask("POST", "/add-checkpoint", forged).status_code == 200
    assert door.add(7, 3).status_code == 200
    again = parse_note(door.ask("GET", path).content)
    assert cosigned_at(again, KEY.verifier()) is not None


def test_an_unknown_log_has_no_checkpoint(door: Door) -> None:
    assert door.ask("GET", f"/{'0' * 64}/checkpoint").status_code == 404
