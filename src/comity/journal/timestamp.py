"""Time stamps (RFC 3161) over the text of a head: ask, and check what an authority answered.

An answer counts if it is over SHA-256 of exactly these bytes, in answer to our nonce where we
asked, signed by one certificate that is made for time stamps alone, may sign no other, and led at
the stamp's own time to a root that the user named; if the user named such certificates beside the
root, by one of exactly these. No I/O. Called by the exchange, which asks, and by
the verifier. Reference: docs/how-to/time-stamps.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from comity.model.fault import Malformed, Untrusted
from comity.model.quantity import SECOND_US, checked_instant_us
from comity.wire.canonical import sha256

__all__ = [
    "AUTHORITY_BYTES_MAX",
    "STAMP_BYTES_MAX",
    "Authority",
    "Question",
    "Stamp",
    "authority_of",
    "certificate_bytes",
    "check_stamp",
    "question",
    "read_authority",
    "read_stamp",
    "stamped_between",
    "stamps_over",
]

STAMP_BYTES_MAX = 65_536  # a stamp is 1 to 6 kB, by how many certificates come with it
AUTHORITY_BYTES_MAX = 65_536
_CERTIFICATES_MAX = 16
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_NAME_CHARS_MAX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Whose stamps are believed: `roots` that sign, and if not empty, exactly these `leaves`."""

    roots: tuple[x509.Certificate, ...]
    leaves: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is sent to an authority, and the nonce that its answer must hold."""

    data: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A checked stamp: POSIX seconds between which it was made, by its own account, and by whom."""

    low_s: int
    high_s: int
    by: str


def read_authority(pem: bytes) -> Authority:
    """Read the certificates (PEM) that a user names; Malformed without a root among them."""
    if len(pem) > AUTHORITY_BYTES_MAX:
        raise Malformed("too large for certificates", code="too_large")
    try:
        return _authority(x509.load_pem_x509_certificates(pem))
    except Malformed:
        raise
    except Exception as error:  # ValueError, and for other versions or extensions their own kinds
        raise Malformed("not certificates in PEM form", code="bad_certificate") from error


def authority_of(certificates: Sequence[bytes]) -> Authority:
    """The same of certificates as DER."""
    if sum(map(len, certificates)) > AUTHORITY_BYTES_MAX:
        raise Malformed("too large for certificates", code="too_large")
    try:
        return _authority([x509.load_der_x509_certificate(each) for each in certificates])
    except Malformed:
        raise
    except Exception as error:  # as above
        raise Malformed("not certificates in DER form", code="bad_certificate") from error


def certificate_bytes(certificate: x509.Certificate) -> bytes:
    """A certificate as DER."""
    return certificate.public_bytes(Encoding.DER)


def _authority(found: Sequence[x509.Certificate]) -> Authority:
    roots = tuple(each for each in found if _is_authority(each) or each.issuer == each.subject)
    if not roots or len(found) > _CERTIFICATES_MAX:
        raise Malformed(
            f"name 1 to {_CERTIFICATES_MAX} certificates, a root among them", code="bad_certificate"
        )
    return Authority(roots=roots, leaves=tuple(each for each in found if each not in roots))


def question(text: bytes) -> Question:
    """Ask for a stamp over these bytes, with a nonce, and for the certificate."""
    made = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256).build()
    if made.nonce is None:
        raise Untrusted("a question without a nonce", code="bad_stamp")
    return Question(data=made.as_bytes(), nonce=made.nonce)


def read_stamp(data: bytes) -> TimeStampResponse:
    """Read an answer's form; Malformed unless it is one, and granted. Nothing is believed yet."""
    if len(data) > STAMP_BYTES_MAX:
        raise Malformed(f"a time stamp has at most {STAMP_BYTES_MAX} bytes", code="too_large")
    try:
        found = decode_timestamp_response(data)
        granted = found.status == 0
        _ = found.tst_info.gen_time, found.signed_data
    except Exception as error:  # the library raises ValueError and what its parser's inside gives
        raise Malformed("not a time stamp by RFC 3161", code="bad_stamp") from error
    if not granted:
        raise Malformed("the authority refused to stamp", code="bad_stamp")
    return found


