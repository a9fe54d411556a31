"""What a person reads when a command did not do what was asked: what, why, what to do about it.

`Failed` carries finished words (a node's problem, a node that is silent); every other fault gets
advice by its code. The words go to stderr, with --json as one object. Called by main and verbs.
"""

import json
from dataclasses import dataclass

from comity.cli.exit_codes import ExitCode, exit_code_of
from comity.model.fault import Corrupt, Fault, Malformed, Refused, Unavailable, Untrusted

__all__ = ["Failed", "Failure", "failure_of", "internal_failure"]

_TITLES: tuple[tuple[type[Fault], str], ...] = (
    (Refused, "refused"),
    (Malformed, "not understood"),
    (Untrusted, "not trusted"),
    (Unavailable, "not available"),
    (Corrupt, "internal fault"),
)
_ADVICE = {
    "bad_home": "Correct the file, or restore it from its backup.",
    "home_mode": "Run this as the user who owns the home.",
    "key_file_mode": "Others may have read this secret: replace it, and tell those who rely on it.",
    "lock_held": "Stop that process, or use another home.",
    "other_key": "Put back the keys that were made with this home.",
    "weak_key": "Ask for a key made by Comity or another sound program.",
    "bad_key_file": "Restore the file from its backup.",
}
_ADVICE_BY_TITLE = {
    "not understood": "Correct it and run the command again. Nothing was changed.",
    "not trusted": "Do not use it before you know why. Nothing was changed.",
    "not available": "Try again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The words for one failure, and the exit code that goes with them."""

    exit_code: ExitCode
    code: str
    what: str
    why: str
    what_to_do: str
    field: str | None = None
    error_id: str | None = None

    def text(self) -> str:
        """The words for a person, without a line end."""
        lines = [f"comity: {self.what}: {self.why} ({self.code})"]
        if self.field:
            lines.append(f"  field: {self.field}")
        if self.what_to_do:
            lines.append(f"  what to do: {self.what_to_do}")
        if self.error_id:
            lines.append(f"  error id: {self.error_id}")
        return "\n".join(lines)

    def json(self) -> str:
        """The same for a program, on one line."""
        fields = {
            "exit_code": int(self.exit_code),
            "code": self.code,
            "what": self.what,
            "why": self.why,
            "what_to_do": self.what_to_do,
            "field": self.field,
            "error_id": self.error_id,
        }
        return json.dumps(fields, ensure_ascii=False)


class Failed(Fault):
    """A fault that brings its own words."""

    code = "failed"

    def __init__(self, failure: Failure) -> None:
        """Wrap the words; their code becomes the fault's."""
        super().__init__(failure.why, code=failure.code)
        self.failure = failure


def failure_of(fault: Fault) -> Failure:
    """The words for any fault."""
    if isinstance(fault, Failed):
        return fault.failure
    title = next((title for kind, title in _TITLES if isinstance(fault, kind)), "fault")
    advice = _ADVICE.get(fault.code, _ADVICE_BY_TITLE.get(title, ""))
    field = None
    if isinstance(fault, Refused):
        advice, field = fault.refusal.what_to_do, fault.refusal.field
    return Failure(
        exit_code=exit_code_of(fault),
        code=fault.code,
        what=title,
        why=fault.reason,
        what_to_do=advice,
        field=field,
    )


def internal_failure(error: BaseException, error_id: str) -> Failure:
    """The words for a fault of our own, which a person can only report."""
    return Failure(
        exit_code=ExitCode.INTERNAL,
        code="internal",
        what="internal fault",
        why=f"{type(error).__name__} where none should be",
        what_to_do="Report it with the error id; `comity --verbose ...` shows where it arose.",
        error_id=error_id,
    )
