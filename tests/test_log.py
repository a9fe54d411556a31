"""Diagnostics: one object a line, documented fields only, and never a secret."""

import ast
import io
import json
import logging
from collections.abc import Iterator

import pytest

from comity import log
from comity.trust.keys import KeyType, SigningKey
from comity.wire.canonical import b64
from tests.tidy.tree import Source, source, sources

SEED = bytes(range(32))
KEY_LINE = f"comity/key@v1 01 alpha.example/comity 00000000 {b64(SEED)}"
PEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)


def raised(text: str) -> LookupError:
    """An exception that has been raised, and so has a trace."""
    with pytest.raises(LookupError) as caught:
        raise LookupError(text)
    return caught.value


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_the_documented_fields(stream: io.StringIO) -> None:
    log.start(verbose=False, stream=stream)
    extra = {"party": "bravo.example/comity", "count": 3, "colour": "red"}
    logging.getLogger("comity.exchange").warning("entry %d\nlost", 12, extra=extra)
    (line,) = lines(stream)
    assert str(line.pop("time")).endswith("Z")
    assert line == {
        "level": "warning",
        "room": "comity.exchange",
        "event": "entry 12\nlost",
        "party": "bravo.example/comity",
        "count": 3,
    }


def test_detail_is_for_those_who_ask(stream: io.StringIO) -> None:
    log.start(verbose=False, stream=stream)
    logging.getLogger("comity").debug("detail")
    logging.getLogger("httpx").info("GET")
    assert lines(stream) == []
    log.start(verbose=True, stream=stream)
    logging.getLogger("comity").debug("detail")
    logging.getLogger("httpx").info("GET")
    assert [line["event"] for line in lines(stream)] == ["detail", "GET"]


def test_a_fault_is_named_and_its_trace_kept_for_the_verbose(stream: io.StringIO) -> None:
    for verbose in (False, True):
        log.start(verbose=verbose, stream=stream)
        logging.getLogger("comity").error("stopped", exc_info=raised("by nought"))
    short, long = lines(stream)
    assert short["fault"] == long["fault"] == "LookupError: by nought"
    assert "trace" not in short
    assert "Traceback" in str(long["trace"])


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key comity_mfrggzdfmztwq2lknnwg23tp was used", "mfrggzdf"),
        ("Authorization: Bearer abcdefghijkl", "abcdefgh"),
        (f"read {KEY_LINE}", b64(SEED)),
        (f"loaded {PEM}", "MIGHAgEA"),
        ("half a PEM -----BEGIN EC PRIVATE KEY-----\nMIGHAgEA", "MIGHAgEA"),
    ],
)
def test_secrets_are_struck_out_wherever_they_stand(
    stream: io.StringIO, text: str, secret: str
) -> None:
    log.start(verbose=True, stream=stream)
    logger = logging.getLogger("comity")
    logger.info("%s", text, extra={"address": text, "code": [text]})
    logger.error("failed", exc_info=raised(text))
    assert secret not in stream.getvalue()
    assert "[struck out]" in stream.getvalue()


def test_what_is_no_secret_stays() -> None:
    text = "bearer of 12 entries for comity_home at alpha.example/comity/2026+5d3c0c05"
    assert log.without_secrets(text) == text


def test_a_signing_key_shows_no_seed(stream: io.StringIO) -> None:
    log.start(verbose=True, stream=stream)
    key = SigningKey(name="alpha.example/comity", key_type=KeyType.ED25519, seed=SEED)
    logging.getLogger("comity").info("%r", key)
    assert b64(SEED) not in stream.getvalue()
    assert "x01" not in stream.getvalue()


def undocumented(module: Source) -> list[str]:
    """Keys of `extra={...}` that FIELDS does not explain."""
    return [
        module.at(node.value.lineno, f"{key.value!r} is not in log.FIELDS")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.keyword)
        and node.arg == "extra"
        and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and key.value not in log.FIELDS
    ]


def test_every_field_in_the_tree_is_documented() -> None:
    assert [line for module in sources("src/comity") for line in undocumented(module)] == []


def test_the_check_sees_a_stray_field() -> None:
    assert len(undocumented(source('LOG.info("x", extra={"colour": 1, "party": 2})'))) == 1
