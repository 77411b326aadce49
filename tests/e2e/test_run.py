"""`bdd-lock run`: what a command gets, what comes of its end, and what is refused."""

import hashlib
import os
import subprocess

import pytest
from lending import on_stack
from runs import Run, is_alive, job_environment, run, states, wait_claimed, waiting
from server import binary, run_program, wait_until

FREE = {"alpha": "available"}


@pytest.mark.parametrize("code", [0, 1, 3, 75, 76, 126, 255])
def test_the_commands_exit_code_is_its_own(server, tmp_path, code):
    server.create("alpha")
    ended, _, err = run(server, tmp_path, f"exit {code}")
    assert ended == code, err
    assert states(server) == FREE
    assert server.stacks()["alpha"]["lastEnd"]["outcome"] == ("failed" if code else "passed")


def test_a_command_that_a_signal_ends_gives_128_and_its_number(server, tmp_path):
    server.create("alpha")
    assert run(server, tmp_path, "kill -KILL $$")[0] == 128 + 9
    assert states(server) == FREE


@pytest.mark.parametrize("word, code, sentence", [
    ("no-such-command", 127, "there is no such command"),
    ("./not-executable", 126, "not-executable"),
    ("./no-such-file", 127, "no-such-file"),
])
def test_a_command_that_cannot_be_started_gives_its_stack_back(server, tmp_path, word, code, sentence):
    (tmp_path / "not-executable").write_text("true\n")
    server.create("alpha")
    ended, _, err = run(server, tmp_path, [word], "--keep-on-failure", "1h")
    assert ended == code and sentence in err
    assert states(server) == FREE


def test_the_command_learns_which_stack_it_has(server, tmp_path):
    server.create("alpha")
    code, out, err = run(server, tmp_path, 'echo "$STACK_NAME $BDD_STACK_NAME $BDD_FENCING_TOKEN $BDD_STACK_CREATED"; '
                                           'echo "$BDD_CLAIM_ID"')
    assert code == 0, err
    named, claim_id = out.decode().splitlines()
    token = server.stacks()["alpha"]["fencingToken"]
    assert named == f"alpha alpha {token} false"
    assert claim_id not in err and claim_id not in server.log()


def test_the_attributes_of_a_stack_come_as_variables(server, tmp_path):
    server.call("POST", "/v1/stacks", {"stackName": "alpha", "repoName": "r", "attributes": {"base-url": "http://a b"}})
    _, out, err = run(server, tmp_path, 'printf %s "$BDD_STACK_ATTR_BASE_URL"')
    assert out == b"http://a b", err


def test_without_a_free_stack_one_is_created_for_the_command(server, tmp_path):
    code, out, err = run(server, tmp_path, 'echo "$STACK_NAME $BDD_STACK_CREATED"', "--name-prefix", "new-",
                         "--label", "size=large", "--label", "zone=b")
    assert code == 0, err
    name, created = out.decode().split()
    assert name.startswith("new-") and created == "true"
    assert server.stacks()[name]["labels"] == {"size": "large", "zone": "b"}
    assert run(server, tmp_path, 'echo "$STACK_NAME $BDD_STACK_CREATED"')[1] == f"{name} false\n".encode()


def test_a_stack_of_a_failed_command_is_kept_aside_for_a_while(server, tmp_path):
    server.create("alpha")
    server.create("beta")
    code, _, err = run(server, tmp_path, "exit 4", "--keep-on-failure", "1h")
    assert code == 4
    assert "is kept aside until" in err
    assert sorted(states(server).values()) == ["available", "held"]
    assert run(server, tmp_path, "exit 0", "--keep-on-failure", "1h")[0] == 0
    assert sorted(states(server).values()) == ["available", "held"]


def test_a_branch_that_is_on_a_stack_already_is_preferred(server, tmp_path):
    github = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "1", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_JOB": "bdd",
              "GITHUB_REPOSITORY": "acme/shop", "GITHUB_SERVER_URL": "https://github.example",
              "GITHUB_SHA": "abc123", "GITHUB_ACTOR": "ada"}
    for name in ("alpha", "beta", "gamma"):
        server.create(name)
    with Run(server, [], "echo >go; sleep 100", tmp_path, env={**github, "GITHUB_REF_NAME": "other"}):
        wait_until((tmp_path / "go").exists, what="the other")
        _, out, _ = run(server, tmp_path, 'echo "$STACK_NAME"', env={**github, "GITHUB_REF_NAME": "topic"})
    mine = out.decode().strip()
    stack = server.stacks()[mine]
    assert (stack["deployed"]["branch"], stack["deployed"]["commit"]) == ("topic", "abc123")
    for _ in range(3):
        assert run(server, tmp_path, 'echo "$STACK_NAME"', "--prefer-branch", "topic")[1] == out


