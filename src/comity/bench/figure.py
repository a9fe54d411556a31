"""What a measurement says: a median over rounds with its spread, and the aim beside it.

A figure is a number for each round; a latency's number is the p50 or p99 of the round's samples.
Nothing is measured here. Called by every measurement, and by the command line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from comity.model.fault import must
from comity.wire.canonical import Json

__all__ = ["Aim", "Bound", "Figure", "Measured", "figures_json", "latencies", "percentile"]

_NS_PER_MS = 1_000_000
_PERCENT = 100
_DECIMALS = 4


class Bound(StrEnum):
    """On which side of an aim's number a figure should lie."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a figure is hoped to be, in the figure's own unit. Missing it fails nothing."""

    bound: Bound
    value: float

    def met(self, found: float) -> bool:
        """Whether `found` is on the right side."""
        return found >= self.value if self.bound is Bound.AT_LEAST else found <= self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number for each round, in `unit`; each round counted or timed `samples` things."""

    unit: str
    rounds: tuple[float, ...]
    samples: int
    aim: Aim | None = None

    def __post_init__(self) -> None:
        """Hold that something was measured."""
        must(len(self.rounds) > 0 and self.samples > 0, "a figure is of at least one sample")

    @property
    def median(self) -> float:
        """The middle round."""
        return median(self.rounds)

    @property
    def met(self) -> bool | None:
        """Whether the median meets the aim; None without an aim."""
        return None if self.aim is None else self.aim.met(self.median)

    def json(self) -> dict[str, Json]:
        """The figure as it stands in the JSON file."""
        found: dict[str, Json] = {
            "unit": self.unit,
            "median": round(self.median, _DECIMALS),
            "min": round(min(self.rounds), _DECIMALS),
            "max": round(max(self.rounds), _DECIMALS),
            "rounds": len(self.rounds),
            "samples": self.samples,
        }
        if self.aim is not None:
            found["aim"] = {str(self.aim.bound): self.aim.value}
            found["met"] = self.met
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one measurement found: figures of ours, and of a peer doing less in the same run."""

    figures: Mapping[str, Figure]
    peers: Mapping[str, Figure]


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    must(len(values) > 0 and 0 < percent <= _PERCENT, "a percentile is of at least one value")
    rank = -(-percent * len(values) // _PERCENT)
    return sorted(values)[rank - 1]


def latencies(
    name: str, rounds_ns: Sequence[Sequence[int]], aims: Mapping[int, Aim] | None = None
) -> dict[str, Figure]:
    """`NAME_p50` and `NAME_p99` in ms of each round's nanoseconds; `aims` by percentile."""
    return {
        f"{name}_p{percent}": Figure(
            unit="ms",
            rounds=tuple(percentile(each, percent) / _NS_PER_MS for each in rounds_ns),
            samples=min(map(len, rounds_ns)),
            aim=(aims or {}).get(percent),
        )
        for percent in (50, 99)
    }


def figures_json(figures: Mapping[str, Figure]) -> dict[str, Json]:
    """Figures by name, as JSON."""
    return {name: figure.json() for name, figure in figures.items()}
