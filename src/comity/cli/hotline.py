"""`comity hotline`: coded messages between people on duty, and the phrasebook of their codes.

Called by main.
"""

import typer

from comity.cli.hotline_phrases import phrases
from comity.cli.options import examples

__all__ = ["app"]

app = typer.Typer(help="Say what matters in codes that both sides know.")

app.command(
    "phrases",
    epilog=examples(
        "comity hotline phrases",
        "comity hotline phrases --language ru",
        "comity hotline phrases KC --language ar",
    ),
)(phrases)


@app.callback()
def _hotline() -> None:
    """Keep `phrases` a verb below, also while it is the only one."""
