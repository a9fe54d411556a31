"""What the tests share: a stand-in node, homes, and documents as a node answers them."""

import json
import secrets
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Protocol, Self

import msgspec

from comity.config import Home
from comity.home import create_home
from comity.model.lifecycle import LifeState
from comity.model.notice import Code, Craft, Domain, Onward, Purpose, SubjectKind
from comity.web.api.shapes import (
    Delivery,
    Footprint,
    KeyFields,
    NoticeReceipt,
    NoticeView,
    PartyView,
    StatusView,
    Volume,
)
from comity.web.api.time_shapes import ClockView
from comity.wire.canonical import Json

NOW_US = 1_900_000_000_000_000  # 2030-03-17T17:46:40Z
NOTICE = "4f1d2c7a90be" + "0" * 52
PEER = "bravo.example/comity/2026"
FIELDS = KeyFields(
    start="2030-01-01T10:00:00Z",
    end="2030-01-01T10:30:00Z",
    points=[(35.5, 35.7)],
    lower_m=0.0,
    upper_m=6096.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    def json(self) -> Json:
        """What it printed, which must be one line of JSON."""
        (line,) = self.out.splitlines()
        value: Json = json.loads(line)
        return value


class Comity(Protocol):
    """A command line: words in, how it ended out."""

    def __call__(self, *words: str | Path, stdin: str = "") -> Answer:
        """Run it."""
        ...


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request that reached the stand-in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json


@dataclass(slots=True, kw_only=True)
class Script:
    """What the stand-in answers, by method and path; and what it was asked."""

    answers: dict[tuple[str, str], tuple[int, Json]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lose: int = 0  # so many requests get no answer at all


class StandIn:
    """An HTTP server on loopback that answers what a test has put down."""

    def __init__(self, tls: tuple[Path, Path] | None = None) -> None:
        """Bind a free port; `tls` is certificate and key."""
        self.script = Script()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self.script))
        self._server.daemon_threads = True
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.address = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.lists(f"chains/{NOTICE}", [])  # unless a test says otherwise
        self.says("GET", f"notices/{NOTICE}/relay", nobody_told())
        self.lists("risks", [])

    def __enter__(self) -> Self:
        """Serve."""
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def says(self, method: str, path: str, answer: Json, status: int = 200) -> None:
        """Put down an answer for `/api/v1/{path}`, query included."""
        self.script.answers[method, f"/api/v1/{path}"] = (status, answer)

    def lists(self, path: str, rows: Iterable[Json]) -> None:
        """Put down a list that ends."""
        self.says("GET", path, {"items": [*rows], "next": None})

    @property
    def last(self) -> Asked:
        """The newest request."""
        return self.script.asked[-1]


def _door(script: Script) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def answer(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            script.asked.append(
                Asked(
                    method=self.command,
                    path=self.path,
                    headers=dict(self.headers.items()),
                    body=json.loads(data) if data else None,
                )
            )
            if script.lose:
                script.lose -= 1
                self.close_connection = True
                return
            unknown = problem("no_such_route", "nothing is here")
            status, answer = script.answers.get((self.command, self.path), (404, unknown))
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Door


def make_home(
    path: Path, address: str, *, exercise: str | None = None, now_us: int = NOW_US
) -> Home:
    """The home of alpha, made at `now_us`."""
    return create_home(
        path,
        name="alpha",
        origin="alpha.example/comity/2026",
        address=address,
        exercise=exercise,
        seeds=lambda: secrets.token_bytes(32),
        now_us=now_us,
    )


def problem(code: str, detail: str, status: int = 422) -> Json:
    """A problem as a node names it."""
    return {
        "type": f"urn:comity:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
        "code": code,
        "what_to_do": "do otherwise",
        "error_id": "0123456789abcdef",
        "field": "volumes",
    }


def as_json(view: msgspec.Struct) -> Json:
    """A view as the node writes it."""
    value: Json = json.loads(msgspec.json.encode(view))
    return value


def nobody_told() -> Json:
    """What a node without units says of a peer's notice."""
    return {"id": NOTICE, "owner": PEER, "state": "declared", "units": [], "others": []}


def receipt() -> Json:
    """The answer to a declaration."""
    return as_json(
        NoticeReceipt(
            id=NOTICE,
            subject=NOTICE,
            state=LifeState.DECLARED,
            entries=[delivery()],
            conflicts=[],
            flags=["short_notice"],
        )
    )


def delivery() -> Delivery:
    """An entry on its way to bravo."""
    return Delivery(
        to=PEER,
        step=None,
        known_as=None,
        index=12,
        leaf="0" * 64,
        delivered=None,
        verdict=None,
        seen=None,
        read_back=None,
    )


def notice(
    number: str = NOTICE, name: str = "SAR orbit", footprint: Footprint | None = None
) -> Json:
    """A peer's notice as the node lists it."""
    volume = Volume(
        footprint=footprint or Footprint(centre=(35.5, 35.7), radius_m=10_000.0),
        lower_m=0.0,
        upper_m=6096.0,
        start=FIELDS.start,
        end=FIELDS.end,
    )
    return as_json(
        NoticeView(
            id=number,
            notice=number,
            kind=SubjectKind.OPERATION,
            code=Code.NOTIFY,
            owner=PEER,
            state=LifeState.DECLARED,
            name=name,
            purpose=Purpose.TRAINING,
            domain=Domain.AIR,
            craft=Craft.UAV,
            onward=Onward.NONE,
            volumes=[volume],
            issued="2030-01-01T09:00:00Z",
            delivered=None,
            clear_needs_s=None,
            basis=None,
            prompted_by=None,
            flags=[],
            grounds=[],
            deliveries=[delivery()],
            answers=[],
            reports=[],
            assessment=None,
            read_back_to_give=FIELDS,
        )
    )


def party(card: str = "") -> PartyView:
    """Bravo, enrolled."""
    return PartyView(
        name="bravo",
        origin=PEER,
        address="http://127.0.0.1:7102",
        fingerprint="",
        card=card,
        line="up",
        last_contact="2030-01-01T09:59:30Z",
        queued=0,
        agreement=None,
    )


def status(**changes: object) -> Json:
    """The node at a glance, with nothing wrong."""
    view = StatusView(
        name="alpha",
        origin="alpha.example/comity/2026",
        version="0",
        now="2030-01-01T10:00:00Z",
        exercise=None,
        journal_size=12,
        root="AAAA",
        checkpoint="",
        witnessed=0,
        witnesses=[],
        clock=ClockView(state="sure", low_s=None, high_s=None, sources=[], text="not compared"),
        parties=[party()],
        open_risks=0,
        open_warnings=0,
        live={"operation": 1},
        not_recorded=[],
    )
    return as_json(msgspec.structs.replace(view, **changes))


def given(footprint: Json) -> Json:
    """A footprint without what it does not say."""
    assert isinstance(footprint, dict)
    return {name: value for name, value in footprint.items() if value is not None}
