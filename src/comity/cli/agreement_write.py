"""What `draft`, `amend` and `show` share: the moments of an agreement, and how a text leaves.

The text goes to stdout or a new file as it is; findings go to stderr.
"""

from collections.abc import Iterable
from pathlib import Path

import typer

from comity.agreement.lint import Finding
from comity.cli.area import blaming
from comity.cli.files import write_new
from comity.cli.show import json_line, printable
from comity.cli.written import moment_us
from comity.model.clause import Agreement
from comity.model.quantity import SECOND_US
from comity.wire.agreement_v1 import agreement_hash, agreement_text
from comity.wire.canonical import Json

__all__ = ["findings_json", "next_hour_us", "until_us", "write_draft", "write_text"]

_HOUR_US = 3_600 * SECOND_US


def next_hour_us(now_us: int) -> int:
    """The next full hour, UTC: what people say, and not yet past."""
    return (now_us // _HOUR_US + 1) * _HOUR_US


def until_us(text: str | None, from_us: int) -> int | None:
    """The end, as it is written; None without."""
    with blaming("--until"):
        return None if text is None else moment_us(text, from_us)


def write_text(text: str, out: Path | None) -> None:
    """Write a text to a new file, or print it."""
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_new(out, text.encode())


def write_draft(
    agreement: Agreement, findings: Iterable[Finding], out: Path | None, *, as_json: bool
) -> None:
    """Write the text, and say what is odd about it."""
    text, found = agreement_text(agreement), list(findings)
    if as_json:
        hash_ = agreement_hash(text).hex()
        json_line({"text": text, "hash": hash_, "findings": findings_json(found)})
    if out is not None or not as_json:
        write_text(text, out)
    for each in () if as_json else found:
        typer.echo(printable(f"{each.severity}: {each.text} ({each.code})"), err=True)


def findings_json(findings: Iterable[Finding]) -> list[Json]:
    """For programs."""
    return [
        {
            "severity": each.severity,
            "code": each.code,
            "clauses": list(each.clauses),
            "text": each.text,
        }
        for each in findings
    ]
