"""`comity`: finds the verb, imports its file and no other, turns every fault into words and a code.

The summaries stand here so that `comity --help` imports no verb; a test holds them to the verbs'
own. Called by the entry point and by `python -m comity`.
"""

import secrets
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from comity import __version__
from comity.cli.exit_codes import ExitCode
from comity.cli.failure import Failure, failure_of, internal_failure
from comity.cli.options import examples
from comity.model.fault import Fault

if TYPE_CHECKING:
    from typer._click.core import Command, Context  # typer's own; there is no public name

__all__ = ["VERBS", "Verb", "command", "load", "run"]

_HELP = "Tell those who share a sky with you what is going to happen, and keep a record of it."
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A verb, where its command or its app is found, and what it does in a line.

    `examples` are for verbs that are one command; the commands of an app have their own.
    """

    name: str
    target: str
    summary: str
    examples: tuple[str, ...] = ()


VERBS = (
    Verb(
        name="init",
        target="comity.cli.init:init",
        summary="Make the home of a new node: keys, certificate and name.",
        examples=(
            "comity init alpha --name alpha --origin alpha.example/comity/2026 \\",
            "    --address https://alpha.example:7101",
            "comity init drill --name alpha --origin alpha.example/comity/2026 \\",
            "    --address http://127.0.0.1:7101 --exercise spring-1",
        ),
    ),
    Verb(
        name="serve",
        target="comity.cli.serve:serve",
        summary="Run the node of a home until it is told to stop.",
        examples=(
            "comity serve --home alpha",
            "comity serve --home drill --exercise spring-1 \\",
            '    --witness "$(comity witness key --home w1)@http://127.0.0.1:7109"',
        ),
    ),
    Verb(
        name="status",
        target="comity.cli.status:status",
        summary="Show the node at a glance: open risks, warnings, lines, journal.",
        examples=("comity status", "comity status --watch"),
    ),
    Verb(
        name="time",
        target="comity.cli.time:app",
        summary="Show the clock and who vouches for times; ask for time stamps.",
    ),
    Verb(
        name="party",
        target="comity.cli.party:app",
        summary="Pass on our card, enrol other parties, list them.",
    ),
    Verb(
        name="agreement",
        target="comity.cli.agreement:app",
        summary="Draft, read, sign, amend and suspend agreements.",
    ),
    Verb(
        name="notice",
        target="comity.cli.notice:app",
        summary="Give notices, move them through their life, read them.",
    ),
    Verb(
        name="hazard",
        target="comity.cli.hazard:app",
        summary="Give notice of what is dangerous to others, and report on it.",
    ),
    Verb(
        name="register",
        target="comity.cli.register:app",
        summary="Protect what is ours: for chosen parties alone, coarse, and not for long.",
    ),
    Verb(
        name="ack",
        target="comity.cli.ack:app",
        summary="Answer a notice: received and understood, never approved.",
    ),
    Verb(
        name="request",
        target="comity.cli.request:app",
        summary="Ask a party about a notice, and reply: a party's own act, never Comity's.",
    ),
    Verb(
        name="hotline",
        target="comity.cli.hotline:app",
        summary="Say what matters in codes that both sides know, by telephone too.",
    ),
    Verb(
        name="outlet",
        target="comity.cli.outlet:app",
        summary="Tell our own people by mail or webhook too: an addition, never proof.",
    ),
    Verb(
        name="key",
        target="comity.cli.key:app",
        summary="Bearer keys, given and taken back; and the keys that sign.",
    ),
    Verb(
        name="entry",
        target="comity.cli.entry:app",
        summary="Read our own journal and hand out evidence of any line in it.",
    ),
    Verb(
        name="backup",
        target="comity.cli.backup:backup",
        summary="Copy a node's journal, settings and cards; the node may run meanwhile.",
        examples=(
            "comity backup /backup/alpha-2026-11-22 --home alpha",
            "comity backup alpha.tar --with-keys --passphrase-file words.txt --home alpha",
        ),
    ),
    Verb(
        name="restore",
        target="comity.cli.restore:restore",
        summary="Make a home from a backup, in a new folder; or see how far a restored node is.",
        examples=(
            "comity restore /backup/alpha-2026-11-22 --keys /safe/keys --home alpha-again",
            "comity restore --show --home alpha-again",
            'comity restore --accept-missing witness.example/w1 --by "A. Smith"',
        ),
    ),
    Verb(
        name="node",
        target="comity.cli.upkeep:app",
        summary="Run a node on a machine: its unit for systemd, its upgrade.",
    ),
    Verb(
        name="purge",
        target="comity.cli.purge:app",
        summary="Delete contents that are over; two people decide.",
    ),
    Verb(
        name="verify",
        target="comity.cli.verify:verify",
        summary="Check an evidence bundle or evidence of a fork offline.",
        examples=(
            "comity verify evidence --trust trust.note",
            "comity verify bravo.fork --trust trust.note",
        ),
    ),
    Verb(
        name="evidence",
        target="comity.cli.evidence:app",
        summary="Show and save what convicts other parties of two histories.",
    ),
    Verb(
        name="audit",
        target="comity.cli.audit:audit",
        summary="Check the whole journal again: every hash, every signature, every proof.",
        examples=("comity audit --home alpha", "comity audit --quick --json"),
    ),
    Verb(
        name="export",
        target="comity.cli.export_parcel:export_parcel",
        summary="Pack what a party should have into a file.",
        examples=("comity export --to bravo /media/stick",),
    ),
    Verb(
        name="import",
        target="comity.cli.import_parcel:import_parcel",
        summary="Take in a file that another party packed for us.",
        examples=("comity import /media/stick/bravo-to-alpha-000001.parcel",),
    ),
    Verb(
        name="exercise",
        target="comity.cli.exercise:app",
        summary="Play a scenario over real nodes on virtual time.",
    ),
    Verb(
        name="bench",
        target="comity.cli.bench:app",
        summary="Measure how fast this machine is with Comity.",
    ),
    Verb(
        name="witness",
        target="comity.cli.witness:app",
        summary="Make and run a neutral witness.",
    ),
)
_BY_NAME = {verb.name: verb for verb in VERBS}


class _LazyGroup(TyperGroup):
    """Knows every verb by its line in VERBS, and imports the one that is called."""

    # typing.override is of Python 3.12.
    def resolve_command(  # type: ignore[explicit-override]
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        """Find the verb as typer does, then put the real command in the place of its line."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, load(_BY_NAME[name]) if name in _BY_NAME else found, rest


