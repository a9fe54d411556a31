"""`comity agreement amend`: the next version of a text, to be changed, read and signed by all.

Called by `agreement`.
"""

from comity.agreement.lint import check, lint
from comity.agreement.template import amended
from comity.cli.agreement_amount import setting
from comity.cli.agreement_draft import FromOption, SetOption, UntilOption
from comity.cli.agreement_find import find_agreement
from comity.cli.agreement_show import NameArgument
from comity.cli.agreement_write import next_hour_us, until_us, write_draft
from comity.cli.area import blaming
from comity.cli.find import node_now_us
from comity.cli.node import Node
from comity.cli.options import HOME, HomeOption, JsonOption, OutOption
from comity.cli.written import moment_us
from comity.config import read_home
from comity.wire.agreement_v1 import parse_agreement

__all__ = ["amend"]

_SIGNED_BY_ALL = frozenset({"waiting", "in-force", "suspended", "superseded", "over"})


def amend(
    name: NameArgument,
    *,
    start: FromOption = None,
    until: UntilOption = None,
    values: SetOption = None,
    out: OutOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Draft the next version of an agreement that all have signed; the text goes to stdout.

    It names the version before by its hash. The end stays unless --until says another.
    """
    node = Node(read_home(home))
    before = parse_agreement(find_agreement(node, name, _SIGNED_BY_ALL).text)
    now_us = node_now_us(node)
    with blaming("--set"):
        settings = tuple(map(setting, values or ()))
    with blaming("--from"):
        from_us = next_hour_us(now_us) if start is None else moment_us(start, now_us)
    end_us = before.until_us if until is None else until_us(until, from_us)
    with blaming("--set, --from or --until"):
        after = amended(before, from_us=from_us, until_us=end_us, settings=settings)
    check(after)
    write_draft(after, lint(after, now_us), out, as_json=as_json)
