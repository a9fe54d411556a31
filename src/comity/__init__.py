"""Comity: a deconfliction network between parties that share a sky but not a command."""

__version__ = "0.1.0"
__all__ = ["__version__"]
