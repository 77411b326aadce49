"""The examples of the OpenAPI document: each request is sent to a server that is as the examples speak of, and is
accepted; each kind of refusal that has an example is met as well. (That they fit their schemas, test_contract.py
checks.)"""

import json

import pytest
from lending import Waiting, claim, release
from server import ROOT, Server, contract

REPO, NAME, REQUEST = "paymentService", "testStack2192", "build-4711"
LINE = {"stackName": NAME, "repoName": REPO, "isAvailable": "x", "fencingToken": 6, "labels": {"size": "large"}}


# The source of what the server publishes: read when the tests are collected, without a server.
DOCUMENT = json.loads((ROOT / "src" / "api" / "openapi.json").read_text())


def operations():
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if "operationId" in operation:
                yield method.upper(), path, operation


def requests():
    """(method, path, body) of each request example, by operation and example."""
    for method, path, operation in operations():
        for media in operation.get("requestBody", {}).get("content", {}).values():
            examples = media.get("examples") or {"example": {"value": media["example"]}}
            for name, example in examples.items():
                yield pytest.param(method, path, operation, example["value"], id=f"{operation['operationId']}: {name}")


def no_stack(_):
    return {}


def a_claim(server):
    """Of testStack2192, with the fencing token that the examples have."""
    made = claim(server, repo=REPO, requestId="build-4710", holder={"job": "4710"})
    assert made["fencingToken"] == 7
    return {"claimId": made["claimId"]}


def somebody_waits(server):
    a_claim(server)
    assert Waiting(server, REQUEST, repo=REPO, wait=1).answer().status == 202
    return {}


# What is done before an operation's example is sent; the stack of the examples is there, but where no_stack is.
BEFORE = {"createStack": no_stack, "addStack": no_stack, "importTable": no_stack, "extendClaim": a_claim,
          "releaseClaim": a_claim, "releaseAsAdmin": a_claim, "extendAsAdmin": a_claim, "holdAsAdmin": a_claim,
          "changeRequest": somebody_waits}


def prepared(server, operation):
    before = BEFORE.get(operation["operationId"])
    if before is not no_stack:
        assert server.call("POST", "/v1/import", LINE).status == 200
    names = before(server) if before else {}
    return {"stackName": NAME, "repoName": REPO, "requestId": REQUEST, **names}


@pytest.mark.parametrize("method, path, operation, body", requests())
def test_each_request_example_is_accepted(method, path, operation, body):
    with Server(store="memory:") as server:
        answer = server.call(method, path.format(**prepared(server, operation)),
                             body if isinstance(body, str) else json.dumps(body))
        expected = min(int(status) for status in operation["responses"] if status.startswith("2"))
        assert answer.status == expected, answer


def test_the_server_publishes_this_document():
    assert contract().document["paths"] == DOCUMENT["paths"]


def test_every_operation_that_takes_a_body_has_an_example():
    with_body = [operation["operationId"] for _, _, operation in operations() if "requestBody" in operation]
    shown = {param.values[2]["operationId"] for param in requests()}
    assert set(with_body) == shown and len(with_body) >= 11
    named = {param.id.partition(": ")[2] for param in requests() if param.id.startswith("claim: ")}
    assert len(named) >= 4


def answers_with_examples():
    """(operationId, status) of each answer of v1 that is shown by an example."""
    found = set()
    for _, path, operation in operations():
        for status, answer in operation["responses"].items():
            for media in contract().resolve(answer).get("content", {}).values():
                if path.startswith("/v1") and ("example" in media or "examples" in media):
                    found.add((operation["operationId"], status))
    return found


def test_each_kind_of_good_answer_has_an_example():
    good = {(operation["operationId"], status) for _, path, operation in operations() for status, answer
            in operation["responses"].items()
            if path.startswith("/v1") and status.startswith("2") and contract().resolve(answer).get("content")}
    assert good - answers_with_examples() == set()


def test_what_the_examples_show_is_what_a_server_answers():
    """Field by field the same names, in a claim's life from end to end."""
    examples = {operation["operationId"]: operation["responses"] for _, _, operation in operations()}

    def shown(operation_id, status="200"):
        [media] = examples[operation_id][status]["content"].values()
        return media["example"] if "example" in media else next(iter(media["examples"].values()))["value"]

    def same_names(example, got, where=""):
        if isinstance(example, dict) and isinstance(got, dict) and not where.endswith(("holder", "labels", "attributes",
                                                                                       "prefer")):
            assert example.keys() == got.keys(), (where, example, got)
            for key in example:
                same_names(example[key], got[key], f"{where}.{key}")
        if isinstance(example, list) and example and isinstance(got, list) and got:
            same_names(example[0], got[0], f"{where}[]")

    with Server(store="memory:") as server:
        server.call("POST", "/v1/import", LINE)
        body = {"requestId": REQUEST}
        granted = server.call("POST", f"/v1/repos/{REPO}/claims", body).json()
        same_names(shown("claim"), granted, "claim")
        made = granted["claims"][0]
        same_names(shown("showClaim"), server.call("GET", f"/v1/claims/{made['claimId']}").json(), "showClaim")
        same_names(shown("extendClaim"), server.call("POST", f"/v1/claims/{made['claimId']}/extend").json(), "extend")
        waiting = Waiting(server, "other", repo=REPO, wait=1)
        for operation_id, path in (("listRepos", "/v1/repos"), ("showRepo", f"/v1/repos/{REPO}"),
                                   ("listRequests", f"/v1/repos/{REPO}/requests"),
                                   ("explainRequest", f"/v1/repos/{REPO}/requests/other"),
                                   ("listStacks", "/v1/stacks"), ("showStack", f"/v1/stacks/{NAME}"),
                                   ("showHistory", "/v1/history"), ("showStackHistory", f"/v1/stacks/{NAME}/history")):
            same_names(shown(operation_id), server.call("GET", path).json(), operation_id)
        same_names(shown("claim", "202"), waiting.answer().json(), "waits")
        same_names(shown("releaseClaim"), release(server, made), "released")
        same_names(shown("sweep"), server.call("POST", "/v1/sweep").json(), "sweep")
