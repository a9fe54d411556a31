"""Tables on a narrow terminal: nothing that is copied is broken, nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from comity.cli.layout import laid_out

ID, START, END = "4f1d2c7a90be", "2030-01-01T10:00:00Z", "2030-01-01T10:30:00Z"
CHAIN = ("step", "by", "at", "other side", "due", "")
RELAYED = ("relayed", "bravo", START, END, END, "OVERDUE: 1 told, 1 NOT REACHED")
WORD = st.text("abcdef0123456789-:", min_size=1, max_size=40)
CELL = st.one_of(WORD, st.just(""), st.lists(WORD, min_size=2, max_size=12).map(" ".join))


def test_what_fits_is_aligned_as_in_a_pipe() -> None:
    assert laid_out(("id", "name"), [("1", "alpha"), ("22", "b")], 80, len) == [
        "id  name",
        "1   alpha",
        "22  b",
    ]
    assert laid_out(("id", "name"), [], 80, len) == ["id  name"]


def test_times_of_one_day_say_it_once_before_anything_wraps() -> None:
    assert laid_out(CHAIN, [RELAYED], 80, len) == [
        "times of 2030-01-01",
        "step     by     at         other side  due",
        "relayed  bravo  10:00:00Z  10:30:00Z   10:30:00Z  OVERDUE: 1 told, 1 NOT REACHED",
    ]
    assert START in laid_out(CHAIN, [RELAYED], 120, len)[1]


def test_times_of_two_days_stay_whole() -> None:
    other = (*RELAYED[:4], "2030-01-02T10:30:00Z", "open")
    lines = laid_out(CHAIN, [RELAYED, other], 80, len)
    assert START in " ".join(lines)
    assert "2030-01-02T10:30:00Z" in " ".join(lines)


def test_a_long_text_takes_what_is_left_and_wraps_at_words() -> None:
    text = "not seen by our people since that moment, and nobody was present"
    lines = laid_out(("about", "why", "party"), [(ID, text, "bravo")], 60, len)
    assert lines == [
        "about         why                                      party",
        "4f1d2c7a90be  not seen by our people since that        bravo",
        "              moment, and nobody was present",
    ]


def test_a_text_for_which_no_room_is_left_stands_below_its_row() -> None:
    text = "patrol-2 of bravo was not reached in the time that is agreed"
    row = ("unit_not_reached", ID, "bravo", START, text)
    lines = laid_out(("kind", "about", "party", "raised", "text"), [row], 60, len)
    assert lines == [
        "kind              about         party  raised",
        "unit_not_reached  4f1d2c7a90be  bravo  2030-01-01T10:00:00Z",
        "    text: patrol-2 of bravo was not reached in the time that",
        "      is agreed",
    ]


def test_a_row_that_no_width_holds_becomes_a_block() -> None:
    row = (ID, START, "2030-01-02T10:00:00Z", "")
    assert laid_out(("id", "start", "end", "name"), [row], 40, len) == [
        "id  start  end  name",
        ID,
        f"    start: {START}",
        "    end: 2030-01-02T10:00:00Z",
    ]


@given(
    st.integers(20, 140),
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            st.lists(WORD, min_size=n, max_size=n),
            st.lists(st.lists(CELL, min_size=n, max_size=n), max_size=4),
        )
    ),
)
def test_every_word_is_there_whole_and_no_line_is_too_long(
    width: int, table: tuple[list[str], list[list[str]]]
) -> None:
    names, rows = table
    lines = laid_out(names, rows, width, len)
    found = " ".join(lines).split()
    for word in (word for row in rows for cell in row for word in cell.split()):
        assert word in found
    longest = max(len(word) for line in lines for word in (line.split() or [""]))
    heads = len("  ".join(names))  # a block's names stand on one line
    first = max((len(row[0]) for row in rows), default=0)
    assert max(map(len, lines)) <= max(width, longest + len("      "), heads, first)
