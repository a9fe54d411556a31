"""A command line in this process, and a stand-in for the node that it talks to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.cli.main import run
from comity.config import Home
from tests.cli.stand_in import NOTICE, Answer, Comity, StandIn, make_home


@pytest.fixture
def comity(monkeypatch: pytest.MonkeyPatch) -> Comity:
    for name in ("COMITY_HOME", "COMITY_WITNESS_HOME", "COMITY_ROLE", "COMITY_PERSON"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str | Path, stdin: str = "") -> Answer:
        with CliRunner().isolation(input=stdin) as (out, err, _):
            code = run([str(word) for word in words])
            sys.stdout.flush()
            sys.stderr.flush()
            return Answer(code=int(code), out=out.getvalue().decode(), err=err.getvalue().decode())

    return call


@pytest.fixture
def node() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        stand_in.lists(f"conflicts?subject={NOTICE}", [])
        yield stand_in


@pytest.fixture
def home(node: StandIn, tmp_path: Path) -> Home:
    """A home whose address is that of the stand-in."""
    return make_home(tmp_path / "alpha", node.address)


@pytest.fixture
def ask(comity: Comity, home: Home) -> Comity:
    """A command line for that home."""

    def call(*words: str | Path, stdin: str = "") -> Answer:
        return comity(*words, "--home", home.path, stdin=stdin)

    return call
