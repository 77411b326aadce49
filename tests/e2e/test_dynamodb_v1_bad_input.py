"""All of test_v1_bad_input.py with a table on DynamoDB, looked at once before and once after; and that what is just
allowed fits into its items and keys."""

import pytest
from lending import add_stacks, claim, history, kinds, release, stack
from server import Server
from test_v1_bad_input import *  # noqa: F403
from test_v1_bad_input import everything


@pytest.fixture(scope="module")
def shared_server(dynamodb):
    with Server(store=f"dynamodb:{dynamodb.new_table()}", env=dynamodb.env) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def nothing_changes(table):
    before = everything(table)
    yield
    assert everything(table) == before


QUOTE = '"'  # two bytes in JSON, which is how it is kept
LARGEST = {"labels": {f"{n:02}" + QUOTE * 253: QUOTE * 255 for n in range(32)},
           "attributes": {"a": QUOTE * 4095}, "note": QUOTE * 1024}
HOLDER = {field: QUOTE * 1024 for field in ("ci", "job", "repo", "branch", "commit", "actor")}


def test_the_largest_of_everything_fits(dynamodb):
    repo = "r" * 255
    names = [f"{n:02}" + "s" * 253 for n in range(16)]
    with Server(store=f"dynamodb:{dynamodb.new_table()}", env=dynamodb.env) as server:
        add_stacks(server, *names, repo=repo, **LARGEST)
        wish = {"requestId": "i" * 128, "labels": LARGEST["labels"], "holder": HOLDER, "count": len(names)}
        answer = server.call("POST", f"/v1/repos/{repo}/claims", wish)
        assert answer.status == 200, answer
        made = answer.json()["claims"]
        assert sorted(one["stackName"] for one in made) == names
        assert stack(server, names[3])["claim"]["holder"]["actor"] == HOLDER["actor"]
        for one in made:
            release(server, one, note=QUOTE * 1024, outcome="failed",
                    deployed={"branch": QUOTE * 1024, "commit": QUOTE * 1024}, attributes=LARGEST["attributes"])
        assert kinds(server, names[0]) == ["created", "claimed", "released"]
        assert len(server.call("GET", f"/v1/repos/{repo}/requests").json()["items"]) == 1
        assert claim(server, repo, stackName=names[0])["stack"]["deployed"]["branch"] == QUOTE * 1024
        line = next(line for line in server.export() if line["stackName"] == names[1])
        again = server.call("POST", "/v1/import?replace=true", line, {"Content-Type": "application/jsonl"})
        assert again.status == 200, again
        assert history(server, names[1])[-1]["kind"] == "imported"


TOO_LONG = "n" * 3000  # for any key of DynamoDB


@pytest.mark.parametrize("method, path", [
    ("GET", f"/get-available/{TOO_LONG}"), ("PUT", f"/claim-stack/{TOO_LONG}"), ("PUT", f"/release-stack/{TOO_LONG}"),
    ("GET", f"/v1/stacks/{TOO_LONG}"), ("GET", f"/v1/stacks/{TOO_LONG}/history"), ("DELETE", f"/v1/stacks/{TOO_LONG}"),
    ("GET", f"/v1/stacks?repoName={TOO_LONG}"), ("GET", f"/v1/history?repoName={TOO_LONG}"),
    ("GET", f"/v1/repos/{TOO_LONG}"), ("GET", f"/v1/repos/{TOO_LONG}/requests"),
    ("GET", f"/v1/repos/r/requests/{TOO_LONG}"), ("DELETE", f"/v1/repos/{TOO_LONG}/requests/{TOO_LONG}"),
    ("POST", f"/v1/repos/{TOO_LONG}/claims"), ("GET", f"/v1/stacks?cursor={TOO_LONG}"),
    ("GET", "/v1/claims/" + "A" * 22 + "." + "bm5u" * 700)])
def test_a_name_that_no_key_can_be_is_answered_as_on_sqlite(table, sqlite, method, path):
    answers = [server.call(method, path) for server in (table, sqlite)]
    assert [answer.status for answer in answers] == [answers[1].status] * 2, answers[0]
    assert answers[0].text == answers[1].text


@pytest.fixture(scope="module")
def sqlite():
    with Server() as running:
        yield running
