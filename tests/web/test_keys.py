"""Bearer keys: made, shown once, revoked for good."""

import re
from pathlib import Path

import httpx
import pytest

from comity.model.quantity import instant_text
from comity.web.api import keys
from comity.web.api.keys import new_key
from comity.wire.canonical import sha256
from tests.web.problems import problem
from tests.web.support import ALL, Rig, served


def test_a_key_has_256_bits_and_a_mark() -> None:
    made = {new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"comity_[a-z2-7]{52}", key) for key in made)


def test_a_new_key_opens_what_it_may(rig: Rig, client: httpx.Client) -> None:
    made = client.post("/api/v1/keys", json={"name": "desk", "scopes": ["read", "answer"]}).json()
    caller = made["caller"]
    assert (caller["name"], caller["scopes"], caller["created"], caller["revoked"]) == (
        "desk",
        ["read", "answer"],
        instant_text(rig.clock.now_us()),
        None,
    )
    assert caller["id"] == sha256(made["key"].encode()).hex()
    with rig.client(made["key"]) as desk:
        assert desk.get("/api/v1/status").status_code == 200
        assert problem(desk.get("/api/v1/keys")).code == "scope_missing"
    listed = client.get("/api/v1/keys")
    assert caller in listed.json()["items"]
    assert made["key"] not in listed.text


def test_a_revoked_key_stays_listed_and_revoked(rig: Rig, client: httpx.Client) -> None:
    id_ = client.post("/api/v1/keys", json={"name": "old", "scopes": ["read"]}).json()["caller"][
        "id"
    ]
    for _ in range(2):
        answer = client.delete(f"/api/v1/keys/{id_}")
        assert (answer.status_code, answer.content) == (204, b"")
        rig.clock.set(rig.clock.now_us() + 60_000_000)
    found = next(k for k in client.get("/api/v1/keys").json()["items"] if k["id"] == id_)
    assert str(found["revoked"]) < str(client.get("/api/v1/status").json()["now"])


@pytest.mark.parametrize(
    ("id_", "code"), [("xyz", "bad_id"), ("AB" * 32, "bad_id"), ("ab" * 32, "not_found")]
)
def test_what_is_no_key_cannot_be_revoked(client: httpx.Client, id_: str, code: str) -> None:
    assert problem(client.delete(f"/api/v1/keys/{id_}")).code == code


def test_nobody_locks_everybody_out(tmp_path: Path) -> None:
    with served(tmp_path) as rig, rig.client("all") as client:
        items = client.get("/api/v1/keys").json()["items"]
        admins = [k["id"] for k in items if "admin" in k["scopes"] and not k["revoked"]]
        assert len(admins) == 2
        codes = [
            client.delete(f"/api/v1/keys/{id_}").status_code
            for id_ in sorted(admins, key=lambda id_: id_ == sha256(rig.keys["all"].encode()).hex())
        ]
        assert codes == [204, 409]
        assert client.get("/api/v1/keys").status_code == 200


def test_keys_in_force_are_counted(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    held = sum(k["revoked"] is None for k in client.get("/api/v1/keys").json()["items"])
    monkeypatch.setattr(keys, "CALLERS_MAX", held + 1)
    body = {"name": "full", "scopes": list(ALL)}
    first = client.post("/api/v1/keys", json=body)
    assert first.status_code == 201
    assert problem(client.post("/api/v1/keys", json=body)).code == "too_many_keys"
    client.delete(f"/api/v1/keys/{first.json()['caller']['id']}")
    assert client.post("/api/v1/keys", json=body).status_code == 201
