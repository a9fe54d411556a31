"""The routes of the hotline's messages. Part of `web.api.table`."""

from comity.web.api import messages, shapes, shapes_messages
from comity.web.api.duty import recorded
from comity.web.route import Query, Route, reading, writing
from comity.web.scope import Scope
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["MESSAGE_TABLE"]

_API = "/api/v1"
_LANGUAGE = Query(name="language", about="of the reader's wording, as `ru`; `en` if not said")
_LIMIT = Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}")
_AFTER = Query(name="after", about="the `next` of the page before")

MESSAGE_TABLE: tuple[Route, ...] = (
    reading(
        f"{_API}/messages",
        Scope.READ,
        shapes.Page[shapes_messages.MessageView],
        messages.listed,
        summary="Coded messages, ours and those said to us, newest first",
        query=(_LANGUAGE, _AFTER, _LIMIT),
    ),
    reading(
        f"{_API}/open-messages",
        Scope.READ,
        shapes.Page[shapes_messages.MessageView],
        messages.listed_open,
        summary="Messages that no answer has settled, most urgent first",
        query=(_LANGUAGE, _LIMIT),
    ),
    writing(
        f"{_API}/messages",
        Scope.DECLARE,
        shapes_messages.MessageRequest,
        shapes_messages.MessageView,
        messages.said,
        summary="Say a code of the phrasebook to a party",
    ),
    reading(
        f"{_API}/messages/{{id}}",
        Scope.READ,
        shapes_messages.MessageView,
        messages.shown,
        summary="One message with its answers",
        query=(_LANGUAGE,),
    ),
    recorded(
        writing(
            f"{_API}/messages/{{id}}/answers",
            Scope.ANSWER,
            shapes_messages.MessageAnswerRequest,
            shapes_messages.MessageView,
            messages.answered,
            summary="Answer a message: understood, never approved",
        )
    ),
)
