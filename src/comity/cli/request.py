"""`comity request`: ask a party to close, reopen, keep a corridor or delay; and reply when asked.

What a party says is its own act, which Comity records and never makes. Called by main.
"""

from typing import Annotated

import typer

from comity.cli.ack_step import PersonOption, RoleOption
from comity.cli.area import blaming
from comity.cli.find import find_notice, find_party, find_request, node_now_us
from comity.cli.kinds import saying_kind
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, OnceOption, examples
from comity.cli.show import facts, heading, json_line, line, short, table
from comity.cli.written import is_from_now, moment_us, whole_minutes
from comity.config import read_home
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.model.request import PHRASES, Decision, DeclineReason, Wanted
from comity.web.api.shapes_requests import AskRequest, ReplyRequest, ReplyView, RequestView
from comity.wire.canonical import Json

__all__ = ["app"]

app = typer.Typer(help="Ask a party about a notice, and reply: a party's own act, never Comity's.")
WordsOption = Annotated[
    str, typer.Option("--words", help="Free text, 40 characters; shown as free text.")
]


@app.command(
    epilog=examples(
        "comity request send 4f1d2c7a90be --to tower --ask close --by +20m",
        "comity request send 4f1d2c7a90be --to tower --ask corridor --by +20m --words 'to sea'",
    )
)
def send(
    notice: IdArgument,
    *,
    to: Annotated[str, typer.Option("--to", metavar="PARTY", help="Whom to ask.")],
    wanted: Annotated[
        Wanted, typer.Option("--ask", metavar="WHAT", help=f"For what: {', '.join(Wanted)}.")
    ],
    by: Annotated[str, typer.Option("--by", metavar="TIME", help="By when, as +20m.")],
    words: WordsOption = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Ask a party about a notice that it gave us, or that we gave it."""
    node = Node(read_home(home))
    with blaming("--by"):
        by_us = moment_us(by, node_now_us(node) if is_from_now(by) else 0)
    request = AskRequest(
        of=find_notice(node, notice),
        to=find_party(node, to).origin,
        wanted=wanted,
        by=instant_text(by_us),
        words=words,
    )
    _show(node.post("requests", body(request), once), as_json=as_json)


@app.command(
    epilog=examples(
        "comity request answer 77aa10c2e5d4 granted --role 'tower supervisor'",
        "comity request answer 77aa10c2e5d4 declined --reason traffic",
        "comity request answer 77aa10c2e5d4 standby --for 10m",
    )
)
def answer(
    request: Annotated[
        str, typer.Argument(metavar="ID", help="A request's id, or its first 6 digits or more.")
    ],
    decision: Annotated[
        Decision, typer.Argument(metavar="DECISION", help=f"One of: {', '.join(Decision)}.")
    ],
    *,
    reason: Annotated[
        DeclineReason | None,
        typer.Option(
            "--reason", metavar="REASON", help=f"Why declined: {', '.join(DeclineReason)}."
        ),
    ] = None,
    standby: Annotated[
        str | None,
        typer.Option("--for", metavar="SPAN", help="How long to stand by, as 10m or 10."),
    ] = None,
    words: WordsOption = "",
    role: RoleOption = "duty officer",
    person: PersonOption = "",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Reply to a request that was put to us. It is our act; Comity records it."""
    node = Node(read_home(home))
    with blaming("--for"):
        minutes = None if standby is None else whole_minutes(standby)
    reply = ReplyRequest(
        decision=decision,
        role=role,
        person=person,
        reason=reason,
        standby_minutes=minutes,
        words=words,
    )
    with saying_kind(node, request, "request"):
        path = f"requests/{find_request(node, request)}/replies"
        said = node.post(path, body(reply), once)
    _show(said, as_json=as_json)


@app.command("list", epilog=examples("comity request list", "comity request list --open"))
def list_requests(
    *,
    only_open: Annotated[
        bool, typer.Option("--open", help="Only those without a final reply.")
    ] = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """List what we asked of others and what others asked of us."""
    found = Node(read_home(home)).items("requests")
    pairs = [
        (each, view) for each, view in zip(found, shaped(found, list[RequestView]), strict=True)
    ]
    if only_open:
        pairs = [(each, view) for each, view in pairs if view.due is not None]
    if as_json:
        json_line([each for each, _ in pairs])
        return
    rows = [
        (
            short(view.id),
            party_name(view.asker),
            party_name(view.asked),
            view.wanted,
            short(view.of),
            view.by,
            _standing(view),
        )
        for _, view in pairs
    ]
    table(("id", "asker", "asked", "wanted", "notice", "by", "reply"), rows)


@app.command(epilog=examples("comity request show 77aa10c2e5d4"))
def show(
    request: Annotated[
        str, typer.Argument(metavar="ID", help="A request's id, or its first 6 digits or more.")
    ],
    *,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show one request: what was asked, until when a reply is due, and every reply."""
    node = Node(read_home(home))
    id_ = find_request(node, request)
    found = node.items("requests")
    views = shaped(found, list[RequestView])
    chosen = [each for each, view in zip(found, views, strict=True) if view.id == id_]
    _show(chosen[0], as_json=as_json)


def _show(answer: Json, *, as_json: bool) -> None:
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, RequestView)
    heading(f"request {view.id}")
    facts(
        [
            ("asked", f"{party_name(view.asker)} asks {view.asked} to {PHRASES[view.wanted]}"),
            ("notice", view.of),
            ("by", view.by),
            ("words (free text)", view.words),
            ("reply due", f"{view.due}: {view.ground}" if view.due else ""),
            ("reply", _standing(view)),
        ]
    )
    for reply in view.replies:
        line(_said(reply, view.asked))


def _standing(view: RequestView) -> str:
    """Where it stands: what the asked party said, or that it said nothing in time."""
    if view.unanswered:
        return "UNANSWERED" if view.decision is None else f"{view.decision}, then UNANSWERED"
    return "none yet" if view.decision is None else f"{view.decision} by {party_name(view.asked)}"


def _said(reply: ReplyView, asked: str) -> str:
    more = "" if reply.reason is None else f", {reply.reason}"
    more += "" if reply.standby_minutes is None else f" {reply.standby_minutes} min"
    more += f", in free text: {reply.words}" if reply.words else ""
    return f"{reply.at} {reply.decision}{more}: the act of {asked} ({reply.role}), recorded here"
