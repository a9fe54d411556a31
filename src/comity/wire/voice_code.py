"""The voice form's letters and checks: numbers 0 to 22 as groups of five letters, and back.

Every group checks itself and its place; the last group checks all others. Any three wrong letters
are caught, any number of them within one group, and two neighbours or groups that changed places:
by construction, not by luck. Letter by letter: docs/reference/voice.md. It guards against slips of
ear and pen, not against liars. What people write is read by `voice_text`. Called by `voice_v1`.
"""

from collections.abc import Iterable, Sequence

from comity.model.fault import Malformed

__all__ = [
    "BASE",
    "DATA_LETTERS",
    "GROUPS_MAX",
    "GROUP_LETTERS",
    "LETTERS",
    "checked_symbols",
    "code_groups",
    "code_symbols",
    "groups_of",
]

# Without I, O and U, which are taken for 1, 0 and V; without digits, so nothing is taken for them.
LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
BASE = len(LETTERS)  # 23, a prime: arithmetic modulo 23 is a field
GROUP_LETTERS = 5
DATA_LETTERS = 4
GROUPS_MAX = 44  # with 45 a swap of groups 22 and 45 could pass; 44 are 220 words to say
_GROUPS_MIN = 2
_COUNT_AT = 1  # the second letter of the first group says how many groups there are


def groups_of(symbols: Sequence[int]) -> tuple[str, ...]:
    """The groups that carry these numbers; a place is left for the count, the second of them."""
    rows = [list(symbols[at : at + DATA_LETTERS]) for at in range(0, len(symbols), DATA_LETTERS)]
    rows[-1] += [0] * (DATA_LETTERS - len(rows[-1]))
    count = len(rows) + 1
    if count > GROUPS_MAX:
        raise Malformed(f"a message has at most {GROUPS_MAX} groups", code="voice_length")
    rows[0][_COUNT_AT] = count % BASE
    rows.append(_columns(rows))
    return tuple(_group(row, place) for place, row in enumerate(rows, start=1))


def checked_symbols(groups: Sequence[str]) -> tuple[int, ...]:
    """The numbers that groups of five letters carry, without the checks.

    Raises:
        Malformed: `voice_check` or `voice_length`; the reason says which group to ask for again.
    """
    rows = [[LETTERS.find(letter) for letter in group] for group in groups]
    for at, row in enumerate(rows, start=1):
        if len(row) != GROUP_LETTERS or min(row) < 0:
            raise Malformed(
                f"group {at} is not {GROUP_LETTERS} letters of the voice form",
                code="voice_letter",
            )
    if not _GROUPS_MIN <= len(rows) <= GROUPS_MAX:
        raise Malformed(
            f"a message has {_GROUPS_MIN} to {GROUPS_MAX} groups, not {len(rows)}",
            code="voice_length",
        )
    places = [_place(row) for row in rows]
    wrong = [at for at, place in enumerate(places, start=1) if place != at % BASE]
    said = None if 1 in wrong else rows[0][_COUNT_AT]
    if wrong:
        raise Malformed(_advice(wrong, places, said), code="voice_check")
    if said != len(rows) % BASE:
        whole = _count_near(rows[0][_COUNT_AT], len(rows))
        raise Malformed(
            f"the message has {whole} groups, and {len(rows)} were read: ask for the others",
            code="voice_length",
        )
    if _columns(rows[:-1]) != rows[-1][:DATA_LETTERS]:
        raise Malformed(
            "each group checks, but all together do not: two or more letters are wrong, nobody "
            "can say where; ask for every group again",
            code="voice_check",
        )
    return tuple(symbol for row in rows[:-1] for symbol in row[:DATA_LETTERS])


def code_groups(symbols: Sequence[int]) -> tuple[str, ...]:
    """A short code: groups of four letters and a check each, without a count and a last group."""
    rows = [symbols[at : at + DATA_LETTERS] for at in range(0, len(symbols), DATA_LETTERS)]
    return tuple(_group(row, place) for place, row in enumerate(rows, start=1))


def code_symbols(groups: Sequence[str]) -> tuple[int, ...]:
    """The numbers of a short code; a wrong letter in a group and changed places are refused.

    Raises:
        Malformed: `voice_letter`, or `voice_check`; the reason says which group to ask for again.
    """
    rows = [[LETTERS.find(letter) for letter in group] for group in groups]
    for at, row in enumerate(rows, start=1):
        if len(row) != GROUP_LETTERS or min(row) < 0:
            raise Malformed(
                f"group {at} is not {GROUP_LETTERS} letters of the voice form",
                code="voice_letter",
            )
    places = [_place(row) for row in rows]
    wrong = [at for at, place in enumerate(places, start=1) if place != at % BASE]
    if wrong:
        raise Malformed(_advice(wrong, places, None), code="voice_check")
    return tuple(symbol for row in rows for symbol in row[:DATA_LETTERS])


def _group(row: Sequence[int], place: int) -> str:
    check = (_weighed(row) + place) % BASE
    return "".join(LETTERS[symbol] for symbol in (*row, check))


def _weighed(row: Iterable[int]) -> int:
    return sum(weight * symbol for weight, symbol in enumerate(row, start=1))


def _place(row: Sequence[int]) -> int:
    """Which place a group of five says that it has, modulo 23; a slip makes it say another."""
    return (row[DATA_LETTERS] - _weighed(row[:DATA_LETTERS])) % BASE


def _columns(rows: Sequence[Sequence[int]]) -> list[int]:
    """The last group's letters: for each column, its letters weighed by 1 to 22 and again 1."""
    return [
        sum((at % (BASE - 1) + 1) * row[column] for at, row in enumerate(rows)) % BASE
        for column in range(DATA_LETTERS)
    ]


def _advice(wrong: Sequence[int], places: Sequence[int], said: int | None) -> str:
    """What to ask for, when these groups do not check."""
    first, count = wrong[0], len(places)
    beyond = {(places[at - 1] - at) % BASE for at in wrong}
    if list(wrong) == list(range(first, count + 1)) and len(beyond) == 1 and said is not None:
        lost = (said - count) % BASE
        if beyond == {lost} and lost <= BASE // 2:
            return f"{_plural(lost, 'group')} missing before group {first}: ask for all from there"
        if beyond == {lost} and lost:
            more = _plural(BASE - lost, "group")
            return f"{more} too many before group {first}: was one said twice?"
    if len(wrong) == 2 and [places[at - 1] for at in wrong] == [at % BASE for at in wrong[::-1]]:  # noqa: PLR2004
        return f"groups {wrong[0]} and {wrong[1]} stand in each other's place: ask for both again"
    if len(wrong) == 1:
        return f"group {first} does not check: ask for it again"
    return f"groups {', '.join(map(str, wrong))} do not check: ask for them again"


def _count_near(said: int, read: int) -> int:
    """The number of groups, known modulo 23, that lies nearest to what was read, from above."""
    return read + (said - read) % BASE


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun} is" if count == 1 else f"{count} {noun}s are"
