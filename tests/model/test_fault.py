"""Two ways to say no: a refusal keeps its code on its way up, an invariant holds under -O."""

import pytest

from comity.model.fault import (
    Corrupt,
    Fault,
    Malformed,
    Refusal,
    Refused,
    Unavailable,
    Untrusted,
    must,
)


@pytest.mark.parametrize("kind", [Malformed, Untrusted, Unavailable, Corrupt])
def test_each_fault_has_a_code_of_its_own_or_the_one_given(kind: type[Fault]) -> None:
    assert kind("no").code == kind.code == kind.__name__.lower()
    assert kind("no", code="other").code == "other"
    assert kind("no").code == kind.code  # the class is not changed by an instance


def test_a_refusals_code_becomes_the_faults() -> None:
    refusal = Refusal(code="no_such_move", reason="it has ended", what_to_do="declare anew")
    fault = Refused(refusal)
    assert (fault.code, fault.reason, fault.refusal) == (refusal.code, refusal.reason, refusal)
    assert isinstance(fault, Fault)


def test_a_broken_invariant_is_corrupt() -> None:
    must([0], "this holds")
    with pytest.raises(Corrupt) as caught:
        must([], "this does not")
    assert (caught.value.code, caught.value.reason) == ("invariant_broken", "this does not")
