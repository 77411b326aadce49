"""The function of AWS Lambda: the zip's binary, unpacked in an empty root directory, behind stand-ins for the Runtime
API and the gateways, over DynamoDB Local. What breaks on the way is in test_lambda_trouble.py."""

import concurrent.futures
import json
import re
import subprocess
import time

import pytest
from gateway import KINDS, Gateway, answer_of, event_of
from sandbox import Sandbox, unpack
from server import PATIENCE_SECONDS, ROOT, TOKEN, Server, binary, clean_environment, run_program, wait_until

STEPS = json.loads((ROOT / "tests" / "data" / "wire.json").read_text())["steps"]
RECORDED = ROOT / "tests" / "data" / "lambda"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return unpack(tmp_path_factory.mktemp("function"))


@pytest.fixture
def env(dynamodb):
    """What leads the function to new tables."""
    return {**dynamodb.env, "BDD_LOCK_TABLE_NAME": dynamodb.new_table()}


@pytest.fixture(params=KINDS)
def gateway(request, root, env):
    with Gateway(root, env, request.param) as running:
        yield running


def recorded(name):
    return json.loads((RECORDED / f"{name}.json").read_text())


def test_it_answers_what_the_original_answered(root, env):
    """Through a REST API with a stage, as the original's was."""
    with Gateway(root, env, "rest", token="secret") as gateway:
        for step in STEPS:
            request = step["request"]
            sent = dict(request["headers"])
            with gateway.connect(token=None) as connection:
                answer = connection.call(request["method"], "/dev" + request["path"], request.get("body"), sent)
            recorded_answer = step["response"]
            assert (answer.status, answer.text) == (recorded_answer["status"], recorded_answer["text"]), step["what"]
            assert answer.headers["Content-Type"] == "application/json", step["what"]
            if "itemAfter" in step:
                assert_item(gateway, step)


def assert_item(gateway, step):
    body = step["request"].get("body", "")
    name = json.loads(body)["stackName"] if body.startswith("{") else step["request"]["path"].split("/")[-1]
    answer = gateway.call("GET", "/v1/export", token="secret")
    found = [json.loads(line) for line in answer.body.splitlines()]
    line = next((line for line in found if line["stackName"] == name), None)
    item = step["itemAfter"]
    if item is None:
        assert line is None
        return
    shown = {key: {"S": line[key]} for key in ("stackName", "repoName", "isAvailable", "lastUsed") if key in line}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?", shown["lastUsed"]["S"])
    assert {**shown, "lastUsed": item["lastUsed"]} == item


def claim(gateway, body=None, repo="r", prefix=""):
    return gateway.call("POST", f"{prefix}/v1/repos/{repo}/claims", body or {})


def test_a_claim_lives_through_every_kind_of_gateway(gateway):
    prefix = "" if gateway.kind == "url" else "/dev"
    name = "test Stack%é"
    created = gateway.call("POST", f"{prefix}/v1/stacks", {"stackName": name, "repoName": "pay ment"})
    assert created.status == 201, created
    claimed = claim(gateway, {"requestId": "a", "holder": {"job": "4711"}}, "pay%20ment", prefix)
    assert claimed.status == 200, claimed
    mine = claimed.json()["claims"][0]
    assert (mine["stackName"], mine["fencingToken"]) == (name, 1)
    again = claim(gateway, {"requestId": "a", "holder": {"job": "4711"}}, "pay%20ment", prefix)
    assert again.json()["claims"][0]["claimId"] == mine["claimId"], "the repeat of a lost reply"
    path = f"{prefix}/v1/claims/{mine['claimId']}"
    assert gateway.call("POST", f"{path}/extend", {"leaseSeconds": 600}).status == 200
    none = claim(gateway, {}, "pay%20ment", prefix)
    assert (none.status, none.json()["code"]) == (409, "none_available")
    shown = gateway.call("GET", f"{prefix}/v1/stacks/test%20Stack%25%C3%A9")
    assert (shown.status, shown.json()["claim"]["holder"]) == (200, {"job": "4711"})
    assert gateway.call("POST", f"{path}/release", {"outcome": "passed"}).status == 200
    events = gateway.call("GET", f"{prefix}/v1/history?repoName=pay%20ment&limit=10").json()["items"]
    assert [event["kind"] for event in events] == ["released", "claimed", "created"]
    assert gateway.call("GET", f"{prefix}/healthz", token=None).status == 200
    assert gateway.call("HEAD", f"{prefix}/v1/stacks").status == 200
    assert gateway.call("GET", f"{prefix}/v1/stacks", token="wrong").status == 403
    assert gateway.call("GET", f"{prefix}/v1/stacks", token=None).status == 401


def test_waiting_is_cut_to_a_second_and_the_client_is_paced(root, env):
    with Gateway(root, env, "url") as gateway:
        gateway.create("s", available=False)
        waiting = claim(gateway, {"requestId": "w", "waitSeconds": 50})
        assert waiting.status == 202, waiting
        assert waiting.json()["position"] == 1 and waiting.json()["retryAfterSeconds"] >= 1
        assert gateway.call("PUT", "/release-stack/s").status == 200
        granted = claim(gateway, {"requestId": "w", "waitSeconds": 50})
        assert granted.status == 200, granted


def test_there_is_no_stream_of_events(root, env):
    with Gateway(root, env, "rest", checked=False) as gateway:
        answer = gateway.call("GET", "/dev/v1/events")
        assert (answer.status, answer.json()["code"]) == (501, "not_on_lambda")
        assert gateway.call("GET", "/dev/v1/events", token=None).status == 401


@pytest.fixture
def sandbox(root, env):
    with Sandbox(root, env) as running:
        yield running


