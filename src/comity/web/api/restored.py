"""What is asked of others after a restore, and a person's word on a silence. Called by the table.

Nothing is committed here: the pen is held. The word is kept beside the lock, and stands in the
entry `restored` that is written when the pen opens.
"""

import msgspec

from comity.journal.restored import Word
from comity.model.fault import Malformed
from comity.model.quantity import instant_text
from comity.web.api.upkeep_shapes import AcceptRequest, RestoredView, WordView
from comity.web.gate import Admitted
from comity.web.problem import BadField
from comity.wire.limits import NAME_CHARS_MAX

__all__ = ["accepted", "shown"]


def shown(call: Admitted) -> RestoredView:
    """Whether we wait, for whom, and who said what with which head."""
    restoring, held = call.node.restoring, call.node.scribe.held
    mark = None if restoring is None else restoring.mark
    words = () if restoring is None else restoring.words
    code = None if held is None else held.refusal.code
    return RestoredView(
        state="contradicted" if code == "rollback_detected" else "waiting" if mark else "open",
        backup_made=None if mark is None else instant_text(mark.made_us),
        backup_size=None if mark is None else mark.size,
        accepted=[] if mark is None else [each.party for each in mark.accepted],
        words=[_word(word) for word in words],
    )


def _word(word: Word) -> WordView:
    return WordView(
        party=word.party,
        kind="witness" if word.witness else "peer",
        said=word.said.value,
        size=word.size,
        checkpoint=None if word.note is None else word.note.decode("utf-8"),
        text=word.text(),
    )


async def accepted(call: Admitted, body: AcceptRequest) -> bytes:
    """Override one silence; the state that results."""
    if call.node.restoring is None:
        raise Malformed("this node asks nobody", code="not_restored")
    by = body.by.strip()
    if not by or len(by) > NAME_CHARS_MAX or not by.isprintable():
        reason = f"a name has 1 to {NAME_CHARS_MAX} characters on one line"
        raise BadField(reason, code="bad_text", field="by")
    await call.node.restoring.accept(body.party, by, call.now_us)
    return msgspec.json.encode(shown(call))
