"""Expectations: a path into the summary of one variant, and one comparison.

The path: keys joined by dots; `[0]` takes an item, `[*]` all of them, `[unit=battery-1]` the
items whose key has that value; `.count` at the end counts a list. Pure. Called by check (grammar)
and run.
"""

import re

from comity.exercise.scenario import Expectation
from comity.model.fault import Malformed
from comity.wire.canonical import Json

__all__ = ["check_path", "unmet", "value_at"]

_PATH_CHARS_MAX = 200
_PART = re.compile(r"\.?([a-z_][a-z0-9_-]*)|\[(\d{1,4}|\*)\]|\[([a-z_]+)=([^\]]{1,80})\]", re.ASCII)


def check_path(path: str) -> None:
    """Raise Malformed unless `path` follows the grammar."""
    _parts(path)


def value_at(document: Json, path: str) -> Json:
    """What stands at `path`; `[*]` and `[key=value]` give lists; None where there is nothing."""
    found = document
    spread = False
    for part in _parts(path):
        key, index, name, wanted = part
        if key == "count" and isinstance(found, list):
            found, spread = len(found), False
        elif index == "*" or name:
            found = [item for item in _items(found, spread) if not name or _is(item, name, wanted)]
            spread = True
        elif spread and isinstance(found, list):
            found = [_step(item, key, index) for item in found]
        else:
            found = _step(found, key, index)
    return found


def unmet(expectation: Expectation, document: Json) -> str | None:
    """A sentence about what differs, or None if the expectation holds."""
    found = value_at(document, expectation.path)
    wanted, holds = _judged(expectation, found)
    return None if holds else f"{expectation.path}: expected {wanted}, found {_shown(found)}"


def _parts(path: str) -> list[tuple[str, str, str, str]]:
    end = 0
    parts: list[tuple[str, str, str, str]] = []
    for found in _PART.finditer(path[:_PATH_CHARS_MAX]):
        if found.start() != end:
            break
        parts.append((found[1] or "", found[2] or "", found[3] or "", found[4] or ""))
        end = found.end()
    if end != len(path) or not parts or path.startswith((".", "[")):
        raise Malformed(f"{path[:60]!r} is no path like unreached[0].unit", code="bad_path")
    return parts


def _items(found: Json, spread: bool) -> list[Json]:  # noqa: FBT001 - private, two call sites
    """The items to choose from: a list's, or all items of a list of lists."""
    if not isinstance(found, list):
        return []
    if not spread:
        return found
    return [item for inner in found if isinstance(inner, list) for item in inner]


def _step(found: Json, key: str, index: str) -> Json:
    if key and isinstance(found, dict):
        return found.get(key)
    if index and isinstance(found, list) and int(index) < len(found):
        return found[int(index)]
    return None


def _is(item: Json, name: str, wanted: str) -> bool:
    return isinstance(item, dict) and str(item.get(name)) == wanted


def _judged(expectation: Expectation, found: Json) -> tuple[str, bool]:
    if expectation.is_null is not None:
        empty = found is None
        return ("null" if expectation.is_null else "a value"), empty == expectation.is_null
    if expectation.contains is not None:
        holds = isinstance(found, list) and expectation.contains in found
        return f"a list with {_shown(expectation.contains)}", holds
    if expectation.at_least is not None or expectation.at_most is not None:
        return _bounded(expectation, found)
    return _shown(expectation.equals), _same(found, expectation.equals)


def _bounded(expectation: Expectation, found: Json) -> tuple[str, bool]:
    least, most = expectation.at_least, expectation.at_most
    number = found if isinstance(found, int | float) and not isinstance(found, bool) else None
    sides = [f"at least {least:g}"] if least is not None else []
    sides += [f"at most {most:g}"] if most is not None else []
    holds = (
        number is not None
        and (least is None or number >= least)
        and (most is None or number <= most)
    )
    return " and ".join(sides), holds


def _same(found: Json, wanted: Json) -> bool:
    """Equal, and true is not 1."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def _shown(value: Json) -> str:
    return "null" if value is None else repr(value)
