"""Server-sent events: one for each entry and each change of a warning, in one order, none twice.

Real server, store and pen; callers that break off, that may not read, and that do not.
"""

import json
import logging
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import httpx
import pytest

from comity.cli.hotline_watch import Told, events_in
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.storage.rows import CallerRow
from comity.storage.store import Transaction
from comity.web import event_stream
from comity.web.api.event_views import Place, happened, newest_place
from comity.web.api.keys import new_key
from comity.web.streams import STREAMS_MAX, STREAMS_OF_KEY_MAX
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field
from tests.web.support import NOW_US, Rig, notice, served

EVENTS = "/api/v1/events"
ALL = {"Last-Event-ID": "0-0"}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rig]:
    """A node of this test's own."""
    with served(tmp_path) as found:
        yield found


@contextmanager
def following(
    rig: Rig, headers: dict[str, str] | None = None, key: str = "read"
) -> Iterator[Iterator[Told]]:
    with (
        rig.client(key) as client,
        client.stream("GET", EVENTS, headers=headers, timeout=10) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        yield (told for told in events_in(answer.iter_lines()) if told.kind)


def write(rig: Rig, number: int) -> None:
    """One entry, and a warning that comes or goes."""
    about = sha256(b"something")

    def work(tx: Transaction, pen: Pen) -> None:
        pen.write_content(EntryType.CALL, pen.origin, pen.seal((text_field("words", "w"),)))
        if number % 3 == 0:
            raise_warning(tx, pen, "no_area", about, text=f"number {number}")
        elif number % 3 == 1:
            clear_warnings(tx, pen, "no_area", about)

    rig.node.scribe.submit(work, NOW_US + number).result(10)


def everything(rig: Rig) -> list[tuple[str, str]]:
    """All events, read from the store."""
    size = rig.node.scribe.checkpoint.size
    found = rig.node.read(lambda r: happened(r, Place(entries=0, changes=0), size, 10_000))
    return [(event.kind, event.after.text) for event in found]


def test_each_entry_and_each_change_is_one_event(own: Rig) -> None:
    for number in range(9):
        write(own, number)
    events = everything(own)
    assert len(events) == own.size() + own.node.read(lambda r: r.lines.newest_change())
    assert len(set(events)) == len(events)
    with following(own, ALL) as stream:
        assert [(told.kind, told.id) for told in islice(stream, len(events))] == events
    kinds = [kind for kind, _ in events]
    assert kinds.count("warning-raised") == kinds.count("warning-cleared") == 3


def test_what_a_notice_makes_happen_is_told_as_it_happens(own: Rig) -> None:
    with following(own) as stream, own.client("all") as client:
        answer = client.post("/api/v1/notices", json=notice())
        assert answer.status_code == 201
        told = next(stream)
    assert told.kind == "notice"
    assert told.says["id"] == answer.json()["id"]
    assert told.says["to"] == "bravo.example/comity/2026"
    assert told.says["entry"] == int(told.id.split("-")[0]) - 1


@pytest.mark.parametrize("seed", range(2))
def test_who_breaks_off_and_comes_again_misses_and_doubles_nothing(own: Rig, seed: int) -> None:
    chance = random.Random(seed)

    def load() -> None:
        for number in range(120):
            write(own, number)

    writer = threading.Thread(target=load)
    writer.start()
    got: list[tuple[str, str]] = []
    last, deadline = "0-0", time.monotonic() + 20
    while writer.is_alive() or got != everything(own):
        assert time.monotonic() < deadline
        if len(got) >= len(everything(own)):  # the writer is about to end, or to go on
            time.sleep(0.001)
            continue
        with following(own, {"Last-Event-ID": last}) as stream:
            for told in islice(stream, chance.choice([1, 2, 7, 30])):
                got.append((told.kind, told.id))
                last = told.id
                if len(got) >= len(everything(own)):
                    break  # there may be no more to wait for
    writer.join(10)
    assert got == everything(own)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_the_order_does_not_depend_on_how_much_is_read_at_once(own: Rig, limit: int) -> None:
    for number in range(12):
        write(own, number)
    size, place, found = own.node.scribe.checkpoint.size, Place(entries=0, changes=0), []
    while events := own.node.read(lambda r: happened(r, place, size, limit)):  # noqa: B023
        assert len(events) <= limit
        found += [(event.kind, event.after.text) for event in events]
        place = events[-1].after
    assert found == everything(own)
    assert place == own.node.read(lambda r: newest_place(r, size))


def test_nothing_beyond_the_head_that_was_signed_is_told(own: Rig) -> None:
    write(own, 0)
    size = own.node.scribe.checkpoint.size
    before = own.node.read(lambda r: happened(r, Place(entries=0, changes=0), size - 1, 10_000))
    assert max(event.after.entries for event in before) == size - 1
    assert everything(own)[-1][1].startswith(f"{size}-")


def test_a_caller_without_an_id_is_told_where_now_is(own: Rig) -> None:
    with own.client("read") as client, client.stream("GET", EVENTS) as answer:
        told = next(events_in(answer.iter_lines()))
    assert (told.kind, told.id) == ("", everything(own)[-1][1])


@pytest.mark.parametrize(
    ("id_", "status", "code"),
    [
        ("7", 400, "bad_event_id"),
        ("01-2", 400, "bad_event_id"),
        ("1-2-3", 400, "bad_event_id"),
        ("999999-0", 409, "unknown_event"),
        ("0-999999", 409, "unknown_event"),
    ],
)
def test_an_id_that_is_none_of_ours_is_refused(rig: Rig, id_: str, status: int, code: str) -> None:
    with rig.client("read") as client:
        for answer in (
            client.get(EVENTS, headers={"Last-Event-ID": id_}),
            client.get(EVENTS, params={"after": id_}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_only_who_may_read_may_follow(rig: Rig) -> None:
    with rig.client("declare") as client:
        assert client.get(EVENTS).json()["code"] == "scope_missing"
    with rig.client("read") as client:
        assert client.head(EVENTS, timeout=5).status_code == 200


def test_a_key_that_is_revoked_ends_its_streams(own: Rig) -> None:
    key = sha256(own.keys["read"].encode())
    row = own.node.read(lambda r: r.people.caller(key))
    assert row is not None
    with following(own) as stream:
        gone = replace(row, revoked_us=NOW_US)
        own.node.scribe.submit(lambda tx, _: tx.people.save_caller(gone), NOW_US).result(10)
        assert list(stream) == []


def more_keys(rig: Rig, count: int) -> list[str]:
    """Keys that may read."""
    keys = [new_key() for _ in range(count)]

    def work(tx: Transaction, _: Pen) -> None:
        for number, key in enumerate(keys):
            row = CallerRow(
                key_hash=sha256(key.encode()),
                name=f"program-{number}",
                scopes="read",
                created_us=NOW_US,
                revoked_us=None,
            )
            tx.people.save_caller(row)

    rig.node.scribe.submit(work, NOW_US).result(10)
    return keys


def test_more_than_so_many_are_refused_until_one_leaves(own: Rig) -> None:
    keys = more_keys(own, STREAMS_MAX // STREAMS_OF_KEY_MAX)
    with own.client("read") as client:
        with ExitStack() as stack:
            for number in range(STREAMS_MAX):
                key = keys[number % len(keys)]
                stack.enter_context(following(own, key=key))
            answer = client.get(EVENTS)
            assert (answer.status_code, answer.json()["code"]) == (429, "too_many_streams")
        wait_for(own, 0)
        with following(own):
            assert own.node.streams.count == 1


def test_one_key_leaves_room_for_others(own: Rig) -> None:
    with own.client("read") as client, ExitStack() as stack:
        for _ in range(STREAMS_OF_KEY_MAX):
            stack.enter_context(following(own))
        answer = client.get(EVENTS)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_streams")
        assert "this key" in answer.json()["detail"]
        with following(own, key="all"):
            assert own.node.streams.count == STREAMS_OF_KEY_MAX + 1
        stack.close()
        wait_for(own, 0)
        with following(own):
            assert own.node.streams.count == 1


def wait_for(rig: Rig, count: int) -> None:
    """Until so many follow: the server sees that a caller has gone a moment later."""
    deadline = time.monotonic() + 10
    while rig.node.streams.count != count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_does_not_read_is_cut_off_by_name(
    own: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(event_stream, "SLOW_S", 0.3)

    def work(tx: Transaction, pen: Pen) -> None:
        for number in range(9_000):
            about = sha256(str(number).encode())
            raise_warning(tx, pen, "no_area", about, text="w" * 900)

    own.node.scribe.submit(work, NOW_US).result(20)
    host, port = httpx.URL(own.address).host, httpx.URL(own.address).port or 0
    with socket.socket() as sock, caplog.at_level(logging.WARNING, "comity.web"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        sock.connect((host, port))
        head = f"GET {EVENTS}?after=0-0 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
        sock.sendall(f"{head}{own.keys['read']}\r\n\r\n".encode())
        while not caplog.records:
            wait_for_a_moment()
        wait_for(own, 0)
    assert "events: read does not read" in caplog.text


def wait_for_a_moment() -> None:
    time.sleep(0.02)


def test_a_stream_ends_with_the_node(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with served(tmp_path) as rig:
            keys = ["read", "all"] * 5
            streams = [stack.enter_context(following(rig, key=key)) for key in keys]
            began = time.monotonic()
        assert time.monotonic() - began < 2
        assert [list(stream) for stream in streams] == [[]] * 10


def test_an_event_is_one_line_of_json(own: Rig) -> None:
    write(own, 0)
    with own.client("read") as client, client.stream("GET", EVENTS, headers=ALL) as answer:
        lines = list(islice(answer.iter_lines(), 30))
    assert lines[0].startswith("retry: ")
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert data
    assert all(isinstance(json.loads(each), dict) for each in data)
