"""What a start finds in the home: earlier entry keys go on opening what was sealed to them."""

import secrets
from pathlib import Path

from comity.assembly import open_store, own_identity
from comity.config import key_path
from comity.home import create_home
from comity.storage.rows import KeyRow
from comity.trust.identity import Role
from comity.trust.keyfile import write_key
from comity.trust.keys import KeyType, SigningKey
from comity.trust.sealed_box import seal_to, unsealed


def test_after_a_rotation_and_a_start_the_earlier_key_still_opens(tmp_path: Path) -> None:
    home = create_home(
        tmp_path / "alpha",
        name="alpha",
        origin="alpha.example/comity/2026",
        address="http://127.0.0.1:7101",
        exercise=None,
        seeds=lambda: secrets.token_bytes(32),
        now_us=1_790_078_400_000_000,
    )
    store = open_store(home.path / "data")
    old = own_identity(home, store).entry
    data = seal_to(old.verifier(), b"where the clinic is", secrets.token_bytes(32))
    new = SigningKey(name=old.name, key_type=KeyType.ED25519, seed=secrets.token_bytes(32))
    write_key(key_path(home, Role.ENTRY, new.verifier().key_id.hex()), new)
    spans = ((old, None, 5), (new, 5, None))
    for key, start, end in spans:
        row = KeyRow(
            origin=home.origin,
            role=Role.ENTRY,
            key=key.verifier().text(),
            start=start,
            end=end,
            revoked_s=None,
        )
        store.write(lambda tx, row=row: tx.post.save_key(row))  # type: ignore[misc]
    identity = own_identity(home, store)
    assert identity.entry_keys == (new, old)
    assert unsealed(identity.entry_keys[1], data) == b"where the clinic is"
    key_path(home, Role.ENTRY, old.verifier().key_id.hex()).unlink()
    assert own_identity(home, store).entry_keys == (new,)  # deleted: it starts all the same
    store.close()
