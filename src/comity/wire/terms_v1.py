"""The text of an agreement: the same bytes on both sides, so that one hash says "we agree".

    comity/terms@v1
    party alpha.example/comity/2026
    party bravo.example/comity/2026
    version 1
    clearance_lateral_mm 5556000
    ...                                     one line for each parameter, in alphabetical order

Called by intake (countersigning) and by the command line (reading a file that a person wrote).
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import lru_cache

from comity.model.agreement import Parameters, Terms
from comity.model.fault import Malformed
from comity.wire.canonical import decimal, sha256
from comity.wire.limits import PEERS_MAX

__all__ = ["parameters_from", "parse_terms", "terms_hash", "terms_text"]

_HEAD = "comity/terms@v1"
_NAMES = tuple(sorted(field.name for field in fields(Parameters)))


def terms_text(terms: Terms) -> str:
    """The canonical text."""
    values = asdict(terms.parameters)
    lines = [_HEAD, *(f"party {origin}" for origin in terms.parties), f"version {terms.version}"]
    lines += [f"{name} {values[name]}" for name in _NAMES]
    return "\n".join(lines) + "\n"


def terms_hash(terms: Terms) -> bytes:
    """SHA-256 of the canonical text: what both sides sign."""
    return sha256(terms_text(terms).encode("ascii"))


@lru_cache(maxsize=4 * PEERS_MAX)
def parse_terms(text: str) -> Terms:
    """Read a canonical text; Malformed unless writing it again gives the same text.

    Remembered: the same few texts are asked for with every notice.
    """
    lines = text.split("\n")
    heads = ("comity/terms@v1", "party ", "party ", "version ")
    if len(lines) < len(heads) or not all(
        line.startswith(head) for line, head in zip(lines, heads, strict=False)
    ):
        raise Malformed("not the text of an agreement", code="bad_terms")
    values: dict[str, int] = {}
    for line in lines[len(heads) : -1]:
        name, _, number = line.partition(" ")
        values[name] = decimal(number)
    terms = Terms(
        parties=(lines[1].removeprefix("party "), lines[2].removeprefix("party ")),
        version=decimal(lines[3].removeprefix("version ")),
        parameters=parameters_from(values),
    )
    if terms_text(terms) != text:
        raise Malformed("the agreement is not in canonical form", code="bad_terms")
    return terms


def parameters_from(values: Mapping[str, int]) -> Parameters:
    """Parameters from names and numbers, defaults for the rest; an unknown name is Malformed."""
    for name in values:
        if name not in _NAMES:
            raise Malformed(f"no parameter is called {name[:40]!r}", code="bad_parameter")
    return Parameters(**values)
