"""ci-examples/circleci against the real server, with stand-ins for deploy and tests, in dash and in busybox's
sh with nothing else in the PATH but busybox and curl. What servers should never do is played by a scripted
one."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from scripted_server import ScriptedServer
from server import ROOT, TOKEN, clean_environment, free_port

SCRIPTS = ROOT / "ci-examples" / "circleci"
REPO = "paymentService"

# Each stand-in writes down when it begins and ends to use its stack; it also marks the stack with a
# directory, which only one can make. The first word is the job's name, the second what it does.
STAND_INS = {
    "deploy": """
mkdir "$RECORDS/using-$STACK_NAME" || echo "$JOB found $STACK_NAME in use" >>"$RECORDS/violations"
echo "begin $JOB" >>"$RECORDS/log-$STACK_NAME"
ended() { rmdir "$RECORDS/using-$STACK_NAME"; echo "end $JOB" >>"$RECORDS/log-$STACK_NAME"; }
if [ "$KIND" = deploy-hangs ]; then
  trap 'ended; exit 143' TERM
  echo $$ >"$RECORDS/hangs-$JOB"
  while :; do sleep 0.05; done
fi
sleep 0.05
if [ "$KIND" = deploy-fails ]; then ended; exit 7; fi
""",
    "test": """
echo "test $JOB" >>"$RECORDS/log-$STACK_NAME"
ended() { rmdir "$RECORDS/using-$STACK_NAME"; echo "end $JOB" >>"$RECORDS/log-$STACK_NAME"; }
if [ "$KIND" = test-hangs ]; then
  trap 'ended; exit 143' TERM
  echo $$ >"$RECORDS/hangs-$JOB"
  while :; do sleep 0.05; done
fi
sleep 0.1
ended
[ "$KIND" != test-fails ] || exit 3
""",
}
EXITS = {"passes": 0, "deploy-fails": 7, "test-fails": 3, "deploy-hangs": 143, "test-hangs": 143}


class Shell:
    """A shell and the PATH that its scripts see."""

    def __init__(self, command, path):
        self.command = command
        self.path = path


@pytest.fixture(scope="session")
def small_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("only-busybox")
    subprocess.run([shutil.which("busybox"), "--install", "-s", str(folder)], check=True)
    (folder / "curl").unlink(missing_ok=True)
    (folder / "curl").symlink_to(shutil.which("curl"))
    return folder


@pytest.fixture(params=["dash", "busybox"])
def shell(request, small_path):
    if request.param == "dash":
        return Shell([shutil.which("dash")], os.environ["PATH"])
    return Shell([str(small_path / "sh")], str(small_path))


class Jobs:
    """Starts ci-bdd.sh as a CI would, each job in a folder and process group of its own."""

    def __init__(self, folder, shell, endpoint, **settings):
        self.folder = folder
        self.shell = shell
        self.records = folder / "records"
        self.records.mkdir()
        for name, text in STAND_INS.items():
            (folder / f"{name}.sh").write_text("set -eu\n" + text)
        self.env = clean_environment(**{
            "PATH": shell.path, "BDD_LOCK_ENDPOINT": endpoint, "BDD_LOCK_AUTH_TOKEN": TOKEN, "REPO_NAME": REPO,
            "RECORDS": str(self.records), "BDD_LOCK_BACKOFF_MS": "40", "BDD_LOCK_BACKOFF_MAX_MS": "200",
            **settings})

    def start(self, job, kind="passes", script="ci-bdd.sh", arguments=None, **settings):
        home = self.folder / job
        home.mkdir(exist_ok=True)
        if arguments is None:
            arguments = [f"exec sh {self.folder}/deploy.sh", f"exec sh {self.folder}/test.sh"]
        return subprocess.Popen(
            [*self.shell.command, str(SCRIPTS / script), *arguments], cwd=home, start_new_session=True,
            env={**self.env, "JOB": job, "KIND": kind, **settings}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, job, kind="passes", **more):
        process = self.start(job, kind, **more)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def wait_for(self, name, process, seconds=20):
        until = time.monotonic() + seconds
        while not (self.records / name).exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until, f"{name} did not come"
            time.sleep(0.01)

    def uses(self):
        """{stack: lines of its record}"""
        return {p.name.removeprefix("log-"): p.read_text().splitlines() for p in self.records.glob("log-*")}


def faults_of(uses):
    """What the stand-ins' records say against the lock: each use must end before the next begins."""
    faults = []
    for stack, lines in uses.items():
        user = None
        for line in lines:
            what, job = line.split()
            if what == "begin":
                if user is not None:
                    faults.append(f"{job} began on {stack} while {user} used it")
                user = job
            elif user != job:
                faults.append(f"{job} says {what} on {stack}, which {user} uses")
            elif what == "end":
                user = None
        if user is not None:
            faults.append(f"{user} never ended on {stack}")
    return faults


