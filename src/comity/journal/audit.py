"""The second part of an audit: verify everything that carries a signature or a proof.

Reads every entry and checks lanes, signatures, openings, proofs, cosignatures, heads, keys and
evidence of time: what somebody who also changed the hashes leaves. Rows of desks (subjects,
answers, warnings) are no evidence and are not looked at. Called by `comity audit`, after
`journal.audit_hashes.hash_all`.
"""

from comity.journal.audit_case import OwnKeys, case_of
from comity.journal.audit_entries import Entries
from comity.journal.audit_hashes import Tree
from comity.journal.audit_heads import Heads
from comity.journal.audit_keys import Keys
from comity.journal.audit_lines import LineFacts
from comity.journal.audit_times import Times
from comity.journal.audited import Audited
from comity.storage.inspect import Inspected

__all__ = ["verify_all"]


def verify_all(store: Inspected, tree: Tree, keys: OwnKeys, audited: Audited) -> None:
    """Verify all that is evidence; `tree` is what `hash_all` made."""
    with audited.at("database"):  # what SQLite finds wrong with its pages and indices
        for flaw in store.flaws():
            audited.flaw("database", flaw)
    case = case_of(store, tree, keys, audited)
    entries, heads = Entries(case), Heads(case)
    for step in (
        *(entries.own, entries.received, entries.taken, entries.chains),
        *(entries.contents, entries.openings),
        *(heads.cosignatures, heads.heads, heads.mirrors, heads.evidence),
        *(Keys(case).lives, Times(case).times, LineFacts(case).lines),
    ):
        with audited.at(step.__name__):
            step()
