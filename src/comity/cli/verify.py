"""`comity verify`: reads a bundle or a fork file, and a trust file; has them judged.

Works alone: no node, no network, no home. Reads plain files only, each within its limit, and
follows no link inside the bundle. The judging is `journal.verify`, the words are `cli.verdict`.
"""

import os
import stat
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.exit_codes import ExitCode
from comity.cli.main import run
from comity.cli.options import JsonOption
from comity.cli.show import json_line, printable
from comity.cli.verdict import report_json, show_report
from comity.journal.forkfile import FORK_BYTES_MAX, judge_fork
from comity.journal.manifest import FILES_MAX, bytes_max
from comity.journal.policy import POLICY_BYTES_MAX, Policy, read_policy
from comity.journal.report import Outcome, Report
from comity.journal.timestamp import AUTHORITY_BYTES_MAX, Authority, read_authority
from comity.journal.trustfile import TRUST_BYTES_MAX, Trust, parse_trust
from comity.journal.verify import verify_bundle
from comity.model.fault import Malformed, Untrusted

__all__ = ["policy_at", "read_bundle", "trust_at", "verify"]

EXIT_CODES = {
    Outcome.PROVEN: ExitCode.OK,
    Outcome.NOT_PROVEN: ExitCode.NOT_PROVEN,
    Outcome.MISBEHAVIOUR: ExitCode.MISBEHAVIOUR,
    Outcome.BAD_INPUT: ExitCode.BAD_INPUT,
}
# A pipe or a device must not make the verifier wait; what is no plain file is refused below.
_READING = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_NS_PER_MS = 1_000_000


