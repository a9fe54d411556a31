"""The projection: straight lines, the way back, and its refusals."""

import numpy as np
import pytest
from numpy.random import default_rng

from comity.airspace.earth import angle_between, normals_of
from comity.airspace.gnomonic import gnomonic
from comity.model.fault import Malformed
from tests.airspace.samples import at


def test_great_circles_become_straight_lines() -> None:
    plane = gnomonic(normals_of([at(60, 170)])[0])
    start, end = normals_of([at(20, 150), at(70, -130)])
    share = np.linspace(0, 1, 11)[:, None]
    arc = (1 - share) * start + share * end
    drawn = plane.project(arc / np.linalg.norm(arc, axis=1, keepdims=True))
    along = (drawn[-1] - drawn[0]) / np.linalg.norm(drawn[-1] - drawn[0])
    off_m = np.abs((drawn - drawn[0]) @ np.array([-along[1], along[0]]))
    assert float(off_m.max()) < 1e-7


def test_small_circles_do_not() -> None:  # the check above can fail
    plane = gnomonic(normals_of([at(60, 0)])[0])
    drawn = plane.project(normals_of([at(60, -10), at(60, 0), at(60, 10)]))
    assert np.linalg.norm((drawn[0] + drawn[2]) / 2 - drawn[1]) > 10_000


@pytest.mark.parametrize("centre", [(90, 0), (-90, 0), (0, 0), (0, 180), (35, 36)])
def test_lifting_undoes_projecting(centre: tuple[float, float]) -> None:
    rng = default_rng(1)
    middle = normals_of([at(*centre)])[0]
    plane = gnomonic(middle)
    for _ in range(50):
        normal = middle + rng.normal(size=3) * 0.3
        normal /= np.linalg.norm(normal)
        x_m, y_m = plane.project(normal[None, :])[0].tolist()
        assert angle_between(plane.lift(x_m, y_m), normal) < 1e-14


def test_the_plane_is_true_at_its_centre() -> None:
    plane = gnomonic(normals_of([at(0, 0)])[0])
    drawn = plane.project(normals_of([at(0, 0), at(0, 0.001)]))
    assert np.linalg.norm(drawn[1]) == pytest.approx(6_371_009 * np.radians(0.001), rel=1e-9)
    assert np.linalg.norm(drawn[0]) == 0


@pytest.mark.parametrize("lon", [85.001, 90, 120, 180])
def test_beyond_the_domain_is_refused(lon: float) -> None:
    plane = gnomonic(normals_of([at(0, 0)])[0])
    with pytest.raises(Malformed) as caught:
        plane.project(normals_of([at(0, 10), at(0, lon)]))
    assert caught.value.code == "too_wide"
