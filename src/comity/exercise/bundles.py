"""Evidence bundles, fetched, written and checked by `comity verify`; and the trust file.

A bundle holds the heads of the two parties of one delivered notice. What is proven is what
`verify` says of it, run as a process of its own with the trust file, as a stranger would. Called
by run.
"""

import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from comity.exercise.node import Node
from comity.exercise.process import run_comity
from comity.exercise.record import PartyRecord, Record
from comity.journal.trustfile import trust_text
from comity.model.fault import Malformed, Refused, Unavailable
from comity.model.party import Card
from comity.trust.keys import SEED_BYTES, KeyType, SigningKey
from comity.trust.note import serialise, sign_note
from comity.wire.canonical import unb64

__all__ = ["Bundle", "fetch_bundles", "verified", "write_trust"]

_FILES_MAX = 64
_ENROLMENT_ENTRIES_MAX = 64
_PROVEN = 0
_NAME_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle on disk, the two parties whose heads it holds, and whether it is the judged one."""

    folder: Path
    parties: tuple[str, str]
    judged: bool


class _Files(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request for a bundle."""

    files: dict[str, str]


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a request for an entry."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """A notice that was delivered."""

    notice: str
    label: str
    by: str
    to: str
    origin: str


def fetch_bundles(record: Record, nodes: Mapping[str, Node], folder: Path) -> tuple[Bundle, ...]:
    """The bundle of the judged notice, if it was delivered, and others until each party has one.

    Where no notice passed between two parties, the bundle is that of the terms they countersigned.
    """
    wanted = _wanted(list(_given(record)), record.judged)
    bundles: list[Bundle] = []
    for given in wanted:
        target = folder / f"{given.label}-to-{given.to}"
        path = f"notices/{given.notice}/bundle?to={given.origin}"
        try:
            _write(nodes[given.by].get(path, _Files), target)
        except Refused as error:
            raise Unavailable(f"{given.by} gives no bundle: {error.reason}") from error
        bundles.append(
            Bundle(
                folder=target,
                parties=(given.by, given.to),
                judged=given.notice == record.judged,
            )
        )
    bundles += _terms_bundles(record, nodes, folder, {p for b in bundles for p in b.parties})
    return tuple(bundles)


def _terms_bundles(
    record: Record, nodes: Mapping[str, Node], folder: Path, covered: set[str]
) -> list[Bundle]:
    """For parties that gave and got no notice: the agreement that they countersigned."""
    names = {found.status.origin: found.party for found in record.parties}
    bundles: list[Bundle] = []
    for found in record.parties:
        for line in found.status.parties:
            to = names.get(line.origin, line.name)
            if found.party in covered and to in covered:
                continue
            target = folder / f"{found.party}-agreement-to-{to}"
            index = _terms_index(nodes[found.party], line.origin)
            _write(nodes[found.party].get(f"entries/{index}/bundle", _Files), target)
            bundles.append(Bundle(folder=target, parties=(found.party, to), judged=False))
            covered |= {found.party, to}
    return bundles


def _terms_index(node: Node, origin: str) -> int:
    """Where a node's journal holds its terms for a party: among the first entries, at enrolment."""
    for index in range(_ENROLMENT_ENTRIES_MAX):
        lines = node.get(f"entries/{index}", _Entry).note.split("\n")
        if lines[0] == "comity/agreement@v1" and f"to {origin}" in lines:
            return index
    raise Unavailable(f"{node.name} holds no terms for {origin}")


def write_trust(path: Path, name: str, cards: Sequence[Card], witnesses: Sequence[str]) -> None:
    """Write the trust file: who is who in this exercise, signed by a referee's key made for it."""
    key = SigningKey(
        name=f"referee.example/{name}",
        key_type=KeyType.ED25519,
        seed=secrets.token_bytes(SEED_BYTES),
    )
    # Each variant has a witness of its own, so one of them is all that a bundle can show.
    text = trust_text(cards, witnesses, signer=key.verifier().text(), quorum=1)
    path.write_bytes(serialise(sign_note(text, key)))


def verified(bundles: Iterable[Bundle], trust: Path) -> dict[str, bool]:
    """Party -> whether every bundle that holds its head is proven, by `comity verify`."""
    found: dict[str, bool] = {}
    for bundle in bundles:
        code, _, _ = run_comity(["verify", str(bundle.folder), "--trust", str(trust), "--json"])
        for party in bundle.parties:
            found[party] = found.get(party, True) and code == _PROVEN
    return found


def _given(record: Record) -> Iterable[_Given]:
    """Every delivered notice, in the order of parties and of time."""
    names = {found.status.origin: found.party for found in record.parties}
    for found in record.parties:
        for notice in sorted(found.notices, key=lambda notice: notice.issued):
            if names.get(notice.owner, notice.owner) != found.party:
                continue
            for delivery in notice.deliveries:
                to = names.get(delivery.to, delivery.to)
                if delivery.delivered is not None:
                    yield _Given(
                        notice=notice.id,
                        label=record.labels.get(notice.id, notice.id).replace("/", "-"),
                        by=found.party,
                        to=to,
                        origin=_origin(record.parties, to),
                    )


def _wanted(given: Sequence[_Given], judged: str) -> list[_Given]:
    """The judged notice first; then whatever brings in a party that no bundle holds yet."""
    wanted = [one for one in given if one.notice == judged][:1]
    for one in given:
        covered = {party for chosen in wanted for party in (chosen.by, chosen.to)}
        if not {one.by, one.to} <= covered:
            wanted.append(one)
    return wanted


def _origin(parties: Iterable[PartyRecord], name: str) -> str:
    return next((found.status.origin for found in parties if found.party == name), name)


def _write(files: _Files, folder: Path) -> None:
    """Write a bundle's files; names are plain, so that nothing lands outside the folder."""
    if len(files.files) > _FILES_MAX:
        raise Malformed(f"a bundle has at most {_FILES_MAX} files", code="too_large")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.files.items():
        if not name or name.startswith(".") or not set(name) <= _NAME_CHARS:
            raise Malformed(f"{name[:40]!r} is no file name for a bundle", code="bad_name")
        (folder / name).write_bytes(unb64(text))
