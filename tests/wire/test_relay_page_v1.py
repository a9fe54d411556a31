"""The signed text of a relay page: one form, a closed list of paths, and no free text in it."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.lifecycle import LifeState
from comity.model.quantity import SECOND_US
from comity.model.relay import PassedOn, RelayPage, passed_on
from comity.wire.canonical import b64, unb64
from comity.wire.fields import parse_fields, serialise_fields, text_field
from comity.wire.relay_page_v1 import fields_of_passed, page_from, page_text
from comity.wire.voice_code import code_groups
from tests.model.samples import NOON_US, declarations, ids
from tests.model.saying_no import says_no
from tests.wire.vectors import BRAVO
from tests.wire.vectors_hotline import relay_page

FREE = ("name", "source", "words", "label", "needs")


@st.composite
def pages(draw: st.DrawFn) -> RelayPage:
    said = draw(declarations())
    return RelayPage(
        made_by=BRAVO,
        passed=passed_on(draw(ids), BRAVO, draw(st.sampled_from(LifeState)), said, said.volumes),
        made_us=NOON_US,
        until_us=NOON_US + draw(st.integers(1, 86_400)) * SECOND_US,
        code=code_groups(draw(st.lists(st.integers(0, 22), min_size=8, max_size=8))),
    )


@given(pages())
def test_a_page_reads_back_as_it_was_written(page: RelayPage) -> None:
    text = page_text(page)
    assert page_from(text) == page
    assert page_text(page_from(text)) == text


@given(pages())
def test_no_free_text_is_in_a_page(page: RelayPage) -> None:
    for field in fields_of_passed(page.passed):
        words = field.path.replace("/", "-").split("-")
        assert [word for word in words if word in FREE] == []
    assert {field.name for field in fields(PassedOn)}.isdisjoint(FREE)


def test_what_would_not_be_written_is_not_read() -> None:
    text = page_text(relay_page())
    head, by, content, _ = text.split("\n")
    surplus = (*parse_fields(_content(content)), text_field("name", "x"))
    other = b64(serialise_fields(surplus))
    cases = (
        ("", "bad_page"),
        (text[:-1], "bad_page"),
        (text + "\n", "bad_page"),
        (f"{head}\n{content}\n{by}\n", "bad_page"),
        (text.replace("@v1", "@v2"), "bad_page"),
        (f"{head}\n{by}\ncontent {other}\n", "unknown_field"),
        (f"{head}\nfrom BRAVO\n{content}\n", "bad_origin"),
    )
    for wrong, code in cases:
        with says_no(code):
            page_from(wrong)


def test_a_page_holds_its_rules() -> None:
    page = relay_page()
    with says_no("inverted_window"):
        replace(page, until_us=page.made_us)
    for code in ((), ("ABCDY",), ("ABCD", "EFGHS")):
        with says_no("voice_length"):
            replace(page, code=code)
    with says_no("voice_check"):
        page_from(page_text(replace(page, code=("ABCDE", "EFGHS"))))
    with says_no("no_area"):
        replace(page.passed, volumes=())
    with says_no("no_source"):
        replace(page.passed, believed_until_us=NOON_US)


def _content(line: str) -> bytes:
    return unb64(line.removeprefix("content "))


@pytest.mark.parametrize("word", ["weapon", "target", "radar-site"])
def test_a_forbidden_word_is_refused_by_name(word: str) -> None:
    head, by, content, _ = page_text(relay_page()).split("\n")
    more = b64(serialise_fields((*parse_fields(_content(content)), text_field(word, "x"))))
    with says_no("forbidden_field"):
        page_from(f"{head}\n{by}\ncontent {more}\n")
