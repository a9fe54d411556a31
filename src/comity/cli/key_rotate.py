"""`comity key rotate|withdraw|submit|signing`: change the keys that sign, step by step.

Each step writes one file and says the next. Private halves of root keys are used by `key_root` and
on no node. Called by `key`.
"""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.files import read_file, write_new
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import json_line, line, table
from comity.cli.written import moment_us
from comity.clock import SystemClock
from comity.config import Home, key_path, load_identity, read_home
from comity.model.fault import Malformed, Refusal, Refused
from comity.trust.identity import Identity, Role, key_name, key_type
from comity.trust.keyfile import write_key
from comity.trust.keys import SEED_BYTES, SigningKey, parse_verifier_key
from comity.trust.note import Note, parse_note, serialise
from comity.trust.possession import prove_possession
from comity.trust.statement import STATEMENT_BYTES_MAX
from comity.web.api.shapes_keys import SigningKeyView, StatementRequest, StatementView
from comity.wire.key_v1 import KeyText, RevokeText, parse_statement, statement_text

__all__ = [
    "ROTATE_EXAMPLES",
    "SUBMIT_EXAMPLES",
    "rotate",
    "show_statement",
    "signing",
    "submit",
    "withdraw",
]

FileOption = Annotated[Path, typer.Option("--out", help="A new file for the statement.")]


