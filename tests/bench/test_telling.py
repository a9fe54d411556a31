"""The hotline's measurement, tiny: every figure is there, and a STOP overtakes what waits."""

from collections.abc import Callable

import pytest

from comity.bench.ground import Ground
from comity.bench.telling import HotlinePlan, measure_hotline

TINY = HotlinePlan(rounds=1, piled=80, waiting=20, stops=2, open_messages=50, starts=1)


@pytest.mark.timeout(120)
def test_every_figure_of_a_tiny_hotline(ground: Ground, all_told: Callable[[], bool]) -> None:
    found = measure_hotline(ground, TINY).figures
    assert found.keys() == {
        *("stop_to_delivered_p50", "stop_to_delivered_p99", "others_waiting"),
        *("start_with_open_messages", "start_without", "open_messages_take"),
    }
    assert min(found["others_waiting"].rounds) >= TINY.waiting
    assert all(each > 0 for each in found["stop_to_delivered_p50"].rounds)
    assert all_told()
