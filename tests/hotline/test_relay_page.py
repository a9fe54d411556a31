"""Pages for units without a node: what may be passed on and no more, signed, and read back."""

import json
import struct
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.hotline.relay_link import Heard, MadePage
from comity.hotline.relay_page import Form, checked_page, drawn, note_in
from comity.intake.order import MoveOrder
from comity.model.fault import Malformed, Refused, Untrusted
from comity.model.notice import Code, Onward
from comity.model.quantity import SECOND_US, instant_text
from comity.model.relay import RelayState
from comity.model.volume import places_of
from comity.trust.keys import KeyType, SigningKey, VerifierKey
from comity.trust.note import Note, Signature, parse_note, serialise
from comity.wire.canonical import sha256
from comity.wire.voice_code import BASE, LETTERS, code_groups, code_symbols
from tests.hotline.relaying import (
    DAY_US,
    drops,
    given_to,
    hears,
    lists,
    page_for,
    picks,
    states,
)
from tests.hotline.test_relay import amends, later
from tests.intake.table import Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume
from tests.model.saying_no import says_no

Three = tuple[Party, Party, Party]
Pair = tuple[Party, Party]
OWN_AREA = volume(lat=35.1, radius_m=20_000, start_us=NOON_US + MINUTE_US)


@pytest.fixture
def three(table: Table) -> Three:
    """Alpha and host both know bravo, and not each other."""
    alpha, bravo, host = (table.seat(name) for name in ("alpha", "bravo", "host"))
    table.join(alpha, bravo)
    table.join(bravo, host)
    return alpha, bravo, host


def forms(made: MadePage) -> list[bytes]:
    return [drawn(made.note, form) for form in Form]


def keys_of(party: Party) -> Callable[[str], tuple[VerifierKey, ...]]:
    return lambda origin: (party.identity.entry.verifier(),) if origin == party.origin else ()


def _only(key: SigningKey) -> Callable[[str], tuple[VerifierKey, ...]]:
    return lambda _: (key.verifier(),)


def other_letter(group: str, at: int) -> str:
    letter = LETTERS[(LETTERS.index(group[at]) + 1) % BASE]
    return group[:at] + letter + group[at + 1 :]


def wrong_for(code: tuple[str, ...]) -> tuple[str, ...]:
    """Another code whose checks hold."""
    first, *others = code_symbols(code)
    return code_groups([(first + 1) % BASE, *others])


