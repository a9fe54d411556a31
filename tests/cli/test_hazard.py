"""`comity hazard`: what is sent, and that reports stand side by side under the owner's own word."""

import msgspec
import pytest

from comity.cli.exit_codes import ExitCode
from comity.model.notice import Confidence, SubjectKind
from comity.model.report import Stance
from comity.web.api.shapes import HazardBasis, NoticeView, ReportView
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json, notice, status

US = "alpha.example/comity/2026"


def report(by: str, stance: Stance, source: str) -> ReportView:
    return ReportView(
        id="0" * 64,
        by=by,
        stance=stance,
        source=source,
        confidence=Confidence.PROBABLE,
        volumes=[],
        at="2030-01-01T09:10:00Z",
        to=[PEER],
    )


def hazard(*reports: ReportView, expires: str = "2030-01-01T12:00:00Z") -> Json:
    basis = HazardBasis(source="a NOTAM", confidence=Confidence.CONFIRMED, expires=expires)
    view = msgspec.convert(notice(), NoticeView)
    return as_json(
        msgspec.structs.replace(view, kind=SubjectKind.HAZARD, basis=basis, reports=[*reports])
    )


REPORTS = (
    report(US, Stance.CONTRADICTS, "own patrol"),
    report(PEER, Stance.SUPPORTS, "a second post"),
)


def test_a_hazard_is_shown_with_all_reports_in_their_order(node: StandIn, ask: Comity) -> None:
    node.says("GET", f"notices/{NOTICE}", hazard(*REPORTS))
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))
    answer = ask("hazard", "show", NOTICE)
    assert answer.code == 0
    lines = answer.out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("party"))
    assert [line.split()[:3] for line in lines[start + 1 : start + 4]] == [
        ["bravo", "declares", "confirmed"],
        ["alpha", "contradicts", "probable"],
        ["bravo", "supports", "probable"],
    ]
    assert "No report decides" in answer.out
    assert "LAPSED" not in answer.out
    assert "own patrol" in ask("notice", "show", NOTICE).out


def test_a_lapsed_hazard_says_so(node: StandIn, ask: Comity) -> None:
    node.says("GET", f"notices/{NOTICE}", hazard(expires="2030-01-01T10:00:00Z"))
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))
    answer = ask("hazard", "show", NOTICE)
    assert "LAPSED at 2030-01-01T10:00:00Z: it stands in no conflict any more." in answer.out
    assert "No report decides" not in answer.out


def test_what_is_no_hazard_is_shown_elsewhere(node: StandIn, ask: Comity) -> None:
    node.says("GET", f"notices/{NOTICE}", notice())
    answer = ask("hazard", "show", NOTICE)
    assert answer.code == ExitCode.USAGE
    assert "see comity notice show" in answer.err


def test_a_report_is_sent_as_it_was_typed(node: StandIn, ask: Comity) -> None:
    path = f"notices/{NOTICE}/reports"
    node.says("POST", path, as_json(REPORTS[0]), 201)
    words = ("--stance", "contradicts", "--source", "own patrol", "--to", "bravo")
    answer = ask("hazard", "report", NOTICE, *words, "--confidence", "probable")
    assert answer.code == 0
    assert node.last.body == {
        "stance": "contradicts",
        "source": "own patrol",
        "confidence": "probable",
        "to": ["bravo"],
        "volumes": [],
    }
    assert "contradicts, probable: recorded at 2030-01-01T09:10:00Z, given to bravo" in answer.out
    assert "It decides nothing" in answer.out
    area = ("--circle", "35.5,35.9,3km", "--heights", "0m..3000m")
    times = ("--start", "2030-01-01T10:00:00Z", "--end", "+2h")
    more = ("--stance", "narrows", "--source", "own post")
    assert ask("hazard", "report", NOTICE, *more, *area, *times).code == 0
    body = node.last.body
    assert isinstance(body, dict)
    assert (body["confidence"], body["to"]) == ("possible", [])
    [volume] = body["volumes"] if isinstance(body["volumes"], list) else []
    assert isinstance(volume, dict)
    assert (volume["upper_m"], volume["end"]) == (3000.0, "2030-01-01T12:00:00Z")


@pytest.mark.parametrize(
    "words",
    [
        ("--stance", "denies", "--source", "x"),
        ("--stance", "supports"),
        ("--stance", "narrows", "--source", "x", "--circle", "35.5,35.9,3km"),
    ],
)
def test_a_slip_is_wrong_use(ask: Comity, words: tuple[str, ...]) -> None:
    assert ask("hazard", "report", NOTICE, *words).code == ExitCode.USAGE
