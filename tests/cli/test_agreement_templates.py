"""Every template: drafted, linted, signed between real parties, explained; and its sources said."""

import json
from pathlib import Path

import pytest

from comity.agreement.lint import lint
from comity.agreement.template import LINE, Template
from comity.cli.agreement_amount import setting
from comity.cli.agreement_template import template_from, templates
from comity.cli.exit_codes import ExitCode
from comity.intake.agree import sign
from comity.intake.terms import agreed
from comity.model.clause import PartyRole
from comity.model.fault import Corrupt
from comity.wire.agreement_v1 import parse_agreement
from tests.cli.stand_in import Comity
from tests.intake.table import Table, in_memory, origin_of

# What a drafter might choose. The lines are invented, in the open Atlantic.
CHOSEN = {
    "line": "45.0,-30.0 45.5,-30.0 46.0,-29.75",
    "lead_cleartext_min_us": "12h",
    "disclosure_step": "area",
    "clearance_lateral_mm": "2nm",
    "onward_max": "derived",
    "register_expiry_max_us": "14d",
    "register_reads_max": "20",
}
NAMES = sorted(templates())
PARTIES = ("alpha", "bravo", "charlie")
FIXED = "2030-01-01T00:00:00Z"
BEFORE = "2029-12-31T00:00:00Z"


def words(template: Template, *names: str) -> list[str]:
    """The command line that drafts it."""
    found = ["agreement", "draft", template.name, "--from", FIXED]
    for name in names or PARTIES:
        found += ["--party", origin_of(name)]
    for choice in template.choices:
        found += ["--set", f"{choice.clause}.{choice.key}={CHOSEN[choice.key]}"]
    return found


def test_all_seven_are_there_and_listed(comity: Comity) -> None:
    answer = comity("agreement", "templates")
    assert [line.split()[0] for line in answer.out.splitlines()[1:]] == NAMES
    assert len(NAMES) == 7
    listed = comity("agreement", "templates", "--json").json()
    assert [each["name"] for each in listed] == NAMES  # type: ignore[index,union-attr,call-overload]


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_follows_and_what_is_to_be_chosen(comity: Comity, name: str) -> None:
    template = templates()[name]
    assert template.precedents
    assert template.choices
    shown = comity("agreement", "templates", name).out
    for each in template.precedents:
        assert each.what in shown
        assert each.source in shown
    for choice in template.choices:
        clause = next(c for c in template.clauses if c.id == choice.clause)
        assert choice.key == LINE or choice.key not in dict(clause.values)
        assert f"{choice.clause}.{choice.key}" in shown
        assert choice.about in shown


@pytest.mark.parametrize("name", NAMES)
def test_it_is_not_drafted_while_a_choice_is_open(comity: Comity, name: str) -> None:
    template = templates()[name]
    whole = words(template)
    for at in [place for place, word in enumerate(whole) if word == "--set"]:
        answer = comity(*whole[:at], *whole[at + 2 :])
        assert answer.code == ExitCode.USAGE
        assert f"still to be chosen: {whole[at + 1].partition('=')[0]}" in answer.err
        assert answer.out == ""


@pytest.mark.parametrize("name", NAMES)
def test_its_draft_has_no_finding_at_all(comity: Comity, tmp_path: Path, name: str) -> None:
    answer = comity(*words(templates()[name]))
    assert answer.code == 0, answer.err
    file = tmp_path / "draft.txt"
    file.write_text(answer.out)
    linted = comity("agreement", "lint", file, "--at", BEFORE, "--json")
    assert (linted.code, linted.json()) == (0, {"sound": True, "findings": []})
    assert lint(parse_agreement(answer.out)) == ()


