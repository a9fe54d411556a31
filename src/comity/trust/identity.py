"""A node's own keys, each for one purpose, and the names that follow from its origin.

Entry keys sign entries, the log key signs heads, the cosigner key cosigns other parties' heads. All
are different keys, because an Ed25519 cosignature does not hold its signer's name. Called by
assembly.
"""

from dataclasses import dataclass

from comity.model.fault import must
from comity.trust.keys import KeyType, SigningKey

__all__ = ["Identity", "cosigner_key_name", "entry_key_name"]


def entry_key_name(origin: str) -> str:
    """The name of the key that signs entries."""
    return f"{origin}/desk"


def cosigner_key_name(origin: str) -> str:
    """The name of the key that cosigns others' heads."""
    return f"{origin}/cosigner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Origin and private keys of this node; no repr shows a seed."""

    origin: str
    entry: SigningKey
    log: SigningKey
    cosigner: SigningKey

    def __post_init__(self) -> None:
        """Hold names, types and difference."""
        must(self.entry.name == entry_key_name(self.origin), "the entry key is named origin/desk")
        must(self.log.name == self.origin, "the log key is named like the origin")
        must(
            self.cosigner.name == cosigner_key_name(self.origin), "the cosigner is origin/cosigner"
        )
        must(self.cosigner.key_type is KeyType.COSIGNATURE_V1, "a cosigner's key is of type 0x04")
        seeds = {self.entry.seed, self.log.seed, self.cosigner.seed}
        must(len(seeds) == len((self.entry, self.log, self.cosigner)), "keys must be apart")
