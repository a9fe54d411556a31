#!/usr/bin/env python3
"""Make the golden vectors in tests/vectors and the made parts of two reference pages.

The pages are docs/reference/notice-v1.md and docs/reference/agreement.md.

Deterministic: fixed seeds, fixed keys, no clock. `tests/wire/test_vectors.py` compares what is
committed with what this makes. Run it from anywhere after a change that is meant to change them:

    PYTHONPATH=src:. python tools/make_vectors.py
"""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from enum import StrEnum  # noqa: TC003 - types are read as they stand
from pathlib import Path

from comity.journal.merkle import leaf_hash
from comity.model.answer import (
    Reason,
    Step,
    UnitState,
)
from comity.model.given import HeightDatum
from comity.model.lifecycle import MOVES, LifeState
from comity.model.notice import (
    FORBIDDEN_FIELDS,
    Code,
    Confidence,
    Craft,
    Domain,
    Onward,
    Purpose,
)
from comity.model.report import Stance
from comity.model.request import Decision, DeclineReason, Wanted
from comity.trust.card import fingerprint
from comity.wire.agreement_v1 import agreement_hash, agreement_text
from comity.wire.canonical import sha256
from comity.wire.fields import (
    field_salt,
    manifest,
    serialise_fields,
)
from comity.wire.register_v1 import fields_of_read, fields_of_sealed
from comity.wire.terms_v1 import terms_hash, terms_text
from tests.wire.register_vectors import ENTRY, READ, sealed_vector
from tests.wire.vectors import (
    ALPHA,
    BRAVO,
    Vector,
    card,
    contents,
    entries,
    identity,
    notices,
    terms,
)
from tests.wire.vectors_agreement import agreed, agreement_contents, agreement_note, rulings

ROOT = Path(__file__).resolve().parents[1]
VECTORS = ROOT / "tests" / "vectors"
PAGE = ROOT / "docs" / "reference" / "notice-v1.md"
AGREEMENT_PAGE = ROOT / "docs" / "reference" / "agreement.md"
_MADE_BY = "# Made by tools/make_vectors.py. Keys and seeds are for tests.\n"
_PART = re.compile(r"(<!-- made: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


# --- how it is kept: TOML and the page -----------------------------------------------------------


def files() -> dict[str, str]:
    """The text of each vector file, by name."""
    text = terms_text(terms())
    return {
        "notice_v1.toml": _MADE_BY + "".join(_content_toml("notice", v) for v in notices()),
        "content_v1.toml": _MADE_BY + "".join(_content_toml("content", v) for v in contents()),
        "entry_v1.toml": _MADE_BY + "".join(_entry_toml(*pair) for pair in entries()),
        "card_v1.toml": _MADE_BY + "".join(_card_toml(origin) for origin in (ALPHA, BRAVO)),
        "terms_v1.toml": _MADE_BY
        + f"\nsha256 = '{terms_hash(terms()).hex()}'\ntext = '''\n{text}'''\n",
        "register_v1.toml": _MADE_BY + _register_toml(),
        "agreement_v1.toml": _MADE_BY + _agreements_toml(),
    }


def _register_toml() -> str:
    made = sealed_vector()
    values = {
        "recipient_seed": made.key.seed.hex(),
        "recipient_key": made.key.verifier().text(),
        "chance": made.chance.hex(),
        "salt": ENTRY.salt.hex(),
        "clear": made.clear.rstrip(b"\0").hex(),
        "sealed": made.sealed.data.hex(),
        "key": made.sealed.key.hex(),
        "commitment": made.sealed.commitment.hex(),
        "content": serialise_fields(fields_of_sealed(made.sealed)).hex(),
        "read": serialise_fields(fields_of_read(READ)).hex(),
    }
    return "\n" + "".join(f"{name} = '{value}'\n" for name, value in values.items())


def _content_toml(table: str, vector: Vector) -> str:
    fields = [f"    ['{f.path}', '{f.type}', '{f.value.hex()}'],\n" for f in vector.fields]
    leaves = [f"    '{leaf_hash(leaf).hex()}',\n" for leaf in vector.leaves]
    return (
        f"\n[[{table}]]\nname = '{vector.name}'\nseed = '{vector.seed.hex()}'\n"
        f"fields = [\n{''.join(fields)}]\n"
        f"bytes = '{serialise_fields(vector.fields).hex()}'\n"
        f"leaf_hashes = [\n{''.join(leaves)}]\n"
        f"root = '{vector.body.root.hex()}'\n"
        f"seed_commit = '{vector.body.seed_commit.hex()}'\n"
    )


def _entry_toml(name: str, note: bytes) -> str:
    return (
        f"\n[[entry]]\nname = '{name}'\nleaf = '{leaf_hash(note).hex()}'\n"
        f"note = '''\n{note.decode()}'''\n"
    )


def _card_toml(origin: str) -> str:
    keys, note = identity(origin), card(origin)
    seeds = "".join(
        f"{name}_seed = '{key.seed.hex()}'\n"
        for name, key in (("entry", keys.entry), ("log", keys.log), ("cosigner", keys.cosigner))
    )
    return (
        f"\n[[card]]\norigin = '{origin}'\n{seeds}fingerprint = '{fingerprint(note)}'\n"
        f"note = '''\n{note.decode()}'''\n"
    )


def _agreements_toml() -> str:
    texts = [
        f"\n[[agreement]]\nsha256 = '{agreement_hash(agreement_text(each)).hex()}'\n"
        f"text = '''\n{agreement_text(each)}'''\n"
        f"note = '''\n{agreement_note(each).decode()}'''\n"
        for each in agreed()
    ]
    decided = [
        f"\n[[ruling]]\nparameter = '{asked.parameter}'\n"
        + "".join(f"{key} = '{value}'\n" for key, value in asdict(asked.case).items() if value)
        + f"value = {ruling.value}\nclause = '{ruling.clause}'\n"
        for asked, ruling in rulings()
    ]
    given = [_content_toml("content", vector) for vector in agreement_contents()]
    return "".join([*texts, *given, *decided])


def filled(page: str, made: Mapping[str, str] | None = None) -> str:
    """The page with its made parts made anew; notice-v1.md's unless others are given."""
    made = parts() if made is None else made
    return _PART.sub(lambda found: f"{found[1]}\n{made[found[2]]}\n{found[3]}", page)


def parts() -> Mapping[str, str]:
    """The made parts of the page, by name."""
    vectors = {vector.name: vector for vector in (*notices(), *contents())}
    lists: dict[str, type[StrEnum]] = {
        "`purpose`": Purpose,
        "`domain`": Domain,
        "`craft`": Craft,
        "`onward`": Onward,
        "`basis/confidence`": Confidence,
        "`given/lower-datum`, `given/upper-datum`": HeightDatum,
        "`step`": Step,
        "`reason`": Reason,
        "`unit/<i>/state`": UnitState,
        "`stance`": Stance,
        "`wanted`": Wanted,
        "`decision`": Decision,
        "`reason` of a reply": DeclineReason,
    }
    return {
        "lifecycle": _lifecycle(),
        "lists": _table(
            ("field", "values"),
            ((name, ", ".join(f"`{value}`" for value in of)) for name, of in lists.items()),
        ),
        "forbidden": _fence(_wrapped(sorted(FORBIDDEN_FIELDS))),
        "transition": _fence(_spelled(vectors["start"])),
        "entry": _fence(_signed(dict(entries())["notice"])),
        "declaration": _fence(_listed(vectors["operation"])),
        "roots": _table(
            ("content", "fields", "leaves", "root", "SHA-256 of its bytes (section 8)"),
            (_root_row(vector) for vector in vectors.values()),
        ),
    }


def agreement_parts() -> Mapping[str, str]:
    """The made part of agreement.md."""
    first, _ = agreed()
    text = agreement_text(first)
    return {"agreement": _fence(text) + f"\nIts hash is `{agreement_hash(text).hex()}`.\n"}


def _root_row(vector: Vector) -> tuple[str, ...]:
    digest = sha256(serialise_fields(vector.fields)).hex()
    counts = (str(len(vector.fields)), str(vector.body.leaves))
    return (vector.name, *counts, f"`{vector.body.root.hex()}`", f"`{digest}`")


def _lifecycle() -> str:
    codes = [code for code in Code if any(code in moves for moves in MOVES.values())]
    rows = ((state, *(MOVES[state].get(code, "-") for code in codes)) for state in LifeState)
    openers = ", ".join(f"`{code}`" for code in Code if code not in codes)
    heads = ("state", *(f"`{code}` {code.name}" for code in codes))
    return f"{_table(heads, rows)}\n{openers} open a subject as `{LifeState.DECLARED}`.\n"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads)]
    lines += [["---"] * len(lines[0]), *(list(row) for row in rows)]
    texts = ("|".join(cells) if cells[0] == "---" else " | ".join(cells) for cells in lines)
    return "".join(f"|{t}|\n" if t.startswith("---") else f"| {t} |\n" for t in texts)