def verify(
    bundle: Annotated[
        Path,
        typer.Argument(
            metavar="BUNDLE", help="The folder of the bundle, or a file of `comity evidence save`."
        ),
    ],
    trust: Annotated[Path, typer.Option("--trust", metavar="FILE", help="Whose keys you believe.")],
    *,
    as_json: JsonOption = False,
    require_witness: Annotated[
        bool, typer.Option("--require-witness", help="Ask for the trust file's quorum.")
    ] = False,
    quorum: Annotated[
        int | None,
        typer.Option("--quorum", min=1, metavar="K", help="Ask for K neutral witnesses."),
    ] = None,
    recorded: Annotated[
        bool,
        typer.Option("--recorded", help="Ask only whether it was recorded, not who received it."),
    ] = False,
    time_authority: Annotated[
        list[Path] | None,
        typer.Option(
            "--time-authority",
            metavar="FILE",
            help="Certificates (PEM) of one more authority whose time stamps you believe.",
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="Ask for the quorum of this tlog-policy file instead."
        ),
    ] = None,
) -> None:
    """Check an evidence bundle or evidence of a fork offline.

    Ends with 0 if it is proven that the entry was given and acknowledged (with --recorded: that it
    was recorded, and somebody else saw that), 10 if it is not, 12 if signatures show that a party
    misbehaved, 13 if the bundle, file or trust file is not one.
    """
    began_ns = time.perf_counter_ns()  # a duration, for --json; nothing is judged by a clock
    asked = _Asked(
        require_witness=require_witness,
        quorum=quorum,
        recorded=recorded,
        policy=policy,
        authorities=tuple(time_authority or ()),
    )
    report, believed = _judged(bundle, trust, asked)
    code = EXIT_CODES[report.outcome]
    if as_json:
        elapsed_ms = (time.perf_counter_ns() - began_ns) / _NS_PER_MS
        json_line(report_json(report, believed) | {"exit": int(code), "elapsed_ms": elapsed_ms})
    else:
        show_report(report, believed)
    raise typer.Exit(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the user asks of the bundle and of witnesses."""

    require_witness: bool
    quorum: int | None
    recorded: bool
    policy: Path | None
    authorities: tuple[Path, ...]

    def of(self, trust: Trust, policy: Policy | None) -> int | None:
        """The number that is a condition; usage, if there are not as many witnesses."""
        source, known = "trust file", len(trust.witness_names)
        if policy is not None:
            source, known = "policy", len({line.key.name for line in policy.witnesses})
        if self.quorum is not None and self.quorum > known:
            raise typer.BadParameter(f"the {source} names {known} witnesses", param_hint="--quorum")
        plain = self.require_witness and self.quorum is None and policy is None
        return trust.quorum if plain else self.quorum


def _judged(bundle: Path, trust: Path, asked: _Asked) -> tuple[Report, Trust | None]:
    """The report, and the trust file if that could be read."""
    try:
        believed = trust_at(trust)
    except (Malformed, Untrusted) as fault:
        return Report(outcome=Outcome.BAD_INPUT, reason=f"the trust file: {fault.reason}"), None
    try:
        policy = None if asked.policy is None else policy_at(asked.policy)
    except (Malformed, Untrusted) as fault:
        return Report(outcome=Outcome.BAD_INPUT, reason=f"the policy: {fault.reason}"), believed
    try:
        stamps = [_authority_at(path) for path in asked.authorities]
    except Malformed as fault:
        return Report(outcome=Outcome.BAD_INPUT, reason=fault.reason), believed
    needed = asked.of(believed, policy or believed.policy)
    try:
        if _is_file(bundle):
            return judge_fork(_read_named(bundle, FORK_BYTES_MAX), believed), believed
        files = read_bundle(bundle)
    except Malformed as fault:
        return Report(outcome=Outcome.BAD_INPUT, reason=fault.reason), believed
    report = verify_bundle(
        files,
        believed,
        quorum=needed,
        policy=policy,
        authorities=stamps,
        recorded=asked.recorded,
    )
    return report, believed


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _authority_at(path: Path) -> Authority:
    try:
        return read_authority(_read_named(path, AUTHORITY_BYTES_MAX))
    except Malformed as fault:
        raise Malformed(f"{printable(str(path))}: {fault.reason}", code=fault.code) from fault


def policy_at(path: Path) -> Policy:
    """Read the policy file at `path`; Malformed or Untrusted if it is none."""
    return read_policy(_read_named(path, POLICY_BYTES_MAX))


def trust_at(path: Path) -> Trust:
    """Read the trust file at `path`; Malformed or Untrusted if it is none."""
    return parse_trust(_read_named(path, TRUST_BYTES_MAX))


def _read_named(path: Path, size_max: int) -> bytes:
    try:
        return _read(os.open(path, _READING), str(path), size_max)
    except OSError as error:
        raise _unreadable(str(path), error) from error


def read_bundle(folder: Path) -> dict[str, bytes]:
    """The files of a bundle, by name.

    Malformed for a folder that cannot be read, or that holds anything but the plain files that a
    bundle may have, each within its limit.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(str(folder), error) from error
    try:
        return {name: _read_inside(handle, name) for name in _names(handle)}
    except OSError as error:
        raise _unreadable(str(folder), error) from error
    finally:
        os.close(handle)


def _names(handle: int) -> list[str]:
    """The names in the folder; one more than a bundle can have holds one that it may not have."""
    with os.scandir(handle) as found:
        names = [entry.name for entry in islice(found, FILES_MAX + 1)]
    for name in names:
        bytes_max(name)  # refuses a name that is not a bundle's
    return names


def _read_inside(handle: int, name: str) -> bytes:
    return _read(os.open(name, _READING | os.O_NOFOLLOW, dir_fd=handle), name, bytes_max(name))


def _read(handle: int, name: str, size_max: int) -> bytes:
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Malformed(f"{printable(name)} is no plain file", code="unreadable")
        data = file.read(size_max + 1)
    if len(data) > size_max:
        raise Malformed(f"{printable(name)} has more than {size_max} bytes", code="too_large")
    return data


def _unreadable(name: str, error: OSError) -> Malformed:
    """`error` names the file inside the folder, if it was that."""
    where = error.filename if isinstance(error.filename, str) else name
    return Malformed(f"{printable(where)}: {error.strerror}", code="unreadable")


if __name__ == "__main__":
    sys.exit(run(["verify", *sys.argv[1:]]))
