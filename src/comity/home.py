"""Makes the home of a node or of a witness, changes it, and holds it for one process.

A home is made once: every file is new, private and durable, and `home.toml` comes last, so that a
folder without it is no home. Randomness and time are passed in, but for the TLS key, which comes
from OpenSSL. Called by the command line; `config` reads what is made here.
"""

import base64
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.config import (
    COSIGNER_FILES,
    HOME_FILE,
    Home,
    WitnessHome,
    key_path,
    load_cosigners,
)
from comity.model.fault import Malformed, Refusal, Refused, Unavailable, Untrusted
from comity.model.party import exercise_of, parse_address
from comity.model.quantity import SECOND_US
from comity.trust.identity import NO_ROOTS, Role, Roots, key_name, key_type
from comity.trust.keyfile import read_key, write_key, write_secret
from comity.trust.keys import KeyType, SigningKey, VerifierKey, parse_verifier_key

__all__ = [
    "add_log",
    "add_mldsa",
    "create_home",
    "create_witness_home",
    "hold_lock",
    "make_folders",
    "replace_file",
    "settle_key",
]

_CERTIFICATE_DAYS = 3_650  # peers pin the certificate: a change means enrolling anew
_CERTIFICATE_EARLY = timedelta(days=1)  # a peer's clock may be behind ours
_COMMON_NAME_CHARS_MAX = 64  # RFC 5280, ub-common-name
_LOCK_FILE = "node.lock"
_LOCK_BYTES_MAX = 32


def create_home(
    path: Path,
    *,
    name: str,
    origin: str,
    address: str,
    exercise: str | None,
    seeds: Callable[[], bytes],
    now_us: int,
    roots: Roots = NO_ROOTS,
) -> Home:
    """Make the home of a node in a new or empty folder; `seeds` gives 32 random bytes each time.

    `roots` are public; their private halves never come here. The origin becomes
    `origin/exercise/ID` for an exercise.

    Raises:
        Refused: something is there already (`home_exists`); it was not touched.
        Malformed: name, origin or address cannot be right; nothing was made.
        Untrusted: the folder cannot be made or is another user's (`home_mode`).
    """
    if exercise_of(f"{origin}/") is not None:
        raise Malformed("give the live origin; --exercise makes the other", code="bad_origin")
    whole = origin if exercise is None else f"{origin}/exercise/{exercise}"
    home = Home(path=path, name=name, origin=whole, address=address, exercise=exercise, roots=roots)
    keys = make_folders(path, "Choose a new folder, or move the old one away by hand.")
    for role in Role:
        file = keys / f"{role}.key"
        _write_signing_key(file, key_name(role, whole), key_type(role), seeds())
    write_secret(keys / "handle.secret", seeds())
    write_secret(keys / "admin.key", f"{_bearer(seeds())}\n".encode())
    _write_certificate(keys, name, address, now_us)
    write_secret(path / HOME_FILE, _home_text(home).encode())
    return home


def create_witness_home(
    path: Path, *, name: str, address: str, seeds: Callable[[], bytes], now_us: int
) -> WitnessHome:
    """Make the home of a neutral witness, with a cosigner key of either type.

    Raises what `create_home` raises.
    """
    home = WitnessHome(path=path, name=name, address=address)
    keys = make_folders(path, "Choose a new folder, or move the old one away by hand.")
    for file, type_ in COSIGNER_FILES.items():
        _write_signing_key(keys / file, name, type_, seeds())
    if parse_address(address).tls:
        _write_certificate(keys, name, address, now_us)
    write_secret(path / HOME_FILE, _witness_text(home).encode())
    return home


def add_mldsa(home: WitnessHome, seeds: Callable[[], bytes]) -> None:
    """Give the home of an earlier release its ML-DSA-44 key; nothing is done if it has one.

    The witness cosigns with it from its next start on.
    """
    if len(load_cosigners(home)) == len(COSIGNER_FILES):
        return
    for file, type_ in COSIGNER_FILES.items():
        if type_ is KeyType.ML_DSA_44:
            _write_signing_key(home.path / "keys" / file, home.name, type_, seeds())


def add_log(home: WitnessHome, log: str) -> WitnessHome:
    """Let the witness cosign one more log, from its next start on; doing it twice changes nothing.

    Raises:
        Malformed, Untrusted: not a log's verifier key, or too many keys for one log.
    """
    known = {parse_verifier_key(text) for text in home.logs}
    if parse_verifier_key(log) in known:
        return home
    changed = replace(home, logs=(*home.logs, log))
    replace_file(home.path / HOME_FILE, _witness_text(changed).encode())
    return changed


