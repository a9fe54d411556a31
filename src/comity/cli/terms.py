"""The numbers of an agreement as a person gives them: a text that both have, or single ones.

Called by `party add`.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from pathlib import Path

from comity.cli.files import read_file
from comity.cli.written import split_pair
from comity.model.fault import Malformed
from comity.wire.canonical import decimal
from comity.wire.terms_v1 import parameters_from, parse_terms

__all__ = ["parameters_given"]

_TERMS_BYTES_MAX = 4_096  # an agreement has some 800 bytes


def parameters_given(
    path: Path | None, pairs: Iterable[str], parties: AbstractSet[str]
) -> dict[str, int]:
    """Names and whole numbers; `pairs` (`name=number`) go before what the text at `path` says.

    Malformed if the text is between other parties, or a name is no parameter's.
    """
    values: dict[str, int] = {}
    if path is not None:
        terms = parse_terms(read_file(path, size_max=_TERMS_BYTES_MAX).decode("ascii", "replace"))
        if set(terms.parties) != parties:
            raise Malformed(f"{path} is between {' and '.join(terms.parties)}", code="bad_parties")
        values |= asdict(terms.parameters)
    values |= {name: decimal(number) for name, number in map(split_pair, pairs)}
    parameters_from(values)
    return values
