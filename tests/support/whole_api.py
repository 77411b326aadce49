"""Uses all of the API once, so that whoever looks on sees everything that the store is asked for."""

import json
import urllib.parse


def use_whole_api(server):
    """Every endpoint, with a queue, a lease that is over, deletion, and a table large enough for more than one page.
    Each answer must be what it should be: a call that the store refuses fails here."""
    use_seed(server)
    use_stacks(server)
    use_claims(server)
    use_queue(server)
    use_table(server)


def ask(server, method, path, body=None, expected=200, **headers):
    answer = server.call(method, path, body, headers)
    assert answer.status == expected, (method, path, answer)
    return answer


def use_seed(server):
    server.create("seed-1", repo="seeds")
    server.create("seed-2", repo="seeds", available=False)
    assert len(ask(server, "GET", "/get-available/seeds").json()["results"]) == 1
    ask(server, "PUT", "/claim-stack/seed-1")
    ask(server, "PUT", "/claim-stack/seed-1", expected=400)
    ask(server, "PUT", "/release-stack/seed-1")
    ask(server, "PUT", "/release-stack/seed-2")


def use_stacks(server):
    for name in ("one", "two"):
        ask(server, "POST", "/v1/stacks", {"stackName": name, "repoName": "r"}, 201)
    ask(server, "PATCH", "/v1/stacks/one", {"labels": {"size": "large"}})
    ask(server, "PATCH", "/v1/stacks/two", {"disabled": {"reason": "an upgrade", "when": "now"}})
    ask(server, "PATCH", "/v1/stacks/two", {"disabled": None})
    ask(server, "GET", "/v1/stacks/one")
    ask(server, "GET", "/v1/stacks?limit=1")
    ask(server, "GET", "/v1/stacks?repoName=r")
    ask(server, "DELETE", "/v1/stacks/two", expected=204)
    ask(server, "POST", "/v1/stacks", {"stackName": "two", "repoName": "r"}, 201)


def claim(server, request_id, expected=200, **more):
    body = {"requestId": request_id, "waitSeconds": 0, **more}
    return ask(server, "POST", "/v1/repos/r/claims", body, expected).json()


def use_claims(server):
    first = claim(server, "first", labels={"size": "large"})["claims"][0]["claimId"]
    again = claim(server, "first", labels={"size": "large"})["claims"][0]
    assert again["claimId"] == first
    ask(server, "GET", f"/v1/claims/{first}")
    ask(server, "POST", f"/v1/claims/{first}/extend", {})
    ask(server, "POST", f"/v1/claims/{first}/release", {"outcome": "failed", "keepSeconds": 600})
    end_hold(server, "one", extend=True)
    second = claim(server, "second", labels={"size": "large"})["claims"][0]
    ask(server, "POST", "/v1/stacks/one/hold", {"fencingToken": second["fencingToken"], "keepSeconds": 600})
    end_hold(server, "one")


def end_hold(server, name, extend=False):
    token = ask(server, "GET", f"/v1/stacks/{name}").json()["fencingToken"]
    if extend:
        ask(server, "POST", f"/v1/stacks/{name}/extend", {"fencingToken": token, "leaseSeconds": 900})
    ask(server, "POST", f"/v1/stacks/{name}/release", {"fencingToken": token})


def use_queue(server):
    held = [claim(server, f"held-{number}")["claims"][0] for number in range(2)]
    claim(server, "waiting", 202, waitSeconds=1)
    claim(server, "too-many", 202, waitSeconds=1)
    ask(server, "GET", "/v1/repos/r/requests")
    ask(server, "GET", "/v1/repos/r/requests/waiting")
    ask(server, "PATCH", "/v1/repos/r/requests/too-many", {"priority": 5})
    ask(server, "DELETE", "/v1/repos/r/requests/too-many", expected=204)
    ask(server, "POST", f"/v1/claims/{held[0]['claimId']}/release", {"outcome": "passed"})
    got = claim(server, "waiting", waitSeconds=1)["claims"][0]
    ask(server, "POST", f"/v1/claims/{got['claimId']}/release", {"outcome": "passed"})
    claim(server, "created", createIfNone=True, labels={"new": "yes"})


def use_table(server):
    for path in ("/v1/repos", "/v1/repos/r", "/v1/history", "/v1/history?repoName=r", "/v1/stacks/one/history",
                 "/healthz", "/readyz"):
        ask(server, "GET", path)
    lines = "".join(json.dumps({"stackName": f"imported {number}", "repoName": "i", "isAvailable": "x"}) + "\n"
                    for number in range(30))
    ask(server, "POST", "/v1/import", lines, **{"Content-Type": "application/jsonl"})
    assert len(ask(server, "GET", "/v1/export").body.splitlines()) >= 34
    ask(server, "DELETE", "/v1/stacks/" + urllib.parse.quote("imported 0"), expected=204)
    ask(server, "POST", "/v1/sweep", {})
