"""The phrasebook's data: whole, honest about what is missing, and refused where it is damaged."""

import importlib.util
import re
import tomllib
from types import ModuleType

import pytest

from comity.hotline.phrases import phrasebook, phrasebook_from
from comity.model.answer import Reason, Step
from comity.model.fault import Corrupt, Malformed
from comity.model.notice import Code
from comity.model.phrasebook import Carrier, Marker, Precedence, ValueKind, checked_values
from comity.model.quantity import SECOND_US, Position
from comity.model.request import REQUEST_CODE, DeclineReason
from comity.wire.entry_v1 import EntryType
from tests.tidy.tree import ROOT

FOLDER = ROOT / "src" / "comity" / "hotline" / "phrasebook"
TEXTS = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.toml")}
BOOK = phrasebook()
# What each language has no label for: a new code without its drafts is seen here.
MISSING: dict[str, tuple[str, ...]] = {"en": (), "ru": (), "he": (), "ar": ()}
# DESIGN: what passes in every state of the line, by code.
FLOOR = {"X", "H", "C", "E1", "E2", "E3", "KC", "L1", "L2", "A2", "N3", "V2"}


def test_every_code_and_its_deadline_stand_as_proposed() -> None:
    seconds: dict[str, int | None] = dict.fromkeys(("RC", "RB-ok", "RX", "W", "U", "S", "D"))
    seconds |= {"N0": 5, "X": 180}
    seconds |= dict.fromkeys(("L1", "L2", "L3", "L4"), 30)
    seconds |= dict.fromkeys(("N2", "N3", "A1", "A2", "H", "RB", "C", "E1", "E2", "E3"), 60)
    seconds |= dict.fromkeys(("T1", "T2"), 60)
    seconds |= dict.fromkeys(("N1", "V1", "V2", "KC"), 120)
    seconds |= dict.fromkeys(("Q", "I", "R"), 300)
    found = {
        code: None if each.answer_us is None else each.answer_us // SECOND_US
        for code, each in BOOK.phrases.items()
    }
    assert found == seconds


def test_the_book_says_what_is_missing_per_language() -> None:
    assert {name: BOOK.missing(name) for name in BOOK.languages} == MISSING
    assert BOOK.missing("fr") == tuple(BOOK.phrases)


def test_no_native_reviewer_has_confirmed_a_label() -> None:
    assert not any(
        label.reviewed_by for each in BOOK.languages.values() for label in each.labels.values()
    )


def test_each_language_is_written_in_its_own_letters() -> None:
    letters = {"en": "A-Za-z", "ru": "\u0400-\u04ff", "he": "\u0590-\u05ff", "ar": "\u0600-\u06ff"}
    for name, each in BOOK.languages.items():
        for code, label in each.labels.items():
            assert re.fullmatch(f"[{letters[name]} ,:-]+", label.text), (name, code)


def test_each_label_has_a_hint_how_to_say_it_with_its_stress() -> None:
    for name, each in BOOK.languages.items():
        for code, label in each.labels.items():
            assert re.fullmatch("[A-Za-z' ,:-]+", label.say), (name, code)
            for word in label.say.split():
                syllables = word.strip(",:").split("-")
                stressed = [each for each in syllables if re.fullmatch("'?[A-Z']+", each)]
                assert len(stressed) <= 1, (name, code, word)
                assert stressed or len(syllables) <= 2, (name, code, word)


def test_a_file_adds_a_language() -> None:
    french = 'language = "fr"\nname = "French"\nown_name = "fran\u00e7ais"\n'
    french += 'direction = "left-to-right"\n[label.W]\ntext = "un essai"\n'
    book = phrasebook_from({**TEXTS, "fr": french})
    assert book.languages["fr"].labels["W"].text == "un essai"
    assert set(book.missing("fr")) == set(book.phrases) - {"W"}


def test_the_safety_floor_is_the_designs() -> None:
    assert {code for code, each in BOOK.phrases.items() if each.floor} == FLOOR


def test_what_carries_a_code_is_there() -> None:
    assert {each.value for each in Carrier} - {"message"} <= {each.value for each in EntryType}
    notices = {code for code, each in BOOK.phrases.items() if Carrier.NOTICE in each.carriers}
    assert notices == set(Code)
    assert BOOK.phrases[REQUEST_CODE].carriers == (Carrier.REQUEST,)
    assert {each.value for each in Step} == {
        "seen",
        "read-back",
        "wilco",
        "unable",
        "not-understood",
    }
    answers = {code for code, each in BOOK.phrases.items() if Carrier.ANSWER in each.carriers}
    assert answers == {"RB", "RX", "W", "U"}


