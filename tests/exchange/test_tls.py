"""Two real nodes over TLS: each pins the certificate of the other's card, and takes no other."""

import contextlib
import io
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.cli.main import run as cli
from tests.loopback import free_port

ROOT = Path(__file__).parents[2]
ENV = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
pytestmark = pytest.mark.timeout(60)


def comity(*words: str) -> str:
    """Run a verb that ends by itself; what it printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = cli(words)
    assert code == 0, said.getvalue()
    return said.getvalue()


class Nodes:
    """Alpha and bravo, enrolled with each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def init(self, name: str, port: int, folder: str | None = None) -> Path:
        """Make a home."""
        home = self.folder / (folder or name)
        origin, address = f"{name}.example/comity/2026", f"https://127.0.0.1:{port}"
        words = ("--name", name, "--origin", origin, "--address", address)
        comity("init", str(home), *words)
        return home

    def start(self, name: str) -> None:
        """Start a node and wait until it says that it is ready."""
        with (self.folder / f"{name}.log").open("ab") as log:
            node = subprocess.Popen(
                [sys.executable, "-m", "comity", "serve", "--home", str(self.folder / name)],
                cwd=ROOT,
                env=ENV,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert node.stdout is not None
        assert node.stdout.readline().startswith(b"ready")
        self.running[name] = node

    def stop(self, name: str) -> None:
        """End it gracefully."""
        node = self.running.pop(name)
        node.terminate()
        assert node.wait(15) == 0
        assert node.stdout is not None
        node.stdout.close()

    def enrol(self, ours: str, theirs: str) -> None:
        """By card and fingerprint."""
        card = self.folder / f"{theirs}.card"
        card.write_text(comity("party", "card", "--home", str(self.folder / theirs)))
        fingerprint = comity("party", "fingerprint", str(card)).strip()
        words = ("--fingerprint", fingerprint, "--home", str(self.folder / ours))
        comity("party", "add", str(card), *words)

    def warn(self) -> None:
        """Alpha gives bravo a hazard."""
        comity(
            *("hazard", "give", "--home", str(self.folder / "alpha"), "--to", "bravo"),
            *("--circle", "35.5,35.7,20km", "--heights", "0m..9000m", "--start", "now"),
            *("--end", "+30m", "--source", "duty officer", "--expires", "+1h"),
        )

    def known_to_bravo(self, count: int, seconds: float) -> bool:
        """Whether bravo knows so many notices within a time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = json.loads(
                comity("notice", "list", "--json", "--home", str(self.folder / "bravo"))
            )
            if len(found) == count:
                return True
            time.sleep(0.1)
        return False


@pytest.fixture
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """Both running; ended whatever happens."""
    made = Nodes(tmp_path_factory.mktemp("nodes"))
    for name in ("alpha", "bravo"):
        made.init(name, free_port())
        made.start(name)
    made.enrol("alpha", "bravo")
    made.enrol("bravo", "alpha")
    yield made
    for name in list(made.running):
        made.stop(name)


def test_a_notice_travels_over_pinned_tls_and_over_no_other(nodes: Nodes) -> None:
    nodes.warn()
    assert nodes.known_to_bravo(1, 15)
    nodes.stop("bravo")
    keys = nodes.folder / "bravo" / "keys"
    true = {name: (keys / name).read_bytes() for name in ("tls.key", "tls.crt")}
    other = nodes.init("bravo", free_port(), "other") / "keys"
    for name in true:
        shutil.copyfile(other / name, keys / name)
    nodes.start("bravo")
    nodes.warn()
    assert not nodes.known_to_bravo(2, 4)  # somebody else's certificate: nothing was told
    nodes.stop("bravo")
    for name, data in true.items():
        (keys / name).write_bytes(data)
    nodes.start("bravo")
    assert nodes.known_to_bravo(2, 20)
