"""`comity hotline`: coded messages between people on duty, by line or, if need be, by telephone.

"Understood" never means "approved". The phrasebook, the voice form and the card stand in files of
their own. Called by main.
"""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.ack_step import PersonOption, RoleOption, SpeakerOption
from comity.cli.area import blaming
from comity.cli.find import find_party
from comity.cli.hotline_card import card
from comity.cli.hotline_chain import alerts, chain
from comity.cli.hotline_codes import check_said, check_values, phrase_of
from comity.cli.hotline_due import due
from comity.cli.hotline_handover import app as handover
from comity.cli.hotline_line import gaps, line_states, linecheck
from comity.cli.hotline_metrics import metrics
from comity.cli.hotline_phrases import LanguageOption, phrases
from comity.cli.hotline_relay import app as relay
from comity.cli.hotline_release import release, say_or_hold, show_said
from comity.cli.hotline_roster import app as roster
from comity.cli.hotline_values import find_about, find_message, read_back_of, values_of
from comity.cli.hotline_view import show_message, show_table
from comity.cli.hotline_voice import voice
from comity.cli.hotline_watch import watch
from comity.cli.kinds import saying_kind
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import json_line, line
from comity.cli.written import whole_minutes
from comity.config import read_home
from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed
from comity.model.message import STANDBY
from comity.model.phrasebook import ENGLISH
from comity.web.api.shapes_messages import MessageAnswerRequest, MessageRequest, MessageView
from comity.wire.canonical import Json

__all__ = ["app"]

app = typer.Typer(help="Say what matters in codes that both sides know, by telephone too.")
MessageArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A message's id, or its first 6 digits or more.")
]
CodeArgument = Annotated[
    str, typer.Argument(metavar="CODE", help="As in `comity hotline phrases`: X or STOP, KC, ...")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="A field of the code. Repeat it."),
]
WordsOption = Annotated[
    str, typer.Option("--words", help="Free text, 140 characters; it is never translated.")
]


@app.command(
    epilog=examples(
        "comity hotline send X --to bravo --about 4f1d2c7a90be",
        "comity hotline send KC --to bravo --set where=35.5,35.9 --set radius=10km \\",
        "    --set until=+40m",
        "comity hotline send L1 --to bravo --language ru",
    )
)
def send(
    code: CodeArgument,
    *,
    to: Annotated[str, typer.Option("--to", metavar="PARTY", help="To whom.")],
    about: Annotated[
        str | None,
        typer.Option("--about", metavar="ID", help="A notice or message that both sides know."),
    ] = None,
    values: SetOption = None,
    words: WordsOption = "",
    role: SpeakerOption = "duty officer",
    language: LanguageOption = ENGLISH,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="PERSON", help="Who says it, where two persons are agreed."),
    ] = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say a code to a party; what is of the safety floor goes ahead of all else."""
    node = Node(read_home(home))
    with blaming("CODE"):
        phrase = phrase_of(code)
    check_said(phrase)
    with blaming("--set"):
        said = values_of(node, phrase, values or ())
    check_values(phrase, said, is_placed=about is not None)
    request = MessageRequest(
        code=phrase.code,
        to=find_party(node, to).origin,
        role=role,
        values=said,
        about=None if about is None else find_about(node, about),
        language=language,
        words=words,
    )
    show_said(node, say_or_hold(node, request, by, once), as_json=as_json)


@app.command(epilog=examples("comity hotline inbox", "comity hotline inbox --open --language he"))
def inbox(
    *,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only what no answer has settled, most urgent first.")
    ] = False,
    language: LanguageOption = ENGLISH,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """List messages, said to us and by us, newest first."""
    node = _node(home, language)
    path = "open-messages" if only_open else "messages"
    found = node.items(path, {"language": language})
    if as_json:
        json_line(found)
        return
    views = shaped(found, list[MessageView])
    if not views:
        line("no message is open" if only_open else "no message")
        return
    show_table(node, views)


@app.command(epilog=examples("comity hotline show 77aa10c2e5d4 --language ru"))
def show(
    message: MessageArgument,
    *,
    language: LanguageOption = ENGLISH,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show one message: both wordings, until when an answer is due, and every answer."""
    node = _node(home, language)
    path = f"messages/{find_message(node, message).id}"
    _show(node, node.get(path, {"language": language}), as_json=as_json)


