"""Statements about keys stand first in the outbox, and hold back nothing that keeps people safe."""

from functools import partial
from pathlib import Path

import pytest

from comity.exchange.accuse import keep_fork
from comity.intake.renew import lives_of
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.heads import Forked
from comity.journal.pen import NotRecorded
from comity.storage.rows import Head
from comity.trust.identity import Role
from comity.trust.note import serialise, sign_note
from comity.web.node import Node
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_full_disk import floor_only, hazard, no_room, say
from tests.exchange.test_keys import rotate
from tests.exchange.test_unbound import forked

ROLES = pytest.mark.parametrize("role", [Role.COSIGNER, Role.ENTRY])


async def verdict_on_hazard(net: Net, settle: int = 120) -> str | None:
    """What bravo made of a hazard that alpha says now."""
    said = await say(net, "alpha", hazard())
    await net.advance(settle)
    taken = net.nodes["alpha"].read(lambda r: r.post.taken(said.written[0].index))
    return None if taken is None else taken.verdict


@ROLES
def test_on_a_forked_line(tmp_path: Path, role: Role) -> None:
    async def story(net: Net) -> None:
        await forked(net)
        await rotate(net, "alpha", role)
        assert await verdict_on_hazard(net) == "unbound"

    run(tmp_path, story)


@ROLES
def test_when_the_giver_has_no_room(tmp_path: Path, role: Role) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        net.lines["alpha", "bravo"].cut = True
        await rotate(net, "alpha", role)
        floor_only(net, "alpha", tmp_path)
        net.lines["alpha", "bravo"].cut = False
        assert await verdict_on_hazard(net) == "accepted"

    run(tmp_path, story)


@ROLES
def test_when_the_taker_has_no_room(tmp_path: Path, role: Role) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        floor_only(net, "bravo", tmp_path)
        await rotate(net, "alpha", role)
        assert await verdict_on_hazard(net) == "accepted"
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        assert bravo.read(lambda r: lives_of(r, alpha.origin)) == alpha.read(
            lambda r: lives_of(r, alpha.origin)
        )

    run(tmp_path, story)


@ROLES
def test_keys_change_where_only_the_floor_has_room(tmp_path: Path, role: Role) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        floor_only(net, "alpha", tmp_path)
        _, fresh = await rotate(net, "alpha", role)
        assert net.nodes["alpha"].identity.key(role) == fresh
        assert await verdict_on_hazard(net) == "accepted"

    run(tmp_path, story)


@pytest.mark.parametrize("role", list(Role))
def test_a_change_that_is_not_recorded_has_not_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    """Else the node would sign with a key of which its journal knows nothing, until it restarts."""

    async def story(net: Net) -> None:
        await joined(net)
        node = net.nodes["alpha"]
        before = node.identity.standing()
        with monkeypatch.context() as patched:
            no_room(net, "alpha", patched)
            with pytest.raises(NotRecorded):
                await rotate(net, "alpha", role)
        assert node.identity.standing() == before
        assert node.read(lambda r: lives_of(r, node.origin)) == ()
        await give(net, "alpha", "bravo", lat=36.5)
        assert await verdict_on_hazard(net) == "accepted"

    run(tmp_path, story)


def head_of(node: Node, size: int, root: bytes) -> Head:
    text = checkpoint_text(Checkpoint(origin=node.origin, size=size, root=root))
    note = serialise(sign_note(text, node.identity.log))
    return Head(origin=node.origin, size=size, root=root, note=note)


def test_what_convicts_is_kept_after_a_flood_that_does_not(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        peer = bravo.roster.now.peers[alpha.origin]
        known = head_of(alpha, 1_000, bytes(32))
        for size in range(1_001, 1_031):
            fork = Forked(known, head_of(alpha, size, bytes(32)), ())
            await bravo.commit(partial(keep_fork, peer=peer, fork=fork), net.now())
        assert bravo.read(lambda r: r.mirror.evidence()) == ()
        assert len(bravo.read(lambda r: r.post.forks(alpha.origin))) == 16
        fork = Forked(known, head_of(alpha, 1_000, bytes([1]) * 32), ())
        await bravo.commit(partial(keep_fork, peer=peer, fork=fork), net.now())
        assert len(bravo.read(lambda r: r.mirror.evidence())) == 1

    run(tmp_path, story)
