"""The figures of a line at the door: one line or all, and what cannot be measured."""

import httpx
import pytest

from tests.web.problems import problem
from tests.web.support import NOW, Rig, origin_of

pytestmark = pytest.mark.serial
PATH = "/api/v1/hotline-metrics"


def ask(rig: Rig, query: str = "") -> httpx.Response:
    with rig.client("read") as client:
        return client.get(f"{PATH}{query}")


def test_each_line_has_both_its_ways(rig: Rig) -> None:
    items = ask(rig).json()["items"]
    assert [item["party"] for item in items] == [origin_of("bravo"), origin_of("charlie")]
    givers = [way["giver"] for way in items[0]["ways"]]
    assert givers == [origin_of("alpha"), origin_of("bravo")]
    one = ask(rig, f"?party=bravo&until={NOW}").json()["items"]
    assert [item["until"] for item in one] == [NOW]


@pytest.mark.parametrize(
    ("query", "code", "status"),
    [
        ("party=nobody", "unknown_party", 422),
        ("since=yesterday", "bad_time", 422),
        ("until=2099-01-01T00:00:00Z", "bad_query", 400),
        ("given=4", "bad_query", 400),
        ("party=bravo&given=x", "bad_number", 400),
        ("party=bravo&given=4", "cut_not_reached", 409),
    ],
)
def test_what_cannot_be_measured_is_refused(rig: Rig, query: str, code: str, status: int) -> None:
    assert problem(ask(rig, f"?{query}")).code == code
    assert ask(rig, f"?{query}").status_code == status
