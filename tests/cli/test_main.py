"""The frame of the command line: help without imports, exit codes, words for every failure."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comity import __version__
from comity.cli import main
from comity.cli.exit_codes import ExitCode
from comity.cli.main import VERBS, command, load
from comity.model.fault import (
    Corrupt,
    Malformed,
    Refusal,
    Refused,
    Unavailable,
    Untrusted,
)
from tests.cli.stand_in import Comity

if TYPE_CHECKING:
    from typer._click.core import Command

HEAVY = ("httpx", "starlette", "shapely", "apsw", "numpy", "uvicorn")
LOADED = "import sys; from comity.cli.main import run; run({words}); print(*sys.modules)"


def modules_after(*words: str) -> set[str]:
    """The modules that a fresh interpreter holds after one command line."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=list(words))],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=15,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def leaves(found: "Command", path: str) -> Iterator[tuple[str, "Command"]]:
    """The commands below a command, with the words that lead to them."""
    below: dict[str, Command] = getattr(found, "commands", {})
    if not below:
        yield path, found
    for name, each in below.items():
        yield from leaves(each, f"{path} {name}")


def commands() -> dict[str, "Command"]:
    return {path: leaf for verb in VERBS for path, leaf in leaves(load(verb), verb.name)}


def example_lines(leaf: "Command") -> list[str]:
    """The example command lines of a help text, continued lines joined."""
    return (leaf.epilog or "").replace("\\\n", " ").splitlines()[2:]


def test_help_imports_no_verb() -> None:
    loaded = modules_after("--help")
    assert not loaded & set(HEAVY)
    assert "comity.cli.main" in loaded
    assert not loaded & {verb.target.partition(":")[0] for verb in VERBS}


def test_verify_imports_no_server_and_no_geometry() -> None:
    loaded = modules_after("verify", "nowhere", "--trust", "nothing")
    assert not loaded & {*HEAVY, "comity.config", "comity.log", "comity.assembly"}
    assert "comity.cli.verify" in loaded


def test_the_check_sees_a_heavy_import() -> None:
    assert set(HEAVY) & modules_after("exercise", "list")


def test_version(comity: Comity) -> None:
    answer = comity("--version")
    assert (answer.code, answer.out) == (0, f"comity {__version__}\n")


def test_no_words_are_a_call_for_help(comity: Comity) -> None:
    assert comity() == comity("--help")
    assert comity().code == 0


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_a_summary_is_the_verbs_own(verb: main.Verb) -> None:
    assert load(verb).get_short_help_str(200).rstrip(".") == verb.summary.rstrip(".")


@pytest.mark.parametrize(("path", "leaf"), commands().items(), ids=commands())
def test_examples_can_be_parsed(path: str, leaf: "Command") -> None:
    for line in example_lines(leaf):
        start, *words = shlex.split(line)
        assert (start, words[: len(path.split())]) == ("comity", path.split())
        leaf.make_context(path, words[len(path.split()) :])


def test_every_command_has_help_and_all_but_the_exercise_an_example() -> None:
    assert [path for path, leaf in commands().items() if not leaf.help] == []
    bare = [path for path, leaf in commands().items() if not example_lines(leaf)]
    assert [path for path in bare if not path.startswith("exercise")] == []


@pytest.mark.parametrize(
    "words",
    [
        ("bogus",),
        ("--bogus",),
        ("notice",),
        ("notice", "bogus"),
        ("notice", "list", "--kind", "bogus"),
        ("init",),
        ("init", "home", "--name", "alpha"),
    ],
)
def test_wrong_use_ends_with_64_and_one_short_paragraph(
    comity: Comity, words: tuple[str, ...]
) -> None:
    answer = comity(*words)
    assert answer.code == ExitCode.USAGE
    assert "--help" in answer.err
    assert len(answer.err.splitlines()) < 5
    assert not answer.out


def test_no_summary_is_cut_and_what_is_used_most_stands_first(comity: Comity) -> None:
    for verb in VERBS:
        assert "..." not in comity(verb.name, "--help").out.partition("Commands:")[2]
    listed = comity("hotline", "--help").out.partition("Commands:")[2].splitlines()
    names = [line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "]
    assert names[:7] == ["send", "inbox", "show", "answer", "due", "alerts", "chain"]


def test_a_slip_gets_a_suggestion(comity: Comity) -> None:
    assert "Did you mean 'notice'?" in comity("notic").err


FAULTS = [
    (Malformed("bytes"), ExitCode.BAD_INPUT),
    (Untrusted("key"), ExitCode.NO_PERMISSION),
    (Refused(Refusal(code="no", reason="because", what_to_do="ask")), ExitCode.REFUSED),
    (Unavailable("later"), ExitCode.NOT_REACHED),
    (Unavailable("held", code="lock_held"), ExitCode.LOCKED),
    (Malformed("seed", code="bad_key_file"), ExitCode.NO_PERMISSION),
    (Corrupt("torn"), ExitCode.INTERNAL),
    (ZeroDivisionError("s3cret"), ExitCode.INTERNAL),
    (KeyboardInterrupt(), ExitCode.INTERRUPTED),
]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Put a verb that raises in the place of `status`."""

    def planted(error: BaseException) -> None:
        def fails() -> None:
            raise error

        monkeypatch.setattr(main, "planted", fails, raising=False)
        verb = main.Verb(name="status", target="comity.cli.main:planted", summary="")
        monkeypatch.setitem(main._BY_NAME, "status", verb)

    return planted


@pytest.mark.parametrize(("error", "code"), FAULTS, ids=lambda each: type(each).__name__)
def test_every_fault_has_its_exit_code_and_no_traceback(
    comity: Comity, plant: Callable[[BaseException], None], error: BaseException, code: ExitCode
) -> None:
    plant(error)
    answer = comity("status")
    assert answer.code == code
    assert "Traceback" not in answer.err
    assert "s3cret" not in answer.err


def test_an_internal_fault_has_an_id_and_shows_its_trace_when_asked(
    comity: Comity, plant: Callable[[BaseException], None]
) -> None:
    plant(ZeroDivisionError())
    assert "error id: " in comity("status").err
    assert "Traceback" in comity("--verbose", "status").err


def test_a_failure_can_be_had_as_json(comity: Comity, tmp_path: Path) -> None:
    answer = comity("status", "--json", "--home", tmp_path)
    assert json.loads(answer.err) == {
        "exit_code": ExitCode.USAGE,
        "code": "no_home",
        "what": "refused",
        "why": f"there is no {tmp_path}/home.toml",
        "what_to_do": "Name a home with --home or COMITY_HOME, or make one: comity init",
        "field": None,
        "error_id": None,
    }


def test_completion_offers_verbs_without_importing_them() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "comity"],
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "_COMITY_COMPLETE": "complete_bash",
            "COMP_WORDS": "comity no",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    assert done.stdout.split() == ["notice", "node"]


def test_the_command_names_every_verb_once() -> None:
    names = getattr(command(), "commands", {})
    assert [*names] == [verb.name for verb in VERBS]
