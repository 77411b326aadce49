import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import server as support  # noqa: E402
from dynamodb_local import DynamoDbLocal, start_shared, stop_shared  # noqa: E402

pytest_configure, pytest_unconfigure = start_shared, stop_shared

STORES = ["memory", "sqlite", "dynamodb"]


@pytest.fixture(scope="session")
def dynamodb():
    """Amazon's DynamoDB Local, one for all tests that need it."""
    with DynamoDbLocal() as running:
        yield running


@pytest.fixture
def dynamodb_alone():
    """One without any other test's tables."""
    with DynamoDbLocal(alone=True) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def the_binary_is_there():
    assert support.binary().exists(), f"{support.binary()} is missing: build it first (./dev release)"


@pytest.fixture(autouse=True)
def claim_files_of_its_own(tmp_path_factory, monkeypatch):
    """Two tests that play the same job at the same time must not find each other's claim, nor one of the user who
    runs them. pytest makes the folder for its owner alone, as the client wants it."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))


@pytest.fixture
def server():
    """A server on a new SQLite file."""
    with support.Server() as running:
        yield running


@pytest.fixture(params=STORES)
def any_server(request):
    """The same on each store."""
    store, env = ("memory:" if request.param == "memory" else None), {}
    if request.param == "dynamodb":
        local = request.getfixturevalue("dynamodb")
        store, env = f"dynamodb:{local.new_table()}", local.env
    with support.Server(store=store, env=env) as running:
        yield running


@pytest.fixture(scope="module")
def shared_server():
    """One server for a whole module: for tests that leave nothing behind that another one minds."""
    with support.Server() as running:
        yield running


@pytest.fixture
def stranger():
    """A uid without rights, for tests of file permissions: root is not bound by them."""
    return 65534 if os.getuid() == 0 else None
