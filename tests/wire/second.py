"""A second implementation of docs/reference/notice-v1.md and of an entry's text, from the pages.

It imports nothing of comity, so that the pages must say everything. Standard library and
`cryptography` only. Called by `test_second_implementation`.
"""

import base64
import hashlib
import hmac
import re
import struct
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PURPOSES = [
    "military-activity",
    "training",
    "transport",
    "survey",
    "medical",
    "fire-rescue",
    "search-rescue",
    "weather",
    "farming",
    "humanitarian",
    "civil-traffic",
    "air-defence-active",
    "danger-area",
    "interference",
]
DOMAINS = ["air", "ground", "maritime", "subsurface", "electromagnetic"]
CRAFTS = ["combat", "unarmed", "rotary", "uav", "balloon", "none"]
ONWARDS = ["none", "derived", "full"]
CONFIDENCES = ["confirmed", "probable", "possible"]
STEPS = ["seen", "read-back", "wilco", "unable", "not-understood"]
REASONS = ["final-approach", "low-fuel", "emergency", "not-reached", "other"]
WANTED = ["close", "reopen", "corridor", "delay"]
DECISIONS = ["granted", "partly", "declined", "standby"]
DECLINE_REASONS = ["not-ours", "too-late", "traffic", "less-safe", "already-so", "other"]
MINUTE = 60_000_000
STANCES = ["contradicts", "supports", "narrows"]
STATES = ["told", "answered", "not-reached"]
INSTANTS = (946_684_800_000_000, 4_102_444_799_999_999)
HEIGHTS = (-12_000_000, 100_000_000)
PRESSURE_HEIGHTS = (-2_000_000, 20_000_000)
DATUMS = ["wgs84", "msl", "pressure", "flight-level", "agl"]
PATH = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*", re.ASCII)
MESSAGE_CODE = re.compile(r"[A-Z]{1,2}[0-9]?", re.ASCII)
VALUE_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
FORBIDDEN = re.compile(
    r"aim-point|ammunition|engagement-zone|envelope|firing-unit|force-size|launch-point|"
    r"munition|ordnance|radar-site|sensor|sensor-site|strike-point|target|target-position|"
    r"targets|time-on-target|track|warhead|weapon|weapon-type|weapons"
)

Value = int | str | bytes | list[tuple[int, int]]


class No(Exception):  # noqa: N818 - it is the answer
    """Not a content of version 1."""


def no(why: str) -> NoReturn:
    raise No(why)


@dataclass
class Said:
    """One field as read: path, type, value."""

    path: str
    type: str
    value: Value


# --- section 8: bytes of a content ---------------------------------------------------------------


def value_bytes(said: Said) -> bytes:
    match said.value:
        case int(number):
            return struct.pack(">q", number)
        case str(text):
            return text.encode()
        case bytes(raw):
            return raw
        case pairs:
            return b"".join(struct.pack(">ii", *pair) for pair in pairs)


def to_bytes(content: list[Said]) -> bytes:
    found = b""
    for said in content:
        path, kind, value = said.path.encode(), said.type.encode(), value_bytes(said)
        found += len(path).to_bytes(2, "big") + bytes([len(kind)]) + len(value).to_bytes(4, "big")
        found += path + kind + value
    return found


def from_bytes(data: bytes) -> list[Said]:
    if len(data) > 262_144:
        no("too many bytes")
    content: list[Said] = []
    while data:
        if len(data) < 7:
            no("cut short")
        path_n, kind_n = int.from_bytes(data[:2], "big"), data[2]
        value_n, data = int.from_bytes(data[3:7], "big"), data[7:]
        if len(data) < path_n + kind_n + value_n:
            no("cut short")
        path, kind = data[:path_n], data[path_n : path_n + kind_n]
        value = data[path_n + kind_n : path_n + kind_n + value_n]
        data = data[path_n + kind_n + value_n :]
        content.append(_said(path, kind, value))
    if not 1 <= len(content) <= 511 or len({said.path for said in content}) != len(content):
        no("count of fields")
    return content


def _said(raw_path: bytes, kind: bytes, value: bytes) -> Said:
    try:
        path = raw_path.decode("ascii")
        text = value.decode("utf-8") if kind == b"text" else ""
    except UnicodeDecodeError:
        no("not text")
    if not PATH.fullmatch(path) or len(path) > 128:
        no("path")
    match kind:
        case b"text":
            return Said(path, "text", text)
        case b"i64" if len(value) == 8:
            return Said(path, "i64", int.from_bytes(value, "big", signed=True))
        case b"id" if len(value) == 32:
            return Said(path, "id", value)
        case b"points" if value and len(value) % 8 == 0:
            return Said(path, "points", list(struct.iter_unpack(">ii", value)))
    no("type")


