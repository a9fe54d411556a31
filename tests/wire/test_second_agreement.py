"""The page on agreements says everything: an implementation from it alone agrees with comity."""

import ast
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.resolve import Case, Rules, book_of
from comity.model.clause import Agreement, Clause, Scope
from comity.model.fault import Malformed
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.parameter import PARAMETERS
from comity.wire.agreement_v1 import agreement_hash, agreement_text, parse_agreement
from comity.wire.canonical import sha256
from tests.wire import second_agreement as second
from tests.wire.vectors import ALPHA, BRAVO, identity
from tests.wire.vectors_agreement import CASES, HOST, UN, agreed

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

VECTORS = tomllib.loads(
    (Path(__file__).parents[1] / "vectors" / "agreement_v1.toml").read_text("utf-8")
)
FIRST, SECOND = agreed()
TEXT = agreement_text(FIRST)
KEYS = {
    origin: (f"{origin}/desk", identity(origin).entry.verifier().public)
    for origin in (ALPHA, BRAVO)
}
CASE_KEYS = ("by", "to", "kind", "purpose", "domain", "craft")


def test_it_knows_nothing_of_the_first() -> None:
    tree = ast.parse(Path(second.__file__).read_text("utf-8"))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [getattr(node, "module", None) or node.names[0].name for node in nodes]
    assert not [name for name in names if name.split(".")[0] in {"comity", "tests", "tools"}]


def test_the_table_is_the_whole_table() -> None:
    assert second.TABLE.keys() == PARAMETERS.keys()


@pytest.mark.parametrize("at", [0, 1])
def test_vectors_are_read_hashed_and_their_signatures_hold(at: int) -> None:
    vector = VECTORS["agreement"][at]
    found = second.read(vector["text"])
    assert (found.name, found.version) == ("atlantic", at + 1)
    assert found.principals == [ALPHA, BRAVO]
    assert sha256(vector["text"].encode()).hex() == vector["sha256"]
    assert second.signers(vector["note"].encode(), KEYS) == {ALPHA, BRAVO}
    with pytest.raises(second.No):
        second.signers(vector["note"].replace("until", "untik").encode(), KEYS)


def test_a_version_names_the_one_before() -> None:
    first, amended = (second.read(vector["text"]) for vector in VECTORS["agreement"])
    assert first.previous is None
    assert amended.previous == bytes.fromhex(VECTORS["agreement"][0]["sha256"])


@pytest.mark.parametrize("at", range(len(CASES)))
def test_vectors_of_rulings_are_reproduced(at: int) -> None:
    said = VECTORS["ruling"][at]
    case = {key: said[key] for key in CASE_KEYS if key in said}
    found = second.ruling(second.read(TEXT), said["parameter"], case)
    known = second.TABLE[said["parameter"]]
    if said["clause"] == "-":
        assert (found, said["value"]) == (None, known.default)
        return
    first = PARAMETERS[said["parameter"]].least if known.names else 0
    assert found == (said["value"] - first, said["clause"])


# --- agreement on everything else ----------------------------------------------------------------


def accepts(text: str) -> bool:
    try:
        second.read(text)
    except second.No:
        return False
    return True


def reads(text: str) -> bool:
    try:
        parse_agreement(text)
    except Malformed:
        return False
    return True


LINES = TEXT.split("\n")
E = TypeVar("E", bound=StrEnum)


@given(st.data())
def test_both_judge_changed_letters_alike(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(TEXT)))
    letters = st.sampled_from(
        (" ", "\n", "0", "9", "-", "a", ",", "\u00e9", "\u202e", "\ud800", "")
    )
    edited = TEXT[:at] + data.draw(letters) + TEXT[at + data.draw(st.integers(0, 2)) :]
    assert accepts(edited) is reads(edited)


@given(st.data())
def test_both_judge_changed_lines_alike(data: st.DataObject) -> None:
    lines = list(LINES)
    at, other = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match data.draw(st.sampled_from(("drop", "swap", "double", "value"))):
        case "drop":
            del lines[at]
        case "swap":
            lines[at], lines[other] = lines[other], lines[at]
        case "double":
            lines.insert(at, lines[at])
        case _:
            key = lines[at].partition(" ")[0]
            lines[at] = f"{key} {lines[other].partition(' ')[2]}"
    edited = "\n".join(lines)
    assert accepts(edited) is reads(edited)


