"""The function of AWS Lambda where something breaks: DynamoDB, the Systems Manager, the Runtime API, its own time, or
the sandbox under it."""

import json
import time

import pytest
from amazon import Amazon
from dynamodb_calls import DynamoDbCalls
from dynamodb_faults import DynamoDbFaults
from gateway import Gateway, answer_of, event_of
from sandbox import FunctionEnded, Sandbox, unpack
from server import SECRETS, TOKEN, binary, clean_environment, run_program, wait_until

PARAMETER = "bddLockTableAuthToken"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return unpack(tmp_path_factory.mktemp("function"))


@pytest.fixture
def env(dynamodb):
    return {**dynamodb.env, "BDD_LOCK_TABLE_NAME": dynamodb.new_table()}


@pytest.fixture
def faults(dynamodb):
    with DynamoDbFaults(dynamodb.port) as proxy:
        yield proxy


@pytest.fixture
def faulty(root, env, faults):
    """A gateway whose functions have six seconds, and DynamoDB behind `faults`."""
    with Gateway(root, {**env, "AWS_ENDPOINT_URL_DYNAMODB": faults.endpoint}, "rest", time_limit_ms=6_000) as running:
        yield running


def claim(gateway, **body):
    return gateway.call("POST", "/v1/repos/r/claims", body)


def the_claim(answer):
    assert answer.status == 200, answer
    (mine,) = answer.json()["claims"]
    return mine


def request(method="GET", path="/healthz", body=None):
    sent = json.dumps(body).encode() if body is not None else b""
    return event_of("url", method, path, {"Authorization": TOKEN}, sent)


def status_of(invocation):
    assert invocation.kind == "response", invocation.document
    return answer_of(invocation.document)[0]


def test_a_write_that_hangs_is_answered_before_the_time_is_over(faulty, faults):
    faulty.create("s")
    faults.spoil("hang", "TransactWriteItems", 100)
    lost = claim(faulty, requestId="a")
    assert (lost.status, lost.json()["code"]) == (503, "outcome_unknown")
    faults.relent()
    mine = the_claim(claim(faulty, requestId="a"))
    assert mine["fencingToken"] == 1 and faulty.count == 1, "by the same sandbox"


def test_a_read_that_hangs_changed_nothing(faulty, faults):
    faulty.create("s")
    faults.spoil("hang", "GetItem", 100)
    assert faulty.call("GET", "/v1/stacks/s").json()["code"] == "store_unavailable"


def test_a_lost_answer_of_dynamodb_costs_no_stack(faulty, faults):
    faulty.create("s")
    faults.spoil("drop reply", "TransactWriteItems")
    assert the_claim(claim(faulty, requestId="a"))["fencingToken"] == 1


def test_a_sandbox_killed_in_the_middle_of_a_write_costs_no_stack(root, env, faults):
    slow = {**env, "AWS_ENDPOINT_URL_DYNAMODB": faults.endpoint}
    with Gateway(root, env, "rest") as gateway:
        gateway.create("s")
        for number, fate in enumerate(["hang", "drop reply"]):
            before = dict(faults.calls)
            faults.spoil(fate, "TransactWriteItems", 100)
            with Sandbox(root, slow) as sandbox:
                sandbox.api.invoke(request("POST", "/v1/repos/r/claims", {"requestId": f"r{number}"}))
                wait_until(lambda: faults.calls["TransactWriteItems"] > before.get("TransactWriteItems", 0),
                           what="the write")
                if fate == "drop reply":  # until it has landed
                    wait_until(lambda: gateway.call("GET", "/v1/stacks/s").json()["state"] == "claimed", what="the claim")
                sandbox.kill()
            faults.relent()
            mine = the_claim(claim(gateway, requestId=f"r{number}"))
            assert claim(gateway, requestId="other").status == 409
            assert gateway.call("POST", f"/v1/claims/{mine['claimId']}/release", {"outcome": "passed"}).status == 200


def test_the_time_that_lambda_ends_is_no_success(root, env, faults):
    """A time-out that comes before the function's own reserve: the next sandbox finds what there is."""
    with Gateway(root, env, "rest") as gateway:
        gateway.create("s")
        faults.spoil("hang", "TransactWriteItems", 100)
        with Sandbox(root, {**env, "AWS_ENDPOINT_URL_DYNAMODB": faults.endpoint}) as sandbox:
            stolen = sandbox.api.invoke(request("POST", "/v1/repos/r/claims", {"requestId": "a"}), 60_000)
            wait_until(lambda: faults.calls["TransactWriteItems"] > 0, what="the write")
            sandbox.kill()
            assert stolen.kind is None
        assert the_claim(claim(gateway, requestId="a"))["fencingToken"] == 1


