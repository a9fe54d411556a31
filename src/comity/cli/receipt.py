"""Shows what a node answers to a declaration or a move. Called by the verbs that give and move."""

from comity.cli.node import Node, shaped
from comity.cli.sentences import conflicts_of, show_conflicts
from comity.cli.show import facts, json_line, line, table
from comity.config import Home
from comity.model.units import Units
from comity.web.api.shapes import Delivery, NoticeReceipt
from comity.wire.canonical import Json

__all__ = ["show_outcome", "show_receipt"]


def show_outcome(
    node: Node, home: Home, answer: Json, *, as_json: bool, units: Units | None = None
) -> None:
    """A receipt, and its conflicts in sentences."""
    show_receipt(answer, own=home.origin, as_json=as_json)
    if as_json:
        return
    receipt = shaped(answer, NoticeReceipt)
    if receipt.conflicts:
        line()
        show_conflicts(conflicts_of(node, receipt.subject), units or home.units)


def show_receipt(answer: Json, *, own: str, as_json: bool) -> None:
    """Show it; what is addressed to `own`, our own origin, was given to nobody."""
    if as_json:
        json_line(answer)
        return
    receipt = shaped(answer, NoticeReceipt)
    facts(
        [
            ("id", receipt.id),
            ("subject", receipt.subject if receipt.subject != receipt.id else ""),
            ("state", receipt.state),
            ("flags", ", ".join(receipt.flags)),
            ("conflicts", ", ".join(receipt.conflicts)),
        ]
    )
    table(("to", "entry", "delivered"), [_row(entry, own) for entry in receipt.entries])


def _row(entry: Delivery, own: str) -> tuple[str, str, str]:
    """A recipient; durable and signed already, delivered only where the receipt says so."""
    if entry.to == own:
        return "nobody: kept at home", str(entry.index), "-"
    return entry.to, str(entry.index), entry.delivered or "on its way"
