"""Any field of any entry shown or withheld: what is shown holds, what is not is known by name."""

from itertools import combinations

import pytest

from comity.journal.choice import EVERYTHING, NOTHING, Choice
from comity.journal.manifest import MANIFEST_NAME, Piece
from comity.journal.opening import parse_opening
from comity.journal.report import Level, Opened, Outcome, Standing
from comity.journal.verify import verify_bundle
from comity.model.fault import Malformed, Refused
from tests.journal.two_nodes import TwoNodes, two_nodes
from tests.model.saying_no import says_no

NAMES = Choice(show=())


def opened(nodes: TwoNodes, index: int, choice: Choice) -> Opened:
    report = verify_bundle(nodes.bundle(index, choice), nodes.trust())
    assert report.outcome is Outcome.PROVEN
    assert report.opened is not None
    return report.opened


def test_every_choice_of_fields_holds_and_names_the_others() -> None:
    """Each field alone, each field left out, and every pair: 16 fields, 152 bundles."""
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        whole = opened(nodes, index, EVERYTHING)
        paths = [field.path for field in whole.fields]
        assert whole.withheld == ()
        assert whole.notice is not None
        choices = [Choice(show=(path,)) for path in paths]
        choices += [Choice(withhold=(path,)) for path in paths]
        choices += [Choice(show=pair) for pair in combinations(paths, 2)]
        for choice in choices:
            found = opened(nodes, index, choice)
            shown = {field.path for field in found.fields}
            assert shown == (set(choice.show or paths) - set(choice.withhold))
            assert set(found.withheld) == set(paths) - shown
            assert set(found.fields) <= set(whole.fields)


def test_what_is_withheld_is_nowhere_in_the_files() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()  # its name is PEGASUS
        nodes.give(index)
        with_name, without = (
            b"".join(nodes.bundle(index, choice).values())
            for choice in (EVERYTHING, Choice(withhold=("name",)))
        )
        shown = parse_opening(nodes.bundle(index)[Piece.OPENING])
    (name,) = (each for each in shown if each.path == "name")
    assert name.value == b"PEGASUS"
    assert b"UEVHQVNVUw==" in with_name  # the control: PEGASUS in base64
    assert b"UEVHQVNVUw==" not in without


def test_a_folder_names_all_below_it_and_a_beginning_names_nothing() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        below = opened(nodes, index, Choice(show=("volume/0",)))
        assert len(below.fields) > 2
        assert all(field.path.startswith("volume/0/") for field in below.fields)
        for wrong in ("volume/", "vol", "volume/1", "", "name/x", "NAME"):
            for choice in (Choice(show=(wrong,)), Choice(withhold=("code", wrong))):
                with says_no("no_such_field", Refused):
                    nodes.bundle(index, choice)


def test_names_only_and_nothing_at_all() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        names = opened(nodes, index, NAMES)
        assert names.fields == ()
        assert "name" in names.withheld
        files = nodes.bundle(index, NOTHING)
        assert Piece.OPENING not in files
        report = verify_bundle(files, nodes.trust())
        assert report.outcome is Outcome.PROVEN
        assert report.opened is None
    with says_no("bad_choice", Malformed):
        Choice(show=("name",), listed=False)


# --- what was recorded, whoever received it -------------------------------------------------------


def test_an_entry_for_ourselves_is_proven_as_recorded_and_as_no_more() -> None:
    with two_nodes(witnesses=3) as nodes:
        index = nodes.note_to_self()
        nodes.tick()
        nodes.witness(1, 2)
        with pytest.raises(Refused) as caught:
            nodes.bundle(index)
        assert caught.value.code == "not_delivered"
        files = nodes.bundle(index, Choice(withhold=("words",)), recorded=True)
        report = verify_bundle(files, nodes.trust(quorum=2), recorded=True)
        assert report.outcome is Outcome.PROVEN
        assert "nobody is said to have received it" in report.reason
        assert report.opened is not None
        assert [field.path for field in report.opened.fields] == ["received"]
        assert report.opened.withheld == ("words",)
        as_given = verify_bundle(files, nodes.trust(quorum=2))
        assert as_given.outcome is Outcome.NOT_PROVEN
        three = verify_bundle(files, nodes.trust(quorum=2), recorded=True, quorum=3)
        assert three.outcome is Outcome.NOT_PROVEN


def test_a_record_that_nobody_else_saw_proves_nothing() -> None:
    with two_nodes() as nodes:
        index = nodes.note_to_self()
        files = nodes.bundle(index, recorded=True)
        report = verify_bundle(files, nodes.trust(), recorded=True)
        assert report.outcome is Outcome.NOT_PROVEN
        nodes.give(nodes.declare())  # now beta has cosigned a head with it
        again = verify_bundle(nodes.bundle(index, recorded=True), nodes.trust(), recorded=True)
    assert again.outcome is Outcome.PROVEN
    standings = {claim.level: claim.standing for claim in again.claims}
    assert standings[Level.PEER_COSIGNED] is Standing.HELD
    assert standings[Level.WITNESSED] is Standing.ABSENT
    assert Level.ACKNOWLEDGED not in standings


def test_a_notice_that_nobody_took_can_be_proven_as_recorded() -> None:
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.witness()
        files = nodes.bundle(index, recorded=True)
        assert Piece.RECEIPT not in files
        assert verify_bundle(files, nodes.trust(), recorded=True).outcome is Outcome.PROVEN
        assert verify_bundle(files, nodes.trust()).outcome is Outcome.NOT_PROVEN
        edited = files | {MANIFEST_NAME: files[MANIFEST_NAME].replace(b"subject", b"subjecT")}
        assert verify_bundle(edited, nodes.trust(), recorded=True).outcome is Outcome.BAD_INPUT
