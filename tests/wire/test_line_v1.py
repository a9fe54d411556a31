"""What is recorded of a line: one content, one form; what has no beginning is not on record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.model.line import Contact, LineFact, LineState, Span
from comity.wire.fields import Field, int_field, text_field
from comity.wire.line_v1 import fields_of_line, line_from

BRAVO = "bravo.example/comity/2026"
INSTANTS = st.integers(1_600_000_000_000_000, 1_900_000_000_000_000)
SPANS = st.tuples(INSTANTS, INSTANTS).map(lambda at: Span(from_us=min(at), until_us=max(at)))
CONTACTS = st.builds(Contact, at_us=INSTANTS, index=st.integers(0, 2**40))
FACTS = st.builds(
    LineFact,
    party=st.just(BRAVO),
    state=st.sampled_from([state for state in LineState if state is not LineState.NEW]),
    since_us=INSTANTS,
    reason=st.text("abc de", max_size=40),
    contact=st.none() | CONTACTS,
    gap=st.none() | SPANS,
    down=st.none() | SPANS,
)
UP = LineFact(party=BRAVO, state=LineState.UP, since_us=1_700_000_000_000_000)


@given(FACTS)
def test_it_is_read_as_it_was_written(fact: LineFact) -> None:
    assert line_from(fields_of_line(fact)) == fact


@pytest.mark.parametrize(
    "fields",
    [
        (text_field("line-state", "new"), *fields_of_line(UP)[1:]),
        (text_field("line-state", "well"), *fields_of_line(UP)[1:]),
        fields_of_line(UP)[:-1],
        tuple(reversed(fields_of_line(UP))),
        (*fields_of_line(UP), int_field("gap/from", 1)),
        (*fields_of_line(UP), int_field("gap/from", 2), int_field("gap/until", 1)),
        (*fields_of_line(UP), int_field("contact/at", 1)),
        (*fields_of_line(UP), text_field("words", "more")),
    ],
)
def test_what_it_would_not_write_it_does_not_read(fields: tuple[Field, ...]) -> None:
    with pytest.raises(Malformed):
        line_from(fields)


def test_a_line_that_was_never_heard_is_not_on_record() -> None:
    with pytest.raises(Malformed):
        LineFact(party=BRAVO, state=LineState.NEW, since_us=1_700_000_000_000_000)
