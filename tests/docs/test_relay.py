"""docs/how-to/relay.md on real nodes: who was told, who was not, a page and its code."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_agree import STOP, free_port

SCRIPT = r"""
comity init a --name alpha --origin alpha.example/comity/2026 --address http://127.0.0.1:PORT0
comity init b --name bravo --origin bravo.example/comity/2026 --address http://127.0.0.1:PORT1
comity serve --home a 2>/dev/null & comity serve --home b 2>/dev/null &
for home in a b; do for _ in $(seq 100); do
  comity status --home $home >/dev/null 2>&1 && break; sleep 0.1; done; done
comity party card --home a > alpha.card; comity party card --home b > bravo.card
comity party add bravo.card --home a --fingerprint "$(comity party fingerprint bravo.card)"
comity party add alpha.card --home b --fingerprint "$(comity party fingerprint alpha.card)"
sleep 1
comity hotline relay add "Falcon 1" --kind own --by radio --channel "121.5 MHz" --home b
comity hotline relay add "Battery 2" --kind air-defence --by telephone --within 10s --home b
comity hotline relay add ATC --kind atc --by telephone --home b
comity notice give --home a --to bravo --circle 35.55,35.75,30km --heights 0m..9000m \
  --start +30m --end +60m --craft combat --onward full --json > given.json
ID=$(grep -o '"id":"[0-9a-f]*"' given.json | head -1 | cut -d'"' -f4)
for _ in $(seq 100); do
  comity hotline relay show "$ID" --home b >/dev/null 2>&1 && break; sleep 0.1; done
comity hotline relay told "$ID" "Falcon 1" --home b > told.txt
comity hotline relay link "$ID" ATC --out atc.html --home b > link.txt
comity hotline relay check atc.html --card bravo.card > check.txt
comity party trust --out trust.note --home a
comity hotline relay check atc.html --trust trust.note > check-trust.txt
CODE=$(grep -o 'reads back [A-Z ]*' link.txt | cut -d' ' -f3-4)
comity hotline relay heard "$ID" ATC ABCDY EFGHS --home b 2> wrong.txt && exit 1
comity hotline relay heard "$ID" ATC $CODE --home b > heard.txt
sleep 12
comity hotline relay open --home b > open-b.txt
comity hotline relay open --home a > open-a.txt
comity status --home a > status-a.txt
comity hotline relay told "$ID" "Battery 2" --answered --home b > closed.txt
sleep 2
comity hotline relay open --home a > after-a.txt
"""


@pytest.mark.serial
@pytest.mark.long
@pytest.mark.timeout(180)
def test_what_is_not_told_is_seen_on_both_nodes(tmp_path: Path) -> None:
    port = free_port()
    wrapper = tmp_path / "bin" / "comity"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m comity "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    script = SCRIPT.replace("PORT0", str(port)).replace("PORT1", str(port + 1))
    done = subprocess.run(
        ["/bin/bash", "-c", "set -eu\n" + STOP + script],
        cwd=tmp_path,
        env={"PATH": f"{wrapper.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = {path.stem: path.read_text("utf-8") for path in tmp_path.glob("*.txt")}
    for name in ("check", "check-trust"):
        assert said[name].startswith("SIGNED by bravo.example/comity/2026, and it shows"), name
    assert "wrong_code" in said["wrong"]
    assert "the code is right" in said["heard"]
    assert "Battery 2 of bravo" in said["open-b"]
    assert "Battery" not in said["open-a"] + said["status-a"]
    assert "of bravo" in said["open-a"]
    assert "NOT REACHED: 1" in said["open-a"]
    assert "no unit is known not to have been reached" in said["after-a"]
    page = (tmp_path / "atc.html").read_text("utf-8")
    assert "ATC" not in page
