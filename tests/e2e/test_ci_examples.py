"""ci-examples/circleci against the real server, with stand-ins for deploy and tests. What servers should never do
is played by a scripted one. (What signals do is in test_ci_signals.py.)"""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from ci_jobs import (DONE, NO_V1, REPO, SCRIPTS, Jobs, Shell, assert_all_free, create, faults_of,  # noqa: F401
                     listed, nothing_goes_on, shell, small_path, stacks)
from scripted_server import ScriptedServer
from server import PATIENCE_SECONDS, TOKEN, free_port

EXITS = {"passes": 0, "deploy-fails": 7, "test-fails": 3, "deploy-hangs": 143, "test-hangs": 143}
BUSY = (503, {"Retry-After": "1"}, '{"error": "the store is busy"}')
REFUSED = (400, {}, '{"error": "Transaction Cancelled"}')


def test_the_check_of_the_records_finds_what_it_should():
    assert faults_of({"s": ["begin a", "test a", "end a", "begin b", "end b"]}) == []
    assert faults_of({"s": ["begin a", "begin b", "end a", "end b"]})
    assert faults_of({"s": ["begin a", "test b", "end a"]})
    assert faults_of({"s": ["begin a", "test a"]})


def ten_jobs(jobs):
    kinds = ["passes", "deploy-fails", "test-fails", "passes", "test-hangs",
             "passes", "test-fails", "deploy-hangs", "deploy-fails", "passes"]
    started = [(kind, jobs.start(f"job{number}", kind)) for number, kind in enumerate(kinds)]
    for number, (kind, process) in enumerate(started):
        if kind.endswith("hangs"):
            jobs.wait_for(f"hangs-job{number}", process)
            process.send_signal(signal.SIGTERM)
    for number, (kind, process) in enumerate(started):
        _, err = process.communicate(timeout=2 * PATIENCE_SECONDS)
        assert process.returncode == EXITS[kind], f"job{number} {kind}:\n{err}"
    assert not (jobs.records / "violations").exists(), (jobs.records / "violations").read_text()
    assert faults_of(jobs.uses()) == []
    used = sorted(line.split()[1] for lines in jobs.uses().values() for line in lines
                  if line.startswith("begin"))
    assert used == sorted(f"job{number}" for number in range(10))


def test_ten_jobs_at_once_on_three_stacks(server, shell, tmp_path):
    create(server, "alpha", "beta two", "gamma&+%3F")
    ten_jobs(Jobs(tmp_path, shell, server.endpoint, BDD_LOCK_CREATE_AFTER_SECONDS="never"))
    assert_all_free(server)
    assert sorted(stacks(server)) == ["alpha", "beta two", "gamma&+%3F"]
    # One grant for each job, not one more: none was claimed and dropped.
    assert sum(item["fencingToken"] for item in stacks(server).values()) == 10


def test_ten_jobs_at_once_that_may_create(server, shell, tmp_path):
    create(server, "alpha", "beta", "gamma")
    ten_jobs(Jobs(tmp_path, shell, server.endpoint))
    assert_all_free(server)
    assert 3 <= len(stacks(server)) <= 10


def test_a_claim_passes_the_name_and_standard_input_on(server, shell, tmp_path):
    create(server, "alpha")
    jobs = Jobs(tmp_path, shell, server.endpoint)
    code, out, err = jobs.run("job", arguments=["echo deploys $STACK_NAME", "echo tests $BDD_STACK_NAME"])
    assert (code, out) == (0, "deploys alpha\ntests alpha\n"), err
    assert TOKEN not in out + err
    assert not (tmp_path / "job" / ".bdd-lock-stack").exists()


def test_none_in_time_is_75(server, shell, tmp_path):
    jobs = Jobs(tmp_path, shell, server.endpoint, BDD_LOCK_CREATE_AFTER_SECONDS="never",
                BDD_LOCK_WAIT_SECONDS="1")
    code, _, err = jobs.run("job")
    assert code == 75 and "was free within 1 s" in err, err


