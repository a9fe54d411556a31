"""`comity agreement`: what is sent for what was typed, which one is meant, and how answers look."""

import json
from pathlib import Path

import msgspec
import pytest

from comity.cli.exit_codes import ExitCode
from comity.cli.main import VERBS, command, load
from comity.model.clause import Agreement
from comity.web.api.shapes_agreements import AccordView, RulingView, SignatureView, SuspensionView
from comity.wire.agreement_v1 import agreement_hash, agreement_text, parse_agreement
from comity.wire.canonical import Json
from tests.agreement.samples import ALPHA, BRAVO, agreement, clause
from tests.cli.stand_in import PEER, Comity, StandIn, as_json, party, status

FIRST = agreement(clause("lead", lead_short_notice_us=1_200_000_000))
TEXT = agreement_text(FIRST)
HASH = agreement_hash(TEXT).hex()
SECOND = agreement(
    clause("lead", lead_short_notice_us=5_400_000_000),
    version=2,
    previous=agreement_hash(TEXT),
)


def view(found: Agreement = FIRST, state: str = "in-force", **changes: object) -> Json:
    text = agreement_text(found)
    made = AccordView(
        hash=agreement_hash(text).hex(),
        name=found.name,
        version=found.version,
        state=state,  # type: ignore[arg-type]
        parties=[each.origin for each in found.parties],
        missing=[BRAVO] if state == "proposed" else [],
        signatures=[SignatureView(origin=ALPHA, known="2030-01-01T09:00:00Z")],
        suspensions=[],
        known="2030-01-01T09:00:00Z",
        in_force=None if state == "proposed" else "2030-01-01T09:30:00Z",
        text=text,
        note=f"{text}\n\u2014 alpha.example/comity/2026/desk AAAA\n",
    )
    return as_json(msgspec.structs.replace(made, **changes))


def ruling(**changes: object) -> Json:
    made = RulingView(
        parameter="lead_short_notice_us",
        value=1_200_000_000,
        shown="20 min",
        agreement="flight-safety",
        version=1,
        clause="lead",
        sentence="by clause lead",
    )
    return as_json(msgspec.structs.replace(made, **changes))


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "first.txt"
    path.write_text(TEXT)
    return path


# --- lint, sign, list, show ----------------------------------------------------------------------


def test_lint_ends_with_1_where_no_node_would_sign(comity: Comity, tmp_path: Path) -> None:
    path = tmp_path / "draft.txt"
    path.write_text(agreement_text(agreement(clause("x", heartbeat_us=301_000_000))))
    answer = comity("agreement", "lint", path, "--json")
    assert answer.code == ExitCode.REFUSED
    found = answer.json()
    assert isinstance(found, dict)
    assert found["sound"] is False
    assert "weaker_than_floor" in json.dumps(found)
    shown = comity("agreement", "lint", path)
    assert shown.out.startswith("1 errors, ")
    assert "no agreement may be weaker than 5 min" in shown.out


def test_lint_reads_a_pipe_and_cautions_end_with_0(comity: Comity) -> None:
    words = ("agreement", "lint", "-", "--at", "2001-01-01T00:00:00Z")
    answer = comity(*words, stdin=TEXT)
    assert answer.code == 0
    assert "0 errors, 2 cautions" in answer.out
    assert "from_has_passed" in comity("agreement", "lint", "-", stdin=TEXT).out


