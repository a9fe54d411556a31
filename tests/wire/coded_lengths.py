"""Coded messages of the lengths that docs/reference/voice.md names."""

from comity.hotline.voice_message import coded_answer_said, coded_said
from comity.model.message import Message, MessageAnswer, ReadBack, ordered
from comity.model.phrasebook import Value
from comity.model.quantity import Position, instant_us
from comity.model.voice import Spoken

ID = bytes.fromhex("4f1d2c7a90") + bytes(27)
DUE_US = instant_us("2030-01-01T10:03:00Z")
HERE = Position(lat_e7=353_000_000, lon_e7=401_400_000)
AREA: dict[str, Value] = {"where": HERE, "radius": 5_000_000}
CLEAR: dict[str, Value] = {**AREA, "lower": 0, "upper": 3_000_000, "until": DUE_US}
FINE: dict[str, Value] = {
    "where": Position(lat_e7=900_000_000, lon_e7=1_800_000_000),
    "radius": 499_999_999,
    "lower": 99_999_998,
    "upper": 99_999_999,
    "until": DUE_US + 1,
}


def said(code: str, values: dict[str, Value], about: bytes | None = None) -> Spoken:
    message = Message(code=code, role="duty officer", values=ordered(values), about=about)
    return Spoken(message=coded_said(ID, message, DUE_US))


def wilco(asked: str, values: dict[str, Value]) -> Spoken:
    heard = ReadBack(id=ID, values=ordered(values))
    answer = MessageAnswer(code="W", of=ID, role="duty officer", read_back=heard)
    return Spoken(message=coded_answer_said(asked, answer))


CODED_LENGTHS = {
    "message LINE CHECK, with its deadline": said("L1", {}),
    "message STOP about a notice, with its deadline": said("X", {}, ID),
    "message STOP of a place and a radius, with its deadline": said("X", AREA),
    "message KEEP CLEAR of a place, a radius, heights and a time, with its deadline": said(
        "KC", CLEAR
    ),
    "answer WILCO that reads back a place and a radius": wilco("X", AREA),
    "the longest coded message: 5 fields, microseconds and millimetres": said("KC", FINE, ID),
    "the longest answer: it reads back the longest coded message": wilco("KC", FINE),
}
