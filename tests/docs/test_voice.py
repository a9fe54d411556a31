"""docs/how-to/voice.md on real nodes: what one reads out the other takes down; a card of it."""

from pathlib import Path

import pytest

from tests.docs.typed import two_nodes, typed

SCRIPT = r"""
comity notice give --home a --to bravo --circle 35.55,35.75,30km --heights 0m..9000m \
  --start +30m --end +60m --craft combat --json > given.json
for _ in $(seq 100); do
  comity notice list --home b --json | grep -q craft && break; sleep 0.1; done
ID=$(grep -o '"id":"[0-9a-f]*"' given.json | head -1 | cut -d'"' -f4)
groups() { grep -E '^ ?[0-9]+  '; }
comity hotline voice "$ID" --home a | groups > heard.txt
comity hotline voice --read --home b < heard.txt > declared.txt
comity hotline voice "$ID" --home b --answer read-back --spell | groups |
  comity hotline voice --read --home a > read-back.txt
comity notice start "$ID" --home a > /dev/null
comity hotline voice "$ID" --home a | groups | comity hotline voice --read --home b > started.txt
comity hotline voice --read --account alpha --home b NRABB ACZPK FQWCK VFRKY BYEYG WBMSK \
  ELRJS PTYNF BMHSC XVYLJ VQZMG ZGCTF YNDEQ MEAAL ZMTJE > other.txt
comity hotline card --out card.txt --home a
comity hotline voice --read --offline < heard.txt > offline.txt
grep -A9 'as bravo was told it' card.txt | sed 's/^    //' | groups |
  comity hotline voice --read --offline > card-says.txt
"""


@pytest.mark.serial
@pytest.mark.timeout(120)
def test_what_is_read_out_is_taken_down(tmp_path: Path) -> None:
    typed(tmp_path, two_nodes(SCRIPT), timeout_s=110)
    said = {path.stem: path.read_text("utf-8") for path in tmp_path.glob("*.txt")}
    for name in ("declared", "read-back", "started"):
        assert "AGREES with what is held here" in said[name], name
    assert "NOT HELD HERE" in said["other"]
    assert "recorded as an account of a call with alpha" in said["other"]
    for name in ("declared", "offline", "card-says"):
        assert "circle of 30000 m about 35.5500000,35.7500000" in said[name], name
    assert "LIVE NOTICES: 1" in said["card"]
