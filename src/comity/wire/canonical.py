"""One byte form for each value: strict base64, strict JSON, decimal integers, hashes as text.

The lenient decoders of the standard library are used here and nowhere else. Raises Malformed only.
"""

import base64
import binascii
import hashlib
import json
import re
from typing import NoReturn

from comity.model.fault import Malformed
from comity.wire.limits import JSON_DEPTH_MAX, JSON_INT_DIGITS_MAX

__all__ = [
    "HASH_BYTES",
    "Json",
    "b64",
    "decimal",
    "dumps",
    "hash32",
    "hex32",
    "loads",
    "sha256",
    "unb64",
]

HASH_BYTES = 32

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,18})", re.ASCII)
# Matches at every quote, closed or not, and never goes back: foreign text costs linear time.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]", re.ASCII)
_HEX32 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_INT64_MAX = 2**63 - 1


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def b64(data: bytes) -> str:
    """Padded standard base64."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str) -> bytes:
    """Decode padded standard base64; Malformed unless `text` is the one encoding of the result."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise Malformed("not base64", code="bad_base64") from error
    if b64(data) != text:  # spare bits set: C2SP #348
        raise Malformed("not the canonical base64 of its bytes", code="bad_base64")
    return data


def hash32(text: str) -> bytes:
    """Decode the canonical base64 of 32 bytes."""
    data = unb64(text)
    if len(data) != HASH_BYTES:
        raise Malformed("a hash has 32 bytes", code="bad_hash")
    return data


def hex32(text: str) -> bytes:
    """Decode 64 lower-case hex digits: the form of ids in addresses and on the command line."""
    if not _HEX32.fullmatch(text):
        raise Malformed("an id is 64 lower-case hex digits", code="bad_id")
    return bytes.fromhex(text)


def decimal(text: str) -> int:
    """Decode an ASCII decimal without sign or leading zero, at most 2^63 - 1."""
    if not _DECIMAL.fullmatch(text) or int(text) > _INT64_MAX:
        raise Malformed(f"{text[:24]!r} is not a decimal number", code="bad_number")
    return int(text)


def dumps(value: Json) -> bytes:
    """Encode JSON compactly with sorted keys; NaN and infinities raise ValueError (our own bug)."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    )
    return text.encode("utf-8")


def loads(data: bytes, *, bytes_max: int) -> Json:
    """Decode foreign JSON: UTF-8, no duplicate keys, no NaN, bounded size, depth and integers."""
    if len(data) > bytes_max:
        raise Malformed(f"more than {bytes_max} bytes", code="too_large")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8", code="bad_json") from error
    _check_depth(text)
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_constant=_constant,
            parse_float=_float,
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON", code="bad_json") from error
    if _SURROGATE.search(text):
        _check_surrogates(value)
    return value


def _check_depth(text: str) -> None:
    """Count brackets outside strings before any parser recurses."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > JSON_DEPTH_MAX:
            raise Malformed(f"nested more than {JSON_DEPTH_MAX} deep", code="too_deep")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("the same key occurs twice in an object", code="duplicate_key")
    return found


def _check_surrogates(value: Json) -> None:
    """Refuse text that has no UTF-8 form; depth is bounded by `_check_depth`."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Malformed("a lone surrogate is no text", code="bad_json") from error
    elif isinstance(value, list):
        for item in value:
            _check_surrogates(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_surrogates(key)
            _check_surrogates(item)


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > JSON_INT_DIGITS_MAX:
        raise Malformed("an integer has at most 19 digits", code="bad_number")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Malformed("a number too large to hold", code="bad_number")
    return value


def _constant(text: str) -> NoReturn:
    raise Malformed(f"{text} is not JSON", code="bad_number")
