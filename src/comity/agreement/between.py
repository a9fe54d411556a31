"""What holds between us and one party at a moment, in one noun for those who may not ask intake.

Made by `intake.terms`; called by hotline.
"""

from dataclasses import dataclass

from comity.agreement.resolve import Rules
from comity.agreement.standing import Consent

__all__ = ["Between"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The party, the rules, and whether ordinary words pass (None: it is not enrolled)."""

    party: str
    rules: Rules
    consent: Consent | None
