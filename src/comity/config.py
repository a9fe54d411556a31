"""The home of a node or of a witness: what `home.toml` says, and the keys beside it.

    home.toml   name, origin, address, exercise (or absent), roots_needed and roots (or absent),
                ballast_mib and units (or absent), [[witnesses]] with key and address;
                policy (a file) in their place, [[time_authorities]] with url and certificates;
                a witness's: name, address, logs (the verifier keys of the logs that it cosigns)
    keys/       one secret a file, mode 0600; tls.crt is the certificate
    data/       the store's, and the ballast

Reads and checks; `home` makes and locks the folder. Called by assembly and the command line.
"""

import re
import ssl
import tomllib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from comity.journal.policy import POLICY_BYTES_MAX, Policy, read_policy
from comity.journal.quorum import Quorum, at_least
from comity.journal.timestamp import AUTHORITY_BYTES_MAX, Authority, read_authority
from comity.model.fault import Fault, Malformed, Refusal, Refused, Untrusted
from comity.model.party import check_origin, exercise_of, parse_address
from comity.model.units import Units, units_from
from comity.trust.identity import NO_ROOTS, Identity, Role, Roots, key_name
from comity.trust.keyfile import read_key, read_secret
from comity.trust.keys import KeyType, SigningKey, admit, check_name, parse_verifier_key

__all__ = [
    "BALLAST_MIB",
    "COSIGNER_FILES",
    "HOME_FILE",
    "OUTLETS_FILE",
    "Home",
    "TimeAuthority",
    "Witness",
    "WitnessHome",
    "key_path",
    "load_cosigners",
    "load_identity",
    "named_files",
    "read_admin_key",
    "read_certificate",
    "read_home",
    "read_witness_home",
]

HOME_FILE = "home.toml"
OUTLETS_FILE = "outlets.toml"  # read by `outlets.book`
BALLAST_MIB = 64
# In a witness's home; the second is not in one of an earlier release.
COSIGNER_FILES: Mapping[str, KeyType] = MappingProxyType(
    {"cosigner.key": KeyType.COSIGNATURE_V1, "cosigner-mldsa.key": KeyType.ML_DSA_44}
)

_BALLAST_MIB_EXERCISE = 1
_BALLAST_MIB_MAX = 4_096

