"""`comity hotline`: messages between people, when the line works and when only a telephone does.

Each verb stands in a file of its own. Called by main.
"""

import typer

from comity.cli.hotline_card import card
from comity.cli.hotline_voice import voice
from comity.cli.options import examples

__all__ = ["app"]

app = typer.Typer(help="Say it by telephone or radio; have a card for when the node is down.")

app.command(
    epilog=examples(
        "comity hotline voice 4f1d2c7a90be",
        "comity hotline voice 4f1d2c7a90be --to bravo --spell",
        "comity hotline voice 4f1d2c7a90be --answer unable --reason low-fuel",
        "comity hotline voice --read NRABB ACZPK FQWCK VFRKY BYEYG ...",
        "comity hotline voice --read --offline < heard.txt",
    )
)(voice)
app.command(
    epilog=examples("comity hotline card", "comity hotline card --out card-0600.txt --spell")
)(card)