@pytest.mark.parametrize("data", [b"", b"hello", TEXT.encode()[:-1], b"\xff\xfe", b"x" * 60_000])
def test_what_is_no_agreement_ends_with_13(comity: Comity, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "draft.txt"
    path.write_bytes(data)
    for words in (("lint", path), ("explain", path), ("diff", path, path)):
        answer = comity("agreement", *words)
        assert answer.code == ExitCode.BAD_INPUT
        assert "Traceback" not in answer.err


def test_a_text_is_sent_as_it_lies_in_the_file(node: StandIn, ask: Comity, text: Path) -> None:
    node.says("POST", "agreements", view(state="proposed"), 201)
    answer = ask("agreement", "sign", text, "--once", "mine")
    assert (answer.code, node.last.body) == (0, {"text": TEXT})
    assert node.last.headers["Idempotency-Key"] == "mine"
    assert answer.out.startswith("flight-safety, version 1: proposed\n")
    assert "not yet by  bravo" in answer.out
    assert ask("agreement", "sign", text, "--json").json() == view(state="proposed")


def test_the_list_says_how_each_version_stands(node: StandIn, ask: Comity) -> None:
    rows = [view(state="superseded"), view(SECOND, "proposed")]
    node.lists("agreements", rows)
    head, one, other = ask("agreement", "list").out.splitlines()
    assert head.split()[:3] == ["name", "version", "state"]
    assert one.split()[:3] == ["flight-safety", "1", "superseded"]
    assert HASH[:12] in one
    assert "bravo" in other
    assert ask("agreement", "list", "--json").json() == rows


def test_one_is_shown_in_plain_words_or_to_the_byte(node: StandIn, ask: Comity) -> None:
    suspension = SuspensionView(
        by=BRAVO, reason="the line\x1b[2J", since="2030-01-01T10:00:00Z", over=None
    )
    row = view(state="suspended", suspensions=[suspension])
    node.lists("agreements", [row])
    shown = ask("agreement", "show", "flight-safety").out
    assert "flight-safety, version 1: suspended" in shown
    assert "suspended by bravo since 2030-01-01T10:00:00Z: the line?[2J" in shown
    assert "lead_short_notice_us  20 min" in shown
    assert ask("agreement", "show", HASH[:8], "--text").out == TEXT
    assert ask("agreement", "show", HASH, "--note").out.startswith(f"{TEXT}\n\u2014 alpha")
    assert ask("agreement", "show", "flight-safety@1", "--json").json() == row


# --- which one is meant --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "word", "version"),
    [
        (("in-force", "proposed"), "flight-safety", 1),
        (("superseded", "in-force"), "flight-safety", 2),
        (("superseded", "suspended"), "flight-safety", 2),
        (("over", "proposed"), "flight-safety", 2),
        (("over", "proposed"), "flight-safety@1", 1),
    ],
)
def test_a_name_means_the_version_that_counts_else_the_newest(
    node: StandIn, ask: Comity, states: tuple[str, str], word: str, version: int
) -> None:
    node.lists("agreements", [view(FIRST, states[0]), view(SECOND, states[1])])
    shown = ask("agreement", "show", word, "--text").out
    assert parse_agreement(shown).version == version


@pytest.mark.parametrize(
    "word", ["other", "flight-safety@3", "flight-safety@x", "@1", "000000", HASH[:5], ""]
)
def test_what_names_none_is_refused(node: StandIn, ask: Comity, word: str) -> None:
    node.lists("agreements", [view()])
    answer = ask("agreement", "show", word)
    assert answer.code == ExitCode.REFUSED
    assert "no_such_agreement" in answer.err


def test_two_of_one_name_are_not_guessed(node: StandIn, ask: Comity) -> None:
    twin = agreement(clause("lead", lead_short_notice_us=7))
    node.lists("agreements", [view(), view(twin)])
    answer = ask("agreement", "show", "flight-safety")
    assert answer.code == ExitCode.REFUSED
    assert "2 agreements are called flight-safety" in answer.err
    assert ask("agreement", "show", HASH[:12], "--text").out == TEXT


# --- diff, explain -------------------------------------------------------------------------------


def test_files_are_compared_without_a_node(comity: Comity, text: Path, tmp_path: Path) -> None:
    other = tmp_path / "second.txt"
    other.write_text(agreement_text(SECOND))
    answer = comity("agreement", "diff", text, other, "--home", tmp_path / "none")
    assert answer.code == 0
    assert "20 min" in answer.out
    assert "1 h 30 min" in answer.out
    assert comity("agreement", "diff", text, text).out == "the same text\n"
    assert comity("agreement", "diff", text, text, "--json").json() == []


def test_a_file_is_compared_with_what_the_node_has(node: StandIn, ask: Comity, text: Path) -> None:
    node.lists("agreements", [view(FIRST, "superseded"), view(SECOND)])
    found = ask("agreement", "diff", text, "flight-safety@2", "--json").json()
    assert {
        "where": "clause lead",
        "what": "lead_short_notice_us",
        "before": "20 min",
        "after": "1 h 30 min",
    } in found  # type: ignore[operator]


