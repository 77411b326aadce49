"""`bdd-lock run` on servers that die, hang, lose their answers or are none of ours."""

import json
import signal

import pytest
from drop_proxy import DropProxy
from runs import CLAIMED, Run, grants, is_alive, paused, run, states, wait_claimed
from scripted_server import ScriptedServer
from server import wait_until

FREE = {"alpha": "available"}


def test_a_server_that_comes_back_while_it_waits_is_waited_for(server, tmp_path):
    server.create("alpha", available=False)
    with Run(server, ["--no-create"], "true", tmp_path) as job:
        job.wait_said("place 1")
        server.kill()
        job.wait_said("trying again")
        server.start()
        server.call("PUT", "/release-stack/alpha")
        code, _, err = job.end()
    assert code == 0, err
    assert states(server) == FREE


def test_a_server_that_comes_back_within_the_lease_is_no_loss(server, tmp_path):
    server.create("alpha")
    with Run(server, ["--lease", "12s", "--grace", "0"], "echo >go; while ! [ -e end ]; do sleep 0.02; done",
             tmp_path) as job:
        wait_until((tmp_path / "go").exists, what="the command")
        server.kill()
        job.wait_said("the claim could not be extended")
        server.start()
        job.wait_said("the claim is extended again")
        (tmp_path / "end").write_text("")
        code, _, err = job.end()
    assert code == 0, err
    assert states(server) == FREE


@pytest.mark.parametrize("way", ["dies", "hangs"])
def test_without_a_server_the_command_is_stopped_before_its_lease_is_over(server, tmp_path, way):
    server.create("alpha")
    with Run(server, ["--lease", "3s", "--grace", "0"], "echo $$ >go; sleep 100", tmp_path) as job:
        pid = job.wait_file("go")
        if way == "dies":
            server.kill()
            code, _, err = job.end()
            server.start()
        else:
            with paused(server.process):
                code, _, err = job.end()
    assert code == 76 and "could not be extended until its lease was nearly over" in err
    assert not is_alive(pid)
    wait_until(lambda: states(server) == FREE, what="the end of the lease")


def test_with_on_lost_warn_the_command_goes_on_without_a_server(server, tmp_path):
    server.create("alpha")
    with Run(server, ["--lease", "2s", "--grace", "0", "--on-lost", "warn"],
             "echo $$ >go; while ! [ -e end ]; do echo >>alive; sleep 0.1; done; exit 3", tmp_path) as job:
        job.wait_file("go")
        server.kill()
        job.wait_said("the claim could not be extended")
        wait_until(lambda: proof_of_life(tmp_path) > 30, what="the command's going on")
        server.start()
        (tmp_path / "end").write_text("")
        assert job.end()[0] == 3


def proof_of_life(folder):
    path = folder / "alive"
    return path.stat().st_size if path.exists() else 0


def test_a_server_that_is_away_at_the_release_does_not_change_the_exit_code(server, tmp_path):
    server.create("alpha")
    with Run(server, ["--lease", "4s", "--grace", "0"], "echo >go; while ! [ -e end ]; do sleep 0.02; done; exit 7",
             tmp_path) as job:
        wait_until((tmp_path / "go").exists, what="the command")
        with paused(server.process):
            (tmp_path / "end").write_text("")
            code, _, err = job.end()
    assert code == 7 and "could not be given back" in err
    wait_until(lambda: states(server) == FREE, what="the end of the lease")


def test_lost_replies_cost_no_stack(server, tmp_path):
    for name in ("alpha", "beta"):
        server.create(name)
    fates = {"cut before": 100, "drop reply": 300, "cut reply": 100}
    with DropProxy(server.port, 4711, fates) as proxy:
        for i in range(6):
            code, out, err = run(proxy, tmp_path, f'echo "$STACK_NAME"; exit {i}', "--no-create")
            assert code == i, err
            assert out.decode().strip() in ("alpha", "beta")
        assert proxy.counts["drop reply"] + proxy.counts["cut reply"] > 0
    assert states(server) == {"alpha": "available", "beta": "available"}
    # No claim was made twice: as many grants as runs.
    assert sum(stack["fencingToken"] for stack in server.stacks().values()) == 6


