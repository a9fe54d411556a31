"""A fault with its code, as one line of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from comity.model.fault import Fault, Malformed


@contextmanager
def says_no(code: str, kind: type[Fault] = Malformed) -> Iterator[None]:
    """The body raises exactly this kind of fault, with this code."""
    with pytest.raises(kind) as caught:
        yield
    assert (type(caught.value), caught.value.code) == (kind, code)
