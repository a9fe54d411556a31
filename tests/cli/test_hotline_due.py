"""`comity hotline due`: one thing a line, with the command that says it."""

from msgspec.structs import replace

from comity.cli.exit_codes import ExitCode
from comity.cli.hotline_due import _SAY
from comity.hotline.due import Duty
from comity.web.api.shapes_due import DueView
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json

CODES = ("X", "L1", "unknown")


def view(*, overdue: bool) -> DueView:
    return DueView(
        duty="end",
        of=NOTICE,
        due="2030-01-01T10:30:00Z",
        overdue=overdue,
        party=PEER,
        about="operation 4f1d2c7a90be, active",
    )


def test_each_thing_is_named_with_its_command(node: StandIn, ask: Comity) -> None:
    node.lists("due?within=7200", [as_json(view(overdue=late)) for late in (True, False)])
    out = ask("hotline", "due", "--within", "2h").out
    assert "2030-01-01T10:30:00Z  OVERDUE  end        4f1d2c7a90be  operation" in out
    assert "2030-01-01T10:30:00Z  due      end" in out
    assert out.count("    comity notice end 4f1d2c7a90be, or amend its window\n") == 2


def test_a_message_is_named_with_the_answers_that_its_code_gets(node: StandIn, ask: Comity) -> None:
    said = [replace(view(overdue=False), duty="answer", about=f"{code} of bravo") for code in CODES]
    node.lists("due?within=600", map(as_json, said))
    lines = ask("hotline", "due").out.splitlines()[1::2]
    assert lines == [
        "    comity hotline answer 4f1d2c7a90be W, or U, S, RX",
        "    comity hotline answer 4f1d2c7a90be RC",
        "    comity hotline answer 4f1d2c7a90be CODE",
    ]


def test_nothing_is_said_so(node: StandIn, ask: Comity) -> None:
    node.lists("due?within=600", [])
    assert ask("hotline", "due").out == "nothing is to be said within 10m\n"
    assert ask("hotline", "due", "--json").json() == []
    answer = ask("hotline", "due", "--within", "soon")
    assert answer.code == ExitCode.USAGE
    assert "--within" in answer.err


def test_every_duty_has_its_command() -> None:
    assert {*_SAY} == {duty.value for duty in Duty}
