"""The reference pages say what the code does: every code, parameter, speed, limit and line."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from comity.intake.assess import _SPEED_MM_S
from comity.model.agreement import Parameters
from comity.model.notice import Craft
from comity.model.parameter import PARAMETERS, Stricter
from comity.web.problem import STATUS_OF_CODE
from comity.wire import limits
from comity.wire.entry_v1 import EntryType
from tests.tidy.tree import ROOT, Source, source, sources

PAGES = ROOT / "docs" / "reference"
VERDICT = re.compile(r"[a-z0-9_]{1,64}")
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def page(name: str) -> str:
    return (PAGES / name).read_text("utf-8")


def cells(name: str, first: str) -> list[str]:
    """The cells of the table row whose first cell is `first`."""
    found = [line for line in page(name).splitlines() if line.startswith(f"| `{first}` |")]
    assert len(found) == 1, f"{name} has {len(found)} rows for {first}"
    return [cell.strip() for cell in found[0].strip("|").split(" | ")]


# --- refusals ------------------------------------------------------------------------------------


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be: itself, or either side of an `if`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def takers(module: Source) -> dict[str, int]:
    """Functions of a module that take a parameter `code` by position, and its position."""
    found: dict[str, int] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            if "code" in names:
                found[node.name] = names.index("code") - (names[0] in {"self", "cls"})
    return found


def codes(module: Source) -> set[str]:
    """Every code that a module can put into a fault or refusal."""
    by_position, found = takers(module), set[str]()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            found.update(given(node, by_position.get(ast.unparse(node.func))))
        elif isinstance(node, ast.ClassDef):
            found.update(own(node))
    return found


def given(call: ast.Call, at: int | None) -> Iterator[str]:
    """The codes that a call passes: `code=`, or the argument at a position."""
    for keyword in call.keywords:
        if keyword.arg == "code":
            yield from literals(keyword.value)
    if at is not None and at < len(call.args):
        yield from literals(call.args[at])


def own(declared: ast.ClassDef) -> Iterator[str]:
    """The code that a class has without being given one."""
    for each in declared.body:
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "code":
            yield from literals(each.value)


def all_codes() -> set[str]:
    found = {code for module in sources("src/comity") for code in codes(module)}
    return found | set(STATUS_OF_CODE)


def test_every_code_has_a_line() -> None:
    assert sorted(all_codes() - set(ROW.findall(page("refusals.md")))) == []


def test_no_line_is_about_a_code_that_is_gone() -> None:
    text = page("refusals.md").partition("## Flags and warnings")[0]
    beside = {"accepted", "peer_<code>"}
    known = all_codes() | beside | mentioned()
    assert sorted(set(ROW.findall(text)) - known) == []


def mentioned() -> set[str]:
    """Texts anywhere in the source: codes that reach a fault by way of a table."""
    found: set[str] = set()
    for module in sources("src/comity"):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_each_line_stands_once_and_says_what_to_do() -> None:
    rows = ROW.findall(page("refusals.md"))
    twice = {code for code in rows if rows.count(code) > 1}
    # Codes, and kinds of warning too.
    beside = {"no_area", "stalled", "clock_untrusted", "disk_full", "witness_stale"}
    assert twice <= beside | {"agreement_suspended"}
    for line in page("refusals.md").splitlines():
        if line.startswith("| `"):
            assert all(len(cell.strip()) > 3 for cell in line.strip("|").split(" | ")[1:3]), line


def test_every_code_can_be_a_verdict() -> None:
    assert [code for code in all_codes() if not VERDICT.fullmatch(code)] == []


# The functions that raise a warning, and where its kind stands among the arguments.
WARNING = {"raise_warning": 2, "accuse": 3, "self._name": 1}


def test_every_warning_has_a_line() -> None:
    text = page("refusals.md").partition("## Flags and warnings")[2]
    kinds = {
        name
        for module in sources("src/comity")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WARNING
        for at in [WARNING[ast.unparse(node.func)]]
        for name in [*literals(node.args[at]), *constant(module, node.args[at])]
    }
    assert len(kinds) > 4
    assert kinds - set(ROW.findall(text)) == set()


def constant(module: Source, node: ast.expr) -> Iterator[str]:
    """The text behind a module's own name, such as `_WARNING`."""
    for each in module.tree.body:
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == ast.unparse(node):
            yield from literals(each.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('raise Malformed("x", code="planted")', {"planted"}),
        ('f(code="one" if x else "two")', {"one", "two"}),
        ('class F(Fault):\n    code = "planted"\n', {"planted"}),
        ('def _no(code, why): ...\n_no("planted", "because")', {"planted"}),
        ("class C:\n    def f(self, why, code): ...\nf('because', 'planted')", {"planted"}),
        ('f(code=f"peer_{x}")\nf(code=x)\nf("planted")', set()),
    ],
)
def test_the_check_sees_every_way_to_give_a_code(text: str, found: set[str]) -> None:
    assert codes(source(text)) == found


# --- agreements ----------------------------------------------------------------------------------


