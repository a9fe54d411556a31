"""The order in which a line is seen: UAX 9 without embeddings, overrides and paired brackets.

Written from the standard, sharing no code with what is tested: the oracle for "coordinates stay
left to right".
"""

import unicodedata

LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
_STRONG = {"L": 0, "R": 1, "AL": 1}
_NEUTRAL = {"B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"}


def seen(text: str, paragraph: int) -> str:
    """The characters from left to right, without the isolates; `paragraph` is 1 for RTL."""
    levels, runs = _explicit(text, paragraph)
    for run in runs:
        _resolve(text, levels, run, paragraph)
    order = list(range(len(text)))
    for level in range(max(levels, default=0), 0, -1):  # L2: reverse what is at a level or above
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end + 1
    return "".join(text[at] for at in order if text[at] not in LRI + RLI + FSI + PDI)


def _explicit(text: str, paragraph: int) -> tuple[list[int], list[list[int]]]:
    """X1 to X10: the level of each character, and the isolating run sequences."""
    levels = [paragraph] * len(text)
    stack, runs, open_runs = [paragraph], [], [list[int]()]
    for at, char in enumerate(text):
        if char == PDI and len(stack) > 1:
            runs.append(open_runs.pop())
            stack.pop()
        levels[at] = stack[-1]
        open_runs[-1].append(at)
        if char in LRI + RLI + FSI:
            rtl = char == RLI or (char == FSI and _first_strong(text[at + 1 :]) == 1)
            now = stack[-1]
            stack.append(now + 1 if (now % 2 == 0) == rtl else now + 2)
            open_runs.append([])
    return levels, runs + open_runs


def _first_strong(text: str) -> int:
    """P2, P3: the direction of the first strong character, up to the matching PDI; 0 if none."""
    depth = 0
    for char in text:
        if char == PDI and depth == 0:
            return 0
        depth += (char in LRI + RLI + FSI) - (char == PDI)
        kind = unicodedata.bidirectional(char)
        if depth == 0 and kind in _STRONG:
            return _STRONG[kind]
    return 0


def _resolve(text: str, levels: list[int], run: list[int], paragraph: int) -> None:
    """W1 to W7, N1, N2, I1, I2 for one sequence."""
    if not run:
        return
    level = levels[run[0]]
    sos = eos = "R" if max(level, paragraph) % 2 else "L"
    kinds = [unicodedata.bidirectional(text[at]) for at in run]
    _weak(kinds, sos)
    at = 0
    while at < len(kinds):  # N1, N2
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > at:
            before = sos if at == 0 else _side(kinds[at - 1])
            after = eos if end == len(kinds) else _side(kinds[end])
            kinds[at:end] = [before if before == after else "RL"[level % 2 == 0]] * (end - at)
        at = max(end, at + 1)
    for place, kind in zip(run, kinds, strict=True):  # I1, I2
        if level % 2 == 0:
            levels[place] += {"L": 0, "R": 1, "EN": 2, "AN": 2}[kind]
        else:
            levels[place] += {"R": 0}.get(kind, 1)


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _weak(kinds: list[str], sos: str) -> None:  # noqa: C901, PLR0912 - the rules in their order
    previous = sos
    for at, kind in enumerate(kinds):  # W1
        if kind == "NSM":
            kinds[at] = "ON" if previous in {"LRI", "RLI", "FSI", "PDI"} else previous
        previous = kinds[at]
    strong = sos
    for at, kind in enumerate(kinds):  # W2, W3
        if kind in {"L", "R", "AL"}:
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[at] = "AN"
    kinds[:] = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):  # W4
        before, after = kinds[at - 1], kinds[at + 1]
        if before == after and (
            (kinds[at] == "ES" and before == "EN") or (kinds[at] == "CS" and before in {"EN", "AN"})
        ):
            kinds[at] = before
    for at, kind in enumerate(kinds):  # W5
        if kind == "ET" and "EN" in (kinds[max(at - 1, 0)], _after(kinds, at)):
            kinds[at] = "EN"
    kinds[:] = ["ON" if kind in {"ES", "ET", "CS", "BN"} else kind for kind in kinds]  # W6
    strong = sos
    for at, kind in enumerate(kinds):  # W7
        if kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _after(kinds: list[str], at: int) -> str:
    """What follows a sequence of terminators."""
    while at < len(kinds) and kinds[at] == "ET":
        at += 1
    return kinds[at] if at < len(kinds) else ""