def test_get_and_release_as_steps_of_their_own(server, shell, tmp_path):
    create(server, "beta two")
    jobs = Jobs(tmp_path, shell, server.endpoint)
    code, out, err = jobs.run("job", script="get-stack.sh", arguments=[])
    assert (code, out) == (0, "beta two\n"), err
    assert stacks(server)["beta two"]["state"] == "claimed"
    for _ in range(2):  # the second time there is nothing to do
        code, _, err = jobs.run("job", script="release-stack.sh", arguments=[])
        assert code == 0, err
        assert_all_free(server)


def test_a_killed_job_is_released_by_the_last_step(server, shell, tmp_path):
    create(server, "alpha")
    jobs = Jobs(tmp_path, shell, server.endpoint)
    process = jobs.start("job", "test-hangs")
    jobs.wait_for("hangs-job", process)
    process.kill()
    process.wait()
    os.kill(int((jobs.records / "hangs-job").read_text()), signal.SIGKILL)
    assert stacks(server)["alpha"]["state"] == "claimed"
    code, _, err = jobs.run("job", script="release-stack.sh", arguments=[])
    assert code == 0, err
    assert_all_free(server)


@pytest.mark.parametrize("token", ["wrong", "x y"])
def test_a_wrong_token_is_77_at_once(server, shell, tmp_path, token):
    jobs = Jobs(tmp_path, shell, server.endpoint, BDD_LOCK_BACKOFF_MS="60000")
    code, _, err = jobs.run("job", BDD_LOCK_AUTH_TOKEN=token)
    assert code == 77 and "BDD_LOCK_AUTH_TOKEN" in err, err
    assert token not in err


def test_no_server_is_69_after_a_bounded_number_of_tries(shell, tmp_path):
    jobs = Jobs(tmp_path, shell, f"http://127.0.0.1:{free_port()}", BDD_LOCK_TRIES="3")
    code, _, err = jobs.run("job")
    assert code == 69 and "in 3 tries" in err, err


@pytest.mark.parametrize("missing", ["BDD_LOCK_ENDPOINT", "BDD_LOCK_AUTH_TOKEN", "REPO_NAME"])
def test_a_missing_setting_is_64(shell, tmp_path, missing):
    code, _, err = Jobs(tmp_path, shell, "http://127.0.0.1:1").run("job", **{missing: ""})
    assert code == 64 and missing in err


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "08"])
def test_a_setting_that_is_no_number_is_64(shell, tmp_path, value):
    code, _, err = Jobs(tmp_path, shell, "http://127.0.0.1:1").run("job", BDD_LOCK_GRACE_SECONDS=value)
    assert code == 64 and value in err


def scripted(shell, tmp_path, answer, **settings):
    with ScriptedServer(answer) as fake:
        return (*Jobs(tmp_path, shell, fake.endpoint, **settings).run("job"), fake)


