"""The commands as people and scripts use them: output, exit codes, help."""

import json
import re
import subprocess
import threading
import time

import pytest
from server import PATIENCE_SECONDS, TOKEN, Server, binary, clean_environment, free_port, run_cli, wait_until

COMMANDS = ["serve", "run", "claim", "extend", "release", "hold", "create", "list", "show", "remove", "disable", "enable",
            "history", "explain", "sweep", "export", "import", "backup", "restore", "doctor", "version"]


def ok(*arguments, **options):
    done = run_cli(*arguments, **options)
    assert done.returncode == 0, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def fails(code, *arguments, **options):
    done = run_cli(*arguments, **options)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    assert done.stderr.startswith("bdd-lock"), done.stderr
    return done.stderr


# Help

def test_the_overview_names_every_command():
    for arguments in (["--help"], ["help"], ["-h"]):
        text = ok(*arguments)
        assert all(re.search(rf"^ +{name} ", text, re.M) for name in COMMANDS), text


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(command):
    text = ok(command, "--help")
    assert f"bdd-lock {command}" in text
    assert re.search(r"^Examples?:?$", text, re.M | re.I), text
    assert ok("help", command) == text


def examples(command):
    text = ok(command, "--help")
    block = re.search(r"^Examples?:?\n((?: +.*\n?)+)", text, re.M | re.I).group(1)
    return [line.strip() for line in block.splitlines() if "bdd-lock" in line]


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "serve"])
def test_the_examples_in_the_help_work_as_they_stand(command, tmp_path):
    """In a shell, each in a folder with a table of a few stacks, a claim, a back-up and an export."""
    env = {**clean_environment(), "BDD_LOCK_AUTH_TOKEN": TOKEN, "REPO_NAME": "paymentService",
           "PATH": f"{binary().parent}:/usr/bin:/bin"}
    for number, line in enumerate(examples(command)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with Server(folder=folder, store=f"sqlite:{folder}/bdd-lock.db") as server:
            env |= {"BDD_LOCK_ENDPOINT": server.endpoint, "BDD_LOCK_CLAIM_FILE": f"{folder}/job-claim.json"}
            for name in ("testStack2192", "testStack9521"):
                server.create(name, "paymentService", available=command not in ("release", "hold"))
            if command in ("extend", "release", "hold", "explain"):
                lend_for_examples(server, folder, command)
            if command == "run":
                make_scripts(server, folder)
            in_shell("bdd-lock export stacks.jsonl; bdd-lock backup the-backup.db", folder, env)
            if command == "create" or (command == "import" and "--replace" not in line):
                for name in ("testStack2192", "testStack9521"):
                    server.call("DELETE", f"/v1/stacks/{name}")
            if command == "restore":
                assert server.stop() == 0
                line = line.replace("bdd-lock-backup.db", "the-backup.db")
            line = line.replace("/backup/", f"{folder}/").replace("/var/lib/", f"{folder}/")
            line = re.sub(r"http://[\w.]+:\d+", server.endpoint, line).split("#")[0]
            in_shell("STACK_NAME=testStack2192; " + line, folder, env)
            if command == "claim":
                in_shell("bdd-lock release", folder, env)  # also ends what a claim left in the background


def lend_for_examples(server, folder, command):
    """What the examples of claims speak of: a claim whose claimId is in claim.txt, and somebody who waits."""
    server.create("testStack4711", "paymentService")
    claims = "/v1/repos/paymentService/claims"
    claim = server.call("POST", claims, {"stackName": "testStack4711"}).json()["claims"][0]
    (folder / "claim.txt").write_text(claim["claimId"] + "\n")
    if command == "extend":
        assert server.call("POST", claims, {"stackName": "testStack2192"}).status == 200
    waiting = {"requestId": "build-4711", "stackName": "testStack4711", "waitSeconds": 1}
    if command == "explain":
        assert server.call("POST", claims, waiting).status == 202


def make_scripts(server, folder):
    """What the examples of run speak of: a job's scripts, and a stack with a label."""
    server.call("POST", "/v1/stacks", {"stackName": "large", "repoName": "paymentService", "labels": {"size": "large"}})
    (folder / "ci").mkdir()
    for name in ("ci/deploy-and-test.sh", "deploy.sh", "test.sh"):
        (folder / name).write_text('#!/bin/sh\ntest -n "$STACK_NAME"\n')
        (folder / name).chmod(0o755)


def in_shell(line, folder, env):
    done = subprocess.run(["sh", "-euc", line], cwd=folder, env=env, capture_output=True, text=True,
                          timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, (line, done.returncode, done.stdout, done.stderr)


# Exit codes

def asked(server, *targets):
    """What the server's log says of requests, but for those of its start, which may come late in the log."""
    access = [event for event in server.events("access") if event["target"] != "/readyz"]
    return [event for event in access if not targets or event["target"].startswith(targets)]


def test_usage_is_64_and_nothing_is_sent(server):
    for arguments in ([], ["nope"], ["claim", "a", "b"], ["list", "--nope"], ["list", "--state", "free"], ["create"],
                      ["create", "a/b", "--repo", "r"], ["create", "a"], ["claim"], ["claim", "--repo", ""],
                      ["claim", "--repo", "r", "--wait", "soon"], ["show"], ["remove"], ["release", ""],
                      ["list", "--output", "xml"], ["list", "--timeout", "0"], ["import"], ["import", "no-such-file"],
                      ["backup"], ["restore"], ["list", "--endpoint", "ftp://x"], ["list", "--token", "x"],
                      ["list", "--token-file", "no-such-file"]):
        fails(64, *arguments, server=server)
    ok("list", server=server)
    wait_until(lambda: asked(server), what="the log's line of a request")
    assert len(asked(server)) == 1


def test_an_unknown_command_or_option_gets_the_nearest_known_one(server):
    assert "did you mean claim?" in fails(64, "clam")
    assert "did you mean --repo?" in fails(64, "list", "--rpeo", "r", server=server)


def test_a_refusal_is_1_and_says_why(server):
    server.create("used", available=False)
    server.create("free")
    assert "in the table already" in fails(1, "create", "free", "--repo", "r", server=server)
    assert "no stack nope" in fails(1, "show", "nope", server=server)
    assert "no stack nope" in fails(1, "release", "nope", server=server)
    assert "no stack nope" in fails(1, "remove", "nope", server=server)
    assert "no stack nope" in fails(1, "claim", "nope", server=server)
    assert "available" in fails(1, "release", "free", server=server)
    assert "claimed" in fails(1, "remove", "used", server=server)


def test_a_server_that_is_not_there_is_69():
    message = fails(69, "list", "--endpoint", f"http://127.0.0.1:{free_port()}", "--timeout", "1s")
    assert "cannot reach" in message


def test_a_server_that_comes_while_the_client_tries_is_found():
    port = free_port()
    done = []
    client = threading.Thread(target=lambda: done.append(
        run_cli("create", "a", "--repo", "r", "--endpoint", f"http://127.0.0.1:{port}", "--timeout", "60s")))
    client.start()
    time.sleep(0.3)  # so that it has most likely tried; if not, it has it easier
    with Server(port=port) as server:
        client.join()
        assert done[0].returncode == 0, done[0].stderr
        assert server.stacks().keys() == {"a"}


def test_a_server_that_does_not_answer_is_69_and_the_outcome_unknown():
    import socket
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        endpoint = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        message = fails(69, "release", "a", "--endpoint", endpoint, "--timeout", "3s")
        assert "not known" in message and "bdd-lock show a" in message


def test_none_in_time_is_75(server):
    server.create("used", available=False)
    message = fails(75, "claim", "--repo", "r", "--no-create", server=server)
    assert "1 claimed" in message
    assert "claimed" in fails(75, "claim", "used", server=server)
    before = len(asked(server, "/get-available/"))
    fails(75, "claim", "--repo", "r", "--no-create", "--wait", "1s", server=server)
    wait_until(lambda: len(asked(server, "/get-available/")) > before + 1, what="asking again")


def test_a_token_that_is_not_accepted_is_77(server):
    for arguments in (["list"], ["claim", "a"], ["claim", "--repo", "r"], ["create", "a", "--repo", "r"],
                      ["release", "a"], ["sweep"], ["export"], ["show", "a"], ["remove", "a"]):
        assert "does not accept" in fails(77, *arguments, server=server, token="wrong")
    assert "none is set" in fails(77, "list", server=server, token=None)
    assert server.stacks() == {}


def test_a_token_file_works_as_the_variable_does(server, tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    assert ok("list", "--token-file", str(file), server=server, token=None) == ""


def test_output_that_cannot_be_written_is_no_success(server):
    for n in range(10):
        server.create(f"s{n}")
    with open("/dev/full", "w") as full:
        done = subprocess.run([binary(), "list"], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=clean_environment(BDD_LOCK_ENDPOINT=server.endpoint, BDD_LOCK_AUTH_TOKEN=TOKEN))
    assert done.returncode == 1 and "could not be written" in done.stderr


# Output

def test_list_and_show_print_plain_lines_a_table_or_json(server):
    server.create("b", "r2", available=False)
    server.create("a", "r1")
    plain = ok("list", server=server).splitlines()
    assert [line.split("\t")[:3] for line in plain] == [["a", "r1", "available"], ["b", "r2", "claimed"]]
    assert [line.split("\t")[4] for line in plain] == ["0", "1"]
    table = ok("list", "--output", "table", server=server).splitlines()
    assert re.match(r"STACK +REPO +STATE +LAST USED +TOKEN", table[0]) and len(table) == 3
    stacks = json.loads(ok("list", "--output", "json", server=server))
    assert stacks == list(server.stacks().values())
    assert json.loads(ok("show", "b", "--output", "json", server=server)) == stacks[1]
    assert ok("show", "b", server=server).startswith("b\tr2\tclaimed\t")
    assert ok("list", "--repo", "r1", server=server).startswith("a\t")
    assert ok("list", "--state", "claimed", server=server).startswith("b\t")
    assert ok("list", server=server, env={"REPO_NAME": "r2"}).startswith("b\t")
    assert len(ok("list", "--repo", "", server=server, env={"REPO_NAME": "r2"}).splitlines()) == 2
    assert json.loads(ok("list", "--repo", "none", "--output", "json", server=server)) == []


def test_a_long_list_is_whole(server):
    for start in range(0, 2500, 500):
        lines = "".join(f'{{"stackName":"s{n:04}","repoName":"r","isAvailable":"x"}}\n'
                        for n in range(start, start + 500))
        assert server.call("POST", "/v1/import", lines).status == 200
    names = [line.split("\t")[0] for line in ok("list", server=server).splitlines()]
    assert names == [f"s{n:04}" for n in range(2500)]


def test_names_cannot_steer_a_terminal(server):
    server.create("a\u202egnp.exe", repo="r\u2028x")
    listed = ok("list", server=server)
    assert listed.count("\n") == 1


def test_create_warns_where_cloudformation_would_not_take_the_name(server):
    for name in ("1stack", "my_stack", "a.b", "über", "a" * 129):
        done = run_cli("create", name, "--repo", "r", server=server)
        assert done.returncode == 0 and "CloudFormation" in done.stderr
    done = run_cli("create", "a" * 128, "--repo", "r", server=server)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a" * 128 + "\n", "")


def test_version_says_which():
    assert re.fullmatch(r"bdd-lock \d+\.\d+\.\d+\n", ok("version"))
    assert json.loads(ok("version", "--output", "json")).keys() == {"version"}
    assert ok("--version") == ok("version")


def test_a_path_prefix_in_the_endpoint_is_kept(server):
    env = {"BDD_LOCK_ENDPOINT": server.endpoint + "/dev"}
    ok("create", "a", "--repo", "r", env=env)
    assert ok("list", env=env).startswith("a\t")


def test_settings_come_from_a_config_file_too(server, tmp_path):
    config = tmp_path / "client.ini"
    token = tmp_path / "token"
    token.write_text(TOKEN)
    config.write_text(f"endpoint = {server.endpoint}\ntoken-file = {token}\nrepo = fromFile\n")
    ok("create", "a", "--config", str(config), token=None)
    ok("create", "b", "--config", str(config), token=None, env={"REPO_NAME": "fromVariable"})
    ok("create", "c", "--config", str(config), "--repo", "fromFlag", token=None, env={"REPO_NAME": "fromVariable"})
    assert [stack["repoName"] for stack in server.stacks().values()] == ["fromFile", "fromVariable", "fromFlag"]


# Claiming

def test_claim_by_name(server):
    server.create("a")
    assert ok("claim", "a", server=server) == "a\n"
    assert server.stacks()["a"]["state"] == "claimed"
    assert ok("release", "a", server=server) == ""
    assert server.stacks()["a"]["state"] == "available"
    ok("remove", "a", server=server)
    assert server.stacks() == {}


def test_claim_takes_a_free_stack_of_the_repo_and_creates_one_only_when_there_is_none(server):
    server.create("mine")
    server.create("theirs", repo="other")
    assert ok("claim", "--repo", "r", server=server) == "mine\n"
    created = json.loads(ok("claim", "--repo", "r", "--output", "json", server=server))
    assert created["created"] is True and re.fullmatch(r"r-[a-z0-9]{8}", created["stackName"])
    stacks = server.stacks()
    assert stacks[created["stackName"]]["state"] == "claimed"
    assert stacks["theirs"]["state"] == "available"
    other = ok("claim", "--repo", "r", "--name-prefix", "bdd", server=server).strip()
    assert re.fullmatch(r"bdd[a-z0-9]{8}", other)


def sh(script, server, **variables):
    return subprocess.run(["sh", "-uc", script], capture_output=True, text=True, timeout=PATIENCE_SECONDS,
                          env={**clean_environment(), "BDD_LOCK_ENDPOINT": server.endpoint,
                               "BDD_LOCK_AUTH_TOKEN": TOKEN, "PATH": f"{binary().parent}:/usr/bin:/bin", **variables})


def test_output_env_is_for_eval(server):
    name = "it's $(rm) \"quoted\" \\ ünï"
    server.create(name, repo="r")
    done = sh('eval "$(bdd-lock claim --repo r --output env)"; printf "%s|%s|%s" "$STACK_NAME" "$BDD_STACK_NAME" '
              '"$BDD_STACK_CREATED"', server)
    assert done.stdout == f"{name}|{name}|false"


def test_an_eval_of_a_claim_that_failed_stops_the_script(server):
    done = sh('set -e; eval "$(bdd-lock claim --repo r --no-create --output env)"; echo went on', server)
    assert done.returncode == 75 and "went on" not in done.stdout


def test_a_waiting_claim_gets_the_stack_when_it_is_released(server):
    server.create("a", available=False)
    for arguments in (["claim", "a"], ["claim", "--repo", "r", "--no-create"]):
        done = []
        before = len(asked(server, "/claim-stack/", "/get-available/"))
        waiter = threading.Thread(target=lambda words=arguments: done.append(
            run_cli(*words, "--wait", "60s", server=server)))
        waiter.start()
        wait_until(lambda: len(asked(server, "/claim-stack/", "/get-available/")) > before, what="the first try")
        assert server.call("PUT", "/release-stack/a").status == 200
        waiter.join()
        assert (done[0].returncode, done[0].stdout) == (0, "a\n"), done[0].stderr


def test_claim_loops_share_few_stacks_without_two_holders_of_one(server):
    for n in range(3):
        server.create(f"s{n}")
    holders = {}
    failures = []

    def job(number):
        done = run_cli("claim", "--repo", "r", "--no-create", "--wait", "60s", server=server)
        name = done.stdout.strip()
        if done.returncode != 0 or holders.setdefault(name, number) != number:
            failures.append((number, done, holders))
        time.sleep(0.02)
        holders.pop(name, None)
        run_cli("release", name, server=server)

    jobs = [threading.Thread(target=job, args=(n,)) for n in range(16)]
    for thread in jobs:
        thread.start()
    for thread in jobs:
        thread.join()
    assert not failures
    stacks = server.stacks()
    assert sum(stack["fencingToken"] for stack in stacks.values()) == 16 and len(stacks) == 3
