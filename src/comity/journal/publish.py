"""Sign our own heads: at once with the log key, and with ML-DSA-44 when one leaves the node.

An ML-DSA signature is another one each time, so that of a head that was published is kept while it
is new. Called by the scribe, on its own thread (`sign_head`) and on its callers' (`Publisher`).
"""

import threading
from collections import OrderedDict

from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.cosignature import cosign
from comity.model.quantity import SECOND_US
from comity.trust.identity import Identity
from comity.trust.note import Note, Signature, sign_note

__all__ = ["Publisher", "sign_head"]

_KEPT_MAX = 256  # heads, 2.5 kB each: what goes to a peer, to witnesses and into bundles meanwhile


def sign_head(checkpoint: Checkpoint, identity: Identity) -> Note:
    """The head signed by the log key, and by those before it that are not revoked yet."""
    text = checkpoint_text(checkpoint)
    keys = (identity.log, *identity.logs_before)
    signatures = tuple(sign_note(text, key).signatures[0] for key in keys)
    return Note(text=text, signatures=signatures)


class Publisher:
    """Adds the ML-DSA line to heads; may be called from several threads."""

    def __init__(self, identity: Identity) -> None:
        """Sign with `identity`'s ML-DSA key, if it has one."""
        self._identity = identity
        self._mutex = threading.Lock()
        self._kept: OrderedDict[tuple[Checkpoint, bytes], Signature] = OrderedDict()

    def published(self, head: Checkpoint, note: Note, now_us: int) -> Note:
        """The note of `head` with the ML-DSA line at its end; as it is if there is no such key."""
        key = self._identity.log_mldsa
        if key is None:
            return note
        name = (head, key.verifier().key_id)
        with self._mutex:
            line = self._kept.get(name)
            if line is None:
                line = cosign(note.text, key, now_us // SECOND_US)
                self._kept[name] = line
                if len(self._kept) > _KEPT_MAX:
                    self._kept.popitem(last=False)
        return Note(text=note.text, signatures=(*note.signatures, line))
