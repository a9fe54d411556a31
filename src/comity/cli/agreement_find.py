"""Finds the agreement that a person means: a file, a name, NAME@VERSION, or first digits of a hash.

More than one is refused, never guessed. Called by the verbs of `comity agreement`.
"""

import re
from collections.abc import Collection
from pathlib import Path

from comity.cli.files import read_file
from comity.cli.node import Node, shaped
from comity.config import read_home
from comity.model.fault import Malformed, Refusal, Refused
from comity.web.api.shapes_agreements import AccordView
from comity.wire.limits import AGREEMENT_BYTES_MAX

__all__ = ["agreement_file", "agreements", "find_agreement", "text_of"]

_DIGITS = re.compile(r"[0-9a-f]{6,64}", re.ASCII)
_COUNTING = frozenset({"in-force", "suspended"})
_STDIN = "-"


def agreements(node: Node) -> list[AccordView]:
    """All that the node knows, oldest first."""
    return shaped(node.items("agreements"), list[AccordView])


def find_agreement(node: Node, word: str, prefer: Collection[str] = _COUNTING) -> AccordView:
    """The one agreement of that name, NAME@VERSION or hash.

    Of several versions the newest whose state is among `prefer`; if there is none, the newest.
    """
    known = agreements(node)
    name, at, version = word.partition("@")
    found = [each for each in known if each.name == name and at in ("", "@")]
    if at:
        found = [each for each in found if str(each.version) == version]
    elif not found and _DIGITS.fullmatch(word):
        found = [each for each in known if each.hash.startswith(word)]
        return _one(found, word)
    found = [each for each in found if each.state in prefer] or found
    newest = max((each.version for each in found), default=0)
    return _one([each for each in found if each.version == newest], word)


def text_of(word: str, home: Path) -> str:
    """The text of a file that is there, of stdin for `-`, or of an agreement that a node knows."""
    if word == _STDIN or Path(word).is_file():
        return agreement_file(Path(word))
    return find_agreement(Node(read_home(home)), word).text


def agreement_file(path: Path) -> str:
    """The text in a file; Malformed if it is no text."""
    data = read_file(path, size_max=AGREEMENT_BYTES_MAX)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"{path} is not UTF-8", code="bad_agreement") from error


def _one(found: list[AccordView], word: str) -> AccordView:
    if len(found) == 1:
        return found[0]
    reason = f"{len(found) or 'no'} agreements are called {word}"
    raise Refused(
        Refusal(
            code="no_such_agreement",
            reason=reason,
            what_to_do="See comity agreement list; a hash names one version.",
        )
    )
