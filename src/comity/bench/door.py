"""A node's HTTP interface, as far as a measurement needs it.

Whatever is not a success raises Unavailable: a measurement goes on with no refusal. May be used
from several threads. Called by pair and the measurements.
"""

from typing import TypeVar

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from comity.model.fault import Malformed, Unavailable
from comity.wire.canonical import Json, dumps, loads

__all__ = ["Door"]

_DEADLINE_S = 30.0  # a node answers in milliseconds; a loaded machine gets its time
_ANSWER_BYTES_MAX = 8_388_608
_SAID_CHARS_MAX = 300

_Shape = TypeVar("_Shape")


class Door:
    """The interface of one node."""

    def __init__(self, name: str, address: str, key: str) -> None:
        """Connect on first use; `key` is a bearer key with every scope."""
        self.name = name
        self._client = httpx.Client(
            base_url=address,
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            timeout=_DEADLINE_S,
            trust_env=False,  # loopback is never behind a proxy
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, shape: type[_Shape]) -> _Shape:
        """GET and read the parts of the answer that `shape` names."""
        return self._ask("GET", path, None, shape)

    def post(self, path: str, body: Json, shape: type[_Shape]) -> _Shape:
        """POST and read the parts of the answer that `shape` names."""
        return self._ask("POST", path, dumps(body), shape)

    def metric(self, name: str, *, party: str) -> float:
        """One sample of what it counts toward a party; 0 while there is none."""
        try:
            answer = self._client.get("/metrics").raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.name} shows no metrics: {type(error).__name__}") from error
        samples = (s for f in text_string_to_metric_families(answer.text) for s in f.samples)
        found = (s.value for s in samples if s.name == name and s.labels.get("party") == party)
        return next(found, 0.0)

    def _ask(self, method: str, path: str, body: bytes | None, shape: type[_Shape]) -> _Shape:
        try:
            answer = self._client.request(method, f"/api/v1/{path}", content=body)
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.name} does not answer: {type(error).__name__}") from error
        if not answer.is_success:
            said = answer.text[:_SAID_CHARS_MAX]
            raise Unavailable(f"{self.name} answers {path} with {answer.status_code}: {said}")
        try:
            return msgspec.convert(loads(answer.content, bytes_max=_ANSWER_BYTES_MAX), shape)
        except (Malformed, msgspec.ValidationError) as error:
            raise Unavailable(f"{self.name} answers in another form: {error}") from error
