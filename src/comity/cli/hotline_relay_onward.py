"""What a person does whose page is refused because its notice may not be passed on.

Called by `hotline_relay`.
"""

import shlex
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from comity.cli.failure import Failed, Failure
from comity.cli.find import find_notice
from comity.cli.node import Node, shaped
from comity.cli.show import short
from comity.config import read_home
from comity.model.notice import Onward
from comity.model.party import party_name
from comity.web.api.shapes import NoticeView

__all__ = ["explained"]

_Rest = ParamSpec("_Rest")


def explained(link: Callable[_Rest, None]) -> Callable[_Rest, None]:
    """The command `link`, whose refusal for `onward none` says how the unit is told then."""

    @wraps(link)
    def linked(*args: _Rest.args, **options: _Rest.kwargs) -> None:
        try:
            link(*args, **options)
        except Failed as failed:
            home = options.get("home")
            if failed.failure.code != "onward_none" or not isinstance(home, Path):
                raise
            notice, unit = str(options.get("notice")), str(options.get("unit"))
            words = _words(Node(read_home(home)), notice, unit, failed.failure)
            raise Failed(words) from failed

    return linked


def _words(node: Node, notice: str, unit: str, failure: Failure) -> Failure:
    view = shaped(node.get(f"notices/{find_notice(node, notice)}"), NoticeView)
    said = f"comity hotline relay told {short(view.id)} {shlex.quote(unit)}"
    by_voice = f"tell the unit by voice, then {said}"
    if view.onward is not Onward.NONE:  # it is the agreement that is narrower
        return replace(failure, what_to_do=by_voice)
    owner = party_name(view.owner)
    return replace(
        failure,
        why=f"{owner} gave this with onward none",
        what_to_do=f"{by_voice}; or ask {owner} to give it with --onward full",
    )
