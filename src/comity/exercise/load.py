"""From a file, or the name of a shipped scenario, to a Scenario without flaws.

TOML, then the JSON Schema, then what no schema can say (`check`). A flawed file raises
BadScenario with every flaw that was found. Nothing is started or written. Called by the CLI and
tests.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import msgspec

from comity.exercise.check import flaws_in
from comity.exercise.flaw import BadScenario, Flaw
from comity.exercise.scenario import Scenario
from comity.model.fault import Corrupt, Malformed
from comity.wire.canonical import Json, loads

__all__ = ["FAILURES", "SCHEMA", "failures", "find", "read", "schema", "shipped"]

_SHIPPED = Path(__file__).parent / "scenarios"
_FAILURES = _SHIPPED / "failures"
FAILURES = "failures"  # the name of all of them together
SCHEMA = _SHIPPED / "scenario.schema.json"
_FILE_BYTES_MAX = 1_048_576  # a whole evening with 40 claims is 60 kB
_NUMBER_MAX = 2**63 - 1
_REMEDIES = {
    "additionalProperties": "Remove it or correct its name",
    "unevaluatedProperties": "Remove it or correct its name",
    "required": "Add it",
    "minItems": "Add what is missing",
    "maxItems": "Leave the rest out",
}


def shipped() -> tuple[str, ...]:
    """The names of the scenarios that come with Comity."""
    return tuple(sorted(file.stem for file in _SHIPPED.glob("*.toml")))


def failures() -> tuple[str, ...]:
    """The codes of the failure modes that are exercises: `F01` and on."""
    return tuple(sorted(file.stem for file in _FAILURES.glob("*.toml")))


def find(path_or_name: str) -> Path:
    """The file: a path if it exists or looks like one, else a shipped name."""
    path = Path(path_or_name)
    if path.is_file() or path.suffix == ".toml" or "/" in path_or_name:
        return path
    if path_or_name in shipped():
        return _SHIPPED / f"{path_or_name}.toml"
    if path_or_name.upper() in failures():
        return _FAILURES / f"{path_or_name.upper()}.toml"
    flaw = Flaw(
        path="file",
        problem="there is neither such a file nor a shipped scenario of that name",
        what_to_do=f"Name a .toml file or one of: {', '.join((*shipped(), FAILURES, *failures()))}",
    )
    raise BadScenario(path_or_name, (flaw,))


def read(path: Path) -> Scenario:
    """Read and check a scenario file; BadScenario with all flaws if it has any."""
    raw = _toml(path)
    flaws = tuple(_number_flaws("", raw)) or tuple(_schema_flaws(raw))
    if flaws:
        raise BadScenario(path.name, flaws)
    scenario = _shaped(path, raw)
    flaws = tuple(dict.fromkeys(flaws_in(scenario)))  # a base variant's steps are looked at twice
    if flaws:
        raise BadScenario(path.name, flaws)
    return scenario


def schema() -> dict[str, Json]:
    """The JSON Schema of scenario files."""
    found = loads(SCHEMA.read_bytes(), bytes_max=_FILE_BYTES_MAX)
    if not isinstance(found, dict):
        raise Corrupt(f"{SCHEMA.name} is no object")
    return found


def _toml(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_BYTES_MAX + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _bad(path, "file", reason, "Name a file that can be read") from error
    if len(data) > _FILE_BYTES_MAX:
        raise _bad(path, "file", f"more than {_FILE_BYTES_MAX} bytes", "Split the scenario")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, a number of 5000 digits
        raise _bad(path, "file", f"not TOML: {error}", "Correct the line that is named") from error


def _shaped(path: Path, raw: dict[str, object]) -> Scenario:
    try:
        return msgspec.convert(raw, Scenario)
    except (msgspec.ValidationError, Malformed) as error:
        remedy = "Compare with docs/reference/scenario.md"
        raise _bad(path, "file", str(error), remedy) from error


def _bad(path: Path, where: str, problem: str, what_to_do: str) -> BadScenario:
    flaw = Flaw(path=where, problem=problem.rstrip("."), what_to_do=what_to_do)
    return BadScenario(path.name, (flaw,))


def _number_flaws(path: str, value: object) -> Iterator[Flaw]:
    """TOML knows `nan` and `inf`, which no bound of a schema keeps out, and 64 bits."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _number_flaws(f"{path}.{key}" if path else key, each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _number_flaws(f"{path}[{index}]", each)
    elif isinstance(value, int | float) and not abs(value) <= _NUMBER_MAX:
        yield Flaw(path=path, problem="this is no number to count with", what_to_do="Write another")


def _schema_flaws(raw: dict[str, object]) -> Iterator[Flaw]:
    validator = jsonschema.Draft202012Validator(schema())
    errors = sorted(
        validator.iter_errors(raw), key=lambda error: [str(p) for p in error.absolute_path]
    )
    for error in errors:
        for leaf in _leaves(error):
            yield _flaw(leaf)


def _leaves(error: jsonschema.ValidationError) -> Iterator[jsonschema.ValidationError]:
    """The errors that a person can act on: those inside the alternative that fits best."""
    if error.context and error.validator in ("oneOf", "anyOf"):
        yield jsonschema.exceptions.best_match(error.context)
    else:
        yield error


def _flaw(error: jsonschema.ValidationError) -> Flaw:
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
    described = error.schema.get("description") if isinstance(error.schema, dict) else None
    remedy = (
        _REMEDIES.get(str(error.validator))
        or described
        or "Compare with docs/reference/scenario.md"
    )
    if error.validator == "enum" and isinstance(error.validator_value, list):
        remedy = f"Use one of: {', '.join(str(choice) for choice in error.validator_value)}"
    return Flaw(
        path=path.removeprefix(".") or "file",
        problem=error.message[:200].rstrip("."),
        what_to_do=str(remedy).rstrip("."),
    )
