"""A second reader of the voice form, written from docs/reference/voice.md; shares no code with it.

Takes groups, checks them and returns what they say as a plain dictionary; ValueError otherwise.
"""

from typing import Any

LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
CHOICES: dict[str, list[Any]] = {
    "code of N": ["N1", "V1", "H"],
    "code of M": ["A1", "A2", "V2", "N3"],
    "step": ["seen", "wilco", "unable", "not-understood"],
    "reason of A": [
        *[None, "final-approach", "low-fuel", "emergency", "not-reached", "other"],
    ],
    "asked for": ["close", "reopen", "corridor", "delay"],
    "decision": ["granted", "partly", "declined", "standby"],
    "reason of D": [
        *[None, "not-ours", "too-late", "traffic", "less-safe", "already-so", "other"],
    ],
}
ID = (0, 2**40 - 1)


def rows_of(groups: list[str]) -> list[list[int]]:
    """Each group as numbers, all checks made."""
    rows = [[LETTERS.index(letter) for letter in group] for group in groups]
    for p, (a, b, c, d, check) in enumerate(rows, start=1):
        if check != (a + 2 * b + 3 * c + 4 * d + p) % 23:
            raise ValueError(f"group {p}")
    n = len(rows)
    for j in range(4):
        if sum(((p - 1) % 22 + 1) * rows[p - 1][j] for p in range(1, n)) % 23 != rows[-1][j]:
            raise ValueError("columns")
    if rows[0][1] != n % 23:
        raise ValueError("count")
    return rows


def values_of(kind: str, shape: int, count: int, second: int, metre: int) -> list[Any]:
    """Each value of a message with its lowest and highest; units in a second and in a metre."""
    time = (946684800 * second, 4102444800 * second - 1)
    height, radius = (-12_000 * metre, 100_000 * metre), (1, 2_500_000 * metre)
    area: list[Any] = [("id", ID), ("start", time), ("end", time)]
    area += [("lower", height), ("upper", height)]
    area += [("all", (9, 10_000))] if shape in (3, 4) else []
    for k in range(count):
        area += [(f"lat {k}", (-900_000_000, 900_000_000))]
        area += [(f"lon {k}", (-1_800_000_000, 1_800_000_000))]
    area += [("radius", radius)] if shape == 0 else []
    pick = (0, 22)
    table: dict[str, list[Any]] = {
        "N": [("code of N", pick), *area],
        "B": area,
        "M": [("code of M", pick), ("id", ID), ("time", time)],
        "A": [("step", pick), ("reason of A", pick), ("id", ID)],
        "R": [("asked for", pick), ("request", ID), ("id", ID), ("by", time)],
        "D": [("decision", pick), ("reason of D", pick), ("standby", (0, 120)), ("id", ID)],
    }
    return table[kind]


def numbers_of(body: list[int], values: list[Any]) -> dict[str, int]:
    """The values out of the one number."""
    most = 1
    for _, (low, high) in values:
        most *= high - low + 1
    letters = 0
    while 23**letters < most:
        letters += 1
    number = 0
    for digit in body[:letters]:
        number = number * 23 + digit
    found = {}
    for name, (low, high) in reversed(values):
        number, rest = divmod(number, high - low + 1)
        found[name] = rest + low
    if number or any(body[letters:]):
        raise ValueError("too large, or padding")
    return found