@pytest.mark.parametrize("name", NAMES)
def test_three_real_parties_sign_it_and_its_clauses_decide(comity: Comity, name: str) -> None:
    template = templates()[name]
    whole = [*words(template), "--mediator", origin_of("un")]
    whole[whole.index(FIXED)] = "2024-01-01T00:00:00Z"  # the table's time is later
    text = comity(*whole).out
    with in_memory() as folder:
        table = Table(folder)
        seats = [table.seat(each) for each in (*PARTIES, "un")]
        for at, one in enumerate(seats):
            for other in seats[at + 1 :]:
                table.join(one, other)
        for seat in seats[:3]:
            seat.do(lambda tx, pen: sign(tx, pen, text))
            table.hand_over()
        for seat in seats:
            found = seat.read(lambda r, s=seat: agreed(r, s.origin, table.now_us))  # type: ignore[misc]
            assert [each.state for each in found.standings] == ["in-force"]
        found = seats[0].read(lambda r: agreed(r, seats[0].origin, table.now_us))
        rules = found.with_party(seats[1].origin)
        plain = [c for c in template.clauses if c.scope.weight == 0]
        assert plain
        for clause in plain:
            for parameter, value in clause.values:
                ruling = rules.ruling(parameter)
                assert (ruling.agreement, ruling.clause) == (name, clause.id)
                assert ruling.value == value
        table.close()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_explained_whole(comity: Comity, tmp_path: Path, name: str) -> None:
    text = comity(*words(templates()[name])).out
    file = tmp_path / "draft.txt"
    file.write_text(text)
    shown = comity("agreement", "explain", file)
    assert shown.code == 0
    found = parse_agreement(text)
    for clause in found.clauses:
        assert f"{clause.id}: {clause.title}" in shown.out
        assert clause.basis in shown.out
        for parameter, _ in clause.values:
            assert parameter in shown.out
    assert [each.role for each in found.parties] == [PartyRole.PRINCIPAL] * 3
    said = json.dumps(comity("agreement", "explain", file, "--json").json())
    assert all(clause.title in said for clause in found.clauses)


def test_each_template_has_the_numbers_of_its_precedent() -> None:
    def values(name: str, clause: str) -> dict[str, int]:
        return dict(next(c for c in templates()[name].clauses if c.id == clause).values)

    threes = values("flight-safety", "separation")
    assert [threes[f"clearance_{each}"] for each in ("lateral_mm", "vertical_mm", "time_us")] == [
        3 * 1_852_000,
        914_400,
        180_000_000,
    ]
    border = values("border-1991", "border")
    assert (border["buffer_combat_mm"], border["buffer_unarmed_mm"]) == (10_000_000, 1_000_000)
    east, west = (values("zones-2018", each) for each in ("east", "west"))
    crafts = ("combat", "unarmed", "rotary", "uav", "balloon")
    assert [east[f"buffer_{each}_mm"] // 1_000_000 for each in crafts] == [40, 40, 10, 15, 25]
    assert [west[f"buffer_{each}_mm"] // 1_000_000 for each in crafts] == [20, 20, 10, 10, 25]
    day_us = 86_400_000_000
    dangerous = values("incsea", "dangerous")
    assert dangerous["lead_planned_us"] == 5 * day_us
    assert dangerous["lead_cleartext_min_us"] == 3 * day_us
    movements = values("humanitarian", "movements")
    assert (movements["lead_foreseeable_us"], movements["lead_humanitarian_us"]) == (
        2 * day_us,
        day_us,
    )
    plan = values("flexible-airspace", "level-2")
    assert (plan["lead_planned_us"], plan["lead_cleartext_min_us"]) == (6 * day_us, day_us)
    assert values("drone-traffic", "drones")["clearance_lateral_mm"] == 0
    assert setting("drones.clearance_lateral_mm=0m").value == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "Small"', "title = 3"),
        ('margin_us = "2m"', 'margin_us = "2"'),
        ('margin_us = "2m"', 'margin = "2m"'),
        ('crafts = ["uav"]', 'crafts = ["tank"]'),
        ('crafts = ["uav"]', 'craft = ["uav"]'),
        ("[clause.set]", "[clause.set"),
    ],
)
def test_a_damaged_template_is_our_own_fault(old: str, new: str) -> None:
    text = (
        'title = "Small"\nabout = "x"\nchoose = []\nprecedent = []\n'
        '[[clause]]\nid = "a"\ntitle = "A"\ncrafts = ["uav"]\n[clause.set]\nmargin_us = "2m"\n'
    )
    assert template_from("small", text).clauses[0].values == (("margin_us", 120_000_000),)
    assert old in text
    with pytest.raises(Corrupt) as caught:
        template_from("small", text.replace(old, new))
    assert caught.value.code == "bad_template"
