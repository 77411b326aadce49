"""Requests that are valid HTTP and wrong otherwise: each gets an answer that says what is wrong and what is
allowed, and changes nothing."""

import json

import pytest
from tables import snapshot

GOOD = {"stackName": "new", "repoName": "r", "isAvailable": True}


@pytest.fixture(scope="module")
def table(shared_server):
    """A server with one stack of each kind; every test must leave it as it is."""
    for name, available in (("free", True), ("used", False)):
        shared_server.create(name, available=available)
    return shared_server


@pytest.fixture(autouse=True)
def nothing_changes(table):
    before = snapshot(table)
    yield
    assert snapshot(table) == before


def seed_sentence(answer, status=400):
    """The sentence of a refusal in the seed's form."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert list(body) == ["error"]
    return body["error"]


def problem(answer, status, code):
    """The document of a refusal in v1's form."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]
    return body


BROKEN_JSON = {
    "nothing": b"",
    "only blanks": b"  \r\n",
    "a form": b"stackName=a&repoName=r&isAvailable=true",
    "cut off": b'{"stackName": "new", "repoName"',
    "single quotes": b"{'stackName': 'new'}",
    "a trailing comma": b'{"stackName": "new", "repoName": "r", "isAvailable": true,}',
    "more behind it": b'{"stackName": "new", "repoName": "r", "isAvailable": true} x',
    "two objects": json.dumps(GOOD).encode() * 2,
    "a comment": b'{"stackName": "new", /* free */ "repoName": "r", "isAvailable": true}',
    "NaN": b'{"stackName": "new", "repoName": "r", "isAvailable": NaN}',
    "Python's True": b'{"stackName": "new", "repoName": "r", "isAvailable": True}',
    "a raw newline in a string": b'{"stackName": "a\nb", "repoName": "r", "isAvailable": true}',
    "a zero byte": b'{"stackName": "a\0b", "repoName": "r", "isAvailable": true}',
    "invalid UTF-8": b'{"stackName": "a\xff", "repoName": "r", "isAvailable": true}',
    "an overlong encoding": b'{"stackName": "\xc0\xaf", "repoName": "r", "isAvailable": true}',
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "half a surrogate pair": b'{"stackName": "\\ud800", "repoName": "r", "isAvailable": true}',
    "an array": b"[]",
    "an array of objects": b'[{"stackName": "new", "repoName": "r", "isAvailable": true}]',
    "a number": b"1",
    "a string": b'"new"',
    "null": b"null",
    "nested deeply": b'{"stackName": ' + b"[" * 200 + b"]" * 200 + b"}",
    "nested as deeply as a body can be": b'{"a": ' + b"[" * 65_000,
    "nested in a field that nobody reads": b'{"x": ' + b'{"a":' * 30_0 + b"1" + b"}" * 300 + b', '
                                           + json.dumps(GOOD).encode()[1:],
}


@pytest.mark.parametrize("body", BROKEN_JSON.values(), ids=BROKEN_JSON.keys())
@pytest.mark.parametrize("path", ["/create-stack", "/v1/stacks"])
def test_a_body_that_is_no_json_object_is_refused(table, path, body):
    answer = table.call("POST", path, body)
    if path == "/create-stack":
        sentence = seed_sentence(answer)
    else:
        sentence = problem(answer, 400, "invalid_request")["detail"]
    assert "the body" in sentence or "stackName" in sentence, sentence


WRONG_FIELDS = {
    "isAvailable is a string": ({"isAvailable": "false"}, "isAvailable"),
    "isAvailable is the seed's x": ({"isAvailable": "x"}, "isAvailable"),
    "isAvailable is 0": ({"isAvailable": 0}, "isAvailable"),
    "isAvailable is 1": ({"isAvailable": 1}, "isAvailable"),
    "isAvailable is null": ({"isAvailable": None}, "isAvailable"),
    "isAvailable is an array": ({"isAvailable": []}, "isAvailable"),
    "stackName is a number": ({"stackName": 7}, "stackName"),
    "stackName is null": ({"stackName": None}, "stackName"),
    "stackName is an object": ({"stackName": {"a": 1}}, "stackName"),
    "stackName is true": ({"stackName": True}, "stackName"),
    "repoName is a number": ({"repoName": 1.5}, "repoName"),
    "repoName is an array": ({"repoName": ["r"]}, "repoName"),
}


