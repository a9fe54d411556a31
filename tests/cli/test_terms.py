"""The numbers of an agreement, from the text that both parties have or one by one."""

from dataclasses import asdict
from pathlib import Path

import pytest

from comity.cli.terms import parameters_given
from comity.model.agreement import Parameters, Terms
from comity.model.fault import Malformed
from comity.wire.terms_v1 import terms_text

PARTIES = ("alpha.example/comity/2026", "bravo.example/comity/2026")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    terms = Terms(parties=PARTIES, version=1, parameters=Parameters(margin_us=7))
    path = tmp_path / "terms"
    path.write_text(terms_text(terms))
    return path


def test_nothing_given_leaves_the_defaults_to_the_node() -> None:
    assert parameters_given(None, (), set(PARTIES)) == {}


def test_a_text_gives_every_number_and_the_line_goes_before_it(text: Path) -> None:
    found = parameters_given(text, ("heartbeat_us=2000000",), set(PARTIES))
    assert found == asdict(Parameters(margin_us=7)) | {"heartbeat_us": 2_000_000}


def test_a_text_between_others_is_refused(text: Path) -> None:
    with pytest.raises(Malformed) as caught:
        parameters_given(text, (), {PARTIES[0], "charlie.example/comity/2026"})
    assert caught.value.code == "bad_parties"


def test_a_text_that_was_touched_is_refused(text: Path) -> None:
    text.write_text(text.read_text().replace("margin_us 7", "margin_us 07"))
    with pytest.raises(Malformed):
        parameters_given(text, (), set(PARTIES))


def test_a_number_outside_what_an_agreement_can_hold_is_refused() -> None:
    with pytest.raises(Malformed):
        parameters_given(None, ("heartbeat_us=1",), set(PARTIES))
