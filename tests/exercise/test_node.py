import json
from collections.abc import Callable

import httpx
import pytest

from comity.exercise.answers import Receipt
from comity.exercise.node import Node
from comity.model.fault import Malformed, Refused, Unavailable

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def node() -> Callable[[Answer], Node]:
    def make(answer: Answer) -> Node:
        made = Node("alpha", "http://127.0.0.1:7101", "the-key")
        made._client = httpx.Client(
            base_url="http://127.0.0.1:7101",
            headers=made._client.headers,
            transport=httpx.MockTransport(answer),
        )
        return made

    return make


RISK = {
    "notice": "a",
    "party": "b",
    "unit": None,
    "handle": "c",
    "state": "told",
    "at": "x",
    "known": "y",
    "open": False,
    "a key of a later version": 1,
}


def test_a_declaration_is_sent_once_and_read(node: Callable[[Answer], Node]) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        receipt = {"id": "i", "subject": "s", "state": "declared", "conflicts": [], "flags": []}
        return httpx.Response(201, json=receipt | {"entries": []})

    receipt = node(answer).post("notices", {"kind": "operation"}, Receipt, "one-1")
    assert receipt.id == "i"
    assert asked[0].url.path == "/api/v1/notices"
    assert asked[0].headers["authorization"] == "Bearer the-key"
    assert asked[0].headers["idempotency-key"] == "one-1"
    assert json.loads(asked[0].content) == {"kind": "operation"}


def test_a_refusal_carries_the_nodes_own_words(node: Callable[[Answer], Node]) -> None:
    problem = {"code": "no_area", "detail": "words are no area", "what_to_do": "draw it"}
    with pytest.raises(Refused) as caught:
        node(lambda _: httpx.Response(422, json=problem)).status()
    refusal = caught.value.refusal
    assert (refusal.code, refusal.reason, refusal.what_to_do) == tuple(problem.values())
    assert refusal.field is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, json={"code": "internal"}),
        httpx.Response(502, text="<html>"),
        httpx.Response(404, text="not JSON"),
        httpx.Response(200, json={"other": "form"}),
        httpx.Response(200, json=[1]),
    ],
)
def test_what_should_not_happen_is_unavailable(
    node: Callable[[Answer], Node], answer: httpx.Response
) -> None:
    with pytest.raises(Unavailable, match="alpha answers"):
        node(lambda _: answer).status()


def test_an_answer_with_two_keys_alike_is_malformed(node: Callable[[Answer], Node]) -> None:
    with pytest.raises(Malformed):
        node(lambda _: httpx.Response(200, text='{"a": 1, "a": 2}')).status()


def test_silence_is_unavailable(node: Callable[[Answer], Node]) -> None:
    def silent(_request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow")

    with pytest.raises(Unavailable, match="does not answer: ReadTimeout"):
        node(silent).status()


def test_lists_are_read_to_their_last_page(node: Callable[[Answer], Node]) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.query, "ascii"))
        last = len(asked) == 3
        return httpx.Response(
            200, json={"items": [RISK], "next": None if last else f"p{len(asked)}"}
        )

    assert len(node(answer).risks()) == 3
    assert asked == ["", "after=p1", "after=p2"]


def test_a_list_without_end_is_given_up(
    node: Callable[[Answer], Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.exercise.node._PAGES_MAX", 5)
    endless = httpx.Response(200, json={"items": [], "next": "again"})
    with pytest.raises(Unavailable, match="more than 5 pages"):
        node(lambda _: endless).risks()


def test_a_list_has_items(node: Callable[[Answer], Node]) -> None:
    with pytest.raises(Unavailable, match="without items"):
        node(lambda _: httpx.Response(200, json={"next": None})).risks()
