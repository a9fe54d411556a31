"""Builds every room and hands each door its desk; the only place that knows them all."""

from comity.assembly.database import DATABASE, UPGRADE, open_inspected, open_store
from comity.assembly.node import serve_node
from comity.assembly.start import own_identity
from comity.assembly.witness import serve_witness
from comity.exchange.desks import desks_of

__all__ = [
    "DATABASE",
    "UPGRADE",
    "desks_of",
    "open_inspected",
    "open_store",
    "own_identity",
    "serve_node",
    "serve_witness",
]
