"""What a policy withstands, and what is wrong with it, in words and numbers.

Safe means: two verifiers with this policy cannot be shown two journals unless more than f witnesses
lie, by k1 + k2 > n + f at every group. Neutral means: not a party's own, and no two under one
operator, which is known by the host in a key's name. Pure. Called by `cli.witness_policy`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.journal.policy import Policy, unused
from comity.journal.quorum import Group, Voter
from comity.trust.keys import VerifierKey

__all__ = ["Finding", "Linted", "lint", "operator_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong: a stable code and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """The numbers of a policy, the arithmetic behind them, and what was found.

    Numbers count witnesses; those with `operators` count operators. `tolerates` is -1 if two
    quorums need not share a witness.
    """

    witnesses: int
    smallest: int
    shared: int
    tolerates: int
    operators_tolerated: int
    may_be_silent: int
    operators_silent: int
    arithmetic: tuple[str, ...]
    findings: tuple[Finding, ...]


def operator_of(key: VerifierKey) -> str:
    """The host in a key's name, without regard to case: who runs it, as far as a name can say."""
    return key.name.partition("/")[0].lower()


def lint(policy: Policy, *, tolerate: int, parties: Iterable[VerifierKey] = ()) -> Linted:
    """Look a policy over; `parties` are keys of those who are to be watched."""
    quorum = policy.quorum

    def operator(voter: Voter) -> str:
        return operator_of(voter.key)

    by_operator = quorum.operators_tolerated(operator)
    findings = (
        *_unsafe(policy, tolerate, by_operator),
        *_not_neutral(policy, tuple(parties)),
        *_same_operator(policy),
        *_counted_twice(policy),
        *_not_used(policy),
    )
    return Linted(
        witnesses=len(quorum.witnesses),
        smallest=quorum.smallest,
        shared=quorum.shared,
        tolerates=quorum.tolerates,
        operators_tolerated=by_operator,
        may_be_silent=quorum.may_be_silent,
        operators_silent=quorum.operators_silent(operator),
        arithmetic=tuple(_arithmetic(policy, tolerate)),
        findings=findings,
    )


def _unsafe(policy: Policy, tolerate: int, by_operator: int) -> Iterator[Finding]:
    quorum = policy.quorum
    if quorum.root is None:
        yield Finding(code="no_quorum", text="quorum none: no witness is asked, nothing is shown")
        return
    if quorum.tolerates < 0:
        yield Finding(
            code="unsafe",
            text="two quorums need not share a witness: two journals can be shown, nobody lying",
        )
    elif quorum.tolerates < tolerate:
        text = (
            f"{tolerate} lying witnesses can split it: any two quorums share {quorum.shared} only"
        )
        yield Finding(code="unsafe", text=text)
    elif by_operator < tolerate:
        text = f"{by_operator + 1} lying operators can split it, since some run several witnesses"
        yield Finding(code="unsafe", text=text)


def _not_neutral(policy: Policy, parties: tuple[VerifierKey, ...]) -> Iterator[Finding]:
    keys = {key.public: key.name for key in (*parties, *(line.key for line in policy.logs))}
    hosts = {operator_of(line.key): line.key.name for line in policy.logs}
    hosts |= {operator_of(key): key.name for key in parties}
    for line in policy.witnesses:
        if line.key.public in keys:
            text = f"{line.name} has the public key of {keys[line.key.public]}"
            yield Finding(code="party_key", text=text)
        elif operator_of(line.key) in hosts:
            text = (
                f"{line.name} is of {hosts[operator_of(line.key)]}: a party does not watch itself"
            )
            yield Finding(code="party_witness", text=text)


def _same_operator(policy: Policy) -> Iterator[Finding]:
    by_host: dict[str, dict[str, str]] = {}  # of two keys of one witness the first names it
    for line in policy.witnesses:
        by_host.setdefault(operator_of(line.key), {}).setdefault(line.key.name, line.name)
    for host, names in sorted(by_host.items()):
        if len(names) > 1:
            all_ = ", ".join(names.values())
            text = f"{all_} are all of {host}: they lie, and fall silent, together"
            yield Finding(code="common_operator", text=text)


def _counted_twice(policy: Policy) -> Iterator[Finding]:
    by_witness: dict[str, list[str]] = {}
    for voter in policy.quorum.voters:
        by_witness.setdefault(voter.key.name, []).append(voter.name)
    for name, leaves in sorted(by_witness.items()):
        if len(leaves) > 1:
            text = (
                f"{', '.join(leaves)} are keys of one witness, {name}, and count as {len(leaves)}: "
                "put them alone into a group, with any or all"
            )
            yield Finding(code="counted_twice", text=text)


def _not_used(policy: Policy) -> Iterator[Finding]:
    witnesses, groups = unused(policy)
    if groups:
        yield Finding(code="unreachable_group", text=f"the quorum leads to no {', '.join(groups)}")
    if witnesses:
        text = f"{', '.join(witnesses)} cosign and count for nothing"
        yield Finding(code="unused_witness", text=text)


def _arithmetic(policy: Policy, tolerate: int) -> Iterator[str]:
    """k1 + k2 > n + f at each group that the quorum asks, from the top down."""
    root = policy.quorum.root
    if root is None:
        return
    if isinstance(root, Voter):
        yield f"{root.name}: 1 + 1 > 1 + f holds up to f = 0"
        return
    for group in (root, *(g for g in policy.groups if g is not root)):
        if group.name not in unused(policy)[1]:
            yield _of_group(group, tolerate)


def _of_group(group: Group, tolerate: int) -> str:
    k, n = group.need, len(group.members)
    f = 2 * k - n - 1
    most = f"holds up to f = {f}" if f >= 0 else "does not even hold for f = 0"
    leaves = all(isinstance(member, Voter) for member in group.members)
    what = "witnesses" if leaves else "members"
    least = (n + tolerate) // 2 + 1
    safe = (
        f"f = {tolerate} wants k = {least}" if least <= n else f"f = {tolerate} wants more than {n}"
    )
    return f"{group.name}: {k} of {n} {what}: {k} + {k} > {n} + f {most}; {safe}"
