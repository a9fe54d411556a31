"""What every error answer must look like, whichever route gave it."""

import re

import httpx
import msgspec

from comity.web.api.shapes import Problem
from comity.wire.canonical import loads

__all__ = ["problem"]


def problem(answer: httpx.Response) -> Problem:
    """The answer as a problem; fails unless it has the one shape."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    found = msgspec.convert(loads(answer.content, bytes_max=4_096), Problem)
    assert found.status == answer.status_code
    assert re.fullmatch(r"[a-z][a-z0-9_]*", found.code)
    assert found.type == f"urn:comity:problem:{found.code}"
    assert found.title == found.code.replace("_", " ")
    assert re.fullmatch(r"[0-9a-f]{16}", found.error_id)
    assert found.detail
    assert found.what_to_do
    assert not re.search(r"Traceback|File \"|/src/|0x[0-9a-f]{6}", answer.text)
    return found
