"""Plain words: every line of a text is in them, and nothing stands there that is not in it."""

from comity.agreement.plain import clause_words, head_words, scope_words, value_words
from comity.model.clause import Scope
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.parameter import PARAMETERS
from tests.agreement.samples import ALPHA, BRAVO, EVERYWHERE, HOST, UN, agreement, setting
from tests.wire.test_agreement_v1 import FULL


def test_the_head_says_who_from_when_and_what_it_follows() -> None:
    words = dict(reversed(head_words(FULL)))
    parties = [value for name, value in head_words(FULL) if name == "party"]
    assert parties == [
        f"{ALPHA}: principal, signs",
        f"{BRAVO}: principal, signs",
        f"{HOST}: bound, bravo signs for it",
        f"{UN}: mediator, reads it and is not bound",
    ]
    assert words["agreement"] == "flight-safety, version 2"
    assert words[""] == f"amends the text with the hash {'01' * 32}"
    assert words["in force from"].endswith("or the last signature if later")
    assert dict(head_words(agreement()))["until"] == "without end"


def test_a_clause_says_where_it_holds_and_what_it_goes_before() -> None:
    words = dict(clause_words(FULL.clauses[0]))
    assert words == {
        "holds for": "operations, purpose survey or training, domain air, craft combat or uav, "
        "by alpha, toward bravo or host",
        "goes before": "lead",
        "measured from": "-0.0000001,0.0000005 0.0000007,-0.0000009",
        "because": "an example",
    }


def test_a_scope_says_each_condition_that_it_makes() -> None:
    assert scope_words(EVERYWHERE) == "everything"
    scope = Scope(
        kinds=frozenset(SubjectKind),
        purposes=frozenset({Purpose.MEDICAL}),
        domains=frozenset({Domain.MARITIME}),
        crafts=frozenset({Craft.NONE}),
    )
    assert scope_words(scope) == (
        "operations or hazards or presences, purpose medical, domain maritime, craft none"
    )


def test_a_value_says_what_nothing_measures_yet() -> None:
    for name, known in PARAMETERS.items():
        [(shown, value, about)] = value_words(setting("x", {name: known.default}))
        assert (shown, value) == (name, known.shown(known.default))
        assert about.startswith(known.about)
        assert ("nothing measures it yet" in about) is not known.measured
