"""`comity hotline voice`: what is read out for what is held, and what is said of what was heard."""

from pathlib import Path
from typing import Any

import pytest

from comity.cli.exit_codes import ExitCode
from comity.hotline.voice import short_id
from comity.model.answer import Reason, Step
from comity.model.notice import Code, Craft, Domain, Onward, Purpose, SubjectKind
from comity.model.quantity import Position, instant_us
from comity.model.request import Decision, DeclineReason, Wanted
from comity.model.verdict import VerdictWord
from comity.model.voice import (
    AreaKind,
    VoiceAnswer,
    VoiceArea,
    VoiceFields,
    VoiceMessage,
    VoiceMove,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
from comity.web.api.shapes import AnswerView, AssessmentView, CallView, Footprint, Volume
from comity.web.api.shapes_agreements import ToldView
from comity.web.api.shapes_requests import ReplyView, RequestView
from comity.wire.canonical import Json
from comity.wire.voice_text import groups_in, spelled
from comity.wire.voice_v1 import read_voice, voice_groups
from tests.cli.stand_in import (
    FIELDS,
    NOTICE,
    PEER,
    Comity,
    StandIn,
    as_json,
    delivery,
    make_home,
    notice,
    party,
    status,
)
from tests.model.voice_samples import circle_notice

US = "alpha.example/comity/2026"
OTHER = "charlie.example/comity/2026"
REQUEST = "77aa10c2e5d4" + "0" * 52
COARSE = "c0" * 32
GROUPS = voice_groups(circle_notice())
POINT = VoiceReadBack(
    fields=VoiceFields(
        of=short_id(NOTICE),
        start_us=instant_us(FIELDS.start),
        end_us=instant_us(FIELDS.end),
        lower_mm=0,
        upper_mm=6_096_000,
        area=VoiceArea(
            kind=AreaKind.POINTS,
            points=(Position(lat_e7=355_000_000, lon_e7=357_000_000),),
            of=1,
        ),
    )
)


def bent(view: Json, **changes: Json) -> Json:
    assert isinstance(view, dict)
    return view | changes


def told(to: str, radius_m: float, id_: str) -> Json:
    volume = Volume(
        footprint=Footprint(centre=(35.5, 35.7), radius_m=radius_m),
        lower_m=0.0,
        upper_m=6096.0,
        start=FIELDS.start,
        end=FIELDS.end,
    )
    return as_json(
        ToldView(
            to=to,
            step=2,
            step_name="area",
            ground="",
            id=id_,
            content="",
            kind=SubjectKind.OPERATION,
            name="",
            purpose=Purpose.TRAINING,
            domain=Domain.AIR,
            craft=Craft.UAV,
            onward=Onward.NONE,
            volumes=[volume],
            picture="",
        )
    )


def own(**changes: Json) -> Json:
    """A notice of ours, told to bravo whole and to charlie coarsely."""
    deliveries = [
        bent(as_json(delivery()), to=PEER, known_as=NOTICE),
        bent(as_json(delivery()), to=OTHER, known_as=COARSE),
    ]
    return bent(notice(), owner=US, deliveries=deliveries, **changes)


def request(*replies: ReplyView) -> Json:
    return as_json(
        RequestView(
            id=REQUEST,
            of=NOTICE,
            asker=US,
            asked=PEER,
            wanted=Wanted.CLOSE,
            by="2030-01-01T10:20:00Z",
            words="",
            at="2030-01-01T10:00:00Z",
            due=None,
            ground="",
            unanswered=False,
            decision=None,
            replies=[*replies],
            delivered=None,
            verdict=None,
        )
    )


DECLINED = ReplyView(
    id="0" * 64,
    decision=Decision.DECLINED,
    role="supervisor",
    reason=DeclineReason.TRAFFIC,
    standby_minutes=None,
    words="",
    at="2030-01-01T10:02:00Z",
)


@pytest.fixture
def theirs(node: StandIn) -> None:
    node.lists("notices", [notice()])
    node.lists("requests", [])
    node.lists("messages", [])
    node.lists("parties", [as_json(party())])
    node.says("GET", "status", status())


@pytest.fixture
def ours(node: StandIn) -> None:
    node.lists("notices", [own()])
    node.lists("requests", [request(DECLINED)])
    node.lists("messages", [])
    node.lists("parties", [as_json(party())])
    node.says("GET", "status", status())
    pages = [told(PEER, 10_000.0, NOTICE), told(OTHER, 40_000.0, COARSE)]
    node.lists(f"notices/{NOTICE}/told", pages)


def sayings(ask: Comity, *words: str | Path) -> list[dict[str, Any]]:
    """What is to be said, a message each."""
    found: Any = ask("hotline", "voice", *words, "--json").json()
    return [*found]


def read(answer: str) -> VoiceMessage:
    """The message in what was printed."""
    lines = [line for line in answer.splitlines() if line[:2].strip().isdigit()]
    return read_voice(groups_in("\n".join(lines))).message


@pytest.mark.usefixtures("theirs")
def test_a_notice_is_said_in_numbered_groups(ask: Comity) -> None:
    answer = ask("hotline", "voice", NOTICE[:6])
    assert answer.code == 0
    assert "bravo: 15 groups" in answer.out
    assert f" 1  {' '.join(GROUPS[:5])}\n 6  {' '.join(GROUPS[5:10])}\n" in answer.out
    assert "circle of 10000 m about 35.5000000,35.7000000" in answer.out
    assert "Saying it records nothing" in answer.out
    assert read(answer.out) == circle_notice().message


@pytest.mark.usefixtures("theirs")
def test_spelling_words_stand_a_group_a_line(ask: Comity) -> None:
    answer = ask("hotline", "voice", NOTICE[:6], "--spell")
    assert f" 7  {spelled(GROUPS[6])}\n" in answer.out
    assert read(answer.out) == circle_notice().message


@pytest.mark.usefixtures("ours")
def test_a_notice_of_ours_is_said_as_each_was_told_it(ask: Comity) -> None:
    said = sayings(ask, NOTICE[:6])
    both = said
    assert [each["parties"] for each in both] == [[PEER], [OTHER]]
    assert tuple(both[0]["groups"]) == GROUPS
    coarse: Any = read_voice(both[1]["groups"]).message
    assert coarse.fields.area.radius_mm == 40_000_000
    assert coarse.fields.of.hex() == COARSE[:10]
    assert sayings(ask, COARSE[:8], "--to", "bravo") == both[:1]


@pytest.mark.usefixtures("ours")
def test_what_was_given_to_nobody_is_not_said(node: StandIn, ask: Comity) -> None:
    node.lists("notices", [bent(own(), deliveries=[])])
    node.lists(f"notices/{NOTICE}/told", [])
    answer = ask("hotline", "voice", NOTICE[:6])
    assert answer.code == ExitCode.REFUSED
    assert "not_known_there" in answer.err


@pytest.mark.usefixtures("theirs")
def test_what_no_group_carries_is_said_beside_them(node: StandIn, ask: Comity) -> None:
    view: Any = notice()
    volume = view["volumes"][0] | {"uncertainty_lateral_m": 150.0, "uncertainty_time_s": 30.0}
    node.lists("notices", [bent(view, volumes=[volume, volume])])
    answer = ask("hotline", "voice", NOTICE[:6])
    assert "NOT SAID: each of the 2 volumes' own area, heights and times" in answer.out
    assert "NOT SAID: volume 2 may be off by 150 m, in height by 0 m, in time by 30 s" in answer.out
    line = {"line": [[35.5, 35.7], [35.6, 35.9]], "half_width_m": 900.0}
    ring = {"polygon": [[35.0, 35.0], [35.0, 36.0], [36.0, 35.5]]}
    hole = {"holes": [[[35.2, 35.3], [35.2, 35.6], [35.5, 35.5]]]}
    for place, said in (
        (line, "volume 1 is a corridor along 2 points, half-width 900 m"),
        (ring | hole, "volume 1 is without 1 holes in it"),
    ):
        node.lists("notices", [bent(view, volumes=[view["volumes"][0] | {"footprint": place}])])
        assert f"NOT SAID: {said}" in ask("hotline", "voice", NOTICE[:6]).out


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(
    ("words", "shown", "said"),
    [
        (
            ("--answer", "wilco"),
            "wilco: understood, not approved",
            VoiceAnswer(step=Step.WILCO, of=short_id(NOTICE)),
        ),
        (
            ("--answer", "unable", "--reason", "low-fuel"),
            "not approved; low-fuel",
            VoiceAnswer(step=Step.UNABLE, of=short_id(NOTICE), reason=Reason.LOW_FUEL),
        ),
        (("--answer", "read-back"), "first point of volume 1", POINT),
    ],
)
def test_answers_are_said(
    ask: Comity, words: tuple[str, ...], shown: str, said: VoiceMessage
) -> None:
    answer = ask("hotline", "voice", NOTICE[:6], *words)
    assert answer.code == 0
    assert shown in answer.out
    assert NOTICE[:10] in answer.out
    assert read(answer.out) == said


@pytest.mark.usefixtures("ours")
def test_moves_and_requests_are_said(ask: Comity) -> None:
    moved = ask("hotline", "voice", NOTICE[:6], "--to", "bravo", "--move", "end", "--at", "now")
    at_us = instant_us("2030-01-01T10:00:00Z")
    assert read(moved.out) == VoiceMove(code=Code.END, of=short_id(NOTICE), at_us=at_us)
    said = sayings(ask, REQUEST[:6])
    assert [read_voice(each["groups"]).message for each in said] == [
        VoiceRequest(
            id=short_id(REQUEST),
            of=short_id(NOTICE),
            wanted=Wanted.CLOSE,
            by_us=instant_us("2030-01-01T10:20:00Z"),
        ),
        VoiceReply(of=short_id(REQUEST), decision=Decision.DECLINED, reason=DeclineReason.TRAFFIC),
    ]


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(
    "words",
    [
        (),
        (NOTICE, NOTICE),
        (NOTICE, "--offline"),
        (NOTICE, "--account", "bravo"),
        (NOTICE, "--move", "end"),
        (NOTICE, "--reason", "low-fuel"),
        (NOTICE, "--answer", "wilco", "--reason", "low-fuel"),
        (NOTICE, "--answer", "approved"),
        ("--read", NOTICE, "--answer", "wilco"),
    ],
)
def test_wrong_use_is_said(ask: Comity, words: tuple[str, ...]) -> None:
    answer = ask("hotline", "voice", *words)
    assert answer.code in {ExitCode.USAGE, ExitCode.BAD_INPUT}
    assert not answer.out


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("digits", ["000000", "zz"])
def test_an_id_that_names_nothing_is_refused(ask: Comity, digits: str) -> None:
    assert ask("hotline", "voice", digits).code in {ExitCode.REFUSED, ExitCode.BAD_INPUT}


# What was heard


def heard(ask: Comity, *words: str, groups: tuple[str, ...] = GROUPS) -> dict[str, Any]:
    found = ask("hotline", "voice", "--read", *words, "--json", *groups).json()
    assert isinstance(found, dict)
    return found


@pytest.mark.usefixtures("theirs")
def test_what_was_heard_agrees_with_what_is_held(ask: Comity) -> None:
    found = heard(ask)
    assert (found["held"], found["id"], found["differs"]) == ("agrees", NOTICE, [])
    assert "AGREES with what is held here" in ask("hotline", "voice", "--read", *GROUPS).out
    typed = ask("hotline", "voice", "--read", stdin="\n".join(map(spelled, GROUPS)))
    assert "AGREES" in typed.out


@pytest.mark.usefixtures("ours")
def test_ours_agrees_as_it_was_told_to_each(ask: Comity) -> None:
    said = sayings(ask, NOTICE[:6])
    for each in said:
        assert heard(ask, groups=tuple(each["groups"]))["held"] == "agrees"


@pytest.mark.usefixtures("ours")
def test_it_is_found_by_the_declaration_that_the_other_party_knows(
    node: StandIn, ask: Comity
) -> None:
    """Charlie was told coarsely, under an id that no list here shows, and it has begun since."""
    pages = [told(PEER, 10_000.0, NOTICE), told(OTHER, 40_000.0, "d1" * 32)]
    node.lists(f"notices/{NOTICE}/told", pages)
    node.lists("notices", [own(notice="5a" * 32, state="active")])
    (said,) = sayings(ask, NOTICE[:6])[1:]
    assert said["says"]["notice"] == "d1d1d1d1d1..."
    assert heard(ask, groups=tuple(said["groups"]))["held"] == "agrees"
    assert heard(ask)["held"] == "agrees"


@pytest.mark.usefixtures("theirs")
def test_every_field_that_differs_is_named(node: StandIn, ask: Comity) -> None:
    view: Any = notice()
    volume = view["volumes"][0] | {
        "footprint": as_json(Footprint(centre=(35.5, 35.8), radius_m=10_000.0)),
        "start": "2030-01-01T10:00:00.000001Z",
        "upper_m": 6000.0,
    }
    node.lists("notices", [bent(view, volumes=[volume])])
    found = heard(ask)
    assert found["held"] == "differs"
    assert found["differs"] == [
        "start: 2030-01-01T10:00:00Z was said, 2030-01-01T10:00:00Z + 1 us is held here",
        "upper height: 6096 m was said, 6000 m is held here",
        "point 1 is 9,072.9 m from the one held here",
    ]
    assert "DIFFERS from what is held here" in ask("hotline", "voice", "--read", *GROUPS).out


@pytest.mark.parametrize("us", ["alpha", "alpha.example/comity/2026"])
def test_what_was_heard_is_no_account_of_our_own(node: StandIn, ask: Comity, us: str) -> None:
    answer = ask("hotline", "voice", "--read", *GROUPS, "--account", us)
    assert answer.code == ExitCode.USAGE
    assert "that is us" in answer.err
    assert [asked for asked in node.script.asked if asked.method == "POST"] == []


@pytest.mark.usefixtures("theirs")
def test_what_is_not_held_is_an_account_of_a_call(node: StandIn, ask: Comity) -> None:
    node.lists("notices", [])
    assert heard(ask)["held"] == "not-held"
    assert "NOT HELD HERE" in ask("hotline", "voice", "--read", *GROUPS).out
    worth = AssessmentView(
        lead_s=None,
        time_to_clear_s=None,
        terms_s=None,
        unable=None,
        clear_needs_s=None,
        verdict=VerdictWord.UNKNOWN,
        reason="",
        for_presence=None,
    )
    call = CallView(
        id="ca" * 32,
        other="bravo",
        account_of="watch",
        words="",
        received=None,
        start=None,
        area_stated=True,
        filed=FIELDS.start,
        assessment=worth,
    )
    node.says("POST", "calls", as_json(call), 201)
    found = heard(ask, "--account", "bravo", "--role", "watch")
    assert found["call"] == "ca" * 32
    assert node.last.body == {
        "other": "bravo",
        "account_of": "watch",
        "words": f"voice form: {' '.join(GROUPS)}",
        "received": "2030-01-01T10:00:00Z",
        "start": FIELDS.start,
        "area_stated": True,
    }


@pytest.mark.usefixtures("theirs")
def test_two_that_begin_alike_are_not_guessed(node: StandIn, ask: Comity) -> None:
    node.lists("notices", [notice(), notice(NOTICE[:10] + "f" * 54)])
    assert heard(ask)["held"] == "ambiguous"


@pytest.mark.usefixtures("ours")
def test_answers_moves_and_requests_are_compared(node: StandIn, ask: Comity) -> None:
    said = sayings(ask, REQUEST[:6])
    for each in said:
        assert heard(ask, groups=tuple(each["groups"]))["held"] == "agrees"
    other = bent(request(), by="2030-01-01T10:30:00Z")
    node.lists("requests", [other])
    asked, replied = (heard(ask, groups=tuple(each["groups"])) for each in said)
    assert asked["differs"] == [
        "by: 2030-01-01T10:20:00Z was said, 2030-01-01T10:30:00Z is held here"
    ]
    assert replied["differs"] == ["no reply to that request is held here"]
    (move, _) = sayings(ask, NOTICE[:6], "--move", "start")
    assert heard(ask, groups=tuple(move["groups"]))["differs"] == [
        "held here it is declared, and START would make it active"
    ]
    node.lists("notices", [own(state="active")])
    assert heard(ask, groups=tuple(move["groups"]))["held"] == "agrees"


@pytest.mark.usefixtures("theirs")
def test_an_answer_is_looked_for_among_those_recorded(node: StandIn, ask: Comity) -> None:
    (said,) = sayings(ask, NOTICE[:6], "--answer", "wilco")
    groups = tuple(said["groups"])
    assert heard(ask, groups=groups)["held"] == "differs"
    recorded = AnswerView(
        of=NOTICE, by=US, step=Step.WILCO, role="watch", at=FIELDS.start, reason=None, check=None
    )
    node.lists("notices", [bent(notice(), answers=[as_json(recorded)])])
    assert heard(ask, groups=groups)["held"] == "agrees"


def test_groups_are_read_where_no_node_runs(comity: Comity) -> None:
    answer = comity("hotline", "voice", "--read", "--offline", *GROUPS)
    assert answer.code == 0
    assert "15, all check" in answer.out
    assert "Not compared" in answer.out
    found: Any = comity("hotline", "voice", "--read", "--offline", "--json", *GROUPS).json()
    assert [*found] == ["groups", "says"]
    assert found["says"]["area"] == "circle of 10000 m about 35.5000000,35.7000000"
    recorded = comity("hotline", "voice", "--read", "--offline", "--account", "b", *GROUPS)
    assert recorded.code == ExitCode.USAGE


def test_the_wrong_group_is_named(comity: Comity) -> None:
    wrong = [*GROUPS[:6], "AAAAA", *GROUPS[7:]]
    answer = comity("hotline", "voice", "--read", "--offline", *wrong)
    assert answer.code == ExitCode.BAD_INPUT
    assert "group 7 does not check: ask for it again (voice_check)" in answer.err


@pytest.mark.usefixtures("theirs")
def test_an_exercise_says_so_and_stays_there(
    node: StandIn, comity: Comity, ask: Comity, tmp_path: Path
) -> None:
    drill = make_home(tmp_path / "drill", node.address, exercise="spring-1")
    node.lists("notices", [bent(notice(), owner=f"{PEER}/exercise/spring-1")])
    (said,) = sayings(comity, NOTICE[:6], "--home", drill.path)
    assert said["says"]["EXERCISE"] == "this is an exercise"
    answer = ask("hotline", "voice", "--read", *said["groups"])
    assert answer.code == ExitCode.REFUSED
    assert "exercise_mismatch" in answer.err
    other = comity("hotline", "voice", "--read", *GROUPS, "--home", drill.path)
    assert "exercise_mismatch" in other.err
