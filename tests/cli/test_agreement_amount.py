"""Values after `--set`: each with its unit, none guessed."""

import pytest

from comity.agreement.template import Setting
from comity.cli.agreement_amount import amount, border, setting
from comity.model.fault import Malformed
from comity.model.parameter import PARAMETERS
from comity.model.quantity import Position


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lead_cleartext_min_us", "1h30m", 5_400_000_000),
        ("clearance_lateral_mm", "3nm", 5_556_000),
        ("clearance_vertical_mm", "3000ft", 914_400),
        ("guard_vhf_hz", "121.5MHz", 121_500_000),
        ("guard_hf_hz", "4125kHz", 4_125_000),
        ("caution_cell_e7", "0.5deg", 5_000_000),
        ("release_persons", "2", 2),
        ("disclosure_step", "area", 2),
        ("onward_max", "none", 0),
    ],
)
def test_it_is_read_with_its_unit(name: str, text: str, value: int) -> None:
    assert amount(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lead_cleartext_min_us", "900000000"),
        ("lead_cleartext_min_us", "3nm"),
        ("clearance_lateral_mm", "3"),
        ("clearance_lateral_mm", "3m30s"),
        ("guard_vhf_hz", "121.5"),
        ("guard_vhf_hz", "121.5 MHz"),
        ("caution_cell_e7", "0.5"),
        ("caution_cell_e7", "6deg"),
        ("release_persons", "02"),
        ("release_persons", "3"),
        ("disclosure_step", "2"),
        ("disclosure_step", "Area"),
        ("heartbeat_us", "0s"),
        ("no_such_us", "1s"),
    ],
)
def test_what_has_no_unit_another_or_is_out_of_range_is_refused(name: str, text: str) -> None:
    with pytest.raises(Malformed):
        amount(name, text)


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_can_be_written(name: str) -> None:
    known = PARAMETERS[name]
    unit = {"us": "1d", "mm": "1m", "hz": "1MHz", "e7": "0.2deg"}.get(name.rpartition("_")[2], "1")
    written = known.names[0] if known.names else unit
    assert known.least <= amount(name, written) <= known.most


def test_a_setting_names_a_clause_and_a_parameter_or_its_line() -> None:
    assert setting("notice.margin_us=2m") == Setting(
        clause="notice", key="margin_us", value=120_000_000
    )
    assert setting("border.line=45,-30 45.5,-30.25") == Setting(
        clause="border",
        key="line",
        value=(
            Position(lat_e7=450_000_000, lon_e7=-300_000_000),
            Position(lat_e7=455_000_000, lon_e7=-302_500_000),
        ),
    )
    assert border("0,0 1,1")[1] == Position(lat_e7=10_000_000, lon_e7=10_000_000)


@pytest.mark.parametrize(
    "text", ["margin_us=2m", ".margin_us=2m", "a.=2m", "a.margin_us", "a.line=45", "a.line=x,y z,w"]
)
def test_a_setting_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        setting(text)
