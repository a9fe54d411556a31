"""Judge an evidence bundle against a trust file: what is proven, what is not, who misbehaved.

Files and trust in, a Report out; no disk, no network, no clock. Called by `cli.verify`. Steps:

 1 read           all files are in the manifest    8 bound         the sender's journal holds it
 2 parties        the trust file names both        9 witnessed     by k of n neutral witnesses
 3 whole          the sender signed the manifest  10 timed         between what and what
 4 signed         the sender signed the entry     11 opened        fields are in the content
 5 logged         under a head that it signed     12 misbehaviour  under the culprit's own signature
 6 peer-cosigned  the peer cosigned that head     13 post-quantum  the heads are ML-DSA signed too
 7 acknowledged   the peer's receipt binds it     14 verdict       of all this
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from comity.journal.checkpoint import Checkpoint, parse_checkpoint
from comity.journal.evidence import Evidence, Logged, read_evidence
from comity.journal.interval import (
    Onlookers,
    cosigned,
    given_interval,
    taken_interval,
    witnessing,
)
from comity.journal.misbehaviour import misbehaviour
from comity.journal.opened import opened
from comity.journal.policy import Policy
from comity.journal.quorum import Quorum, at_least
from comity.journal.report import (
    Claim,
    Finding,
    Interval,
    Level,
    Opened,
    Outcome,
    Report,
    Standing,
    Subject,
    Times,
    Witnessing,
)
from comity.journal.timestamp import Authority
from comity.journal.tlog_proof import check_proof
from comity.journal.trustfile import Trust
from comity.journal.validity import TrustedParty
from comity.model.fault import Malformed, Untrusted
from comity.model.quantity import SECOND_US, instant_text
from comity.trust.identity import Role
from comity.trust.lives import KeyLife, short
from comity.trust.note import serialise
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import ContentBody, Got, PeerCheckpointBody, ReceiptBody

__all__ = ["verify_bundle"]

T = TypeVar("T")
_Check = Callable[[], tuple[Standing, str, T | None]]
_Own = Logged[ContentBody] | Logged[PeerCheckpointBody]  # entries of the sender
_RECORDED = frozenset({Level.WHOLE, Level.SIGNED, Level.LOGGED})
_NEEDED = _RECORDED | {Level.ACKNOWLEDGED}


def verify_bundle(
    files: Mapping[str, bytes],
    trust: Trust,
    *,
    quorum: int | None = None,
    policy: Policy | None = None,
    authorities: Sequence[Authority] = (),
    recorded: bool = False,
) -> Report:
    """What the bundle `files` (name to bytes) proves to someone who believes `trust`.

    With `recorded` the question is only whether the sender recorded the entry and others saw that;
    without, whether it was given and received.

    With `quorum`, that many neutral witnesses (at least one) are a condition of being proven;
    without, their number is stated and the trust file's quorum decides its claim alone. A `policy`,
    or else the trust file's own, stands in the place of the trust file's witnesses and quorum, and
    is a condition. Time stamps count if they are by `authorities`, or by the trust file's.
    Never raises for foreign bytes.
    """
    try:
        evidence = read_evidence(files)  # step 1
        _check_neutral(trust, policy)
        named = _Named(policy or trust.policy, (*authorities, *trust.authorities))
        return _judged(evidence, trust, quorum, named, recorded=recorded)
    except Malformed as fault:
        return Report(outcome=Outcome.BAD_INPUT, reason=fault.reason)


class _Named(NamedTuple):
    """What the user named beside the trust file, or in it."""

    policy: Policy | None
    authorities: tuple[Authority, ...]


def _check_neutral(trust: Trust, policy: Policy | None) -> None:
    """A witness of the policy that has a party's key is that party."""
    of_parties = {key.public: key.name for party in trust.parties for key in party.keys}
    for each in () if policy is None else policy.witnesses:
        if each.key.public in of_parties:
            text = f"the policy's witness {each.name} has the key {of_parties[each.key.public]}"
            raise Malformed(text, code="shared_key")