_SECRET_FILES = (
    *("entry.key", "log.key", "cosigner.key"),
    *("handle.secret", "admin.key", "tls.key"),
)
_SECRET_BYTES_MAX = 4_096  # the largest secret is a PEM key of some 250 bytes
_HOME_BYTES_MAX = 262_144  # a witness of 512 logs
_CERTIFICATE_BYTES_MAX = 16_384
_KEYS_OF_A_LOG_MAX = 8  # the present one, one that comes, and those not yet taken out
_SETTINGS = frozenset(
    {
        *("name", "origin", "address", "exercise", "witnesses", "roots", "roots_needed"),
        *("ballast_mib", "policy", "time_authorities", "stamp_every_s", "units"),
    }
)
_AUTHORITIES_MAX = 3  # a bundle carries three stamps of one head
_STAMP_EVERY_S_MIN = 60  # an authority is a public good
_COSIGNERS = frozenset({KeyType.COSIGNATURE_V1, KeyType.ML_DSA_44})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A key of a neutral witness (type 0x04 or 0x06), and the address under which it cosigns.

    Two keys of one name are one witness's, who is asked once.
    """

    key: str
    address: str

    def __post_init__(self) -> None:
        """Refuse a key that cannot cosign and an address that is none."""
        found = parse_verifier_key(self.key)
        admit(found)
        if found.key_type not in _COSIGNERS:
            raise Malformed(f"{found.name} is no witness's key (type 0x04, 0x06)", code="bad_key")
        parse_address(self.address, path=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAuthority:
    """A time-stamp authority (RFC 3161): its address, and the certificates that are believed."""

    url: str
    authority: Authority

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        parse_address(self.url, path=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A node's home: its folder and what `home.toml` says."""

    path: Path
    name: str
    origin: str
    address: str
    exercise: str | None = None
    witnesses: tuple[Witness, ...] = ()
    roots: Roots = NO_ROOTS
    ballast_mib: int | None = None
    policy: Policy | None = None
    time_authorities: tuple[TimeAuthority, ...] = ()
    stamp_every_s: int = 3_600
    units: Units = Units.METRIC

    @property
    def ballast_bytes(self) -> int:
        """Room kept for the safety floor; an exercise keeps little, since it protects nobody."""
        mib = self.ballast_mib
        if mib is None:
            mib = BALLAST_MIB if self.exercise is None else _BALLAST_MIB_EXERCISE
        return mib * 1_048_576

    @property
    def witnesses_by_name(self) -> Mapping[str, tuple[Witness, ...]]:
        """The keys of each witness, in their order."""
        found: dict[str, tuple[Witness, ...]] = {}
        for witness in self.witnesses:
            name = parse_verifier_key(witness.key).name
            found[name] = (*found.get(name, ()), witness)
        return found

    @property
    def quorum(self) -> Quorum:
        """The policy's; without one, all witnesses."""
        if self.policy is not None:
            return self.policy.quorum
        keys = [parse_verifier_key(witness.key) for witness in self.witnesses]
        return at_least(len(self.witnesses_by_name), keys)

    def __post_init__(self) -> None:
        """Refuse names, an origin or an address that cannot be right."""
        if not _NAME.fullmatch(self.name):
            raise Malformed(
                f"{self.name[:60]!r} is no name: 1 to 40 letters, digits, . _ -", code="bad_name"
            )
        check_origin(self.origin)
        if exercise_of(self.origin) != self.exercise:
            raise Malformed("origin and exercise do not belong together", code="bad_origin")
        if self.ballast_mib is not None and not 0 <= self.ballast_mib <= _BALLAST_MIB_MAX:
            raise Malformed(f"ballast_mib is 0 to {_BALLAST_MIB_MAX}", code="bad_home")
        parse_address(self.address)
        _check_apart(self)
        self.roots.check(self.origin)
        if len({each.url for each in self.time_authorities}) != len(self.time_authorities):
            raise Malformed("a time authority is named twice")
        if len(self.time_authorities) > _AUTHORITIES_MAX:
            raise Malformed(f"at most {_AUTHORITIES_MAX} time authorities: a bundle has no more")
        if self.stamp_every_s < _STAMP_EVERY_S_MIN:
            raise Malformed(f"stamp_every_s is at least {_STAMP_EVERY_S_MIN}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessHome:
    """A witness's home: the logs are verifier keys (type 0x01) as text.

    `exercise` is not in the file: a witness is told at each start whose clock it follows.
    """

    path: Path
    name: str
    address: str
    logs: tuple[str, ...] = ()
    exercise: str | None = None

    def __post_init__(self) -> None:
        """Refuse a name that no key can have, and keys that are no log's."""
        check_name(self.name)
        parse_address(self.address)
        keys = [parse_verifier_key(text) for text in self.logs]
        for key in keys:
            admit(key)
            if key.key_type is not KeyType.ED25519:
                raise Malformed(f"{key.name} is no log's key (type 0x01)", code="bad_key")
        if len({key.public for key in keys}) != len(keys):
            raise Malformed("a log is named twice", code="bad_key")
        names = [key.name for key in keys]
        if any(names.count(name) > _KEYS_OF_A_LOG_MAX for name in names):
            raise Malformed(f"a log has at most {_KEYS_OF_A_LOG_MAX} keys", code="bad_key")


def _check_apart(home: Home) -> None:
    """Each key once, and one address for each witness."""
    if len({witness.key for witness in home.witnesses}) != len(home.witnesses):
        raise Malformed("a witness is named twice", code="bad_witness")
    for name, keys in home.witnesses_by_name.items():
        if len({witness.address for witness in keys}) > 1:
            raise Malformed(f"{name} has two addresses", code="bad_witness")


def named_files(path: Path) -> tuple[str, ...]:
    """The files that `home.toml` names (policy, certificates), and those of outlets beside it."""
    table = _read_table(path)
    authorities = table.get("time_authorities", [])
    tables = authorities if isinstance(authorities, list) else []
    found = [each.get("certificates") for each in tables if isinstance(each, dict)]
    outlets = [OUTLETS_FILE, *(each.name for each in sorted(path.glob("outlet-*.pem")))]
    beside = [name for name in outlets if (path / name).exists()]
    return tuple(n for n in (table.get("policy"), *found, *beside) if isinstance(n, str))


def read_home(path: Path) -> Home:
    """Read a node's home and see that its secrets are still private.

    Raises:
        Refused: no home is there (`no_home`), or it lacks a secret (`key_file_missing`).
        Malformed: `home.toml` is not what it should be (`bad_home`).
        Untrusted: a secret can be read by others (`key_file_mode`).
    """
    table = _read_table(path)
    if "logs" in table:
        raise Malformed(f"{path} is the home of a witness, not of a node", code="bad_home")
    with _blaming(path):
        _only(table, _SETTINGS)
        policy = _policy(path, table)
        listed = _witnesses(table.get("witnesses", []))
        home = Home(
            path=path,
            name=_text(table, "name"),
            origin=_text(table, "origin"),
            address=_text(table, "address"),
            exercise=_text(table, "exercise") if "exercise" in table else None,
            witnesses=listed if policy is None else _of_policy(policy, listed),
            roots=_roots(table),
            ballast_mib=_integer(table, "ballast_mib") if "ballast_mib" in table else None,
            policy=policy,
            time_authorities=_authorities(path, table.get("time_authorities", [])),
            stamp_every_s=(_integer(table, "stamp_every_s") if "stamp_every_s" in table else 3_600),
            units=units_from(_text(table, "units")) if "units" in table else Units.METRIC,
        )
    for name in _SECRET_FILES:
        read_secret(_key(home, name), _SECRET_BYTES_MAX)
    return home


def read_witness_home(path: Path) -> WitnessHome:
    """Read a witness's home; raises what `read_home` raises."""
    table = _read_table(path)
    if "origin" in table:
        raise Malformed(f"{path} is the home of a node, not of a witness", code="bad_home")
    with _blaming(path):
        _only(table, {"name", "address", "logs"})
        home = WitnessHome(
            path=path,
            name=_text(table, "name"),
            address=_text(table, "address"),
            logs=_logs(table.get("logs", [])),
        )
    load_cosigners(home)
    return home


def load_cosigners(home: WitnessHome) -> tuple[SigningKey, ...]:
    """A witness's keys: of type 0x04, and where the home has one of type 0x06 beside it.

    Raises:
        Refused: there is no key (`key_file_missing`).
        Untrusted: one is of another name, or private no more (`other_key`, `key_file_mode`).
        Malformed: one is of another type (`bad_key_file`).
    """
    found = []
    for name, type_ in COSIGNER_FILES.items():
        path = _key(home, name)
        if type_ is KeyType.ML_DSA_44 and not path.exists():
            continue
        key = _named_key(path, home.name)
        if key.key_type is not type_:
            raise Malformed(f"{path} is a key of another type", code="bad_key_file")
        found.append(key)
    return tuple(found)


def load_identity(home: Home) -> Identity:
    """The node's signing keys; Untrusted (`other_key`) if one is not of this origin.

    The ML-DSA key may be missing: a home of release 0.1 has none.
    """
    mldsa = key_path(home, Role.LOG_MLDSA)
    return Identity(
        origin=home.origin,
        entry=_present(home, Role.ENTRY),
        log=_present(home, Role.LOG),
        cosigner=_present(home, Role.COSIGNER),
        log_mldsa=_present(home, Role.LOG_MLDSA) if mldsa.exists() else None,
        roots=home.roots,
    )


def key_path(home: Home, role: Role, key_id: str = "") -> Path:
    """Where the present key of a role is; with a key id, one that is to come or was before."""
    return _key(home, f"{role}-{key_id}.key" if key_id else f"{role}.key")


def _present(home: Home, role: Role) -> SigningKey:
    return _named_key(key_path(home, role), key_name(role, home.origin))


def read_admin_key(home: Home) -> str:
    """The bearer key with every scope that the node's own command line uses."""
    try:
        return read_secret(_key(home, "admin.key"), _SECRET_BYTES_MAX).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise Malformed("admin.key is damaged", code="bad_key_file") from error


def read_certificate(home: Home | WitnessHome) -> bytes:
    """The node's TLS certificate as DER; empty if it is reached by plain http."""
    if not parse_address(home.address).tls:
        return b""
    text = _read(_key(home, "tls.crt"), _CERTIFICATE_BYTES_MAX).decode("ascii", "replace")
    try:
        return ssl.PEM_cert_to_DER_cert(text)
    except ValueError as error:
        raise Malformed("tls.crt is not a certificate in PEM form", code="bad_key_file") from error


def _key(home: Home | WitnessHome, name: str) -> Path:
    return home.path / "keys" / name


def _named_key(path: Path, name: str) -> SigningKey:
    key = read_key(path)
    if key.name != name:
        raise Untrusted(f"{path} is the key of {key.name}, not of {name}", code="other_key")
    return key


def _read_table(path: Path) -> dict[str, object]:
    data = _read(path / HOME_FILE, _HOME_BYTES_MAX)
    try:
        return tomllib.loads(data.decode("utf-8"))
    except ValueError as error:  # TOML or UTF-8
        raise Malformed(f"{path / HOME_FILE}: {error}", code="bad_home") from error


def _read(path: Path, size_max: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(size_max + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(
            Refusal(
                code="no_home",
                reason=f"there is no {path}",
                what_to_do="Name a home with --home or COMITY_HOME, or make one: comity init",
            )
        ) from None
    except OSError as error:
        raise Untrusted(f"{path} cannot be read: {error.strerror}", code="home_mode") from error
    if len(data) > size_max:
        raise Malformed(f"{path} has more than {size_max} bytes", code="too_large")
    return data


@contextmanager
def _blaming(path: Path) -> Iterator[None]:
    """Name the file in whatever is wrong with its values."""
    try:
        yield
    except Fault as fault:
        reason = f"{path / HOME_FILE}: {fault.reason}"
        raise Malformed(reason, code="bad_home") from fault


def _only(table: Mapping[str, object], known: AbstractSet[str]) -> None:
    for name in table:
        if name not in known:
            raise Malformed(f"no setting is called {name[:40]!r}")


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} must be there, as text in quotes")
    return value


def _integer(table: Mapping[str, object], name: str) -> int:
    value = table.get(name)
    if type(value) is not int:
        raise Malformed(f"{name} must be a whole number")
    return value


def _beside(path: Path, name: str, size_max: int) -> bytes:
    """A file that `home.toml` names, by a path from the home."""
    try:
        with (path / name).open("rb") as file:
            data = file.read(size_max + 1)
    except OSError as error:
        raise Malformed(f"{name[:120]}: {error.strerror}") from error
    if len(data) > size_max:
        raise Malformed(f"{name[:120]} has more than {size_max} bytes")
    return data


def _policy(path: Path, table: Mapping[str, object]) -> Policy | None:
    if "policy" not in table:
        return None
    return read_policy(_beside(path, _text(table, "policy"), POLICY_BYTES_MAX))


def _of_policy(policy: Policy, listed: tuple[Witness, ...]) -> tuple[Witness, ...]:
    """The witnesses of the policy, which must be reachable; there are no others."""
    if listed:
        raise Malformed("name witnesses in the policy or under [[witnesses]], not in both")
    for line in policy.witnesses:
        if not line.url:
            raise Malformed(f"the policy's witness {line.name!r} has no address to show heads to")
    return tuple(Witness(key=line.key.text(), address=line.url) for line in policy.witnesses)


def _authorities(path: Path, value: object) -> tuple[TimeAuthority, ...]:
    if not isinstance(value, list):
        raise Malformed("write each time authority under [[time_authorities]]")
    found: list[TimeAuthority] = []
    for table in value:
        if not isinstance(table, dict):
            raise Malformed("write each time authority under [[time_authorities]]")
        _only(table, {"url", "certificates"})
        pem = _beside(path, _text(table, "certificates"), AUTHORITY_BYTES_MAX)
        found.append(TimeAuthority(url=_text(table, "url"), authority=read_authority(pem)))
    return tuple(found)


def _logs(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Malformed("logs must be a list")
    texts = tuple(log for log in value if isinstance(log, str))
    if len(texts) != len(value):
        raise Malformed("logs must be a list of verifier keys")
    return texts


def _roots(table: Mapping[str, object]) -> Roots:
    texts, needed = table.get("roots", []), table.get("roots_needed", 0)
    if not isinstance(texts, list) or not isinstance(needed, int):
        raise Malformed("roots is a list of verifier keys, roots_needed a number")
    keys = [parse_verifier_key(text) for text in texts if isinstance(text, str)]
    if len(keys) != len(texts):
        raise Malformed("roots is a list of verifier keys")
    return Roots(needed=needed, keys=tuple(sorted(keys, key=lambda key: key.name)))


def _witnesses(value: object) -> tuple[Witness, ...]:
    if not isinstance(value, list):
        raise Malformed("write each witness under [[witnesses]]")
    found: list[Witness] = []
    for table in value:
        if not isinstance(table, dict):
            raise Malformed("write each witness under [[witnesses]]")
        _only(table, {"key", "address"})
        found.append(Witness(key=_text(table, "key"), address=_text(table, "address")))
    return tuple(found)
