"""The stick: files that go by hand between nodes of an exercise that cannot reach each other.

What waits at a node for another is exported into a file, carried, and imported there; a file back
brings the receipts. The verbs are those of the command line, passed in. A trip takes no virtual
time, so that an exercise by stick keeps the hours of the same one over a network. Called by fleet.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.exercise.node import Node

__all__ = ["Stick", "Verbs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs:
    """`comity export` and `comity import`, each at the home that is named first.

    `export` packs for the party by this name into a folder and gives the file.
    """

    export: Callable[[Path, str, Path], Path]
    take_in: Callable[[Path, Path], object]


class Stick:
    """Carries between the parties of each link, and between nobody else."""

    def __init__(
        self, verbs: Verbs, homes: Path, links: Iterable[tuple[str, str]], folder: Path
    ) -> None:
        """Nothing is carried yet; `folder`, which must not exist, is the stick."""
        self._verbs = verbs
        self._homes = homes
        self._ways = tuple(way for a, b in links for way in ((a, b), (b, a)))
        self._folder = folder
        self.carried = 0
        folder.mkdir(parents=True)

    def carry(self, nodes: Mapping[str, Node]) -> int:
        """There and back for whatever waits at `nodes` now; how many files were carried.

        What an import makes wait elsewhere is the next call's.
        """
        before = self.carried
        waiting = {name: _waiting(node) for name, node in nodes.items()}
        for here, there in self._ways:
            if there in waiting[here]:
                self._trip(here, there)
                self._trip(there, here)
        return self.carried - before

    def bind(self) -> None:
        """There and back on every link: the last receipts are bound, and the bindings cosigned."""
        for here, there in self._ways:
            self._trip(here, there)

    def _trip(self, here: str, there: str) -> None:
        file = self._verbs.export(self._homes / here, there, self._folder)
        self._verbs.take_in(self._homes / there, file)
        self.carried += 1


def _waiting(node: Node) -> set[str]:
    """For whom a node has something that was not confirmed."""
    return {line.name for line in node.status().parties if line.queued}
