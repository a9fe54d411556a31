"""Fields of an entry that is no notice, as the verifier prints them."""

import pytest

from comity.cli.verdict import show_report
from comity.journal.report import Opened, Outcome, Report
from comity.wire.fields import Field, int_field, text_field

AT_US = 1_796_008_836_851_043


def shown(capsys: pytest.CaptureFixture[str], *fields: Field) -> dict[str, str]:
    opened = Opened(fields=fields, withheld=(), notice=None, fault=None)
    show_report(Report(outcome=Outcome.PROVEN, reason="said", opened=opened), None)
    lines = capsys.readouterr().out.splitlines()[1:]
    return dict(line.split(maxsplit=1) for line in lines)


def test_a_time_is_shown_as_people_write_it_beside_what_was_signed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = shown(capsys, int_field("gap/from", AT_US), int_field("since", AT_US))
    for path in ("gap/from", "since"):
        assert rows[path] == f"2026-11-30T03:20:36Z (signed as {AT_US} us)"


def test_what_is_no_time_stays_as_it_was_signed(capsys: pytest.CaptureFixture[str]) -> None:
    rows = shown(
        capsys,
        int_field("gap/from", 5),  # in no century that is spoken of
        text_field("by", "bravo"),
        int_field("contact/entry", AT_US),
    )
    assert rows == {"gap/from": "5", "by": "bravo", "contact/entry": str(AT_US)}
