"""The API v1 beside its claims (test_v1_*.py): stacks, their lists, export and import, health."""

import json

from server import Connection


def test_a_stack_is_created_shown_listed_and_removed(any_server):
    created = any_server.call("POST", "/v1/stacks", {"stackName": "a", "repoName": "r"})
    assert created.status == 201
    shown = any_server.call("GET", "/v1/stacks/a")
    assert shown.status == 200
    assert shown.json() == created.json()
    assert (shown.json()["state"], shown.json()["fencingToken"]) == ("available", 0)
    assert any_server.call("DELETE", "/v1/stacks/a").status == 204
    assert any_server.call("GET", "/v1/stacks/a").json()["code"] == "stack_unknown"


def test_an_existing_name_is_409_with_the_stack_as_it_is(any_server):
    any_server.create("a", repo="theirs")
    answer = any_server.call("POST", "/v1/stacks", {"stackName": "a", "repoName": "mine"})
    assert (answer.status, answer.json()["code"]) == (409, "stack_exists")
    assert answer.json()["repoName"] == "theirs"


def test_lists_are_restricted_and_paged(any_server):
    for number in range(25):
        any_server.create(f"s{number:02}", repo="a" if number % 2 else "b", available=number % 5 > 0)
    names = []
    cursor = ""
    while True:
        page = any_server.call("GET", f"/v1/stacks?limit=7&repoName=b{cursor}").json()
        assert len(page["items"]) <= 7
        names += [item["stackName"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert names == [f"s{number:02}" for number in range(0, 25, 2)]
    claimed = any_server.call("GET", "/v1/stacks?state=claimed").json()["items"]
    assert [item["stackName"] for item in claimed] == [f"s{number:02}" for number in range(0, 25, 5)]
    assert any_server.call("GET", "/v1/stacks?repoName=none").json() == {"items": [], "nextCursor": None}


def test_the_token_of_a_removed_name_goes_on_counting(any_server):
    any_server.create("a")
    for _ in range(3):
        any_server.call("PUT", "/claim-stack/a")
        any_server.call("PUT", "/release-stack/a")
    any_server.call("DELETE", "/v1/stacks/a")
    any_server.create("a")
    assert any_server.stacks()["a"]["fencingToken"] == 3
    any_server.call("PUT", "/claim-stack/a")
    assert any_server.stacks()["a"]["fencingToken"] == 4


def test_an_export_imports_into_another_server(any_server, server):
    for number in range(30):
        any_server.create(f"s-é{number}", available=number % 3 > 0)
    exported = any_server.call("GET", "/v1/export")
    counts = server.call("POST", "/v1/import", exported.body)
    assert (counts.status, counts.json()) == (200, {"created": 30, "replaced": 0})
    assert server.export() == any_server.export()


def test_an_import_with_replace_never_takes_a_stack_from_its_user_nor_a_token_back(any_server):
    any_server.create("used", available=False)
    any_server.create("free")
    any_server.call("PUT", "/claim-stack/free")
    any_server.call("PUT", "/release-stack/free")
    lines = [{"stackName": "used", "repoName": "other", "isAvailable": "x", "fencingToken": 50},
             {"stackName": "free", "repoName": "other", "fencingToken": 0},
             {"stackName": "new", "repoName": "other", "isAvailable": "x", "fencingToken": 7}]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    counts = any_server.call("POST", "/v1/import?replace=true", body).json()
    assert counts == {"created": 1, "replaced": 2}
    stacks = any_server.stacks()
    assert (stacks["used"]["state"], stacks["used"]["repoName"], stacks["used"]["fencingToken"]) \
        == ("claimed", "r", 50)
    assert (stacks["free"]["state"], stacks["free"]["repoName"], stacks["free"]["fencingToken"]) \
        == ("claimed", "other", 1)
    assert stacks["new"]["fencingToken"] == 7


def test_health_needs_no_token(any_server):
    for path in ("/healthz", "/readyz", "/openapi.json"):
        answer = any_server.call("GET", path, token=None)
        assert answer.status == 200, path


def test_head_is_get_without_its_body(any_server):
    with Connection(any_server.port) as connection:
        got = connection.call("GET", "/openapi.json")
        head = connection.call("HEAD", "/openapi.json")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == str(len(got.body))
        assert connection.call("GET", "/healthz").status == 200  # the connection is still in step
