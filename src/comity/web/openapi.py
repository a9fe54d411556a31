"""The table of routes as OpenAPI 3.1: generated, so that what is published is what is served.

Pure: a table in, JSON bytes out, the same bytes each time. Called by the route that serves it and
by tools/openapi_page.py, which writes docs/reference/openapi.json.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc

import msgspec

from comity import __version__
from comity.web.api.shapes import Problem
from comity.web.problem import MEDIA_TYPE
from comity.web.route import HEALTH_PATH, JSON, Query, Route
from comity.wire.limits import IDEMPOTENCY_KEY_CHARS_MAX as _ONCE_CHARS_MAX

__all__ = ["document"]

Part = dict[str, object]
Schemas = Mapping[type[msgspec.Struct], object]

_IN_PATH = re.compile(r"\{(\w+)(?::path)?\}")
_REF = "#/components/schemas/{name}"
_PROBLEM: Part = {"$ref": "#/components/responses/Problem"}
_PATTERNS = {
    "hash": r"^[0-9a-f]{64}$",
    "id": r"^[0-9a-f]{64}$",
    "index": r"^(0|[1-9][0-9]{0,18})$",
    "path": r"^(entries|[0-9]{1,2})/(x[0-9]{3}/){0,5}[0-9]{3}(\.p/[0-9]{1,3})?$",
}
_ABOUT = """One party's node, for its own people and programs. Every route but /healthz needs a \
bearer key with the named scope. Times are RFC 3339 with an offset, angles degrees, heights metres \
above the WGS84 ellipsoid unless a `datum` says otherwise, ids 64 hex digits. Every error is a \
Problem."""


def document(table: Sequence[Route]) -> bytes:
    """The whole document, indented, keys in a stable order."""
    shapes = [shape for route in table for shape in (route.body, route.answer) if shape is not None]
    shapes = list(dict.fromkeys([*shapes, Problem]))
    refs, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    schemas: Schemas = dict(zip(shapes, refs, strict=True))
    for component in components.values():
        component["description"] = cleandoc(component.get("description", ""))
    whole: Part = {
        "openapi": "3.1.0",
        "info": {"title": "Comity node", "version": __version__, "description": _ABOUT},
        "paths": _paths(table, schemas),
        "components": {
            "schemas": components,
            "responses": {"Problem": _problem(schemas)},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }
    encoded = msgspec.json.encode(whole, order="deterministic")
    return msgspec.json.format(encoded, indent=2) + b"\n"


def _paths(table: Sequence[Route], schemas: Schemas) -> Part:
    paths: dict[str, Part] = {}
    for route in table:
        path = _IN_PATH.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas)
    return dict(paths)


def _operation(route: Route, schemas: Schemas) -> Part:
    operation: Part = {
        "summary": route.summary,
        "operationId": _name(route),
        "description": "No key." if route.scope is None else f"Scope: `{route.scope}`.",
        "security": [] if route.scope is None else [{"bearer": []}],
        "parameters": list(_parameters(route)),
        "responses": _responses(route, schemas),
    }
    if route.path == HEALTH_PATH:
        operation["responses"] = {**_responses(route, schemas), "503": _success(route, schemas)}
    if route.body is not None:
        content = {JSON: {"schema": schemas[route.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _responses(route: Route, schemas: Schemas) -> Part:
    return {str(route.status): _success(route, schemas), "4XX": _PROBLEM, "5XX": _PROBLEM}


def _name(route: Route) -> str:
    """`get_notices_id` for GET /api/v1/notices/{id}."""
    words = re.findall(r"[a-z]+", route.path.removeprefix("/api/v1").replace(":path", ""))
    return "_".join([route.method.lower(), *words])


def _parameters(route: Route) -> Iterator[Part]:
    for name in _IN_PATH.findall(route.path):
        schema = {"type": "string", "pattern": _PATTERNS[name]}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for query in route.query:
        yield {
            "name": query.name,
            "in": "query",
            "required": query.needed,
            "description": query.about,
            "schema": _query_schema(query),
        }
    if route.body is not None:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Sent again with the same body, a request has one effect and one answer",
            "schema": {"type": "string", "pattern": "^[!-~]+$", "maxLength": _ONCE_CHARS_MAX},
        }


def _query_schema(query: Query) -> Part:
    return {"type": "string", "enum": list(query.choices)} if query.choices else {"type": "string"}


def _success(route: Route, schemas: Schemas) -> Part:
    if route.answer is not None:
        return {"description": "Done", "content": {JSON: {"schema": schemas[route.answer]}}}
    if route.method == "DELETE":
        return {"description": "Done; no content"}
    return {"description": "Done", "content": {route.media_type: {}}}


def _problem(schemas: Schemas) -> Part:
    content = {MEDIA_TYPE: {"schema": schemas[Problem]}}
    return {"description": "Refused or failed: RFC 9457", "content": content}
