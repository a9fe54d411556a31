"""Asks every peer and witness which head of ours it knows, and says whether we may write. A tailer.

After a restore it keeps the pen held until all have shown a head that fits, or a named person
answers for who did not; then it writes the entry `restored` and opens the pen by itself. After any
other start it asks as well, and holds the pen only if somebody shows a head that we signed and no
longer have: data and lock were rolled back together. A peer hands over with a head what we told it
of our log keys, since the one that signed may be newer than what is here. Called by the pacer; the
door reads `words`.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from comity.clock import Clock
from comity.exchange.client import Wire
from comity.exchange.keys import STATEMENTS_MAX
from comity.exchange.line import RECALL_PATH, Line
from comity.exchange.messages import Recall, Recalled
from comity.intake.renew import lives_of
from comity.journal.hold import Hold
from comity.journal.pen import Pen
from comity.journal.restored import (
    NOBODY,
    UNSETTLED,
    Accepted,
    Mark,
    Said,
    Word,
    contradiction,
    fields_of_restored,
    judged,
    led_to,
    mark_from,
    silent,
    waiting,
)
from comity.journal.scribe import Scribe
from comity.journal.validity import LogKeys
from comity.journal.warn import raise_warning
from comity.model.fault import Corrupt, Fault, Malformed, Refusal, Refused, Unavailable
from comity.storage.store import Reading, Store, Transaction
from comity.trust.identity import Role, Roots
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife
from comity.wire.canonical import b64, sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.limits import RETRY_US_FIRST, RETRY_US_MAX

__all__ = ["Answer", "Asked", "Inquiry", "hold_of", "of_line", "of_witness"]

_LOG = logging.getLogger("comity.exchange")
_OK, _NONE_KNOWN = 200, 404
_ROUNDS_MAX = 10  # after an ordinary start; beats and witnesses find out what is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A signed note, or None for no head; what is handed over of our log keys; or why neither."""

    note: bytes | None = None
    statements: tuple[bytes, ...] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody who may know a head of ours."""

    party: str
    witness: bool
    ask: Callable[[], Awaitable[Answer]]


def of_line(line: Line) -> Asked:
    """A peer, by RECALL."""

    async def ask() -> Answer:
        found = await line.ask(RECALL_PATH, Recall(), Recalled)
        if len(found.statements) > STATEMENTS_MAX:
            raise Malformed("too many statements about keys at once", code="bad_message")
        return Answer(
            note=None if found.checkpoint is None else _bytes(found.checkpoint),
            statements=tuple(map(_bytes, found.statements)),
        )

    return Asked(party=line.peer.origin, witness=False, ask=ask)


def of_witness(name: str, wire: Wire, origin: str) -> Asked:
    """A witness, by its monitoring endpoint (c2sp.org/tlog-witness); `name` is its keys'."""
    path = f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"

    async def ask() -> Answer:
        found = await wire.get(path)
        if found.status == _OK:
            return Answer(note=found.body)
        if found.status == _NONE_KNOWN:
            return Answer()
        raise Unavailable(f"it answered {found.status}", code="witness_refused")

    return Asked(party=name, witness=True, ask=ask)


def hold_of(store: Store) -> Hold | None:
    """The hold with which the scribe of a store begins: restored, and nobody asked yet."""
    data = store.lock().restored()
    if data is None:
        return None
    return waiting(mark_from(data), [silent("everybody", "nobody was asked yet", witness=False)])


