"""A log made and fed by programs of others alone: aics-tlog builds it, aics-witness feeds it.

Imports nothing of ours. Run as a process by `test_foreign_witness`: `key` prints the log's verifier
key, `feed URL VKEY` shows its heads to a witness and prints what came of each, as JSON.
"""

import json
import sys

from aics_tlog import MerkleTree, format_vkey, sign_checkpoint, vkey_from_ed25519
from aics_tlog.checkpoint import Checkpoint
from aics_witness.feeder import FeederError, WitnessClient, merge_cosignatures
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "log.other/2026"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIZES = (1, 255, 256, 700, 700)


def tree(word: str) -> MerkleTree:
    return MerkleTree(f"{word} {number}".encode() for number in range(max(SIZES)))


def head(of: MerkleTree, size: int) -> bytes:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, of.root(size)), KEY, ORIGIN)
    return bytes(note.to_bytes())


def feed(url: str, vkey: str) -> dict[str, object]:
    true, other = tree("entry"), tree("another")
    said: list[str] = []
    with WitnessClient(url, vkey, max_attempts=1) as client:
        for size in SIZES:
            note = head(true, size)
            line = client.submit(note, true.consistency_proof)  # its cosignature is verified
            said.append(line.split(" ")[1])
            merge_cosignatures(note, line)
    with WitnessClient(url, vkey, max_attempts=1) as forgetful:  # 409, then the proof anew
        said.append(forgetful.submit(head(true, 700), true.consistency_proof).split(" ")[1])
        try:
            forgetful.submit(head(other, 700), other.consistency_proof)
        except FeederError as error:
            return {"cosigned": said, "fork": f"{type(error).__name__}: {error}"}
    return {"cosigned": said, "fork": "cosigned"}


if __name__ == "__main__":
    if sys.argv[1] == "key":
        print(format_vkey(vkey_from_ed25519(ORIGIN, KEY.public_key())))
    else:
        print(json.dumps(feed(*sys.argv[2:])))
