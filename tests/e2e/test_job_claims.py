"""Claims that the steps of a job share: claim --export and --background, and extend, hold and release without a
name."""

import json
import os
import signal
import subprocess

import pytest
from lending import on_stack
from runs import is_alive, job_environment, states, waiting
from server import PATIENCE_SECONDS, binary, run_program, wait_until

FREE = {"alpha": "available"}


class Job:
    """A job of a CI: each step is a process of its own, with the variables that the job has by then."""

    def __init__(self, server, folder, **env):
        self.folder = folder
        self.env = job_environment(server.endpoint, TMPDIR=str(folder), HOME=str(folder), BDD_LOCK_JOB_KEY="j1",
                                   **env)
        self.env.pop("XDG_RUNTIME_DIR", None)

    def step(self, *arguments):
        return run_program([binary(), *arguments], env=self.env, cwd=self.folder)

    def kept(self):
        [path] = self.folder.glob("bdd-lock-*/*.json")
        assert path.stat().st_mode & 0o777 == 0o600
        return json.loads(path.read_text())

    def has_kept(self):
        return any(self.folder.glob("bdd-lock-*/*.json"))


@pytest.fixture
def job(server, tmp_path):
    server.create("alpha")
    return Job(server, tmp_path)


def github(server, folder):
    for name in ("env", "output", "summary"):
        (folder / name).write_text("EARLIER=1\n" if name == "env" else "")
    return Job(server, folder, GITHUB_ACTIONS="true", GITHUB_RUN_ID="1", GITHUB_RUN_ATTEMPT="1", GITHUB_JOB="bdd",
               GITHUB_REPOSITORY="acme/shop", GITHUB_SERVER_URL="https://github.example", GITHUB_SHA="abc",
               GITHUB_REF_NAME="main", GITHUB_ENV=str(folder / "env"), GITHUB_OUTPUT=str(folder / "output"))


def test_steps_of_github_get_the_stack_and_the_last_gives_it_back(server, tmp_path):
    server.create("alpha")
    job = github(server, tmp_path)
    done = job.step("claim", "--export", "auto")
    assert done.returncode == 0 and done.stdout == "alpha\n", done
    variables, outputs = (tmp_path / "env").read_text(), (tmp_path / "output").read_text()
    claim_id = job.kept()["claims"][0]["claimId"]
    assert variables.startswith("EARLIER=1\n")
    assert "STACK_NAME" in variables and "alpha" in variables and claim_id in variables
    assert "alpha" in outputs and claim_id not in outputs
    assert f"::add-mask::{claim_id}" in done.stderr
    assert server.stacks()["alpha"]["claim"]["holder"]["ci"] == "github"
    done = job.step("release", "--outcome", "failed", "--note", "login")
    assert done.returncode == 0, done
    assert states(server) == FREE
    assert server.stacks()["alpha"]["lastEnd"]["note"] == "login"
    assert not job.has_kept()


def test_gitlabs_report_has_names_and_no_claim_id(server, tmp_path):
    server.create("alpha")
    job = Job(server, tmp_path, GITLAB_CI="true", CI_JOB_ID="7", CI_SERVER_URL="https://gitlab.example",
              CI_PROJECT_DIR=str(tmp_path))
    assert job.step("claim", "--export", "auto").returncode == 0
    report = (tmp_path / "bdd-lock.env").read_text()
    assert "STACK_NAME=alpha\n" in report
    assert job.kept()["claims"][0]["claimId"] not in report and "CLAIM_ID" not in report
    assert job.step("release").returncode == 0
    assert states(server) == FREE


def test_circleci_sources_the_values(server, tmp_path):
    server.create("alpha")
    job = Job(server, tmp_path, CIRCLECI="true", CIRCLE_WORKFLOW_JOB_ID="w", BASH_ENV=str(tmp_path / "bash_env"))
    assert job.step("claim", "--export", "auto").returncode == 0
    script = '. ./bash_env; echo "$STACK_NAME $BDD_FENCING_TOKEN"'
    assert run_program(["sh", "-c", script], cwd=tmp_path).stdout == "alpha 1\n"
    assert job.step("release").returncode == 0


def test_release_of_a_claim_never_granted_does_nothing_and_says_so(server, job):
    for _ in range(2):
        done = job.step("release")
        assert done.returncode == 0 and "there is nothing to release" in done.stderr
    assert not any("release" in event["target"] for event in server.events("access"))


def test_none_in_time_leaves_nothing_to_release(server, job):
    other = Job(server, job.folder, BDD_LOCK_CLAIM_FILE=str(job.folder / "other.json"))
    assert other.step("claim", "--export", "none").returncode == 0
    done = job.step("claim", "--export", "none", "--no-create", "--wait", "1s")
    assert done.returncode == 75 and "alpha: it is claimed" in done.stderr
    assert "there is nothing to release" in job.step("release").stderr
    assert states(server) == {"alpha": "claimed"}  # the other's
    assert other.step("release").returncode == 0


def test_extend_and_hold_find_the_jobs_claim(server, job):
    assert job.step("claim", "--lease", "60s").stdout == "alpha\n"
    before = server.stacks()["alpha"]["claim"]["expiresAt"]
    done = job.step("extend", "--lease", "1h")
    assert done.returncode == 0 and done.stdout.strip() > before
    assert job.step("hold", "--keep", "1h").returncode == 0
    assert states(server) == {"alpha": "held"}
    assert job.step("release", "alpha").returncode == 0
    assert states(server) == FREE


