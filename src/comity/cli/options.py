"""Options that several verbs share, each with its words; and how examples stand in a help text.

Called by the verbs. What people write into an option is read by `written`.
"""

from pathlib import Path
from typing import Annotated

import typer

from comity.model.units import Units

__all__ = [
    "HOME",
    "WITNESS_HOME",
    "HomeOption",
    "IdArgument",
    "JsonOption",
    "OnceOption",
    "OutOption",
    "UnitsOption",
    "VerboseOption",
    "WitnessHomeOption",
    "examples",
]

HOME = Path("comity-home")
WITNESS_HOME = Path("comity-witness")

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="COMITY_HOME", help="The folder of the node's home.")
]
WitnessHomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="COMITY_WITNESS_HOME", help="The folder of the witness's home."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", help="Diagnostics in detail, with traces.")
]
IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="A notice's id, or its first 6 digits or more.")
]
OnceOption = Annotated[
    str | None,
    typer.Option(
        "--once", metavar="KEY", help="Up to 128 characters; the same key never does it twice."
    ),
]
UnitsOption = Annotated[
    Units | None,
    typer.Option(
        "--units",
        metavar="KIND",
        help=f"{', '.join(Units)}; default: what the home says, else metric.",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="A new file to write; else it is printed.")
]


def examples(*lines: str) -> str:
    """An epilog of command lines, kept as they are (backspace: no rewrapping)."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
