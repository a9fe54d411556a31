"""The unit for systemd: read by systemd where it is, parsed where it is not."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.upkeep.unit import unit_text
from tests.model.saying_no import says_no

HOME, PROGRAM = Path("/var/lib/comity/alpha"), Path("/opt/comity/bin/comity")
ANALYZE = shutil.which("systemd-analyze")
EXPOSURE_MAX = 2.0  # of 10, by systemd's own count; a service without any of it has 9.6


def settings(text: str) -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    assert parser.sections() == ["Unit", "Service", "Install"]
    return dict(parser["Service"])


def test_what_it_says() -> None:
    found = settings(unit_text(HOME, PROGRAM, user="comity"))
    assert found["Type"] == "notify"
    assert found["ExecStart"] == "/opt/comity/bin/comity serve --home /var/lib/comity/alpha"
    assert found["StateDirectory"] == "comity/alpha"
    assert (found["ProtectSystem"], found["NoNewPrivileges"]) == ("strict", "yes")
    assert found["DynamicUser"] == "no"  # keys belong to a user who stays
    assert found["Restart"] == "on-failure"
    kept = {int(code) for code in found["RestartPreventExitStatus"].split()}
    assert {ExitCode.LOCKED, ExitCode.USAGE, ExitCode.NO_PERMISSION} <= kept
    assert ExitCode.INTERNAL not in kept  # a fatal fault comes back through the loader
    assert int(found["TimeoutStopSec"]) > 5  # the drain, web.server
    assert "MemoryMax" in found


def test_a_home_elsewhere_is_written_to_and_nothing_else() -> None:
    found = settings(unit_text(Path("/srv/alpha"), PROGRAM, user="comity", exercise="spring-1"))
    assert "StateDirectory" not in found
    assert found["ReadWritePaths"] == "/srv/alpha"
    assert found["ExecStart"].endswith("--home /srv/alpha --exercise spring-1")


@pytest.mark.parametrize(
    "path", ["/var/lib/a b", "/var/lib/a%i", "/x\nExecStartPre=/bin/sh", "/$x"]
)
def test_a_path_that_systemd_would_read_otherwise_is_refused(path: str) -> None:
    with says_no("bad_path"):
        unit_text(Path(path), PROGRAM, user="comity")
    with says_no("bad_name"):
        unit_text(HOME, PROGRAM, user="Comity User")


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here")
def test_systemd_reads_it_and_finds_little_exposed(tmp_path: Path) -> None:
    assert ANALYZE is not None
    # A program and a user that exist here, so that only the unit is judged.
    text = unit_text(tmp_path, Path("/bin/true"), user="daemon")
    unit = tmp_path / "comity-alpha.service"
    unit.write_text(text)
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "comity-alpha" in line]
    assert ours == []
    assert done.returncode == 0, done.stderr
    words = [ANALYZE, "security", "--offline=yes", "--no-pager", str(unit)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=15, check=False)
    found = re.search(r"exposure level for comity-alpha.service: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= EXPOSURE_MAX, done.stdout
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    done = subprocess.run(
        [*words[:-1], str(bare)], capture_output=True, text=True, timeout=15, check=False
    )
    control = re.search(r"exposure level for bare.service: ([0-9.]+)", done.stdout)
    assert control
    assert float(control[1]) > EXPOSURE_MAX