@pytest.mark.parametrize("change, field", WRONG_FIELDS.values(), ids=WRONG_FIELDS.keys())
def test_a_field_of_the_wrong_type_is_refused(table, change, field):
    assert field in seed_sentence(table.call("POST", "/create-stack", {**GOOD, **change}))


@pytest.mark.parametrize("field", list(GOOD))
def test_a_missing_field_is_refused_and_named(table, field):
    body = {key: value for key, value in GOOD.items() if key != field}
    assert f"{field} is missing" in seed_sentence(table.call("POST", "/create-stack", body))


def test_all_faults_are_named_at_once(table):
    sentence = seed_sentence(table.call("POST", "/create-stack", {"stackName": ""}))
    assert all(field in sentence for field in GOOD)


BAD_NAMES = {
    "empty": "", "256 bytes": "n" * 256, "256 bytes of UTF-8": "é" * 128, "60 kB": "n" * 60_000,
    "a slash": "a/b", "only a slash": "/", "a dot": ".", "two dots": "..",
    "a zero": "a\0b", "a newline": "a\nb", "a tab": "a\tb", "an escape": "\x1b[31mred", "DEL": "a\x7f",
    "C1": "a\x85b",
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
@pytest.mark.parametrize("field", ["stackName", "repoName"])
def test_a_name_that_none_may_have_is_refused(table, field, name):
    assert field in seed_sentence(table.call("POST", "/create-stack", {**GOOD, field: name}))
    body = {"stackName": "new", "repoName": "r", field: name}
    assert field in problem(table.call("POST", "/v1/stacks", body), 400, "invalid_request")["detail"]
    line = {"stackName": "new", "repoName": "r", "isAvailable": "x", field: name}
    assert field in problem(table.call("POST", "/v1/import", line), 400, "invalid_request")["detail"]


def test_v1_refuses_unknown_fields_with_the_nearest_known_name(table):
    detail = problem(table.call("POST", "/v1/stacks", {"stackname": "a", "repoName": "r"}), 400,
                     "invalid_request")["detail"]
    assert '"stackname"' in detail and "did you mean stackName?" in detail
    detail = problem(table.call("POST", "/v1/import", {"stackName": "a", "repoName": "r", "lastUse": "x"}), 400,
                     "invalid_request")["detail"]
    assert "did you mean lastUsed?" in detail


PATHS = {
    "/claim-stack/%00": 400, "/release-stack/a%00b": 400, "/get-available/%00": 400,
    "/claim-stack/%zz": 400, "/claim-stack/%f": 400, "/claim-stack/%": 400,
    "/claim-stack/%ff": 400, "/claim-stack/%c0%af": 400,
    "/claim-stack/..": 400, "/claim-stack/%2e%2e": 400, "/claim-stack/.": 400,
    "/claim-stack/a%2Fb": 400, "/claim-stack/%2F": 400, "/claim-stack/..%2Fused": 400,
    "/claim-stack/" + "n" * 4000: 400,
}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_a_name_in_a_path_that_no_stack_has_is_refused(table, path):
    method = "GET" if path.startswith("/get") else "PUT"
    seed_sentence(table.call(method, path), PATHS[path])


@pytest.mark.parametrize("method, path, status, code", [
    ("GET", "/v1/stacks/%00", 400, "invalid_request"),
    ("DELETE", "/v1/stacks/%ff", 400, "invalid_request"),
    ("GET", "/v1/stacks/%4", 400, "invalid_request"),
    ("GET", "/v1/stacks/..", 404, "stack_unknown"),
    ("GET", "/v1/stacks/a%2Fb", 404, "stack_unknown"),
    ("DELETE", "/v1/stacks/nope", 404, "stack_unknown"),
    ("DELETE", "/v1/stacks/used", 409, "stack_in_use"),
    ("GET", "/v1/stacks?limit=0", 400, "invalid_request"),
    ("GET", "/v1/stacks?limit=1001", 400, "invalid_request"),
    ("GET", "/v1/stacks?limit=-1", 400, "invalid_request"),
    ("GET", "/v1/stacks?limit=ten", 400, "invalid_request"),
    ("GET", "/v1/stacks?limit=", 400, "invalid_request"),
    ("GET", "/v1/stacks?limit=1&limit=2", 400, "invalid_request"),
    ("GET", "/v1/stacks?limits=1", 400, "invalid_request"),
    ("GET", "/v1/stacks?state=free", 400, "invalid_request"),
    ("GET", "/v1/stacks?cursor=%21", 400, "invalid_request"),
    ("GET", "/v1/stacks?repoName=%ff", 400, "invalid_request"),
    ("POST", "/v1/import?replace=maybe", 400, "invalid_request"),
])
def test_v1_says_what_is_wrong_with_a_path_or_query(table, method, path, status, code):
    problem(table.call(method, path), status, code)


@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/", "/v1/nope", "/v2/stacks", "/claim-stack",
                                  "/claim-stack/a/b", "/dev/stage/claim-stack/a", "/claim-stack/", "//",
                                  "/claim-stack%2Ffree", "/a/b/c/d/e/f/g/h/i/j/k/l", "/Claim-Stack/free"])
