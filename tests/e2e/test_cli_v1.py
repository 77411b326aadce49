"""The commands for claims, requests and history, against the real server: what they print, and how they end."""

import json
import re
import subprocess

import pytest
from lending import (Waiting, add_stacks, ask, claim, instant, kinds, on_claim, release, request, stack, status)
from server import TOKEN, binary, clean_environment, run_cli, wait_until

HOLDER = {"ci": "gitlab", "job": "4711", "branch": "main"}


def ok(*arguments, **options):
    done = run_cli(*arguments, **options)
    assert done.returncode == 0, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def fails(code, *arguments, **options):
    done = run_cli(*arguments, **options)
    assert (done.returncode, done.stdout) == (code, ""), (arguments, done)
    assert done.stderr.startswith("bdd-lock"), done.stderr
    return done.stderr


@pytest.fixture
def owned(server, tmp_path):
    """A claim of the stack a whose claimId is in a file."""
    add_stacks(server, "a", labels={"size": "large"})
    made = claim(server, requestId="build-1", holder=HOLDER, leaseSeconds=600)
    made["file"] = tmp_path / "claim.txt"
    made["file"].write_text(f"{made['claimId']} and what else is here is not read\n")
    return made


def test_extend_prints_until_when(server, owned):
    until = ok("extend", "--claim-id-file", owned["file"], "--lease", "1h", server=server).strip()
    assert until == stack(server, "a")["claim"]["expiresAt"]
    assert instant(until) - instant(owned["claimedAt"]) >= 3600
    told = json.loads(ok("extend", "--claim-id-file", owned["file"], "--output", "json", server=server))
    assert (told["stackName"], told["expiresAt"], told["fencingToken"]) == ("a", until, 1)
    assert "claimId" not in told
    by_name = ok("extend", "a", "--lease", "2h", server=server).strip()
    assert instant(by_name) > instant(until)
    assert json.loads(ok("extend", "a", "--output", "json", server=server))["claim"]["expiresAt"] == by_name


def test_release_of_ones_own_claim(server, owned):
    ok("release", "--claim-id-file", owned["file"], "--outcome", "failed", "--note", "login test", "--branch", "main",
       "--commit", "1f0e2d3", server=server)
    shown = stack(server, "a")
    assert (shown["state"], shown["lastEnd"]["outcome"], shown["lastEnd"]["note"]) \
        == ("available", "failed", "login test")
    assert (shown["deployed"]["branch"], shown["deployed"]["commit"]) == ("main", "1f0e2d3")
    before = kinds(server, "a")
    ok("release", "--claim-id-file", owned["file"], server=server)  # again
    assert kinds(server, "a") == before


def test_a_lost_claim_ends_with_76_and_says_who_has_it(server, owned):
    ok("release", "a", "--fencing-token", "1", server=server)
    claim(server, holder={"job": "next"})
    for command in ("extend", "release", "hold"):
        said = fails(76, command, "--claim-id-file", owned["file"], server=server)
        assert "next" in said and "admin_released" in said
        assert owned["claimId"] not in said


def test_release_by_name_ends_no_v1_claim_unless_its_token_is_named(server, owned):
    said = fails(1, "release", "a", server=server)
    assert "4711" in said and "--fencing-token 1" in said
    fails(1, "release", "a", "--fencing-token", "2", server=server)
    assert on_claim(server, owned, "extend").status == 200
    ok("release", "a", "--fencing-token", "present", server=server)
    assert stack(server, "a")["state"] == "available"
    assert "not" in fails(1, "release", "a", server=server)


def test_hold_keeps_the_stack_aside_and_prints_until_when(server, owned):
    until = ok("hold", "--claim-id-file", owned["file"], "--keep", "30m", "--note", "login test", server=server).strip()
    shown = stack(server, "a")
    assert (shown["state"], shown["heldUntil"], shown["lastEnd"]["outcome"]) == ("held", until, "failed")
    again = json.loads(ok("hold", "--claim-id-file", owned["file"], "--keep", "30m", "--output", "json", server=server))
    assert (again["held"], again["heldUntil"]) == (True, until)
    longer = json.loads(ok("hold", "a", "--keep", "2h", "--output", "json", server=server))
    assert (longer["state"], instant(longer["heldUntil"]) > instant(until)) == ("held", True)
    ok("release", "--claim-id-file", owned["file"], server=server)
    assert stack(server, "a")["state"] == "available"


