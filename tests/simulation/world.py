"""A simulated world: parties, a witness, a network, one thread, one seed; and what must hold in it.

A tick is a second of virtual time. Each tick people say things and faults strike, as the plan has
it; every few ticks all journals are audited. At the end the network heals, clocks agree, everybody
is there, and within SETTLE_S all that is due must have arrived. Same seed, same journals.
"""

import hashlib
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import httpx

from comity.intake.enrol import enrol
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder, Outcome
from comity.intake.receive import declare
from comity.journal.merkle import root
from comity.journal.pen import Pen
from comity.model.agreement import Parameters
from comity.model.fault import Corrupt, Fault, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.storage.store import Transaction
from comity.trust.card import card_note, open_card
from comity.trust.keys import KeyType
from comity.trust.roster import peer_of
from tests.simulation.audit import Auditor, accusations, check_conflicts, unsettled
from tests.simulation.deeds import declaration, order_of
from tests.simulation.disk import Disk, Disks
from tests.simulation.ledger import Broken, Ledger
from tests.simulation.liar import Liar
from tests.simulation.life import (
    HERE,
    WITNESS,
    Life,
    NodeLife,
    Place,
    SkewedClock,
    WitnessLife,
    identity_of,
    key_of,
)
from tests.simulation.loop import SECOND_US, VirtualLoop, pause
from tests.simulation.network import Answer, Network, Parcel
from tests.simulation.party import Party, files_of
from tests.simulation.plan import Lie, Plan

if TYPE_CHECKING:
    import asyncio

__all__ = ["Result", "World"]

AUDIT_TICKS = 20
SETTLE_S = 180
NOTICED_S = 90
FUSE_EVENTS = 60
ROWS = 10_000
OK = 200
TWIN_TICK, MEET_TICK = 30, 70
NEAR_US = 2 * SECOND_US  # clocks within this of the truth are within 5 s of one another
CLOCK_VERDICTS = frozenset({"from_the_future"})
EXPOSED = frozenset({Lie.TWIN, Lie.TWO_HEADS, Lie.FALSE_PROOFS})
LIES_ENOUGH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a seed came to; `digest` is a hash over every journal's last root."""

    plan: Plan
    digest: str
    entries: int
    answers: int
    settled_s: int
    faults: dict[str, int]


