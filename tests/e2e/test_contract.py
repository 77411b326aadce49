"""The OpenAPI document itself, and the checker of answers: it must be able to say no."""

import json
from http import HTTPStatus

import pytest
from contract import Contract, ContractError
from jsonschema import Draft202012Validator
from server import contract

JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}
CLAIMED = b'{"info": "Successfully claimed stack"}'


def problem(status, code, **more):
    return json.dumps({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code,
                       "detail": "d", **more}).encode()


def test_the_document_is_openapi_3_1_with_valid_schemas():
    document = contract().document
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()
             if "operationId" in operation]
    assert len(names) == len(set(names)) >= 14


def test_every_reference_in_the_document_leads_somewhere():
    document = contract().document

    def references(part):
        if isinstance(part, dict):
            if "$ref" in part:
                yield part["$ref"]
            for value in part.values():
                yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    for reference in set(references(document)):
        contract().resolve({"$ref": reference})


def test_every_example_in_the_document_is_valid():
    checked = 0
    for path in contract().document["paths"].values():
        for operation in path.values():
            bodies = [contract().resolve(answer) for answer in operation["responses"].values()]
            for body in [*bodies, operation.get("requestBody", {})]:
                for content_type, media in body.get("content", {}).items():
                    if "ndjson" in content_type:
                        continue
                    examples = [entry["value"] for entry in media.get("examples", {}).values()]
                    for example in examples + ([media["example"]] if "example" in media else []):
                        fault = contract().fault_in_json(media["schema"], json.dumps(example))
                        assert fault is None, (operation["operationId"], example, fault)
                        checked += 1
    assert checked > 50


@pytest.mark.parametrize("method, path, status, headers, body", [
    ("PUT", "/claim-stack/a", 200, JSON, CLAIMED),
    ("PUT", "/dev/claim-stack/a", 200, JSON, CLAIMED),
    ("PUT", "/claim-stack/a?x=1", 200, JSON, CLAIMED),
    ("HEAD", "/healthz", 200, JSON, b""),
    ("DELETE", "/v1/stacks/a", 204, {}, b""),
    ("GET", "/nope", 404, PROBLEM, problem(404, "path_unknown")),
    ("GET", "/claim-stack/a", 405, {**PROBLEM, "Allow": "PUT"}, problem(405, "method_not_allowed")),
    ("GET", "/v1/export", 200, {"Content-Type": "application/x-ndjson"}, b""),
])
def test_what_the_document_allows_is_let_through(method, path, status, headers, body):
    contract().check(method, path, status, headers, body)


@pytest.mark.parametrize("method, path, status, headers, body", [
    ("PUT", "/claim-stack/a", 200, JSON, b'{"info": "Claimed"}'),
    ("PUT", "/claim-stack/a", 200, JSON, b'{"info": "Successfully claimed stack", "more": 1}'),
    ("PUT", "/claim-stack/a", 200, JSON, b"no json"),
    ("PUT", "/claim-stack/a", 200, {"Content-Type": "text/html"}, CLAIMED),
    ("PUT", "/claim-stack/a", 200, {}, CLAIMED),
    ("PUT", "/claim-stack/a", 201, JSON, CLAIMED),
    ("PUT", "/claim-stack/a", 418, PROBLEM, problem(418, "invalid_request")),
    ("GET", "/claim-stack/a", 405, PROBLEM, problem(405, "method_not_allowed")),
    ("PUT", "/claim-stack/a", 503, JSON, b'{"error": "without Retry-After"}'),
    ("PUT", "/dev/stage/claim-stack/a", 200, JSON, CLAIMED),
    ("GET", "/claim-stack/a", 200, JSON, CLAIMED),
    ("GET", "/nope", 200, JSON, b"{}"),
    ("GET", "/nope", 404, JSON, problem(404, "path_unknown")),
    ("GET", "/nope", 404, PROBLEM, problem(404, "no_such_code")),
    ("GET", "/v1/stacks/a", 409, PROBLEM, problem(409, "stack_exists")),
    ("GET", "/v1/stacks/a", 404, PROBLEM, problem(404, "stack_exists")),
    ("DELETE", "/v1/stacks/a", 204, {}, b"a body"),
    ("GET", "/v1/export", 200, {"Content-Type": "application/x-ndjson"}, b'{"stackName":"a"}\n'),
    ("GET", "/v1/stacks", 200, JSON, b'{"items": [{"stackName": "a"}], "nextCursor": null}'),
])
def test_what_the_document_does_not_allow_is_found(method, path, status, headers, body):
    with pytest.raises(ContractError):
        contract().check(method, path, status, headers, body)


def test_the_checker_reads_the_document_that_it_is_given():
    small = Contract({"paths": {"/a": {"get": {"responses": {"200": {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}},
        "components": {"schemas": {"A": {"type": "integer"}}}, "x-everywhere": {}})
    small.check("GET", "/a", 200, JSON, b"1")
    with pytest.raises(ContractError):
        small.check("GET", "/a", 200, JSON, b'"1"')
