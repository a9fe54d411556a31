"""How agreements are shown: one with its signatures, and a text in plain words.

Called by the verbs of `comity agreement`.
"""

from comity.agreement.plain import clause_words, head_words, value_words
from comity.cli.show import facts, heading, line
from comity.model.clause import Agreement
from comity.model.party import party_name
from comity.web.api.shapes_agreements import AccordView, SuspensionView

__all__ = ["names", "show_standing", "show_suspensions", "show_text"]


def names(origins: list[str]) -> str:
    """Short names, for tables; the whole origins are in the plain words."""
    return ", ".join(map(party_name, origins))


def show_standing(view: AccordView) -> None:
    """How it stands: state, hash, who signed, who has not."""
    heading(f"{view.name}, version {view.version}: {view.state}")
    signed = ", ".join(
        f"{party_name(each.origin)} (known {each.known})" for each in view.signatures
    )
    facts(
        [
            ("hash", view.hash),
            ("counts from", view.in_force or ""),
            ("signed by", signed),
            ("not yet by", names(view.missing)),
        ]
    )
    show_suspensions(view.suspensions)


def show_suspensions(found: list[SuspensionView]) -> None:
    """Each suspension, those that are over too."""
    for each in found:
        until = f", until {each.over}" if each.over else ""
        line(f"suspended by {party_name(each.by)} since {each.since}{until}: {each.reason}")


def show_text(agreement: Agreement) -> None:
    """The whole text in plain words, clause by clause."""
    for name, value in head_words(agreement):
        line(f"{name:<15}{value}")
    for clause in agreement.clauses:
        line()
        heading(f"{clause.id}: {clause.title}")
        facts([(f"  {name}", value) for name, value in clause_words(clause)])
        sets = list(value_words(clause))
        width = max(len(value) for _, value, _ in sets)
        facts([(f"  {name}", f"{value:<{width}}  {about}") for name, value, about in sets])
