"""Every exit code of `comity`, and the only place where a fault becomes one.

The numbers from 64 on are those of BSD's sysexits.h; 10 to 13 are verdicts of `verify`
and `audit`.
A test holds docs/reference/exit-codes.md to this file. Called by cli.failure and the verbs.
"""

from enum import IntEnum

from comity.model.fault import Corrupt, Fault, Malformed, Refused, Unavailable, Untrusted

__all__ = ["MEANINGS", "ExitCode", "exit_code_of"]


class ExitCode(IntEnum):
    """What a `comity` process says when it ends."""

    OK = 0
    REFUSED = 1
    NOT_PROVEN = 10
    DAMAGED = 11
    MISBEHAVIOUR = 12
    BAD_INPUT = 13
    USAGE = 64
    NOT_REACHED = 69
    INTERNAL = 70
    LOCKED = 75
    NO_PERMISSION = 77
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done; for `verify`: proven",
    ExitCode.REFUSED: "refused, by name: the message has the code, the reason and what to do; "
    "for `witness policy lint`: the policy is unsound; for `agreement lint`: no node signs it; "
    "for `hotline relay check`: the page has expired",
    ExitCode.NOT_PROVEN: "`verify`: not proven; something that a proof needs is missing",
    ExitCode.DAMAGED: "`audit`: the journal is not as it was written; each place is named",
    ExitCode.MISBEHAVIOUR: "`verify`: a party misbehaved, and the bundle shows it",
    ExitCode.BAD_INPUT: "a file or an answer is not what its format says",
    ExitCode.USAGE: "the command line was not understood; nothing was done",
    ExitCode.NOT_REACHED: "the node does not answer, or cannot answer now",
    ExitCode.INTERNAL: "a fault of Comity's own; the error id is in the diagnostics",
    ExitCode.LOCKED: "the home is in use by another process, which the message names",
    ExitCode.NO_PERMISSION: "a key is missing, damaged, readable by others, or not accepted",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C; for `serve`: ended at once by a second signal",
}

# Faults that end otherwise than their class: a missing or damaged key is a matter of permission, a
# lock passes, and a home that is not there was misnamed.
_BY_CODE = {
    "bad_key_file": ExitCode.NO_PERMISSION,
    "key_file_missing": ExitCode.NO_PERMISSION,
    "lock_held": ExitCode.LOCKED,
    "no_home": ExitCode.USAGE,
}
_BY_CLASS: tuple[tuple[type[Fault], ExitCode], ...] = (
    (Refused, ExitCode.REFUSED),
    (Malformed, ExitCode.BAD_INPUT),
    (Untrusted, ExitCode.NO_PERMISSION),
    (Unavailable, ExitCode.NOT_REACHED),
    (Corrupt, ExitCode.INTERNAL),
)


def exit_code_of(fault: Fault) -> ExitCode:
    """The exit code for a fault: by its own code if that has one, else by its class."""
    if fault.code in _BY_CODE:
        return _BY_CODE[fault.code]
    for kind, code in _BY_CLASS:
        if isinstance(fault, kind):
            return code
    return ExitCode.INTERNAL
