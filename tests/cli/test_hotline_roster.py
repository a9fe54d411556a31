"""`comity hotline roster`, `alerts` and `chain`: what is sent, and what a duty officer reads."""

import pytest
from msgspec.structs import replace

from comity.cli.exit_codes import ExitCode
from comity.model.answer import Step
from comity.model.duty import ChainStep, WatchKind
from comity.web.api.shapes import AnswerView
from comity.web.api.shapes_duty import (
    AlertView,
    ChainView,
    EchelonView,
    LinkView,
    RosterView,
    ShiftView,
)
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, notice, status

US = "alpha.example/comity/2026"
ROSTER = RosterView(
    chain=[
        EchelonView(role="duty officer", present=["A. Levi"]),
        EchelonView(role="chief", present=[]),
    ],
    shifts=[
        ShiftView(
            role="duty officer",
            person="A. Levi",
            start="2030-01-01T10:00:00Z",
            until=None,
            now=True,
        ),
        ShiftView(
            role="chief", person="C. Katz", start="2030-01-01T10:00:00Z", until=None, now=False
        ),
        ShiftView(
            role="chief",
            person="B. Cohen",
            start="2030-01-01T18:00:00Z",
            until="2030-01-02T06:00:00Z",
            now=False,
        ),
    ],
    away=["C. Katz"],
)
ALERT = AlertView(
    id="1" * 64,
    about=NOTICE,
    party=PEER,
    kind=WatchKind.NOTICE,
    step=ChainStep.SEEN,
    level=1,
    role="chief",
    persons=["C. Katz"],
    reason="not seen by our people since 2030-01-01T10:00:00Z",
    ground="by clause receipts of flight-safety, version 1, receipt_seen_us is 1 min",
    floor=False,
    due="2030-01-01T10:01:00Z",
    at="2030-01-01T10:01:00Z",
    leaf="2" * 64,
    cleared="2030-01-01T10:02:00Z",
)


def link(step: ChainStep, by: str = US, **more: object) -> LinkView:
    whole: dict[str, object] = {
        "step": step,
        "by": by,
        "done": False,
        "late": False,
        "at": None,
        "other": None,
        "due": None,
        "ground": "",
        "leaf": None,
    }
    return LinkView(**(whole | more))  # type: ignore[arg-type]


CHAIN = ChainView(
    about=NOTICE,
    party=PEER,
    kind=WatchKind.NOTICE,
    watched=True,
    steps=[
        link(ChainStep.SENT, PEER, done=True, at="2030-01-01T09:59:59Z"),
        link(
            ChainStep.SEEN,
            done=True,
            late=True,
            at="2030-01-01T10:02:00Z",
            due="2030-01-01T10:01:00Z",
            ground="by clause receipts of flight-safety, version 1, receipt_seen_us is 1 min",
        ),
        link(ChainStep.READ_BACK, late=True, due="2030-01-01T10:02:00Z"),
        link(ChainStep.RELAYED, due="2030-01-01T10:03:00Z"),
    ],
    alerts=[ALERT],
)


@pytest.fixture
def known(node: StandIn) -> None:
    node.lists("notices", [notice()])
    node.says("GET", f"notices/{NOTICE}", notice())
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))
    for what in ("chain", "shifts", "leaves", "presence"):
        node.says("POST", f"roster/{what}", as_json(ROSTER), 201)
    node.says("GET", "roster", as_json(ROSTER))


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("typed", "path", "sent"),
    [
        (
            "set 'duty officer' alternate",
            "chain",
            {"roles": ["duty officer", "alternate"]},
        ),
        ("clear", "chain", {"roles": []}),
        (
            "take chief --person Katz",
            "shifts",
            {"role": "chief", "person": "Katz", "start": None, "until": None},
        ),
        (
            "take chief --person Katz --from +1h --until 2030-01-01T20:00:00Z",
            "shifts",
            {
                "role": "chief",
                "person": "Katz",
                "start": "2030-01-01T11:00:00Z",
                "until": "2030-01-01T20:00:00Z",
            },
        ),
        ("leave chief --person Katz", "leaves", {"role": "chief", "person": "Katz"}),
        ("away --person Katz", "presence", {"person": "Katz", "present": False}),
        ("back --person Katz", "presence", {"person": "Katz", "present": True}),
    ],
)
def test_a_change_is_sent_as_it_was_typed(
    node: StandIn, ask: Comity, typed: str, path: str, sent: Json
) -> None:
    words = typed.replace("'duty officer'", "duty_officer").split()
    found = ask("hotline", "roster", *(word.replace("_", " ") for word in words))
    assert found.code == 0, found.err
    assert (node.last.path, node.last.body) == (f"/api/v1/roster/{path}", sent)
    assert "duty officer: A. Levi" in found.out


@pytest.mark.usefixtures("known")
def test_a_moment_without_its_zone_is_wrong_use(node: StandIn, ask: Comity) -> None:
    answer = ask("hotline", "roster", "take", "chief", "--person", "K", "--until", "20:00")
    assert answer.code == ExitCode.USAGE
    assert all(asked.method == "GET" for asked in node.script.asked)