def call(sandbox, method, path, body=None):
    sent = json.dumps(body).encode() if body is not None else b""
    invocation = sandbox.invoke(event_of("url", method, path, {"Authorization": TOKEN}, sent))
    assert invocation.kind == "response", invocation.document
    status, _, text = answer_of(invocation.document)
    return status, json.loads(text) if text else None


@pytest.mark.parametrize("event", [recorded("rule_schedule"), recorded("scheduler_schedule"), {"action": "sweep"}])
def test_the_schedule_sweeps(sandbox, event):
    sandbox.kill()
    with Sandbox(sandbox.root, {**sandbox.env, "EXPIRY_SECONDS": "1"}) as quick:
        made = {"stackName": "s", "repoName": "r", "isAvailable": False}
        assert call(quick, "POST", "/create-stack", made)[0] == 200
        time.sleep(1.1)  # the original's claims are over by the wall clock alone
        swept = quick.invoke(event)
        assert (swept.kind, swept.document["released"]) == ("response", 1)
        assert call(quick, "PUT", "/claim-stack/s")[0] == 200


def test_what_else_comes_is_an_error_that_says_what(sandbox):
    for name, says in [("authorizer", "authorizer"), ("queue_records", "records"), ("object_created", "aws.s3")]:
        refused = sandbox.invoke(recorded(name))
        assert refused.kind == "error"
        assert refused.document["errorType"] == "UnknownEvent"
        assert says in refused.document["errorMessage"] and "secret" not in refused.document["errorMessage"]
    assert sandbox.invoke(b"no json").kind == "error"
    assert call(sandbox, "GET", "/healthz")[0] == 200, "and goes on"


def test_two_sandboxes_never_lend_one_stack_twice(root, env):
    with Gateway(root, env, "rest", sandboxes_max=6) as gateway:
        for name in ("s1", "s2"):
            gateway.create(name)

        def lend(number):
            tokens = []
            for turn in range(5):
                answer = claim(gateway, {"requestId": f"{number}-{turn}"})
                if answer.status == 409:
                    continue
                assert answer.status == 200, answer
                mine = answer.json()["claims"][0]
                tokens.append((mine["stackName"], mine["fencingToken"]))
                done = gateway.call("POST", f"/v1/claims/{mine['claimId']}/release", {"outcome": "passed"})
                assert done.status == 200, done
            return tokens

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            granted = [token for tokens in pool.map(lend, range(6)) for token in tokens]
        assert len(granted) == len(set(granted)) >= 5
        assert gateway.count > 1, "more than one sandbox was at work"


def test_a_job_gets_through_where_lambda_throttles(gateway):
    """Whatever its gateway makes of that: see THROTTLED."""
    gateway.create("s")
    gateway.sandboxes_max, allowed = 0, gateway.sandboxes_max
    endpoint = gateway.endpoint + ("" if gateway.kind == "url" else "/dev")
    job = subprocess.Popen([binary(), "run", "--", "sh", "-c", "echo $STACK_NAME"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True,
                           env=clean_environment(BDD_LOCK_ENDPOINT=endpoint, BDD_LOCK_AUTH_TOKEN=TOKEN, REPO_NAME="r"))
    try:
        wait_until(lambda: gateway.throttled > 1 or job.poll() is not None, what="a second try")
        gateway.sandboxes_max = allowed
        out, err = job.communicate(timeout=PATIENCE_SECONDS)
    finally:
        job.kill()
    assert (job.returncode, out) == (0, "s\n"), err


def test_the_checker_finds_nothing_wrong(root, env, tmp_path):
    with Gateway(root, env, "http", sandboxes_max=10, checked=False) as gateway:
        done = run_program([ROOT / "dev", "check", gateway.endpoint, "--clients", "4", "--stacks", "2", "--seconds", "4",
                            "--lambda", "--history", tmp_path / "history"], timeout=180,
                           env=clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN))
        assert done.returncode == 0 and "nothing is wrong" in done.stdout, done.stdout + done.stderr


def test_a_server_and_the_function_work_on_one_table(root, env, dynamodb):
    with Server(store=f"dynamodb:{env['BDD_LOCK_TABLE_NAME']}", env=dynamodb.env) as server, \
            Gateway(root, env, "rest") as gateway:
        server.create("s")
        mine = claim(gateway, {"requestId": "a"}).json()["claims"][0]
        assert claim(server, {"requestId": "b"}).status == 409
        released = server.call("POST", f"/v1/claims/{mine['claimId']}/release", {"outcome": "passed"})
        assert released.status == 200, released
        assert claim(server, {"requestId": "b"}).json()["claims"][0]["fencingToken"] == 2


def test_its_log_has_the_request_and_no_token(sandbox):
    invocation = sandbox.invoke(event_of("url", "GET", "/v1/stacks", {"Authorization": TOKEN}, b""))
    (line,) = [json.loads(line) for line in sandbox.log().splitlines()]
    assert {"timestamp", "level", "event", "requestId", "target", "status"} <= line.keys()
    assert (line["level"], line["requestId"], line["status"]) == ("INFO", invocation.id, 200)
    with Sandbox(sandbox.root, {**sandbox.env, "AWS_LAMBDA_LOG_FORMAT": "Text"}) as other:
        other.invoke(event_of("url", "GET", "/healthz", {}, b""))
        assert re.fullmatch(r"\S+Z INFO access requestId=\S+ .*status=200.*\n", other.log())


def test_it_asks_nobody_before_it_is_asked(root, env):
    """A cold start does no needless work: without DynamoDB it starts, and answers what needs none."""
    with Sandbox(root, {**env, "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}) as alone:
        assert call(alone, "GET", "/healthz")[0] == 200
