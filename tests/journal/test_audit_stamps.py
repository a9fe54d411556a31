"""An audit knows a time stamp that is over another head, of another time, changed, or gone."""

import random
import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw
import pytest

from comity.journal.audit import verify_all
from comity.journal.audit_case import OwnKeys
from comity.journal.audit_hashes import hash_all
from comity.journal.audited import Audited
from comity.journal.timestamp import read_authority
from comity.storage.sqlite.inspect import SqliteInspected
from comity.trust.identity import Identity
from tests.journal.authority import StampMaker, make_authority, needs_openssl
from tests.journal.test_audit import flip
from tests.journal.test_stamped import stamp
from tests.journal.two_nodes import TwoNodes, declaration

pytestmark = needs_openssl

URL = "http://127.0.0.1:1/0"  # where test_stamped's first authority stands
COLUMNS = ("hash", "kind", "size", "time_s", "body", "used")


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """A journal with stamps of two heads, and who made them."""

    folder: Path
    identity: Identity
    maker: StampMaker
    other: StampMaker

    def audit(self, folder: Path, authority: StampMaker | None) -> Audited:
        """With the authority that this home names, or with none."""
        named = () if authority is None else ((URL, read_authority(authority.root.pem)),)
        keys = OwnKeys(
            entry=self.identity.entry.verifier(),
            log=self.identity.log.verifier(),
            cosigner=self.identity.cosigner.verifier(),
            witnesses=(),
            authorities=named,
        )
        audited = Audited()
        with closing(SqliteInspected(folder)) as store:
            verify_all(store, hash_all(store, audited), keys, audited)
        return audited

    def copy(self, place: Path) -> Path:
        """One to be damaged."""
        folder = Path(tempfile.mkdtemp(dir=place)) / "alpha"
        shutil.copytree(self.folder, folder)
        return folder


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Stamped:
    place = tmp_path_factory.mktemp("stamped")
    makers = [make_authority(tmp_path_factory.mktemp(name), name) for name in ("one", "two")]
    nodes = TwoNodes(place, start_us=time.time_ns() // 1_000)
    nodes.give(nodes.declare(declaration("EARLIER")))
    assert stamp(nodes, makers[0]) == 1
    nodes.give(nodes.declare())  # which names the stamp as its beacon
    assert stamp(nodes, makers[0]) == 1
    nodes.close()
    return Stamped(
        folder=place / "alpha", identity=nodes.alpha.identity, maker=makers[0], other=makers[1]
    )


def test_what_is_whole_passes_with_its_authority_and_without(stamped: Stamped) -> None:
    with_it = stamped.audit(stamped.folder, stamped.maker)
    assert with_it.flaws == []
    assert with_it.checked["pieces of time evidence"] == 2
    assert "time stamps of strangers" not in with_it.checked
    without = stamped.audit(stamped.folder, None)
    assert without.flaws == []
    assert without.checked["time stamps of strangers"] == 2


def test_a_stamp_of_another_authority_is_found(stamped: Stamped) -> None:
    assert len(stamped.audit(stamped.folder, stamped.other).flaws) == 2


@pytest.mark.parametrize("column", COLUMNS)
def test_a_bit_of_a_stamp_is_found_even_without_its_authority(
    stamped: Stamped, column: str, tmp_path: Path
) -> None:
    for _ in range(3):
        seed = random.getrandbits(32)
        folder = stamped.copy(tmp_path)
        where = flip(folder, f"time_evidence.{column}", random.Random(seed))
        assert stamped.audit(folder, None).flaws, f"{where}, seed {seed}"


def test_stamps_that_are_gone_are_missed(stamped: Stamped, tmp_path: Path) -> None:
    folder = stamped.copy(tmp_path)
    with closing(apsw.Connection(str(folder / "journal.db"))) as database:
        database.execute("DELETE FROM time_evidence")
    found = [flaw.what for flaw in stamped.audit(folder, None).flaws]
    named = "the evidence of time that it names is gone"
    assert set(found) == {"it is gone", named}  # how many entries name it hangs on the second
    assert found.count("it is gone") == 2
