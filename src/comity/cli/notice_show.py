"""Shows one notice to a person: facts, area, receipt chains, answers, verdict, reports on a hazard.

Called by `notice show` and `hazard show`.
"""

from collections.abc import Mapping
from itertools import zip_longest

from comity.cli.hotline_chain import show_steps
from comity.cli.notice_view import area_text, need_facts, show_volume, span
from comity.cli.show import facts, heading, line, table
from comity.model.party import party_name
from comity.web.api.shapes import (
    AnswerView,
    AssessmentView,
    Delivery,
    HazardBasis,
    NoticeView,
)
from comity.web.api.shapes_duty import ChainView

__all__ = ["show_notice"]


def show_notice(
    view: NoticeView, chains: list[ChainView], units: Mapping[str, str], *, own: str
) -> None:
    """Show it with its receipt chains and what became of each party's units; `own` is us."""
    _show_facts(view)
    for volume in view.volumes:
        line()
        show_volume(volume)
    if view.basis is not None:
        line()
        _show_reports(view, view.basis)
    if view.assessment is not None:
        line()
        _show_assessment(view.assessment)
    deliveries = [each for each in view.deliveries if each.to != own]
    if deliveries:
        line()
        _show_deliveries(deliveries)
    if chains:
        line()
        show_steps(chains, units)
    if view.answers:
        line()
        _show_answers(view.answers)


def _show_reports(view: NoticeView, basis: HazardBasis) -> None:
    """What its owner said and what others report, in the order in which it came here."""
    rows = [(party_name(view.owner), "declares", basis.confidence, view.issued, basis.source)]
    rows += [
        (party_name(each.by), each.stance, each.confidence, each.at, each.source)
        for each in view.reports
    ]
    table(("party", "says", "confidence", "at", "source"), rows)
    for each in view.reports:
        for volume in each.volumes:
            line(f"{party_name(each.by)} {each.stance}: {area_text(volume.footprint)}")
    if view.reports:
        line("No report decides: the hazard stays until its owner ends it or its belief lapses.")


def _show_facts(view: NoticeView) -> None:
    heading(f"{view.kind} {view.id}")
    basis = view.basis
    facts(
        [
            ("state", view.state),
            ("owner", view.owner),
            ("name (free text)", view.name),
            ("purpose", f"{view.purpose}, {view.domain}, craft {view.craft}"),
            ("onward", view.onward),
            ("newest word", view.notice if view.notice != view.id else ""),
            ("issued", view.issued),
            ("delivered", view.delivered or ""),
            ("clear_needs_s", _published(view.clear_needs_s)),
            ("source", f"{basis.source} ({basis.confidence})" if basis else ""),
            ("belief lapses", basis.expires if basis else ""),
        ]
    )
    if view.flags:
        line()
        rows = zip_longest(view.flags, view.grounds[: len(view.flags)], fillvalue="-")
        table(("flag", "because"), list(rows))


def _show_assessment(view: AssessmentView) -> None:
    facts(
        [
            ("early enough", f"{view.verdict}: {view.reason}"),
            ("lead", span(view.lead_s)),
            *need_facts(view.time_to_clear_s, view.terms_s, view.unable),
            ("clear_needs_s", _published(view.clear_needs_s)),
            ("for our presence", view.for_presence or ""),
        ]
    )


def _published(clear_needs_s: float | None) -> str:
    """The one number that a presence's owner publishes, under the name that it has everywhere."""
    return "" if clear_needs_s is None else f"{clear_needs_s:g} ({span(clear_needs_s)})"


def _show_deliveries(deliveries: list[Delivery]) -> None:
    rows = [
        (
            party_name(each.to),
            each.step or "-",
            str(each.index),
            each.delivered or "on its way",
        )
        for each in deliveries
    ]
    table(("to", "shown at step", "entry", "delivered"), rows)


def _show_answers(answers: list[AnswerView]) -> None:
    rows = [
        (party_name(each.by), each.step, each.role, each.at, each.reason or "") for each in answers
    ]
    table(("by", "step", "role", "at", "reason"), rows)