def test_reasons_hold_those_of_answers_and_replies() -> None:
    def reasons(code: str) -> set[str]:
        (field,) = BOOK.phrases[code].fields
        return set(field.choices)

    assert set(Reason) <= reasons("U")
    assert set(DeclineReason) <= reasons("D")


def test_what_instructs_nobody() -> None:
    assert "instruction" not in set(Marker)  # between equals nobody instructs
    urgent = {code for code, each in BOOK.phrases.items() if each.precedence is Precedence.DISTRESS}
    assert urgent == {"X", "E1", "E2", "E3"}


def test_every_precedent_names_its_source() -> None:
    for phrase in BOOK.phrases.values():
        for each in phrase.precedents:
            assert each.what
            assert len(each.source) > 5
    without = {code for code, each in BOOK.phrases.items() if not each.precedents}
    assert without == {"N0", "RB-ok", "T2"}  # these are new here


# --- values -------------------------------------------------------------------------------------

KEEP_CLEAR = BOOK.phrases["KC"].fields
PLACE = Position(lat_e7=355_000_000, lon_e7=359_000_000)
UNTIL = 1_537_220_520_000_000


def test_values_that_fill_the_fields_pass() -> None:
    values = (("until", UNTIL), ("where", PLACE))
    assert checked_values(KEEP_CLEAR, values) == values


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((), "value_missing"),
        ((("until", UNTIL), ("speed", 3)), "unknown_value"),
        ((("until", "soon"),), "bad_value"),
        ((("until", True),), "bad_value"),
        ((("until", 3),), "bad_time"),
        ((("until", UNTIL), ("where", 3)), "bad_value"),
        ((("until", UNTIL), ("radius", 999_999)), "bad_value"),
        ((("until", UNTIL), ("upper", 100_000_001)), "bad_value"),
    ],
)
def test_other_values_are_refused_by_name(
    values: tuple[tuple[str, int | str | Position], ...], code: str
) -> None:
    with pytest.raises(Malformed) as caught:
        checked_values(KEEP_CLEAR, values)
    assert caught.value.code == code


def test_a_choice_is_of_its_list() -> None:
    fields = BOOK.phrases["Q"].fields
    checked_values(fields, (("asks", "area"),))
    with pytest.raises(Malformed, match="asks is area, heights"):
        checked_values(fields, (("asks", "who"),))


def test_every_number_has_a_range() -> None:
    numbers = set(ValueKind) - {ValueKind.CHOICE, ValueKind.PLACE, ValueKind.TIME}
    for phrase in BOOK.phrases.values():
        for field in phrase.fields:
            if field.kind in numbers:
                with pytest.raises(Malformed):
                    field.check(1 << 62)


# --- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("codes", 'code = "X"', 'code = "KC"'),
        ("codes", 'code = "X"', 'code = "stop"'),
        ("codes", 'answers = ["RC"]', 'answers = ["YES"]'),
        ("codes", "answer_s = 180", "answer_s = 0"),
        ("codes", "answer_s = 180\n", ""),
        ("codes", 'name = "minutes"', 'name = "target"'),
        ("codes", 'choices = ["area", ', 'choices = ["weapon", '),
        ("codes", 'kind = "minutes"', 'kind = "hours"'),
        ("codes", "place = ", "room = "),
        ("codes", 'place = ["where"]', 'place = ["there"]'),
        ("codes", 'parameter = "stop_answer_us"\n', ""),
        ("en", 'text = "Will comply"', 'text = ""'),
        ("en", "[label.W]", "[label.ZZ]"),
        ("ru", 'language = "ru"', 'language = "uk"'),
        ("ar", 'direction = "right-to-left"', 'direction = "up"'),
        ("he", "[label.W]", "[label.W"),
    ],
)
def test_a_damaged_file_is_refused_by_name(name: str, old: str, new: str) -> None:
    assert old in TEXTS[name]
    with pytest.raises(Corrupt) as caught:
        phrasebook_from({**TEXTS, name: TEXTS[name].replace(old, new)})
    assert caught.value.code == "bad_phrasebook"


def test_labels_stand_where_the_files_put_them() -> None:
    for name in BOOK.languages:
        raw = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["label"]
        assert {code: each["text"] for code, each in raw.items()} == {
            code: label.text for code, label in BOOK.languages[name].labels.items()
        }


# --- the page -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    path = ROOT / "tools" / "phrasebook_page.py"
    spec = importlib.util.spec_from_file_location("phrasebook_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_tool_writes(tool: ModuleType) -> None:
    page = (ROOT / "docs" / "reference" / "phrasebook.md").read_text("utf-8")
    assert page == tool.page(), "run tools/phrasebook_page.py"