def create(server, *names):
    for name in names:
        body = {"stackName": name, "repoName": REPO, "isAvailable": True}
        assert server.call("POST", "/create-stack", body).status == 200


def stacks(server):
    return {item["stackName"]: item for item in server.call("GET", "/v1/stacks?limit=1000").json()["items"]}


def assert_all_free(server):
    assert {name: item["state"] for name, item in stacks(server).items()} == \
        {name: "available" for name in stacks(server)}


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
            jobs.wait_for(f"hangs-job{number}", process, 60)
            process.send_signal(signal.SIGTERM)
    for number, (kind, process) in enumerate(started):
        _, err = process.communicate(timeout=90)
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("to_group", [False, True])
def test_a_signal_ends_the_command_and_releases(server, shell, tmp_path, number, to_group):
    create(server, "alpha")
    jobs = Jobs(tmp_path, shell, server.endpoint)
    process = jobs.start("job", "test-hangs")
    jobs.wait_for("hangs-job", process)
    (os.killpg if to_group else os.kill)(process.pid, number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number, err
    assert faults_of(jobs.uses()) == []
    assert_all_free(server)


def test_a_command_that_ignores_signals_is_killed_before_the_release(server, shell, tmp_path):
    create(server, "alpha")
    jobs = Jobs(tmp_path, shell, server.endpoint, BDD_LOCK_GRACE_SECONDS="1")
    deaf = ("trap '' TERM; sh -c 'while :; do sleep 0.02; echo >>\"$RECORDS/alive\"; done' & "
            "touch \"$RECORDS/hangs-job\"; wait; while :; do sleep 0.1; done")
    process = jobs.start("job", arguments=[deaf, "true"])
    jobs.wait_for("hangs-job", process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143, err
    assert_all_free(server)
    size = (jobs.records / "alive").stat().st_size
    time.sleep(0.2)
    assert (jobs.records / "alive").stat().st_size == size


def test_what_a_command_leaves_running_ends_before_the_release(server, shell, tmp_path):
    create(server, "alpha")
    jobs = Jobs(tmp_path, shell, server.endpoint)
    leaves = "(while :; do sleep 0.02; echo >>\"$RECORDS/alive\"; done) >/dev/null 2>&1 & sleep 0.1"
    code, _, err = jobs.run("job", arguments=["true", leaves])
    assert code == 0, err
    size = (jobs.records / "alive").stat().st_size
    assert size > 0
    time.sleep(0.2)
    assert (jobs.records / "alive").stat().st_size == size


def test_a_signal_while_waiting_for_a_stack_ends_at_once(server, shell, tmp_path):
    jobs = Jobs(tmp_path, shell, server.endpoint, BDD_LOCK_CREATE_AFTER_SECONDS="never",
                BDD_LOCK_BACKOFF_MS="60000", BDD_LOCK_BACKOFF_MAX_MS="60000")
    process = jobs.start("job")
    time.sleep(0.7)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=5)
    assert process.returncode == 143


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


def listed(*names):
    items = [{"stackName": name, "isAvailable": "x", "repoName": REPO} for name in names]
    return 200, {}, json.dumps({"info": "Successfully queried", "results": items})


NO_V1 = (403, {}, '{"message":"Missing Authentication Token"}')
DONE = (200, {}, '{"info": "done"}')
BUSY = (503, {"Retry-After": "1"}, '{"error": "the store is busy"}')
REFUSED = (400, {}, '{"error": "Transaction Cancelled"}')


def scripted(shell, tmp_path, answer, **settings):
    with ScriptedServer(answer) as fake:
        return (*Jobs(tmp_path, shell, fake.endpoint, **settings).run("job"), fake)


def test_503_is_waited_out_as_the_server_says(shell, tmp_path):
    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            return NO_V1
        if count == 0:
            return BUSY
        return listed("alpha") if method == "GET" else DONE

    began = time.monotonic()
    code, _, err, fake = scripted(shell, tmp_path, answer)
    assert code == 0, err
    # The list, the claim and the release were each put off once.
    assert time.monotonic() - began >= 2
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
