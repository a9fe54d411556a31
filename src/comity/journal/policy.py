"""Whose cosignatures are enough: a policy file by c2sp.org/tlog-policy, read strictly.

    log <vkey> [<url>]                  the journals that it is for; none: any
    witness <name> <vkey> [<url>]       a neutral witness's key, type 0x04 or 0x06
    group <name> <k|any|all> <name>...  of witnesses and groups above; each name in one group only
    quorum <name|none>                  exactly once

Bytes are opaque but for ASCII; spaces and tabs part words; `#` begins a comment at a line's start
only. Two keys of one name are one witness's. A file is believed because its user names it. No I/O.
Called by config, `cli.verify` and `cli.witness_policy`. Reference: docs/reference/policy.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.journal.quorum import Group, Quorum, Voter, walk
from comity.journal.validity import LogKeys
from comity.model.fault import Malformed, Untrusted
from comity.trust.keys import KeyType, VerifierKey, admit, parse_verifier_key
from comity.trust.lives import KeyLife, within
from comity.wire.canonical import decimal, sha256

__all__ = ["POLICY_BYTES_MAX", "Policy", "PolicyLine", "policy_of", "read_policy", "unused"]

POLICY_BYTES_MAX = 131_072  # 32 logs, witnesses and groups with long names and comments
_EACH_MAX = 32  # of logs, witnesses, groups: what the specification wants supported
_NONE = "none"
_CONTROL = frozenset(range(0x20)) - {0x09, 0x0A} | {0x7F}
_WITNESS_TYPES = frozenset({KeyType.COSIGNATURE_V1, KeyType.ML_DSA_44})


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLine:
    """A log's or a witness's line: the key, the name in the file, and the address or ''."""

    name: str
    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy whose every line was read; `data` is the file."""

    logs: tuple[PolicyLine, ...]
    witnesses: tuple[PolicyLine, ...]
    groups: tuple[Group, ...]
    quorum: Quorum
    data: bytes

    @property
    def sha256(self) -> bytes:
        """Of the file."""
        return sha256(self.data)

    def log_life(self, log: LogKeys, size: int) -> KeyLife | None:
        """The log key that it names and that was in force at a head of `size`; None: it names none.

        Any key that the journal ever had will do, in its time: files outlive keys.

        Raises:
            Untrusted: it is for other journals (`unknown_log`), or names keys that were not in
                force there (`key_expired`, `key_revoked`).
        """
        if not self.logs:
            return None
        named = {line.key for line in self.logs}
        lives = [life for life in log.lives if life.key in named]
        if not lives:
            text = f"the policy is not for {log.origin}: it names none of its log keys"
            raise Untrusted(text, code="unknown_log")
        try:
            return within(lives, lambda life: life.span.holds(size))
        except Untrusted as fault:
            text = f"the policy is not for a head of {size} entries: {fault.reason}"
            raise Untrusted(text, code=fault.code) from fault


def read_policy(data: bytes) -> Policy:
    """Read a policy; nothing is let pass that the specification forbids.

    Raises:
        Malformed: `bad_policy`, with the line.
        Untrusted: a key is weak (`weak_key`).
    """
    return policy_of(data, lines_of(data))


