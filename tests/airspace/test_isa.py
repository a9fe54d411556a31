"""The standard atmosphere against the tables of ICAO Doc 7488 and against its own equation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.airspace.isa import altitude_m, column_m_per_k

# Doc 7488/3, table 4: geopotential height in metres, pressure in hPa.
TABLE = (
    (-2_000, 1_277.74),
    (-1_000, 1_139.29),
    (0, 1_013.25),
    (1_000, 898.746),
    (5_000, 540.199),
    (11_000, 226.320),
    (15_000, 120.445),
    (20_000, 54.7487),
)


@pytest.mark.parametrize(("height_m", "hpa"), TABLE)
def test_the_table(height_m: float, hpa: float) -> None:
    assert altitude_m(hpa * 100) == pytest.approx(height_m, abs=0.06)


@given(st.floats(0, 20_000))
def test_a_column_is_the_sum_of_its_layers(height_m: float) -> None:
    heights = np.linspace(0.0, height_m, 2_001)
    layers = 1 / np.maximum(288.15 - 0.0065 * heights, 216.65)
    assert column_m_per_k(height_m) == pytest.approx(float(np.trapezoid(layers, heights)), abs=1e-4)


@pytest.mark.parametrize("height_m", [500, 1_500, 3_000, 6_000, 11_000])
def test_the_rule_of_thumb(height_m: float) -> None:
    """ICAO Doc 8168: about 4 % of height for every 10 degrees off the standard atmosphere."""
    assert 3.4 < column_m_per_k(height_m) * 10 / height_m * 100 <= 4.0


def test_the_layers_on_the_page() -> None:
    """1000 to 500 hPa: what docs/explanation/heights.md says of the coldest and the hottest air."""
    low, high = altitude_m(100_000), altitude_m(50_000)
    for off_k, thick_m in ((-45, 4_551), (0, 5_464), (25, 5_971)):
        column = column_m_per_k(high) - column_m_per_k(low)
        assert round(high - low + off_k * column) == thick_m
