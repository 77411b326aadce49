"""`bdd-lock run` and its relatives as a CI's job starts them, and what is to be seen of them from outside."""

import contextlib
import json
import signal
import subprocess

from scripted_server import ScriptedServer
from server import PATIENCE_SECONDS, TOKEN, assert_no_secret, binary, clean_environment, wait_until

REPO = "r"
# Of every CI that the client knows: a test of this repository may itself run in one.
CI_VARIABLES = ("GITHUB_", "GITLAB_", "CI_", "CIRCLE", "JENKINS_", "BUILDKITE", "BITBUCKET_", "TF_BUILD", "BUILD_")


def job_environment(endpoint, **more):
    kept = {k: v for k, v in clean_environment().items() if not k.startswith(CI_VARIABLES) and k != "CI"}
    return {**kept, "BDD_LOCK_ENDPOINT": endpoint, "BDD_LOCK_AUTH_TOKEN": TOKEN, "REPO_NAME": REPO, **more}


class Run:
    """A `bdd-lock run OPTIONS -- COMMAND` under way. A context manager: it is killed at the end if it lives."""

    def __init__(self, server, options, command, folder, env=None, wrapper=(), **popen):
        self.folder = folder
        self.err_path = folder / f"err-{len(list(folder.iterdir()))}"
        words = command if isinstance(command, list) else ["sh", "-c", command]
        with open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(
                [*wrapper, binary(), "run", *options, "--", *words],
                env=job_environment(server.endpoint, **{"FOLDER": str(folder), **(env or {})}),
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, cwd=folder, **popen)

    @property
    def said(self):
        return self.err_path.read_text(errors="replace")

    def wait_said(self, text):
        wait_until(lambda: text in self.said or self.process.poll() is not None, what=f"saying {text!r}")
        assert text in self.said, (self.process.poll(), self.said)

    def wait_file(self, name):
        """Until the command has written FOLDER/name; returns what is in it."""
        path = self.folder / name
        wait_until(lambda: (path.exists() and path.read_text().strip()) or self.process.poll() is not None,
                   what=f"the file {name}")
        assert path.exists(), (self.process.poll(), self.said)
        return path.read_text().strip()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        """Waits for its end: (exit code, what the command printed, what stderr says)."""
        out, _ = self.process.communicate(timeout=2 * PATIENCE_SECONDS)
        assert_no_secret(self.said, "run's stderr")
        return self.process.returncode, out, self.said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def run(server, folder, command, *options, **more):
    with Run(server, options, command, folder, **more) as started:
        return started.end()


def states(server):
    return {name: stack["state"] for name, stack in server.stacks().items()}


def wait_claimed(server, name):
    wait_until(lambda: server.stacks()[name]["state"] == "claimed", what="the claim")


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def waiting(server):
    """The requests that wait."""
    items = server.call("GET", f"/v1/repos/{REPO}/requests").json()["items"]
    return [item["requestId"] for item in items if item["status"] == "waiting"]


@contextlib.contextmanager
def paused(process):
    """A server that hangs: it takes connections, and answers nothing."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


# What a server answers to a claim, and what the client's next calls get.
_CLAIM = {"claimId": "AAAAAAAAAAAAAAAAAAAAAA.YWxwaGE", "stackName": "alpha", "repoName": REPO, "state": "claimed",
          "requestId": "x", "fencingToken": 7, "claimedAt": "2026-01-02T03:04:05.678Z",
          "expiresAt": "2026-01-02T03:19:05.678Z", "leaseSeconds": 900, "created": False,
          "stack": {"labels": {}, "attributes": {}, "deployed": None, "lastEnd": None}}
CLAIMED = (200, {}, json.dumps({"requestId": "x", "claims": [_CLAIM]}))
EXTENDED = (200, {}, json.dumps(_CLAIM))
RELEASED = (200, {}, json.dumps({"stackName": "alpha", "repoName": REPO, "fencingToken": 7, "held": False,
                                 "heldUntil": None}))


def grants(**more):
    """A server that lends alpha to whoever asks. `more` says what else it answers, by the last word of the path:
    an answer, or a function of how many such calls came before."""
    usual = {"claims": CLAIMED, "extend": EXTENDED, "release": RELEASED}

    def answer(method, path, body, count):
        said = {**usual, **more}.get(path.split("?")[0].rsplit("/", 1)[1], (204, {}, ""))
        return said(count) if callable(said) else said
    return ScriptedServer(answer)