def test_hold_past_the_limit_releases_and_ends_with_1(server, tmp_path):
    add_stacks(server, "a", "b")
    release(server, claim(server), keepSeconds=600)
    made = claim(server)
    (tmp_path / "claim.txt").write_text(made["claimId"])
    said = fails(1, "hold", "--claim-id-file", tmp_path / "claim.txt", server=server)
    assert made["stackName"] in said and "as many stacks on hold as it may" in said
    assert stack(server, made["stackName"])["state"] == "available"


def test_hold_by_name_needs_the_token_of_a_live_claim(server, owned):
    assert "--fencing-token 1" in fails(1, "hold", "a", server=server)
    ok("hold", "a", "--fencing-token", "1", server=server)
    assert stack(server, "a")["state"] == "held"


def test_disable_and_enable(server, owned):
    done = run_cli("disable", "a", "--reason", "upgrade", server=server)
    assert (done.returncode, done.stdout) == (0, "") and "4711" in done.stderr
    assert stack(server, "a")["disabled"] == {"reason": "upgrade", "when": "afterClaim"}
    assert json.loads(ok("enable", "a", "--output", "json", server=server)) == stack(server, "a")
    shown = json.loads(ok("disable", "a", "--reason", "on fire", "--now", "--output", "json", server=server))
    assert shown == stack(server, "a") and shown["state"] == "disabled"
    fails(76, "extend", "--claim-id-file", owned["file"], server=server)
    assert ok("enable", "a", server=server) == ""
    assert stack(server, "a")["state"] == "available"
    for arguments in (["disable", "nope", "--reason", "x"], ["enable", "nope"]):
        assert "nope" in fails(1, *arguments, server=server)
    fails(64, "disable", "a", server=server)


def test_list_and_show_know_all_of_a_stack(server, owned):
    add_stacks(server, "b", note="two\nlines")
    columns = [line.split("\t") for line in ok("list", server=server).splitlines()]
    assert [(line[0], line[1], line[2], line[4], line[6], line[7]) for line in columns] \
        == [("a", "r", "claimed", "1", "4711", "size=large"), ("b", "r", "available", "0", "", "")]
    assert columns[0][5] == owned["expiresAt"]
    listed = json.loads(ok("list", "--output", "json", server=server))
    assert {item["stackName"]: item for item in listed} == server.stacks()
    assert json.loads(ok("show", "a", "--output", "json", server=server)) == stack(server, "a")
    table = ok("show", "a", "--output", "table", server=server)
    for words in ("build-1", "gitlab", "4711", "main", "size=large", owned["expiresAt"]):
        assert words in table
    assert "two\\nlines" in ok("show", "b", "--output", "table", server=server)
    assert [line.split("\t")[0] for line in ok("list", "--state", "claimed", server=server).splitlines()] == ["a"]


