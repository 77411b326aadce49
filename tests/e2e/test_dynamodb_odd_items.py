"""Items that the original or a person wrote by hand, with whatever stands in them: shown, told of, kept as they are
where nobody knows better, and never a reason to lend a stack twice."""

import json
from urllib.parse import quote

import pytest
from dynamodb_calls import DynamoDbCalls, DynamoDbError
from lending import ask, claim, release, stack
from server import Server, run_cli

FREE = {"stackName": {"S": "s"}, "repoName": {"S": "r"}, "isAvailable": {"S": "x"},
        "lastUsed": {"S": "2019-11-20T23:10:28.014213"}}
USED = {key: value for key, value in FREE.items() if key != "isAvailable"}
LONG = "n" * 300


def item(base, name, **changes):
    made = {**base, "stackName": {"S": name}, **changes}
    return {key: value for key, value in made.items() if value is not None}


# name: (item, state, what `dynamodb check` says; None: nothing)
ODD = {
    "no-last-used": (item(USED, "no-last-used", lastUsed=None), "claimed", "no lastUsed that can be read"),
    "a-date": (item(USED, "a-date", lastUsed={"S": "2019-11-20"}), "claimed", "no lastUsed that can be read"),
    "seconds": (item(USED, "seconds", lastUsed={"N": "1574291428"}), "claimed", "no lastUsed that can be read"),
    "zulu": (item(FREE, "zulu", lastUsed={"S": "2019-11-20T23:10:28Z"}), "available", "the original cannot read"),
    "yes": (item(USED, "yes", isAvailable={"S": "yes"}), "claimed", "isAvailable other than the text x"),
    "stranger": (item(FREE, "stranger", costCentre={"N": "12.5"}, tags={"SS": ["a", "b"]}, nested={"M": {
        "a": {"L": [{"NULL": True}, {"BOOL": False}]}}}), "available", None),
    "numbers": (item(FREE, "numbers", version={"N": "-1e100"}, fencingToken={"N": "0.5"}, usedAt={"S": "soon"}),
                "available", "fencingToken that is no whole number"),
    "texts": (item(USED, "texts", stamp=USED["lastUsed"], state={"S": "held"}, claim={"S": "mine"},
                   labels={"S": "[1]"}, attributes={"N": "1"}, deployed={"S": "{}"}, lastEnd={"BOOL": True}),
              "claimed", "claim that cannot be read"),
    "state": (item(FREE, "state", stamp=FREE["lastUsed"], state={"S": "broken"}), "available",
              "state that there is not"),
    "a/b": (item(FREE, "a/b"), "available", "name that the API refuses"),
    LONG: (item(FREE, LONG), "available", "name that the API refuses"),
    'quo"te': (item(FREE, 'quo"te'), "available", None),
    "no-repo": (item(FREE, "no-repo", repoName=None), "available", "no repoName"),
    "nothing": ({"stackName": {"S": "nothing"}}, "claimed", "no repoName"),
}
NAMED_SO = [name for name in ODD if name not in ("a/b", LONG)]


@pytest.fixture(scope="module")
def odd(dynamodb):
    table = dynamodb.new_table()
    with DynamoDbCalls(dynamodb.port) as calls:
        for made, _, _ in ODD.values():
            calls.put(table, made)
        # Unchecked: some have names of which the API's document says that there are none.
        with Server("--expiry-seconds", "1s", store=f"dynamodb:{table}", env=dynamodb.env, checked=False) as server:
            server.table, server.calls = table, calls
            yield server


@pytest.fixture(autouse=True)
def as_it_was(odd):
    """Each test meets the items as they were written."""
    for made, _, _ in ODD.values():
        odd.calls.put(odd.table, made)
    yield
    assert odd.process.poll() is None


