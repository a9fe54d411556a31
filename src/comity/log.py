"""Diagnostics: one JSON object a line on stderr, for whoever keeps a node running.

A line has `time` (UTC), `level`, `room` (the logger's name) and `event` (a sentence), then what of
FIELDS was given with `extra=`, then `fault` (an exception's class and words) and, with --verbose,
`trace`. Other keys of `extra` are not written; a test holds every call in the tree to FIELDS. No
secret is written: whatever looks like one is struck out. Evidence is the journal's, never this.
Called by the command line, once, before a node or a witness is served.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

__all__ = ["FIELDS", "start", "without_secrets"]

# What `extra=` may hold, and what it means.
FIELDS = {
    "error_id": "the id that the caller was shown",
    "party": "the origin of another party",
    "notice": "a notice's id, 64 hex digits",
    "index": "an entry's place in our journal",
    "address": "an address that we connect to or serve",
    "code": "the code of a fault or refusal",
    "count": "how many",
    "duration_ms": "how long, in real milliseconds",
}

_STRUCK_OUT = "[struck out]"
_SECRETS = (
    re.compile(r"comity_[A-Za-z0-9_-]{16,}"),  # bearer keys, as `init` and `key add` make them
    re.compile(r"(?<=earer )[!-~]{8,}"),  # whatever follows "Bearer" in a header
    re.compile(r"comity/key@v1[^\n]*"),  # a key file's line
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\Z)", re.DOTALL),
)
# Libraries that say at INFO what only their makers want to know.
_TALKATIVE = ("httpx", "httpcore", "asyncio", "uvicorn.error", "uvicorn.access")


def start(*, verbose: bool, stream: TextIO | None = None) -> None:
    """Send every logger's lines to `stream` (stderr); `verbose` adds DEBUG lines and traces."""
    line = logging.StreamHandler(sys.stderr if stream is None else stream)
    line.setFormatter(_Line(traces=verbose))
    root = logging.getLogger()
    root.handlers[:] = [line]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if verbose else logging.WARNING)


def without_secrets(text: str) -> str:
    """The text with everything struck out that looks like a bearer key, a seed or a private key."""
    for secret in _SECRETS:
        text = secret.sub(_STRUCK_OUT, text)
    return text


class _Line(logging.Formatter):
    """A record as one line of JSON."""

    def __init__(self, *, traces: bool) -> None:
        """With or without traces."""
        super().__init__()
        self._traces = traces

    # typing.override is of Python 3.12.
    def format(self, record: logging.LogRecord) -> str:  # type: ignore[explicit-override]
        """The line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, object] = {
            "time": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "level": record.levelname.lower(),
            "room": record.name,
            "event": record.getMessage(),
        }
        fields |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            fields["fault"] = f"{type(error).__name__}: {error}"
            if self._traces:
                fields["trace"] = self.formatException(record.exc_info)
        clean = {name: _clean(value) for name, value in fields.items()}
        return json.dumps(clean, ensure_ascii=False)


def _clean(value: object) -> object:
    """Numbers stay numbers; everything else becomes text that holds no secret."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return without_secrets(str(value))