def _judged(
    evidence: Evidence, trust: Trust, quorum: int | None, named: _Named, *, recorded: bool
) -> Report:
    entry = evidence.notice.entry
    subject = Subject(
        entry=entry,
        index=evidence.manifest.index,
        leaf=evidence.notice.leaf,
        id=evidence.notice.body.root,
    )
    sender, peer = trust.party(entry.sender), trust.party(entry.audience)  # step 2
    if sender is None or peer is None:
        stranger = entry.sender if sender is None else entry.audience
        return _unproven(f"the trust file does not name {stranger}", subject, evidence, trust)
    if recorded:
        onlooker = _onlooker(evidence, trust, sender)
        return _Case(evidence, trust, (sender, onlooker), named).recorded(subject, quorum)
    if sender == peer:
        return _unproven(f"{entry.sender} gave it to itself", subject, evidence, trust)
    return _Case(evidence, trust, (sender, peer), named).report(subject, quorum)


def _onlooker(evidence: Evidence, trust: Trust, author: TrustedParty) -> TrustedParty:
    """Another party that cosigned a head with the entry; its author if there is none.

    Whether the cosignature holds is asked again, where an answer can be given.
    """
    names = {line.name for proof in evidence.notice.proofs for line in proof.checkpoint.signatures}
    others = (party for party in trust.parties if party != author)
    return next((party for party in others if party.cosigner.name in names), author)


def _unproven(reason: str, subject: Subject, evidence: Evidence, trust: Trust) -> Report:
    """Nothing can be proven, but a party that the trust file names may have misbehaved."""
    findings = misbehaviour(evidence, trust)
    return Report(
        outcome=Outcome.MISBEHAVIOUR if findings else Outcome.NOT_PROVEN,
        reason=findings[0].text if findings else reason,
        findings=findings,
        subject=subject,
    )


def _step(level: Level, check: _Check[T]) -> tuple[Claim, T | None]:
    """A claim and what it leads to; a false signature or proof is a claim that failed."""
    try:
        standing, text, value = check()
    except Untrusted as fault:
        standing, text, value = Standing.FAILED, fault.reason, None
    return Claim(level=level, standing=standing, text=text), value


