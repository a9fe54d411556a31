"""The README is true: its tour is run, block by block, in one shell, with ports that are free."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.loopback import free_port

ROOT = Path(__file__).parents[2]
STOP = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"
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
    return "set -euo pipefail\n" + STOP + SETTLE.join(parts)


@pytest.mark.timeout(90)
def test_the_tour_works_as_printed(tmp_path: Path) -> None:
    """Every command exits 0; the end is a verified bundle; one changed byte is refused."""
    assert len(blocks()) == 5
    wrapper = tmp_path / "bin" / "comity"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m comity "$@"\n')
    wrapper.chmod(0o755)
    env = {
        "PATH": f"{wrapper.parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(tmp_path),
    }
    (tmp_path / "tour.sh").write_text(tour())
    done = subprocess.run(
        ["/bin/bash", "tour.sh"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=80,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not-reached" in done.stdout
    verify = [sys.executable, "-m", "comity", "verify", "evidence", "--trust", "trust.note"]
    assert subprocess.run(verify, cwd=tmp_path, env=env, check=False).returncode == 0
    note = tmp_path / "evidence" / "notice.note"
    data = bytearray(note.read_bytes())
    data[40] ^= 1
    note.write_bytes(bytes(data))
    assert subprocess.run(verify, cwd=tmp_path, env=env, check=False).returncode in (10, 12, 13)
