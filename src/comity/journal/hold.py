"""Why the pen is held: a refusal that every work gets instead of a commit, while reading goes on.

`passing` holds end by themselves (503, try again); the others need a person. The scribe carries at
most one. Called by the scribe, and by whoever finds a reason to stop writing.
"""

from dataclasses import dataclass

from comity.model.fault import Fault, Refusal, Refused, Unavailable

__all__ = ["Hold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A reason to write and sign nothing."""

    refusal: Refusal
    passing: bool

    def fault(self) -> Fault:
        """A fresh fault for one caller."""
        if self.passing:
            return Unavailable(self.refusal.reason, code=self.refusal.code)
        return Refused(self.refusal)
