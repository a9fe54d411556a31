"""The clock's line protocol, over a real socket."""

import asyncio
import json
import os
import stat
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from comity.clock import VirtualClock
from comity.exercise.clocks import ClockLine
from comity.model.fault import Refused, Unavailable
from comity.web import clock_socket
from comity.web.clock_socket import serve_clock
from tests.web.support import NOW_US


@dataclass
class Timers:
    """Timers as a pacer has them: each fires once."""

    clock: VirtualClock
    due: list[int] = field(default_factory=list)
    running: int = 0
    most_running: int = 0

    def next_due(self) -> int | None:
        return min(self.due, default=None)

    async def advance(self, to_us: int) -> int:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0.01)
        did = [due for due in self.due if due <= to_us]
        self.due = [due for due in self.due if due > to_us]
        self.clock.set(to_us)
        self.running -= 1
        return len(did)


SECOND_US = 1_000_000
Talk = Callable[[Path, Timers], Awaitable[None]]


def held(tmp_path: Path, talk: Talk, *due: int) -> None:
    """Run `talk` against a served clock, in a folder with a long name."""

    async def run() -> None:
        path = tmp_path / ("long" * 30) / "clock.sock"
        path.parent.mkdir()
        timers = Timers(VirtualClock(NOW_US), list(due))
        server = await serve_clock(path, timers.clock, timers.next_due, timers.advance)
        try:
            await asyncio.wait_for(talk(path, timers), 10)
        finally:
            server.close()
            await server.wait_closed()

    asyncio.run(run())


def test_a_clock_that_is_off_moves_in_the_exercises_time(tmp_path: Path) -> None:
    """What is due is kept in the time that the clock says, and told in the referee's."""

    async def talk(path: Path, timers: Timers) -> None:
        def drive() -> None:
            line = ClockLine("alpha", path.parent)
            line.be_off(180 * SECOND_US)
            assert timers.clock.now_us() == NOW_US + 180 * SECOND_US
            assert line.now() == timers.clock.elapsed_us() == NOW_US
            timers.due = [NOW_US + 181 * SECOND_US]
            assert line.next() == NOW_US + SECOND_US
            with pytest.raises(Unavailable, match="timer_pending"):
                line.hold(NOW_US + 2 * SECOND_US)
            assert line.advance(NOW_US + 2 * SECOND_US) == 1
            assert timers.clock.now_us() == NOW_US + 182 * SECOND_US
            doubted = [timers.clock.doubted]
            line.be_off(0)
            assert timers.clock.now_us() == line.now() == NOW_US + 2 * SECOND_US
            doubted.append(timers.clock.doubted)
            line.hold(NOW_US + 62 * SECOND_US)
            assert [*doubted, timers.clock.doubted] == [True, True, False]
            line.close()

        await asyncio.to_thread(drive)

    held(tmp_path, talk)


async def dial(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    folder = os.open(path.parent, os.O_PATH)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


async def say(path: Path, *lines: bytes) -> list[dict[str, object]]:
    reader, writer = await dial(path)
    answers = []
    for line in lines:
        writer.write(line + b"\n")
        answers.append(json.loads(await reader.readline()))
    writer.close()
    return answers


def test_the_referee_drives_it(tmp_path: Path) -> None:
    async def talk(path: Path, _: Timers) -> None:
        def referee() -> None:
            line = ClockLine("alpha", path.parent)
            try:
                assert (line.now(), line.next()) == (NOW_US, NOW_US + 5)
                line.hold(NOW_US + 5)
                assert (line.now(), line.next()) == (NOW_US + 5, NOW_US + 5)
                assert line.advance(NOW_US + 9) == 2
                assert (line.now(), line.next()) == (NOW_US + 9, None)
                assert line.advance(NOW_US + 9) == 0
            finally:
                line.close()

        await asyncio.to_thread(referee)

    held(tmp_path, talk, NOW_US + 5, NOW_US + 7)


def test_only_the_owner_can_connect(tmp_path: Path) -> None:
    async def talk(path: Path, _: Timers) -> None:
        status = await asyncio.to_thread(path.stat)
        assert stat.S_IMODE(status.st_mode) == 0o600

    held(tmp_path, talk)


def test_a_clock_is_not_held_past_what_is_due(tmp_path: Path) -> None:
    async def talk(path: Path, timers: Timers) -> None:
        (answer,) = await say(path, f'{{"do":"hold","to":{NOW_US + 6}}}'.encode())
        assert answer["error"] == "timer_pending"
        assert timers.clock.now_us() == NOW_US

    held(tmp_path, talk, NOW_US + 5)


def test_a_clock_never_goes_back(tmp_path: Path) -> None:
    async def talk(path: Path, timers: Timers) -> None:
        for what in ("hold", "advance"):
            (answer,) = await say(path, f'{{"do":"{what}","to":{NOW_US - 1}}}'.encode())
            assert answer["error"] == "clock_backwards"
        assert timers.clock.now_us() == NOW_US

    held(tmp_path, talk)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"now",
        b'{"do":"stop"}',
        b'{"do":1}',
        b'{"do":"now","to":1}',
        b'{"do":"hold"}',
        b'{"do":"hold","to":"1"}',
        b'{"do":"hold","to":1}',
        b'{"do":"hold","to":1.5}',
        b'{"do":"advance","to":true}',
        b'{"do":"advance","to":null}',
        b'{"do":"hold","to":99999999999999999999}',
        b'{"do":"now","do":"next"}',
        b'{"do":"now"} {"do":"now"}',
        b"\xff\xfe",
        b'{"do":"\\ud800"}',
    ],
)
def test_a_wrong_line_is_answered_and_the_next_one_too(tmp_path: Path, line: bytes) -> None:
    async def talk(path: Path, timers: Timers) -> None:
        wrong, right = await say(path, line, b'{"do":"now"}')
        assert set(wrong) == {"error", "reason"}
        assert right == {"now": NOW_US}
        assert timers.clock.now_us() == NOW_US

    held(tmp_path, talk)