def test_dynamodb_takes_no_other_types_of_what_its_indexes_are_by(dynamodb, odd):
    for key, value in (("isAvailable", {"N": "1"}), ("isAvailable", {"BOOL": True}), ("repoName", {"S": ""}),
                       ("repoName", {"N": "1"})):
        with pytest.raises(DynamoDbError, match="ValidationException"):
            odd.calls.put(odd.table, {**FREE, key: value})


def test_all_are_listed(odd):
    shown = odd.stacks()
    assert {name: shown[name]["state"] for name in ODD} == {name: state for name, (_, state, _) in ODD.items()}
    assert {line["stackName"] for line in odd.export()} == set(ODD)


@pytest.mark.parametrize("name", NAMED_SO)
def test_each_is_shown_and_can_be_described_claimed_released_and_removed(odd, name):
    _, state, _ = ODD[name]
    quoted = quote(name, safe="")
    path = f"/v1/stacks/{quoted}"
    assert odd.call("GET", path).json()["state"] == state
    assert odd.call("PATCH", path, {"note": "mended"}).json()["note"] == "mended"
    if state == "available":
        assert odd.call("PUT", f"/claim-stack/{quoted}").status == 200
    assert odd.call("PUT", f"/claim-stack/{quoted}").status == 400, "nobody gets it twice"
    assert odd.call("PUT", f"/release-stack/{quoted}").status == 200
    assert odd.call("GET", path).json()["state"] == "available"
    assert odd.call("DELETE", path).status == 204


def test_what_others_wrote_into_an_item_is_kept(odd):
    made = claim(odd, stackName="stranger")
    release(odd, made)
    now = odd.calls.get(odd.table, "stranger")
    for key in ("costCentre", "tags", "nested"):
        assert now[key] == ODD["stranger"][0][key]


def test_what_is_in_use_is_lent_to_nobody_and_swept_only_where_its_time_can_be_read(odd):
    in_use = {name for name, (_, state, _) in ODD.items() if state == "claimed"}
    granted = set()
    while True:
        answer = ask(odd)
        if answer.status == 409:
            break
        granted |= {made["stackName"] for made in answer.json()["claims"]}
    assert granted == set(ODD) - in_use - {"no-repo"}
    assert odd.call("POST", "/v1/sweep").status == 200
    after = odd.stacks()
    still = {name for name in in_use if after[name]["state"] == "claimed"}
    assert still == {"no-last-used", "a-date", "seconds", "nothing"}


def test_other_stacks_are_swept_beside_an_odd_one(odd):
    """One that cannot be written must not keep the sweep from the rest."""
    odd.calls.put(odd.table, item(USED, "no-repo", repoName=None))
    odd.calls.put(odd.table, item(USED, "zz-ordinary"))
    assert odd.call("POST", "/v1/sweep").json()["released"] >= 2
    assert stack(odd, "zz-ordinary")["state"] == "available"
    assert stack(odd, "no-repo")["state"] == "available"
    assert odd.call("DELETE", "/v1/stacks/zz-ordinary").status == 204


def test_check_names_each_with_what_to_do(dynamodb, odd):
    done = dynamodb.run("check", odd.table)
    assert done.returncode == 0, done.stderr
    for name, (_, _, says) in ODD.items():
        lines = [line for line in done.stdout.splitlines() if f"the stack {json.dumps(name)} " in line]
        assert (says is None) == (lines == []), lines
        assert says is None or any(says in line for line in lines), lines


def test_lists_of_repos_have_no_nameless_one(odd):
    assert [repo["repoName"] for repo in odd.call("GET", "/v1/repos").json()["items"]] == ["r"]


def test_doctor_names_those_that_no_job_gets_and_no_sweep_ends(odd):
    done = run_cli("doctor", server=odd)
    assert done.returncode == 0, done.stderr
    for name in ("no-last-used", "a-date", "seconds", "nothing"):
        assert f"{name} is in use, and nothing says since when" in done.stdout
    assert "no-repo is of no repo" in done.stdout and "bdd-lock dynamodb check" in done.stdout
    assert "stranger" not in done.stdout