class World:
    """See the module docstring."""

    def __init__(self, plan: Plan, loop: VirtualLoop, disks_: Disks) -> None:
        self.plan = plan
        self.loop = loop
        self.chance = random.Random(f"world/{plan.seed}")
        self.network = Network(loop, plan, self._deliver)
        self.faults: Counter[str] = Counter()
        self.broken: list[BaseException] = []
        self.auditors: dict[Life, Auditor] = {}
        self.twin: NodeLife | None = None
        self.twin_sees: frozenset[str] = frozenset()
        self._disks = disks_
        self._deeds: set[asyncio.Task[None]] = set()
        self._tick = 0
        self._ending = False
        self.parties = {name: self._party(name) for name in (*plan.names, WITNESS)}
        liar = None if plan.liar is None else self.parties[plan.liar].identity
        self.ledger = Ledger(liar=None if liar is None else liar.origin)
        self.liar = None if liar is None else Liar(plan.lie, liar, plan.seed)
        self._witness_key = key_of(
            f"{WITNESS}.example/w1", plan.seed, KeyType.COSIGNATURE_V1
        ).verifier()

    def _party(self, name: str) -> Party:
        return Party(
            name=name,
            clock=SkewedClock(self.loop),
            chance=random.Random(f"{name}/deeds/{self.plan.seed}"),
            identity=None if name == WITNESS else identity_of(name, self.plan.seed),
        )

    async def run(self, ticks: int) -> Result:
        """Set up, live through the ticks, heal, settle."""
        await self._set_up()
        self.network.quiet = False
        self._skew()
        for self._tick in range(1, ticks + 1):
            self._strike()
            self._say()
            await pause(SECOND_US)
            self._bury()
            if self._tick % AUDIT_TICKS == 0:
                self._audit()
            self._complain()
        settled_s = await self._settle()
        await self._accusations()
        return self._result(settled_s)

    def stop(self) -> None:
        """End every life."""
        for party in self.parties.values():
            if party.life is not None:
                party.life.stop()
        if self.twin is not None:
            self.twin.stop()

    async def _set_up(self) -> None:
        for party in self.parties.values():
            self._start(party)
        nodes = [party.node for party in self.parties.values()]
        for here in filter(None, nodes):
            for there in filter(None, nodes):
                if here is not there:
                    await self._enrol(here, there)
        for _ in range(60):
            await pause(SECOND_US)
            if all(self._in_force(node) for node in filter(None, nodes)):
                return
        raise Broken("the agreements never came into force on a quiet network")

    async def _enrol(self, here: NodeLife, there: NodeLife) -> None:
        card = card_note(there.node.identity, HERE, b"")
        peer, terms = peer_of(open_card(card)), Parameters(heartbeat_us=self.plan.heartbeat_us)
        now_us = here.place.clock.now_us()
        await here.node.enrol(peer, lambda tx, pen: enrol(tx, pen, peer, card, terms), now_us)

    def _in_force(self, life: NodeLife) -> bool:
        rows = life.store.read(lambda r: [r.post.agreement(peer.origin) for peer in r.post.peers()])
        return all(row is not None and row.in_force_us is not None for row in rows)

    def _skew(self) -> None:
        for party in self.parties.values():
            party.clock.skew_us = self.chance.randint(-self.plan.skew_us, self.plan.skew_us)

    # What strikes

    def _strike(self) -> None:
        for party in self.parties.values():
            self._strike_at(party)
        if self.chance.random() < self.plan.partitions * len(self.plan.names):
            self.network.partition((*self.plan.names, WITNESS))
        if self.plan.lie is Lie.TWIN:
            self._twin_story()

    def _strike_at(self, party: Party) -> None:
        life = party.life
        if life is None:
            if self._tick >= party.back_at:
                self._start(party)
            return
        if self.twin is not None and party.name == self.plan.liar:
            return  # its two nodes stay up, so that they contradict each other
        chance = self.chance.random()
        if chance < self.plan.power_cuts:
            if life.place.disk.fuse is None:
                life.place.disk.fuse = self.chance.randint(1, FUSE_EVENTS)
        elif chance < self.plan.power_cuts + self.plan.kills:
            self.faults["killed"] += 1
            self._end(party, keep="all")
        elif self._tick % 30 == 0 and not life.dead:
            party.old_files = files_of(life)

    def _bury(self) -> None:
        """A fuse has burnt: what the disk holds now is what comes back."""
        for party in self.parties.values():
            if party.life is not None and party.life.place.disk.dead:
                self.faults["power cut"] += 1
                self._end(party, keep="some")

    def _end(self, party: Party, keep: str) -> None:
        life = party.life
        assert life is not None
        disk = life.place.disk
        party.files = files_of(life) if keep == "all" else disk.image(self.chance)
        life.stop()
        party.life = None
        party.back_at = self._tick + self.chance.randint(1, 15)

    def _start(self, party: Party) -> None:
        if self._restored(party):
            self.faults["restored"] += 1
        files = party.files
        folder, disk = self._disks.insert(files)
        if self._tick and not self._ending and self.chance.random() < self.plan.power_cuts * 5:
            disk.fuse = self.chance.randint(1, FUSE_EVENTS)
        try:
            party.life = self._life(party, folder, disk)
        except (Fault, apsw.Error) as error:
            if not disk.dead:
                raise Broken(f"P1: {party.name} does not come back: {error!r}") from error
            self.faults["cut while starting"] += 1
            party.files = disk.image(self.chance)
            disk.bury()
            party.back_at = self._tick + 1

    def _restored(self, party: Party) -> bool:
        """An old copy of the data beside the newer lock: the node must refuse to start."""
        old = party.old_files
        if not old or party.identity is None or self._ending or party.name == self.plan.liar:
            return False
        if self.chance.random() >= self.plan.restores:
            return False
        files = {name: data for name, data in party.files.items() if name.startswith("lock.db")}
        files |= {name: data for name, data in old.items() if name.startswith("journal.db")}
        folder, disk = self._disks.insert(files)
        try:
            life = self._life(party, folder, disk)
        except Corrupt as fault:
            if fault.code != "rollback_detected":
                raise Broken(f"P2: an old copy is refused as {fault.code}") from fault
            disk.bury()
            return True
        life.stop()
        return False

    def _life(self, party: Party, folder: Path, disk: Disk) -> Life:
        place = Place(
            loop=self.loop,
            folder=folder,
            disk=disk,
            clock=party.clock,
            ledger=self.ledger,
            send=self._send,
            broke=self.broken.append,
            seed=self.plan.seed,
        )
        if party.identity is None:
            logs = [other.identity for other in self.parties.values() if other.identity]
            return WitnessLife(place, tuple(identity.log.verifier() for identity in logs))
        life = NodeLife(party.name, party.identity, place, self._witness_key)
        life.begin()
        return life

    # What the liar does beside what its messages say

    def _twin_story(self) -> None:
        assert self.plan.liar is not None
        party = self.parties[self.plan.liar]
        node = party.node
        if self.twin is None and node is not None and TWIN_TICK <= self._tick < MEET_TICK:
            folder, disk = self._disks.insert(files_of(node))
            twin = self._life(party, folder, disk)
            assert isinstance(twin, NodeLife)
            twin.twin, self.twin = True, twin
            self.twin_sees = frozenset(self.plan.honest[:1])
            self.faults["twin"] += 1
        if self._tick == MEET_TICK and self.twin is not None:
            self.twin_sees = frozenset(self.plan.honest[1:])
            if self.parties[WITNESS].life is not None:  # the best moment for it to forget
                self.faults["power cut"] += 1
                self._end(self.parties[WITNESS], keep="some")
        if self._tick > MEET_TICK:  # a journal that stays behind what is known of it shows nothing
            for life in filter(None, (node, self.twin)):
                self._begin(life, DeclareOrder(notice=declaration(party.chance), to=()))

    def _kept_back(self, life: NodeLife, tx: Transaction, outcome: Outcome) -> Outcome:
        """Some of its entries never go out; the ones after them do."""
        if self.plan.lie is Lie.GAP and life.name == self.plan.liar and self.chance.random() < 0.4:
            for written in outcome.written:
                tx.post.drop_out(written.entry.audience, written.index)
                self.faults["kept back"] += 1
        return outcome

    # What people do

    def _say(self) -> None:
        for party in self.parties.values():
            for life in (party.node, self.twin if party.name == self.plan.liar else None):
                if life is not None and party.chance.random() < self.plan.saying:
                    others = sorted(life.node.roster.now.peers)
                    own = life.store.read(lambda r: r.sky.subjects(None, True, b"", ROWS))
                    live = [row for row in own if is_live(LifeState(row.state))]
                    self._begin(life, order_of(party.chance, others, live))

    def _begin(self, life: NodeLife, order: DeclareOrder | MoveOrder) -> None:
        task = self.loop.create_task(self._deed(life, order))
        self._deeds.add(task)
        task.add_done_callback(self._deeds.discard)

    async def _deed(self, life: NodeLife, order: DeclareOrder | MoveOrder) -> None:
        def work(tx: Transaction, pen: Pen) -> Outcome:
            done = (
                declare(tx, pen, order) if isinstance(order, DeclareOrder) else move(tx, pen, order)
            )
            return self._kept_back(life, tx, done)

        try:
            await life.node.commit(work, life.place.clock.now_us())
            self.faults["said"] += 1
        except Refused as fault:
            self.faults[f"refused {fault.code}"] += 1
        except Fault as fault:
            if not life.dead:
                self.broken.append(fault)

    # The network's two ends

    async def _send(
        self, life: Life, there: str, path: str, body: bytes, headers: dict[str, str]
    ) -> Answer:
        parcel = Parcel(
            here=life.name, there=there, path=path, body=body, headers=tuple(headers.items())
        )
        if life.name != self.plan.liar:
            self.ledger.left(path, body)
            return await self.network.carry(parcel)
        if there != WITNESS and life.twin != (there in self.twin_sees):
            raise httpx.ConnectError("each of the two nodes keeps to its own side")
        audience = self.parties[there].identity
        if self.liar is not None and audience is not None:
            parcel = self.liar.request(parcel, audience.origin, life.place.clock.now_us())
        return await self.network.carry(parcel)

    async def _deliver(self, parcel: Parcel) -> Answer:
        target = self.parties[parcel.there].life
        if parcel.there == self.plan.liar and parcel.here in self.twin_sees:
            target = self.twin
        if target is None:
            raise httpx.ConnectError("nobody is there")
        answer = await target.serve(parcel)
        self.faults["delivered"] += 1
        if parcel.there == self.plan.liar:
            return answer if self.liar is None else self.liar.answer(parcel, answer)
        if answer.status == OK:
            self.ledger.answered(target.name, parcel.path, parcel.body, answer.body)
        return answer

    # What must hold

    def _audit(self) -> None:
        for life in self._honest():
            life.place.disk.settle()
            self.auditors.setdefault(life, Auditor(life)).check()

    def _honest(self) -> list[NodeLife]:
        nodes = (self.parties[name].node for name in self.plan.honest)
        return [node for node in nodes if node is not None]

    def _complain(self) -> None:
        for error in (*self.ledger.broken, *self.broken):
            if isinstance(error, Broken):
                raise error
            raise Broken(f"P7: a node stopped: {error!r}") from error

    async def _settle(self) -> int:
        """Everything heals; the seconds until all that is due is there."""
        self._ending = True
        self.network.heal()
        for party in self.parties.values():
            party.clock.skew_us = 0
            if party.life is not None and party.life.place.disk.fuse is not None:
                party.life.place.disk.fuse = None
        self._bury()
        for party in self.parties.values():
            if party.life is None:
                self._start(party)
        left: list[str] = []
        for second in range(SETTLE_S):
            await pause(SECOND_US)
            self._complain()
            left = self._left()
            if not left:
                self._audit()
                for life in self._honest():
                    check_conflicts(life)
                return second + 1
        raise Broken(f"{left[0]}; {len(left)} such, {SETTLE_S} s after the network healed")

    def _left(self) -> list[str]:
        if self._deeds:
            return ["P1: somebody still waits for the pen"]
        lives = self._honest()
        if len(lives) < len(self.plan.honest):
            return ["P1: a node did not come back"]
        clocks = CLOCK_VERDICTS if self.plan.skew_us > NEAR_US else frozenset()
        pairs = ((a, b) for a in lives for b in lives if a is not b)
        return next((found for a, b in pairs if (found := unsettled(a, b, clocks))), [])

    async def _accusations(self) -> None:
        """Nobody honest is accused; who lied enough is, at the latest when the next beats came."""
        told = self.faults["twin"] if self.liar is None else self.liar.told
        named = self._named()
        for _ in range(NOTICED_S):
            if named or self.plan.lie not in EXPOSED or not self._lied(told):
                break
            await pause(SECOND_US)
            named = self._named()
        else:
            raise Broken(f"P2: {self.plan.liar} lied ({self.plan.lie.value}), nobody noticed")
        if self.liar is not None:
            self.faults["lied"] = self.liar.told
        self.faults["accusations"] = named

    def _named(self) -> int:
        named = 0
        for life in self._honest():
            for peer in self.plan.names:
                identity = self.parties[peer].identity
                assert identity is not None
                count = accusations(life, identity)
                named += count
                if count and peer != self.plan.liar:
                    raise Broken(f"P2: {life.name} accuses {peer}, which is honest")
        return named

    def _lied(self, told: int) -> bool:
        if self.plan.lie is not Lie.TWIN:
            return told >= LIES_ENOUGH
        return any(self._saw_both(life) for life in self._honest())

    def _saw_both(self, life: NodeLife) -> bool:
        """It cosigned a head of one of the two, and the other, longer now, is the one it sees."""
        liar = self.parties[self.plan.names[-1]]
        seen = self.twin if life.name in self.twin_sees else liar.node
        if seen is None or self.twin is None:
            return False
        newest = seen.scribe.head.checkpoint.size
        return any(
            size <= newest and seen.store.read(lambda r, n=size: root(n, r.journal.node)) != held  # type: ignore[misc]
            for (by, origin, size), held in self.ledger.cosigned.items()
            if (by, origin) == (life.name, seen.origin)
        )

    def _result(self, settled_s: int) -> Result:
        lives = sorted(self._honest(), key=lambda life: life.name)
        heads = [life.scribe.head.checkpoint for life in lives]
        text = "\n".join(f"{h.origin} {h.size} {h.root.hex()}" for h in heads)
        return Result(
            plan=self.plan,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            entries=sum(head.size for head in heads),
            answers=self.ledger.answers,
            settled_s=settled_s,
            faults=dict(sorted((self.faults + self.network.faults).items())),
        )
