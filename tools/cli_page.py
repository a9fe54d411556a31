#!/usr/bin/env python3
"""Writes docs/reference/cli.md from the commands themselves: `.venv/bin/python tools/cli_page.py`.

A test compares the page with what this would write.
"""

from collections.abc import Iterator
from pathlib import Path

from comity.cli.main import VERBS, command, load

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
WIDTH = 98
HEAD = """\
# Command line

This page is written by `tools/cli_page.py` from the commands themselves, and a test keeps it
true. How a command ends: [exit codes](exit-codes.md).

## What holds everywhere

- Verbs other than `init`, `serve`, `backup`, `restore BACKUP`, `node`, `verify`, `audit`,
  `exercise`, `bench` and `witness` talk to the running node of a home: `--home`, or the variable
  `COMITY_HOME`, or `./comity-home`. They use the home's own bearer key, and for https they accept
  the home's own certificate and no other. `agreement templates`, `draft` and `lint` need no node,
  nor do `diff` and `explain` of files, `hotline voice --read --offline`, `hotline relay check`,
  or `outlet` but `sent`.
- `--json` prints what a program wants, on one line of stdout; a failure is then one JSON object on
  stderr.
- A notice is named by its id or by its first 6 digits or more, a party by its name or its origin.
- A number carries its unit: `10km`, `5nm`, `20000ft`; a span of time is `90s`, `30m` or `1h30m`.
  Points are `latitude,longitude` in degrees. Heights are above the WGS84 ellipsoid. Times are RFC
  3339 with an offset, or `now`, or counted: `--start +20m` from the node's time, `--end +30m` from
  the start.
- What needs a decision asks for it on a terminal. In a script, say it: `--fingerprint`, `--yes`,
  `--field`.
- What cannot be done is said with the reason, what to do about it and, if a node refused, the error
  id that stands in its diagnostics too.

## The home folder

`comity init` makes it, mode 0700, and never writes into a folder that holds anything. `home.toml`
may be edited while the node is stopped.

| setting | meaning |
|---|---|
| name | the party's short name |
| origin | the name of its journal; it can never change, because every entry is signed under it |
| address | where peers reach the node: `https://host:port`, or `http://` on loopback |
| exercise | the exercise's id; absent from a live node's home |
| roots | the verifier keys of the party's root keys; absent without |
| roots_needed | how many of the root keys decide |
| witnesses | a `[[witnesses]]` table for each key, with `key` (verifier key) and `address` |
| policy | a policy file in the place of `[[witnesses]]`; its witnesses need addresses |
| time_authorities | up to three `[[time_authorities]]` tables with `url` and `certificates` (PEM) |
| stamp_every_s | how often they stamp the head: seconds, 60 or more, 3600 if not said |
| units | of sentences about conflicts: `metric` (if absent) or `aeronautical` |
| ballast_mib | room kept for the safety floor, 0 to 4,096; 64 if absent, 1 for an exercise |
| logs | in a witness's home, and only there: the verifier keys of the logs that it cosigns |

| file | what it is |
|---|---|
| keys/entry.key, log.key, cosigner.key | the three signing keys; copy them to a safe place |
| keys/handle.secret | from which handles of units are made, and the codes of relay pages |
| keys/admin.key | the bearer key that the command line uses; it has every scope |
| keys/tls.key, tls.crt | the certificate that peers pin |
| data/ | the journal and all that follows from it; `ballast`, which keeps room |
| data/journal.before-N.db | a copy from before the upgrade to schema N |
| outlets.toml, outlet-NAME.pem | mailboxes and webhooks (`comity outlet add`), their certificates |
| keys/outlet-NAME.key | the password, or the signing secret, of an outlet |
| node.lock | held while the node runs |
| clock.sock | the clock of an exercise's node, while it runs |
"""


def page() -> str:
    """The whole page."""
    root = command()
    context = root.make_context("comity", [], resilient_parsing=True, terminal_width=WIDTH)
    parts = [HEAD, "## comity\n", _fenced(root.get_help(context))]
    for verb in VERBS:
        parts += _parts(load(verb), context, f"comity {verb.name}", "##")
    return "\n".join(parts)


def _parts(found, parent, name: str, rank: str) -> Iterator[str]:  # noqa: ANN001 - typer's own types
    """Heading and help of a command, then those of its verbs."""
    context = found.make_context(name.rpartition(" ")[2], [], parent=parent, resilient_parsing=True)
    yield f"{rank} {name}\n"
    yield _fenced(found.get_help(context))
    for verb, below in getattr(found, "commands", {}).items():
        yield from _parts(below, context, f"{name} {verb}", f"{rank}#")


def _fenced(text: str) -> str:
    return f"```text\n{text}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