def _fence(text: str) -> str:
    return f"```text\n{text}```\n"


def _wrapped(words: Iterable[str], width: int = 100) -> str:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines) + "\n"


def _spelled(vector: Vector) -> str:
    """A small content in full: fields, bytes, every leaf and every node."""
    lines = [f"{f.path:<8} {f.type:<5} {f.value.hex()}" for f in vector.fields]
    lines += ["", "bytes", *_chunks(serialise_fields(vector.fields).hex()), ""]
    lines += [f"seed  {vector.seed.hex()}", f"manifest  {manifest(vector.fields).hex()}"]
    for index, leaf in enumerate(vector.leaves):
        lines += ["", f"leaf {index}: salt {field_salt(vector.seed, index).hex()}"]
        lines += [*_chunks(leaf.hex()), f"  hash {leaf_hash(leaf).hex()}"]
    body = vector.body
    lines += ["", f"root         {body.root.hex()}", f"seed-commit  {body.seed_commit.hex()}"]
    return "\n".join(lines) + "\n"


def _chunks(text: str, width: int = 96) -> list[str]:
    return [f"  {text[at : at + width]}" for at in range(0, len(text), width)]


def _signed(note: bytes) -> str:
    key = identity(ALPHA).entry
    return (
        f"signing key seed  {key.seed.hex()}\nverifier key      {key.verifier().text()}\n\n"
        f"{note.decode()}\nleaf hash  {leaf_hash(note).hex()}\n"
    )


def _listed(vector: Vector) -> str:
    """A content by its fields and leaf hashes."""
    lines = [f"{f.path:<30} {f.type:<6} {f.value.hex()}".rstrip() for f in vector.fields]
    lines += ["", f"seed  {vector.seed.hex()}", ""]
    lines += [f"leaf {i:>2}  {leaf_hash(leaf).hex()}" for i, leaf in enumerate(vector.leaves)]
    body = vector.body
    lines += ["", f"root         {body.root.hex()}", f"seed-commit  {body.seed_commit.hex()}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write what has changed."""
    wanted = {VECTORS / name: text for name, text in files().items()}
    wanted[PAGE] = filled(PAGE.read_text("utf-8"))
    wanted[AGREEMENT_PAGE] = filled(AGREEMENT_PAGE.read_text("utf-8"), agreement_parts())
    for path, text in wanted.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