@app.command(
    epilog=examples(
        "comity hotline answer 77aa10c2e5d4 W",
        "comity hotline answer 77aa10c2e5d4 U --set reason=low-fuel",
        "comity hotline answer 77aa10c2e5d4 S --for 10m",
    )
)
def answer(
    message: MessageArgument,
    code: CodeArgument,
    *,
    values: SetOption = None,
    minutes: Annotated[
        str | None,
        typer.Option("--for", metavar="SPAN", help="How long to stand by, for S: as 10m or 10."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Every field was read back as shown; ask nothing.")
    ] = False,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field", metavar="FIELD=VALUE", help="Read back otherwise than shown. Repeat it."
        ),
    ] = None,
    words: WordsOption = "",
    role: RoleOption = "duty officer",
    person: PersonOption = "",
    language: LanguageOption = ENGLISH,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Answer a message that was said to us; STOP and its like are read back field by field."""
    node = Node(read_home(home))
    with saying_kind(node, message, "message"):
        view = find_message(node, message)
    with blaming("CODE"):
        phrase = phrase_of(code)
    given = [*(values or ())]
    if minutes is not None:
        if phrase.code != STANDBY:
            raise Malformed("--for belongs to S alone", code="unknown_value")
        with blaming("--for"):
            given.append(f"minutes={whole_minutes(minutes)}")
    with blaming("--set"):
        said = values_of(node, phrase, given)
    check_values(phrase, said)
    request = MessageAnswerRequest(
        code=phrase.code,
        role=role,
        person=person,
        values=said,
        read_back=read_back_of(node, view, phrase.code, changes=field or (), yes=yes),
        language=language,
        words=words,
    )
    posted = node.post(f"messages/{view.id}/answers", body(request), once)
    _show(node, posted, as_json=as_json)


# In the order in which a duty officer needs them: `comity hotline --help` lists them so.
app.command(epilog=examples("comity hotline due", "comity hotline due --within 2h --json"))(due)
app.command(epilog=examples("comity hotline alerts"))(alerts)
app.command(epilog=examples("comity hotline chain 4f1d2c7a90be"))(chain)
app.command(
    epilog=examples(
        "comity hotline release",
        'comity hotline release 77aa10c2e5d4 --by "B. Sade"',
        'comity hotline release 77aa10c2e5d4 --by "B. Sade" --withdraw',
    )
)(release)
app.command(
    epilog=examples(
        "comity hotline linecheck",
        "comity hotline linecheck bravo --role 'duty officer' --person 'Capt. Ivanova'",
    )
)(linecheck)
app.command("line", epilog=examples("comity hotline line", "comity hotline line bravo"))(
    line_states
)
app.command(epilog=examples("comity hotline gaps", "comity hotline gaps bravo --json"))(gaps)
app.command(
    epilog=examples(
        "comity hotline watch",
        "comity hotline watch --kind line --kind warning-raised",
        "comity hotline watch --after 0-0 --all --json",
    )
)(watch)
app.command(
    "phrases",
    epilog=examples(
        "comity hotline phrases",
        "comity hotline phrases --language ru",
        "comity hotline phrases KC --language ar",
    ),
)(phrases)
app.command(
    epilog=examples(
        "comity hotline voice 4f1d2c7a90be",
        "comity hotline voice 4f1d2c7a90be --to bravo --spell",
        "comity hotline voice 4f1d2c7a90be --answer unable --reason low-fuel",
        "comity hotline voice --read NRABB ACZPK FQWCK VFRKY BYEYG ...",
        "comity hotline voice --read --offline < heard.txt",
    )
)(voice)
app.command(
    epilog=examples("comity hotline card", "comity hotline card --out card-0600.txt --spell")
)(card)
app.command(
    epilog=examples(
        "comity hotline metrics",
        "comity hotline metrics bravo --since 2026-11-01T00:00:00Z --until 2026-12-01T00:00:00Z",
        "comity hotline metrics bravo --json",
        "comity hotline metrics --against theirs.json",
    )
)(metrics)
app.add_typer(handover, name="handover")
app.add_typer(roster, name="roster")
app.add_typer(relay, name="relay")


def _node(home: Path, language: str) -> Node:
    with blaming("--language"):
        phrasebook().language(language)
    return Node(read_home(home))


def _show(node: Node, answer: Json, *, as_json: bool) -> None:
    if as_json:
        json_line(answer)
    else:
        show_message(node, shaped(answer, MessageView))
