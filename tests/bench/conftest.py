"""Ground to measure on: a folder, real processes if asked for, and an ear for progress."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.assembly import open_store
from comity.bench.ground import Ground
from comity.exercise.process import Ports, ServingProcess, run_comity


class Told:
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.steps = 0
        self.texts: list[str] = []

    def begin(self, steps: int) -> None:
        self.steps = steps

    def step(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def ground(tmp_path: Path, told: Told) -> Iterator[Ground]:
    ports = Ports()
    folder = tmp_path / "ground"
    folder.mkdir()
    yield Ground(
        folder=folder,
        open_store=open_store,
        serve=ServingProcess,
        run=run_comity,
        ports=(ports.take(), ports.take()),
        progress=told,
    )
    ports.release()


@pytest.fixture
def all_told(told: Told) -> Callable[[], bool]:
    """Whether as many steps were told as were announced: a bar that ends at its end."""
    return lambda: 0 < told.steps == len(told.texts)
