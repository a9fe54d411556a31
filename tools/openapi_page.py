#!/usr/bin/env python3
"""Writes docs/reference/openapi.json from the table of routes.

Run it as `.venv/bin/python tools/openapi_page.py`; a test compares the file with the table.
"""

from pathlib import Path

from comity.web.api.table import TABLE
from comity.web.openapi import document

PAGE = Path(__file__).parents[1] / "docs/reference/openapi.json"

if __name__ == "__main__":
    PAGE.write_bytes(document(TABLE))
