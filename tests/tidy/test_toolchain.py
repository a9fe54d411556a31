"""The commands that a newcomer types first: they exist, and they say what is missing."""

import os
import subprocess
import sys
from pathlib import Path

from tests.tidy.tree import ROOT

TARGETS = {"help", "run", "test", "test-long", "lint", "format", "lock", "clean"}


def _say(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )


def test_help_names_every_target() -> None:
    answer = _say("make", "--no-print-directory", "help", MAKEFLAGS="")
    assert answer.returncode == 0
    assert {line.split()[1] for line in answer.stdout.splitlines()} == TARGETS


def test_every_script_can_be_run() -> None:
    scripts = [ROOT / ".ci/run", *(ROOT / "tools").iterdir()]
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


def test_this_python_will_do() -> None:
    assert _say("tools/check-python", sys.executable).returncode == 0


def test_a_missing_python_is_named() -> None:
    answer = _say("tools/check-python", "python-that-is-not-here")
    assert answer.returncode == 1
    assert "Python 3.11 or newer" in answer.stderr


def test_an_old_python_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2 && exit 0\nexit 1\n')
    old.chmod(0o755)
    answer = _say("tools/check-python", str(old))
    assert answer.returncode == 1
    assert "Python 3.9.2" in answer.stderr


def test_a_python_without_ensurepip_is_told_which_package(tmp_path: Path) -> None:
    (tmp_path / "ensurepip.py").write_text("raise ImportError\n")
    answer = _say("tools/check-python", sys.executable, PYTHONPATH=str(tmp_path))
    assert answer.returncode == 1
    assert "python3-venv" in answer.stderr
