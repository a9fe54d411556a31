"""Whether a signature holds, asked again: what was verified a moment ago is not computed anew.

One head or entry is looked at in several places while a request is served (by which key, in which
tree, does it extend the one known), each of which must be able to stand alone. Only the answer for
the very same key, message and signature is kept, and only the newest few. Called by trust.note and
journal.cosignature.
"""

from functools import lru_cache

from comity.trust.keys import verify

__all__ = ["REMEMBERED", "holds"]

# What one request asks again it asks at once. `comity bench` verifies more in turn, so that
# it measures the signature and not this.
REMEMBERED = 32

holds = lru_cache(maxsize=REMEMBERED)(verify)