# --- sections 2 to 7: what may be said, in which order -------------------------------------------


class Reading:
    """Takes fields strictly in the order of the tables."""

    def __init__(self, content: list[Said]) -> None:
        self._left = list(content)

    def next(self) -> str | None:
        return self._left[0].path if self._left else None

    def take(self, path: str, kind: str) -> Value:
        if not self._left or (self._left[0].path, self._left[0].type) != (path, kind):
            no(f"{path} is due")
        return self._left.pop(0).value

    def number(self, path: str, low: int, high: int) -> int:
        value = self.take(path, "i64")
        if not isinstance(value, int) or not low <= value <= high:
            no(path)
        return value

    def text(self, path: str) -> str:
        return str(self.take(path, "text"))

    def choice(self, path: str, choices: list[str]) -> str:
        text = self.text(path)
        return text if text in choices else no(path)

    def free(self, path: str, least: int, most: int) -> None:
        text = self.text(path)
        bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        if not least <= len(text) <= most or text[:1] == " " or text[-1:] == " ":
            no(path)
        for character in text:
            category = unicodedata.category(character)
            if category in bad or (category == "Zs" and character != " "):
                no(path)

    def points(self, path: str, least: int, most: int) -> int:
        pairs = self.take(path, "points")
        if not isinstance(pairs, list) or not least <= len(pairs) <= most:
            no(path)
        for lat, lon in pairs:
            if abs(lat) > 900_000_000 or abs(lon) > 1_800_000_000:
                no(path)
        return len(pairs)

    def matching(self, path: str, form: re.Pattern[str]) -> str:
        text = self.text(path)
        return text if form.fullmatch(text) else no(path)

    def value(self, path: str) -> None:
        """A number, a text or one place."""
        match self._left[0].type:
            case "points":
                self.points(path, 1, 1)
            case "id":
                no(path)
            case kind:
                self.take(path, kind)

    def end(self) -> None:
        if self._left:
            no(f"{self._left[0].path} is too much")


def check_notice(content: list[Said]) -> None:
    """Sections 2 and 3."""
    reading = Reading(content)
    code = reading.text("code")
    if code in ("N1", "V1", "H"):
        _declaration(reading, code)
    elif code == "N2":
        reading.take("of", "id")
        _volumes(reading)
    elif code in ("A1", "A2", "V2", "N3"):
        reading.take("of", "id")
        reading.number("at", *INSTANTS)
    else:
        no("code")
    reading.end()


def _declaration(reading: Reading, code: str) -> None:
    reading.choice("purpose", PURPOSES)
    reading.choice("domain", DOMAINS)
    reading.choice("craft", CRAFTS)
    reading.choice("onward", ONWARDS)
    reading.free("name", 0, 40)
    if code == "V1" and reading.next() == "needs":
        reading.number("needs", 0, 604_800_000_000)
    if code == "H":
        reading.free("basis/source", 1, 280)
        reading.choice("basis/confidence", CONFIDENCES)
        reading.number("basis/expires", *INSTANTS)
    _volumes(reading)


def _volumes(reading: Reading) -> None:
    _counted(reading, 50, 2_000)


def _counted(reading: Reading, volumes: int, vertices: int) -> None:
    found = [_volume(reading, f"volume/{index}/") for index in _groups(reading, "volume", volumes)]
    if sum(corners for corners, _ in found) > vertices or sum(areas for _, areas in found) > 50:
        no("too many vertices or holes")


def _groups(reading: Reading, name: str, most: int) -> Iterator[int]:
    """1 to `most` groups, numbered from 0."""
    index = 0
    while index == 0 or (reading.next() or "").startswith(f"{name}/"):
        if index == most:
            no("too many")
        yield index
        index += 1


