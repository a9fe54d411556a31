"""docs/how-to/agree.md is true: its blocks are run in one shell, on ports that are free."""

import contextlib
import json
import re
import socket
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.docs.typed import ROOT, typed

PAGE = ROOT / "docs" / "how-to" / "agree.md"
WAIT = (
    "for home in alpha bravo charlie; do for _ in $(seq 100); do "
    'comity status --home "$home" >/dev/null 2>&1 && break; sleep 0.1; done; done\n'
)
SETTLE = "sleep 2\n"  # until the others have what was said
SAYS = re.compile(r"comity (?:agreement (?:sign|suspend|resume)|party add|notice give)")
AFTER = """
comity agreement list --home alpha --json > end.json
comity notice list --home alpha --json > notices.json
comity agreement suspend flight-safety --reason "once more" --home bravo
sleep 2
comity notice give --home alpha --to bravo --circle 45.2,-30.4,40km --heights 0m..9000m \\
  --start +2h --end +3h 2> refused.txt || true
comity notice list --home bravo --json > told-bravo.json
comity notice list --home charlie --json > told-charlie.json
"""


def blocks() -> list[str]:
    """The shell blocks of the page."""
    text = PAGE.read_text("utf-8")
    return re.findall(r"```sh\n(.*?)```", text[text.index("<!-- tour") :], re.DOTALL)


def free_port() -> int:
    """The first of three loopback ports in a row that were free a moment ago."""
    for start in range(20_000, 60_000, 17):
        with contextlib.ExitStack() as held:
            try:
                for port in range(start, start + 3):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
        return start
    raise AssertionError("no three ports are free")


def script() -> str:
    """All blocks, with waits where people would read, and what the test looks at."""
    first, *rest = (block.replace("port=7101", f"port={free_port()}") for block in blocks())
    steps = [block + SETTLE if SAYS.search(block) else block for block in (first + WAIT, *rest)]
    return "".join([*steps, AFTER])


def loaded(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(path.read_text("utf-8"))
    return found


@pytest.mark.serial
@pytest.mark.timeout(240)
def test_the_page_works_as_printed(tmp_path: Path) -> None:
    assert len(blocks()) == 14
    said = typed(tmp_path, script(), timeout_s=230)
    assert "the same text" in said  # what bravo got is what alpha drafted
    assert "bravo is told" not in said
    assert re.search(r"disclosure_step +area +clause bravo of flight-safety, version 1", said)
    assert re.search(r"lead_cleartext_min_us +30 min +1 h", said)  # the difference
    assert "suspended by charlie" in said
    assert {(each["version"], each["state"]) for each in loaded(tmp_path / "end.json")} == {
        (1, "superseded"),
        (2, "in-force"),
    }
    assert "agreement_suspended" in (tmp_path / "refused.txt").read_text()
    drawn = ET.parse(tmp_path / "area.svg").getroot()  # noqa: S314 - our own
    assert drawn.tag.endswith("svg")
    assert {"bravo: area", "charlie: caution"} <= {each.text for each in drawn.iter()}
    [whole] = loaded(tmp_path / "notices.json")
    [area], [caution] = (loaded(tmp_path / f"told-{name}.json") for name in ("bravo", "charlie"))
    assert (whole["purpose"], whole["craft"]) == ("training", "combat")
    assert (area["purpose"], area["craft"], area["volumes"]) == (
        "danger-area",
        "none",
        whole["volumes"],
    )
    assert (caution["craft"], caution["volumes"] == whole["volumes"]) == ("none", False)
