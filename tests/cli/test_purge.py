"""`comity purge`: propose, see what it would take, confirm with another key."""

from pathlib import Path

from comity.cli.exit_codes import ExitCode
from comity.trust.keyfile import write_secret
from comity.web.api.shapes_keys import PurgeView
from tests.cli.stand_in import Comity, StandIn, as_json, problem

VIEW = PurgeView(
    id="ab" * 32,
    before="2026-01-01T00:00:00Z",
    notice=None,
    subjects=["01" * 32, "02" * 32],
    calls=1,
    kept=["03" * 32],
    proposed="2026-11-22T12:00:00Z",
    proposed_by="admin",
    confirmed_by=None,
    done=None,
)


def test_a_proposal_says_what_it_would_take_and_who_is_next(node: StandIn, ask: Comity) -> None:
    node.says("POST", "purges", as_json(VIEW), 201)
    said = ask("purge", "propose", "--before", "2026-01-01T00:00:00Z").out
    assert "2 subjects, 1 calls" in said
    assert "030303030303" in said
    assert f"comity purge confirm {VIEW.id} --key" in said
    assert node.last.body == {"before": "2026-01-01T00:00:00Z", "notice": None}
    assert ask("purge", "propose").code == ExitCode.USAGE
    assert ask("purge", "propose", "--before", "now", "--notice", "ab" * 32).code == ExitCode.USAGE


def test_another_confirms_with_a_key_of_their_own(
    node: StandIn, ask: Comity, tmp_path: Path
) -> None:
    key = tmp_path / "second.key"
    write_secret(key, b"comity_other\n")
    path = f"purges/{VIEW.id}/confirm"
    node.says("POST", path, problem("same_key", "another key confirms"), 422)
    assert "same_key" in ask("purge", "confirm", VIEW.id).err
    node.says("POST", path, as_json(VIEW), 201)
    assert "out of reach" in ask("purge", "confirm", VIEW.id, "--key", key).out
    assert node.last.headers["Authorization"] == "Bearer comity_other"
    key.chmod(0o644)
    assert ask("purge", "confirm", VIEW.id, "--key", key).code == ExitCode.NO_PERMISSION
    node.lists("purges", [as_json(VIEW)])
    assert "proposed" in ask("purge", "list").out
