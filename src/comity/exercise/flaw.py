"""What is wrong with a scenario, and what a person can do about it.

Every flaw names the file, the place in it, the problem and the remedy. Raised by load, shown by
the CLI.
"""

from dataclasses import dataclass

from comity.model.fault import Malformed

__all__ = ["BadScenario", "Flaw"]

_SHOWN_MAX = 20  # more flaws than that in one file have one cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing to repair; `path` is like `variants[2].steps[4].at`."""

    path: str
    problem: str
    what_to_do: str


class BadScenario(Malformed):
    """A scenario that cannot be played; nothing was started."""

    code = "bad_scenario"

    def __init__(self, file: str, flaws: tuple[Flaw, ...]) -> None:
        """Keep the flaws; the text lists them."""
        lines = [f"{file}: {f.path}: {f.problem}. {f.what_to_do}." for f in flaws[:_SHOWN_MAX]]
        if len(flaws) > _SHOWN_MAX:
            lines.append(f"{file}: and {len(flaws) - _SHOWN_MAX} more")
        super().__init__("\n".join(lines))
        self.file = file
        self.flaws = flaws
