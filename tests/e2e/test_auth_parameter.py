"""Tokens in a parameter of Amazon's Systems Manager, as the original keeps its own: read at the start, and again
when they change; against a stand-in that checks signatures and permissions."""

import pytest
from amazon import Amazon
from server import SECRETS, Server, run_serve, wait_until

NAME = "bddLockTableAuthToken"
OLD = "old-token-of-the-parameter-0a1b"
NEW = "new-token-of-the-parameter-2c3d"
SECRETS.update({OLD, NEW, "user-secret-key"})


@pytest.fixture
def amazon():
    with Amazon() as running:
        running.parameters[NAME] = ("SecureString", OLD)
        yield running


def serve(amazon, *more, **env):
    return Server("--auth-token-ssm-parameter", NAME, "--auth-token-ssm-interval", "1s", *more, store="memory:",
                  token=None, env={**amazon.env, **env})


def refused(amazon, code=69, **env):
    done = run_serve("--store", "memory:", token=None,
                     env={**amazon.env, "BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER": NAME, **env})
    assert done.returncode == code, done.stderr
    return done.stderr


def status(server, token):
    return server.call("GET", "/v1/stacks", token=token).status


def test_the_token_of_the_parameter_opens_the_server(amazon):
    amazon.parameters[NAME] = ("SecureString", f"{OLD}\n{NEW}\n")
    with serve(amazon) as server:
        assert [status(server, token) for token in (OLD, NEW, "wrong", None)] == [200, 200, 403, 401]
        assert server.events("warning") == []


def test_a_changed_value_counts_without_a_restart(amazon):
    with serve(amazon) as server:
        assert [status(server, OLD), status(server, NEW)] == [200, 403]
        amazon.parameters[NAME] = ("SecureString", f"{OLD} {NEW}")
        wait_until(lambda: status(server, NEW) == 200, what="the new token")
        assert status(server, OLD) == 200
        amazon.parameters[NAME] = ("SecureString", NEW)
        wait_until(lambda: status(server, OLD) == 403, what="the old one's end")
        assert status(server, NEW) == 200
        wait_until(lambda: [event["tokens"] for event in server.events("tokens_replaced")] == [2, 1], what="the log")
        assert server.stop() == 0


@pytest.mark.parametrize("spoil, says", [
    (lambda amazon: amazon.parameters.clear(), "ParameterNotFound"),
    (lambda amazon: amazon.may_read.clear(), "allow ssm:GetParameter"),
    (lambda amazon: amazon.parameters.update({NAME: ("SecureString", " ")}), "there is no token"),
    (lambda amazon: amazon.parameters.update({NAME: ("StringList", NEW)}), "make it a SecureString"),
    (lambda amazon: amazon.refuse.extend(["ThrottlingException"] * 1000), "ThrottlingException"),
    (lambda amazon: amazon.stop(), "cannot be reached"),
])
def test_the_tokens_that_were_valid_stay_valid_while_it_cannot_be_read(amazon, spoil, says):
    with serve(amazon) as server:
        spoil(amazon)
        entry = wait_until(lambda: server.events("tokens_not_read"), what="noticing")[0]
        assert says in entry["detail"] and NAME in entry["detail"] and "valid before" in entry["kept"]
        assert [status(server, OLD), status(server, NEW)] == [200, 403]
        assert server.stop() == 0


def test_the_server_starts_when_the_throttling_is_over(amazon):
    amazon.refuse += ["ThrottlingException", 500, "ThrottlingException"]
    with serve(amazon) as server:
        assert status(server, OLD) == 200
    assert len(amazon.calls) >= 4


def test_the_server_does_not_start_without_the_tokens_and_says_what_to_do(amazon):
    amazon.may_read.clear()
    assert "allow ssm:GetParameter on the parameter, and kms:Decrypt" in refused(amazon)
    amazon.may_read.add("AKUSER")
    assert "give right credentials" in refused(amazon, AWS_SECRET_ACCESS_KEY="guess")
    assert "AWS_REGION" in refused(amazon, code=64, AWS_REGION="")
    assert "no AWS credentials were found" in refused(amazon, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    amazon.refuse += ["ThrottlingException"] * 8
    assert "ThrottlingException: Rate exceeded" in refused(amazon)
    amazon.parameters[NAME] = ("SecureString", "")
    assert "there is no token" in refused(amazon)
    del amazon.parameters[NAME]
    assert "make it (aws ssm put-parameter --type SecureString)" in refused(amazon)


def test_a_parameter_that_is_kept_in_the_clear_is_warned_of(amazon):
    amazon.parameters[NAME] = ("String", OLD)
    with serve(amazon) as server:
        assert "make it a SecureString" in server.wait_for_event("warning")["detail"]


def test_the_general_endpoint_counts_too_and_nothing_is_asked_unless_told(amazon):
    general = {"AWS_ENDPOINT_URL": amazon.endpoint, "AWS_ENDPOINT_URL_SSM": ""}
    with serve(amazon, **general) as server:
        assert status(server, OLD) == 200
    asked = len(amazon.calls)
    with Server(store="memory:", env=amazon.env):
        assert len(amazon.calls) == asked
