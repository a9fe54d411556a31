"""Judge an evidence bundle against a trust file: what is proven, what is not, who misbehaved.

Files and trust in, a Report out; no disk, no network, no clock. Called by `cli.verify`. Steps:

 1 read           all files are in the manifest    8 bound         the sender's journal holds it
 2 parties        the trust file names both        9 witnessed     by k of n neutral witnesses
 3 whole          the sender signed the manifest  10 timed         between what and what
 4 signed         the sender signed the entry     11 opened        fields are in the content
 5 logged         under a head that it signed     12 misbehaviour  under the culprit's own signature
 6 peer-cosigned  the peer cosigned that head     13 verdict       of all this
 7 acknowledged   the peer's receipt binds it
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from comity.journal.checkpoint import Checkpoint
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
from comity.journal.trustfile import Trust, TrustedParty
from comity.model.fault import Malformed, Untrusted
from comity.model.quantity import SECOND_US, instant_text
from comity.trust.note import serialise, signed_by
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import ContentBody, Got, PeerCheckpointBody, ReceiptBody

__all__ = ["verify_bundle"]

T = TypeVar("T")
_Check = Callable[[], tuple[Standing, str, T | None]]
_Own = Logged[ContentBody] | Logged[PeerCheckpointBody]  # entries of the sender
_NEEDED = frozenset({Level.WHOLE, Level.SIGNED, Level.LOGGED, Level.ACKNOWLEDGED})


def verify_bundle(
    files: Mapping[str, bytes],
    trust: Trust,
    *,
    quorum: int | None = None,
    policy: Policy | None = None,
    authorities: Sequence[Authority] = (),
) -> Report:
    """What the bundle `files` (name to bytes) proves to someone who believes `trust`.

    With `quorum`, that many neutral witnesses (at least one) are a condition of being proven;
    without, their number is stated and the trust file's quorum decides its claim alone. A `policy`
    stands in the place of the trust file's witnesses and quorum, and is a condition. Time stamps
    count if they are by `authorities`.
    Never raises for foreign bytes.
    """
    try:
        evidence = read_evidence(files)  # step 1
        _check_neutral(trust, policy)
        return _judged(evidence, trust, quorum, _Named(policy, tuple(authorities)))
    except Malformed as fault:
        return Report(outcome=Outcome.BAD_INPUT, reason=fault.reason)


class _Named(NamedTuple):
    """What the user named beside the trust file."""

    policy: Policy | None
    authorities: tuple[Authority, ...]


def _check_neutral(trust: Trust, policy: Policy | None) -> None:
    """A witness of the policy that has a party's key is that party."""
    of_parties = {key.public: key.name for party in trust.parties for key in party.keys}
    for each in () if policy is None else policy.witnesses:
        if each.key.public in of_parties:
            text = f"the policy's witness {each.name} has the key {of_parties[each.key.public]}"
            raise Malformed(text, code="shared_key")


