"""Schema v1 of a warning's content, for our own record: what a party did on the line."""

from comity.wire.fields import Field, id_field, text_field

__all__ = ["fields_of_warning"]


def fields_of_warning(
    *, kind: str, party: str, text: str, evidence: bytes | None = None
) -> tuple[Field, ...]:
    """The content, in canonical order; `evidence` is the SHA-256 of a file that convicts it."""
    shown = () if evidence is None else (id_field("evidence", evidence),)
    return (text_field("kind", kind), text_field("party", party), text_field("text", text), *shown)
