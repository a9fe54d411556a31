"""Conflicts as sentences, in the reader's units. Called by the verbs that give, move and show."""

from collections.abc import Sequence

from comity.cli.node import Node, shaped
from comity.cli.show import line
from comity.model.units import Units
from comity.web.api.shapes import ConflictView, Said

__all__ = ["conflicts_of", "in_units", "show_conflicts"]


def in_units(said: Said, units: Units) -> str:
    """The sentence that this reader gets."""
    return said.aeronautical if units is Units.AERONAUTICAL else said.metric


def conflicts_of(node: Node, subject: str) -> list[ConflictView]:
    """The conflicts of a subject that hold."""
    answer = node.items("conflicts", {"subject": subject})
    return [shaped(each, ConflictView) for each in answer]


def show_conflicts(found: Sequence[ConflictView], units: Units) -> None:
    """One sentence a line, under the id by which its overlap can be drawn."""
    for each in found:
        line(f"Conflict {each.id}:")
        line(f"  {in_units(each.sentence, units)}")
