"""The lines that end a trust file of version 3: a policy of witnesses, and time authorities.

    policy <base64 of a policy file>                0 or 1; in the place of witnesses and quorum
    authority <base64 of a certificate> ...         RFC 3161, DER; roots first, then leaves

What is in them is read as `comity verify --policy` and `--time-authority` read it, so that a trust
file is all that a verifier needs. No I/O. Called by `journal.trustfile`.
"""

from collections.abc import Iterable

from comity.journal.policy import Policy, read_policy
from comity.journal.timestamp import Authority, authority_of, certificate_bytes
from comity.model.fault import Malformed
from comity.wire.canonical import b64, unb64

__all__ = ["AUTHORITIES_MAX", "authority_from_v3", "authority_line", "policy_from_v3"]
__all__ += ["policy_line", "sorted_authorities"]

AUTHORITIES_MAX = 8  # twice what a bundle has stamps of, so that one may follow another


def policy_line(policy: Policy) -> str:
    """The line of a policy: its file, byte for byte."""
    return f"policy {b64(policy.data)}"


def policy_from_v3(value: str) -> Policy:
    """Read a policy's line, after its first word; Malformed or Untrusted as the file would be."""
    return read_policy(unb64(value))


def authority_line(authority: Authority) -> str:
    """The line of an authority."""
    found = (*authority.roots, *authority.leaves)
    return " ".join(("authority", *(b64(certificate_bytes(each)) for each in found)))


def authority_from_v3(value: str) -> Authority:
    """Read an authority's line, after its first word; Malformed unless it is one."""
    return authority_of([unb64(each) for each in value.split(" ")])


def sorted_authorities(authorities: Iterable[Authority]) -> tuple[Authority, ...]:
    """In the order of a file; Malformed if there are too many, or one twice."""
    found = tuple(authorities)
    lines = {authority_line(each): each for each in found}
    if len(lines) != len(found) or len(found) > AUTHORITIES_MAX:
        raise Malformed(
            f"a trust file names at most {AUTHORITIES_MAX} time authorities, each once",
            code="bad_trust",
        )
    return tuple(lines[line] for line in sorted(lines))
