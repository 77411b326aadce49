import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import server as support  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def what_these_tests_stand_on():
    assert support.binary().exists(), f"{support.binary()} is missing: build it first (./dev release)"
    assert os.getuid() == 0, "chroot and mount need root: run ./test packaging as root"