def test_what_counts_with_a_party_is_asked_for_the_case(node: StandIn, ask: Comity) -> None:
    rows = [
        ruling(),
        ruling(parameter="margin_us", agreement="terms", clause="block", shown="2 min"),
        ruling(
            parameter="escrow_deadline_us", agreement="defaults", version=0, clause="-", shown="1 d"
        ),
    ]
    node.lists("parties", [as_json(party())])
    asked = f"rulings?with={PEER.replace('/', '%2F')}&by=theirs&kind=operation&craft=uav"
    node.lists(asked, rows)
    case = ("--by", "theirs", "--kind", "operation", "--craft", "uav")
    _, one, block, default = ask("agreement", "explain", "--with", "bravo", *case).out.splitlines()
    assert "clause lead of flight-safety, version 1" in one
    assert "the parameter block" in block
    assert default.split()[1:4] == ["1", "d", "the"]
    assert default.split("  ")[-1] == "not measured yet"
    assert ask("agreement", "explain", "--with", "bravo", *case, "--json").json() == rows


@pytest.mark.parametrize(
    "words",
    [(), ("FILE", "--with", "bravo"), ("FILE", "--craft", "uav"), ("--with", "b", "--craft", "x")],
)
def test_a_text_or_a_party_is_explained_and_a_case_is_the_partys(
    ask: Comity, text: Path, words: tuple[str, ...]
) -> None:
    given = [str(text) if word == "FILE" else word for word in words]
    assert ask("agreement", "explain", *given).code == ExitCode.USAGE


# --- draft, amend --------------------------------------------------------------------------------

DRAFT = ("agreement", "draft", "incsea", "--set", "distance.clearance_lateral_mm=2nm")
TWO = ("--party", BRAVO, "--party", ALPHA)


def test_a_draft_has_what_was_asked_for(comity: Comity) -> None:
    more = ("--name", "sea", "--from", "2030-01-01T00:00:00Z", "--until", "+365d")
    roles = ("--bound", f"h.example/c/1={ALPHA}", "--mediator", "un.example/c/1")
    answer = comity(*DRAFT, *TWO, *more, *roles, "--language", "ru")
    found = parse_agreement(answer.out)
    assert (found.name, found.languages) == ("sea", ("en", "ru"))
    assert found.until_us is not None
    assert found.until_us - found.from_us == 365 * 86_400_000_000
    assert [(each.origin, each.role, each.bound_by) for each in found.parties] == [
        (ALPHA, "principal", None),
        (BRAVO, "principal", None),
        ("h.example/c/1", "bound", ALPHA),
        ("un.example/c/1", "mediator", None),
    ]
    assert answer.err == ""
    said = comity(*DRAFT, *TWO, *more, "--json").json()
    assert isinstance(said, dict)
    text = str(said["text"])
    assert (said["hash"], said["findings"]) == (agreement_hash(text).hex(), [])


def test_a_draft_begins_at_the_next_full_hour_and_what_is_odd_goes_to_stderr(
    comity: Comity,
) -> None:
    answer = comity(*DRAFT, *TWO)
    assert parse_agreement(answer.out).from_us % 3_600_000_000 == 0
    assert answer.err == ""
    late = comity(*DRAFT, *TWO, "--from", "now")
    assert late.code == 0
    assert parse_agreement(late.out).version == 1
    assert late.err.startswith("caution: ")
    assert late.err.endswith("(from_has_passed)\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--party", ALPHA), "2 to 32 parties"),
        ((*TWO, "--party", ALPHA), "each once"),
        ((*TWO, "--party", "nobody"), "not an origin"),
        ((*TWO, "--bound", "h.example/c/1"), "NAME=VALUE"),
        ((*TWO, "--bound", "h.example/c/1=un.example/c/1"), "principal"),
        ((*TWO, "--name", "Sea!"), "no name"),
        ((*TWO, "--set", "margin_us=2m"), "CLAUSE.PARAMETER"),
        ((*TWO, "--set", "nowhere.margin_us=2m"), "no clause is called"),
        ((*TWO, "--set", "distance.clearance_lateral_mm=2"), "no length"),
        ((*TWO, "--from", "yesterday"), "--from"),
        ((*TWO, "--until", "2001-01-01T00:00:00Z"), "ends before"),
        ((*TWO, "--language", "fr"), "languages are"),
    ],
)
def test_a_slip_in_a_draft_is_wrong_use(comity: Comity, words: tuple[str, ...], said: str) -> None:
    answer = comity(*DRAFT, *words)
    assert (answer.code, answer.out) == (ExitCode.USAGE, "")
    assert said in answer.err