def _volume(reading: Reading, at: str) -> tuple[int, int]:
    """One volume; the number of its vertices, and of itself and its holes."""
    corners = holes = 0
    if reading.next() == f"{at}centre":
        reading.points(f"{at}centre", 1, 1)
        reading.number(f"{at}radius", 1, 2_500_000_000)
    elif reading.next() == f"{at}line":
        corners = reading.points(f"{at}line", 2, 2_000)
        reading.number(f"{at}half-width", 1, 2_500_000_000)
    else:
        corners = reading.points(f"{at}polygon", 3, 2_000)
        while reading.next() == f"{at}hole/{holes}":
            corners += reading.points(f"{at}hole/{holes}", 3, 2_000)
            holes += 1
    reading.choice(f"{at}datum", ["wgs84"])
    lower = reading.number(f"{at}lower", *HEIGHTS)
    reading.number(f"{at}upper", lower, HEIGHTS[1])
    if (reading.next() or "").startswith(f"{at}given/"):
        _given(reading, f"{at}given/")
    start = reading.number(f"{at}start", *INSTANTS)
    reading.number(f"{at}end", start, min(start + 34_560_000_000_000, INSTANTS[1]))
    reading.number(f"{at}uncertainty/lateral", 0, 100_000_000)
    reading.number(f"{at}uncertainty/vertical", 0, 100_000_000)
    reading.number(f"{at}uncertainty/time", 0, 86_400_000_000)
    return corners, 1 + holes


def _given(reading: Reading, at: str) -> None:
    """What the heights were converted from."""
    lower_datum, lower = _limit(reading, f"{at}lower")
    upper_datum, upper = _limit(reading, f"{at}upper")
    datums = {lower_datum, upper_datum}
    if datums == {"wgs84"} or (len(datums) == 1 and lower > upper):
        no("nothing to convert, or upside down")
    by_pressure = bool(datums & {"pressure", "flight-level"})
    if "pressure" in datums or (by_pressure and reading.next() == f"{at}qnh"):
        reading.number(f"{at}qnh", 87_000, 108_500)
        reading.number(f"{at}qnh-at", *INSTANTS)
    if by_pressure and reading.next() == f"{at}isa-deviation":
        reading.number(f"{at}isa-deviation", -60, 40)
    if "agl" in datums:
        reading.choice(f"{at}terrain-datum", ["wgs84", "msl"])
        lowest = reading.number(f"{at}terrain-lower", *HEIGHTS)
        reading.number(f"{at}terrain-upper", lowest, HEIGHTS[1])


def _limit(reading: Reading, at: str) -> tuple[str, int]:
    datum = reading.choice(f"{at}-datum", DATUMS)
    by_pressure = datum in {"pressure", "flight-level"}
    return datum, reading.number(at, *(PRESSURE_HEIGHTS if by_pressure else HEIGHTS))


def check_answer(content: list[Said]) -> None:
    """Section 4."""
    reading = Reading(content)
    step = reading.choice("step", STEPS)
    reading.take("of", "id")
    reading.free("role", 1, 40)
    if step == "unable":
        reading.choice("reason", REASONS)
    if step == "read-back":
        reading.number("read-back/start", *INSTANTS)
        reading.number("read-back/end", *INSTANTS)
        reading.points("read-back/points", 1, 50)
        reading.number("read-back/lower", *HEIGHTS)
        reading.number("read-back/upper", *HEIGHTS)
    reading.end()


def check_attestation(content: list[Said]) -> None:
    """Section 4."""
    reading, handles = Reading(content), []
    reading.take("of", "id")
    for index in _groups(reading, "unit", 64):
        handles.append(reading.take(f"unit/{index}/handle", "id"))
        reading.choice(f"unit/{index}/state", STATES)
        reading.number(f"unit/{index}/at", *INSTANTS)
    reading.end()
    if len(set(map(bytes, handles))) != len(handles):  # type: ignore[arg-type]
        no("a handle twice")


def check_request(content: list[Said]) -> None:
    """Section 4."""
    reading = Reading(content)
    reading.choice("code", ["R"])
    reading.choice("wanted", WANTED)
    reading.take("of", "id")
    reading.number("by", *INSTANTS)
    reading.free("words", 0, 40)
    reading.end()


def check_reply(content: list[Said]) -> None:
    """Section 4."""
    reading = Reading(content)
    decision = reading.choice("decision", DECISIONS)
    reading.take("of", "id")
    reading.free("role", 1, 40)
    if decision == "declined":
        reading.choice("reason", DECLINE_REASONS)
    if decision == "standby" and reading.number("standby", MINUTE, 120 * MINUTE) % MINUTE:
        no("no whole minutes")
    reading.free("words", 0, 40)
    reading.end()


