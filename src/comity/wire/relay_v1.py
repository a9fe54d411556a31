"""Schema v1 of what is written at home about relaying: the list, and what became of each unit.

Entries of type `attestation` to ourselves, told apart by their first field. They hold names and go
to nobody, so nothing reads them back. Same rules as `notice_v1`: never edited after release.
Reference: docs/reference/notice-v1.md. Called by hotline.
"""

from collections.abc import Iterable

from comity.model.relay import Because, ReachableUnit, RelayWord
from comity.wire.fields import Field, id_field, int_field, text_field

__all__ = ["fields_of_page_made", "fields_of_unit", "fields_of_unit_removed", "fields_of_words"]


def fields_of_unit(unit: ReachableUnit) -> tuple[Field, ...]:
    """A unit comes onto the list, or is changed there."""
    return (
        text_field("relay-unit", "listed"),
        text_field("name", unit.name),
        text_field("kind", unit.kind),
        text_field("means", unit.means),
        text_field("channel", unit.channel),
        int_field("expected", unit.expected_us),
    )


def fields_of_unit_removed(name: str) -> tuple[Field, ...]:
    """A unit leaves the list."""
    return (text_field("relay-unit", "removed"), text_field("name", name))


def fields_of_words(
    because: Because, of: bytes, role: str, words: Iterable[RelayWord]
) -> tuple[Field, ...]:
    """What became of units and the notice `of`; `role` is empty where nobody said it."""
    found = [text_field("relay-word", because), id_field("of", of), text_field("role", role)]
    for index, word in enumerate(words):
        at = f"unit/{index}"
        found += [
            text_field(f"{at}/name", word.name),
            id_field(f"{at}/handle", word.handle),
            text_field(f"{at}/state", word.state),
            int_field(f"{at}/at", word.at_us),
            text_field(f"{at}/means", word.means),
            text_field(f"{at}/channel", word.channel),
        ]
    return tuple(found)


def fields_of_page_made(of: bytes, name: str, body: bytes, until_us: int) -> tuple[Field, ...]:
    """A page was made for a unit; `body` is the hash of what it passes on."""
    return (
        text_field("relay-page-for", name),
        id_field("of", of),
        id_field("passed-on", body),
        int_field("until", until_us),
    )