@given(st.sampled_from(sorted(PARAMETERS)), st.sampled_from((-1, 0, 1)), st.booleans())
def test_both_know_every_range(name: str, step: int, top: bool) -> None:  # noqa: FBT001 - drawn
    known = PARAMETERS[name]
    value = (known.most if top else known.least) + step
    word = known.names[value - 1] if known.names and 0 < value <= len(known.names) else str(value)
    edited = TEXT.replace("set disclosure_step area\n", f"set {name} {word}\n", 1)
    lines = edited.split("\n")
    start = lines.index("clause separation")
    stop = lines.index("clause combat-craft")
    sets = sorted(
        {line.split(" ")[1]: line for line in lines[start:stop] if "set " in line}.items()
    )
    kept = [line for line in lines[start:stop] if not line.startswith("set ")]
    edited = "\n".join([*lines[:start], *kept, *(line for _, line in sets), *lines[stop:]])
    assert accepts(edited) is reads(edited)


def subsets(kind: type[E]) -> st.SearchStrategy[frozenset[E]]:
    return st.frozensets(st.sampled_from(list(kind)), max_size=2)


ORIGINS = st.frozensets(st.sampled_from([ALPHA, BRAVO, HOST, UN]), max_size=2)
SCOPES = st.builds(
    Scope,
    kinds=subsets(SubjectKind),
    crafts=subsets(Craft),
    domains=st.just(frozenset()),
    purposes=st.just(frozenset()),
    by=ORIGINS,
    to=ORIGINS,
)
NAMES = st.sampled_from(("margin_us", "onward_max", "guard_vhf_hz"))
VALUES = st.dictionaries(NAMES, st.integers(0, 2), min_size=1)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    """A few clauses that speak of the same things; those named later stand over earlier ones."""
    clauses = []
    for at in range(draw(st.integers(1, 5))):
        below = draw(st.frozensets(st.integers(0, at - 1), max_size=2)) if at else frozenset()
        clauses.append(
            Clause(
                id=f"c{at}",
                title="",
                scope=draw(SCOPES),
                over=tuple(sorted(f"c{each}" for each in below)),
                values=tuple(sorted(draw(VALUES).items())),
            )
        )
    order = draw(st.permutations(clauses))
    return Agreement(
        name="x",
        version=1,
        previous=None,
        parties=FIRST.parties,
        from_us=FIRST.from_us,
        until_us=None,
        languages=("en",),
        clauses=tuple(order),
    )


CASE = st.builds(
    Case,
    by=st.sampled_from([None, ALPHA, BRAVO]),
    to=st.sampled_from([None, BRAVO, HOST]),
    kind=st.sampled_from([None, *SubjectKind]),
    craft=st.sampled_from([None, *Craft]),
    domain=st.sampled_from([None, Domain.AIR]),
    purpose=st.sampled_from([None, Purpose.TRAINING]),
)


@given(agreements(), CASE, NAMES)
def test_both_find_the_same_clause(agreement: Agreement, case: Case, name: str) -> None:
    asked = {key: value for key in CASE_KEYS if (value := getattr(case, key)) is not None}
    found = second.ruling(second.read(agreement_text(agreement)), name, asked)
    ruling = Rules(books=(book_of(agreement),)).ruling(name, case)
    if ruling.clause == "-":
        assert found is None
    else:
        assert found == (ruling.value, ruling.clause)


def test_the_comparison_sees_a_page_that_says_less(monkeypatch: pytest.MonkeyPatch) -> None:
    assert accepts(TEXT) is reads(TEXT) is True
    assert agreement_hash(TEXT).hex() == VECTORS["agreement"][0]["sha256"]
    monkeypatch.setitem(second.SCOPES, "crafts", ["unarmed"])
    assert accepts(TEXT) is not reads(TEXT)
    monkeypatch.undo()
    monkeypatch.delitem(second.TABLE, "onward_max")
    assert accepts(TEXT) is not reads(TEXT)
    monkeypatch.undo()
    case = {"craft": "combat"}
    found = second.read(TEXT)
    before = second.ruling(found, "clearance_lateral_mm", case)
    monkeypatch.setattr(second.TABLE["clearance_lateral_mm"], "more", False)
    found.clauses[1].scope = {}
    assert second.ruling(found, "clearance_lateral_mm", case) != before
