"""`comity party`: our card, other parties' cards and fingerprints, enrolment, and the trust file.

Two people compare a fingerprint over a line that they trust already; no program can do it for them.
Called by main.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.files import read_file, write_new
from comity.cli.find import parties
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, OutOption, examples
from comity.cli.show import json_line, line, table
from comity.cli.terms import parameters_given
from comity.config import Home, load_identity, read_certificate, read_home
from comity.journal.policy import POLICY_BYTES_MAX, Policy, read_policy
from comity.journal.timestamp import AUTHORITY_BYTES_MAX, Authority, read_authority
from comity.journal.trustfile import trust_text
from comity.model.quantity import SECOND_US, instant_us
from comity.trust.card import CARD_BYTES_MAX, card_note, fingerprint, open_card
from comity.trust.identity import Role
from comity.trust.keys import parse_verifier_key
from comity.trust.lives import KeyLife, Span
from comity.trust.note import serialise, sign_note
from comity.web.api.shapes import PartyRequest, PartyView
from comity.web.api.shapes_keys import SigningKeyView

__all__ = ["app"]

app = typer.Typer(help="Pass on our card, enrol other parties, list them.")

CardArgument = Annotated[
    Path, typer.Argument(metavar="CARD_FILE", help="A card, as `party card` writes it; - is stdin.")
]


@app.command(epilog=examples("comity party card --out alpha.card"))
def card(*, out: OutOption = None, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Write our card, which another party needs to enrol us."""
    ours = read_home(home)
    data = card_note(load_identity(ours), ours.address, read_certificate(ours))
    if out is not None:
        write_new(out, data)
    if as_json:
        json_line({"card": data.decode(), "fingerprint": fingerprint(data)})
    elif out is None:
        typer.echo(data.decode(), nl=False)
    else:
        line(f"{out}; its fingerprint, to be read out: {fingerprint(data)}")


@app.command("fingerprint", epilog=examples("comity party fingerprint bravo.card"))
def show_fingerprint(path: CardArgument, *, as_json: JsonOption = False) -> None:
    """Print a card's fingerprint: 13 groups of 4 letters and digits, to be read out."""
    data = read_file(path, size_max=CARD_BYTES_MAX)
    found = open_card(data)
    if as_json:
        json_line({"origin": found.origin, "fingerprint": fingerprint(data)})
    else:
        line(fingerprint(data))


@app.command(
    epilog=examples(
        "comity party add bravo.card",
        "comity party add bravo.card --fingerprint WXYZ-... --set lead_cleartext_min_us=900000000",
    )
)
def add(
    path: CardArgument,
    *,
    read_out: Annotated[
        str | None,
        typer.Option(
            "--fingerprint", help="What the other party read out, not what this card says."
        ),
    ] = None,
    terms: Annotated[
        Path | None, typer.Option("--terms", help="The text of an agreement (comity/terms@v1).")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=NUMBER", help="One number of the agreement; repeat it."
        ),
    ] = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Enrol another party: its card, the fingerprint it read out, and our agreement's numbers."""
    ours = read_home(home)
    data = read_file(path, size_max=CARD_BYTES_MAX)
    theirs = open_card(data)
    with blaming("--terms or --set"):
        parameters = parameters_given(terms, parameter or (), {ours.origin, theirs.origin})
    if read_out is None:
        typer.echo(f"{theirs.origin} at {theirs.address}", err=True)
        read_out = typer.prompt("Fingerprint, as its owner reads it out", err=True)
    request = PartyRequest(
        card=data.decode(), fingerprint=_grouped(read_out), parameters=parameters
    )
    answer = Node(ours).post("parties", body(request), once)
    if as_json:
        json_line(answer)
    else:
        _show([shaped(answer, PartyView)])


