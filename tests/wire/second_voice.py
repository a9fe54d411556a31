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
