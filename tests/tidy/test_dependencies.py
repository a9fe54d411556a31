"""What is declared, what is locked and what is explained are one list, and all of it permissive."""

import email
import importlib.metadata
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tests.tidy.tree import ROOT

PIN = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})*)", re.MULTILINE
)
OURS = "comity (pyproject.toml"
COPYLEFT = re.compile(r"\b[AL]?GPL|GNU (?:Affero )?General", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One locked package: its version, whether it is hashed, whether we asked for it ourselves."""

    version: str
    hashed: bool
    direct: bool


Locked: TypeAlias = dict[NormalizedName, Pin]
Declared: TypeAlias = dict[NormalizedName, Requirement]


def pins(lock: str) -> Locked:
    """The packages of a lock, by normalised name."""
    starts = [*PIN.finditer(lock)]
    ends = [*(start.start() for start in starts[1:]), len(lock)]
    return {
        canonicalize_name(start[1]): Pin(
            version=start[2], hashed=bool(start[3]), direct=OURS in lock[start.start() : end]
        )
        for start, end in zip(starts, ends, strict=True)
    }


def rows(page: str) -> set[NormalizedName]:
    """The packages that have a line in a table: `| name | ...`."""
    named = re.findall(r"^\| ([A-Za-z][\w.-]*) \|", page, re.MULTILINE)
    return {canonicalize_name(name) for name in named} - {"package"}


def mismatches(declared: Declared, locked: Locked) -> list[str]:
    """Where a lock is not what the declaration asks for."""
    direct = {name for name, pin in locked.items() if pin.direct}
    found = [f"{name} is declared, not locked" for name in sorted(declared.keys() - direct)]
    found += [f"{name} is locked, not declared" for name in sorted(direct - declared.keys())]
    found += [f"{name} has no hash" for name, pin in sorted(locked.items()) if not pin.hashed]
    found += [
        f"{requirement} is locked at {locked[name].version}"
        for name, requirement in sorted(declared.items())
        if name in locked and not requirement.specifier.contains(locked[name].version)
    ]
    return found


def licence_lines(metadata: Iterable[tuple[str, str]]) -> list[str]:
    """What a package's metadata says of its licence, in its old field, its new one or a class."""
    fields = {"License", "License-Expression"}
    return [text for field, text in metadata if field in fields or text.startswith("License ::")]


def declared(*, tests: bool) -> Declared:
    """What pyproject.toml asks for, to build and run, and to test if asked."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = pyproject["build-system"]["requires"] + pyproject["project"]["dependencies"]
    lines += pyproject["project"]["optional-dependencies"]["test"] if tests else []
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): each for each in requirements}


def _lock(name: str) -> Locked:
    return pins((ROOT / name).read_text(encoding="utf-8"))


def test_the_locks_hold_what_is_declared() -> None:
    assert mismatches(declared(tests=False), _lock("requirements.lock")) == []
    assert mismatches(declared(tests=True), _lock("requirements-test.lock")) == []


def test_tests_run_on_the_versions_that_ship() -> None:
    tested = _lock("requirements-test.lock")
    shipped = _lock("requirements.lock")
    assert {name: tested[name].version for name in shipped} == {
        name: pin.version for name, pin in shipped.items()
    }


def test_every_dependency_is_explained() -> None:
    page = (ROOT / "docs/decisions/dependencies.md").read_text(encoding="utf-8")
    assert rows(page) == set(declared(tests=True))


@pytest.mark.parametrize("name", sorted(_lock("requirements.lock")))
def test_every_shipped_licence_is_permissive(name: str) -> None:
    metadata = importlib.metadata.distribution(name).read_text("METADATA") or ""
    licences = licence_lines(email.message_from_string(metadata).items())
    assert licences
    assert [line for line in licences if COPYLEFT.search(line)] == []


def test_the_checks_see_a_lock_that_went_astray() -> None:
    lock = (
        "kept==1.0 \\\n    --hash=sha256:" + "0" * 64 + f"\n    # via {OURS})\n"
        f"stale==2.0\n    # via\n    #   {OURS})\n    #   kept\n"
        f"old==0.9 \\\n    --hash=sha256:{'1' * 64}\n    # via {OURS})\n"
        "drawn-in==3.0 \\\n    --hash=sha256:" + "2" * 64 + "\n    # via kept\n"
    )
    asked = ("kept", "old", "absent", "drawn-in")
    wanted = {canonicalize_name(name): Requirement(f"{name}>=1") for name in asked}
    assert mismatches(wanted, pins(lock)) == [
        "absent is declared, not locked",
        "drawn-in is declared, not locked",
        "stale is locked, not declared",
        "stale has no hash",
        "old>=1 is locked at 0.9",
    ]


def test_the_checks_read_tables_and_licences() -> None:
    assert rows("| package | saves |\n|---|---|\n| PyNaCl | x |\nhttpx\n") == {"pynacl"}
    copyleft = [
        ("Classifier", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"),
        ("License-Expression", "LGPL-3.0-or-later"),
        ("License", "AGPL-3.0-only"),
    ]
    assert all(COPYLEFT.search(line) for line in licence_lines(copyleft))
    assert licence_lines([*copyleft, ("Name", "x"), ("License", "MIT")])[3:] == ["MIT"]
    assert not COPYLEFT.search("MIT")
