import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "robustness"), str(TESTS / "support"), str(TESTS.parent / "tools")]

from dynamodb_local import DynamoDbLocal, start_shared, stop_shared  # noqa: E402

pytest_configure, pytest_unconfigure = start_shared, stop_shared


@pytest.fixture(scope="session")
def dynamodb():
    """Amazon's DynamoDB Local, one for all tests that need it."""
    with DynamoDbLocal() as running:
        yield running
