"""What a signal does to ci-examples/circleci: the command ends, is given its time to do so, and nothing of it
lives when the stack is released."""

import os
import shutil
import signal

import pytest
from ci_jobs import (DONE, NO_V1, Jobs, assert_all_free, create, faults_of, listed,  # noqa: F401
                     nothing_goes_on, shell, slow, small_path)
from scripted_server import ScriptedServer
from server import PATIENCE_SECONDS, wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("to_group", [False, True])
def test_a_signal_ends_the_command_and_releases(server, shell, tmp_path, number, to_group):
    create(server, "alpha")
    jobs = Jobs(tmp_path, shell, server.endpoint)
    process = jobs.start("job", "test-hangs")
    jobs.wait_for("hangs-job", process)
    (os.killpg if to_group else os.kill)(process.pid, number)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 128 + number, err
    assert faults_of(jobs.uses()) == []
    assert_all_free(server)


# What a command can be like when the signal comes. Each says when it is ready for it.
READY = 'echo >"$RECORDS/ready"; '
HANGS = READY + "while :; do sleep 0.05; done"
COMMANDS = {
    "one that hangs": HANGS,
    "one that is deaf": "trap '' TERM; " + HANGS,
    "one whose child is deaf": "sh -c \"trap '' TERM; sleep 100\" & " + HANGS,
    "one that begins another while it ends": "trap 'sleep 100 & exit 1' TERM; " + HANGS,
    "one that takes its time to end": "trap 'sleep 0.5; exit 1' TERM; " + HANGS,
}


def lends_alpha(at_release):
    """A server that calls `at_release` before it answers a release."""
    def answer(method, path, body, count):
        if path.startswith("/v1/"):
            return NO_V1
        if path.startswith("/release-stack/"):
            at_release()
        return listed("alpha") if method == "GET" else DONE

    return ScriptedServer(answer)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_after_a_signal_nothing_of_the_command_lives_when_the_stack_is_released(shell, tmp_path, command):
    seen = []
    with lends_alpha(lambda: seen.append(jobs.users())) as fake:
        jobs = Jobs(tmp_path, shell, fake.endpoint, BDD_LOCK_GRACE_SECONDS="1")
        process = jobs.start("job", arguments=[command, "true"])
        jobs.wait_for("ready", process)
        assert jobs.users() != []
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 143, err
    assert seen == [[]]


def test_what_a_command_leaves_running_is_ended_before_the_release(shell, tmp_path):
    seen = []
    leaves = "sleep 100 >/dev/null 2>&1 & sh -c \"trap '' TERM; echo >'$RECORDS/deaf'; sleep 100\" >/dev/null 2>&1 & " \
             "while ! [ -e \"$RECORDS/deaf\" ]; do sleep 0.05; done"
    with lends_alpha(lambda: seen.append(jobs.users())) as fake:
        jobs = Jobs(tmp_path, shell, fake.endpoint, BDD_LOCK_GRACE_SECONDS="1")
        code, _, err = jobs.run("job", arguments=["true", leaves])
    assert code == 0, err
    assert seen == [[]]


def test_a_command_cleans_up_undisturbed_after_a_signal(server, shell, tmp_path):
    """It gets one SIGTERM, however many the script gets: another would end what the command does on the first."""
    create(server, "alpha")
    jobs = Jobs(tmp_path, shell, server.endpoint, BDD_LOCK_GRACE_SECONDS="60")
    cleans = 'echo begins >>"$RECORDS/cleaning"; sleep 1 && echo ends >>"$RECORDS/cleaning"; exit 1'
    process = jobs.start("job", arguments=[f"trap '{cleans}' TERM; {HANGS}", "true"])
    jobs.wait_for("ready", process)
    process.send_signal(signal.SIGTERM)
    jobs.wait_for("cleaning", process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 143, err
    assert (jobs.records / "cleaning").read_text() == "begins\nends\n"
    assert_all_free(server)


def test_a_signal_before_the_command_has_its_process_group_ends_it_too(shell, tmp_path):
    seen = []
    with lends_alpha(lambda: seen.append(jobs.users())) as fake:
        jobs = Jobs(tmp_path, shell, fake.endpoint, PATH=slow(shell, tmp_path / "slow", "setsid"))
        process = jobs.start("job", arguments=["sleep 100", "true"])
        jobs.wait_for("begun-setsid", process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 143, err
    assert seen == [[]]


def test_without_setsid_the_command_itself_is_ended_before_the_release(shell, tmp_path, small_path):
    shutil.copytree(small_path, tmp_path / "bin", symlinks=True)
    (tmp_path / "bin" / "setsid").unlink()
    seen = []
    with lends_alpha(lambda: seen.append(jobs.users())) as fake:
        jobs = Jobs(tmp_path, shell, fake.endpoint, PATH=str(tmp_path / "bin"), BDD_LOCK_GRACE_SECONDS="1")
        process = jobs.start("job", arguments=["trap '' TERM; " + READY + "exec sleep 100", "true"])
        jobs.wait_for("ready", process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 143, err
    assert seen == [[]]


LONG = {"BDD_LOCK_CREATE_AFTER_SECONDS": "never", "BDD_LOCK_BACKOFF_MS": "600000", "BDD_LOCK_BACKOFF_MAX_MS": "600000"}


def ends_by_a_signal(process):
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode == 143


def test_a_signal_while_waiting_for_a_stack_ends_at_once(server, shell, tmp_path):
    process = Jobs(tmp_path, shell, server.endpoint, **LONG).start("job")
    wait_until(lambda: any("/get-available/" in event["target"] for event in server.events("access")), what="the call")
    assert ends_by_a_signal(process)


def test_a_signal_just_before_a_pause_ends_it_too(server, shell, tmp_path):
    """While the script computes how long to pause, by od."""
    jobs = Jobs(tmp_path, shell, server.endpoint, PATH=slow(shell, tmp_path / "slow", "od"), **LONG)
    process = jobs.start("job")
    jobs.wait_for("begun-od", process)
    assert ends_by_a_signal(process)