def _say_whole(found: "Command") -> None:
    """Let every summary in a list of commands be the whole one: cut, it says too little."""
    for each in getattr(found, "commands", {}).values():
        each.short_help = " ".join((each.help or "").partition("\n\n")[0].split())
        _say_whole(each)


def load(verb: Verb) -> "Command":
    """Import a verb's file and make its command."""
    module, _, attribute = verb.target.partition(":")
    found = getattr(import_module(module), attribute)
    parent = typer.Typer(add_completion=False, rich_markup_mode=None)
    parent.callback()(_nothing)
    if isinstance(found, typer.Typer):
        parent.add_typer(found, name=verb.name)
    else:
        parent.command(verb.name, epilog=examples(*verb.examples))(found)
    made = get_group(parent).commands[verb.name]
    _say_whole(made)
    return made


def command() -> "Command":
    """The whole command line, its verbs not yet imported."""
    app = typer.Typer(cls=_LazyGroup, help=_HELP, context_settings=_SETTINGS, rich_markup_mode=None)
    app.callback()(_root)
    for verb in VERBS:
        app.command(verb.name, short_help=verb.summary)(_nothing)
    return get_command(app)


def run(words: Sequence[str] | None = None) -> int:
    """Run one command line (`sys.argv` if None) to its end; the exit code."""
    given = sys.argv[1:] if words is None else list(words)
    try:
        done = command().main(given or ["--help"], prog_name="comity", standalone_mode=False)
    except typer.TyperException as error:
        return _say_usage(error, given)
    except typer.Abort:
        typer.echo("comity: not finished; nothing was sent", err=True)
        return ExitCode.INTERRUPTED
    except Fault as fault:
        return _say(failure_of(fault), given, fault)
    except Exception as error:  # noqa: BLE001 - the last place before a person would see a traceback
        return _say(internal_failure(error, secrets.token_hex(4)), given, error)
    return done if isinstance(done, int) else ExitCode.OK


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer gives it by position
    if wanted:
        typer.echo(f"comity {__version__}")
        raise typer.Exit


def _root(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
    _verbose: Annotated[
        bool, typer.Option("--verbose", help="Show where an internal fault arose.")
    ] = False,
) -> None:
    """The options that stand before a verb."""


def _nothing() -> None:
    """Stand in for a command that is not imported yet."""


def _say_usage(error: typer.TyperException, words: Sequence[str]) -> ExitCode:
    """Say what was wrong with the command line; a group without a verb has said its help."""
    message = error.format_message()
    if message.startswith("Usage: "):
        typer.echo(message, err=True)
        return ExitCode.USAGE
    where = getattr(getattr(error, "ctx", None), "command_path", "comity")
    failure = Failure(
        exit_code=ExitCode.USAGE,
        code="usage",
        what="wrong use",
        why=message,
        what_to_do=f"See {where} --help",
    )
    return _say(failure, words)


def _say(failure: Failure, words: Sequence[str], error: BaseException | None = None) -> ExitCode:
    """Say what went wrong, in the form that was asked for."""
    if error is not None and "--verbose" in words:
        traceback.print_exception(error)
    typer.echo(failure.json() if "--json" in words else failure.text(), err=True)
    return failure.exit_code