def check_message(content: list[Said]) -> None:
    """Section 4."""
    reading = Reading(content)
    reading.matching("message", MESSAGE_CODE)
    if reading.next() == "about":
        reading.take("about", "id")
    reading.free("role", 1, 40)
    reading.matching("language", LANGUAGE)
    _values(reading, "value/")
    reading.free("words", 0, 140)
    reading.end()


def check_message_answer(content: list[Said]) -> None:
    """Section 4."""
    reading = Reading(content)
    reading.matching("message-answer", MESSAGE_CODE)
    of = reading.take("of", "id")
    reading.free("role", 1, 40)
    reading.matching("language", LANGUAGE)
    _values(reading, "value/")
    if reading.next() == "read-back/of":
        if reading.take("read-back/of", "id") != of:
            no("another message")
        _values(reading, "read-back/value/")
    reading.free("words", 0, 140)
    reading.end()


def _values(reading: Reading, prefix: str) -> None:
    names: list[str] = []
    while (path := reading.next()) is not None and path.startswith(prefix):
        name = path.removeprefix(prefix)
        if not VALUE_NAME.fullmatch(name) or FORBIDDEN.fullmatch(name):
            no(path)
        reading.value(path)
        names.append(name)
    if names != sorted(set(names)) or len(names) > 16:
        no("order of values")


def check_report(content: list[Said]) -> None:
    """Section 4."""
    reading = Reading(content)
    stance = reading.choice("stance", STANCES)
    reading.take("of", "id")
    reading.free("source", 1, 280)
    reading.choice("confidence", CONFIDENCES)
    if stance == "narrows" or reading.next() is not None:
        _counted(reading, 10, 500)
    reading.end()


def accepts(check: Callable[[list[Said]], None], data: bytes) -> bool:
    """Whether bytes are a content that a check passes."""
    try:
        check(from_bytes(data))
    except No:
        return False
    return True


# --- section 9: the commitment -------------------------------------------------------------------


def leaf_hashes(content: list[Said], seed: bytes) -> list[bytes]:
    manifest = "".join(f"{said.path} {said.type}\n" for said in content).encode()
    shown = [(b"", manifest), *((said.path.encode(), value_bytes(said)) for said in content)]
    count = next(n for n in (8, 32, 128, 512) if n > len(content))
    hashes = []
    for index in range(count):
        message = b"comity/field-salt/v1\0" + index.to_bytes(4, "big")
        leaf = b"comity/field/v1\0" + hmac.new(seed, message, hashlib.sha256).digest()
        if index < len(shown):
            path, value = shown[index]
            leaf += len(path).to_bytes(2, "big") + path + len(value).to_bytes(4, "big") + value
        else:
            leaf += bytes.fromhex("0001ff00000000")
        hashes.append(hashlib.sha256(b"\0" + leaf).digest())
    return hashes


def root_of(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
    return hashes[0]


def seed_commit(seed: bytes) -> bytes:
    return hashlib.sha256(b"comity/seed-commit/v1\0" + seed).digest()


# --- an entry of a content, and its signature ----------------------------------------------------


def entry_note(
    head: dict[str, str], content: list[Said], seed: bytes, key: tuple[str, bytes]
) -> bytes:
    """A signed entry; `head` has its lines up to `beacon`, `key` a name and an Ed25519 seed."""
    hashes = leaf_hashes(content, seed)
    kind, *pairs = head.items()
    lines = [f"comity/{kind[1]}@v1", *(f"{name} {value}" for name, value in pairs)]
    lines.append(f"content-root {base64.b64encode(root_of(hashes)).decode()}")
    lines.append(f"content-leaves {len(hashes)}")
    lines.append(f"content-seed-commit {base64.b64encode(seed_commit(seed)).decode()}")
    if "/exercise/" in head["from"]:
        lines.append("label exercise")
    text = "".join(f"{line}\n" for line in lines).encode()
    name, private = key[0], Ed25519PrivateKey.from_private_bytes(key[1])
    public = private.public_key().public_bytes_raw()
    key_id = hashlib.sha256(f"{name}\n".encode() + b"\1" + public).digest()[:4]
    signature = base64.b64encode(key_id + private.sign(text)).decode()
    return text + f"\n\u2014 {name} {signature}\n".encode()


def signature_holds(note: bytes, public: bytes) -> bool:
    text, _, line = note.rpartition(b"\n\n")
    signature = base64.b64decode(line.split(b" ")[2])[4:]
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text + b"\n")
    except InvalidSignature:
        return False
    return True


def leaf_of(note: bytes) -> bytes:
    return hashlib.sha256(b"\0" + note).digest()
