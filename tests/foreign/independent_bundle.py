"""A second verifier of evidence bundles, written from docs/reference/bundle.md alone.

Shares no code with Comity: the standard library, and signatures from `cryptography`. It answers one
question, whether a bundle proves that an entry was given and received, and says what it read. It
admits no keys, knows no policies and looks for no misbehaviour. Run it: `python
independent_bundle.py BUNDLE TRUST`.
"""

import base64
import hashlib
import re
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

Key = tuple[str, bytes, int, bytes]  # name, id, type, public key
HEADS = ("", "-witnessed", "-stamped")
OF = ("notice", "bind")  # the sender's
PROOF_OF = {f"{of}{head}.tlog-proof": f"{of}.note" for of in OF for head in HEADS}
NUL = b"\0"


class ProofError(Exception):
    """It is not proven."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise ProofError(why)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def b64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    need(text64(data) == text, "base64")
    return data


def text64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def number(text: str) -> int:
    need(re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII), "number")
    return int(text)


def note(data: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text, and (name, key id and signature) of each line."""
    text, blank, lines = data.decode().rpartition("\n\n")
    need(blank and lines.endswith("\n"), "note")
    need(not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text), "control character")
    split = re.findall("(?m)^\u2014 ([^ +\n]+) ([^ \n]+)$", lines)
    need(len(split) == lines.count("\n"), "signature line")
    return text + "\n", [(name, b64(blob)) for name, blob in split]


def key_of(text: str) -> Key:
    name, key_id, encoded = text.split("+", 2)
    data = b64(encoded)
    need(sha(f"{name}\n".encode() + data)[:4].hex() == key_id, "key id")
    return name, bytes.fromhex(key_id), data[0], data[1:]


def signed(data: bytes, key: Key) -> tuple[str, int]:
    """The text that `key` signed, and when (0 for keys without a time)."""
    text, lines = note(data)
    mine = [blob[4:] for name, blob in lines if (name, blob[:4]) == (key[0], key[1])]
    need(len(mine) == 1, f"not signed once by {key[0]}")
    message, blob, time = text.encode(), mine[0], 0
    if key[2] != 1:
        time, blob = struct.unpack(">Q", blob[:8])[0], blob[8:]
        message = f"cosignature/v1\ntime {time}\n".encode() + message
    if key[2] == 6:
        message = quantum(key[0], time, text)
    kind = MLDSA44PublicKey if key[2] == 6 else Ed25519PublicKey
    try:
        kind.from_public_bytes(key[3]).verify(blob, message)
    except InvalidSignature:
        raise ProofError(f"false signature of {key[0]}") from None
    return text, time


def quantum(cosigner: str, time: int, text: str) -> bytes:
    origin, size, root, _ = text.split("\n")
    names = [bytes([len(name.encode())]) + name.encode() for name in (cosigner, origin)]
    numbers = [struct.pack(">Q", each) for each in (time, 0, number(size))]
    label = b"subtree/v1\n\0"
    return label + names[0] + numbers[0] + names[1] + numbers[1] + numbers[2] + b64(root)