def _judged(evidence: Evidence, trust: Trust, quorum: int | None, named: "_Named") -> Report:
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
    if sender == peer:
        return _unproven(f"{entry.sender} gave it to itself", subject, evidence, trust)
    return _Case(evidence, trust, (sender, peer), named).report(subject, quorum)


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
            log=sender.log,
            peer=peer.cosigner,
            witnesses=trust.witnesses if policy is None else in_policy,
            quorum=by_trust if policy is None else policy.quorum,
            authorities=named.authorities,
        )

    def report(self, subject: Subject, quorum: int | None) -> Report:
        """Steps 3 to 13."""
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
        claims = (whole, signed, logged, cosigned_, acknowledged, bound, witnessed, timed, shown)
        findings = misbehaviour(self._evidence, self._trust)  # step 12
        asked = need.root is not None and (quorum is not None or self._policy is not None)
        needed = _NEEDED | {Level.WITNESSED} if asked else _NEEDED
        outcome, reason = _verdict(claims, findings, needed)  # step 13
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

    def _whole(self) -> tuple[Standing, str, None]:
        """Step 3: the sender's entry key signed a manifest about this very entry."""
        manifest = self._evidence.manifest
        signed_by(self._evidence.manifest_note, self._sender.entry)
        indices = {proof.index for proof in self._notice.proofs}
        if manifest.id != self._notice.body.root or not indices <= {manifest.index}:
            raise Untrusted("the manifest is about another entry", code="wrong_subject")
        return Standing.HELD, f"{len(manifest.files)} files as the sender signed them", None

    def _signed(self) -> tuple[Standing, str, None]:
        """Step 4: the sender's entry key signed the entry."""
        signed_by(self._notice.note, self._sender.entry)
        return Standing.HELD, f"by {self._sender.entry.name}", None

    def _logged(self) -> tuple[Standing, str, None]:
        """Step 5: every proof leads to a head that the sender's log key signed."""
        heads = [self._head(self._notice, at) for at in range(len(self._notice.proofs))]
        if not heads:
            return Standing.ABSENT, "nothing shows that the sender's journal holds it", None
        sizes = " and ".join(str(head.size) for head in heads)
        text = f"entry {self._notice.proofs[0].index} under the sender's head of {sizes} entries"
        return Standing.HELD, text, None

    def _head(self, logged: _Own, at: int = 0) -> Checkpoint:
        """The sender's head over an entry: the only root that anything is compared with."""
        return check_proof(logged.proofs[at], logged.leaf, self._sender.log)

    def _peer_cosigned(self) -> tuple[Standing, str, None]:
        """Step 6: the receiver had seen a head with the entry, by its own cosignature."""
        when = self._cosigned_by_peer(self._notice)
        if when is None:
            return Standing.ABSENT, "no head with it carries the receiver's cosignature", None
        return Standing.HELD, f"by {self._peer.cosigner.name} at {when}", None

    def _cosigned_by_peer(self, logged: _Own) -> str | None:
        key = self._peer.cosigner
        heads = cosigned(logged, self._sender.log, (key,))
        times = [times[key] for times in heads if key in times]
        return instant_text(min(times) * SECOND_US) if times else None

    def _acknowledged(self) -> tuple[Standing, str, ReceiptBody | None]:
        """Step 7: a receipt that the peer signed and logged binds the head of step 5 exactly."""
        receipt = self._evidence.receipt
        if receipt is None or receipt.proof is None or self._notice.proof is None:
            return Standing.ABSENT, "no receipt with its proof", None
        signed_by(receipt.note, self._peer.entry)
        ends = (receipt.entry.sender, receipt.entry.audience)
        if ends != (self._peer.origin, self._sender.origin):
            raise Untrusted("the receipt is between other parties", code="bad_receipt")
        body = receipt.body
        if (body.given_leaf, body.given_index) != (self._notice.leaf, self._notice.proof.index):
            raise Untrusted("the receipt is for another entry", code="bad_receipt")
        head = self._head(self._notice)
        if (body.peer_size, body.peer_root) != (head.size, head.root):
            raise Untrusted("the receipt binds another head", code="bad_receipt")
        theirs = check_proof(receipt.proof, receipt.leaf, self._peer.log)
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
        signed_by(bind.note, self._sender.entry)
        theirs = check_proof(receipt.proof, receipt.leaf, self._peer.log)
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

    def _witnessed(self, need: Quorum) -> tuple[Standing, str, Witnessing | None]:
        """Step 9: neutral witnesses of trust file or policy cosigned one head with the entry."""
        policy = self._policy
        digest = None if policy is None else policy.sha256
        found = witnessing(self._notice, self._onlookers, need, digest)
        if policy is not None and not policy.knows_log(self._sender.log):
            return Standing.ABSENT, f"the policy is not for {self._sender.log.name}", found
        if not found.known:
            source = "trust file" if policy is None else "policy"
            return Standing.ABSENT, f"the {source} names no witness", found
        count = len(found.names)
        text = f"{count} of {found.known}, quorum {found.quorum}, {_withstands(found)}"
        return (Standing.HELD if found.met and found.names else Standing.ABSENT), text, found

    def _timed(
        self, receipt: ReceiptBody | None, bind: Logged[PeerCheckpointBody] | None
    ) -> tuple[Standing, str, Times]:
        """Step 10: intervals between evidence; clocks of the parties are claims."""
        beacon = self._evidence.beacon or self._evidence.beacon_stamp
        given = given_interval(self._notice, beacon, self._onlookers)
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


def _withstands(found: Witnessing) -> str:
    if found.tolerates < 0:
        return "too small: two such quorums need not share a witness"
    return f"tolerates {found.tolerates} lying"


def _verdict(
    claims: Sequence[Claim], findings: Sequence[Finding], needed: frozenset[Level]
) -> tuple[Outcome, str]:
    """Step 13: misbehaviour outweighs all; then one false or one missing claim is enough."""
    if findings:
        return Outcome.MISBEHAVIOUR, findings[0].text
    for claim in claims:
        missing = claim.level in needed and claim.standing is not Standing.HELD
        if claim.standing is Standing.FAILED or missing:
            return Outcome.NOT_PROVEN, f"{claim.level}: {claim.text}"
    return Outcome.PROVEN, "it was given and received; a receipt is no approval"