def test_a_second_claim_of_a_job_is_refused_and_not_lost_sight_of(server, job):
    assert job.step("claim", "--export", "none").returncode == 0
    done = job.step("claim", "--export", "none")
    assert done.returncode == 1 and "this job has the stack alpha already" in done.stderr
    assert job.step("release").returncode == 0
    assert job.step("claim", "--export", "none").returncode == 0


def test_a_lost_claim_is_said_at_the_release(server, job):
    assert job.step("claim", "--export", "none").returncode == 0
    on_stack(server, "alpha", "release", fencingToken=1)
    done = job.step("release")
    assert done.returncode == 76, done
    assert job.step("release").returncode == 0


def start_waiting(server, job):
    server.call("PUT", "/claim-stack/alpha")
    process = subprocess.Popen([binary(), "claim", "--export", "none", "--no-create", "--wait", "1h"], env=job.env,
                               cwd=job.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: waiting(server), what="the request")
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_waits_withdraws_the_request(server, job, number):
    process = start_waiting(server, job)
    process.send_signal(number)
    assert process.wait(PATIENCE_SECONDS) == 128 + number
    assert waiting(server) == [] and not job.has_kept()


def test_what_a_killed_step_asked_for_is_given_back_by_the_release(server, job):
    process = start_waiting(server, job)
    process.kill()
    process.wait()
    assert job.kept()["claims"] == []
    done = job.step("release")
    assert done.returncode == 0 and "there is nothing to release" in done.stderr
    assert waiting(server) == []
    server.call("PUT", "/release-stack/alpha")
    assert states(server) == FREE


def expires_at(server):
    return server.stacks()["alpha"]["claim"]["expiresAt"]


def test_in_the_background_the_claim_is_extended_until_it_is_released(server, job):
    # run_program reads the step's output to its end: the process in the background must not hold it open.
    assert job.step("claim", "--background", "--lease", "3s").returncode == 0
    pid = job.kept()["extender"]["pid"]
    for _ in range(2):
        seen = expires_at(server)
        wait_until(lambda: expires_at(server) > seen, what="an extension")
    assert is_alive(pid)
    assert job.step("release").returncode == 0
    assert not is_alive(pid)
    assert states(server) == FREE


def test_the_background_ends_with_the_claim(server, job):
    assert job.step("claim", "--background", "--lease", "3s").returncode == 0
    pid = job.kept()["extender"]["pid"]
    on_stack(server, "alpha", "release", fencingToken=1)
    wait_until(lambda: not is_alive(pid), what="the end of the process")
    assert job.step("release").returncode == 76


def test_the_background_ends_with_its_time(server, job):
    assert job.step("claim", "--background", "--lease", "3s", "--max", "1s").returncode == 0
    pid = job.kept()["extender"]["pid"]
    wait_until(lambda: not is_alive(pid), what="the end of the process")
    assert job.step("release").returncode in (0, 76)
    assert states(server) == FREE


def test_without_a_ci_the_background_ends_with_its_session(server, job):
    script = f"{binary()} claim --background --lease 3s && cat"
    session = subprocess.Popen(["sh", "-c", script], env=job.env, cwd=job.folder, start_new_session=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert session.stdout.readline() == b"alpha\n"
    pid = wait_until(lambda: job.has_kept() and job.kept().get("extender", {}).get("pid"), what="the extender")
    assert is_alive(pid)
    session.communicate()
    wait_until(lambda: not is_alive(pid), what="the end of the process")
    wait_until(lambda: states(server) == FREE, what="the end of the lease")


def test_a_full_disk_for_the_claim_file_claims_nothing(server, job):
    """As good as full: no file may have a byte."""
    script = f"trap '' XFSZ; ulimit -f 0; exec {binary()} claim --export none"
    done = run_program(["sh", "-c", script], env=job.env, cwd=job.folder)
    assert done.returncode == 1 and "cannot write the claim file" in done.stderr, done
    assert "Nothing was claimed" in done.stderr
    assert states(server) == FREE and not job.has_kept()
    assert not any(event["target"].endswith("/claims") for event in server.events("access"))


def test_a_folder_that_takes_no_claim_file_claims_nothing(server, job):
    done = job.step("claim", "--export", "none", "--claim-file", "/proc/claim.json")
    assert done.returncode == 1 and "/proc/claim.json" in done.stderr and "Nothing was claimed" in done.stderr, done
    assert states(server) == FREE


def test_values_that_cannot_be_written_give_the_stack_back(server, tmp_path):
    server.create("alpha")
    job = Job(server, tmp_path, CIRCLECI="true", CIRCLE_WORKFLOW_JOB_ID="w", BASH_ENV="/dev/full")
    done = job.step("claim", "--export", "auto")
    assert done.returncode == 1 and "No space left on device" in done.stderr
    assert "The stack was given back" in done.stderr
    assert states(server) == FREE and not job.has_kept()


def test_a_claim_file_of_another_job_is_left_alone(server, job):
    path = job.folder / "claim.json"
    assert job.step("claim", "--export", "none", "--claim-file", str(path)).returncode == 0
    other = Job(server, job.folder)
    other.env["BDD_LOCK_JOB_KEY"] = "j2"
    done = other.step("release", "--claim-file", str(path))
    assert done.returncode == 64 and "is of another job" in done.stderr
    assert states(server) == {"alpha": "claimed"} and os.path.exists(path)
