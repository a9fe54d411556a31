"""A small scenario that is right in everything, to be spoilt in one place at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.exercise.load import read
from comity.exercise.scenario import Scenario

SMALL = """
format = 1
name = "small"
title = "A small scenario"
links = [["alpha", "bravo"], ["bravo", "host"]]
[time]
date = "2018-09-17"
offset = "+03:00"
[loss]
claim = "C2"
at = "22:03"
[places.town]
at = [35.5, 35.8]
basis = "K"
[sources.S1]
title = "Somebody"
address = "somebody.example"
[[parties]]
id = "alpha"
role = "acts"
[[parties]]
id = "bravo"
role = "is there"
[[parties]]
id = "host"
role = "answers"
[[units]]
id = "battery-1"
party = "host"
[[units]]
id = "transport-1"
party = "bravo"
[agreement]
lead_cleartext_min = "15m"
[times]
lead = "20m"
start_at = "21:40"
notice_at = "start_at - lead"
[[claims]]
id = "C1"
subject = "notice.time"
statement = "It came early."
claimant = { code = "AA", office = "office" }
stated = "2018-09-18"
event = { earliest = "21:39", latest = "21:39:59", basis = "stated" }
basis = "hearsay"
sources = ["S1"]
contradicts = ["C2"]
status = "contested"
[[claims]]
id = "C2"
subject = "notice.time"
statement = "It came late."
claimant = { code = "BB", office = "office" }
basis = "not_stated"
sources = ["S1"]
status = "contested"
[[tracks]]
id = "way"
title = "A way"
reconstruction = true
basis = "C1"
claims = ["C1"]
points = [{ at = "21:00", position = [35.4, 35.9] }, { at = "21:10", position = [35.9, 36.6] }]
[[variants]]
name = "one"
title = "One way"
from = "21:00"
until = "22:30"
judged = "activity"
[[variants.steps]]
at = "notice_at"
by = "alpha"
do = "declare"
[variants.steps.with]
id = "activity"
kind = "operation"
to = ["bravo"]
craft = "combat"
onward = "derived"
claims = ["C1"]
[[variants.steps.with.volumes]]
footprint = { place = "town", radius_m = 40000 }
lower_m = 0
upper_m = 12000
start = "start_at"
end = "start_at + 18m"
[[variants.steps]]
at = "notice_at + 20s"
by = "bravo"
do = "read_back"
with = { of = "activity", role = "duty officer" }
[[variants.steps]]
at = "notice_at + 60s"
by = "bravo"
do = "attest"
with = { id = "told", of = "activity", units = [{ unit = "transport-1", state = "told" }] }
[[variants.steps]]
at = "start_at"
by = "alpha"
do = "start"
with = { of = "activity" }
[[variants.expect]]
path = "verdict"
equals = "sufficient"
[[variants]]
name = "two"
title = "Another way"
based_on = "one"
from = "21:00"
until = "22:30"
judged = "activity"
[[variants.steps]]
at = "notice_at + 90s"
by = "bravo"
do = "attest"
with = { id = "told", of = "activity", units = [{ unit = "transport-1", state = "not-reached" }] }
"""


@pytest.fixture
def small() -> str:
    return SMALL


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "small.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def scenario(written: Callable[[str], Path]) -> Scenario:
    return read(written(SMALL))
