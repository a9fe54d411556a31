"""The reference pages of the command line say what the command line does."""

import importlib.util
import re
from dataclasses import fields
from types import ModuleType

import pytest

from comity.cli.exit_codes import MEANINGS, ExitCode, exit_code_of
from comity.config import Home, WitnessHome
from comity.model.fault import Fault
from tests.tidy.tree import ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cli_page", ROOT / "tools" / "cli_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_tool_writes(tool: ModuleType) -> None:
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    assert page == tool.page(), "run tools/cli_page.py"


def test_the_tool_reads_the_commands(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "VERBS", tool.VERBS[:1])
    assert "## comity init" in tool.page()
    assert "## comity serve" not in tool.page()


def test_every_setting_of_a_home_has_a_row() -> None:
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    settings = {field.name for kind in (Home, WitnessHome) for field in fields(kind)} - {"path"}
    rows = set(re.findall(r"^\| (\w+) \|", page, re.MULTILINE)) - {"setting", "file"}
    assert settings <= rows


def test_every_exit_code_has_its_row() -> None:
    page = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (\w+) \| (.*) \|$", page, re.MULTILINE)
    assert rows == [(str(int(code)), code.name, MEANINGS[code]) for code in ExitCode]


def test_a_fault_of_no_known_class_is_internal() -> None:
    assert exit_code_of(Fault("what")) is ExitCode.INTERNAL
