"""Coded messages by voice: slips are caught, the second reader agrees, one form, refusals."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.phrasebook import ValueKind
from comity.model.voice import (
    FIELDS_MAX,
    ROLES,
    Spoken,
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceValue,
    VoiceValues,
)
from comity.wire import voice_coded
from comity.wire.voice_code import LETTERS, checked_symbols, groups_of
from comity.wire.voice_number import letters_for
from comity.wire.voice_v1 import read_voice, voice_groups
from tests.model.voice_samples import spoken_codes
from tests.tidy.tree import ROOT
from tests.wire import second_voice
from tests.wire.coded_lengths import CODED_LENGTHS

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples
PAGE = (ROOT / "docs/reference/voice.md").read_text(encoding="utf-8")
ID = bytes.fromhex("4f1d2c7a90")
STOP = CODED_LENGTHS["message STOP of a place and a radius, with its deadline"]


def named(values: VoiceValues) -> dict[int, tuple[str, object]]:
    found: dict[int, tuple[str, object]] = {}
    for each in values:
        place = each.value
        number = place if isinstance(place, int) else (place.lat_e7, place.lon_e7)
        found[each.field] = (each.kind.value, number)
    return found


@given(spoken_codes)
def test_the_second_reader_finds_the_same(each: Spoken) -> None:
    message, found = each.message, second_voice.read_coded([*voice_groups(each)])
    answer = isinstance(message, VoiceCodedAnswer)
    assert found.pop("exercise") == each.exercise
    if isinstance(message, VoiceCodedAnswer):
        heard = None if message.read_back is None else named(message.read_back)
        rest: dict[str, object] = {"id": message.of.hex(), "about": None, "due": None}
        rest["heard"] = heard
    else:
        assert isinstance(message, VoiceCoded)
        due = None if message.due_us is None else message.due_us // 1_000_000
        about = None if message.about is None else message.about.hex()
        rest = {"id": message.id.hex(), "about": about, "due": due, "heard": None}
    whole = {"code": message.code, "role": message.role, "fields": named(message.values), **rest}
    assert found == {"kind": "W" if answer else "C", **whole}


def slipped(groups: tuple[str, ...], slips: dict[int, str]) -> list[str]:
    letters = [*"".join(groups)]
    for at, letter in slips.items():
        letters[at] = letter
    return ["".join(letters[at : at + 5]) for at in range(0, len(letters), 5)]


@given(spoken_codes, st.data())
def test_one_two_or_three_wrong_letters_are_always_caught(
    each: Spoken, data: st.DataObject
) -> None:
    groups = voice_groups(each)
    letters = "".join(groups)
    places = data.draw(st.sets(st.integers(0, len(letters) - 1), min_size=1, max_size=3))
    slips = {
        at: data.draw(st.sampled_from([other for other in LETTERS if other != letters[at]]))
        for at in places
    }
    with pytest.raises(Malformed) as error:
        read_voice(slipped(groups, slips))
    assert error.value.code in {"voice_check", "voice_length"}


@pytest.mark.parametrize("each", CODED_LENGTHS.values(), ids=[*CODED_LENGTHS])
def test_every_single_slip_and_many_double_ones_are_caught(each: Spoken) -> None:
    groups, chance = voice_groups(each), random.Random(3)
    letters = "".join(groups)
    singles = [{at: x} for at, right in enumerate(letters) for x in LETTERS if x != right]
    doubles = [chance.choice(singles) | chance.choice(singles) for _ in range(500)]
    for slips in [*singles, *doubles]:
        with pytest.raises(Malformed):
            read_voice(slipped(groups, slips))


def test_the_page_names_roles_and_kinds_in_their_order() -> None:
    assert ", ".join(ROLES) in PAGE
    kinds = re.search(r"A choice, (.*?H frequency)\.", PAGE, re.DOTALL)
    assert kinds is not None
    names = [part.split()[-1] for part in ("A choice, " + kinds[1]).split(",")]
    assert names == [kind.value for kind in voice_coded._KINDS]
    assert {*voice_coded._KINDS} == {*ValueKind}


def bent(each: Spoken, changes: dict[int, int]) -> tuple[str, ...]:
    symbols = list(checked_symbols(voice_groups(each)))
    for at, symbol in changes.items():
        symbols[at] = symbol
    return groups_of(symbols)


def head_letters(each: Spoken) -> int:
    letter = LETTERS[checked_symbols(voice_groups(each))[0]]
    return letters_for(voice_coded._HEADS[letter])


KIND_AT = 4 + head_letters(STOP)  # the letter of the first field's kind
BENT = [
    (bent(STOP, {KIND_AT: 8}), "does not know"),
    (bent(STOP, dict.fromkeys(range(4, KIND_AT), 22)), "too large"),
    (bent(STOP, {0: LETTERS.index("W")}), "groups check"),
    (bent(STOP, {3: 1}), "not in the one form"),
    (bent(STOP, {2: 3}), "groups check"),
    (groups_of(checked_symbols(voice_groups(STOP))[:8]), "shorter than"),
    (groups_of(checked_symbols(voice_groups(STOP)) + (0,) * 4), "not in the one form"),
]


@pytest.mark.parametrize(("groups", "why"), BENT)
def test_what_checks_and_says_nothing_is_refused(groups: tuple[str, ...], why: str) -> None:
    with pytest.raises(Malformed, match=why) as error:
        read_voice(groups)
    assert error.value.code == "voice_form"


def value(field: int, number: int, kind: ValueKind = ValueKind.RADIUS) -> VoiceValue:
    return VoiceValue(field=field, kind=kind, value=number)


@pytest.mark.parametrize(
    "values",
    [
        (value(0, 2_500_000_001),),
        (value(0, 0),),
        (value(0, 64, ValueKind.CHOICE),),
        (value(0, 1_441, ValueKind.MINUTES),),
        (value(0, -1, ValueKind.PERSONS),),
        (value(0, 300_000_000_001, ValueKind.FREQUENCY),),
    ],
)
def test_a_value_beyond_what_can_be_said_is_refused(values: VoiceValues) -> None:
    message = VoiceCodedAnswer(of=ID, code="W", role=None, read_back=values)
    with pytest.raises(Malformed, match="beyond what can be said"):
        voice_groups(Spoken(message=message))


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"code": "ABC"}, "one or two letters"),
        ({"role": "admiral"}, "not said"),
        ({"id": ID[:4]}, "first 5 bytes"),
        ({"due_us": 1_900_000_000_000_001}, "to the second"),
        ({"values": (value(1, 5), value(1, 5))}, "in their order"),
        ({"values": (value(2, 5), value(1, 5))}, "in their order"),
    ],
)
def test_what_cannot_be_is_refused(parts: dict[str, object], why: str) -> None:
    whole: dict[str, object] = {"id": ID, "code": "X", "role": None}
    with pytest.raises(Malformed, match=why):
        VoiceCoded(**(whole | parts))  # type: ignore[arg-type]
    with pytest.raises(Malformed, match="fields that can be said"):
        value(FIELDS_MAX, 1)
