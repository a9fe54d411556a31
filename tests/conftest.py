"""What every test shares: Hypothesis profiles, order side by side, the line for a failure."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

REPLAY_TESTS_MAX = 5  # a copy-paste line longer than this is not copied

# Timings on a busy machine are no finding, so no deadline and no too_slow check. `ci` draws the
# same examples each time; `long` draws new ones and prints the line that reproduces a failure.
TIMELESS = (HealthCheck.too_slow,)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=TIMELESS
)
settings.register_profile(
    "long", deadline=None, max_examples=2_000, print_blob=True, suppress_health_check=TIMELESS
)
settings.load_profile("ci")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, what may take longest begins first: nobody waits for one at the end.

    By the tests' own `timeout` marks; in chance's order where these are the same.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=_patience_s, reverse=True)


def _patience_s(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker is not None and marker.args else 0.0


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the failures as one line to paste, with the seed of their order."""
    reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    failed = sorted({report.nodeid for report in reports})
    if not failed:
        return
    seed = config.getoption("randomly_seed")
    python = os.path.relpath(sys.executable, config.rootpath)
    chosen = " ".join(f"'{nodeid}'" for nodeid in failed[:REPLAY_TESTS_MAX])
    terminalreporter.write_line(f"again: {python} -m pytest --randomly-seed={seed} {chosen}")
