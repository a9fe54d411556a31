"""Finds the code that a person means, and says what lacks before anything is sent.

A person under stress types `stop`, or names what another command says. Called by `hotline`.
"""

from collections.abc import Mapping

import typer

from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed
from comity.model.phrasebook import Carrier, Phrase, PhraseField, ValueKind
from comity.web.api.shapes_messages import JsonValue

__all__ = ["check_said", "check_values", "phrase_of"]

# With which command another thing than a message is said.
_ELSEWHERE = {
    "N1": "given with comity notice give",
    "N2": "given with comity notice amend",
    "N3": "given with comity notice cancel",
    "A1": "given with comity notice start",
    "A2": "given with comity notice end",
    "V1": "given with comity notice give --presence",
    "V2": "given with comity notice end",
    "H": "given with comity hazard give",
    "RB": "said with comity ack read-back ID",
    "R": "said with comity request send",
    "L3": "said with comity agreement suspend",
    "L4": "said with comity agreement resume",
    "T1": "said with comity hazard report",
}
_EXAMPLES = {
    ValueKind.PLACE: "35.30,40.14",
    ValueKind.TIME: "+40m",
    ValueKind.RADIUS: "5km",
    ValueKind.HEIGHT: "3000m",
    ValueKind.MINUTES: "10",
    ValueKind.PERSONS: "4",
    ValueKind.FREQUENCY: "121500000",
}


def phrase_of(text: str) -> Phrase:
    """The phrase with that code or name, in any case: `X`, `x`, `STOP`, `keep-clear`.

    Malformed (`unknown_code`) for any other.
    """
    phrases = phrasebook().phrases
    if text in phrases:
        return phrases[text]
    wanted = _plain(text)
    found = [each for each in phrases.values() if wanted in {_plain(each.code), _plain(each.name)}]
    if len(found) == 1:
        return found[0]
    raise Malformed(
        f"{text[:40]!r} is no code and no name in the phrasebook; see comity hotline phrases",
        code="unknown_code",
    )


def check_said(phrase: Phrase) -> None:
    """Refuse what is no message of its own, with the command that says it."""
    if Carrier.MESSAGE in phrase.carriers and phrase.answers:
        return
    if Carrier.MESSAGE in phrase.carriers:
        how = f"an answer: comity hotline answer ID {phrase.code}"
    else:
        how = _ELSEWHERE.get(phrase.code, "said by nothing in this release")
    raise typer.BadParameter(f"{phrase.code} is {how}", param_hint="CODE")


def check_values(phrase: Phrase, said: Mapping[str, JsonValue], *, is_placed: bool = True) -> None:
    """Refuse what lacks a field, with how it is set; `is_placed`: it names what it is about."""
    lacking = [each for each in phrase.fields if each.required and each.name not in said]
    if lacking:
        words = "; ".join(f"{each.name} is missing: {_set(each)}" for each in lacking)
        raise typer.BadParameter(words, param_hint="--set")
    place = [each for each in phrase.fields if each.name in phrase.place]
    if any(each.name not in said for each in place) and (not is_placed or "where" in said):
        sets = " ".join(map(_set, place))
        raise typer.BadParameter(
            f"{phrase.code} says where: --about ID or {sets}", param_hint="--about or --set"
        )


def _set(field: PhraseField) -> str:
    value = _EXAMPLES.get(field.kind) or "|".join(field.choices)
    return f"--set {field.name}={value}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())
