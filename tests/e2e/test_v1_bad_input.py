"""Every field of the API v1 with values that it may not have: each answer says which field and what is allowed, and
nothing changes. The tables' keys are the inputs."""

import json

import pytest
from lending import add_stacks, ask, claim, claims_path, history, on_claim, on_stack, refused, release, request_path
from tables import snapshot

ENORMOUS = 10 ** 30
NOT_NUMBERS = ["1", "", 1.5, True, [], {}, ENORMOUS, -ENORMOUS, 1e300]
NOT_STRINGS = [1, 1.5, True, [], {}, ["a"], {"a": "b"}]
NOT_MAPS = [1, True, "a=b", [], ["a"], {"a": 1}, {"a": None}, {"a": {"b": "c"}}, {"a": ["b"]}, {"a": True}]
CONTROLS = ["\x00", "a\x1b[31m", "a\x7f", "a\x85"]


@pytest.fixture(scope="module")
def table(shared_server):
    """A server with a stack of each kind, a granted request and one that is over; every test leaves all as it is."""
    add_stacks(shared_server, "free", "used", "held", "was-used")
    add_stacks(shared_server, "theirs", repo="other")
    shared_server.used = claim(shared_server, stackName="used", requestId="granted", leaseSeconds=86400)
    shared_server.held = claim(shared_server, stackName="held", requestId="keeps", leaseSeconds=86400)
    release(shared_server, shared_server.held, keepSeconds=604800)
    release(shared_server, claim(shared_server, stackName="was-used", requestId="over"))
    return shared_server


def everything(server):
    items = server.call("GET", "/v1/repos/r/requests").json()["items"]
    return snapshot(server), history(server), [(item["requestId"], item["status"]) for item in items]


@pytest.fixture(autouse=True)
def nothing_changes(table):
    before = everything(table)
    yield
    assert everything(table) == before


def cases(field, values):
    return [pytest.param(field, value, id=f"{field}={json.dumps(value)[:60]}") for value in values]


def refused_field(answer, field):
    detail = refused(answer, 400, "invalid_request")["detail"]
    assert field in detail, detail
    return detail


CLAIM = [
    *cases("requestId", [*NOT_STRINGS, "", "a b", "a/b", "é", "x" * 129, "a\n", *CONTROLS]),
    *cases("waitSeconds", [*NOT_NUMBERS, -1, 51, 3600, 2 ** 63, -2 ** 63]),
    *cases("leaseSeconds", [*NOT_NUMBERS, 0, -1, 86401, 2 ** 31, 2 ** 63, -2 ** 63, 2 ** 64]),
    *cases("count", [*NOT_NUMBERS, 0, -1, 17, 1000, 2 ** 32 + 1, 2 ** 63]),
    *cases("stackName", [*NOT_STRINGS, "", "a/b", ".", "..", "n" * 256, "é" * 128, "a\n", *CONTROLS]),
    *cases("labels", [*NOT_MAPS, {"": "a"}, {"a": ""}, {"k" * 256: "a"}, {"a": "v" * 256}, {"a": "\n"},
                      {str(n): "x" for n in range(33)}]),
    *cases("prefer", [1, True, "main", [], {"branch": 1}, {"commit": []}, {"branch": "b" * 1025}, {"branch": "\n"},
                      {"tag": "v1"}]),
    *cases("createIfNone", [0, 1, "true", "", [], {}]),
    *cases("namePrefix", [*NOT_STRINGS, "a/", "p" * 248, "é" * 124, *CONTROLS]),
    *cases("priority", [*NOT_NUMBERS, -101, 101, 2 ** 31, 2 ** 63]),
    *cases("holder", [1, True, "ann", [], {"job": 1}, {"ci": []}, {"actor": "a" * 1025}, {"branch": "\n"},
                      {"name": "ann"}, *({"repo": text} for text in CONTROLS)]),
    *cases("jobUrl", ["ci.example/1", "javascript:alert(1)", "ftp://ci.example/1", "https://", "http:///x", "//ci/1",
                      "https:ci.example", " https://ci.example", "https://ci.example/a b", "https://ci.example/\n",
                      "https://ci.example/<script>", "data:text/html,x", "https://?x", "https://" + "x" * 1020, 1]),
]


