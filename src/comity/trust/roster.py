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
from comity.trust.identity import NO_ROOTS, Role, Roots
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife, present

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
    lives: tuple[KeyLife, ...] = ()

    @property
    def all_lives(self) -> tuple[KeyLife, ...]:
        """Every key with its time; those of the card until a statement changed one."""
        return self.lives or _lives_of(self)

    def of_role(self, role: Role) -> tuple[KeyLife, ...]:
        """The keys of a role."""
        return tuple(life for life in self.all_lives if life.role is role)

    def with_lives(self, lives: tuple[KeyLife, ...]) -> "Peer":
        """The same party with other keys."""
        return replace(
            self,
            lives=lives,
            entry=present(lives, Role.ENTRY) or self.entry,
            log=present(lives, Role.LOG) or self.log,
            cosigner=present(lives, Role.COSIGNER) or self.cosigner,
            log_mldsa=present(lives, Role.LOG_MLDSA) or self.log_mldsa,
        )

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
    """Our own origin, the peers by origin, and the neutral witnesses' keys (type 0x04, 0x06)."""

    own: str
    peers: Mapping[str, Peer]
    witnesses: tuple[VerifierKey, ...] = ()
    own_keys: frozenset[bytes] = frozenset()

    @property
    def witness_names(self) -> tuple[str, ...]:
        """The witnesses by name, each once, whatever keys it has."""
        return tuple(dict.fromkeys(key.name for key in self.witnesses))

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
        return self.knowing(peer)

    def knowing(self, peer: Peer) -> "Roster":
        """A roster in which an enrolled party has the keys of `peer`."""
        return replace(self, peers=MappingProxyType({**self.peers, peer.origin: peer}))


def _lives_of(peer: Peer) -> tuple[KeyLife, ...]:
    keys = {
        Role.ENTRY: peer.entry,
        Role.LOG: peer.log,
        Role.LOG_MLDSA: peer.log_mldsa,
        Role.COSIGNER: peer.cosigner,
    }
    return tuple(KeyLife(role=role, key=key) for role, key in keys.items() if key is not None)


def _keys(peer: Peer) -> tuple[VerifierKey, ...]:
    return (*(life.key for life in peer.all_lives), *peer.roots.keys)


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
