"""Loopback for tests: ports of one's own, also beside other tests, and a client without TLS.

A port that was free a moment ago may be anybody's a moment later. These lie below those that the
system gives to callers, and a test process claims one by a name that no other can have meanwhile.
"""

import random
import socket
import ssl

import httpx

__all__ = ["free_port", "plain_client"]

FIRST, LAST = 20_000, 32_000  # Linux gives out ports from 32,768 on
TRIES = 1_000


def free_port() -> int:
    """A loopback port on which nobody listens, and which no other test gets before we end."""
    for port in random.SystemRandom().sample(range(FIRST, LAST), TRIES):
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0comity-test-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        claim.detach()  # held until this process ends
        return port
    raise AssertionError("all ports are taken")


def plain_client(address: str, key: str | None) -> httpx.Client:
    """For plain loopback, where certificates would only be read from the disk each time anew."""
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(
        base_url=address, headers=headers, timeout=15, trust_env=False, verify=no_tls
    )