def test_503_is_waited_out_as_the_server_says(tmp_path):
    """By a sleep that only writes down for how long it was asked."""
    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            return NO_V1
        if count == 0:
            return BUSY
        return listed("alpha") if method == "GET" else DONE

    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sleep").write_text('#!/bin/sh\necho "$1" >>"$RECORDS/sleeps"\n')
    (tmp_path / "bin" / "sleep").chmod(0o755)
    shell = Shell([shutil.which("dash")], f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    code, _, err, fake = scripted(shell, tmp_path, answer)
    assert code == 0, err
    # The list, the claim and the release were each put off once; a back-off is a fraction of a second here.
    assert (tmp_path / "records" / "sleeps").read_text().splitlines().count("1") == 3
    assert len(fake.made("PUT", "/claim-stack/alpha")) == 2


def test_a_taken_stack_leads_to_the_next(shell, tmp_path):
    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            return NO_V1
        if path == "/claim-stack/alpha":
            return REFUSED
        return listed("alpha", "beta") if method == "GET" else DONE

    code, _, err, fake = scripted(shell, tmp_path, answer)
    assert code == 0, err
    assert [call[1] for call in fake.made("PUT")] == \
        ["/claim-stack/alpha", "/claim-stack/beta", "/release-stack/beta"]


def test_a_new_name_that_exists_is_never_used(shell, tmp_path):
    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            return NO_V1
        if method == "GET":
            return listed()
        if method == "POST" and count < 2:
            return 400, {}, '{"error": "Stack Name already exists"}'
        return DONE

    code, _, err, fake = scripted(shell, tmp_path, answer)
    assert code == 0, err
    bodies = [json.loads(call[2]) for call in fake.made("POST")]
    assert len({body["stackName"] for body in bodies}) == 3
    assert all(body["isAvailable"] is False and body["repoName"] == REPO for body in bodies)
    assert [call[1] for call in fake.made("PUT")] == [f"/release-stack/{bodies[2]['stackName']}"]


def test_a_claim_whose_answer_was_lost_is_not_released_by_guess(shell, tmp_path):
    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            return NO_V1
        if path == "/claim-stack/alpha":
            return None
        return listed("alpha", "beta") if method == "GET" else DONE

    code, _, err, fake = scripted(shell, tmp_path, answer)
    assert code == 0, err
    assert fake.made("PUT", "/release-stack/alpha") == []
    assert len(fake.made("PUT", "/release-stack/beta")) == 1


def lost_release(token_later, v1=True):
    """The first release gets no answer; afterwards the stack's fencing token is `token_later`."""
    released = []

    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            if not v1:
                return NO_V1
            token = token_later if released else 5
            return 200, {}, json.dumps({"stackName": "alpha", "state": "claimed", "fencingToken": token})
        if path.startswith("/release-stack/"):
            released.append(path)
            return None if count == 0 else DONE
        return listed("alpha") if method == "GET" and not released else (listed() if method == "GET" else DONE)

    return answer


def test_a_release_whose_answer_was_lost_is_repeated_while_the_claim_is_ours(shell, tmp_path):
    code, _, err, fake = scripted(shell, tmp_path, lost_release(token_later=5))
    assert code == 0, err
    assert len(fake.made("PUT", "/release-stack/alpha")) == 2


@pytest.mark.parametrize("v1", [True, False])
def test_a_release_whose_answer_was_lost_never_frees_the_next_jobs_claim(shell, tmp_path, v1):
    code, _, err, fake = scripted(shell, tmp_path, lost_release(token_later=6, v1=v1), BDD_LOCK_TRIES="3")
    assert code == 0, err
    assert len(fake.made("PUT", "/release-stack/alpha")) == 1


def test_names_that_need_a_json_parser_are_left_out(shell, tmp_path):
    odd = ["a\"b", "a\\b", "ä", '","stackName": "trap', "stackName", "plain one"]

    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            return NO_V1
        if path.startswith("/claim-stack/"):
            return DONE if unquote(path) == "/claim-stack/plain one" else REFUSED
        return listed(*odd) if method == "GET" else DONE

    code, _, err, fake = scripted(shell, tmp_path, answer)
    assert code == 0, err
    assert [unquote(call[1]) for call in fake.made("PUT", "/claim-stack/")] == \
        ["/claim-stack/stackName", "/claim-stack/plain one"]


def test_the_token_is_in_no_list_of_processes(shell, tmp_path):
    seen = []

    def answer(method, path, body, count):
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if b"curl" in line:
                seen.append(line)
        return NO_V1 if path.startswith("/v1/") else listed("alpha") if method == "GET" else DONE

    code, _, err, fake = scripted(shell, tmp_path, answer, BDD_LOCK_AUTH_TOKEN="tell-nobody-42")
    assert code == 0, err
    assert any(b"/claim-stack/" in line for line in seen)
    assert not any(b"tell-nobody-42" in line for line in seen)
    assert all(call[3]["Authorization"] == "tell-nobody-42" for call in fake.calls)


def test_the_scripts_pass_shellcheck():
    scripts = sorted(str(path) for path in SCRIPTS.glob("*.sh"))
    assert len(scripts) == 4
    done = subprocess.run(["shellcheck", "-x", *scripts],
                          capture_output=True, text=True, cwd=SCRIPTS)
    assert done.returncode == 0, done.stdout + done.stderr