@pytest.mark.parametrize("field, value", CLAIM)
def test_a_claim_with_a_field_as_it_may_not_be(table, field, value):
    fields = {"holder": {"jobUrl": value}} if field == "jobUrl" else {field: value}
    refused_field(ask(table, **{"stackName": "used", **fields}), field)


@pytest.mark.parametrize("field, value", cases("createIfNone", [True]))
def test_creating_stacks_under_a_name_that_none_may_have(table, field, value):
    for repo in ("a/b", "\n", "n" * 255):  # the new stacks' names begin with the repo's
        detail = refused_field(ask(table, repo=repo, **{field: value}), field)
        assert "name" in detail


def test_a_claim_of_a_stack_and_of_several(table):
    assert "count" in refused_field(ask(table, stackName="used", count=2), "stackName")


def test_all_faults_are_named_at_once(table):
    detail = refused_field(ask(table, count=0, leaseSeconds=-1, waitSeconds=99, priority=1000), "count")
    assert all(field in detail for field in ("leaseSeconds", "waitSeconds", "priority")), detail


@pytest.mark.parametrize("given, meant", [("waitSecond", "waitSeconds"), ("lease", "leaseSeconds"),
                                          ("RequestId", "requestId"), ("stackname", "stackName")])
def test_a_field_that_there_is_not_is_refused_with_the_nearest(table, given, meant):
    assert f"did you mean {meant}?" in refused_field(ask(table, **{given: 1}), given)


@pytest.mark.parametrize("fields, status, code", [
    pytest.param(*case, id=json.dumps(case[0])) for case in [
        ({"count": 5}, 409, "never_satisfiable"), ({"count": 16, "waitSeconds": 50}, 409, "never_satisfiable"),
        ({"labels": {"size": "huge"}}, 409, "never_satisfiable"),
        ({"labels": {"size": "huge"}, "waitSeconds": 50}, 409, "never_satisfiable"),
        ({"stackName": "used", "labels": {"size": "huge"}}, 409, "never_satisfiable"),
        ({"stackName": "theirs"}, 404, "stack_unknown"), ({"stackName": "nope"}, 404, "stack_unknown"),
        ({"stackName": "nope", "waitSeconds": 50}, 404, "stack_unknown"),
        ({"stackName": "theirs", "createIfNone": True}, 404, "stack_unknown"),
        ({"stackName": "used"}, 409, "stack_unavailable"), ({"stackName": "held"}, 409, "stack_unavailable"),
        ({"requestId": "over"}, 409, "request_conflict"), ({"requestId": "over", "stackName": "was-used"}, 410,
                                                           "request_ended"),
        ({"requestId": "granted"}, 409, "request_conflict"),
    ]])
def test_what_cannot_be_met_says_so(table, fields, status, code):
    refused(ask(table, **fields), status, code)


def test_never_satisfiable_says_what_was_wanted_and_what_there_is(table):
    told = refused(ask(table, count=5, labels={}), 409, "never_satisfiable")
    assert told["wanted"] == {"count": 5, "labels": {}} and told["pool"] == {"stacks": 4, "suitable": 4}
    told = refused(ask(table, labels={"a": "b"}), 409, "never_satisfiable")
    assert told["wanted"]["labels"] == {"a": "b"} and told["pool"]["suitable"] == 0


@pytest.mark.parametrize("repo", ["nobody", "R", "r%20", "%F0%9F%90%98"])
def test_a_repo_nobody_has_heard_of(table, repo):
    for fields in ({}, {"waitSeconds": 50}, {"count": 2}, {"stackName": "free"}, {"labels": {"a": "b"}}):
        answer = table.call("POST", f"/v1/repos/{repo}/claims", fields)
        refused(answer, 404, "repo_unknown")
    refused(table.call("GET", f"/v1/repos/{repo}"), 404, "repo_unknown")
    refused(table.call("GET", f"/v1/repos/{repo}/requests"), 404, "repo_unknown")
    refused(table.call("GET", f"/v1/repos/{repo}/requests/granted"), 404, "request_unknown")


