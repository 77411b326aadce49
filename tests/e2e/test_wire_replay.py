"""The original's recorded answers (tests/data/wire.json), byte for byte, on each store."""

import json
import re

import pytest
from server import ROOT, TOKEN, Server

WIRE = json.loads((ROOT / "tests" / "data" / "wire.json").read_text())
STEPS = WIRE["steps"]
SEED_TOKEN = "secret"  # the recorded requests' own


@pytest.fixture(params=["memory", "sqlite", "dynamodb"])
def seed_server(request):
    store, env = ("memory:" if request.param == "memory" else None), {}
    if request.param == "dynamodb":
        local = request.getfixturevalue("dynamodb")
        store, env = f"dynamodb:{local.new_table()}", local.env
    with Server(store=store, env=env, token=SEED_TOKEN + " wrong-is-not-this " + TOKEN) as server:
        yield server


def replay(server, step, prefix=""):
    request = step["request"]
    return server.call(request["method"], prefix + request["path"], request.get("body"), request["headers"],
                       token=None)


def item_now(server, name):
    """The stack as the seed's table would show it, from an export."""
    line = next((line for line in server.export() if line["stackName"] == name), None)
    return line and {key: {"S": line[key]} for key in
                     ("stackName", "repoName", "isAvailable", "lastUsed") if key in line}


def assert_item(actual, recorded):
    if recorded is None:
        assert actual is None
        return
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?", actual["lastUsed"]["S"])
    assert {**actual, "lastUsed": recorded["lastUsed"]} == recorded


def stack_of(step):
    body = step["request"].get("body", "")
    return json.loads(body)["stackName"] if body.startswith("{") else step["request"]["path"].split("/")[-1]


@pytest.mark.parametrize("prefix", ["", "/dev"])
def test_the_recorded_requests_get_the_recorded_answers(seed_server, prefix):
    for step in STEPS:
        answer = replay(seed_server, step, prefix)
        recorded = step["response"]
        assert (answer.status, answer.body) == (recorded["status"], recorded["text"].encode()), step["what"]
        assert answer.headers["Content-Type"] == "application/json", step["what"]
        if "itemAfter" in step:
            assert_item(item_now(seed_server, stack_of(step)), step["itemAfter"])


def test_the_copy_under_tests_is_whole():
    assert len(STEPS) == 17
    assert {step["response"]["status"] for step in STEPS} == {200, 400, 401, 403}