def lines_of(data: bytes) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The words of each line that says something, with its number."""
    if len(data) > POLICY_BYTES_MAX:
        raise Malformed(f"a policy has at most {POLICY_BYTES_MAX} bytes", code="too_large")
    if _CONTROL & set(data):
        raise Malformed(
            "a policy has no control characters but tab and line feed", code="bad_policy"
        )
    if data and not data.endswith(b"\n"):
        raise Malformed("a policy's last line ends in a line feed", code="bad_policy")
    text = data.decode("utf-8", "surrogateescape")
    numbered = enumerate(text.split("\n"), start=1)
    worded = (
        (at, tuple(word for word in line.replace("\t", " ").split(" ") if word))
        for at, line in numbered
    )
    return tuple((at, words) for at, words in worded if words and not words[0].startswith("#"))


def policy_of(data: bytes, lines: Iterable[tuple[int, tuple[str, ...]]]) -> Policy:
    """Read the lines in order: a name is known from its line on."""
    reader = _Reader()
    for at, words in lines:
        try:
            reader.take(words)
        except Malformed as fault:
            raise Malformed(f"line {at}: {fault.reason}", code="bad_policy") from fault
    return reader.policy(data)


class _Reader:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self._logs: list[PolicyLine] = []
        self._witnesses: list[PolicyLine] = []
        self._groups: list[Group] = []
        self._named: dict[str, Voter | Group] = {}
        self._taken: set[str] = set()
        self._quorum: Quorum | None = None

    def take(self, words: tuple[str, ...]) -> None:
        verbs = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._set_quorum,
        }
        verb = verbs.get(words[0])
        if verb is None:
            raise Malformed(f"no line begins with {words[0][:40]!r}")
        verb(words[1:])

    def policy(self, data: bytes) -> Policy:
        if self._quorum is None:
            raise Malformed("a policy has a line `quorum`", code="bad_policy")
        return Policy(
            logs=tuple(self._logs),
            witnesses=tuple(self._witnesses),
            groups=tuple(self._groups),
            quorum=self._quorum,
            data=data,
        )

    def _log(self, words: tuple[str, ...]) -> None:
        if len(words) not in (1, 2):
            raise Malformed("log <vkey> [<url>]")
        key = _key(words[0], frozenset({KeyType.ED25519}))
        _apart(key, self._logs)
        self._logs.append(PolicyLine(name=key.name, key=key, url="".join(words[1:])))
        _few(self._logs, "logs")

    def _witness(self, words: tuple[str, ...]) -> None:
        if len(words) not in (2, 3):
            raise Malformed("witness <name> <vkey> [<url>]")
        name, key = words[0], _key(words[1], _WITNESS_TYPES)
        _apart(key, self._witnesses)
        self._name(name, Voter(name=name, key=key))
        self._witnesses.append(PolicyLine(name=name, key=key, url="".join(words[2:])))
        _few(self._witnesses, "witnesses")

    def _group(self, words: tuple[str, ...]) -> None:
        if len(words) < 3:  # noqa: PLR2004 - a name, a threshold, a member
            raise Malformed("group <name> <k|any|all> <name>...")
        name, threshold, *named = words
        members = tuple(self._member(member) for member in named)
        short = {"any": 1, "all": len(members)}
        need = short[threshold] if threshold in short else decimal(threshold)
        if not 1 <= need <= len(members):
            raise Malformed(f"group {name[:40]!r} needs {need} of {len(members)}")
        one = _one_witness(name, need, members)
        if one is not None:
            self._name(name, one)
            return
        group = Group(name=name, need=need, members=members)
        self._name(name, group)
        self._groups.append(group)
        _few(self._groups, "groups")

    def _member(self, name: str) -> Voter | Group:
        member = self._known(name)
        if name in self._taken:
            raise Malformed(f"{name!r} is a member already; a witness counts in one way only")
        self._taken.add(name)
        return member

    def _set_quorum(self, words: tuple[str, ...]) -> None:
        if len(words) != 1 or self._quorum is not None:
            raise Malformed("quorum <name|none>, once")
        name = words[0]
        self._quorum = Quorum(root=None if name == _NONE else self._known(name))

    def _known(self, name: str) -> Voter | Group:
        member = self._named.get(name)
        if member is None:
            raise Malformed(f"{name[:40]!r} is named on no line above")
        return member

    def _name(self, name: str, what: Voter | Group) -> None:
        if name == _NONE or name in self._named:
            raise Malformed(f"the name {name[:40]!r} is taken")
        self._named[name] = what


def _one_witness(name: str, need: int, members: tuple[Voter | Group, ...]) -> Voter | None:
    """A group of one witness's keys, any or all, is that witness: it counts once."""
    keys = tuple(each.key for each in members if isinstance(each, Voter) and not each.others)
    several = 1 < len(keys) == len(members) and len({key.name for key in keys}) == 1
    if not several or need not in {1, len(keys)}:
        return None
    return Voter(name=name, key=keys[0], others=keys[1:], every=need > 1)


def _key(text: str, types: frozenset[KeyType]) -> VerifierKey:
    key = parse_verifier_key(text)
    if key.key_type not in types:
        raise Malformed(f"{key.name} is a key of the wrong type")
    admit(key)
    return key


def _apart(key: VerifierKey, lines: Iterable[PolicyLine]) -> None:
    for line in lines:
        if line.key.public == key.public:
            raise Malformed(f"{line.key.name} and {key.name} are one public key")


def _few(lines: list[PolicyLine] | list[Group], what: str) -> None:
    if len(lines) > _EACH_MAX:
        raise Malformed(f"at most {_EACH_MAX} {what}")


def unused(policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The witnesses, and the groups, that the quorum does not reach."""
    root = policy.quorum.root
    keys = {key for voter in policy.quorum.voters for key in voter.keys}
    names = set() if root is None else {node.name for node in walk(root)}
    witnesses = tuple(line.name for line in policy.witnesses if line.key not in keys)
    return witnesses, tuple(group.name for group in policy.groups if group.name not in names)