def test_throttling_that_passes_is_waited_for(faulty, faults):
    faults.spoil("throttled", times=2)
    faulty.create("s")
    faults.spoil("throughput", "TransactWriteItems", 2)
    the_claim(claim(faulty))


def test_throttling_that_stays_is_503_before_the_time_is_over(faulty, faults):
    faults.spoil("throttled", times=1_000)
    began = time.monotonic()
    answer = claim(faulty)
    assert (answer.status, answer.json()["code"]) == (503, "store_unavailable")
    assert answer.headers["Retry-After"] == "1"
    assert time.monotonic() - began < 30 and faulty.count == 1
    faults.relent()
    assert claim(faulty).json()["code"] == "repo_unknown"


def test_it_takes_over_a_table_without_the_added_index(root, dynamodb):
    """The original's table before `bdd-lock dynamodb upgrade`: nobody tells the function that it lacks an index."""
    name = dynamodb.new_table()
    with DynamoDbCalls(dynamodb.port) as calls:
        calls.call("DeleteTable", TableName=name)
        calls.call("CreateTable", TableName=name, BillingMode="PAY_PER_REQUEST",
                   AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}
                                         for key in ("stackName", "repoName", "isAvailable")],
                   KeySchema=[{"AttributeName": "stackName", "KeyType": "HASH"}],
                   GlobalSecondaryIndexes=[{
                       "IndexName": "availableByRepoIndex", "Projection": {"ProjectionType": "KEYS_ONLY"},
                       "KeySchema": [{"AttributeName": "repoName", "KeyType": "HASH"},
                                     {"AttributeName": "isAvailable", "KeyType": "RANGE"}]}])
    with Gateway(root, {**dynamodb.env, "BDD_LOCK_STORE": f"dynamodb:{name}"}, "rest") as gateway:
        gateway.create("s")
        the_claim(claim(gateway))
        assert [item["stackName"] for item in gateway.call("GET", "/v1/stacks?repoName=r").json()["items"]] == ["s"]


def test_a_table_that_is_missing_is_an_unavailable_store(root, env):
    with Sandbox(root, {**env, "BDD_LOCK_TABLE_NAME": "nowhere"}) as sandbox:
        assert status_of(sandbox.invoke(request("GET", "/v1/stacks"))) == 503
        assert "ResourceNotFoundException" in sandbox.log()


@pytest.fixture
def amazon():
    with Amazon() as running:
        running.parameters[PARAMETER] = ("SecureString", TOKEN)
        yield running


def with_parameter(env, amazon, **more):
    """SSM and DynamoDB from different stand-ins, which take different keys: those of SSM's."""
    return {**env, **amazon.env, "BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER": PARAMETER, **more}


def test_the_token_may_be_in_the_systems_manager(root, env, amazon):
    amazon.refuse += ["ThrottlingException", "ThrottlingException"]  # at the start
    SECRETS.add("a-newer-token")
    with Sandbox(root, with_parameter(env, amazon, BDD_LOCK_AUTH_TOKEN_SSM_INTERVAL="1"), token=None) as sandbox:
        assert status_of(sandbox.invoke(request("GET", "/v1/stacks"))) == 200
        amazon.parameters[PARAMETER] = ("SecureString", "a-newer-token")
        wait_until(lambda: status_of(sandbox.invoke(request("GET", "/v1/stacks"))) == 403, what="the change")
        asked = len(amazon.calls)
        amazon.stop()
        assert asked < 20
        with_new = event_of("url", "GET", "/v1/stacks", {"Authorization": "a-newer-token"}, b"")
        time.sleep(1.1)  # until it asks again, in vain
        assert status_of(sandbox.invoke(with_new)) == 200, "the tokens that were valid before"
        assert "tokens_not_read" in sandbox.log()


