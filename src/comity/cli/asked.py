"""What a person is asked, where nobody can answer. Called by the verbs that ask."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from comity.cli.exit_codes import ExitCode
from comity.cli.failure import Failed, Failure

__all__ = ["READ_BACK_YES", "asking"]

READ_BACK_YES = "--yes says that all of it was read back as shown."


@contextmanager
def asking(what: str, yes: str) -> Iterator[None]:
    """Ask inside; without a terminal `yes` is what says without being asked that it is so."""
    try:
        yield
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        raise Failed(
            Failure(
                exit_code=ExitCode.INTERRUPTED,
                code="nobody_said",
                what="not finished",
                why=f"nobody said whether {what}; nothing was sent",
                what_to_do=yes,
            )
        ) from None
