"""Who may call: tokens, several at once, changed without a restart, and never shown."""

import subprocess
import threading
import time
from pathlib import Path

import pytest
from server import SECRETS, TOKEN, Server, run_cli, wait_until

OLD = "old-token-51c2f0aa"
NEW = "new-token-77e0d1bb"
SECRETS.update({OLD, NEW})

CLOSED = [("GET", "/get-available/r"), ("POST", "/create-stack"), ("PUT", "/claim-stack/a"),
          ("PUT", "/release-stack/a"), ("GET", "/v1/stacks"), ("POST", "/v1/stacks"), ("GET", "/v1/stacks/a"),
          ("DELETE", "/v1/stacks/a"), ("POST", "/v1/sweep"), ("GET", "/v1/export"), ("POST", "/v1/import")]


@pytest.mark.parametrize("method, path", CLOSED)
def test_without_a_token_401_and_with_a_wrong_one_403(shared_server, method, path):
    assert shared_server.call(method, path, token=None).status == 401
    assert shared_server.call(method, path, token="").status == 401
    for wrong in ("wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "Bearer", "Bearer wrong", "Basic " + TOKEN,
                  f"Bearer {TOKEN} {TOKEN}", "x" * 5000):
        assert shared_server.call(method, path, token=wrong).status == 403, wrong
    assert shared_server.stacks() == {}


@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}", "BEARER {}", "bEaReR {}", " {} ", "Bearer   {}"])
def test_a_token_is_accepted_bare_and_as_bearer_in_any_case(shared_server, form):
    assert shared_server.call("GET", "/v1/stacks", token=form.format(TOKEN)).status == 200


def test_any_of_several_tokens_is_accepted():
    with Server(token=f"  {OLD}\n\t{NEW} {TOKEN}\n") as server:
        for token in (OLD, NEW, TOKEN):
            assert server.call("GET", "/v1/stacks", token=token).status == 200
        assert server.call("GET", "/v1/stacks", token=f"{OLD} {NEW}").status == 403


def test_a_token_is_rotated_without_one_failed_request(tmp_path):
    """The client uses the old one until it has the new one; the operator adds, waits, and takes away."""
    file = tmp_path / "tokens"
    file.write_text(OLD + "\n")
    file.chmod(0o600)
    with Server("--auth-token-file", str(file), token=None) as server:
        in_use = [OLD]
        statuses = []
        over = threading.Event()

        def client():
            with server.connect(token=None) as connection:
                while not over.is_set():
                    answer = connection.call("GET", "/get-available/r", headers={"Authorization": in_use[0]})
                    statuses.append(answer.status)
                    time.sleep(0.001)

        def some_more():
            enough = len(statuses) + 10
            wait_until(lambda: len(statuses) > enough, what="calls with the token")

        thread = threading.Thread(target=client)
        thread.start()
        try:
            some_more()
            file.write_text(f"{OLD}\n{NEW}\n")
            wait_until(lambda: server.call("GET", "/v1/stacks", token=NEW).status == 200, what="the new token")
            in_use[0] = NEW
            some_more()  # the last one with the old token is answered by then
            file.write_text(NEW)
            wait_until(lambda: server.call("GET", "/v1/stacks", token=OLD).status == 403, what="the old one's end")
            some_more()
        finally:
            over.set()
            thread.join()
        assert set(statuses) == {200}
        wait_until(lambda: [event["tokens"] for event in server.events("tokens_replaced")] == [2, 1], what="the log")


def test_a_token_file_that_becomes_unusable_keeps_the_tokens_that_were_valid(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(OLD)
    with Server("--auth-token-file", str(file), token=None) as server:
        for spoil in (lambda: file.write_text(""), lambda: file.write_text("\x01" + NEW), file.unlink):
            count = len(server.events("tokens_not_read"))
            spoil()
            wait_until(lambda: len(server.events("tokens_not_read")) > count, what="noticing")
            assert server.call("GET", "/v1/stacks", token=OLD).status == 200
            assert server.call("GET", "/v1/stacks", token=NEW).status == 403
        file.write_text(NEW)
        wait_until(lambda: server.call("GET", "/v1/stacks", token=NEW).status == 200, what="the new token")


def test_a_token_file_that_is_replaced_by_renaming_is_read(tmp_path):
    """As editors and secret stores do it."""
    file = tmp_path / "tokens"
    file.write_text(OLD)
    with Server("--auth-token-file", str(file), token=None) as server:
        other = tmp_path / "tokens.new"
        other.write_text(NEW)
        other.rename(file)
        wait_until(lambda: server.call("GET", "/v1/stacks", token=NEW).status == 200, what="the new token")


def test_a_token_file_that_others_may_read_is_warned_of(tmp_path):
    file = tmp_path / "tokens"
    file.write_text(TOKEN)
    file.chmod(0o644)
    with Server("--auth-token-file", str(file), token=None) as server:
        assert "chmod 600" in server.wait_for_event("warning")["detail"]


def test_no_auth_lets_everybody_in_on_loopback_and_says_so():
    with Server("--no-auth", token=None) as server:
        assert server.call("PUT", "/claim-stack/a", token=None).status == 400
        assert server.call("GET", "/v1/stacks", token="whatever").status == 200
        assert "--no-auth" in server.wait_for_event("warning")["detail"]


def test_no_token_is_in_the_process_list_the_log_or_an_answer(server):
    """The log is searched at the end of every test that starts a server; here are the other two."""
    for proc in ("cmdline", "comm"):
        text = Path(f"/proc/{server.process.pid}/{proc}").read_text()
        assert TOKEN not in text
    listing = subprocess.run(["ps", "-ef"], capture_output=True, text=True, check=True).stdout
    assert TOKEN not in listing
    for method, path in [*CLOSED, ("GET", "/nope"), ("GET", f"/{TOKEN[:4]}"), ("GET", "/openapi.json")]:
        answer = server.call(method, path)
        assert TOKEN not in answer.text and TOKEN not in str(answer.headers)


def test_a_client_shows_no_token_when_it_fails(server, tmp_path):
    for arguments in (["list"], ["doctor"], ["claim", "nope"], ["list", "--endpoint", "http://127.0.0.1:1"],
                      ["show", "nope"], ["list", "--nope"], ["list", "--endpoint", "nonsense"]):
        run_cli(*arguments, "--timeout", "1s", server=server, env={"REPO_NAME": "r"})  # run_cli searches
        run_cli(*arguments, "--timeout", "1s", server=server, token=NEW)
    file = tmp_path / "token"
    file.write_text(NEW + "\n" + OLD)
    done = run_cli("list", "--token-file", str(file), server=server, token=None)
    assert done.returncode in (64, 77)
