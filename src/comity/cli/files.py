"""Files that a person names: read with a cap, written only where nothing is yet.

Called by the verbs; keys and homes are `trust.keyfile`'s and `home`'s.
"""

import sys
from pathlib import Path

from comity.model.fault import Malformed, Refusal, Refused

__all__ = ["new_folder", "read_file", "write_new"]

_STDIN = Path("-")


def read_file(path: Path, *, size_max: int) -> bytes:
    """The content of a file, or of stdin for `-`; Malformed if it is not there or too large."""
    try:
        if path == _STDIN:
            data = sys.stdin.buffer.read(size_max + 1)
        else:
            with path.open("rb") as file:
                data = file.read(size_max + 1)
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}", code="bad_file") from error
    if len(data) > size_max:
        raise Malformed(f"{path} has more than {size_max} bytes", code="too_large")
    return data


def write_new(path: Path, data: bytes) -> None:
    """Write a new file; Refused (`file_exists`, `file_mode`) where one is or none can be."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise _not_made(path, error) from error


def new_folder(path: Path) -> None:
    """Make a folder, or take an empty one; Refused as for `write_new`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        taken = any(path.iterdir())
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise _not_made(path, error) from error
    if taken:
        raise _exists(path)


def _exists(path: Path) -> Refused:
    return Refused(
        Refusal(
            code="file_exists",
            reason=f"{path} is there already; it was not touched",
            what_to_do="Name another with --out.",
        )
    )


def _not_made(path: Path, error: OSError) -> Refused:
    return Refused(
        Refusal(
            code="file_mode",
            reason=f"{path} cannot be written: {error.strerror}",
            what_to_do="Name a place that you can write to.",
        )
    )