def test_a_notice_that_may_be_passed_on_in_full_is_shown_as_it_is_now(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC Latakia")
    notice = alpha.declare(declaration(onward=Onward.FULL, name="OPERATION X"), bravo).notice
    newer = volume(lat=36, radius_m=12_000, start_us=NOON_US + 9 * MINUTE_US)
    alpha.move(
        MoveOrder(subject=notice, code=Code.AMEND, at_us=alpha.table.now_us, volumes=(newer,))
    )
    made = page_for(bravo, notice, "ATC Latakia")
    assert made.page.passed.volumes == (newer,)
    for data in forms(made):
        text = data.decode()
        assert instant_text(newer.window.start_us) in text
        assert instant_text(volume().window.start_us) not in text  # what was amended away
        assert "alpha.example/comity/2026" in text
        assert all(group in text for group in made.page.code)
        assert "OPERATION X" not in text  # free text is not relayed
        assert checked_page(data, keys_of(bravo)) == made.page


@pytest.mark.parametrize("unit", ["ATC Latakia", "S-300 <b>regiment</b>"])
def test_no_name_of_a_unit_is_on_a_page_or_in_what_others_get(pair: Pair, unit: str) -> None:
    alpha, bravo = pair
    lists(bravo, unit)
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    made = page_for(bravo, notice, unit)
    hears(bravo, notice, unit, made.page.code)
    for data in (*forms(made), given_to(bravo, alpha)):
        assert unit.encode() not in data
        assert b"regiment" not in data
        assert b"121.5" not in data
    code = "".join(made.page.code).encode()
    assert code not in given_to(bravo, alpha).replace(b" ", b"")


def test_nothing_of_a_derived_notice_is_on_the_page(three: Three) -> None:
    """The page is our own notice: byte by byte the same whatever prompted it."""
    alpha, bravo, host = three
    lists(bravo, "Battery 2")
    said = declaration(onward=Onward.DERIVED, name="SECRET NAME")
    notice = alpha.declare(said, bravo).notice
    with says_no("nothing_derived", Refused):
        page_for(bravo, notice, "Battery 2")
    own = bravo.declare(declaration(OWN_AREA, code=Code.PROTECT), host, prompted_by=notice).notice
    made = page_for(bravo, notice, "Battery 2")
    assert made.page.passed.notice == own
    assert made.page.passed.volumes == (OWN_AREA,)
    window = said.volumes[0].window
    times = (window.start_us, window.end_us)
    words = (notice.hex(), "alpha", "SECRET", *map(instant_text, times))
    secrets = [word.encode() for word in words]
    content = b64decode(made.note.split(b"content ")[1].split(b"\n")[0])
    assert struct.pack(">q", OWN_AREA.window.start_us) in content  # the check looks rightly
    centre = places_of(said.volumes[0].footprint)[0]
    secrets += [notice, *(struct.pack(">q", at_us) for at_us in times)]
    secrets += [struct.pack(">ii", centre.lat_e7, centre.lon_e7)]
    for data in (*forms(made), content):
        assert [secret for secret in secrets if secret in data] == []
    again = page_for(bravo, own, "Battery 2")  # by our own id it is the same page
    assert replace(again.page, made_us=made.page.made_us) == made.page
    assert states(bravo, notice) == {"Battery 2": RelayState.TO_TELL}
    assert hears(bravo, notice, "Battery 2", made.page.code)
    assert states(bravo, notice) == {"Battery 2": RelayState.ANSWERED}
    bravo.declare(declaration(volume(lat=33, radius_m=9_000), code=Code.PROTECT), host)
    second = volume(lat=34, radius_m=8_000, start_us=NOON_US + 2 * MINUTE_US)
    bravo.declare(declaration(second, code=Code.PROTECT), host, prompted_by=notice)
    with says_no("which_derived", Refused):
        page_for(bravo, notice, "Battery 2")
    assert page_for(bravo, own, "Battery 2").page.passed.notice == own


def test_of_none_nothing_passes_and_of_ours_what_is_ours(three: Three) -> None:
    alpha, bravo, host = three
    lists(bravo, "Battery 2")
    notice = alpha.declare(declaration(onward=Onward.NONE), bravo).notice
    with says_no("onward_none", Refused):
        page_for(bravo, notice, "Battery 2")
    back = bravo.declare(declaration(OWN_AREA, code=Code.PROTECT), alpha, prompted_by=notice).notice
    for id_ in (notice, back):  # declared to alpha alone, who knows already
        with says_no("onward_none", Refused):
            page_for(bravo, id_, "Battery 2")
    own = bravo.declare(declaration(OWN_AREA, code=Code.PROTECT), host).notice
    made = page_for(bravo, own, "Battery 2")
    assert hears(bravo, own, "Battery 2", made.page.code)
    assert given_to(bravo, alpha).count(b"told") == 0


def test_what_is_taken_from_a_notice_does_not_pass(three: Three) -> None:
    """Declared to its owner alone, ours may repeat its area; then no unit is shown it."""
    alpha, bravo, _ = three
    lists(bravo, "Battery 2")
    notice = alpha.declare(declaration(onward=Onward.DERIVED), bravo).notice
    bravo.declare(declaration(code=Code.PROTECT), alpha, prompted_by=notice)
    with says_no("taken_from_notice", Refused):
        page_for(bravo, notice, "Battery 2")
    activity = bravo.declare(declaration(OWN_AREA), alpha, prompted_by=notice).notice
    with says_no("onward_derived", Refused):
        page_for(bravo, activity, "Battery 2")


def test_what_is_over_or_unknown_is_not_shown(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    with says_no("unknown_unit", Refused):
        page_for(bravo, notice, "nobody")
    with says_no("not_found", Refused):
        page_for(bravo, bytes(32), "ATC")
    for valid_us in (0, DAY_US + 1):
        with says_no("bad_time"):
            page_for(bravo, notice, "ATC", valid_us)
    made = page_for(bravo, notice, "ATC", DAY_US)
    assert made.page.until_us == made.page.passed.end_us  # never longer than what it is about
    alpha.move(MoveOrder(subject=notice, code=Code.CANCEL, at_us=alpha.table.now_us))
    with says_no("notice_over", Refused):
        page_for(bravo, notice, "ATC")


def test_what_goes_on_past_its_end_can_be_shown(pair: Pair) -> None:
    """An overrun is when units must hear of it; what never started is over with its window."""
    alpha, bravo = pair
    lists(bravo, "ATC")
    said = declaration(onward=Onward.FULL)
    notice = alpha.declare(said, bravo).notice
    alpha.move(MoveOrder(subject=notice, code=Code.START, at_us=alpha.table.now_us))
    in_time = page_for(bravo, notice, "ATC")
    assert b"past its time" not in drawn(in_time.note, Form.TEXT)
    now_us = alpha.table.now_us = said.volumes[0].window.end_us + MINUTE_US
    made = page_for(bravo, notice, "ATC", DAY_US)
    assert made.page.until_us == now_us + DAY_US
    for data in forms(made):
        assert b"it has started, and goes on past its time" in data
        assert checked_page(data, keys_of(bravo)) == made.page
    assert hears(bravo, notice, "ATC", made.page.code)
    alpha.move(MoveOrder(subject=notice, code=Code.END, at_us=now_us))
    with says_no("notice_over", Refused):
        page_for(bravo, notice, "ATC")


def test_what_never_started_is_over_with_its_window(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    said = declaration(onward=Onward.FULL)
    notice = alpha.declare(said, bravo).notice
    alpha.table.now_us = said.volumes[0].window.end_us
    with says_no("notice_over", Refused):
        page_for(bravo, notice, "ATC")


def test_the_right_code_says_told_and_answered(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC", "Battery 2")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    with says_no("no_page", Refused):
        hears(bravo, notice, "ATC", ("AAAAB", "AAAAC"))
    made, other = (page_for(bravo, notice, name) for name in ("ATC", "Battery 2"))
    assert made.page.code != other.page.code
    assert page_for(bravo, notice, "ATC").page.code == made.page.code  # made again: the same
    assert not hears(bravo, notice, "ATC", other.page.code)
    assert hears(bravo, notice, "ATC", made.page.code)
    assert states(bravo, notice) == {
        "ATC": RelayState.ANSWERED,
        "Battery 2": RelayState.TO_TELL,
    }
    [row] = alpha.read(lambda r: r.people.units_of(notice))
    assert (row.state, row.name) == ("answered", None)


def test_a_new_area_has_a_new_code_and_the_old_one_is_refused(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    old = page_for(bravo, notice, "ATC").page.code
    alpha.move(
        MoveOrder(
            subject=notice, code=Code.AMEND, at_us=alpha.table.now_us, volumes=(volume(lat=36),)
        )
    )
    with says_no("no_page", Refused):
        hears(bravo, notice, "ATC", old)
    new = page_for(bravo, notice, "ATC").page.code
    assert new != old
    assert not hears(bravo, notice, "ATC", old)
    assert hears(bravo, notice, "ATC", new)


@pytest.mark.parametrize("code", [Code.AMEND, Code.RELEASE])
def test_a_page_of_ours_that_was_moved_or_released_is_outdated(three: Three, code: Code) -> None:
    """The notice that prompted ours stands; what the unit was shown of it does not."""
    alpha, bravo, host = three
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.DERIVED), bravo).notice
    own = bravo.declare(declaration(OWN_AREA, code=Code.PROTECT), host, prompted_by=notice).notice
    old = page_for(bravo, notice, "ATC").page.code
    area = volume(lat=36.4, radius_m=30_000, start_us=NOON_US + 9 * MINUTE_US)
    volumes = (area,) if code is Code.AMEND else ()
    bravo.move(MoveOrder(subject=own, code=code, at_us=bravo.table.now_us, volumes=volumes))
    with says_no("page_over", Refused):
        hears(bravo, notice, "ATC", old)
    assert states(bravo, notice) == {"ATC": RelayState.TO_TELL}
    assert alpha.read(lambda r: r.people.units_of(notice)) == ()
    if code is Code.AMEND:
        new = page_for(bravo, notice, "ATC").page.code
        assert not hears(bravo, notice, "ATC", old)
        assert hears(bravo, notice, "ATC", new)


def test_a_page_counts_after_a_start_and_not_after_the_end(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC", "Battery 2")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    codes = {name: page_for(bravo, notice, name).page.code for name in ("ATC", "Battery 2")}
    alpha.move(MoveOrder(subject=notice, code=Code.START, at_us=alpha.table.now_us))
    assert hears(bravo, notice, "ATC", codes["ATC"])
    alpha.move(MoveOrder(subject=notice, code=Code.END, at_us=alpha.table.now_us))
    with says_no("page_over", Refused):
        hears(bravo, notice, "Battery 2", codes["Battery 2"])


def test_one_of_two_of_ours_is_read_back_by_whichever_id(three: Three) -> None:
    alpha, bravo, host = three
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.DERIVED), bravo).notice
    areas = (OWN_AREA, volume(lat=34, radius_m=8_000, start_us=NOON_US + 2 * MINUTE_US))
    first, second = (
        bravo.declare(declaration(area, code=Code.PROTECT), host, prompted_by=notice).notice
        for area in areas
    )
    for of in (first, second, notice):
        assert hears(bravo, of, "ATC", page_for(bravo, second, "ATC").page.code)


def test_an_old_code_of_who_is_off_the_list_is_refused_after_a_new_area(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    old = page_for(bravo, notice, "ATC").page.code
    drops(bravo, "ATC")
    amends(alpha, notice)
    with says_no("no_page", Refused):
        hears(bravo, notice, "ATC", old)
    assert hears(bravo, notice, "ATC", page_for(bravo, notice, "ATC").page.code)


def test_a_page_that_is_over_is_read_back_no_more(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    code = page_for(bravo, notice, "ATC", 60 * SECOND_US).page.code
    bravo.table.now_us += 60 * SECOND_US + 1
    with says_no("page_over", Refused):
        hears(bravo, notice, "ATC", code)


def test_guesses_are_recorded_and_slowed_down(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    code = page_for(bravo, notice, "ATC").page.code
    wrong = wrong_for(code)
    before = bravo.read(lambda r: r.journal.size())
    for _ in range(5):
        assert not hears(bravo, notice, "ATC", wrong)
    assert bravo.read(lambda r: r.journal.size()) == before + 5
    for groups in (wrong, code):  # even the right one waits
        with says_no("too_many_codes", Refused):
            hears(bravo, notice, "ATC", groups)
    bravo.table.now_us += 60 * SECOND_US
    assert not hears(bravo, notice, "ATC", wrong)
    with says_no("too_many_codes", Refused):
        hears(bravo, notice, "ATC", code)
    bravo.table.now_us += 60 * SECOND_US
    assert hears(bravo, notice, "ATC", code)
    assert states(bravo, notice) == {"ATC": RelayState.ANSWERED}
    assert later(bravo, 0) == 0


def test_slips_of_ear_are_no_guesses(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    first, second = page_for(bravo, notice, "ATC").page.code
    before = bravo.read(lambda r: r.journal.size())
    with pytest.raises(Malformed, match="group 1 does not check"):
        hears(bravo, notice, "ATC", (other_letter(first, 2), second))
    with says_no("voice_check"):
        hears(bravo, notice, "ATC", (second, first))
    for groups in ((first,), (first, second, second)):
        with says_no("voice_length"):
            Heard(unit="ATC", groups=groups, role="x")
    assert bravo.read(lambda r: r.journal.size()) == before
    assert hears(bravo, notice, "ATC", (first, second))


def test_who_was_left_out_may_be_shown_a_page_all_the_same(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC", "Battery 2")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    picks(bravo, notice, "Battery 2")
    made = page_for(bravo, notice, "ATC")
    assert hears(bravo, notice, "ATC", made.page.code)
    assert states(bravo, notice)["ATC"] == RelayState.ANSWERED


def test_a_page_that_shows_something_else_is_found_out(pair: Pair) -> None:
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    made = page_for(bravo, notice, "ATC")
    for form in Form:
        data = drawn(made.note, form)
        assert note_in(data) == (made.note, form)
        altered = data.replace(b"12:00", b"13:00") if form is not Form.JSON else data + b" "
        assert altered != data
        with pytest.raises(Untrusted) as caught:
            checked_page(altered, keys_of(bravo))
        assert caught.value.code == "page_differs"
        with pytest.raises(Untrusted) as caught:
            checked_page(data, keys_of(alpha))
        assert caught.value.code == "not_signed"
        other = SigningKey(
            name=bravo.identity.entry.name, key_type=KeyType.ED25519, seed=sha256(b"x")
        )
        with pytest.raises(Untrusted):
            checked_page(data, _only(other))
    for broken in (b"", b"{}", b"<!doctype html>", b"\xff", b'{"note": 1}'):
        with says_no("bad_page"):
            note_in(broken)


@pytest.mark.parametrize(
    "name",
    [
        "</pre><style>h1,dl,.code,p,pre{display:none}</style>",
        "<h4>All&nbsp;clear</h4>",
        "\u202egnp.x",  # turns the line round, in text too
        "\u2067\u05d0",
        "mallory.example/comity/2026/desk",
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_lines_that_others_put_under_a_page_are_not_shown(
    pair: Pair, name: str, *, alone: bool
) -> None:
    """Anybody who has a page can add lines to its note, whose names are theirs to choose."""
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    note = page_for(bravo, notice, "ATC").note
    parsed = parse_note(note)
    added = Signature(name=name, key_id=b"abcd", blob=b"x")
    by = () if alone else parsed.signatures
    forged = serialise(Note(text=parsed.text, signatures=(*by, added)))
    for form in Form:
        if not (alone and name.startswith("mallory")):  # that is drawn, and believed by nobody
            with says_no("page_differs", Untrusted):
                drawn(forged, form)
        good = drawn(note, form).decode()
        inside, outside = note.decode(), forged.decode()
        if form is Form.JSON:
            inside, outside = (json.dumps(each, ensure_ascii=False) for each in (inside, outside))
        data = good.replace(inside, outside).encode()
        assert data != good.encode()
        with pytest.raises(Untrusted):
            checked_page(data, keys_of(bravo))


def test_a_page_stands_alone(pair: Pair) -> None:
    """No script, nothing fetched, no link, no form: it can be printed and opened anywhere."""
    alpha, bravo = pair
    lists(bravo, "ATC")
    notice = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    text = drawn(page_for(bravo, notice, "ATC").note, Form.HTML).decode().lower()
    for word in ("<script", "http://", "https://", "src=", "href=", "<form", "url(", "@import"):
        assert word not in text
    assert "default-src 'none'" in text
    assert "approves nothing" in text


SYMBOLS = st.lists(st.integers(0, BASE - 1), min_size=8, max_size=8)


@given(SYMBOLS)
def test_a_code_says_its_numbers(symbols: list[int]) -> None:
    assert code_symbols(code_groups(symbols)) == tuple(symbols)


@given(SYMBOLS, st.integers(0, 9), st.integers(1, BASE - 1))
def test_one_wrong_letter_of_a_code_is_found(symbols: list[int], at: int, by: int) -> None:
    groups = list(code_groups(symbols))
    group, place = divmod(at, 5)
    letter = LETTERS[(LETTERS.index(groups[group][place]) + by) % BASE]
    groups[group] = groups[group][:place] + letter + groups[group][place + 1 :]
    with pytest.raises(Malformed, match=f"group {group + 1} does not check"):
        code_symbols(groups)
