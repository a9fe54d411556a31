"""`python -m comity`: the same as the command `comity`."""

import sys

from comity.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
