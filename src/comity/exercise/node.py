"""One node as the referee sees it: its HTTP interface, and nothing beside it.

A refusal is an answer (`Refused`, with the node's own code and words); anything that should not
happen is Unavailable. Called by fleet, perform, watch and bundles.
"""

from typing import TypeVar

import httpx
import msgspec

from comity.exercise.answers import (
    Accord,
    Alarm,
    Call,
    Conflict,
    EntryRow,
    Message,
    Notice,
    Request,
    Risk,
    Ruling,
    Status,
)
from comity.model.fault import Malformed, Refusal, Refused, Unavailable
from comity.wire.canonical import Json, dumps, loads

__all__ = ["Node"]

_DEADLINE_S = 30.0  # a node answers in milliseconds; a loaded machine gets its time
_ANSWER_BYTES_MAX = 8_388_608
_PAGES_MAX = 1_000
_SERVER_ERROR = 500

_Shape = TypeVar("_Shape")


class Node:
    """The node of one party."""

    def __init__(self, name: str, address: str, key: str) -> None:
        """Connect on first use; `key` is a bearer key with every scope."""
        self.name = name
        self._client = httpx.Client(
            base_url=address,
            headers={"authorization": f"Bearer {key}"},
            timeout=_DEADLINE_S,
            trust_env=False,  # loopback is never behind a proxy
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def status(self) -> Status:
        """GET /status."""
        return self.get("status", Status)

    def notice(self, notice: str) -> Notice:
        """GET /notices/{id}."""
        return self.get(f"notices/{notice}", Notice)

    def notices(self) -> tuple[Notice, ...]:
        """All notices, page by page."""
        return self._pages("notices", Notice)

    def risks(self) -> tuple[Risk, ...]:
        """All units and handles with their states."""
        return self._pages("risks", Risk)

    def alarms(self) -> tuple[Alarm, ...]:
        """All warnings, cleared ones too."""
        return self._pages("warnings", Alarm)

    def conflicts(self) -> tuple[Conflict, ...]:
        """All conflicts, those that are over too."""
        return self._pages("conflicts", Conflict)

    def calls(self) -> tuple[Call, ...]:
        """All accounts of voice calls."""
        return self._pages("calls", Call)

    def requests(self) -> tuple[Request, ...]:
        """All requests, ours and those put to us."""
        return self._pages("requests", Request)

    def accords(self) -> tuple[Accord, ...]:
        """All agreements of two or more parties."""
        return self._pages("agreements", Accord)

    def messages(self, language: str) -> tuple[Message, ...]:
        """All coded messages, ours and those said to us, as a reader of `language` sees them."""
        return self._pages("messages", Message, f"language={language}")

    def open_messages(self) -> tuple[Message, ...]:
        """What no answer has settled, in the order in which the node shows it to people."""
        return self._pages("open-messages", Message, "limit=500")

    def rulings(self, other: str) -> tuple[Ruling, ...]:
        """What is agreed with the party of that origin."""
        return self._pages("rulings", Ruling, f"with={other}")

    def entries(self, start: int) -> tuple[EntryRow, ...]:
        """The lines of the node's journal from the index `start` on."""
        rows = self._pages("entries", EntryRow, "limit=500")
        return tuple(row for row in rows if row.index >= start)

    def get(self, path: str, shape: type[_Shape]) -> _Shape:
        """GET and read one answer."""
        return self._shaped(self._ask("GET", path, None, None), shape)

    def post(self, path: str, body: Json, shape: type[_Shape], key: str) -> _Shape:
        """POST and read one answer; `key` makes a repetition harmless."""
        return self._shaped(self._ask("POST", path, body, key), shape)

    def _pages(self, path: str, shape: type[_Shape], query: str = "") -> tuple[_Shape, ...]:
        found: list[_Shape] = []
        after = f"?{query}" if query else ""
        for _ in range(_PAGES_MAX):
            answer = self._ask("GET", f"{path}{after}", None, None)
            if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
                raise Unavailable(f"{self.name} answers {path} without items")
            found += self._shaped(answer["items"], list[shape])  # type: ignore[valid-type]
            if not answer.get("next"):
                return tuple(found)
            after = f"?{query}&after={answer['next']}" if query else f"?after={answer['next']}"
        raise Unavailable(f"{self.name} has more than {_PAGES_MAX} pages of {path}")

    def _ask(self, method: str, path: str, body: Json, key: str | None) -> Json:
        headers = {"content-type": "application/json"} if body is not None else {}
        if key:
            headers["idempotency-key"] = key
        content = dumps(body) if body is not None else None
        try:
            answer = self._client.request(
                method, f"/api/v1/{path}", content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.name} does not answer: {type(error).__name__}") from error
        if answer.is_success:
            return loads(answer.content, bytes_max=_ANSWER_BYTES_MAX)
        raise self._refused(answer, path)

    def _refused(self, answer: httpx.Response, path: str) -> Exception:
        try:
            problem = loads(answer.content, bytes_max=_ANSWER_BYTES_MAX)
        except Malformed:
            problem = None
        if answer.status_code >= _SERVER_ERROR or not isinstance(problem, dict):
            text = answer.text[:300]
            return Unavailable(f"{self.name} answers {path} with {answer.status_code}: {text}")
        return Refused(
            Refusal(
                code=str(problem.get("code")),
                reason=str(problem.get("detail")),
                what_to_do=str(problem.get("what_to_do")),
                field=str(problem["field"]) if problem.get("field") else None,
            )
        )

    def _shaped(self, answer: Json, shape: type[_Shape]) -> _Shape:
        try:
            return msgspec.convert(answer, shape)
        except msgspec.ValidationError as error:
            raise Unavailable(f"{self.name} answers in another form: {error}") from error
