"""The README is true: its tour is run, block by block, in one shell, with ports that are free."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.typed import ROOT, typed
from tests.loopback import free_port

WAIT = (
    'for home in a b; do for _ in $(seq 100); do comity status --home "$home" >/dev/null 2>&1 '
    "&& break; sleep 0.1; done; done\n"
)
SETTLE = "sleep 2\n"


def blocks() -> list[str]:
    """The shell blocks of the tour."""
    text = (ROOT / "README.md").read_text("utf-8")
    tour = text[text.index("<!-- tour") :]
    return re.findall(r"```sh\n(.*?)```", tour, re.DOTALL)


def tour() -> str:
    """One script of all blocks; waits stand where a person would read."""
    first, second = str(free_port()), str(free_port())
    parts = [part.replace("7101", first).replace("7102", second) for part in blocks()]
    parts[0] = parts[0].replace('export PATH="$PWD/.venv/bin:$PATH"\n', "") + WAIT
    return SETTLE.join(parts)


@pytest.mark.timeout(90)
def test_the_tour_works_as_printed(tmp_path: Path) -> None:
    """Every command exits 0; the end is a verified bundle; one changed byte is refused."""
    assert len(blocks()) == 5
    said = typed(tmp_path, tour(), timeout_s=80)
    assert "not-reached" in said
    assert "1 told, 1 NOT REACHED" in said
    verify = [sys.executable, "-m", "comity", "verify", "evidence", "--trust", "trust.note"]
    assert subprocess.run(verify, cwd=tmp_path, check=False).returncode == 0
    note = tmp_path / "evidence" / "notice.note"
    data = bytearray(note.read_bytes())
    data[40] ^= 1
    note.write_bytes(bytes(data))
    assert subprocess.run(verify, cwd=tmp_path, check=False).returncode in (10, 12, 13)