@app.command("list", epilog=examples("comity party list"))
def list_parties(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the enrolled parties, their lines and agreements."""
    answer = Node(read_home(home)).items("parties")
    if as_json:
        json_line(answer)
    else:
        _show(shaped(answer, list[PartyView]))


@app.command(
    epilog=examples(
        "comity party trust --out trust.note",
        'comity party trust --out trust.note --witness "$(comity witness key --home w1)"',
        "comity party trust --out trust.note --policy policy.txt --time-authority tsa-root.pem",
    )
)
def trust(
    *,
    out: Annotated[Path, typer.Option("--out", help="A new file to write.")],
    witness: Annotated[
        list[str] | None,
        typer.Option(
            "--witness", metavar="VKEY", help="One more than home.toml names; repeat it for more."
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="A tlog-policy, in the place of all witnesses."
        ),
    ] = None,
    time_authority: Annotated[
        list[Path] | None,
        typer.Option(
            "--time-authority",
            metavar="FILE",
            help="Certificates (PEM) of one more than home.toml names; repeat it for more.",
        ),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Write whom we trust, signed by us: what `comity verify` needs beside a bundle.

    With --policy its quorum becomes a condition of every proof.
    """
    if policy is not None and witness:
        raise typer.BadParameter("name witnesses in the policy", param_hint="--witness")
    ours = read_home(home)
    identity = load_identity(ours)
    own = open_card(card_note(identity, ours.address, read_certificate(ours)))
    others = [open_card(party.card.encode()) for party in parties(Node(ours))]
    asked = _policy_at(policy)
    keys = set() if asked else {*(known.key for known in ours.witnesses), *(witness or ())}
    with blaming("--witness"):
        text = trust_text(
            [own, *others],
            sorted(keys),
            signer=identity.entry.verifier().text(),
            lives=_lives(ours),
            policy=asked,
            authorities=_authorities(ours, time_authority or ()),
        )
    write_new(out, serialise(sign_note(text, identity.entry)))
    if as_json:
        json_line({"file": str(out), "parties": 1 + len(others)})
    else:
        named = asked.quorum.witnesses if asked else {parse_verifier_key(t).name for t in keys}
        line(f"{out}: {1 + len(others)} parties and {len(named)} witnesses")


def _policy_at(path: Path | None) -> Policy | None:
    if path is None:
        return None
    with blaming("--policy"):
        return read_policy(read_file(path, size_max=POLICY_BYTES_MAX))


def _authorities(home: Home, paths: Iterable[Path]) -> frozenset[Authority]:
    """Those of `home.toml`, and more."""
    with blaming("--time-authority"):
        more = [read_authority(read_file(path, size_max=AUTHORITY_BYTES_MAX)) for path in paths]
    return frozenset((*(each.authority for each in home.time_authorities), *more))


def _lives(home: Home) -> dict[str, tuple[KeyLife, ...]]:
    """All keys of each party with their times."""
    found: dict[str, tuple[KeyLife, ...]] = {}
    for view in shaped(Node(home).items("signing-keys"), list[SigningKeyView]):
        life = KeyLife(
            role=Role(view.role),
            key=parse_verifier_key(view.key),
            span=Span(start=view.start, end=view.end),
            revoked_s=None if view.revoked is None else instant_us(view.revoked) // SECOND_US,
        )
        found[view.origin] = (*found.get(view.origin, ()), life)
    return {origin: lives for origin, lives in found.items() if not _plain(lives)}


def _plain(lives: tuple[KeyLife, ...]) -> bool:
    """Whether a card says it all."""
    roles = {life.role for life in lives}
    always = all(life.span == Span() and life.living for life in lives)
    return always and len(roles) == len(lives)


def _show(found: list[PartyView]) -> None:
    rows = [
        (
            party.name,
            party.origin,
            party.line,
            party.last_contact or "never",
            str(party.queued),
            _agreed(party),
        )
        for party in found
    ]
    table(("name", "origin", "line", "last contact", "queued", "agreement"), rows)


def _agreed(party: PartyView) -> str:
    """How far the agreement is: in force, or whose signature is missing."""
    if party.agreement is None:
        return "none"
    if party.agreement.in_force_since is not None:
        return f"in force since {party.agreement.in_force_since}"
    return "signed by us only" if party.agreement.ours else "signed by them only"


def _grouped(read_out: str) -> str:
    """The fingerprint in the form that cards have, however it was typed."""
    letters = "".join(read_out.replace("-", " ").split()).upper()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))