@pytest.mark.parametrize("settings, token, says", [
    ({"BDD_LOCK_STORE": "memory:"}, TOKEN, "must be dynamodb:TABLE"),
    ({"BDD_LOCK_STORE": "sqlite:/tmp/x.db"}, TOKEN, "must be dynamodb:TABLE"),
    ({"BDD_LOCK_STORE": "x"}, TOKEN, "the variable BDD_LOCK_STORE: must be dynamodb:TABLE"),
    ({"EXPIRY_SECONDS": "abc"}, TOKEN, "the variable EXPIRY_SECONDS: "),
    ({"BDD_LOCK_TABLE_NAME": ""}, TOKEN, "BDD_LOCK_TABLE_NAME"),
    ({}, None, "BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER"),
    ({"AWS_REGION": ""}, TOKEN, "AWS_REGION"),
    ({"BDD_LOCK_TABLE_AUTH_TOKEN": "# a comment"}, None, "comments are not known"),
])
def test_what_it_cannot_start_with_is_told_to_lambda(root, env, settings, token, says):
    with Sandbox(root, {**env, **settings}, token=token) as sandbox:
        assert sandbox.wait_end() == 64
        assert says in sandbox.api.init_error["errorMessage"]
        (line,) = [json.loads(line) for line in sandbox.log().splitlines()]
        assert (line["level"], line["event"]) == ("ERROR", "cannot_start") and says in line["detail"]
        assert sandbox.api.seen == ["POST init error"]


def test_a_parameter_that_may_not_be_read_is_told_to_lambda(root, env, amazon):
    amazon.may_read.clear()
    with Sandbox(root, with_parameter(env, amazon), token=None) as sandbox:
        assert sandbox.wait_end() != 0
        assert "ssm:GetParameter" in sandbox.api.init_error["errorMessage"]


def test_a_systems_manager_that_hangs_at_the_start_is_told_to_lambda(root, env, amazon):
    """Which gives the start ten seconds: two tries of at most five fit."""
    amazon.hangs = True
    with Sandbox(root, with_parameter(env, amazon), token=None) as sandbox:
        assert sandbox.wait_end() == 64
        assert f"parameter {PARAMETER} of AWS cannot be read" in sandbox.api.init_error["errorMessage"]
        assert len(amazon.calls) <= 2


def test_a_systems_manager_that_hangs_takes_no_call_its_time(root, env, amazon):
    settings = with_parameter(env, amazon, BDD_LOCK_AUTH_TOKEN_SSM_INTERVAL="1")
    with Sandbox(root, settings, token=None) as sandbox:
        sandbox.wait_asked()
        amazon.hangs = True
        time.sleep(1.1)  # until it asks again
        assert status_of(sandbox.invoke(request("GET", "/v1/stacks"), 6_000)) == 200, "the tokens that were valid before"
        assert "tokens_not_read" in sandbox.log() and len(amazon.calls) == 2


def test_without_a_runtime_api_it_says_what_it_is():
    done = run_program([binary(), "lambda"], env=clean_environment())
    assert done.returncode == 64 and "AWS_LAMBDA_RUNTIME_API" in done.stderr


@pytest.fixture
def sandbox(root, env):
    with Sandbox(root, env) as running:
        running.wait_asked()
        yield running


def test_a_runtime_api_that_hangs_up_is_asked_again(sandbox):
    sandbox.api.next_faults += ["hang up"] * 3
    sandbox.api.post_faults += ["hang up"] * 2
    assert status_of(sandbox.invoke(request())) == 200
    assert status_of(sandbox.invoke(request())) == 200
    assert sandbox.api.seen.count("POST response") == 4


def test_an_answer_that_is_not_taken_becomes_an_error(sandbox):
    sandbox.api.post_faults.append(413)
    refused = sandbox.invoke(request())
    assert refused.kind == "error" and refused.document["errorType"] == "AnswerNotTaken"
    assert status_of(sandbox.invoke(request())) == 200


@pytest.mark.parametrize("where", ["next_faults", "post_faults"])
def test_it_ends_where_the_runtime_api_says_so(sandbox, where):
    getattr(sandbox.api, where).append(500)
    try:
        sandbox.invoke(request())
        sandbox.invoke(request())
    except FunctionEnded:
        pass
    assert sandbox.wait_end() == 69
    assert "runtime_api_failed" in sandbox.log()


def test_it_ends_where_the_runtime_api_is_gone(sandbox):
    sandbox.api.next_faults += ["hang up"] * 100
    sandbox.api.invoke(request())
    assert sandbox.wait_end() == 69
    assert "runtime_api_failed" in sandbox.log()


def test_an_import_that_is_too_large_is_413(sandbox):
    large = event_of("rest", "POST", "/v1/import", {"Authorization": TOKEN}, b"x" * 70_000)
    assert status_of(sandbox.invoke(large)) == 413
