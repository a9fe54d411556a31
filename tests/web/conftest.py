"""One served node for all tests of a file: those that must change nothing check that themselves."""

from collections.abc import Iterator

import httpx
import pytest

from tests.web.support import Rig, served


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with served(tmp_path_factory.mktemp("alpha")) as found:
        yield found


@pytest.fixture
def client(rig: Rig) -> Iterator[httpx.Client]:
    """With a key for everything."""
    with rig.client("all") as found:
        yield found