def test_history_of_a_stack_and_of_a_repo(server, owned):
    add_stacks(server, "b", repo="other")
    release(server, owned, outcome="failed", note="login test")
    lines = [line.split("\t") for line in ok("history", "a", server=server).splitlines()]
    assert [line[1] for line in lines] == ["released", "claimed", "created"]
    at, what, name, states, token, by, who, note = lines[0]
    assert (what, name, states, token, by, who, note) \
        == ("released", "a", "claimed>available", "1", "owner", "4711", "login test")
    events = json.loads(ok("history", "a", "--output", "json", server=server))
    assert events == server.call("GET", "/v1/stacks/a/history").json()["items"]
    assert len(json.loads(ok("history", "--output", "json", server=server))) == 4
    assert len(json.loads(ok("history", "--repo", "other", "--output", "json", server=server))) == 1
    env = {"REPO_NAME": "other"}
    assert len(json.loads(ok("history", "--output", "json", server=server, env=env))) == 1
    assert len(json.loads(ok("history", "--repo", "", "--output", "json", server=server, env=env))) == 4
    assert len(ok("history", "--limit", "2", server=server).splitlines()) == 2
    assert [line.split("\t")[1] for line in ok("history", "a", "--until", at, server=server).splitlines()] \
        == ["claimed", "created"]
    assert len(ok("history", "a", "--since", "1h", server=server).splitlines()) == 3
    assert ok("history", "a", "--until", "1h", server=server) == ""
    table = ok("history", "a", "--output", "table", server=server)
    assert table.splitlines()[0].split() == ["AT", "WHAT", "STACK", "STATE", "TOKEN", "BY", "WHO", "NOTE"]
    assert "nobody" in fails(1, "history", "nobody", server=server)
    assert "yesterday" in fails(1, "history", "--since", "yesterday", server=server)


def test_explain_says_what_a_request_waits_for(server, owned):
    waiting = Waiting(server, "build-2", holder={"job": "4712"}, priority=3)
    text = ok("explain", "build-2", "--repo", "r", server=server)
    assert "build-2 is waiting, at place 1" in text
    assert re.search(r"^first: a suitable stack must come free, such as a, which 4711 has until ", text, re.M)
    told = json.loads(ok("explain", "build-2", "--repo", "r", "--output", "json", server=server))
    assert told == request(server, "build-2")
    lines = [line.split("\t") for line in ok("explain", "--repo", "r", server=server).splitlines()]
    assert [(line[0], line[1], line[2], line[3], line[6]) for line in lines] \
        == [("build-2", "waiting", "1", "3", "4712"), ("build-1", "granted", "", "0", "4711")]
    listed = json.loads(ok("explain", "--repo", "r", "--output", "json", server=server))
    assert listed == server.call("GET", "/v1/repos/r/requests").json()["items"]
    assert "build-9" in fails(1, "explain", "build-9", "--repo", "r", server=server)
    assert "other" in fails(1, "explain", "--repo", "other", server=server)
    fails(64, "explain", "build-2", server=server)
    release(server, owned)
    waiting.claim()
    assert "build-2 is granted\nit has a, fencing token 2\n" in ok("explain", "build-2", "--repo", "r", server=server)


def test_sweep_counts_leases_and_holds(server):
    add_stacks(server, "a", "b")
    claim(server, leaseSeconds=1)
    wait_until(lambda: {"available"} == {item["state"] for item in server.stacks().values()}, 20, "the lease's end")
    wait_until(lambda: "expired" in kinds(server), 20, "the sweep")
    assert ok("sweep", server=server) == "released 0\nexpired 0\nholds ended 0\nremoved 0\n"


def test_a_job_may_mix_a_claim_by_curl_with_commands(server, tmp_path):
    """As docs/cli.md says it: the claimId goes from the answer into a file, and nowhere else."""
    add_stacks(server, "a")
    script = """
      curl -sf -X POST -H "Authorization: Bearer $BDD_LOCK_AUTH_TOKEN" "$BDD_LOCK_ENDPOINT/v1/repos/r/claims" \
        -d '{"requestId": "build-1"}' > claim.json
      python3 -c 'import json; print(json.load(open("claim.json"))["claims"][0]["claimId"])' > claim.txt
      bdd-lock extend --claim-id-file claim.txt --lease 1h > until
      bdd-lock release --claim-id-file claim.txt --outcome passed
    """
    env = {**clean_environment(), "BDD_LOCK_AUTH_TOKEN": TOKEN, "BDD_LOCK_ENDPOINT": server.endpoint,
           "PATH": f"{binary().parent}:/usr/bin:/bin"}
    done = subprocess.run(["sh", "-euc", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert kinds(server, "a") == ["created", "claimed", "released"]
    assert status(server, "build-1") == "ended"
    assert ask(server, requestId="build-1").status == 410
