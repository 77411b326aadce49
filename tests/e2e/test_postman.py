"""The Postman collection, run as a user's Postman would run it, and the linter's word on openapi.json."""

import json

import pytest
from npm_tools import run_npm_tool
from server import ROOT, TOKEN

COLLECTION = ROOT / "bdd-lock-table.postman_collection.json"
VERBS = ("get", "put", "post", "delete", "patch")


def requests(items):
    for item in items:
        if "item" in item:
            yield from requests(item["item"])
        else:
            yield item


@pytest.fixture(scope="module")
def collection():
    return json.loads(COLLECTION.read_text())


def run_collection(server, folder, *more):
    report = folder / "newman.json"
    done = run_npm_tool("newman", "run", str(COLLECTION), "--reporters", "json",
                        "--reporter-json-export", str(report), "--env-var", f"bddStack={server.endpoint}",
                        "--env-var", f"token={TOKEN}", *more)
    return done, json.loads(report.read_text())["run"]


def test_the_collection_passes_and_can_be_run_again(any_server, collection, tmp_path):
    for _ in range(2):
        done, run = run_collection(any_server, tmp_path)
        assert done.returncode == 0, [failure["error"]["message"] for failure in run["failures"]]
        assert run["stats"]["requests"]["total"] == len(list(requests(collection["item"])))
        assert run["stats"]["assertions"]["failed"] == 0
        assert run["stats"]["assertions"]["total"] >= run["stats"]["requests"]["total"]
    assert any_server.call("GET", "/v1/stacks").json()["items"] == []


def test_its_tests_can_fail(server, tmp_path):
    body = {"stackName": "postmanStack1", "repoName": "postmanService", "isAvailable": False}
    assert server.call("POST", "/create-stack", body).status == 200
    done, run = run_collection(server, tmp_path)
    assert done.returncode != 0
    assert run["stats"]["assertions"]["failed"] > 0


def test_it_has_its_variables_and_no_token(collection):
    variables = {entry["key"]: entry["value"] for entry in collection["variable"]}
    assert set(variables) == {"bddStack", "token", "stackName", "repoName", "claimId", "requestId", "fencingToken"}
    assert variables["token"] == variables["claimId"] == ""
    assert collection["info"]["schema"].endswith("/collection/v2.1.0/collection.json")


def path_of(request):
    return "/" + "/".join(request["url"]["path"]).replace("{{", "{").replace("}}", "}")


def test_it_has_every_endpoint_of_the_openapi_document(server, collection):
    documented = {(verb.upper(), path)
                  for path, operations in server.call("GET", "/openapi.json").json()["paths"].items()
                  for verb in operations if verb in VERBS}
    shown = {(item["request"]["method"], path_of(item["request"])) for item in requests(collection["item"])}
    assert documented - shown == set(), "openapi.json has endpoints that the collection lacks"
    assert shown - documented == set(), "the collection has endpoints that openapi.json lacks"


def test_every_request_has_a_test(collection):
    for item in requests(collection["item"]):
        script = "\n".join(line for event in item["event"] for line in event["script"]["exec"])
        assert "pm.test(" in script, item["name"]


def lint(path):
    return run_npm_tool("spectral", "lint", "--ruleset", str(ROOT / "tests/tools/spectral.yaml"),
                        "--fail-severity", "warn", str(path))


def test_the_openapi_document_passes_the_linter(server, tmp_path):
    document = tmp_path / "openapi.json"
    document.write_bytes(server.call("GET", "/openapi.json").body)
    done = lint(document)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linter_finds_faults(server, tmp_path):
    document = server.call("GET", "/openapi.json").json()
    del document["paths"]["/healthz"]["get"]["responses"]
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    assert lint(tmp_path / "openapi.json").returncode != 0
