"""A time-stamp authority of our own: certificates made here, stamps made by `openssl ts`."""

import datetime as dt
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OPENSSL = shutil.which("openssl", path="/usr/bin:/bin:/usr/local/bin")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="needs the program openssl")
DAY = dt.timedelta(days=1)
_PEM = serialization.Encoding.PEM
_CONFIG = """\
[ts]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its key."""

    name: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(_PEM)


def certified(
    name: str,
    by: Pair | None = None,
    *,
    ca: bool = False,
    ends: dt.timedelta = 30 * DAY,
    stamps: bool = False,
) -> Pair:
    """A new key, certified by another or by itself, from two days ago until `ends` from now."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(name if by is None else by.name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * DAY)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    signed = builder.sign(key if by is None else by.key, hashes.SHA256())
    return Pair(name=name, certificate=signed, key=key)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class StampMaker(httpx.AsyncBaseTransport):
    """An authority; as a transport it answers over HTTP what it is asked."""

    def __init__(self, folder: Path, root: Pair, signer: Pair) -> None:
        folder.mkdir(exist_ok=True)
        self.root, self.signer = root, signer
        self._folder = folder
        (folder / "serial").write_text("01\n")
        (folder / "tsa.pem").write_bytes(signer.pem)
        key = signer.key.private_bytes(
            _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "tsa.key").write_bytes(key)
        (folder / "ts.cnf").write_text(_CONFIG.format(folder=folder))
        self.asked: list[bytes] = []

    def answer(self, query: bytes) -> bytes:
        """What `openssl ts -reply` makes of it."""
        assert OPENSSL is not None
        (self._folder / "query").write_bytes(query)
        words: list[str | Path] = [
            OPENSSL,
            "ts",
            "-reply",
            "-section",
            "ts",
            "-config",
            self._folder / "ts.cnf",
        ]
        words += ["-queryfile", self._folder / "query", "-out", self._folder / "reply"]
        subprocess.run(words, check=True, capture_output=True, timeout=10)
        return (self._folder / "reply").read_bytes()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        query = await request.aread()
        self.asked.append(query)
        return httpx.Response(200, stream=httpx.ByteStream(self.answer(query)))


def make_authority(folder: Path, name: str = "tsa") -> StampMaker:
    """A root, and under it a certificate for stamps."""
    root = certified(f"{name} root", ca=True)
    return StampMaker(folder, root, certified(name, root, stamps=True))
