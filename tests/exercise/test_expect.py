import pytest

from comity.exercise.expect import check_path, unmet, value_at, wanted
from comity.exercise.scenario import Expectation
from comity.model.fault import Malformed
from comity.wire.canonical import Json

DOCUMENT: Json = {
    "verdict": "short",
    "lead": 60,
    "none": None,
    "yes": True,
    "unreached": [
        {"unit": "a", "known_to": [{"party": "host"}, {"party": "bravo"}]},
        {"unit": "b", "known_to": [{"party": "alpha"}]},
    ],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("verdict", "short"),
        ("unreached.count", 2),
        ("unreached[1].unit", "b"),
        ("unreached[7].unit", None),
        ("unreached[*].unit", ["a", "b"]),
        ("unreached[*].known_to[*].party", ["host", "bravo", "alpha"]),
        ("unreached[unit=b].known_to[*].party", ["alpha"]),
        ("unreached[unit=b].count", 1),
        ("unreached[unit=z].count", 0),
        ("nowhere.deep[0]", None),
        ("verdict.count", None),
        ("unreached[unit=a].known_to[party=bravo].party", ["bravo"]),
        ("unreached[unit=a][party=none].count", 0),
        ("unreached[unit=b][unit=b].unit", ["b"]),
    ],
)
def test_what_stands_at_a_path(path: str, value: Json) -> None:
    assert value_at(DOCUMENT, path) == value


@pytest.mark.parametrize(
    "path", ["", ".", "[0]", "a..b", "a[", "a[x]", "a[=b]", "A", "a b", "a" * 300]
)
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(Malformed):
        check_path(path)


@pytest.mark.parametrize(
    "expectation",
    [
        Expectation(path="verdict", equals="short"),
        Expectation(path="lead", equals=60),
        Expectation(path="lead", at_least=60, at_most=60),
        Expectation(path="none", is_null=True),
        Expectation(path="verdict", is_null=False),
        Expectation(path="unreached[*].unit", contains="a"),
        Expectation(path="yes", equals=True),
    ],
)
def test_what_holds(expectation: Expectation) -> None:
    assert unmet(expectation, DOCUMENT) is None


@pytest.mark.parametrize(
    ("expectation", "sentence"),
    [
        (Expectation(path="verdict", equals="x"), "verdict: expected 'x', found 'short'"),
        (Expectation(path="lead", at_least=61), "lead: expected at least 61, found 60"),
        (Expectation(path="lead", at_most=59), "lead: expected at most 59, found 60"),
        (Expectation(path="none", at_least=0), "none: expected at least 0, found null"),
        (Expectation(path="none", is_null=False), "none: expected a value, found null"),
        (Expectation(path="lead", is_null=True), "lead: expected null, found 60"),
        (
            Expectation(path="verdict", contains="s"),
            "verdict: expected a list with 's', found 'short'",
        ),
        (Expectation(path="yes", equals=1), "yes: expected 1, found True"),
        (Expectation(path="yes", at_least=1), "yes: expected at least 1, found True"),
    ],
)
def test_what_does_not_hold_is_said(expectation: Expectation, sentence: str) -> None:
    assert unmet(expectation, DOCUMENT) == sentence


SHOWN: Json = {
    "at": ["2030-03-01T06:00:07Z", None, "2030-03-01T06:00:05Z"],
    "text": "unit 2b of bravo was not reached",
    "texts": [["one"], ["two"]],
    "never": [None],
    "nothing": [],
    "here": [3],
    "there": [3],
}


@pytest.mark.parametrize(
    ("expectation", "holds"),
    [
        (Expectation(path="at", no_later="2030-03-01T06:00:05Z"), True),
        (Expectation(path="at", no_later="2030-03-01T06:00:04.999Z"), False),
        (Expectation(path="at", no_earlier="2030-03-01T06:00:05Z"), True),
        (Expectation(path="at", no_earlier="2030-03-01T06:00:06Z"), False),
        (Expectation(path="text", no_later="2030-03-01T06:00:05Z"), False),
        (Expectation(path="nothing", no_later="2030-03-01T06:00:05Z"), False),
        (Expectation(path="nothing", no_earlier="2030-03-01T06:00:05Z"), False),
        (Expectation(path="text", says="not reached"), True),
        (Expectation(path="texts", says="two"), True),
        (Expectation(path="texts", says="three"), False),
        (Expectation(path="nowhere", says="two"), False),
        (Expectation(path="text", lacks="post-2"), True),
        (Expectation(path="text", lacks="bravo"), False),
        (Expectation(path="nothing", lacks="bravo"), False),
        (Expectation(path="here", same_as="there"), True),
        (Expectation(path="here", same_as="at"), False),
        (Expectation(path="nothing", same_as="nothing"), False),
        (Expectation(path="nowhere", same_as="elsewhere"), False),
        (Expectation(path="nothing", is_null=True), True),
        (Expectation(path="nothing", is_null=False), False),
    ],
)
def test_what_is_said_when(expectation: Expectation, *, holds: bool) -> None:
    assert (unmet(expectation, SHOWN) is None) is holds
    assert wanted(expectation)
