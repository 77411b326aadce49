"""./dev check as a user runs it: on a server that keeps its promises, on one that does not, and on none."""

import re

import pytest
from drop_proxy import DropProxy
from server import ROOT, TOKEN, Server, clean_environment, free_port, run_program

SMALL = ("--clients", "6", "--stacks", "2", "--seconds", "3")


def run_check(*arguments, token=TOKEN):
    return run_program([str(ROOT / "dev"), "check", *arguments], timeout=120,
                       env=clean_environment(BDD_LOCK_AUTH_TOKEN=token))


def history_in(output):
    return re.search(r"the history is in (\S+)", output).group(1)


def test_a_good_server_passes_and_is_left_as_it_was(tmp_path):
    with Server() as server:
        server.create("of-somebody-else", repo="theirs")
        path = str(tmp_path / "history")
        done = run_check(server.endpoint, *SMALL, "--seed", "7", "--history", path)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "nothing is wrong" in done.stdout and history_in(done.stdout) == path
        assert list(server.stacks()) == ["of-somebody-else"]
        again = run_check("--again", path)
        assert again.returncode == 0 and "nothing is wrong" in again.stdout
        assert server.stop() == 0


class Lies(DropProxy):
    """Passes all on, and makes each fencing token one digit that is always the same."""

    def tamper(self, text):
        return re.sub(rb'("fencingToken":)(\d+)', lambda found: found.group(1) + b"7" * len(found.group(2)), text)


def test_a_server_that_gives_one_token_twice_does_not(tmp_path):
    with Server() as server, Lies(server.port, 1, fates={}) as proxy:
        done = run_check(proxy.endpoint, *SMALL, "--history", str(tmp_path / "history"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "tokens_are_never_shared" in done.stdout and "the server broke a promise" in done.stdout


def test_the_token_may_be_in_a_file(tmp_path):
    (tmp_path / "token").write_text(TOKEN + "\n")
    with Server() as server:
        done = run_check(server.endpoint, "--seconds", "1", "--token-file", str(tmp_path / "token"), token="")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("token", ["", "a-wrong-token-123"])
def test_a_server_that_does_not_accept_the_token_is_77(token):
    with Server() as server:
        done = run_check(server.endpoint, *SMALL, token=token)
        assert (done.returncode, server.stacks()) == (77, {}), done.stdout + done.stderr


def test_a_server_that_is_not_there_is_69():
    done = run_check(f"http://127.0.0.1:{free_port()}", *SMALL)
    assert done.returncode == 69 and "cannot be reached" in done.stderr


@pytest.mark.parametrize("arguments", [
    [], ["127.0.0.1:8080"], ["http://127.0.0.1:1", "--clients", "0"], ["http://127.0.0.1:1", "--clients", "65"],
    ["http://127.0.0.1:1", "--stacks", "1000"], ["http://127.0.0.1:1", "--seconds", "3601"],
    ["http://127.0.0.1:1", "--again", "x"], ["http://127.0.0.1:1", "--fast"]])
def test_what_it_does_not_know_or_must_not_do_is_64(arguments):
    assert run_check(*arguments).returncode == 64
