"""An audit knows the keys that a party had: what earlier ones signed in their time is whole."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import apsw

from comity.journal.audit import Audited, OwnKeys, hash_all, verify_all
from comity.storage.sqlite.inspect import SqliteInspected
from comity.trust.identity import Role
from comity.web.node import Node
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_keys import rotate


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
