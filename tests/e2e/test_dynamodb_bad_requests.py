"""All of test_bad_requests.py with a table on DynamoDB, looked at once before and once after."""

import pytest
from server import Server
from tables import snapshot
from test_bad_requests import *  # noqa: F403


@pytest.fixture(scope="module")
def shared_server(dynamodb):
    with Server(store=f"dynamodb:{dynamodb.new_table()}", env=dynamodb.env) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def nothing_changes(table):
    before = snapshot(table)
    yield
    assert snapshot(table) == before
