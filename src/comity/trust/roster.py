"""Whom we know: the enrolled parties and the neutral witnesses, as one immutable value.

A roster answers "whose key is this?" and nothing else; it changes only by enrolling, which builds a
new one. No I/O. Called by the envelope, the exchange and verifiers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from comity.model.fault import Refusal, Refused, Untrusted
from comity.model.party import Card, exercise_of
from comity.trust.card import card_keys, card_mldsa_key, card_roots
from comity.trust.identity import NO_ROOTS, Roots
from comity.trust.keys import VerifierKey

__all__ = ["Peer", "Roster", "peer_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """An enrolled party with its admitted keys."""

    card: Card
    entry: VerifierKey
    log: VerifierKey
    cosigner: VerifierKey
    log_mldsa: VerifierKey | None = None
    roots: Roots = NO_ROOTS

    @property
    def origin(self) -> str:
        """The name of its journal."""
        return self.card.origin


def peer_of(card: Card) -> Peer:
    """A card whose keys were admitted (`trust.card.open_card`) as a peer."""
    entry, log, cosigner = card_keys(card)
    return Peer(
        card=card,
        entry=entry,
        log=log,
        cosigner=cosigner,
        log_mldsa=card_mldsa_key(card),
        roots=card_roots(card),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Our own origin, the peers by origin, and the neutral witnesses' keys (type 0x04)."""

    own: str
    peers: Mapping[str, Peer]
    witnesses: tuple[VerifierKey, ...] = ()
    own_keys: frozenset[bytes] = frozenset()

    def peer(self, origin: str) -> Peer:
        """The peer; Untrusted (`stranger`) if it is not enrolled."""
        found = self.peers.get(origin)
        if found is None:
            raise Untrusted("no party is enrolled under that origin", code="stranger")
        return found

    def with_peer(self, peer: Peer) -> "Roster":
        """A roster with one more peer; Refused if anything about it is already in use."""
        if peer.origin == self.own or peer.origin in self.peers:
            raise _refused("already_enrolled", f"{peer.origin} is already known", "nothing to do")
        if exercise_of(peer.origin) != exercise_of(self.own):
            raise _refused(
                "exercise_mismatch",
                "live and exercise nodes do not enrol each other",
                "use the card of a node of the same exercise",
            )
        used = {key.public for other in self.peers.values() for key in _keys(other)}
        used |= {key.public for key in self.witnesses} | self.own_keys
        if used & {key.public for key in _keys(peer)}:
            raise _refused("shared_key", "one of its keys is another party's", "ask for new keys")
        peers = MappingProxyType({**self.peers, peer.origin: peer})
        return replace(self, peers=peers)


def _keys(peer: Peer) -> tuple[VerifierKey, ...]:
    mldsa = () if peer.log_mldsa is None else (peer.log_mldsa,)
    return (peer.entry, peer.log, peer.cosigner, *mldsa, *peer.roots.keys)


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