def test_the_holder_is_the_job_of_the_ci(server, tmp_path):
    server.create("alpha")
    env = {"GITLAB_CI": "true", "CI_JOB_ID": "4711", "CI_JOB_URL": "https://gitlab.example/j/4711",
           "CI_JOB_NAME": "bdd-tests", "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": "abc",
           "CI_PROJECT_PATH": "acme/shop", "CI_SERVER_URL": "https://gitlab.example", "GITLAB_USER_LOGIN": "ada"}
    with Run(server, [], "sleep 100", tmp_path, env=env):
        wait_claimed(server, "alpha")
        holder = server.stacks()["alpha"]["claim"]["holder"]
    assert holder["ci"] == "gitlab" and holder["jobUrl"] == "https://gitlab.example/j/4711"
    assert holder["branch"] == "main" and holder["repo"] == "acme/shop" and holder["actor"] == "ada"


def test_output_is_untouched_byte_for_byte(server, tmp_path):
    server.create("alpha")
    noise = os.urandom(3_000_000) + b"\r\n\x1b[2K\0no line end"
    (tmp_path / "noise").write_bytes(noise)
    code, out, _ = run(server, tmp_path, "cat noise")
    assert code == 0
    assert hashlib.sha256(out).digest() == hashlib.sha256(noise).digest()


def test_input_and_error_output_are_the_commands_own(server, tmp_path):
    server.create("alpha")
    done = subprocess.run([binary(), "run", "--", "sh", "-c", "cat; echo oops >&2"], input=b"a\0b\n",
                          capture_output=True, env=job_environment(server.endpoint), timeout=60)
    assert done.stdout == b"a\0b\n"
    assert b"\noops\n" in done.stderr


def test_a_reader_that_goes_away_ends_the_command_and_not_the_release(server, tmp_path):
    server.create("alpha")
    done = run_program(["sh", "-c", f"{binary()} run -- yes | head -n 1"], env=job_environment(server.endpoint))
    assert done.stdout == "y\n"
    wait_until(lambda: states(server) == FREE, what="the release")


def test_what_a_command_leaves_behind_is_ended_before_the_release(server, tmp_path):
    server.create("alpha")
    leave = "setsid sh -c 'echo $$ >stray; trap \"\" TERM HUP; while :; do sleep 0.05; done' & " \
            "sh -c 'echo $$ >member; exec sleep 100' & " \
            "while ! [ -s stray ] || ! [ -s member ]; do sleep 0.02; done; exit 5"
    code, _, err = run(server, tmp_path, leave, "--grace", "0")
    assert code == 5, err
    assert "left" in err and "behind" in err
    assert not is_alive((tmp_path / "stray").read_text().strip())
    assert not is_alive((tmp_path / "member").read_text().strip())
    assert states(server) == FREE


def test_none_in_time_says_who_has_them(server, tmp_path):
    server.create("alpha")
    with Run(server, [], "sleep 100", tmp_path, env={"USER": "ada"}):
        wait_claimed(server, "alpha")
        code, _, err = run(server, tmp_path, "echo never", "--no-create", "--wait", "1s")
        at_once, out, _ = run(server, tmp_path, "echo never", "--no-create", "--wait", "0")
    assert code == 75 and at_once == 75 and out == b""
    assert "no stack of r was free in 1s" in err and "alpha: it is claimed by" in err
    assert waiting(server) == []


def test_a_waiting_run_tells_its_place_and_goes_on_when_a_stack_is_free(server, tmp_path):
    server.create("alpha")
    with Run(server, [], "while ! [ -e go ]; do sleep 0.02; done", tmp_path) as first:
        wait_claimed(server, "alpha")
        with Run(server, ["--no-create"], "true", tmp_path) as second:
            second.wait_said("place 1 for r")
            (tmp_path / "go").write_text("")
            assert second.end()[0] == 0
        assert first.end()[0] == 0
    assert states(server) == FREE


def test_two_runs_of_one_job_have_two_stacks(server, tmp_path):
    server.create("alpha")
    server.create("beta")
    both = f"{binary()} run -- sh -c 'echo $STACK_NAME >a; while ! [ -e b ]; do sleep 0.02; done' & " \
           f"{binary()} run -- sh -c 'echo $STACK_NAME >b; while ! [ -e a ]; do sleep 0.02; done'; wait"
    run_program(["sh", "-c", both], env=job_environment(server.endpoint), cwd=tmp_path)
    names = [(tmp_path / name).read_text().strip() for name in "ab"]
    assert sorted(names) == ["alpha", "beta"]


