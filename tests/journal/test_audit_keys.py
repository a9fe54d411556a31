"""An audit knows the keys that a party had: what earlier ones signed in their time is whole.

A fork that was signed after a rotation convicts, and stays whole when the key is revoked.
"""

import contextlib
import shutil
import tempfile
from functools import partial
from pathlib import Path

import apsw

from comity.exchange.accuse import keep_fork
from comity.exchange.keys import log_key
from comity.journal.audit import Audited, OwnKeys, hash_all, verify_all
from comity.journal.checkpoint import Checkpoint
from comity.journal.heads import Forked, advanced
from comity.journal.publish import sign_head
from comity.storage.sqlite.inspect import SqliteInspected
from comity.trust.identity import Role
from comity.web.node import Node
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_keys import revocation, rotate, submit


def audited(node: Node, folder: Path) -> Audited:
    """As `comity audit` does it, with the keys that the home holds now."""
    found, store = Audited(), SqliteInspected(folder)
    keys = OwnKeys(
        entry=node.identity.entry.verifier(),
        log=node.identity.log.verifier(),
        cosigner=node.identity.cosigner.verifier(),
        witnesses=(),
    )
    verify_all(store, hash_all(store, found), keys, found)
    store.close()
    return found


def changed(place: Path, change: str) -> Path:
    """A copy of alpha's journal, with another first key."""
    folder = Path(tempfile.mkdtemp(dir=place)) / "alpha"
    shutil.copytree(place / "alpha", folder)
    with contextlib.closing(apsw.Connection(str(folder / "journal.db"))) as database:
        sql = f"UPDATE party_key SET {change} WHERE place=0"  # noqa: S608 - our own words
        database.execute(sql)
        assert database.changes()
    return folder


def test_keys_that_changed_are_no_damage(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        for role in (Role.ENTRY, Role.LOG, Role.COSIGNER):
            await give(net, "alpha", "bravo")
            await give(net, "bravo", "alpha")
            await net.advance(40)
            await rotate(net, "alpha", role)
            await net.advance(40)
        await give(net, "alpha", "bravo")
        await give(net, "bravo", "alpha")
        await net.advance(400)
        for name in ("alpha", "bravo"):
            assert audited(net.nodes[name], tmp_path / name).flaws == []
        for change in ("key='x'", "role='x'", "key=replace(key, 'a', 'b')"):
            flaws = audited(net.nodes["alpha"], changed(tmp_path, change)).flaws
            assert flaws, change

    run(tmp_path, story)


def test_a_fork_after_a_rotation_convicts_and_no_revocation_makes_it_damage(
    tmp_path: Path,
) -> None:
    """Bravo keeps the line of alpha's oldest log key; its newest alone would convict nobody."""

    async def story(net: Net) -> None:
        await joined(net)
        await give(net, "alpha", "bravo")
        old, new = await rotate(net, "alpha", Role.LOG)
        await net.advance(40)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        peer = bravo.roster.now.peer(alpha.origin)
        assert peer.log == new.verifier()
        known = bravo.read(lambda r: r.post.head(alpha.origin))
        assert known is not None
        other = Checkpoint(origin=alpha.origin, size=known.size, root=bytes(32))
        note = sign_head(other, alpha.identity)
        offered = advanced(None, note, log_key(peer, note), 0, ())
        fork = Forked(known, offered)
        await bravo.commit(partial(keep_fork, peer=peer, fork=fork), net.now())
        assert len(bravo.read(lambda r: r.mirror.evidence(alpha.origin))) == 1
        assert audited(bravo, tmp_path / "bravo").flaws == []
        data = revocation(alpha, Role.LOG, old, new, to=1, since_us=net.now())
        await submit(alpha, data, None)
        await net.advance(40)
        (life, _) = bravo.roster.now.peer(alpha.origin).of_role(Role.LOG)
        assert life.revoked_s is not None
        assert audited(bravo, tmp_path / "bravo").flaws == []

    run(tmp_path, story)