def test_an_unknown_path_is_404(table, path):
    problem(table.call("PUT", path), 404, "path_unknown")


@pytest.mark.parametrize("method, path, allowed", [
    ("GET", "/claim-stack/free", "PUT"), ("POST", "/claim-stack/free", "PUT"), ("DELETE", "/release-stack/used", "PUT"),
    ("GET", "/create-stack", "POST"), ("PUT", "/get-available/r", "GET"), ("PUT", "/v1/stacks", "GET"),
    ("PATCH", "/v1/export", "GET"), ("POST", "/healthz", "GET"), ("BREW", "/claim-stack/free", "PUT"),
    ("POST", "/dev/claim-stack/free", "PUT"), ("POST", "/openapi.json", "GET"),
])
def test_a_wrong_method_is_405_and_names_the_right_one(table, method, path, allowed):
    answer = table.call(method, path)
    problem(answer, 405, "method_not_allowed")
    assert allowed in answer.headers["Allow"].replace(" ", "").split(",")


def padded(size):
    body = json.dumps({**GOOD, "stackName": "free"})  # it exists: reading it changes nothing
    return body[:-1] + " " * (size - len(body)) + "}"


def test_a_body_may_have_64_kib_and_not_one_byte_more(table):
    assert seed_sentence(table.call("POST", "/create-stack", padded(65536))) == "Stack Name already exists"
    detail = problem(table.call("POST", "/create-stack", padded(65537)), 413, "body_too_large")["detail"]
    assert "65536" in detail
    assert table.call("PUT", "/claim-stack/used", b"x" * 65536).status == 400
    assert table.call("PUT", "/claim-stack/used", b"x" * 65537).status == 413


def test_a_head_of_8_kib_is_read_and_not_one_byte_more(table):
    def head_of(size):
        # What http.client sends beside the padding is measured, so that the sum is exact.
        sent = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept-Encoding: identity\r\nX: ".format(table.port)
        return table.call("GET", "/healthz", headers={"X": "x" * (size - len(sent) - 4)}, token=None)

    assert head_of(8192).status == 200
    problem(head_of(8193), 431, "header_too_large")


def test_the_seeds_api_ignores_unknown_fields(table):
    body = {**GOOD, "stackName": "free", "owner": "me", "n": [1, {"a": None}]}
    assert seed_sentence(table.call("POST", "/create-stack", body)) == "Stack Name already exists"


IMPORT = {
    "one bad line among good ones": ('{"stackName":"a1","repoName":"r","isAvailable":"x"}\n{"stackName":"a2"}\n', "2"),
    "a boolean isAvailable": ('{"stackName":"a1","repoName":"r","isAvailable":true}\n', "isAvailable"),
    "a negative token": ('{"stackName":"a1","repoName":"r","fencingToken":-1}\n', "fencingToken"),
    "a token too large": ('{"stackName":"a1","repoName":"r","fencingToken":9007199254740992}\n', "fencingToken"),
    "a broken time": ('{"stackName":"a1","repoName":"r","lastUsed":"yesterday"}\n', "lastUsed"),
    "a state that does not fit": ('{"stackName":"a1","repoName":"r","isAvailable":"x","state":"held"}\n', "state"),
    "a name twice": ('{"stackName":"a1","repoName":"r"}\n{"stackName":"a1","repoName":"r"}\n', "a1"),
}


@pytest.mark.parametrize("body, said", IMPORT.values(), ids=IMPORT.keys())
def test_an_import_with_a_fault_is_refused_as_a_whole(table, body, said):
    assert said in problem(table.call("POST", "/v1/import", body), 400, "invalid_request")["detail"]


def test_an_import_refuses_names_that_exist(table):
    body = '{"stackName":"a1","repoName":"r"}\n{"stackName":"free","repoName":"r"}\n'
    assert "free" in problem(table.call("POST", "/v1/import", body), 409, "stack_exists")["detail"]