def read(groups: list[str]) -> dict[str, Any]:
    """What the groups say."""
    body = [letter for row in rows_of(groups)[:-1] for letter in row[:4]]
    kind = LETTERS[body[0]]
    shape, fine = divmod(body[2], 4)
    exercise, count = divmod(body[3], 9)
    second, metre = (1, 1_000_000)[fine // 2], (1, 1_000)[fine % 2]
    said: dict[str, Any] = {"kind": kind, "exercise": bool(exercise), "shape": shape}
    values = values_of(kind, shape, count, second, metre)
    for name, value in numbers_of(body[4:], values).items():
        if name in CHOICES:
            said[name] = CHOICES[name][value]
        elif name in {"start", "end", "time", "by"}:
            said[name] = value * (1_000_000 // second)
        elif name in {"lower", "upper", "radius"}:
            said[name] = value * (1_000 // metre)
        elif name in {"id", "request"}:
            said[name] = value.to_bytes(5, "big").hex()
        else:
            said[name] = value
    return said


KINDS = ["choice", "place", "time", "radius", "height", "minutes", "persons", "frequency"]
ROLES = "duty officer, supervisor, controller, liaison officer, commander, mediator"
ALL_ROLES = [None, *ROLES.split(", "), "rescue coordinator"]


def coded(kind: str, rest: list[int], second: int, metre: int) -> dict[str, Any]:
    """What a coded message or an answer to one says, from the letters after its head."""
    heads: list[Any] = [("code", (0, 7721)), ("id", ID), ("role", (0, 22))]
    heads += [("flags", (0, 3 if kind == "C" else 1)), ("fields", (0, 4095))]
    heads += [("heard", (0, 4095))] if kind == "W" else []
    head, rest = part(rest, heads)
    bits = [head["fields"], head.get("heard", 0)]
    fields = [(which, k) for which in (0, 1) for k in range(12) if bits[which] >> k & 1]
    kinds = [KINDS[letter] for letter in rest[: len(fields)]]
    body: list[Any] = []
    if kind == "C" and head["flags"] & 1:
        body += [("about", ID)]
    if kind == "C" and head["flags"] & 2:
        body += [("due", (946684800, 4102444799))]
    for field, name in zip(fields, kinds, strict=True):
        body += [((field, name, axis), span) for axis, span in spans(name, second, metre)]
    values, padding = part(rest[len(fields) :], body)
    if any(padding):
        raise ValueError("padding")
    units = {"time": 1_000_000 // second, "radius": 1_000 // metre, "height": 1_000 // metre}
    said: list[dict[int, Any]] = [{}, {}]
    for (which, k), name in zip(fields, kinds, strict=True):
        axes = [values[(which, k), name, axis] for axis, _ in spans(name, second, metre)]
        found = axes[0] * units.get(name, 1) if len(axes) == 1 else tuple(axes)
        said[which][k] = (name, found)
    first, end = divmod(head["code"], 11)
    one, two = divmod(first, 27)
    letters = chr(65 + one) + (chr(64 + two) if two else "") + (str(end - 1) if end else "")
    return {
        "code": letters,
        "id": head["id"].to_bytes(5, "big").hex(),
        "role": ALL_ROLES[head["role"]],
        "about": values["about"].to_bytes(5, "big").hex() if "about" in values else None,
        "due": values.get("due"),
        "fields": said[0],
        "heard": said[1] if kind == "W" and head["flags"] else None,
    }


def spans(name: str, second: int, metre: int) -> list[tuple[int, tuple[int, int]]]:
    """The lowest and highest of each number of a field."""
    table = {
        "choice": (0, 63),
        "time": (946684800 * second, 4102444800 * second - 1),
        "radius": (1, 2_500_000 * metre),
        "height": (-12_000 * metre, 100_000 * metre),
        "minutes": (0, 1440),
        "persons": (0, 1_000_000),
        "frequency": (0, 300_000_000_000),
    }
    if name == "place":
        return [(0, (-900_000_000, 900_000_000)), (1, (-1_800_000_000, 1_800_000_000))]
    return [(0, table[name])]


def part(letters: list[int], values: list[Any]) -> tuple[dict[Any, int], list[int]]:
    """The numbers of one part, and the letters after it."""
    most = 1
    for _, (low, high) in values:
        most *= high - low + 1
    count = 0
    while 23**count < most:
        count += 1
    return numbers_of(letters[:count], values), letters[count:]


def read_coded(groups: list[str]) -> dict[str, Any]:
    """What groups of kind C or W say."""
    body = [letter for row in rows_of(groups)[:-1] for letter in row[:4]]
    fine = body[2]
    second, metre = (1, 1_000_000)[fine // 2], (1, 1_000)[fine % 2]
    kind = LETTERS[body[0]]
    return {
        "kind": kind,
        "exercise": body[3] == 9,
        **coded(kind, body[4:], second, metre),
    }
