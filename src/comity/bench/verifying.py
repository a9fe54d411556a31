"""The verifier measured: its own work and the whole command, on a delivered notice's bundle.

Two nodes are started for one notice and ended before the measurement begins. Called by
`comity bench verify`.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from comity.bench.figure import Aim, Bound, Figure, Measured
from comity.bench.ground import Ground
from comity.bench.pair import Pair, deliver_one
from comity.journal.trustfile import trust_text
from comity.model.fault import Malformed, Unavailable
from comity.trust.card import open_card
from comity.trust.keys import SEED_BYTES, KeyType, SigningKey
from comity.trust.note import serialise, sign_note
from comity.wire.canonical import loads, unb64

__all__ = ["FULL", "QUICK", "VerifyPlan", "measure_verify"]

_NS_PER_MS = 1_000_000
_OWN_WORK_MS = Aim(bound=Bound.AT_MOST, value=50)
_REPORT_BYTES_MAX = 65_536
_PROVEN = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPlan:
    """How often the command is run; the first run, which warms the file cache, is not counted."""

    runs: int

    @property
    def steps(self) -> int:
        """How many steps are told."""
        return 2 + self.runs


QUICK = VerifyPlan(runs=3)
FULL = VerifyPlan(runs=25)


class _Files(msgspec.Struct, frozen=True, kw_only=True):
    files: dict[str, str]


class _Report(msgspec.Struct, frozen=True, kw_only=True):
    elapsed_ms: float


def measure_verify(ground: Ground, plan: VerifyPlan) -> Measured:
    """Own work and wall time of `comity verify`; Unavailable unless every run says proven."""
    ground.progress.begin(plan.steps)
    bundle, trust = ground.folder / "bundle", ground.folder / "trust.note"
    with Pair(ground) as pair:
        _write_bundle(pair, bundle)
        _write_trust(list(pair.cards.values()), trust)
    ground.progress.step("a bundle of one delivered notice")
    words = ["verify", str(bundle), "--trust", str(trust), "--json"]
    _run(ground, words)
    ground.progress.step("one run that does not count")
    own: list[float] = []
    whole: list[float] = []
    for number in range(1, plan.runs + 1):
        began_ns = time.perf_counter_ns()
        own.append(_run(ground, words))
        whole.append((time.perf_counter_ns() - began_ns) / _NS_PER_MS)
        ground.progress.step(f"run {number}")
    figures = {
        "verify_own_work": Figure(unit="ms", rounds=tuple(own), samples=1, aim=_OWN_WORK_MS),
        "verify_whole_command": Figure(unit="ms", rounds=tuple(whole), samples=1),
    }
    return Measured(figures=figures, peers={})


def _run(ground: Ground, words: Sequence[str]) -> float:
    """One run of the command; its own account of its work, in milliseconds."""
    code, out, err = ground.run(words)
    if code != _PROVEN:
        raise Unavailable(f"`comity verify` ended with {code}: {err.strip() or out.strip()}")
    try:
        report = msgspec.convert(loads(out.encode(), bytes_max=_REPORT_BYTES_MAX), _Report)
    except (Malformed, msgspec.ValidationError) as error:
        raise Unavailable(f"`comity verify` answers in another form: {error}") from error
    return report.elapsed_ms


def _write_bundle(pair: Pair, folder: Path) -> None:
    """Have a notice delivered, and write the evidence of it."""
    receipt = deliver_one(pair)
    path = f"notices/{receipt.id}/bundle?to={pair.bravo_origin}"
    folder.mkdir()
    for name, text in pair.alpha.get(path, _Files).files.items():
        (folder / name).write_bytes(unb64(text))  # names from a node that we started


def _write_trust(cards: Sequence[bytes], path: Path) -> None:
    key = SigningKey(
        name="bench.example/trust",
        key_type=KeyType.ED25519,
        seed=secrets.token_bytes(SEED_BYTES),
    )
    text = trust_text([open_card(card) for card in cards], (), signer=key.verifier().text())
    path.write_bytes(serialise(sign_note(text, key)))