def rotate(
    role: Annotated[Role, typer.Argument(metavar="ROLE", help=", ".join(Role))],
    *,
    out: FileOption,
    lost: Annotated[
        bool,
        typer.Option("--lost", help="The old key is stolen or gone: the roots sign without it."),
    ] = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Make a new key for a role and write the statement that puts it in the old one's place.

    Nothing changes yet. The node goes on with the old key until the statement is submitted.
    """
    ours = read_home(home)
    identity = load_identity(ours)
    if lost and not identity.roots.keys:
        raise _refused(
            "no_roots",
            "this party names no root keys, so only the old key can name a new one",
            "Rotate without --lost if the old key is still here; else make a new home and origin.",
        )
    old = identity.key(role)
    new = SigningKey(
        name=key_name(role, ours.origin),
        key_type=key_type(role),
        seed=secrets.token_bytes(SEED_BYTES),
    )
    text = statement_text(
        KeyText(
            origin=ours.origin,
            role=role,
            because="loss" if lost else "rotation",
            old=None if old is None else old.verifier().text(),
            new=new.verifier().text(),
            made_us=SystemClock().now_us(),
        )
    )
    signers = (new,) if lost else (new, old or identity.log)
    write_key(key_path(ours, role, new.verifier().key_id.hex()), new)
    _write(out, text, signers)
    _say_next(ours, identity, out, as_json=as_json)


def withdraw(
    key: str, out: Path, *, since: str | None, to: int | None, home: Path, as_json: bool
) -> None:
    """Write the statement that revokes an earlier signing key of ours; `key revoke` calls this."""
    ours = read_home(home)
    identity = load_identity(ours)
    now_us = SystemClock().now_us()
    with blaming("KEY"):
        named = parse_verifier_key(key)
    views = shaped(Node(ours).items("signing-keys"), list[SigningKeyView])
    found = next(
        (view for view in views if (view.origin, view.key) == (ours.origin, named.text())), None
    )
    if found is None:
        raise _refused(
            "other_key", "this party never had that key", "List them: comity key signing"
        )
    role = Role(found.role)
    with blaming("--since"):
        since_us = None if since is None else moment_us(since, now_us)
    if role is Role.COSIGNER:
        to, since_us = None, since_us or now_us
    elif to is None:
        to = found.end if found.end is not None else _size(ours)
    text = statement_text(
        RevokeText(
            origin=ours.origin,
            role=role,
            key=named.text(),
            to=to,
            since_us=since_us,
            made_us=now_us,
        )
    )
    present = identity.key(role)
    if present is None or present.verifier() == named:
        raise _refused(
            "key_in_use",
            f"it is the present {role} key",
            f"First: comity key rotate {role} --out rotate.note, with --lost if it was stolen.",
        )
    _write(out, text, (present,))
    _say_next(ours, identity, out, as_json=as_json)


def _size(home: Home) -> int:
    status = Node(home).get("status")
    size = status.get("journal_size") if isinstance(status, dict) else None
    if not isinstance(size, int):
        raise Malformed("the node does not say how long its journal is", code="bad_answer")
    return size


def _write(out: Path, text: str, signers: tuple[SigningKey, ...]) -> None:
    signatures = tuple(prove_possession(text, key) for key in signers)
    write_new(out, serialise(Note(text=text, signatures=signatures)))


def _say_next(home: Home, identity: Identity, out: Path, *, as_json: bool) -> None:
    roots = identity.roots
    if as_json:
        json_line({"file": str(out), "roots_needed": roots.needed})
        return
    line(f"{out}: nothing has changed yet.")
    if roots.keys:
        line(
            f"Next: {roots.needed} of the {len(roots.keys)} holders of root keys sign it, offline:"
        )
        line(f"  comity key root sign {out} --key ROOT.key")
        line(f"Then: comity key submit {out} --home {home.path}")
    else:
        line("This party has no root keys: rotation by the old key alone.")
        line(f"Next: comity key submit {out} --home {home.path}")


def submit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The statement, signed.")],
    *,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Put a statement into force on the running node, which tells every peer."""
    ours = read_home(home)
    data = read_file(file, size_max=STATEMENT_BYTES_MAX)
    statement = parse_statement(parse_note(data, size_max=STATEMENT_BYTES_MAX).text)
    request = StatementRequest(statement=data.decode())
    answer = Node(ours).post("signing-keys", body(request), once)
    if as_json:
        json_line(answer)
        return
    done = shaped(answer, StatementView)
    line(f"In force from entry {done.counts_from} on; {done.peers} peers are told.")
    for sentence in _after(statement):
        line(sentence)


def _after(statement: KeyText | RevokeText) -> list[str]:
    """What to do next."""
    trust = "Then: comity party trust --out trust.note, and give it to whoever verifies bundles."
    if isinstance(statement, RevokeText):
        return ["Delete its file from the keys folder, and from copies of it.", trust]
    said = ["Keep a copy of the keys folder where nobody else can read it."]
    if statement.role == Role.LOG:
        said.append(f'Tell each witness: comity witness add-log "{statement.new}"')
        said.append("Heads carry both signatures until the old key is revoked.")
    if statement.old is None:
        return [*said, trust]
    if statement.because == "loss":
        said.append("NOW revoke the old key as of the moment from which it may have been misused:")
        said.append(f'  comity key revoke "{statement.old}" --since MOMENT --out revoke.note')
    elif statement.role != Role.ENTRY:
        said.append("When every peer and witness knows the new one, end the old one's time:")
        said.append(f'  comity key revoke "{statement.old}" --out revoke.note')
    return [*said, trust]


def signing(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the keys that sign: ours and every peer's, with their times."""
    answer = Node(read_home(home)).items("signing-keys")
    if as_json:
        json_line(answer)
        return
    rows = [
        (
            view.origin,
            view.role,
            "" if view.start is None else str(view.start),
            "" if view.end is None else str(view.end),
            view.revoked or "",
            view.key if len(view.key) < _KEY_CHARS_SHOWN else f"{view.key[:_KEY_CHARS_SHOWN]}...",
        )
        for view in shaped(answer, list[SigningKeyView])
    ]
    table(("party", "role", "from entry", "to entry", "revoked as of", "key"), rows)


def show_statement(statement: KeyText | RevokeText) -> list[str]:
    """What a statement says, for whoever is asked to sign it."""
    if isinstance(statement, KeyText):
        why = "The old key is said to be lost." if statement.because == "loss" else ""
        return [
            f"{statement.origin}: another {statement.role} key. {why}".rstrip(),
            f"old {statement.old or 'none'}",
            f"new {statement.new}",
        ]
    return [f"{statement.origin}: revoke a {statement.role} key", f"key {statement.key}"]


_KEY_CHARS_SHOWN = 160
ROTATE_EXAMPLES = examples(
    "comity key rotate entry --out rotate.note",
    "comity key rotate log --lost --out rotate.note",
)
SUBMIT_EXAMPLES = examples("comity key submit rotate.note")


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