def settle_key(home: Home, role: Role, key: VerifierKey) -> None:
    """Make `key`, whose file waits in the home, the present one of its role; again does nothing.

    The file of the key before stays beside it under its key id. At no moment is there no file.
    """
    path, waiting = key_path(home, role), key_path(home, role, key.key_id.hex())
    if not waiting.exists() or (path.exists() and read_key(path).verifier() == key):
        return
    if path.exists():
        before = key_path(home, role, read_key(path).verifier().key_id.hex())
        with suppress(FileExistsError):
            os.link(path, before)
    waiting.replace(path)
    _sync(path.parent)


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Hold the home at `path` for this process; Unavailable (`lock_held`) names who has it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path / _LOCK_FILE, flags, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, _LOCK_BYTES_MAX, 0).decode("ascii", "replace").strip()
            reason = f"{path} is in use by process {holder or '(unknown)'}"
            raise Unavailable(reason, code="lock_held") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)  # this lets go of the lock


def make_folders(path: Path, what_to_do: str) -> Path:
    """Make the folders of a new home, mode 0700; where the keys go.

    Raises:
        Refused: `home_exists`, with `what_to_do`; nothing was touched.
        Untrusted: `home_mode`, it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = any(path.iterdir())
        if not taken:
            path.chmod(0o700)
            (path / "keys").mkdir(mode=0o700)
            (path / "data").mkdir(mode=0o700)
    except (FileExistsError, NotADirectoryError):
        taken = True
    except OSError as error:
        raise Untrusted(f"{path} cannot be made: {error.strerror}", code="home_mode") from error
    if taken:
        raise Refused(
            Refusal(
                code="home_exists",
                reason=f"{path} is there already and not empty; nothing in it was touched",
                what_to_do=what_to_do,
            )
        )
    return path / "keys"


def _write_signing_key(path: Path, name: str, key_type: KeyType, seed: bytes) -> None:
    write_key(path, SigningKey(name=name, key_type=key_type, seed=seed))


def _bearer(secret: bytes) -> str:
    """A key that secret scanners can know by its first letters."""
    return "comity_" + base64.b32encode(secret).decode("ascii").rstrip("=").lower()


def _write_certificate(keys: Path, name: str, address: str, now_us: int) -> None:
    """A P-256 key and a certificate that it signed itself: peers pin it, no authority is asked."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_secret(keys / "tls.key", pem)
    certificate = _certificate(private, name, parse_address(address).host, now_us)
    write_secret(keys / "tls.crt", certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(
    private: ec.EllipticCurvePrivateKey, name: str, host: str, now_us: int
) -> x509.Certificate:
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_COMMON_NAME_CHARS_MAX])])
    begin = datetime.fromtimestamp(now_us // SECOND_US, UTC) - _CERTIFICATE_EARLY
    builder = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + _CERTIFICATE_EARLY + timedelta(days=_CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_alternative_name(host)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return builder.sign(private, hashes.SHA256())


def _alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _home_text(home: Home) -> str:
    lines = [
        "# The home of a Comity node. Settings: docs/reference/cli.md, comity init",
        f"name = {_quoted(home.name)}",
        f"origin = {_quoted(home.origin)}",
        f"address = {_quoted(home.address)}",
    ]
    if home.exercise is not None:
        lines.append(f"exercise = {_quoted(home.exercise)}")
    if home.roots.keys:
        lines += [f"roots_needed = {home.roots.needed}", "roots = ["]
        lines += [*(f"  {_quoted(key.text())}," for key in home.roots.keys), "]"]
    if home.ballast_mib is not None:
        lines.append(f"ballast_mib = {home.ballast_mib}")
    for witness in home.witnesses:
        lines += ["", "[[witnesses]]"]
        lines += [f"key = {_quoted(witness.key)}", f"address = {_quoted(witness.address)}"]
    return "\n".join(lines) + "\n"


def _witness_text(home: WitnessHome) -> str:
    lines = [
        "# The home of a Comity witness. Settings: docs/reference/cli.md, comity witness init",
        f"name = {_quoted(home.name)}",
        f"address = {_quoted(home.address)}",
        "logs = [",
        *(f"  {_quoted(log)}," for log in home.logs),
        "]",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string; for the printable text that a home holds, JSON's form is TOML's."""
    return json.dumps(text, ensure_ascii=False)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` in the place of a file at once: whoever reads sees the old or the new."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    write_secret(fresh, data)
    fresh.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
