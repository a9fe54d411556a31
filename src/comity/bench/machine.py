"""On what a figure was measured: cores, releases, file system, and how busy the machine was.

Reads `/proc` where there is one. Measures nothing. Called by the command line.
"""

import os
import platform
from pathlib import Path

import apsw

from comity.wire.canonical import Json

__all__ = ["file_system", "load_average", "machine"]

_MOUNTS = Path("/proc/self/mounts")
_DECIMALS = 2


def machine(folder: Path) -> dict[str, Json]:
    """The facts about this machine; `folder` is where the measurement writes."""
    return {
        "cores": os.cpu_count(),
        "cores_of_this_process": len(os.sched_getaffinity(0)),
        "architecture": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "file_system": file_system(folder),
    }


def load_average() -> list[Json]:
    """Runnable processes over the last 1, 5 and 15 minutes."""
    return [round(each, _DECIMALS) for each in os.getloadavg()]


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The type of the file system that holds `folder`; `unknown` where the system does not say.

    On `tmpfs` nothing is durable, and a commit costs nothing.
    """
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    place, best, found = folder.resolve(), -1, "unknown"
    for line in lines:
        _, mounted, kind, *_ = line.split(" ")
        point = Path(mounted)
        # A later line of the same place hides the earlier one.
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), kind
    return found
