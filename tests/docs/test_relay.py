"""docs/how-to/relay.md on real nodes: who was told, who was not, a page and its code."""

from pathlib import Path

import pytest

from tests.docs.typed import two_nodes, typed

SCRIPT = r"""
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
    typed(tmp_path, two_nodes(SCRIPT), timeout_s=170)
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