def test_two_runs_under_one_jobs_own_id_are_one_too_many(server, tmp_path):
    server.create("alpha")
    server.create("beta")
    env = {"BDD_LOCK_JOB_KEY": "job-1", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    with Run(server, ["--request-id", "auto"], "echo >go; sleep 100", tmp_path, env=env):
        wait_until((tmp_path / "go").exists, what="the first")
        code, _, err = run(server, tmp_path, "true", "--request-id", "auto", env=env)
        assert code == 64 and "another command is running under the same request id" in err


def test_two_runs_under_one_given_id_are_one_too_many(server, tmp_path):
    """The second would be lent the first one's stack, and give it back under its hands."""
    server.create("alpha")
    server.create("beta")
    env = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    with Run(server, ["--request-id", "nightly"], "echo >go; sleep 100", tmp_path, env=env):
        wait_until((tmp_path / "go").exists, what="the first")
        code, _, err = run(server, tmp_path, "true", "--request-id", "nightly", env=env)
        assert code == 64 and "--request-id nightly: another command is running under the same request id" in err
        assert run(server, tmp_path, "true", "--request-id", "weekly", env=env)[0] == 0


def test_a_step_that_is_run_again_gets_its_stack_back(server, tmp_path):
    """Its first run was killed together with its machine's other processes, so that nothing was released."""
    server.create("alpha")
    server.create("beta")
    env = {"BDD_LOCK_JOB_KEY": "job-1", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    with Run(server, ["--request-id", "auto"], 'echo "$STACK_NAME" >first; sleep 100', tmp_path, env=env) as first:
        name = first.wait_file("first")
        first.process.kill()
        first.end()
    again = [run(server, tmp_path, 'echo "$STACK_NAME"', "--request-id", "auto", env=env) for _ in range(3)]
    assert [code for code, _, _ in again] == [0, 0, 0], again
    assert again[0][1].decode().strip() == name
    assert set(states(server).values()) == {"available"}


def test_a_stack_kept_by_an_admin_meanwhile_is_not_released_again(server, tmp_path):
    """--on-lost warn: the command goes on, and what it has no more is not given back."""
    server.create("alpha")
    with Run(server, ["--on-lost", "warn", "--lease", "3s", "--grace", "0"],
             "echo >go; while ! [ -e end ]; do sleep 0.02; done", tmp_path) as job:
        wait_until((tmp_path / "go").exists, what="the command")
        token = server.stacks()["alpha"]["fencingToken"]
        on_stack(server, "alpha", "release", fencingToken=token)
        job.wait_said("the claim is lost")
        (tmp_path / "end").write_text("")
        code, _, err = job.end()
    assert code == 0 and "goes on, as --on-lost warn says" in err
    assert "given back" not in err


def test_a_lost_claim_stops_the_command(server, tmp_path):
    server.create("alpha")
    with Run(server, ["--lease", "3s", "--grace", "0"], "echo $$ >go; sleep 100", tmp_path) as job:
        pid = job.wait_file("go")
        on_stack(server, "alpha", "release", fencingToken=server.stacks()["alpha"]["fencingToken"])
        code, _, err = job.end()
    assert code == 76 and "the claim is lost" in err and "is stopped" in err
    assert not is_alive(pid)


@pytest.mark.parametrize("words, sentence", [
    (["run", "--", "true"], "of which repo?"),
    (["run", "--repo", "r"], "what is to be run?"),
    (["run", "--repo", "r", "true"], "goes behind two hyphens"),
    (["run", "--repo", "r", "--", ""], "is empty"),
    (["run", "--repo", "r", "--lease", "5s", "--", "true"], "--lease is too short"),
    (["run", "--repo", "r", "--label", "x", "--", "true"], "KEY=VALUE"),
    (["run", "--repo", "r", "--on-lost", "x", "--", "true"], "stop and warn are allowed"),
    (["run", "--repo", "r", "--request-id", "a b", "--", "true"], "not allowed"),
    (["run", "--repo", "r", "--request-id", "auto", "--", "true"], "BDD_LOCK_JOB_KEY"),
    (["run", "--repo", "r", "--endpoint", "nonsense", "--", "true"], "--endpoint"),
])
def test_what_is_wrong_is_said_before_anything_is_sent(tmp_path, words, sentence):
    class Nowhere:
        endpoint = "http://127.0.0.1:1"
    env = {k: v for k, v in job_environment(Nowhere.endpoint).items() if k != "REPO_NAME"}
    done = run_program([binary(), *words], env=env)
    assert done.returncode == 64 and sentence in done.stderr, done
