"""What a page shows, typed into one shell: real commands, real nodes, all ended with the shell."""

import subprocess
import sys
from pathlib import Path

from tests.loopback import free_port

__all__ = ["ROOT", "two_nodes", "typed"]

ROOT = Path(__file__).parents[2]
_STOP = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"
_TWO_NODES = r"""
comity init a --name alpha --origin alpha.example/comity/2026 --address http://127.0.0.1:PORT0
comity init b --name bravo --origin bravo.example/comity/2026 --address http://127.0.0.1:PORT1
comity serve --home a 2>/dev/null & comity serve --home b 2>/dev/null &
for home in a b; do for _ in $(seq 100); do
  comity status --home $home >/dev/null 2>&1 && break; sleep 0.1; done; done
comity party card --home a > alpha.card; comity party card --home b > bravo.card
comity party add bravo.card --home a --fingerprint "$(comity party fingerprint bravo.card)"
comity party add alpha.card --home b --fingerprint "$(comity party fingerprint alpha.card)"
sleep 1
"""


def two_nodes(then: str) -> str:
    """A script that starts alpha (home `a`) and bravo (home `b`), enrolled, and goes on."""
    first, second = str(free_port()), str(free_port())
    return _TWO_NODES.replace("PORT0", first).replace("PORT1", second) + then


def typed(folder: Path, script: str, *, timeout_s: float) -> str:
    """Run a script in `folder` with `comity` in its path; what it printed, if it exits with 0."""
    wrapper = folder / "bin" / "comity"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m comity "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    env = {
        "PATH": f"{wrapper.parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(folder),
    }
    (folder / "page.sh").write_text("set -euo pipefail\n" + _STOP + script, encoding="utf-8")
    done = subprocess.run(
        ["/bin/bash", "page.sh"],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