DIRECTIONS = {Stricter.MORE: "more", Stricter.LESS: "less", Stricter.NEITHER: "-"}
# What says of a parameter what it is, and what looks at a draft: neither measures anything.
NO_MEASURE = ("model/parameter.py", "model/agreement.py", "agreement/lint.py")


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_has_a_row_with_its_numbers(name: str) -> None:
    row, known = cells("agreement.md", name), PARAMETERS[name]
    assert row[1] == known.written(known.default)
    assert row[3] == (", ".join(known.names) or f"{known.least} to {known.most}")
    assert row[4] == DIRECTIONS[known.stricter]
    assert row[5].partition(" ")[0] == ("-" if known.floor is None else known.written(known.floor))
    assert row[8].startswith(("P:", "D:", "E"))


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_uses_a_parameter_is_said_and_no_more(name: str) -> None:
    used = cells("agreement.md", name)[7]
    assert PARAMETERS[name].measured is any(measured(name))
    assert ("nothing measures it" in used) is not PARAMETERS[name].measured
    for room, module in re.findall(r"`(intake)\.(\w+)`", used):
        text = next(m.text for m in sources("src/comity") if m.path.endswith(f"{room}/{module}.py"))
        asked = re.search(rf"[.\"]{name}\b", text) or "clearance_of_pair" in text
        assert asked, f"{room}.{module} does not ask for {name}"


def measured(name: str) -> Iterator[str]:
    """The modules that ask for a parameter, as an attribute or by its name; or the phrasebook."""
    asks = re.compile(rf"[.\"]{name}\b")
    for module in sources("src/comity"):
        if asks.search(module.text) and not module.path.endswith(NO_MEASURE):
            yield module.path
    phrases = ROOT / "src/comity/hotline/phrasebook/codes.toml"
    if asks.search(phrases.read_text("utf-8")):
        yield "hotline/message.py"


def test_no_parameter_is_made_up() -> None:
    rows = [name for name in ROW.findall(page("agreement.md")) if "_" in name]
    codes_of_lint = all_codes()
    assert [name for name in rows if name not in codes_of_lint] == list(PARAMETERS)
    block = rows[rows.index("lead_planned_us") : rows.index("disclosure_step")]
    assert set(block) == {field.name for field in fields(Parameters)}


@pytest.mark.parametrize("craft", Craft)
def test_every_craft_has_its_speed(craft: Craft) -> None:
    row = cells("agreement.md", craft)
    speed = _SPEED_MM_S.get(craft)
    assert row[1] == ("-" if speed is None else str(speed))
    if speed:
        assert float(row[2].removesuffix(" km/h")) == pytest.approx(speed * 3.6e-3, rel=0.01)


def test_every_source_is_named_and_used() -> None:
    text, _, below = page("agreement.md").partition("## Sources")
    named = {int(number) for number in re.findall(r"^(\d+)\. ", below, re.MULTILINE)}
    assert {int(number) for number in re.findall(r"\[(\d+)\]", text)} == named


# --- the protocol --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EntryType)
def test_every_type_of_entry_is_described(kind: EntryType) -> None:
    assert f"`{kind}`" in page("protocol.md")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("protocol.md", limits.ENTRY_BYTES_MAX, "16,384 bytes"),
        ("protocol.md", limits.BODY_BYTES_MAX // 2**20, "(1 MiB)"),
        ("protocol.md", limits.REFS_MAX, "0 to 8 such lines"),
        ("protocol.md", limits.PROOF_HASHES_MAX, "at most 63 base64 hashes"),
        ("protocol.md", limits.CLOCK_SKEW_US_MAX // 10**6, "at most 5 s ahead"),
        ("protocol.md", limits.ENVELOPE_AGE_US_MAX // 10**6, "| 300 s |"),
        ("protocol.md", limits.NOTICE_AGE_US_MAX // (86_400 * 10**6), "| 30 days |"),
        ("protocol.md", limits.RETRY_US_MAX // 10**6, "after 2, 4 ... 60 s"),
        ("protocol.md", limits.LINE_RETRY_US_MAX // 10**6, "tried again after 1 s"),
        ("protocol.md", limits.BATCH_ENTRIES_MAX, "list of 1 to 64"),
        ("protocol.md", limits.BATCH_BYTES_MAX // 2**10, "512 KiB at a time"),
        ("protocol.md", limits.GROWTHS_MAX, "list of 1 to 8 pairs"),
        ("protocol.md", int(limits.PEER_DEADLINE_S), "takes at most 5 s"),
        ("notice-v1.md", limits.CONTENT_BYTES_MAX, "262,144 bytes"),
        ("notice-v1.md", limits.CONTENT_FIELDS_MAX, "1 to 511 fields"),
        ("notice-v1.md", limits.PATH_BYTES_MAX, "1 to 128 bytes"),
        ("notice-v1.md", limits.VOLUMES_MAX, "1 to 50 volumes"),
        ("notice-v1.md", limits.UNITS_MAX, "1 to 64 units"),
        ("notice-v1.md", limits.READBACK_MOVED_MM_MAX, "1,000,000 mm"),
    ],
)
def test_limits_are_the_codes(name: str, value: int, said: str) -> None:
    assert said in " ".join(page(name).split())
    assert str(value) in said.replace(",", "")


def test_every_message_and_member_is_described() -> None:
    module = next(m for m in sources("src/comity") if m.path.endswith("exchange/messages.py"))
    classes = [node for node in module.tree.body if isinstance(node, ast.ClassDef)]
    messages = [node for node in classes if not node.name.startswith("_")]
    assert len(messages) == 17
    for message in messages:
        members = [each for each in message.body if isinstance(each, ast.AnnAssign)]
        assert message.name.upper() in page("protocol.md").upper()
        for member in members:
            assert f"`{ast.unparse(member.target)}`" in page("protocol.md")


def test_the_pages_are_there() -> None:
    names = {"notice-v1.md", "protocol.md", "agreement.md", "refusals.md"}
    assert names <= {Path(path).name for path in PAGES.iterdir()}
