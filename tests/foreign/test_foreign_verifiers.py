"""Programs that this project did not write read our bytes, and refuse them with one bit flipped.

Rust: metamorphic-log. Python: tlog-scales, which also writes a log for us to read. Go: the packages
of the checksum database, golang.org/x/mod/sumdb, where a Go tool chain and Debian's
golang-golang-x-mod-dev are installed.
"""

import logging
import os
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import metamorphic_log
import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales import cli as scales_cli
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import MLDSA44CosignatureSigner, PlainEd25519Signer, Vkey, VkeySet
from tlog_scales.tlog import Checkpoint as ScalesCheckpoint
from tlog_scales.tlog import (
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)
from tlog_scales.writer import TilesWriter

from comity.journal.checkpoint import Checkpoint, checkpoint_text, parse_checkpoint
from comity.journal.cosignature import cosign, cosigned_at
from comity.journal.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    nodes_for_append,
    root,
    verify_inclusion,
)
from comity.journal.tile import TileRef, hash_tile, pack_entries, tiles_of, unpack_entries
from comity.journal.tlog_proof import TlogProof, check_proof, parse_proof, serialise_proof
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, Signature, parse_note, serialise, sign_note, signed_by
from comity.wire.canonical import b64

SIZES = (1, 255, 256, 257, 1000)
LOG = SigningKey(name="north.example/2026", key_type=KeyType.ED25519, seed=bytes([1]) * 32)
DESK = SigningKey(name="north.example/desk", key_type=KeyType.ED25519, seed=bytes([2]) * 32)
PEER = SigningKey(name="south.example/peer", key_type=KeyType.COSIGNATURE_V1, seed=bytes([3]) * 32)
LOG_KEY, DESK_KEY, PEER_KEY = (key.verifier().text() for key in (LOG, DESK, PEER))
ENTRIES = [
    serialise(sign_note(f"comity/test@v1\nseq {i}\ntext é, \u2014 and 漢字\n", DESK))
    for i in range(max(SIZES))
]
NODES: dict[tuple[int, int], bytes] = {}


def get(level: int, index: int) -> bytes:
    return NODES[level, index]


for number, entry in enumerate(ENTRIES):
    for at_level, at_index, value in nodes_for_append(number, leaf_hash(entry), get):
        NODES[at_level, at_index] = value


def samples(size: int) -> list[int]:
    """Leaves on both sides of every tile's edge, and some between."""
    wanted = {0, 1, 2, 100, 254, 255, 256, 257, 511, 512, 700, 767, 768, size - 2, size - 1}
    return sorted(wanted & set(range(size)))


