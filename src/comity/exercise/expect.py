"""Expectations: a path into the summary of one variant, and one comparison.

The path: keys joined by dots; `[0]` takes an item, `[*]` all of them, `[unit=battery-1]` the
items whose key has that value, and one filter may follow another; `.count` at the end counts a
list. Pure. Called by check (grammar) and judge.
"""

import re
from contextlib import suppress

from comity.exercise.scenario import Expectation
from comity.model.fault import Malformed
from comity.model.quantity import instant_us
from comity.wire.canonical import Json

__all__ = ["check_path", "unmet", "value_at", "wanted"]

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
        key, index, name, value = part
        if key == "count" and isinstance(found, list):
            found, spread = len(found), False
        elif index == "*" or name:
            found = [item for item in _items(found, spread) if not name or _is(item, name, value)]
            spread = True
        elif spread and isinstance(found, list):
            found = [_step(item, key, index) for item in found]
        else:
            found = _step(found, key, index)
    return found


def unmet(expectation: Expectation, document: Json) -> str | None:
    """A sentence about what differs, or None if the expectation holds."""
    found = value_at(document, expectation.path)
    text, holds = _judged(expectation, found, document)
    return None if holds else f"{expectation.path}: expected {text}, found {_shown(found)}"


def wanted(expectation: Expectation) -> str:
    """What the comparison asks for, in words."""
    return _judged(expectation, None, None)[0]


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
    lists = [inner if isinstance(inner, list) else [inner] for inner in found]
    return [item for inner in lists for item in inner if item is not None]


def _step(found: Json, key: str, index: str) -> Json:
    if key and isinstance(found, dict):
        return found.get(key)
    if index and isinstance(found, list) and int(index) < len(found):
        return found[int(index)]
    return None


def _is(item: Json, name: str, wanted: str) -> bool:
    return isinstance(item, dict) and str(item.get(name)) == wanted


def _judged(expectation: Expectation, found: Json, document: Json) -> tuple[str, bool]:
    for judge in (_timed, _worded):
        judged = judge(expectation, found)
        if judged is not None:
            return judged
    if expectation.same_as is not None:
        other = value_at(document, expectation.same_as)
        return f"the same as {expectation.same_as}", found not in (None, []) and _same(found, other)
    if expectation.is_null is not None:
        empty = found is None or _same(found, [])
        return ("null" if expectation.is_null else "a value"), empty == expectation.is_null
    if expectation.contains is not None:
        holds = isinstance(found, list) and expectation.contains in found
        return f"a list with {_shown(expectation.contains)}", holds
    if expectation.at_least is not None or expectation.at_most is not None:
        return _bounded(expectation, found)
    return _shown(expectation.equals), _same(found, expectation.equals)


def _timed(expectation: Expectation, found: Json) -> tuple[str, bool] | None:
    """Whether the earliest of the times that were found is early, or late, enough."""
    first = min(_instants(found), default=None)
    if expectation.no_later is not None:
        holds = first is not None and first <= instant_us(expectation.no_later)
        return f"by {expectation.no_later}", holds
    if expectation.no_earlier is not None:
        holds = first is not None and first >= instant_us(expectation.no_earlier)
        return f"not before {expectation.no_earlier}", holds
    return None


def _worded(expectation: Expectation, found: Json) -> tuple[str, bool] | None:
    """Whether certain words are in a text, or in none of the texts that there are."""
    texts = _texts(found)
    if expectation.lacks is not None:
        held = any(expectation.lacks in text for text in texts)
        return f"texts without {_shown(expectation.lacks)}", bool(texts) and not held
    if expectation.says is not None:
        holds = any(expectation.says in text for text in texts)
        return f"a text with {_shown(expectation.says)}", holds
    return None


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


def _texts(found: Json) -> list[str]:
    """A text, or all texts of a list, however deep."""
    if isinstance(found, list):
        return [text for item in found for text in _texts(item)]
    return [found] if isinstance(found, str) else []


def _instants(found: Json) -> list[int]:
    """The times among the texts; whatever is none is no time at which something was shown."""
    times: list[int] = []
    for text in _texts(found):
        with suppress(Malformed):
            times.append(instant_us(text))
    return times


def _same(found: Json, wanted: Json) -> bool:
    """Equal, and true is not 1."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def _shown(value: Json) -> str:
    return "null" if value is None else repr(value)
