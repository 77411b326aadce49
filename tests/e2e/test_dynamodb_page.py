"""docs/dynamodb.md: what it says about permissions is so."""

import json
import re

import pytest
from dynamodb_faults import DynamoDbFaults
from server import ROOT, Server

PAGE = (ROOT / "docs" / "dynamodb.md").read_text()


@pytest.fixture
def behind(dynamodb):
    """A proxy that counts the calls of DynamoDB."""
    with DynamoDbFaults(dynamodb.port) as proxy:
        yield proxy


def section(name):
    return re.search(rf"^## {name}\n(.*?)(?=^## )", PAGE, re.M | re.S)[1]


def allowed():
    [policy] = re.findall(r"^```json\n(.*?)^```$", section("Permissions"), re.M | re.S)
    tables, parameter = json.loads(policy)["Statement"]
    assert parameter["Action"] == "ssm:GetParameter"
    return {action.removeprefix("dynamodb:") for action in tables["Action"]}


def claim(server, **body):
    return server.call("POST", "/v1/repos/r/claims", body).json()["claims"][0]


def use_all(server):
    """Whatever a server does for its clients."""
    for name in ("a", "b"):
        server.create(name)
    server.call("GET", "/get-available/r")
    server.call("PUT", "/claim-stack/a")
    server.call("PUT", "/release-stack/a")
    got = claim(server, requestId="q", createIfNone=True, count=3)
    server.call("POST", f"/v1/claims/{got['claimId']}/extend", {})
    server.call("POST", "/v1/repos/r/claims", {"requestId": "w", "waitSeconds": 1})
    server.call("POST", f"/v1/claims/{got['claimId']}/release", {"keepSeconds": 60})
    for path in ("/v1/stacks", "/v1/repos", "/v1/repos/r", "/v1/repos/r/requests", "/v1/history", "/v1/stacks/a/history",
                 "/v1/export", "/readyz"):
        assert server.call("GET", path).status == 200, path
    server.call("PATCH", "/v1/stacks/b", {"note": "n"})
    server.call("POST", "/v1/import?replace=true", '{"stackName":"z","repoName":"z","isAvailable":"x"}\n')
    assert server.call("POST", "/v1/sweep").status == 200
    assert server.call("DELETE", "/v1/stacks/z").status == 204


def test_the_policy_of_the_page_allows_all_that_a_server_asks_for(dynamodb, behind):
    table = dynamodb.new_table()
    env = {**dynamodb.env, "AWS_ENDPOINT_URL_DYNAMODB": behind.endpoint}
    with Server(store=f"dynamodb:{table}", env=env) as server:
        use_all(server)
    asked = set(behind.calls) - {"TransactWriteItems"}  # its parts are allowed, not itself
    assert {"DescribeTable", "GetItem", "Query"} <= asked <= allowed()
    assert {"PutItem", "UpdateItem", "DeleteItem"} <= allowed()

