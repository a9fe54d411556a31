"""Fuzzes targets with atheris, or runs one input again.

    .venv/bin/python -m tests.fuzz.run TARGET HEXFILE                 one input again
    .venv/bin/python -m tests.fuzz.run --fuzz TARGET[,TARGET] --seconds N --folder DIR

With several targets the first byte of an input chooses one. libFuzzer ends the process, so what was
done is kept in DIR/done.json, and what was found in DIR/TARGET.hex. An input may take 50 ms of
processor time and 16 MiB more than any before it.
"""

import argparse
import contextlib
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest import mock

__all__ = ["main"]

INPUT_S_MAX = 0.05
INPUT_KIB_MAX = 16 * 1_024
INPUT_BYTES_MAX = 8_192
TRIES = 5  # a pause of the machine is no finding: the fastest of so many counts
REPORT_EACH = 64
PACKAGES = ("comity.wire", "comity.trust", "comity.journal", "comity.exchange", "comity.web")


class Finding(AssertionError):  # noqa: N818 - it is no error of ours
    """An input that a parser must not have trouble with."""


def _held(call: Callable[[], bool]) -> bool:
    """Run a probe within its limits of time and memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    accepted = call()
    took = time.process_time() - begun
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if more > INPUT_KIB_MAX:
        raise Finding(f"it took {more} KiB")
    for _ in range(TRIES):
        if took <= INPUT_S_MAX:
            return accepted
        begun = time.process_time()
        call()
        took = min(took, time.process_time() - begun)
    raise Finding(f"it took {took * 1_000:.0f} ms")


def again(name: str, path: Path) -> str:
    """The line to paste."""
    return f"again: .venv/bin/python -m tests.fuzz.run {name} {path}"


def _planted() -> contextlib.AbstractContextManager[object]:
    """A parser's bug, for the control: a number is whatever `int` takes for one."""
    from comity.journal import tlog_proof

    return mock.patch.object(tlog_proof, "decimal", int)


def _fuzz(names: list[str], seconds: int, folder: Path, *, plant: bool) -> None:
    import atheris

    with atheris.instrument_imports(include=list(PACKAGES)):
        from tests.fuzz.targets import TARGETS, probe
    targets = [(name, TARGETS[name]) for name in names]
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    accepted: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for place, (name, target) in enumerate(targets):
        for number, seed in enumerate(target.seeds()):
            (corpus / f"{name}-{number}").write_bytes(bytes([place]) + seed)
            _held(lambda t=target, s=seed: probe(t, s))  # type: ignore[misc]

    def one(data: bytes) -> None:
        name, target = targets[data[0] % len(targets) if data else 0]
        try:
            accepted[name] += _held(lambda: probe(target, data[1:]))
        except BaseException:
            path = folder / f"{name}.hex"
            path.write_text(data[1:].hex() + "\n")
            print(again(name, path), flush=True)
            raise
        done[name] += 1
        if sum(done.values()) % REPORT_EACH == 0:
            report = {"done": done, "accepted": accepted}
            (folder / "done.json").write_text(json.dumps(report))

    with _planted() if plant else contextlib.nullcontext():
        limits = [f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", "-timeout=10"]
        artifacts = f"-artifact_prefix={folder}/"
        atheris.Setup([sys.argv[0], *limits, artifacts, "-verbosity=0", str(corpus)], one)
        atheris.Fuzz()


def main() -> int:
    """See the module docstring."""
    options = argparse.ArgumentParser(description="Fuzz a parser, or run one input again.")
    options.add_argument("target", nargs="?")
    options.add_argument("hexfile", nargs="?", type=Path)
    options.add_argument("--fuzz", default="")
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--folder", type=Path)
    options.add_argument("--plant", action="store_true", help="a bug that must be found")
    chosen = options.parse_args()
    if chosen.fuzz:
        _fuzz(chosen.fuzz.split(","), chosen.seconds, chosen.folder, plant=chosen.plant)
        return 0
    from tests.fuzz.targets import TARGETS, probe

    data = bytes.fromhex(chosen.hexfile.read_text())
    accepted = _held(lambda: probe(TARGETS[chosen.target], data))
    print("accepted" if accepted else "refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
