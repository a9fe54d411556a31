from dataclasses import fields

import pytest

from comity.exercise.agreement import KEYS, parameters
from comity.model.agreement import DEFAULT, Parameters
from comity.model.fault import Malformed


def test_every_parameter_has_a_key() -> None:
    assert set(KEYS.values()) == {
        field.name for field in fields(Parameters) if not field.name.endswith("_hz")
    }  # frequencies are reference data


def test_only_what_is_set_is_given() -> None:
    block = {"lead_cleartext_min": "15m", "clearance_lateral": "5556m", "heartbeat": "30s"}
    found = parameters(block)
    assert found == {
        "lead_cleartext_min_us": 900_000_000,
        "clearance_lateral_mm": 5_556_000,
        "heartbeat_us": 30_000_000,
    }
    assert Parameters(**found) == DEFAULT


@pytest.mark.parametrize(
    "block",
    [
        {"leed": "15m"},
        {"lead_cleartext_min": "3nm"},
        {"clearance_lateral": "15s"},
        {"heartbeat": "0s"},
    ],
)
def test_what_is_refused(block: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        parameters(block)