def root_from(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2."""
    need(index < size, "index")
    at, last, found = index, size - 1, leaf
    for sibling in path:
        need(last > 0, "proof too long")
        if at & 1 or at == last:
            found = sha(b"\x01" + sibling + found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = sha(b"\x01" + found + sibling)
        at, last = at >> 1, last >> 1
    need(last == 0, "proof too short")
    return found


def logged(entry: bytes, proof: bytes, log: Key) -> tuple[int, str, bytes]:  # index, head, note
    head, _, checkpoint = proof.partition(b"\n\n")
    magic, index, *hashes = head.decode("ascii").split("\n")
    need(magic == "c2sp.org/tlog-proof@v1" and index.startswith("index "), "proof")
    text, _ = signed(checkpoint, log)
    origin, size, root, end = text.split("\n")
    need(origin == log[0] and not end, "origin")
    at, path = number(index[6:]), [b64(each) for each in hashes]
    need(root_from(sha(NUL + entry), at, number(size), path) == b64(root), "inclusion")
    return at, f"{size} {root}", checkpoint


def fields_of(data: bytes) -> dict[str, str]:
    lines = note(data)[0][:-1].split("\n")
    return {"type": lines[0], **dict(line.split(" ", 1) for line in lines[1:])}


def read_trust(data: bytes) -> tuple[dict[str, list[Key]], list[Key]]:
    lines = [line.split(" ") for line in note(data)[0][:-1].split("\n")]
    need(lines[0] == ["comity/trust@v1"] and lines[1][1] in {"1", "2", "3"}, "trust")
    signed(data, key_of(lines[2][1]))
    found: list[tuple[str, list[Key]]] = [("", [])]  # the parties, and before them the witnesses
    for word, *when, text in (line for line in lines[3:] if line[0] != "authority"):
        need(word != "policy", "policies are not looked at here")
        found += [(text, [])] if word == "party" else []
        if word not in {"party", "quorum"} and "log-mldsa" not in when and set(when[-2:]) <= {"-"}:
            found[0 if word == "witness" else -1][1].append(key_of(text))  # with open windows only
    return dict(found[1:]), found[0][1]


def check_manifest(files: dict[str, bytes], entry_key: Key) -> list[str]:
    magic, subject, *lines = signed(files["MANIFEST.note"], entry_key)[0][:-1].split("\n")
    need(magic == "comity/manifest@v1" and subject.startswith("subject "), "manifest")
    found = [f"file {name} {len(data)} {text64(sha(data))}" for name, data in files.items()]
    need(lines == sorted(each for each in found if " MANIFEST.note " not in each), "files")
    return subject.split(" ")[1:]


def read_opening(data: bytes, content: dict[str, str]) -> dict[str, bytes]:
    """Path -> value of every leaf, the list of paths (leaf 0) under the empty path."""
    magic, *lines = data.decode("ascii").removesuffix("\n").split("\n")
    need(magic == "comity/opening@v1", "opening")
    size, root, values = int(content["content-leaves"]), b64(content["content-root"]), {}
    for block in re.split(r"(?m)^leaf ", "\n".join(lines))[1:]:
        index, path, salt, value, *hashes = block.removesuffix("\n").split("\n")
        where = b"" if path == "path -" else path.removeprefix("path ").encode()
        shown = b"" if value == "value -" else b64(value.removeprefix("value "))
        leaf = b"comity/field/v1\0" + b64(salt.removeprefix("salt "))
        leaf += struct.pack(">H", len(where)) + where + struct.pack(">I", len(shown)) + shown
        path_up = [b64(each.removeprefix("hash ")) for each in hashes]
        need(root_from(sha(NUL + leaf), number(index), size, path_up) == root, "field")
        values[where.decode()] = shown
    need("" in values, "the list of fields")
    return values


def verify(files: dict[str, bytes], trust: bytes) -> dict[str, object]:
    """What the bundle proves; ProofError (or ValueError and such) if it does not."""
    parties, witnesses = read_trust(trust)
    notice, receipt = files["notice.note"], files["receipt.note"]
    given, taken = fields_of(notice), fields_of(receipt)
    need({given["from"], given["to"]} <= set(parties) and given["from"] != given["to"], "parties")
    entry_key, log, _ = parties[given["from"]]
    peer_entry_key, peer_log, cosigner = parties[given["to"]]
    subject = check_manifest(files, entry_key)
    signed(notice, entry_key)
    signed(receipt, peer_entry_key)
    at, head, _ = logged(notice, files["notice.tlog-proof"], log)
    need(subject == [given["content-root"], str(at)], "subject")
    need((taken["from"], taken["to"]) == (given["to"], given["from"]), "receipt of others")
    need(taken["given"] == f"{text64(sha(NUL + notice))} {at}", "receipt for another entry")
    need(taken["peer-checkpoint"] == head, "receipt binds another head")
    _, theirs, their_note = logged(receipt, files["receipt.tlog-proof"], peer_log)
    if "bind.tlog-proof" in files:
        bind = fields_of(files["bind.note"])
        signed(files["bind.note"], entry_key)
        need((bind["peer"], bind["peer-checkpoint"]) == (given["to"], theirs), "another head")
        need(b64(bind["note-hash"]) == sha(their_note), "binding of another note")
        need(bind["ref"] == text64(sha(NUL + receipt)), "binding of another receipt")
    there = [(name, files[of]) for name, of in PROOF_OF.items() if name in files]
    heads = {name: logged(entry, files[name], log)[2] for name, entry in there}
    times = {name: cosigned(head, [cosigner, *witnesses]) for name, head in heads.items()}
    if "beacon.note" in files:
        need(given["beacon"] == text64(sha(files["beacon.note"])), "beacon")
        times["beacon.note"] = cosigned(files["beacon.note"], witnesses)
    shown = read_opening(files["opening.txt"], given) if "opening.txt" in files else {}
    return {"index": at, "verdict": taken["verdict"], "times": times, "fields": shown}


def cosigned(head: bytes, keys: list[Key]) -> list[int]:
    there = {(name, blob[:4]) for name, blob in note(head)[1]}
    return [signed(head, key)[1] for key in keys if (key[0], key[1]) in there]


if __name__ == "__main__":
    folder, trust_path = (Path(argument) for argument in sys.argv[1:])
    found = {each.name: each.read_bytes() for each in folder.iterdir()}
    sys.stdout.write(f"{verify(found, trust_path.read_bytes())}\n")
