import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import server as support  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def what_these_tests_stand_on():
    assert support.binary().exists(), f"{support.binary()} is missing: build it first (./dev release)"
    assert os.getuid() == 0, "chroot and mount need root: run ./test packaging as root"


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """Of the binary as it is: the release stage built it."""
    folder = tmp_path_factory.mktemp("package")
    # Root's umask is a strict one in many places; nothing of that may be in the package.
    done = subprocess.run(["cpack", "--config", str(support.binary().parent / "CPackConfig.cmake"), "-B", str(folder)],
                          cwd=folder, umask=0o077, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    [made] = folder.glob("bdd-lock_*.deb")
    return made
