"""The role that the templates give to the function: it is allowed what it calls, and nothing else. The packed function
runs in an empty root; a proxy in front of DynamoDB Local turns away what the role does not allow, while all of the API
and the schedule are used."""

import json
import re

import pytest
from aws_templates import PLAIN, Outcome, as_list, read_template, statements_of
from dynamodb_calls import DynamoDbCalls
from dynamodb_local import DynamoDbLocal
from dynamodb_proxy import DynamoDbProxy
from gateway import Gateway
from sandbox import unpack
from server import ROOT
from whole_api import use_whole_api


@pytest.fixture(scope="module")
def dynamodb():
    with DynamoDbLocal() as running:
        yield running


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return unpack(tmp_path_factory.mktemp("function"))


def granted_on(table):
    """(action, resource) of DynamoDB, as the proxy names them."""
    parameters = {"Name": table.removeprefix("bddLockTable-"), "Tables": "existing", "CodeBucket": "b", "CodeKey": "k"}
    outcome = Outcome(read_template(PLAIN), parameters)
    return {(action, arn.split(":table/")[1]) for statement in statements_of(outcome.resources["BddLockRole"])
            for action in as_list(statement["Action"]) for arn in as_list(statement["Resource"])
            if action.startswith("dynamodb:")}


def variables_of(table):
    """Those of the template, but for the token, which would need SSM."""
    parameters = {"Name": table.removeprefix("bddLockTable-"), "CodeBucket": "b", "CodeKey": "k"}
    function = Outcome(read_template(PLAIN), parameters).resources["ApiLambdaFunction"]
    variables = dict(function["Properties"]["Environment"]["Variables"])
    del variables["BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER"]
    return variables


def function_on(dynamodb, root, proxy, table):
    env = {**dynamodb.env, **variables_of(table), **proxy.env}
    return Gateway(root, env, "rest", sandboxes_max=1)


def make_an_event_old(dynamodb, table):
    """So that it is time to forget it."""
    requests = f"{table}-requests"
    with DynamoDbCalls(dynamodb.port) as calls:
        found = calls.call("Scan", TableName=requests, FilterExpression="attribute_exists(allEvents)")
        event = found["Items"][0]
        body = json.loads(event["body"]["S"])
        assert isinstance(body["at"], int)
        event["body"]["S"] = json.dumps({**body, "at": 1})
        event["sk"]["S"] = "1".zfill(20)
        calls.put(requests, event)


def use_schedule(gateway):
    sandbox = gateway.take_sandbox()
    done = sandbox.invoke(json.loads((ROOT / "tests" / "data" / "lambda" / "rule_schedule.json").read_text()))
    assert done.kind == "response", done.document
    gateway.idle.append(sandbox)


@pytest.fixture(scope="module")
def work(dynamodb, root):
    """(granted, what was called, what was refused) while all was used."""
    table = "bddLockTable-permissions"
    assert dynamodb.run("create", table).returncode == 0
    granted = granted_on(table)
    with DynamoDbProxy(dynamodb.port, granted) as proxy, function_on(dynamodb, root, proxy, table) as gateway:
        use_whole_api(gateway)
        make_an_event_old(dynamodb, table)
        use_schedule(gateway)
    return granted, proxy.needed, proxy.denied


def test_nothing_that_is_called_is_refused(work):
    _, _, refused = work
    assert refused == set()


def test_nothing_is_allowed_that_is_not_called(work):
    granted, called, _ = work
    assert granted - called == set()


def test_a_role_that_lacks_one_permission_is_found_out(dynamodb, root):
    table = "bddLockTable-refused"
    assert dynamodb.run("create", table).returncode == 0
    lacking = granted_on(table) - {("dynamodb:UpdateItem", table)}
    with DynamoDbProxy(dynamodb.port, lacking) as proxy, function_on(dynamodb, root, proxy, table) as gateway:
        with gateway.connect() as connection:
            body = {"stackName": "s", "repoName": "r", "isAvailable": True}
            assert connection.call("POST", "/create-stack", body).status == 503
    assert proxy.denied == {("dynamodb:UpdateItem", table)}


def test_the_operations_in_the_source_are_those_that_were_seen(work):
    """What a run does not come to would need a permission too."""
    text = "".join(file.read_text() for file in sorted((ROOT / "src" / "stores" / "dynamodb").glob("*.cpp"))
                   if file.name != "admin.cpp")  # create, check and upgrade, of whoever types them
    operation = r'"((?:Batch|Transact)?(?:Get|Put|Update|Delete|Write|Describe)(?:Item|Items|Table)|Query|Scan)"'
    named = set(re.findall(operation, text))
    _, called, _ = work
    seen = {action.removeprefix("dynamodb:") for action, _ in called}
    assert {"GetItem", "Query", "TransactWriteItems"} < named
    assert named - {"TransactWriteItems"} <= seen
    actions = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
    assert {actions[kind] for kind in re.findall(r'add_action\("(\w+)"', text)} <= seen