EXTEND = cases("leaseSeconds", [*NOT_NUMBERS, 0, -1, 86401, 2 ** 63])
RELEASE = [
    *cases("outcome", [*NOT_STRINGS, "", "ok", "Passed", "error"]),
    *cases("keepSeconds", [*NOT_NUMBERS, -1, 604801, 2 ** 63]),
    *cases("deployed", [1, True, "main", [], {"branch": 1}, {"commit": "c" * 1025}, {"commit": "\n"},
                        {"at": "2020-01-01T00:00:00Z"}]),
    *cases("attributes", [*NOT_MAPS, {"": "a"}, {"k" * 256: ""}, {"a": "v" * 4096}, {"\n": "a"},
                          {f"{n:04}": "v" * 100 for n in range(40)}]),
    *cases("note", [*NOT_STRINGS, "n" * 1025, "é" * 513, *CONTROLS]),
]


@pytest.mark.parametrize("field, value", EXTEND)
def test_an_extension(table, field, value):
    for made in (table.used, table.held):
        refused_field(on_claim(table, made, "extend", **{field: value}), field)


@pytest.mark.parametrize("field, value", RELEASE)
def test_a_release(table, field, value):
    for made in (table.used, table.held):
        refused_field(on_claim(table, made, "release", **{field: value}), field)


@pytest.mark.parametrize("field, value", cases("priority", [*NOT_NUMBERS, None, -101, 101, 2 ** 63]))
def test_a_change_of_priority(table, field, value):
    refused_field(table.call("PATCH", request_path("granted"), {field: value}), field)


def test_a_change_of_priority_without_one(table):
    refused_field(table.call("PATCH", request_path("granted"), {}), "priority")


@pytest.mark.parametrize("method, body", [("GET", None), ("DELETE", None), ("PATCH", {"priority": 1})])
def test_a_request_of_another_repo(table, method, body):
    refused(table.call(method, request_path("granted", "other"), body), 404, "request_unknown")
    refused(table.call(method, request_path("nobody"), body), 404, "request_unknown")
    refused(table.call(method, request_path("%F0%9F%90%98"), body), 404, "request_unknown")


PATCH = [
    *cases("labels", [None, *NOT_MAPS, {"a": ""}, {str(n): "x" for n in range(33)}]),
    *cases("attributes", [None, *NOT_MAPS, {"": "a"}, {"a": "v" * 4096}]),
    *cases("note", [None, *NOT_STRINGS, "n" * 1025, *CONTROLS]),
    *cases("disabled", [1, True, False, "yes", [], {}, {"when": "now"}, {"reason": 1}, {"reason": "r" * 1025},
                        {"reason": "x", "when": "later"}, {"reason": "x", "when": 1}, {"reason": "x", "why": "y"}]),
]


@pytest.mark.parametrize("field, value", PATCH)
def test_a_patch(table, field, value):
    refused_field(table.call("PATCH", "/v1/stacks/free", {field: value}), field)


@pytest.mark.parametrize("body", [{}, {"state": "disabled"}, {"stackName": "b"}, {"repoName": "other"},
                                  {"fencingToken": 7}, {"note": "good", "labels": 1}], ids=json.dumps)
def test_a_patch_is_all_or_nothing(table, body):
    refused(table.call("PATCH", "/v1/stacks/free", body), 400, "invalid_request")


@pytest.mark.parametrize("field, value", [*cases("labels", NOT_MAPS), *cases("attributes", [*NOT_MAPS, {"a": "v" * 4096}]),
                                          *cases("note", [*NOT_STRINGS, "n" * 1025])])
def test_a_new_stack(table, field, value):
    refused_field(table.call("POST", "/v1/stacks", {"stackName": "new", "repoName": "r", field: value}), field)


TOKENS = [*NOT_NUMBERS, None, -1, 2 ** 53, 2 ** 63]


@pytest.mark.parametrize("verb, good", [("release", {}), ("extend", {"leaseSeconds": 60}),
                                        ("hold", {"keepSeconds": 60})])
