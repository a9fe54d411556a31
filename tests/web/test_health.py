"""`/healthz` and `/metrics`: one word for all, reasons for a key, figures that the page names."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from comity.journal.hold import Hold
from comity.model.clock_error import ClockBound, standing_of
from comity.model.fault import Refusal
from comity.storage.rows import ForkRow
from comity.storage.times import WITNESS as WITNESS_KIND
from comity.storage.times import OnlookerRow
from comity.trust.keys import KeyType, SigningKey
from comity.web.health import conditions, verdict_on
from comity.web.metrics import Metrics
from comity.web.node import Condition, Gauge, Node
from tests.web.support import NOW_US, Rig, notice, origin_of, served, serving

PAGE = Path(__file__).parents[2] / "docs/reference/metrics.md"
HELD = Hold(refusal=Refusal(code="restored", reason="not yet", what_to_do="wait"), passing=True)
WITNESS = SigningKey(
    name="witness.example/w1", key_type=KeyType.COSIGNATURE_V1, seed=b"w" * 32
).verifier()


@pytest.fixture
def held(rig: Rig) -> Iterator[Rig]:
    rig.node.scribe.hold(HELD)
    yield rig
    rig.node.scribe.release()


def codes(node: Node, now_us: int = NOW_US) -> list[str]:
    return [each.code for each in node.read(lambda r: conditions(node, r, now_us))]


def test_a_key_is_told_why(held: Rig) -> None:
    for scope in ("read", "admin", "metrics"):
        with held.client(scope) as client:
            answer = client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json() == {
            "status": "stopped",
            "reasons": [{"code": "restored", "text": "not yet", "stops": True}],
        }
    for key in (None, "declare"):
        with held.client(key) as client:
            answer = client.get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"status": "stopped"})
    with held.client("revoked") as client:
        assert client.get("/healthz").status_code == 401


def test_while_it_is_held_it_is_read_and_not_written(held: Rig) -> None:
    before = held.marks()
    with held.client("all") as client:
        refused = client.post("/api/v1/notices", json=notice())
        assert (refused.status_code, refused.json()["code"]) == (503, "restored")
        assert refused.headers["retry-after"]
        assert client.get("/api/v1/notices").status_code == 200
        status = client.get("/api/v1/status").json()
        assert (status["health"], status["reasons"][0]["code"]) == ("stopped", "restored")
        assert status["journal_size"] == held.size()
    assert held.marks() == before


def test_what_the_page_names_is_what_is_served(rig: Rig) -> None:
    named = set(re.findall(r"^\| `(comity_[a-z_]+)`", PAGE.read_text("utf-8"), re.MULTILINE))
    with rig.client("metrics") as client:
        client.get("/nowhere")
        client.get("/api/v1/notices")
        text = client.get("/metrics").text
    served = set(re.findall(r"^# TYPE (comity_[a-z_]+) ", text, re.MULTILINE))
    served = {each for each in served if not each.endswith("_created")}
    machine = {"comity_disk_free_bytes", "comity_database_bytes", "comity_clock_error_seconds"}
    assert served | machine == named
    assert 'comity_refusals_total{code="no_such_route"}' in text
    assert 'comity_refusals_total{code="scope_missing"}' in text
    assert 'route="/api/v1/notices",status="4xx"' in text
    assert "/nowhere" not in text
    for row in rig.node.read(lambda r: r.sky.subjects(None, None, b"", 100)):
        assert row.id.hex() not in text


def test_labels_are_ours_and_not_the_callers(rig: Rig) -> None:
    with rig.client("metrics") as client:
        for number in range(20):
            client.request(f"METHOD{number}", f"/somewhere/{number}")
            client.get(f"/api/v1/notices/{number:064x}")
        text = client.get("/metrics").text
    routes = set(re.findall(r"comity_request_seconds_count\{([^}]*)\}", text))
    assert len([each for each in routes if "other" in each]) <= 3
    assert "METHOD" not in text


def test_nodes_do_not_count_together() -> None:
    one, other = Metrics(), Metrics()
    one.refused("busy")
    assert b'code="busy"' in one.text()
    assert b'code="busy"' not in other.text()


def test_each_reason_is_found(tmp_path: Path) -> None:
    with served(tmp_path) as rig:
        check_reasons(rig.node)


def check_reasons(node: Node) -> None:
    """A node of its own: what is done to it stays."""
    assert codes(node) == []
    bravo = origin_of("bravo")

    def heard(tx: object) -> None:
        row = tx.post.peer(bravo)  # type: ignore[attr-defined]
        tx.post.save_peer(replace(row, contact_us=NOW_US))  # type: ignore[attr-defined]

    node.store.write(heard)
    assert codes(node) == []
    later = NOW_US + 10 * 60 * 1_000_000
    assert codes(node, later) == ["line_silent"]
    roster = replace(node.roster.now, witnesses=(WITNESS,))
    node.roster.now = roster
    assert codes(node) == ["witness_stale"]
    size = node.scribe.checkpoint.size

    def cosigned(tx: object) -> None:
        row = OnlookerRow(
            kind=WITNESS_KIND, name=WITNESS.name, size=size, time_s=NOW_US // 1_000_000
        )
        tx.times.save_onlooker(row)  # type: ignore[attr-defined]

    node.store.write(cosigned)
    assert codes(node) == []  # a moment ago
    assert codes(node, later) == ["line_silent", "witness_stale"]
    fork = ForkRow(origin=bravo, known=b"1", offered=b"2", at_us=NOW_US)
    node.store.write(lambda tx: tx.post.save_fork(fork))
    assert codes(node) == ["line_forked"]
    for error_us, code in ((3_000_000, "clock_unsure"), (9_000_000, "clock_untrusted")):
        bound = ClockBound(by=bravo, low_us=error_us, high_us=error_us)
        node.scribe.standing = lambda bound=bound: standing_of((bound,))  # type: ignore[misc]
        assert codes(node) == [code, "line_forked"]


def test_what_stops_comes_first_and_gives_the_word() -> None:
    low = Condition(code="disk_low", text="low")
    full = Condition(code="disk_full", text="full", stops=True)
    assert verdict_on([]) == "ok"
    assert verdict_on([low]) == "degraded"
    assert verdict_on([low, full]) == "stopped"


def test_conditions_and_gauges_of_the_machine_are_asked(rig: Rig) -> None:
    full = Condition(code="disk_full", text="full", stops=True)
    gauge = Gauge(name="disk_free_bytes", about="free", read=lambda: 7.0)
    node = replace(rig.node, conditions=(lambda _: [full],), gauges=(gauge,))
    with serving(node) as address:
        key = {"authorization": f"Bearer {rig.keys['metrics']}"}
        answer = httpx.get(f"{address}/healthz", headers=key)
        assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (503, "disk_full")
        text = httpx.get(f"{address}/metrics", headers=key).text
    assert "comity_disk_free_bytes 7.0" in text
    assert 'comity_condition{code="disk_full"} 1.0' in text
