"""The tree of faults and the refusals: the two ways in which Comity says no.

A *refusal* is data: a code, a reason, what to do. A *fault* is an exception, by who is to blame:

    Fault
    ├── Malformed    their bytes are not what the format says
    ├── Untrusted    their keys or signatures do not hold
    ├── Refused      carries a Refusal up to the door
    ├── Unavailable  not now; try again
    │   └── Full     there is no room on our disk; nothing happened
    ├── Unreadable   what we keep could not be shown: our own fault, and no reason to stop
    └── Corrupt      our own disk or memory: stop

Only `web.problem` turns these into HTTP, only `cli.exit_codes` into exit codes.
"""

from dataclasses import dataclass

__all__ = [
    "Corrupt",
    "Fault",
    "Full",
    "Malformed",
    "Refusal",
    "Refused",
    "Unavailable",
    "Unreadable",
    "Untrusted",
    "must",
]


class Fault(Exception):  # noqa: N818 - the tree's own word, see the module docstring
    """The root of everything that Comity raises on purpose; `code` is stable, the text is not."""

    code = "fault"

    def __init__(self, reason: str, *, code: str | None = None) -> None:
        """Say why, in a sentence that holds no secret."""
        super().__init__(reason)
        self.reason = reason
        if code is not None:
            self.code = code


class Malformed(Fault):
    """Foreign bytes break their format. Nothing was changed."""

    code = "malformed"


class Untrusted(Fault):
    """A signature, key or caller does not hold. Nothing was changed."""

    code = "untrusted"


class Unavailable(Fault):
    """Something that should answer did not; the same request may be sent again."""

    code = "unavailable"


class Full(Unavailable):
    """Our disk has no room for it. Nothing happened, and reading goes on."""

    code = "disk_full"


class Unreadable(Fault):
    """What is kept could not be put into an answer. Nothing was changed, and the node goes on."""

    code = "not_shown"


class Corrupt(Fault):
    """Our own store contradicts itself. The node stops; it comes back only through the loader."""

    code = "corrupt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A named no: `code` for programs, `reason` and `what_to_do` for people, `field` to blame.

    `basis` names what was agreed that it rests on: agreement, version, clause and parameter.
    """

    code: str
    reason: str
    what_to_do: str
    field: str | None = None
    basis: str | None = None


class Refused(Fault):
    """Carries a Refusal out of a transaction, so that the transaction changes nothing."""

    code = "refused"

    def __init__(self, refusal: Refusal) -> None:
        """Wrap the refusal; its code becomes the fault's."""
        super().__init__(refusal.reason, code=refusal.code)
        self.refusal = refusal


def must(condition: object, sentence: str) -> None:
    """Hold an invariant of our own, also under `python -O`; a broken one is `Corrupt`."""
    if not condition:
        raise Corrupt(sentence, code="invariant_broken")
