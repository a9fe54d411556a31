"""Agreements, requests and reports in a scenario: read, checked, made into what nodes take."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from comity.agreement.resolve import Case, Rules, book_of_text
from comity.exercise.accord import accord_text
from comity.exercise.answers import Accord, Reply, Report, Request
from comity.exercise.flaw import BadScenario
from comity.exercise.load import find, read
from comity.exercise.plan import moments_of
from comity.exercise.report_said import said_parts
from comity.exercise.scenario import Scenario
from comity.exercise.summary import variant_summary
from comity.model.notice import Domain, SubjectKind
from comity.wire.agreement_v1 import parse_agreement
from comity.wire.canonical import Json
from tests.exercise.recorded import ACTIVITY, ORIGINS, RECORD

Written = Callable[[str], Path]
SHIPPED = find("northern-shield").read_text(encoding="utf-8")
MINUTE_US = 60_000_000


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read(find("northern-shield"))


def text_of(scenario: Scenario) -> str:
    origins = {party.id: f"{party.id}.example/comity/2018/exercise/x" for party in scenario.parties}
    moments = moments_of(scenario, scenario.variants[0])
    return accord_text(scenario.accord("line-works"), origins, moments)


def test_an_agreement_becomes_the_text_that_nodes_sign(scenario: Scenario) -> None:
    agreement = parse_agreement(text_of(scenario))
    assert [origin.split(".")[0] for origin in agreement.principals] == ["force", "other", "works"]
    assert agreement.from_us == 1_544_499_000_000_000  # 05:30, two hours east of Greenwich
    rules = Rules(books=(book_of_text(text_of(scenario)),))
    digging = Case(kind=SubjectKind.OPERATION, domain=Domain.GROUND)
    assert rules.value("lead_short_notice_us", digging) == 30 * MINUTE_US
    assert rules.value("lead_short_notice_us", Case(kind=SubjectKind.OPERATION)) == 10 * MINUTE_US
    assert rules.value("clearance_lateral_mm") == 500_000
    assert rules.value("request_answer_us") == 10 * MINUTE_US


def test_names_and_numbers_are_set_as_texts(written: Written) -> None:
    spoilt = SHIPPED.replace(
        'set = { request_answer = "10m" }',
        'set = { disclosure_step = "area", register_reads_max = "20" }',
    )
    rules = Rules(books=(book_of_text(text_of(read(written(spoilt)))),))
    assert rules.value("disclosure_step") == 2
    assert rules.value("register_reads_max") == 20


@pytest.mark.parametrize(
    ("old", "new", "path", "word"),
    [
        ('request_answer = "10m"', 'request_reply = "10m"', "agreements[0]", "request_reply"),
        ('request_answer = "10m"', 'request_answer = "2h"', "agreements[0]", "no agreement may"),
        ('request_answer = "10m"', 'disclosure_step = "all"', "agreements[0]", "caution"),
        ('kinds = ["operation"]', 'kinds = ["mission"]', "agreements[0]", "operation, hazard"),
        ('principals = ["works", "other", "force"]', 'principals = ["works", "tower", "force"]',
         "agreements[0].principals", "not linked"),
        ('principals = ["works", "other", "force"]', 'principals = ["works", "them"]',
         "agreements[0]", "them"),
        ('with = { agreement = "line-works" }', 'with = { agreement = "another" }',
         "with.agreement", "line-works"),
        ('of = "closure", decision = "granted"', 'of = "delay", decision = "granted"',
         "with.of", "out of order"),
        ('of = "delay", decision', 'of = "closure", decision', "with.of", "no request to works"),
        ('of = "blast-one", to = "tower", wanted = "close"',
         'of = "works-west", to = "tower", wanted = "close"', "with.of", "do not both hold"),
        ('of = "blast-one", to = "tower", wanted = "close"',
         'of = "blast-one", to = "tower", wanted = "strike"', "with.wanted", "close, reopen"),
        ('of = "cavity", to = ["works", "force"]', 'of = "digging-east", to = ["works", "force"]',
         "with.of", "no hazard"),
        ('of = "cavity", to = ["works", "force"]', 'of = "cavity", to = ["tower"]',
         "with.to", "not linked"),
    ],
)  # fmt: skip
def test_each_flaw_is_named(written: Written, old: str, new: str, path: str, word: str) -> None:
    assert old in SHIPPED
    with pytest.raises(BadScenario) as caught:
        read(written(SHIPPED.replace(old, new, 1)))
    lines = caught.value.reason.split("\n")
    assert any(path in line and word in line for line in lines), lines


# --- what the nodes showed -----------------------------------------------------------------------


def said(asker: str, asked: str, *decisions: str) -> Request:
    replies = tuple(
        Reply(decision=each, role="supervisor", reason=None, at="2018-09-17T18:30:00Z")
        for each in decisions
    )
    return Request(
        id="d" * 64,
        asker=ORIGINS[asker],
        asked=ORIGINS[asked],
        wanted="close",
        by="2018-09-17T18:40:00Z",
        at="2018-09-17T18:25:00Z",
        unanswered=not decisions,
        decision=decisions[-1] if decisions else None,
        replies=replies,
    )


def report(by: str, stance: str) -> Report:
    return Report(
        by=ORIGINS[by],
        stance=stance,
        source="own post",
        confidence="possible",
        at="2018-09-17T18:26:00Z",
    )


def summary(alphas: Request, bravos: Request | None) -> dict[str, Json]:
    alpha, bravo, host = RECORD.parties
    noticed = replace(
        alpha.notices[0],
        flags=("short_notice",),
        grounds=("by clause a",),
        reports=(report("host", "contradicts"), report("bravo", "supports")),
    )
    accord = Accord(name="peace", version=1, state="in-force", missing=())
    parties = (
        replace(alpha, requests=(alphas,), notices=(noticed,), accords=(accord,)),
        replace(bravo, requests=(bravos,) if bravos else ()),
        host,
    )
    labels = RECORD.labels | {"d" * 64: "alpha/closure"}
    return variant_summary(replace(RECORD, parties=parties, labels=labels), None)


def test_a_request_stands_once_with_who_shows_what() -> None:
    found = summary(said("alpha", "bravo", "standby", "granted"), said("alpha", "bravo"))
    [request] = found["requests"] if isinstance(found["requests"], list) else []
    assert isinstance(request, dict)
    assert (request["id"], request["asker"], request["asked"]) == (
        "alpha/closure",
        "alpha",
        "bravo",
    )
    assert (request["decision"], request["unanswered"]) == ("granted", False)
    assert request["shown_by"] == [
        {"party": "alpha", "decision": "granted"},
        {"party": "bravo", "decision": None},
    ]
    [text] = [part for part in said_parts(found, str) if "Requests" in part]
    assert "alpha asks bravo: close" in text
    assert "granted and none yet" in text  # what the two nodes show is not the same
    silent = said_parts(summary(said("alpha", "bravo"), None), str)[0]
    assert "**unanswered**" in silent


def test_reports_stand_in_the_order_of_their_arrival_at_each_node() -> None:
    found = summary(said("alpha", "bravo"), None)
    assert found["reports"] == [
        {
            "of": "alpha/activity",
            "at_node": "alpha",
            "by": by,
            "stance": stance,
            "confidence": "possible",
            "source": "own post",
            "at": "2018-09-17T18:26:00Z",
        }
        for by, stance in (("host", "contradicts"), ("bravo", "supports"))
    ]
    [text] = [part for part in said_parts(found, str) if "side by side" in part]
    assert text.index("host contradicts") < text.index("bravo supports")


def test_flags_and_agreements_are_what_the_nodes_say() -> None:
    found = summary(said("alpha", "bravo"), None)
    notices = found["notices"] if isinstance(found["notices"], list) else []
    assert notices[0] == {
        "id": "alpha/activity",
        "kind": "operation",
        "state": "declared",
        "flags": ["short_notice"],
        "grounds": ["by clause a"],
    }
    assert len(notices) == 2  # each once, as its owner's node shows it
    assert found["agreements"] == [
        {"name": "peace", "version": 1, "party": "alpha", "state": "in-force", "missing": 0}
    ]
    assert ACTIVITY in RECORD.labels