class _Case:
    """One bundle between two parties whose keys the trust file gives."""

    def __init__(
        self,
        evidence: Evidence,
        trust: Trust,
        parties: tuple[TrustedParty, TrustedParty],
        named: _Named,
    ) -> None:
        sender, peer = parties
        policy = named.policy
        self._evidence = evidence
        self._notice = evidence.notice
        self._trust = trust
        self._sender = sender
        self._peer = peer
        self._policy = policy
        by_trust = at_least(trust.quorum, trust.witnesses)
        in_policy = () if policy is None else tuple(each.key for each in policy.witnesses)
        self._onlookers = Onlookers(
            log=sender.heads,
            peer=tuple(life.key for life in peer.of_role(Role.COSIGNER)),
            witnesses=trust.witnesses if policy is None else in_policy,
            quorum=by_trust if policy is None else policy.quorum,
            windows=trust.windows,
            authorities=named.authorities,
        )

    def report(self, subject: Subject, quorum: int | None) -> Report:
        """Steps 3 to 14."""
        whole, _ = _step(Level.WHOLE, self._whole)
        signed, _ = _step(Level.SIGNED, self._signed)
        logged, _ = _step(Level.LOGGED, self._logged)
        cosigned_, _ = _step(Level.PEER_COSIGNED, self._peer_cosigned)
        acknowledged, receipt = _step(Level.ACKNOWLEDGED, self._acknowledged)
        bound, bind = _step(Level.BOUND, self._bound)
        need = self._quorum(quorum)
        witnessed, who = _step(Level.WITNESSED, lambda: self._witnessed(need))
        timed, times = _step(Level.TIMED, lambda: self._timed(receipt, bind))
        shown, content = _step(Level.OPENED, self._opened)
        findings = misbehaviour(self._evidence, self._trust)  # step 12
        quantum, _ = _step(Level.POST_QUANTUM, self._post_quantum)
        before = (whole, signed, logged, cosigned_, acknowledged, bound, witnessed, timed, shown)
        claims = (*before, quantum)
        needed = _NEEDED | {Level.WITNESSED} if self._asks(need, quorum) else _NEEDED
        outcome, reason = _verdict(claims, findings, needed)  # step 14
        if outcome is Outcome.PROVEN:
            reason = "it was given and received; a receipt is no approval"
        return Report(
            outcome=outcome,
            reason=reason,
            claims=claims,
            findings=findings,
            subject=subject,
            receipt=receipt,
            witnessing=who,
            times=times,
            opened=content,
        )

    def recorded(self, subject: Subject, quorum: int | None) -> Report:
        """The same, less what is about a receiver: nobody is said to have got it.

        Somebody else must have seen a head with it, or it could have been written at any time.
        """
        whole, _ = _step(Level.WHOLE, self._whole)
        signed, _ = _step(Level.SIGNED, self._signed)
        logged, _ = _step(Level.LOGGED, self._logged)
        cosigned_, _ = _step(Level.PEER_COSIGNED, self._peer_cosigned)
        need = self._quorum(quorum)
        witnessed, who = _step(Level.WITNESSED, lambda: self._witnessed(need))
        timed, times = _step(Level.TIMED, lambda: self._timed(None, None))
        shown, content = _step(Level.OPENED, self._opened)
        claims = (whole, signed, logged, cosigned_, witnessed, timed, shown)
        findings = misbehaviour(self._evidence, self._trust)
        seen = cosigned_.standing is Standing.HELD and not self._asks(need, quorum)
        needed = _RECORDED if seen else _RECORDED | {Level.WITNESSED}
        outcome, reason = _verdict(claims, findings, needed)
        if outcome is Outcome.PROVEN:
            reason = "it was recorded, and others saw that; nobody is said to have received it"
        return Report(
            outcome=outcome,
            reason=reason,
            claims=claims,
            findings=findings,
            subject=subject,
            witnessing=who,
            times=times,
            opened=content,
        )

    def _whole(self) -> tuple[Standing, str, None]:
        """Step 3: the sender's entry key signed a manifest about this very entry."""
        manifest = self._evidence.manifest
        self._sender.manifest_key(self._evidence.manifest_note)
        indices = {proof.index for proof in self._notice.proofs}
        if manifest.id != self._notice.body.root or not indices <= {manifest.index}:
            raise Untrusted("the manifest is about another entry", code="wrong_subject")
        return Standing.HELD, f"{len(manifest.files)} files as the sender signed them", None

    def _signed(self) -> tuple[Standing, str, None]:
        """Step 4: the sender's entry key signed the entry."""
        life = self._sender.entry_life(self._notice.note, self._evidence.manifest.index)
        self._check_revoked(life, self._given)
        return Standing.HELD, f"by {life.key.name}", None

    def _given(self) -> Interval:
        beacon = self._evidence.beacon or self._evidence.beacon_stamp
        return given_interval(self._notice, beacon, self._onlookers)

    def _taken(self) -> Interval | None:
        receipt, bind = self._evidence.receipt, self._evidence.bind
        if receipt is None or bind is None:
            return None
        return taken_interval(self._given(), receipt, bind, self._onlookers)

    @staticmethod
    def _check_revoked(life: KeyLife, when: Callable[[], Interval | None]) -> None:
        """A revoked key counts only for what neutral evidence shows to be older than that."""
        if life.revoked_s is None:
            return
        interval = when()
        by_s = None if interval is None else interval.there_by_s
        if by_s is None or by_s > life.revoked_s:
            as_of = instant_text(life.revoked_s * SECOND_US)
            raise Untrusted(
                f"the key {short(life)} was revoked as of {as_of}, and "
                "no neutral evidence shows this to be older",
                code="key_revoked",
            )

    def _logged(self) -> tuple[Standing, str, None]:
        """Step 5: every proof leads to a head that the sender's log key signed."""
        heads = [self._head(self._notice, at) for at in range(len(self._notice.proofs))]
        for proof in self._notice.proofs:
            self._check_revoked(self._sender.heads.life_of(proof.checkpoint), self._given)
        if not heads:
            return Standing.ABSENT, "nothing shows that the sender's journal holds it", None
        sizes = " and ".join(str(head.size) for head in heads)
        text = f"entry {self._notice.proofs[0].index} under the sender's head of {sizes} entries"
        return Standing.HELD, text, None

    def _head(self, logged: _Own, at: int = 0) -> Checkpoint:
        """The sender's head over an entry: the only root that anything is compared with."""
        return check_proof(logged.proofs[at], logged.leaf, self._sender.heads)

    def _peer_cosigned(self) -> tuple[Standing, str, None]:
        """Step 6: the other party had seen a head with the entry, by its own cosignature."""
        when = self._cosigned_by_peer(self._notice)
        if when is None or self._peer == self._sender:
            return Standing.ABSENT, "no head with it carries the other party's cosignature", None
        return Standing.HELD, f"by {self._peer.cosigner.name} at {when}", None

    def _cosigned_by_peer(self, logged: _Own) -> str | None:
        who = self._onlookers
        heads = cosigned(logged, who.log, who.peer, who.windows)
        times = [time_s for times in heads for time_s in times.values()]
        return instant_text(min(times) * SECOND_US) if times else None

    def _acknowledged(self) -> tuple[Standing, str, ReceiptBody | None]:
        """Step 7: a receipt that the peer signed and logged binds the head of step 5 exactly."""
        receipt = self._evidence.receipt
        if receipt is None or receipt.proof is None or self._notice.proof is None:
            return Standing.ABSENT, "no receipt with its proof", None
        life = self._peer.entry_life(receipt.note, receipt.proof.index)
        self._check_revoked(life, self._taken)
        self._check_revoked(self._peer.heads.life_of(receipt.proof.checkpoint), self._taken)
        ends = (receipt.entry.sender, receipt.entry.audience)
        if ends != (self._peer.origin, self._sender.origin):
            raise Untrusted("the receipt is between other parties", code="bad_receipt")
        body = receipt.body
        if (body.given_leaf, body.given_index) != (self._notice.leaf, self._notice.proof.index):
            raise Untrusted("the receipt is for another entry", code="bad_receipt")
        head = self._head(self._notice)
        if (body.peer_size, body.peer_root) != (head.size, head.root):
            raise Untrusted("the receipt binds another head", code="bad_receipt")
        theirs = check_proof(receipt.proof, receipt.leaf, self._peer.heads)
        opened_ = "opened it" if body.got is Got.FULL else "could not open it"
        text = (
            f"{self._peer.origin} {opened_} and recorded '{body.verdict}' as entry "
            f"{receipt.proof.index}, under its head of {theirs.size} entries"
        )
        return Standing.HELD, text, body

    def _bound(self) -> tuple[Standing, str, Logged[PeerCheckpointBody] | None]:
        """Step 8: the sender's journal holds the peer's head with the receipt; the peer saw that.

        The entry names the receipt and, by hash, the very note that stands in the receipt's proof.
        """
        bind, receipt = self._evidence.bind, self._evidence.receipt
        if bind is None or receipt is None or bind.proof is None or receipt.proof is None:
            return Standing.ABSENT, "nothing records the receiver's head", None
        self._check_revoked(self._sender.entry_life(bind.note, bind.proof.index), self._taken)
        for proof in bind.proofs:
            self._check_revoked(self._sender.heads.life_of(proof.checkpoint), self._taken)
        theirs = check_proof(receipt.proof, receipt.leaf, self._peer.heads)
        body = bind.body
        named = (body.peer, body.peer_size, body.peer_root, body.note_hash)
        note_hash = sha256(serialise(receipt.proof.checkpoint))
        found = (self._peer.origin, theirs.size, theirs.root, note_hash)
        if bind.entry.sender != self._sender.origin or named != found:
            raise Untrusted("the binding records another head", code="bad_binding")
        if receipt.leaf not in bind.entry.refs or bind.proof.index < receipt.body.peer_size:
            raise Untrusted("the binding is not of this receipt", code="bad_binding")
        when = self._cosigned_by_peer(bind)
        text = f"entry {bind.proof.index} of the sender records the receiver's head"
        if when is None:
            return Standing.ABSENT, f"{text}; the receiver has not cosigned that yet", bind
        return Standing.HELD, f"{text}; cosigned by the receiver at {when}", bind

    def _quorum(self, asked: int | None) -> Quorum:
        """What the claim `witnessed` asks for: the user's own number before any file."""
        if asked is None:
            return self._onlookers.quorum
        return at_least(max(1, asked), self._onlookers.witnesses)

    def _asks(self, need: Quorum, asked: int | None) -> bool:
        """Whether the user made witnesses a condition of being proven."""
        return need.root is not None and (asked is not None or self._policy is not None)

    def _witnessed(self, need: Quorum) -> tuple[Standing, str, Witnessing | None]:
        """Step 9: neutral witnesses of trust file or policy cosigned one head with the entry."""
        policy, sizes = self._policy, self._in_policy()
        digest = None if policy is None else policy.sha256
        found = witnessing(self._notice, self._onlookers, need, digest, sizes.__contains__)
        if not found.known:
            source = "trust file" if policy is None else "policy"
            return Standing.ABSENT, f"the {source} names no witness", found
        count = len(found.names)
        text = f"{count} of {found.known}, quorum {found.quorum}, {_withstands(found)}"
        if found.post_quantum:
            text += f"; {len(found.post_quantum)} with ML-DSA-44"
        return (Standing.HELD if found.met and found.names else Standing.ABSENT), text, found

    def _in_policy(self) -> frozenset[int]:
        """The sizes of heads with the entry that the policy is for; Untrusted if it is for none."""
        heads = self._sender.heads
        sizes = {parse_checkpoint(proof.checkpoint.text).size for proof in self._notice.proofs}
        found, why = set[int](), None
        for size in sorted(sizes):
            try:
                life = None if self._policy is None else self._policy.log_life(heads, size)
                if life is not None:
                    self._check_revoked(life, self._given)
                found.add(size)
            except Untrusted as fault:
                why = why or fault
        if why is not None and not found:
            raise why
        return frozenset(found)

    def _timed(
        self, receipt: ReceiptBody | None, bind: Logged[PeerCheckpointBody] | None
    ) -> tuple[Standing, str, Times]:
        """Step 10: intervals between evidence; clocks of the parties are claims."""
        given = self._given()
        taken = None
        logged = self._evidence.receipt
        if receipt is not None and logged is not None:
            taken = taken_interval(given, logged, bind, self._onlookers)
        times = Times(given=given, taken=taken)
        if given.contradictory:
            return Standing.ABSENT, "the evidence of time contradicts itself", times
        if given.neutral:
            return Standing.HELD, "both ends rest on neutral evidence", times
        if given.bounded:
            return Standing.ABSENT, "neutral evidence on one side only", times
        return Standing.ABSENT, "parties' claims only", times

    def _opened(self) -> tuple[Standing, str, Opened | None]:
        """Step 11: each field shown is in the content that the entry commits to."""
        shown = self._evidence.opening
        if shown is None:
            return Standing.ABSENT, "the content is not shown", None
        found = opened(self._notice.entry.type, self._notice.body, shown)
        total = len(found.fields) + len(found.withheld)
        text = f"{len(found.fields)} of {total} fields"
        if found.fault is not None:
            text += f"; together they are no notice: {found.fault}"
        return Standing.HELD, text, found

    def _post_quantum(self) -> tuple[Standing, str, None]:
        """Step 13: both journals' heads carry a line of an ML-DSA key of the trust file."""
        receipt, bind = self._evidence.receipt, self._evidence.bind
        notes = [(self._sender, proof) for proof in self._notice.proofs]
        notes += [(self._peer, proof) for proof in (() if receipt is None else receipt.proofs)]
        notes += [(self._sender, proof) for proof in (() if bind is None else bind.proofs)]
        without = [
            party.origin for party, proof in notes if not party.mldsa_signed(proof.checkpoint)
        ]
        if without or receipt is None:
            names = " and ".join(dict.fromkeys(without)) or self._peer.origin
            return Standing.ABSENT, f"no ML-DSA-44 signature of {names} on its heads", None
        return Standing.HELD, f"{len(notes)} heads of both signed with ML-DSA-44 too", None


def _withstands(found: Witnessing) -> str:
    if found.tolerates < 0:
        return "too small: two such quorums need not share a witness"
    return f"tolerates {found.tolerates} lying"


def _verdict(
    claims: Sequence[Claim], findings: Sequence[Finding], needed: frozenset[Level]
) -> tuple[Outcome, str]:
    """Step 14: misbehaviour outweighs all; then one false or one missing claim is enough."""
    if findings:
        return Outcome.MISBEHAVIOUR, findings[0].text
    for claim in claims:
        missing = claim.level in needed and claim.standing is not Standing.HELD
        if claim.standing is Standing.FAILED or missing:
            return Outcome.NOT_PROVEN, f"{claim.level}: {claim.text}"
    return Outcome.PROVEN, "nothing is missing and nothing failed"
