import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.exercise.clocks import ClockLine, Lockstep
from comity.model.fault import Unavailable


class Clock:
    """A clock socket with timers: each timer does `work` things, then nothing."""

    def __init__(self, home: Path, timers: dict[int, int], trace: list[tuple[str, int]]) -> None:
        home.mkdir()
        self.now = 0
        self.timers = dict(timers)
        self._trace = trace
        self._name = home.name
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(home / "clock.sock"))
        self._server.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        line, _ = self._server.accept()
        with line, line.makefile("rwb") as stream:
            for request in stream:
                stream.write(json.dumps(self._answer(json.loads(request))).encode() + b"\n")
                stream.flush()
        self._server.close()

    def _answer(self, request: dict[str, object]) -> dict[str, object]:
        to = request.get("to", 0)
        assert isinstance(to, int)
        match request["do"]:
            case "now":
                return {"now": self.now}
            case "next":
                return {"next": min(self.timers, default=None)}
            case "hold" if any(at < to for at in self.timers):
                return {"error": "something is due before"}
            case "hold":
                self.now = to
                return {"now": to}
        due = [at for at in self.timers if at <= to]
        did = sum(self.timers.pop(at) for at in due)
        if did:
            self._trace.append((self._name, to))
        return {"now": to, "did": did}


@pytest.fixture
def clocks(tmp_path: Path) -> Callable[..., tuple[dict[str, ClockLine], list[tuple[str, int]]]]:
    def make(**timers: dict[int, int]) -> tuple[dict[str, ClockLine], list[tuple[str, int]]]:
        trace: list[tuple[str, int]] = []
        for name, due in timers.items():
            Clock(tmp_path / name, due, trace)
        return {name: ClockLine(name, tmp_path / name) for name in timers}, trace

    return make


def test_all_clocks_stop_at_every_timer(
    clocks: Callable[..., tuple[dict[str, ClockLine], list[tuple[str, int]]]],
) -> None:
    lines, trace = clocks(a={10: 1, 30: 1}, b={20: 1})
    ticks: list[int] = []
    time = Lockstep(lines, ticks.append)
    time.begin(5)
    time.run_to(40)
    assert trace == [("a", 10), ("b", 20), ("a", 30)]
    assert ticks == [10, 20, 30, 40]
    assert time.now_us == 40
    for line in lines.values():
        line.close()


def test_what_a_start_leaves_is_done_before_the_first_instant(
    clocks: Callable[..., tuple[dict[str, ClockLine], list[tuple[str, int]]]],
) -> None:
    lines, trace = clocks(a={0: 1})
    Lockstep(lines, lambda _: None).begin(50)
    assert trace == [("a", 0)]
    lines["a"].close()


def test_a_clock_that_refuses_is_named(
    clocks: Callable[..., tuple[dict[str, ClockLine], list[tuple[str, int]]]],
) -> None:
    lines, _ = clocks(a={10: 1})
    with pytest.raises(Unavailable, match="clock of a refuses"):
        lines["a"].hold(20)
    lines["a"].close()


def test_nodes_that_never_rest_are_given_up(
    clocks: Callable[..., tuple[dict[str, ClockLine], list[tuple[str, int]]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines, _ = clocks(a={})
    monkeypatch.setattr(ClockLine, "advance", lambda _self, _to: 1)
    with pytest.raises(Unavailable, match="still answer each other"):
        Lockstep(lines, lambda _: None).settle()
    lines["a"].close()


def test_no_clock_socket(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no clock socket"):
        ClockLine("a", tmp_path)


def test_a_path_longer_than_a_socket_address(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(4):
        folder = folder / ("x" * 40)
    folder.mkdir(parents=True)
    with pytest.raises(Unavailable, match="No such file"):
        ClockLine("a", folder)