@pytest.mark.usefixtures("known")
def test_who_is_missing_is_seen_at_once(node: StandIn, ask: Comity) -> None:
    out = ask("hotline", "roster", "show").out
    rows = [line.split() for line in out.splitlines()]
    assert ["alternates", "chief:", "NOBODY", "IS", "PRESENT"] in rows
    assert [row[-1] for row in rows if row[:1] == ["chief"]] == ["AWAY", "come"]
    node.says("GET", "roster", as_json(RosterView(chain=[], shifts=[], away=[])))
    assert "no roster is set" in ask("hotline", "roster", "show").out
    assert ask("hotline", "roster", "show", "--json").json() == {
        "chain": [],
        "shifts": [],
        "away": [],
    }


@pytest.mark.usefixtures("known")
def test_a_chain_shows_what_is_late(node: StandIn, ask: Comity) -> None:
    node.lists(f"chains/{NOTICE}", [as_json(CHAIN)])
    out = ask("hotline", "chain", NOTICE[:8]).out
    rows = {line.split()[0]: line for line in out.splitlines() if line}
    assert out.splitlines()[0] == f"{NOTICE[:12]} from bravo"
    assert rows["sent"].endswith("done")
    assert rows["seen"].endswith("late")
    assert rows["read-back"].endswith("OVERDUE")
    assert rows["relayed"].endswith("open")
    assert "receipt_seen_us is 1 min" in out
    assert "chief: C. Katz" in out
    assert "until 2030-01-01T10:02:00Z" in out


@pytest.mark.usefixtures("known")
def test_a_notice_is_shown_with_its_chain(node: StandIn, ask: Comity) -> None:
    node.lists(f"chains/{NOTICE}", [as_json(CHAIN)])
    node.says("GET", f"notices/{NOTICE}", notice())
    node.lists("conflicts?live=true", [])
    out = ask("notice", "show", NOTICE[:8]).out
    chain = out[out.index("receipt chain") :]
    rows = {line.split()[1]: line for line in chain.splitlines() if line.startswith("bravo ")}
    assert list(rows) == [step.step for step in CHAIN.steps]
    assert rows["read-back"].endswith("OVERDUE")
    assert "receipt chain" in out


@pytest.mark.usefixtures("known")
def test_nobody_has_to_be_alerted(node: StandIn, ask: Comity) -> None:
    node.lists("alerts", [])
    assert ask("hotline", "alerts").out == "nobody has to be alerted\n"
    node.lists("alerts", [as_json(ALERT)])
    assert "alternates" in ask("hotline", "alerts").out
    assert ask("hotline", "alerts", "--json").json() == [as_json(ALERT)]


@pytest.mark.usefixtures("known")
def test_whom_to_alert_now_is_a_line_for_each_thing_at_its_highest_level(
    node: StandIn, ask: Comity
) -> None:
    first = replace(ALERT, level=0, role="Duty-Officer", persons=[])
    last = replace(ALERT, level=3, role="witness", persons=[], about="5" * 64)
    ended = replace(last, kind=WatchKind.END, about="6" * 64)
    alerts = [first, ALERT, replace(first, about="5" * 64), last, ended]
    alerts.append(replace(first, about="7" * 64))
    node.lists("alerts", map(as_json, alerts))
    out = ask("hotline", "alerts").out
    lines = out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [NOTICE[:12], *(12 * n for n in "567")]
    assert "chief: NOBODY IS PRESENT" in lines[0]  # who held it then is away by now
    assert "bravo was told that nobody answers" in lines[1]
    assert "it is on record that nobody ended it" in lines[2]
    assert "Duty-Officer: A. Levi" in lines[3]
    assert "witness" not in out


@pytest.mark.usefixtures("known")
def test_a_chain_that_nobody_watches_says_why(node: StandIn, ask: Comity) -> None:
    node.lists(f"chains/{NOTICE}", [as_json(replace(CHAIN, watched=False))])
    before = "(nobody is alerted of this: nobody has been on duty since it came or went)"
    assert before in ask("hotline", "chain", NOTICE[:8]).out
    node.says("GET", "roster", as_json(RosterView(chain=[], shifts=[], away=[])))
    assert "(nobody is alerted of this: no roster is set)" in (
        ask("hotline", "chain", NOTICE[:8]).out
    )


@pytest.mark.usefixtures("known")
def test_a_role_that_stands_in_no_chain_is_taken_with_a_warning(ask: Comity) -> None:
    slip = ask("hotline", "roster", "take", "alternat", "--person", "K")
    assert slip.code == 0
    assert slip.err == (
        "warning: 'alternat' is not in the chain; nobody is alerted by it "
        "(chain: duty officer, chief)\n"
    )
    assert not ask("hotline", "roster", "take", "Duty-Officer", "--person", "K").err


@pytest.mark.usefixtures("known")
def test_who_answers_may_be_named(
    node: StandIn, ask: Comity, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = AnswerView(
        of=NOTICE,
        by=US,
        step=Step.SEEN,
        role="chief",
        at="2030-01-01T10:00:00Z",
        reason=None,
        check=None,
    )
    node.says("POST", f"notices/{NOTICE}/answers", as_json(view), 201)
    monkeypatch.setenv("COMITY_PERSON", "C. Katz")
    assert ask("ack", "seen", NOTICE, "--role", "chief").code == 0
    assert isinstance(node.last.body, dict)
    assert (node.last.body["role"], node.last.body["person"]) == ("chief", "C. Katz")
