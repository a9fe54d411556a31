"""What had no room: each party's newest stay up until they are recorded, whatever others say."""

import httpx
import pytest

from comity.web.board import LINES_OF_PARTY_MAX, Board, Shown
from tests.web.support import PEER_NOTICE, Rig

DISTRESS = Shown(id=b"c" * 32, party="charlie.example/comity", said="E1 DISTRESS", at_us=9)


def flood(board: Board, party: str, count: int) -> None:
    for number in range(count):
        id_ = number.to_bytes(32, "big")
        board.show(Shown(id=id_, party=party, said="E2 SAR", at_us=number))


def test_no_party_pushes_off_what_another_has_said() -> None:
    board = Board()
    board.show(DISTRESS)
    flood(board, "bravo.example/comity", 1_000)
    flood(board, "own.example/comity", 1_000)
    assert DISTRESS in board.lines()
    assert len(board.lines()) == 1 + 2 * LINES_OF_PARTY_MAX
    assert max(line.at_us for line in board.lines()) == 999  # the newest of each stay
    assert [line.at_us for line in board.lines()] == sorted(line.at_us for line in board.lines())


def test_the_same_is_shown_once_and_taken_down_when_it_is_over() -> None:
    board = Board()
    for _ in range(3):
        board.show(DISTRESS)
    flood(board, "bravo.example/comity", 2)
    assert len(board.lines()) == 3
    board.drop(lambda line: line.party.startswith("charlie"))
    assert {line.party for line in board.lines()} == {"bravo.example/comity"}


@pytest.mark.serial
def test_what_was_recorded_after_all_stands_under_not_recorded_no_more(
    rig: Rig, client: httpx.Client
) -> None:
    said = client.post(
        "/api/v1/messages", json={"code": "L1", "to": "bravo", "role": "duty", "values": {}}
    )
    party = DISTRESS.party
    rig.node.board.show(DISTRESS)
    for id_ in (PEER_NOTICE, bytes.fromhex(said.json()["id"])):
        rig.node.board.show(Shown(id=id_, party=party, said="recorded", at_us=1))
    items = client.get("/api/v1/open-items").json()["items"]
    unrecorded = [item["id"] for item in items if item["kind"] == "not-recorded"]
    assert unrecorded == [DISTRESS.id.hex()]
    shown = client.get("/api/v1/status").json()["not_recorded"]
    assert [line["said"] for line in shown] == ["E1 DISTRESS"]
    assert rig.node.board.lines() == (DISTRESS,)
