"""The shipped evening, played by the command line: for tests that look at what a run leaves."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.wire.canonical import Json

STAMP = "COMITY_TEST_RUN"  # in the environment of whatever a run starts
RUN = [sys.executable, "-m", "comity", "exercise", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    code: int
    said: str
    out: Path

    def variant(self, name: str) -> Any:  # noqa: ANN401 - JSON of any shape
        return json.loads((self.out / "summary.json").read_text())["variants"][name]


def ran(out: Path, *words: str, within_s: float = 220) -> Ran:
    """Run an exercise; one that takes longer is asked to end, so that it ends its nodes."""
    with subprocess.Popen(
        [*RUN, *words, "--out", str(out)],
        env=os.environ | {STAMP: str(out)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said, errors = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired:
            process.terminate()
            said, errors = process.communicate(timeout=30)
    return Ran(code=process.returncode, said=said + errors, out=out)


def without_chance(value: Json) -> Json:
    """Less what keys and salts make different each time, and how often heads were noted.

    Two nodes that speak at one moment of virtual time note each other's head once more or less.
    """
    if isinstance(value, dict):
        chance = {"root", "as", "journal_size"}
        return {k: without_chance(v) for k, v in value.items() if k not in chance}
    return [without_chance(item) for item in value] if isinstance(value, list) else value