class Inquiry:
    """See the module docstring. `on_open` is called when the pen was opened."""

    def __init__(
        self,
        *,
        store: Store,
        scribe: Scribe,
        clock: Clock,
        roots: Roots,
        on_open: Callable[[], None],
    ) -> None:
        """Nobody is asked before `asked` has been given and the first tick; `roots` are ours."""
        self._store = store
        self._scribe = scribe
        self._roots = roots
        self._clock = clock
        self._on_open = on_open
        self._asked: dict[str, Asked] = {}
        self._words: dict[str, Word] = {}
        self._statements: dict[bytes, None] = {}  # those that held, in the order in which they came
        self._warned: set[str] = set()
        self._rounds = 0
        self._next_us: int | None = 0
        self._turn = asyncio.Lock()
        data = store.lock().restored()
        self.mark: Mark | None = None if data is None else mark_from(data)

    def add(self, asked: Asked) -> None:
        """Ask one more, from the next round on."""
        self._asked[asked.party] = asked

    @property
    def words(self) -> tuple[Word, ...]:
        """What was said last, by party."""
        return tuple(self._words[party] for party in sorted(self._words))

    async def tick(self, now_us: int) -> int:
        """Ask whoever has not said yet; 1 if the pen was opened or closed by it."""
        if self._next_us is None or now_us < self._next_us:
            return 0
        async with self._turn:
            self._next_us = now_us + min(RETRY_US_MAX, RETRY_US_FIRST << min(self._rounds, 10))
            self._rounds += 1
            await self._ask()
            return await self._judge()

    def next_due(self, now_us: int) -> int | None:
        """The next round, while somebody is silent."""
        return None if self._next_us is None else max(self._next_us, now_us)

    async def accept(self, party: str, by: str, now_us: int) -> None:
        """A named person's word that a party is not waited for, for what it says now.

        Raises:
            Refused: nothing was restored (`not_restored`), the party is not one that is silent or
                shows what is unproven (`not_silent`), or somebody contradicts
                (`rollback_detected`): no person lifts that.
        """
        async with self._turn:
            self.mark = self._accepting(party, by, now_us)
            await asyncio.to_thread(self._store.lock().set_restored, self.mark.bytes())
            self._next_us = now_us  # whoever agreed before is asked again before the pen opens

    def _accepting(self, party: str, by: str, now_us: int) -> Mark:
        against = contradiction(self._words.values())
        if against is not None:
            raise against.fault()
        if self.mark is None:
            raise _refused("not_restored", "this node waits for nobody", "nothing is to be done")
        word = self._words.get(party)
        if word is None or word.said not in UNSETTLED:
            reason = f"{party[:120]} is not silent"
            raise _refused("not_silent", reason, "see whom: comity restore --show")
        return self.mark.accepting(Accepted(party=party, by=by, at_us=now_us, said=word.said.value))

    async def _ask(self) -> None:
        """After a restore ask all in each round: an older answer may not hold when it opens."""
        asked = self._still_asked()
        answers = dict(zip(asked, await asyncio.gather(*map(_answer, asked)), strict=True))
        judge = partial(self._judged, answers=answers)
        for word in await asyncio.to_thread(self._store.read, judge):
            self._words[word.party] = word
        if self.mark is not None and not self._asked:
            why = "no peer is enrolled and no witness named"
            self._words[NOBODY] = silent(NOBODY, why, witness=False)

    def _still_asked(self) -> list[Asked]:
        if self.mark is not None:
            return [*self._asked.values()]
        known = {party for party, word in self._words.items() if word.said not in UNSETTLED}
        return [asked for party, asked in self._asked.items() if party not in known]

    def _judged(self, reading: Reading, *, answers: Mapping[Asked, Answer]) -> list[Word]:
        """What was said, by the keys that all of them together lead to."""
        keys = _own(reading, self._scribe.log_keys)
        handed = [each for answer in answers.values() for each in answer.statements]
        keys, good = led_to(keys, self._roots, (*self._statements, *handed))
        self._statements = dict.fromkeys(good)
        return [self._word(reading, keys, asked, answer) for asked, answer in answers.items()]

    def _word(self, reading: Reading, keys: LogKeys, asked: Asked, answer: Answer) -> Word:
        """Who falls silent does not take back what it showed."""
        note, before = answer.note, self._words.get(asked.party)
        if answer.failure is not None:
            if before is None or before.said is not Said.UNPROVEN:
                return silent(asked.party, answer.failure, witness=asked.witness)
            note = before.note
        return judged(reading, keys, asked.party, note, witness=asked.witness)

    async def _judge(self) -> int:
        """Close, keep closed, or open the pen by what was said so far."""
        words = self.words
        against = contradiction(words)
        if against is not None:
            _LOG.critical("rollback: %s", against.refusal.reason)
            self._scribe.hold(against)
            self._next_us = None
            if self.mark is None:
                await self._remember()
            return 1
        if self.mark is None:
            quiet = any(word.said in UNSETTLED for word in words)
            if not quiet or self._rounds >= _ROUNDS_MAX:
                self._next_us = None
            await self._warn(words)
            return 0
        hold = waiting(self.mark, words)
        if hold is not None:
            self._scribe.hold(hold)
            return 0
        await self._open(self.mark, words)
        return 1

    async def _warn(self, words: Sequence[Word]) -> None:
        """Tell people, once, of heads that nothing shows to be ours; asking does not hang on it."""
        new = [w for w in words if w.said is Said.UNPROVEN and w.party not in self._warned]
        if not new:
            return
        work = partial(_warn_of, words=new)
        try:
            await asyncio.wrap_future(self._scribe.submit(work, self._clock.now_us()))
        except Corrupt:
            raise
        except Fault as fault:
            _LOG.warning("%s: %s", new[0].text(), fault.reason)
            return
        self._warned |= {word.party for word in new}

    async def _remember(self) -> None:
        """A snapshot came up as the node: from now on its starts wait like those of a backup."""
        here = self._scribe.checkpoint
        self.mark = Mark(size=here.size, root=b64(here.root), made_us=self._clock.now_us())
        await asyncio.to_thread(self._store.lock().set_restored, self.mark.bytes())

    async def _open(self, mark: Mark, words: Sequence[Word]) -> None:
        """Write who said what, then take the mark away, then let the tailers run: in this order."""

        def work(tx: Transaction, pen: Pen) -> None:
            content = pen.seal(fields_of_restored(mark, words))
            pen.write_content(EntryType.RESTORED, pen.origin, content)
            _warn_of(tx, pen, words)

        self._scribe.release()
        await asyncio.wrap_future(self._scribe.submit(work, self._clock.now_us()))
        await asyncio.to_thread(self._store.lock().set_restored, None)
        self.mark, self._next_us = None, None
        _LOG.warning("restored: the journal is written again")
        self._on_open()


async def _answer(asked: Asked) -> Answer:
    try:
        return await asked.ask()
    except Fault as fault:
        _LOG.info("%s was asked for our head: %s", asked.party, fault.reason)
        return Answer(failure=fault.reason)


def _warn_of(tx: Transaction, pen: Pen, words: Sequence[Word]) -> None:
    for word in words:
        if word.said is Said.UNPROVEN:
            about = sha256(word.party.encode())
            raise_warning(tx, pen, "unproven_head", about, text=word.text(), party=word.party)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _own(reading: Reading, present: Sequence[VerifierKey]) -> LogKeys:
    """Every log key of ours: those of the journal, and those of the home that it does not know."""
    origin = present[0].name
    lives = tuple(life for life in lives_of(reading, origin) if life.role is Role.LOG)
    known = {life.key for life in lives}
    more = (KeyLife(role=Role.LOG, key=key) for key in present if key not in known)
    return LogKeys(origin=origin, lives=(*lives, *more))


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