@pytest.mark.parametrize("field, value", cases("fencingToken", TOKENS))
def test_an_admins_fencing_token(table, verb, good, field, value):
    refused_field(on_stack(table, "used", verb, **{field: value}, **good), field)
    refused_field(on_stack(table, "used", verb, **good), field)


@pytest.mark.parametrize("verb, field, value", [
    *(pytest.param("extend", *case.values, id=case.id) for case in cases("leaseSeconds", [*NOT_NUMBERS, None, 0, 86401])),
    *(pytest.param("hold", *case.values, id=case.id) for case in cases("keepSeconds", [*NOT_NUMBERS, None, 0, 604801])),
])
def test_an_admins_durations(table, verb, field, value):
    refused_field(on_stack(table, "used", verb, fencingToken=1, **{field: value}), field)


@pytest.mark.parametrize("token", [0, 2, 2 ** 53 - 1])
def test_an_admin_who_names_another_claim(table, token):
    for verb, fields in (("release", {}), ("extend", {"leaseSeconds": 60}), ("hold", {"keepSeconds": 60})):
        refused(on_stack(table, "used", verb, fencingToken=token, **fields), 409, "fencing_token_moved")


@pytest.mark.parametrize("query", [
    "since=yesterday", "since=", "until=2020-01-01", "until=2020-13-01T00:00:00Z", "since=2020-01-01T00:00:00%2B01:00",
    "since=2020-01-02T00:00:00Z&until=2020-01-01T00:00:00Z", "since=2020-01-01T00:00:00Z&until=2020-01-01T00:00:00Z",
    "limit=0", "limit=1001", "limit=-1", "limit=x", "cursor=%21", "cursor=x", "cursor=AAAA", "before=1", "repoName=",
    "repoName=%FF", "since=1&since=2"])
def test_a_query_of_the_history(table, query):
    refused(table.call("GET", f"/v1/history?{query}"), 400, "invalid_request")
    if "repoName" not in query:
        refused(table.call("GET", f"/v1/stacks/used/history?{query}"), 400, "invalid_request")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=%21", "cursor=cA", "cursor=czE", "status=waiting"])
def test_a_query_of_the_requests(table, query):
    refused(table.call("GET", f"/v1/repos/r/requests?{query}"), 400, "invalid_request")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=%21", "name=r"])
def test_a_query_of_the_repos(table, query):
    refused(table.call("GET", f"/v1/repos?{query}"), 400, "invalid_request")


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"x"', b"{", b'{"a"}', b"\xff", b'{"count": 1} {}',
                                  b'{"count": 01}', b'{"count": +1}', b"{'count': 1}", b'{"count": NaN}'], ids=repr)
@pytest.mark.parametrize("path", ["claims", "extend", "release", "patch", "admin"])
def test_a_body_that_is_no_json_object(table, path, body):
    method, target = {"claims": ("POST", claims_path()), "extend": ("POST", f"/v1/claims/{table.used['claimId']}/extend"),
                      "release": ("POST", f"/v1/claims/{table.used['claimId']}/release"),
                      "patch": ("PATCH", "/v1/stacks/free"), "admin": ("POST", "/v1/stacks/used/release")}[path]
    refused(table.call(method, target, body), 400, "invalid_request")


def test_a_field_twice_in_one_body(table):
    """Whichever of the two a reader takes, it may not be one that was not checked."""
    answer = table.call("POST", claims_path(), b'{"stackName": "used", "count": 99, "count": 1}')
    assert answer.status in (400, 409)
    answer = table.call("POST", claims_path(), b'{"stackName": "used", "count": 1, "count": 99}')
    refused(answer, 400, "invalid_request")


def test_no_claim_without_a_token(table):
    for method, path in (("POST", claims_path()), ("GET", f"/v1/claims/{table.used['claimId']}"),
                         ("POST", f"/v1/claims/{table.used['claimId']}/release"), ("GET", "/v1/history"),
                         ("GET", "/v1/repos"), ("GET", "/v1/repos/r/requests"), ("PATCH", "/v1/stacks/free"),
                         ("POST", "/v1/stacks/used/release")):
        assert table.call(method, path, token=None).status == 401
        assert table.call(method, path, token="wrong").status == 403
