"""A node's own keys, each for one purpose, and the names that follow from its origin.

Entry keys sign entries, the log key signs heads, the cosigner key cosigns other parties' heads. All
are different keys, because an Ed25519 cosignature does not hold its signer's name. Beside them a
party may name root keys, which never are on the node. Called by assembly.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.fault import Malformed, Untrusted, must
from comity.trust.keys import KeyType, SigningKey, VerifierKey, admit

__all__ = [
    "NO_ROOTS",
    "ROOTS_MAX",
    "Identity",
    "Role",
    "Roots",
    "cosigner_key_name",
    "entry_key_name",
    "key_name",
    "key_type",
    "root_key_name",
]

ROOTS_MAX = 16


class Role(StrEnum):
    """What a party's key is for. In the order in which files list them."""

    ENTRY = "entry"
    LOG = "log"
    LOG_MLDSA = "log-mldsa"
    COSIGNER = "cosigner"


def entry_key_name(origin: str) -> str:
    """The name of the key that signs entries."""
    return f"{origin}/desk"


def cosigner_key_name(origin: str) -> str:
    """The name of the key that cosigns others' heads."""
    return f"{origin}/cosigner"


def root_key_name(origin: str, label: str) -> str:
    """The name of an offline root key."""
    return f"{origin}/root-{label}"


def key_name(role: Role, origin: str) -> str:
    """The name that a key of this role must have."""
    if role is Role.ENTRY:
        return entry_key_name(origin)
    return cosigner_key_name(origin) if role is Role.COSIGNER else origin


_TYPES = {
    Role.ENTRY: KeyType.ED25519,
    Role.LOG: KeyType.ED25519,
    Role.LOG_MLDSA: KeyType.ML_DSA_44,
    Role.COSIGNER: KeyType.COSIGNATURE_V1,
}


def key_type(role: Role) -> KeyType:
    """The signature type that a key of this role must have."""
    return _TYPES[role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """A party's offline root keys (type 0x01); `needed` of them decide about its other keys."""

    needed: int
    keys: tuple[VerifierKey, ...]

    def check(self, origin: str) -> None:
        """Malformed or Untrusted unless they can be the roots of `origin`."""
        if not bool(self.keys) <= self.needed <= len(self.keys) <= ROOTS_MAX:
            raise Malformed(f"1 to all of at most {ROOTS_MAX} root keys decide", code="bad_roots")
        names = [key.name for key in self.keys]
        if names != sorted(set(names)) or len({key.public for key in self.keys}) != len(names):
            raise Malformed("root keys differ, and stand sorted by name", code="bad_roots")
        for key in self.keys:
            named = key.name.startswith(root_key_name(origin, ""))
            if not named or key.key_type is not KeyType.ED25519:
                raise Untrusted(f"{key.name} is no root key of {origin}", code="bad_roots")
            admit(key)


NO_ROOTS = Roots(needed=0, keys=())
_Keys = tuple[SigningKey, ...]
Standing = tuple[SigningKey, SigningKey, SigningKey, SigningKey | None, _Keys, _Keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Origin and private keys of this node; no repr shows a seed.

    `log_mldsa` signs heads beside the log key; a home of release 0.1 has none. `logs_before` are
    earlier log keys that still sign beside the present one, until they are revoked.
    `entries_before` are earlier entry keys, which sign no more: what was sealed to them is opened.
    """

    origin: str
    entry: SigningKey
    log: SigningKey
    cosigner: SigningKey
    log_mldsa: SigningKey | None = None
    logs_before: tuple[SigningKey, ...] = ()
    entries_before: tuple[SigningKey, ...] = ()
    roots: Roots = NO_ROOTS

    def __post_init__(self) -> None:
        """Hold names, types and difference."""
        must(self.entry.name == entry_key_name(self.origin), "the entry key is named origin/desk")
        must(self.log.name == self.origin, "the log key is named like the origin")
        must(
            self.cosigner.name == cosigner_key_name(self.origin), "the cosigner is origin/cosigner"
        )
        must(self.cosigner.key_type is KeyType.COSIGNATURE_V1, "a cosigner's key is of type 0x04")
        seeds = {key.seed for key in self.keys}
        must(len(seeds) == len(self.keys), "keys must be apart")
        if self.log_mldsa is not None:
            must(self.log_mldsa.name == self.origin, "the log key is named like the origin")
            must(self.log_mldsa.key_type is KeyType.ML_DSA_44, "an ML-DSA key is of type 0x06")
        for key in self.logs_before:
            must((key.name, key.key_type) == (self.origin, KeyType.ED25519), "an old log key")
        for key in self.entries_before:
            named = (entry_key_name(self.origin), KeyType.ED25519)
            must((key.name, key.key_type) == named, "an old entry key")
        self.roots.check(self.origin)

    @property
    def keys(self) -> tuple[SigningKey, ...]:
        """The present keys."""
        found = (self.entry, self.log, self.cosigner)
        return found if self.log_mldsa is None else (*found, self.log_mldsa)

    @property
    def entry_keys(self) -> tuple[SigningKey, ...]:
        """The entry keys, the present one first: what is sealed to us is sealed to one of them."""
        return (self.entry, *self.entries_before)

    def use(self, role: Role, key: SigningKey) -> None:
        """Sign with another key in a role from now on; an earlier log key goes on signing too.

        The one change that an identity knows: the node's rooms all hold the same one. Called by
        the pen, inside the transaction that says so.
        """
        must((key.name, key.key_type) == (key_name(role, self.origin), key_type(role)), "its name")
        if role is Role.LOG and key != self.log:
            object.__setattr__(self, "logs_before", (self.log, *self.logs_before))
        if role is Role.ENTRY and key != self.entry:
            object.__setattr__(self, "entries_before", self.entry_keys)
        object.__setattr__(self, role.replace("-", "_"), key)

    def drop(self, key: VerifierKey) -> None:
        """An earlier log key signs no more: it was revoked."""
        kept = tuple(each for each in self.logs_before if each.verifier() != key)
        object.__setattr__(self, "logs_before", kept)

    def standing(self) -> Standing:
        """What `restore` needs: a transaction that is undone undoes what it changed here too."""
        present = (self.entry, self.log, self.cosigner, self.log_mldsa)
        return (*present, self.logs_before, self.entries_before)

    def restore(self, standing: Standing) -> None:
        """The keys of an earlier moment."""
        names = ("entry", "log", "cosigner", "log_mldsa", "logs_before", "entries_before")
        for name, value in zip(names, standing, strict=True):
            object.__setattr__(self, name, value)

    def key(self, role: Role) -> SigningKey | None:
        """The present key of a role."""
        return {
            Role.ENTRY: self.entry,
            Role.LOG: self.log,
            Role.LOG_MLDSA: self.log_mldsa,
            Role.COSIGNER: self.cosigner,
        }[role]
