"""Which fields of a content a bundle shows, chosen by path. Pure. Called by `journal.bundle`.

A name is a path or a folder of paths: `volume/0` is everything below it. What is left out is still
listed by leaf 0, with path and type, unless nothing at all is opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.journal.content import Disclosure
from comity.model.fault import Malformed, Refusal, Refused

__all__ = ["EVERYTHING", "NOTHING", "Choice", "chosen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Fields under `show` (None: all), less those under `withhold`; `listed` False hides leaf 0."""

    show: tuple[str, ...] | None = None
    withhold: tuple[str, ...] = ()
    listed: bool = True

    def __post_init__(self) -> None:
        """Hold that nothing is shown of a content whose list of fields is hidden."""
        if not self.listed and (self.show or self.withhold):
            raise Malformed("without the list of fields no field can be shown", code="bad_choice")


EVERYTHING = Choice()
NOTHING = Choice(show=(), listed=False)


def chosen(shown: Sequence[Disclosure], choice: Choice) -> tuple[Disclosure, ...]:
    """Leaf 0 and the fields that `choice` wants of a whole opening; none at all if unlisted.

    Raises:
        Refused: a name in the choice names no field (`no_such_field`), so that nobody believes to
            have withheld what is spelt otherwise.
    """
    listing, *fields = shown
    for name in (*(choice.show or ()), *choice.withhold):
        if not any(_is_under(field.path, name) for field in fields):
            raise Refused(
                Refusal(
                    code="no_such_field",
                    reason=f"the content has no field {name[:60]!r}",
                    what_to_do=f"choose among {', '.join(field.path for field in fields)}",
                )
            )
    if not choice.listed:
        return ()
    return (listing, *(field for field in fields if _wants(choice, field.path)))


def _wants(choice: Choice, path: str) -> bool:
    wanted = choice.show is None or any(_is_under(path, name) for name in choice.show)
    return wanted and not any(_is_under(path, name) for name in choice.withhold)


def _is_under(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}/")
