"""`comity hotline metrics`: the figures in words, and whether the other side has the same."""

from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.web.api.shapes_hotline_metrics import HotlineMetricsView, MarkView, SpreadView, WayView
from comity.wire.canonical import Json, dumps
from tests.cli.stand_in import PEER, Comity, StandIn, as_json, party

US = "alpha.example/comity/2026"
LEAD = SpreadView(
    of=3, count=3, p50_us=90_000_001, least_us=-1_500_000, most_us=600_000_000, in_time=2
)
NONE = SpreadView(of=0, count=0, p50_us=None, least_us=None, most_us=None, in_time=0)


def way(giver: str, taker: str, receipts: int = 7, **more: object) -> WayView:
    whole: dict[str, object] = {
        "giver": giver,
        "taker": taker,
        "receipts": receipts,
        "first": 0,
        "broken": False,
        "entries": receipts,
        "refused": {},
        "missing": 0,
        "declared": {"operation": 3},
        "moved": {"start": 1},
        "delivered": NONE,
        "lead": LEAD,
        "short_notice": 1,
        "seen": NONE,
        "read_back": NONE,
        "relayed": NONE,
        "units": 4,
        "units_not_reached": 1,
        "started": 1,
        "overdue": 1,
        "unclosed": 0,
        "messages": 0,
        "messages_of_floor": 0,
        "answered": NONE,
        "settled": 0,
        "requests": 0,
        "decided": NONE,
        "marks": [MarkView(upto=at, hash=f"{at:016x}") for at in range(receipts)],
    }
    return WayView(**(whole | more))  # type: ignore[arg-type]


def view(own: str, other: str, *, receipts: int = 7, **more: object) -> Json:
    ways = [way(US, PEER, receipts, **more), way(PEER, US)]
    return as_json(
        HotlineMetricsView(
            own=own,
            party=other,
            since=None,
            until=None,
            as_of="2030-01-01T10:00:00Z",
            terms="00",
            ways=ways,
        )
    )


def asked(given: int | None = None, taken: int | None = None) -> str:
    cut = "" if given is None else f"&given={given}&taken={taken}"
    return f"hotline-metrics?party={PEER.replace('/', '%2F')}{cut}"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    return tmp_path / "theirs.json"


def test_the_figures_are_said_exactly(node: StandIn, ask: Comity) -> None:
    node.lists("parties", [as_json(party())])
    node.lists(asked(), [view(US, PEER)])
    out = ask("hotline", "metrics", "bravo").out
    assert "alpha to bravo, taken from the beginning until now" in out
    assert "3 of 3, 2 as agreed; least -1.5 s, half within 90.000001 s, most 600 s" in out
    assert "1 of 4 units" in out
    assert "1 of 1 started" in out


def test_equal_figures_are_called_so(node: StandIn, ask: Comity, theirs: Path) -> None:
    theirs.write_bytes(dumps([view(PEER, US)]))
    node.lists(asked(), [view(US, PEER)])
    node.lists(asked(7, 7), [view(US, PEER)])
    answer = ask("hotline", "metrics", "--against", theirs)
    assert answer.code == ExitCode.OK
    assert "EQUAL at both ends" in answer.out


def test_a_difference_is_named_with_its_place(node: StandIn, ask: Comity, theirs: Path) -> None:
    marks = [MarkView(upto=at, hash="ff" if at > 3 else f"{at:016x}") for at in range(7)]
    theirs.write_bytes(dumps([view(PEER, US, marks=marks, started=2)]))
    node.lists(asked(), [view(US, PEER)])
    node.lists(asked(7, 7), [view(US, PEER)])
    answer = ask("hotline", "metrics", "--against", theirs)
    assert answer.code == ExitCode.REFUSED
    assert "alpha to bravo: the records part at receipt 4" in answer.err
    assert "started is 1 here and 2 there" in answer.err


def test_we_compare_at_the_lower_cut(node: StandIn, ask: Comity, theirs: Path) -> None:
    theirs.write_bytes(dumps([view(PEER, US, receipts=5)]))
    node.lists(asked(), [view(US, PEER, receipts=9)])
    node.lists(asked(5, 7), [view(US, PEER, receipts=5)])
    assert ask("hotline", "metrics", "--against", theirs).code == ExitCode.OK


def test_who_knows_more_must_compute_again(node: StandIn, ask: Comity, theirs: Path) -> None:
    theirs.write_bytes(dumps([view(PEER, US, receipts=9)]))
    node.lists(asked(), [view(US, PEER, receipts=5)])
    node.lists(asked(5, 7), [view(US, PEER, receipts=5)])
    answer = ask("hotline", "metrics", "--against", theirs)
    assert answer.code == ExitCode.REFUSED
    assert "counted receipts that are not here yet" in answer.err


def test_another_lines_figures_are_refused(node: StandIn, ask: Comity, theirs: Path) -> None:
    theirs.write_bytes(dumps([view(PEER, "charlie.example/comity/2026")]))
    node.lists(asked(), [view(US, PEER)])
    answer = ask("hotline", "metrics", "--against", theirs)
    assert answer.code == ExitCode.BAD_INPUT
    assert "another line" in answer.err


@pytest.mark.parametrize("words", [("--since", "soon"), ("--against", "nowhere.json")])
def test_what_cannot_be_read_is_named(ask: Comity, words: tuple[str, str]) -> None:
    answer = ask("hotline", "metrics", *words)
    assert answer.code in {ExitCode.BAD_INPUT, ExitCode.USAGE}
    assert words[0] in answer.err or words[1] in answer.err