def test_a_line_that_is_too_long_ends_the_connection(tmp_path: Path) -> None:
    async def talk(path: Path, _: Timers) -> None:
        reader, writer = await dial(path)
        writer.write(b"x" * 10_000)
        assert json.loads(await reader.readline())["error"] == "too_large"
        assert await reader.read() == b""
        writer.close()

    held(tmp_path, talk)


def test_a_line_that_dribbles_ends_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_socket, "_LINE_DEADLINE_S", 0.2)

    async def talk(path: Path, _: Timers) -> None:
        reader, writer = await dial(path)
        await asyncio.sleep(0.4)  # waiting between lines is no fault
        writer.write(b'{"do":')
        assert json.loads(await reader.readline())["error"] == "slow_request"
        writer.close()

    held(tmp_path, talk)


def test_one_moves_it_at_a_time(tmp_path: Path) -> None:
    async def talk(path: Path, timers: Timers) -> None:
        line = f'{{"do":"advance","to":{NOW_US}}}'.encode()
        await asyncio.gather(*(say(path, line) for _ in range(3)))
        assert timers.most_running == 1

    held(tmp_path, talk)


def test_connections_are_counted(tmp_path: Path) -> None:
    async def talk(path: Path, _: Timers) -> None:
        lines = [await dial(path) for _number in range(4)]
        for reader, writer in lines:
            writer.write(b'{"do":"now"}\n')
            assert await reader.readline()
        reader, writer = await dial(path)
        assert await reader.read() == b""
        for _reader, other in [*lines, (reader, writer)]:
            other.close()

    held(tmp_path, talk)


def test_what_breaks_inside_is_said_and_not_shown(tmp_path: Path) -> None:
    async def broken(_: int) -> int:
        raise ZeroDivisionError("secret")

    async def run() -> None:
        path, timers = tmp_path / "clock.sock", Timers(VirtualClock(NOW_US))
        server = await serve_clock(path, timers.clock, timers.next_due, broken)
        answer, after = await say(
            path, f'{{"do":"advance","to":{NOW_US}}}'.encode(), b'{"do":"next"}'
        )
        assert answer["error"] == "internal"
        assert "secret" not in str(answer)
        assert after == {"next": None}
        server.close()
        await server.wait_closed()

    asyncio.run(run())


def test_an_old_socket_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    async def run() -> None:
        clock = VirtualClock(NOW_US)
        timers = Timers(clock)
        path = tmp_path / "clock.sock"
        for _ in range(2):  # the second finds the first one's file
            server = await serve_clock(path, clock, timers.next_due, timers.advance)
            assert (await say(path, b'{"do":"next"}')) == [{"next": None}]
            server.close()
            await server.wait_closed()
        path.unlink(missing_ok=True)
        path.write_text("keep me")
        with pytest.raises(Refused) as caught:
            await serve_clock(path, clock, timers.next_due, timers.advance)
        assert caught.value.code == "not_a_socket"
        assert path.read_text() == "keep me"

    asyncio.run(run())
