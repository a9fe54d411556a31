"""Read what an opening shows: fields proven to be in the content, the paths left out, the notice.

Leaf 0 lists every path with its type, so what is withheld is known by name and what is not listed
does not exist. Pure. Called by `journal.verify`.
"""

from collections.abc import Sequence

from comity.journal.content import Disclosure, check_disclosure
from comity.journal.report import Opened
from comity.model.fault import Malformed, Untrusted
from comity.wire.entry_v1 import ContentBody, EntryType
from comity.wire.fields import Field, FieldType
from comity.wire.notice_v1 import notice_from

__all__ = ["opened"]

_Listed = tuple[tuple[str, FieldType], ...]


def opened(kind: EntryType, content: ContentBody, shown: Sequence[Disclosure]) -> Opened:
    """What `shown` opens of `content`; the manifest leaf comes first.

    Raises:
        Untrusted: a field is not in the content, or not where the manifest leaf lists it.
        Malformed: the party that made the content listed or wrote what no content may hold.
    """
    for each in shown:
        check_disclosure(content, each)
    listed = _listed(shown[0].value, content.leaves)
    fields = tuple(_field(each, listed) for each in shown[1:])
    there = {field.path for field in fields}
    withheld = tuple(path for path, _ in listed if path not in there)
    if withheld or kind is not EntryType.NOTICE:
        return Opened(fields=fields, withheld=withheld, notice=None, fault=None)
    try:
        notice = notice_from(fields)
    except Malformed as fault:
        return Opened(fields=fields, withheld=(), notice=None, fault=fault.reason)
    return Opened(fields=fields, withheld=(), notice=notice, fault=None)


def _listed(value: bytes, leaves: int) -> _Listed:
    """The manifest leaf's lines, `path SP type`."""
    if not value.isascii() or not value.endswith(b"\n"):
        raise Malformed("a content's first leaf lists its fields", code="bad_field")
    lines = value.decode("ascii")[:-1].split("\n")
    if len(lines) >= leaves:
        raise Malformed("a content lists more fields than it has leaves", code="bad_field")
    found = tuple(_listed_line(line) for line in lines)
    if len({path for path, _ in found}) != len(found):
        raise Malformed("a field path occurs twice", code="duplicate_field")
    return found


def _listed_line(line: str) -> tuple[str, FieldType]:
    path, _, kind = line.partition(" ")
    try:
        return path, FieldType(kind)
    except ValueError as error:
        raise Malformed("a content's first leaf lists its fields", code="bad_field") from error


def _field(shown: Disclosure, listed: _Listed) -> Field:
    if shown.index > len(listed) or listed[shown.index - 1][0] != shown.path:
        raise Untrusted("a field is not where the content lists it", code="content_mismatch")
    return Field(path=shown.path, type=listed[shown.index - 1][1], value=shown.value)