def stamps_over(data: bytes, text: bytes) -> bool:
    """Whether a stamp is over `text`, by SHA-256; who signed it is not looked at."""
    imprint = read_stamp(data).tst_info.message_imprint
    return (imprint.hash_algorithm, imprint.message) == (_SHA256, sha256(text))


def stamped_between(data: bytes) -> tuple[int, int]:
    """The POSIX seconds between which a stamp says that it was made; not verified."""
    return _between(read_stamp(data))


def check_stamp(
    data: bytes, text: bytes | None, authorities: Sequence[Authority], nonce: int | None = None
) -> Stamp:
    """What a stamp over `text` proves to those who believe `authorities`.

    With None for `text` it is not asked what was stamped: that it was signed at its time is proof
    that what holds its hash is younger.

    Raises:
        Malformed: not a stamp.
        Untrusted: `bad_stamp`, with what does not hold.
    """
    stamp = read_stamp(data)
    imprint = stamp.tst_info.message_imprint
    if imprint.hash_algorithm != _SHA256:
        raise Untrusted("the time stamp is not over SHA-256", code="bad_stamp")
    wanted = imprint.message if text is None else sha256(text)
    reason = "no authority is named whose stamps are believed"
    for authority in authorities:
        try:
            return _checked(stamp, wanted, authority, nonce)
        except (VerificationError, ValueError) as error:
            reason = str(error).partition(":")[0][:_NAME_CHARS_MAX]
        except Exception:  # noqa: BLE001 - bent certificates make the libraries raise many things
            reason = "its certificates cannot be read"
    raise Untrusted(f"the time stamp does not hold: {reason}", code="bad_stamp")


def _checked(
    stamp: TimeStampResponse, wanted: bytes, authority: Authority, nonce: int | None
) -> Stamp:
    leaf = _signer(stamp, authority)
    verifier = VerifierBuilder(
        roots=list(authority.roots), tsa_certificate=leaf, nonce=nonce
    ).build()
    verifier.verify(stamp, wanted)
    _check_purpose(leaf)
    low_s, high_s = _between(stamp)
    return Stamp(low_s=low_s, high_s=high_s, by=leaf.subject.rfc4514_string()[:_NAME_CHARS_MAX])


def _signer(stamp: TimeStampResponse, authority: Authority) -> x509.Certificate:
    """The one certificate that signed, by issuer and number; one of the pinned, if any are."""
    signers = list(stamp.signed_data.signer_infos)
    if len(signers) != 1:
        raise ValueError("not exactly one signature")
    info = signers[0]
    brought = [x509.load_der_x509_certificate(der) for der in stamp.signed_data.certificates]
    for leaf in (*authority.leaves, *brought):
        if (leaf.issuer, leaf.serial_number) == (info.issuer, info.serial_number):
            if authority.leaves and leaf not in authority.leaves:
                raise ValueError("signed by another certificate than the one that was named")
            return leaf
    raise ValueError("the certificate that signed is not there")


def _check_purpose(leaf: x509.Certificate) -> None:
    """RFC 3161, 2.3: for time stamps alone; and no authority over others."""
    if _is_authority(leaf):
        raise ValueError("signed by a certificate that may sign certificates")
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("signed by a certificate that is not for time stamps alone")


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _between(stamp: TimeStampResponse) -> tuple[int, int]:
    """The whole seconds around the stamp's time, give or take the accuracy that it claims."""
    time, accuracy = stamp.tst_info.gen_time, stamp.tst_info.accuracy
    at_us = int(time.timestamp()) * SECOND_US + time.microsecond
    off_us = 0
    if accuracy is not None:
        off_us = (accuracy.seconds or 0) * SECOND_US
        off_us += (accuracy.millis or 0) * 1_000 + (accuracy.micros or 0)
    low_us, high_us = checked_instant_us(at_us - off_us), checked_instant_us(at_us + off_us)
    return low_us // SECOND_US, -(-high_us // SECOND_US)
