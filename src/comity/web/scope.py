"""What a bearer key may do: six scopes, none of which contains another. Called within web."""

from enum import StrEnum

__all__ = ["Scope"]


class Scope(StrEnum):
    """One permission of a bearer key; a key holds one or more."""

    READ = "read"
    DECLARE = "declare"
    ANSWER = "answer"
    ADMIN = "admin"
    METRICS = "metrics"
    REGISTER = "register"
