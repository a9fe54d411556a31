"""An audit knows the keys that a party had: what earlier ones signed in their time is whole.

A fork that was signed after a rotation convicts, and stays whole when the key is revoked.
"""

import contextlib
import shutil
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import apsw
import pytest

from comity.exchange.accuse import keep_fork
from comity.exchange.keys import log_key
from comity.journal.audit import verify_all
from comity.journal.audit_case import OwnKeys
from comity.journal.audit_hashes import hash_all
from comity.journal.audited import Audited
from comity.journal.checkpoint import Checkpoint
from comity.journal.heads import Forked, advanced
from comity.journal.publish import sign_head
from comity.storage.sqlite.inspect import SqliteInspected
from comity.trust.identity import Role
from comity.trust.keys import KeyType, SigningKey
from comity.web.node import Node
from tests.exchange.net import Net, make_identity, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_keys import (
    fresh_key,
    revocation,
    rotate,
    statement,
    submit,
    with_roots,
)


def audited(node: Node, folder: Path) -> Audited:
    """As `comity audit` does it, with the keys that the home holds now."""
    found, store = Audited(), SqliteInspected(folder)
    keys = OwnKeys(
        entry=node.identity.entry.verifier(),
        log=node.identity.log.verifier(),
        cosigner=node.identity.cosigner.verifier(),
        witnesses=(),
        log_mldsa=None if node.identity.log_mldsa is None else node.identity.log_mldsa.verifier(),
        roots=node.identity.roots,
    )
    verify_all(store, hash_all(store, found), keys, found)
    store.close()
    return found


def damaged(place: Path, name: str, sql: str, *values: object) -> Path:
    """A copy of a journal in which something was changed."""
    folder = Path(tempfile.mkdtemp(dir=place)) / name
    shutil.copytree(place / name, folder)
    with contextlib.closing(apsw.Connection(str(folder / "journal.db"))) as database:
        database.execute(sql, values)
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
            sql = f"UPDATE party_key SET {change} WHERE place=0"  # noqa: S608 - our own words
            assert audited(net.nodes["alpha"], damaged(tmp_path, "alpha", sql)).flaws, change

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


@pytest.mark.parametrize("name", ["alpha", "bravo"])
def test_keys_are_what_the_statements_make_of_them(tmp_path: Path, name: str) -> None:
    """At the party itself and at its peer: with roots, an ML-DSA key, a loss, a revocation."""

    async def story(net: Net) -> None:
        identity = make_identity("alpha.example/comity/2026")
        mldsa = SigningKey(name=identity.origin, key_type=KeyType.ML_DSA_44, seed=bytes(32))
        net.add("alpha", replace(identity, log_mldsa=mldsa))
        net.add("bravo")
        alpha = net.nodes["alpha"]
        roots = with_roots(alpha)
        await net.join("alpha", "bravo")
        await net.advance()
        for role in (Role.LOG_MLDSA, Role.LOG, Role.ENTRY):
            await rotate(net, "alpha", role, *roots)
            await net.advance(40)
        old, new = alpha.identity.entry, fresh_key(alpha, Role.ENTRY)
        lost = statement(alpha, Role.ENTRY, new, *roots, because="loss", now_us=net.now())
        await submit(alpha, lost, new)
        await net.advance(40)
        to = alpha.head.checkpoint.size - 1
        ended = revocation(alpha, Role.ENTRY, old, *roots, to=to, since_us=net.now())
        await submit(alpha, ended, None)
        await net.advance(40)
        await give(net, "alpha", "bravo")
        await net.advance(40)
        whole = audited(net.nodes[name], tmp_path / name)
        assert whole.flaws == []
        assert whole.checked["statements about keys"] == 5
        assert whole.checked["lives of keys"] == 8
        thief = fresh_key(alpha, Role.ENTRY).verifier().text()
        origin = identity.origin
        for sql, *values in (
            ("INSERT INTO party_key VALUES (?,?,8,'entry',0,NULL,NULL)", origin, thief),
            ("UPDATE party_key SET revoked_s=NULL WHERE revoked_s IS NOT NULL",),
            ('UPDATE party_key SET "end"=NULL WHERE revoked_s IS NOT NULL',),
            ("UPDATE party_key SET start=start-1 WHERE start IS NOT NULL",),
            ("DELETE FROM party_key WHERE place=7",),
            ("DELETE FROM party_key",),
            ("UPDATE party_key SET place=9-place WHERE place IN (4, 5)",),
            ("INSERT INTO party_key VALUES (?,?,0,'entry',0,NULL,NULL)", "x.example/y", thief),
            ("DELETE FROM opening WHERE leaf=?", statement_leaf(tmp_path / name)),
        ):
            folder = damaged(tmp_path, name, sql, *values)
            assert audited(net.nodes[name], folder).flaws, sql

    run(tmp_path, story)


def statement_leaf(folder: Path) -> bytes:
    """The leaf of an entry about keys, of whoever wrote one."""
    found = b"comity/key@v1\n"
    with contextlib.closing(apsw.Connection(str(folder / "journal.db"))) as database:
        for table in ("entry", "received"):
            for leaf, body in database.execute(f"SELECT leaf, body FROM {table}"):  # noqa: S608 - our own names
                if bytes(body).startswith(found):
                    return bytes(leaf)
    raise AssertionError("nobody said anything about keys")