def flipped(data: bytes) -> bytes:
    """The last bit flipped."""
    return data[:-1] + bytes([data[-1] ^ 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLog:
    """A log of `size` entries as it would stand on a static host, signed by LOG and PEER."""

    size: int
    directory: Path

    @property
    def root(self) -> bytes:
        return root(self.size, get)

    @property
    def note(self) -> Note:
        text = checkpoint_text(Checkpoint(origin=LOG.name, size=self.size, root=self.root))
        lines = (*sign_note(text, LOG).signatures, cosign(text, PEER, 1_795_330_000))
        return Note(text=text, signatures=lines)

    @property
    def checkpoint(self) -> str:
        return serialise(self.note).decode()

    def with_bent_signature(self, which: int) -> str:
        """The checkpoint with the last bit of one signature flipped."""
        lines = list(self.note.signatures)
        lines[which] = replace(lines[which], blob=flipped(lines[which].blob))
        return serialise(replace(self.note, signatures=tuple(lines))).decode()

    def write(self) -> None:
        for tile in tiles_of(self.size):
            if tile.level is None:
                start = tile.index * 256
                data = pack_entries(ENTRIES[start : start + tile.width])
            else:
                data = hash_tile(tile.level, tile.index, tile.width, get)
            path = self.directory / tile.path()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (self.directory / "checkpoint").write_text(self.checkpoint, encoding="utf-8")
        (self.directory / "proofs").write_text(self._proofs(), encoding="ascii")

    def _proofs(self) -> str:
        """Our own proofs in the lines that go/verify.go reads."""
        lines = [
            words("record", index, inclusion_proof(index, self.size, get))
            for index in samples(self.size)
        ]
        for index in samples(self.size):
            old = index + 1
            hashes = (root(old, get), *consistency_proof(old, self.size, get))
            lines.append(words("tree", old, hashes))
        return "".join(lines)


def words(kind: str, number: int, hashes: Iterable[bytes]) -> str:
    return " ".join([kind, str(number), *(b64(value) for value in hashes)]) + "\n"


@pytest.fixture(params=SIZES)
def log(request: pytest.FixtureRequest, tmp_path: Path) -> WrittenLog:
    written = WrittenLog(size=request.param, directory=tmp_path)
    written.write()
    return written


# --- Rust: metamorphic-log -----------------------------------------------------------------------


def test_rust_accepts_notes_and_checkpoints(log: WrittenLog) -> None:
    assert metamorphic_log.verify_signed_note(ENTRIES[0].decode(), [DESK_KEY]) == 1
    head = metamorphic_log.checkpoint_verify(log.checkpoint, [LOG_KEY])
    assert (head.origin, head.size, head.root, head.extensions) == (
        LOG.name,
        log.size,
        log.root,
        [],
    )


def test_rust_accepts_proofs(log: WrittenLog) -> None:
    for index in samples(log.size):
        proof = list(inclusion_proof(index, log.size, get))
        leaf = leaf_hash(ENTRIES[index])
        metamorphic_log.checkpoint_verify_inclusion(log.checkpoint, [LOG_KEY], index, leaf, proof)
        older = WrittenLog(size=index + 1, directory=log.directory).checkpoint
        proof = list(consistency_proof(index + 1, log.size, get))
        metamorphic_log.checkpoint_verify_consistency(older, log.checkpoint, [LOG_KEY], proof)


def test_rust_refuses_one_flipped_bit(log: WrittenLog) -> None:
    head = log.note.text
    bent_text = log.checkpoint.replace(head, head.replace("2026", "2027"))
    for note in (log.with_bent_signature(0), bent_text):
        with pytest.raises(metamorphic_log.VerifyError):
            metamorphic_log.checkpoint_verify(note, [LOG_KEY])
    last = log.size - 1
    leaf, proof = leaf_hash(ENTRIES[last]), list(inclusion_proof(last, log.size, get))
    bent_proofs = [[*proof[:i], flipped(p), *proof[i + 1 :]] for i, p in enumerate(proof)]
    for bent_leaf, bent_proof in [(flipped(leaf), proof), *((leaf, bent) for bent in bent_proofs)]:
        with pytest.raises(metamorphic_log.VerifyError):
            metamorphic_log.verify_inclusion(last, log.size, bent_leaf, bent_proof, log.root)
    old = max(1, log.size - 1)
    before, steps = root(old, get), list(consistency_proof(old, log.size, get))
    bent_steps = [[*steps[:i], flipped(p), *steps[i + 1 :]] for i, p in enumerate(steps)]
    for bent_root, bent in [(flipped(before), steps), *((before, bent) for bent in bent_steps)]:
        with pytest.raises(metamorphic_log.VerifyError):
            metamorphic_log.verify_consistency(old, log.size, bent, bent_root, log.root)


# --- Python: tlog-scales -------------------------------------------------------------------------


def scales(log: WrittenLog) -> TilesReader:
    reader = TilesReader(LocalBackend(log.directory))
    reader.get_checkpoint()
    return reader


def test_scales_reads_our_tiles(log: WrittenLog) -> None:
    reader = scales(log)
    assert reader.calculate_root_hash() == log.root
    for index in samples(log.size):
        assert reader.get_entry(index) == ENTRIES[index]
        theirs = reader.get_inclusion_proof(index, log.size)
        assert tuple(theirs.node_hashes) == inclusion_proof(index, log.size, get)
        grown = reader.get_consistency_proof(index + 1, log.size)
        assert tuple(grown.node_hashes) == consistency_proof(index + 1, log.size, get)


def test_scales_accepts_our_proofs(log: WrittenLog) -> None:
    for index in samples(log.size):
        proof = list(inclusion_proof(index, log.size, get))
        InclusionProof(index, log.size, proof).check(leaf_hash(ENTRIES[index]), log.root)
        steps = list(consistency_proof(index + 1, log.size, get))
        ConsistencyProof(index + 1, log.size, steps).check(root(index + 1, get), log.root)


def test_scales_accepts_our_signatures_and_cosignatures(log: WrittenLog) -> None:
    checkpoint = scales(log).get_checkpoint()
    keys = VkeySet(Vkey.from_string(LOG_KEY), Vkey.from_string(PEER_KEY))
    held = {key.name for key, _ in keys.verify(checkpoint.signatures, checkpoint)}
    assert held == {LOG.name, PEER.name}


def test_scales_and_we_accept_each_others_mldsa_signatures() -> None:
    seed, name = bytes(range(32)), "north.example/hotline/2026"
    theirs = MLDSA44CosignatureSigner(name, seed)
    ours = SigningKey(name=name, key_type=KeyType.ML_DSA_44, seed=seed)
    assert str(Vkey.from_string(ours.verifier().text())) == str(theirs.vkey)
    text = checkpoint_text(Checkpoint(origin=name, size=5, root=bytes(range(32))))
    line = cosign(text, ours, 1_795_330_000)
    head = ScalesCheckpoint.from_text(serialise(Note(text=text, signatures=(line,))).decode())
    verifier = theirs.vkey.get_verifier()
    verifier.verify_note(head.signatures[0], head)
    other = checkpoint_text(Checkpoint(origin=name, size=6, root=bytes(range(32))))
    false = ScalesCheckpoint.from_text(serialise(Note(text=other, signatures=(line,))).decode())
    with pytest.raises(InvalidSignature):
        verifier.verify_note(false.signatures[0], false)
    back = Signature(name=name, key_id=line.key_id, blob=theirs.sign(head).payload)
    assert cosigned_at(Note(text=text, signatures=(back,)), ours.verifier())


def test_scales_writes_the_tlog_proof_that_we_write(
    log: WrittenLog, capsys: pytest.CaptureFixture[str]
) -> None:
    for index in samples(log.size):
        scales_cli.cmd_gen_proof(Namespace(location=str(log.directory), leaf_index=index))
        theirs = capsys.readouterr().out.encode()
        hashes = inclusion_proof(index, log.size, get)
        ours = TlogProof(index=index, hashes=hashes, checkpoint=log.note)
        assert serialise_proof(ours) == theirs
        leaf = leaf_hash(ENTRIES[index])
        assert check_proof(parse_proof(theirs), leaf, LOG.verifier()).size == log.size


def test_scales_refuses_one_flipped_bit(log: WrittenLog, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    keys = VkeySet(Vkey.from_string(LOG_KEY), Vkey.from_string(PEER_KEY))
    for which, other in ((0, PEER.name), (1, LOG.name)):
        (log.directory / "checkpoint").write_text(log.with_bent_signature(which), encoding="utf-8")
        checkpoint = scales(log).get_checkpoint()
        held = [key.name for key, _ in keys.verify(checkpoint.signatures, checkpoint)]
        assert held == [other]
    log.write()
    assert not any(scales_notices(log, tile) for tile in tiles_of(log.size))
    for tile in tiles_of(log.size):
        path = log.directory / tile.path()
        good = path.read_bytes()
        path.write_bytes(flipped(good))
        assert scales_notices(log, tile)
        path.write_bytes(good)
    last = log.size - 1
    leaf, proof = leaf_hash(ENTRIES[last]), inclusion_proof(last, log.size, get)
    with pytest.raises(InclusionProofInvalid):
        InclusionProof(last, log.size, list(proof)).check(flipped(leaf), log.root)
    with pytest.raises(ConsistencyProofInvalid):
        ConsistencyProof(log.size, log.size, []).check(flipped(log.root), log.root)


def scales_notices(log: WrittenLog, tile: TileRef) -> bool:
    """Whether its root, its proof of the tile's first leaf or its last entry of a bundle is off."""
    reader = scales(log)
    if tile.level is None:
        last = tile.index * 256 + tile.width - 1
        return bool(reader.get_entry(last) != ENTRIES[last])
    if reader.calculate_root_hash() != log.root:
        return True
    # A full tile is not read for the root: its hash stands one level up. Its leaves need it.
    first = tile.index << 8 * (tile.level + 1)
    proof = reader.get_inclusion_proof(first, log.size)
    try:
        proof.check(leaf_hash(ENTRIES[first]), log.root)
    except InclusionProofInvalid:
        return True
    return False


def test_we_accept_a_log_that_scales_wrote(log: WrittenLog, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    writer = TilesWriter.create(theirs, LOG.name)
    for batch in (ENTRIES[: log.size // 2], ENTRIES[log.size // 2 : log.size]):
        for leaf in batch:
            writer.add_leaf(leaf)
        writer.commit([PlainEd25519Signer(LOG.name, LOG.seed)])
    for tile in tiles_of(log.size):
        data = (theirs / tile.path()).read_bytes()
        assert data == (log.directory / tile.path()).read_bytes()
        if tile.level is None:
            start = tile.index * 256
            assert unpack_entries(data, tile.width) == tuple(ENTRIES[start : start + tile.width])
    note = parse_note((theirs / "checkpoint").read_bytes())
    signed_by(note, LOG.verifier())
    head = parse_checkpoint(note.text)
    assert (head.origin, head.size, head.root) == (LOG.name, log.size, log.root)
    foreign = TilesReader(LocalBackend(theirs))
    foreign.get_checkpoint()
    for index in samples(log.size):
        proof = foreign.get_inclusion_proof(index, log.size).node_hashes
        assert verify_inclusion(leaf_hash(ENTRIES[index]), index, head.size, proof, head.root)


# --- Go: golang.org/x/mod/sumdb ------------------------------------------------------------------

GO_SOURCES = Path("/usr/share/gocode")  # where Debian's packages of Go libraries live


@pytest.fixture(scope="session")
def go_verify(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build go/verify.go without any network."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go tool chain on this machine")
    if not (GO_SOURCES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("Debian's golang-golang-x-mod-dev is not installed")
    program = tmp_path_factory.mktemp("go") / "verify"
    source = Path(__file__).parent / "go" / "verify.go"
    settings = {
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": str(GO_SOURCES),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
    subprocess.run(
        [go, "build", "-o", program, source], check=True, timeout=120, env=os.environ | settings
    )
    return program


def run_go(program: Path, log: WrittenLog) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, log.directory, LOG_KEY, DESK_KEY],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )


@pytest.mark.timeout(180)
def test_go_accepts_our_log(go_verify: Path, log: WrittenLog) -> None:
    done = run_go(go_verify, log)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"verified {log.size} {b64(log.root)}\n"


@pytest.mark.timeout(180)
def test_go_refuses_one_flipped_bit(go_verify: Path, log: WrittenLog) -> None:
    files = [path for path in log.directory.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"checkpoint", "proofs"}
    for path in files:
        good = path.read_bytes()
        if path.name == "checkpoint":
            bent = log.with_bent_signature(0).encode()
        elif path.name == "proofs":
            # The last line says: the tree of this size has this root. Flip a bit of the root.
            claimed = b64(log.root).encode()
            assert good.endswith(claimed + b"\n")
            bent = good.removesuffix(claimed + b"\n") + b64(flipped(log.root)).encode() + b"\n"
        else:
            bent = flipped(good)
        path.write_bytes(bent)
        done = run_go(go_verify, log)
        assert (path.name, done.returncode, done.stdout) == (path.name, 1, "")
        path.write_bytes(good)
    assert run_go(go_verify, log).returncode == 0
