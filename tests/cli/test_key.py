"""`comity key`: made once, shown once, taken back."""

from comity.cli.exit_codes import ExitCode
from comity.web.api.shapes import CallerView, NewCaller
from comity.web.scope import Scope
from tests.cli.stand_in import Comity, StandIn, as_json

CALLER = CallerView(
    id="7c9be12a", name="map", scopes=[Scope.READ], created="2030-01-01T10:00:00Z", revoked=None
)


def test_the_key_alone_is_on_stdout(node: StandIn, ask: Comity) -> None:
    made = as_json(NewCaller(key="comity_abc", caller=CALLER))
    node.says("POST", "keys", made, 201)
    answer = ask("key", "add", "map", "--scope", "read", "--scope", "answer")
    assert answer.out == "comity_abc\n"
    assert "comity key revoke 7c9be12a" in answer.err
    assert node.last.body == {"name": "map", "scopes": ["read", "answer"]}
    assert ask("key", "add", "map", "--scope", "read", "--json").json() == made


def test_a_key_has_a_scope(ask: Comity) -> None:
    assert ask("key", "add", "map").code == ExitCode.USAGE
    assert ask("key", "add", "map", "--scope", "root").code == ExitCode.USAGE


def test_a_key_is_taken_back(node: StandIn, ask: Comity) -> None:
    node.says("DELETE", "keys/7c9be12a", None, 204)
    assert ask("key", "revoke", "7c9be12a").out == "revoked 7c9be12a\n"
    assert ask("key", "revoke", "7c9be12a", "--json").json() == {"revoked": "7c9be12a"}
    assert ask("key", "revoke", "other").code == ExitCode.REFUSED


def test_keys_are_listed(node: StandIn, ask: Comity) -> None:
    node.lists("keys", [as_json(CALLER)])
    _, row = ask("key", "list").out.splitlines()
    assert row.split() == ["7c9be12a", "map", "read", "2030-01-01T10:00:00Z"]
    assert ask("key", "list", "--json").json() == [as_json(CALLER)]