def test_a_request_whose_answer_was_lost_is_repeated_under_its_id(tmp_path):
    with grants(claims=lambda count: None if count == 0 else CLAIMED) as fake:
        assert run(fake, tmp_path, "true")[0] == 0
        asked = [json.loads(call[2])["requestId"] for call in fake.made("POST", "/v1/repos/")]
        calls = [call[1].rsplit("/", 1)[1] for call in fake.made("POST")]
    assert len(asked) == 2 and asked[0] == asked[1]
    # The lease may have begun with the first: it is begun anew before the command is.
    assert calls == ["claims", "claims", "extend", "release"]


def test_a_claim_of_an_earlier_call_that_is_over_is_not_used(tmp_path):
    lost = (410, {"Content-Type": "application/problem+json"},
            json.dumps({"title": "t", "status": 410, "code": "claim_lost", "detail": "its lease ran out"}))
    with grants(claims=lambda count: None if count == 0 else CLAIMED, extend=lost, release=lost) as fake:
        code, _, err = run(fake, tmp_path, "echo >ran")
    assert code == 76 and "The command was not started" in err
    assert not (tmp_path / "ran").exists()


def test_a_server_that_asks_for_patience_gets_it(tmp_path):
    busy = (503, {"Retry-After": "1", "Content-Type": "application/problem+json"},
            json.dumps({"title": "t", "status": 503, "code": "store_unavailable", "detail": "busy"}))
    with grants(claims=lambda count: busy if count == 0 else CLAIMED) as fake:
        code, _, err = run(fake, tmp_path, "true")
        assert code == 0 and "cannot do it now" in err
        assert len(fake.made("POST", "/v1/repos/")) == 2


@pytest.mark.parametrize("answer, code, sentence", [
    ((200, {"Content-Type": "text/html"}, "<html>Please log in</html>"), 69, "is not bdd-lock"),
    ((401, {}, '{"error": "no"}'), 77, "does not accept the token"),
    ((404, {}, '{"message": "Not Found"}'), 1, "no stack was claimed"),
    ((200, {}, '{"claims": []}'), 69, "it has no claim in it"),
    ((200, {}, '{"claims": [{"claimId": "x"}]}'), 69, "is not a claim's"),
])
def test_an_answer_that_is_none_is_said_so(tmp_path, answer, code, sentence):
    with ScriptedServer(lambda *_: answer) as fake:
        ended, out, err = run(fake, tmp_path, "echo never", "--wait", "0")
    assert ended == code and sentence in err, err
    assert out == b""


def test_a_repo_that_nobody_knows_is_said_so(server, tmp_path):
    code, _, err = run(server, tmp_path, "true", "--no-create")
    assert code == 1 and "Is the repo's name right" in err


def test_an_unreachable_server_is_given_up_after_the_time_allowed(tmp_path):
    class Nowhere:
        endpoint = "http://127.0.0.1:1"
    code, _, err = run(Nowhere, tmp_path, "true", "--wait", "0", "--timeout", "1s")
    assert code == 69 and "cannot reach a server" in err


def test_a_claim_that_was_lost_unnoticed_is_no_success(tmp_path):
    lost = (410, {"Content-Type": "application/problem+json"},
            json.dumps({"title": "t", "status": 410, "code": "claim_lost", "detail": "its lease ran out"}))
    with grants(release=lost) as fake:
        assert run(fake, tmp_path, "exit 0")[0] == 76
        assert run(fake, tmp_path, "exit 4")[0] == 4
        assert run(fake, tmp_path, "exit 0", "--on-lost", "warn")[0] == 0


def test_waiting_goes_on_over_long_polls(server, tmp_path):
    server.create("alpha")
    with Run(server, ["--lease", "4s", "--grace", "0"], "echo >go; while ! [ -e end ]; do sleep 0.02; done",
             tmp_path) as first:
        wait_claimed(server, "alpha")
        with Run(server, ["--no-create", "--lease", "4s", "--grace", "0"], "true", tmp_path) as second:
            second.wait_said("place 1")
            calls = lambda: sum(1 for e in server.events("access")  # noqa: E731
                                if e["target"].endswith("/claims") and e["status"] == 202)
            wait_until(lambda: calls() >= 3, what="further polls")
            assert server.stacks()["alpha"]["fencingToken"] == 1
            first.signal(signal.SIGTERM)
            assert second.end()[0] == 0
    assert states(server) == FREE
