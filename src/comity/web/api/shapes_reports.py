"""The JSON shape of a report on a hazard, by the rules of `web.api.shapes`."""

import msgspec

from comity.model.notice import Confidence
from comity.model.report import Stance
from comity.web.api.shapes import Volume

__all__ = ["ReportRequest"]


class ReportRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Report on a hazard to the parties `to` (none keeps it at home), with a quoted source.

    `narrows` says to which `volumes`; the others may.
    """

    stance: Stance
    source: str
    confidence: Confidence
    to: list[str] = []
    volumes: list[Volume] = []