def test_an_unknown_template_is_named_with_those_that_there_are(comity: Comity) -> None:
    answer = comity("agreement", "draft", "treaty", *TWO)
    assert answer.code == ExitCode.USAGE
    assert "there are border-1991, drone-traffic" in answer.err


def test_a_draft_that_no_node_would_sign_is_not_written(comity: Comity) -> None:
    answer = comity(*DRAFT, *TWO, "--set", "deadlines.receipt_seen_us=2h")
    assert (answer.code, answer.out) == (ExitCode.BAD_INPUT, "")
    assert "weaker_than_floor" in answer.err


def test_the_next_version_follows_the_newest_that_all_signed(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))
    third = agreement(version=3, previous=bytes(32))
    node.lists("agreements", [view(FIRST, "superseded"), view(SECOND), view(third, "proposed")])
    words = ("agreement", "amend", "flight-safety", "--set", "lead.lead_short_notice_us=15m")
    found = parse_agreement(ask(*words).out)
    assert found.version == 3
    assert found.previous == agreement_hash(agreement_text(SECOND))
    assert found.clauses[0].values == (("lead_short_notice_us", 900_000_000),)
    assert ask("agreement", "amend", "flight-safety@1", "--json").code == 0


def test_an_amendment_keeps_the_end_unless_another_is_said(node: StandIn, ask: Comity) -> None:
    node.says("GET", "status", status(now="2030-01-01T10:00:00Z"))
    end_us = 1_893_542_400_000_000  # 2030-01-02
    node.lists("agreements", [view(agreement(until_us=end_us))])
    assert parse_agreement(ask("agreement", "amend", "flight-safety").out).until_us == end_us
    longer = ask("agreement", "amend", "flight-safety", "--from", "+1h", "--until", "+10d")
    found = parse_agreement(longer.out)
    assert found.until_us == found.from_us + 10 * 86_400_000_000
    late = ask("agreement", "amend", "flight-safety", "--from", "+30d")
    assert late.code == ExitCode.USAGE
    assert "--until" in late.err


# --- suspend, resume -----------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["suspend", "resume"])
@pytest.mark.parametrize("word", ["flight-safety", HASH[:10], "f" * 64])
def test_a_standing_is_sent_with_its_reason(
    node: StandIn, ask: Comity, change: str, word: str
) -> None:
    node.lists("agreements", [view()])
    whole = word if len(word) == 64 else HASH
    row = SuspensionView(by=ALPHA, reason="so it is", since="2030-01-01T10:00:00Z", over=None)
    answer: Json = {"items": [as_json(row)], "next": None}
    node.says("POST", f"agreements/{whole}/standing", answer, 201)
    said = ask("agreement", change, word, "--reason", "so it is")
    assert said.out == "suspended by alpha since 2030-01-01T10:00:00Z: so it is\n"
    assert node.last.body == {"change": change, "reason": "so it is"}
    assert ask("agreement", change, word, "--reason", "x", "--json").json() == answer


def test_a_suspension_wants_its_reason(ask: Comity) -> None:
    assert ask("agreement", "suspend", "flight-safety").code == ExitCode.USAGE


def test_every_verb_has_examples_and_json() -> None:
    group = load(next(verb for verb in VERBS if verb.name == "agreement"))
    context = command().make_context("comity", [], resilient_parsing=True)
    verbs = group.commands  # type: ignore[attr-defined]
    assert len(verbs) == 11
    for name, verb in verbs.items():
        with verb.make_context(name, [], parent=context, resilient_parsing=True) as inner:
            shown = verb.get_help(inner)
        assert "Examples:" in shown, name
        assert "--json" in shown, name


def test_a_text_can_be_written_to_a_new_file(
    node: StandIn, ask: Comity, comity: Comity, tmp_path: Path
) -> None:
    out = tmp_path / "sea.txt"
    answer = comity(*DRAFT, *TWO, "--from", "2030-01-01T00:00:00Z", "--out", out)
    assert (answer.code, answer.out) == (0, "")
    assert parse_agreement(out.read_text()).name == "incsea"
    assert comity(*DRAFT, *TWO, "--out", out).code == ExitCode.REFUSED  # never over another
    node.lists("agreements", [view()])
    copy = tmp_path / "copy.txt"
    assert ask("agreement", "show", "flight-safety", "--text", "--out", copy).code == 0
    assert copy.read_text() == TEXT
    assert ask("agreement", "show", "flight-safety", "--out", copy).code == ExitCode.USAGE
