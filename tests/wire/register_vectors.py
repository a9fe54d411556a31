"""One sealed entry of the register with everything that it is made of: fixed keys, fixed chance."""

from dataclasses import dataclass

from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.protected import EntryRead, Protected, Sealed
from comity.model.quantity import Position, instant_us
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.trust.keys import SigningKey
from comity.trust.sealed_box import box_name, seal_to
from comity.wire.canonical import sha256
from comity.wire.register_v1 import clear_text, commitment_of
from tests.wire.vectors import ALPHA, BRAVO, identity

__all__ = ["ENTRY", "READ", "SealedVector", "sealed_vector"]


def _seed(name: str) -> bytes:
    return sha256(f"comity test seed: {name}".encode())


ENTRY = Protected(
    owner=ALPHA,
    to=BRAVO,
    salt=_seed("register salt"),
    declaration=Declaration(
        code=Code.PROTECT,
        purpose=Purpose.MEDICAL,
        domain=Domain.GROUND,
        craft=Craft.NONE,
        onward=Onward.NONE,
        name="clinic",
        volumes=(
            Volume4D(
                footprint=Circle(
                    centre=Position(lat_e7=355_200_000, lon_e7=357_800_000), radius_mm=2_000_000
                ),
                heights=HeightBand(lower_mm=0, upper_mm=100_000),
                window=Window(
                    start_us=instant_us("2026-09-22T12:00:00Z"),
                    end_us=instant_us("2026-10-06T12:00:00Z"),
                ),
            ),
        ),
    ),
)
READ = EntryRead(
    of=_seed("register handle"),
    role="duty officer",
    reason="route of convoy 7",
    at_us=instant_us("2026-09-23T06:00:00Z"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedVector:
    """The recipient's key, the chance, the clear text and what is sealed."""

    key: SigningKey
    chance: bytes
    clear: bytes
    sealed: Sealed


def sealed_vector() -> SealedVector:
    """`ENTRY`, sealed to bravo."""
    key, chance = identity(BRAVO).entry, _seed("register chance")
    clear = clear_text(ENTRY)
    sealed = Sealed(
        key=box_name(key.verifier()),
        commitment=commitment_of(clear),
        data=seal_to(key.verifier(), clear, chance),
    )
    return SealedVector(key=key, chance=chance, clear=clear, sealed=sealed)
