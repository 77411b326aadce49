"""Where credentials come from, with the real binary against a stand-in of Amazon's services that checks who signed
what: the server reads its tokens with them."""

import json

import pytest
from amazon import Amazon
from server import SECRETS, Server, run_serve

NAME = "bddLockTableAuthToken"
TOKEN_THERE = "token-of-the-parameter-5f6e"
ROLE = "arn:aws:iam::111122223333:role/bdd-lock"
SECRETS.update({TOKEN_THERE, "user-secret-key", "web-identity-token"})


@pytest.fixture
def amazon():
    with Amazon() as running:
        running.parameters[NAME] = ("SecureString", TOKEN_THERE)
        running.may_read = {ROLE}  # the user itself may not
        yield running


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".aws").mkdir()
    return tmp_path


def environment(amazon, home, **more):
    return {"AWS_ENDPOINT_URL": amazon.endpoint, "AWS_REGION": "eu-west-2", "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(home), "BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER": NAME, **more}


def assert_serves(amazon, home, **env):
    with Server(store="memory:", token=None, env=environment(amazon, home, **env)) as server:
        assert server.call("GET", "/v1/stacks", token=TOKEN_THERE).status == 200
    return [key for service, _, key in amazon.calls if service == "ssm"]


KEYS = "aws_access_key_id = AKUSER\naws_secret_access_key = user-secret-key\n"


def test_a_role_of_a_profile(amazon, home):
    (home / ".aws" / "config").write_text(f"[profile ci]\nrole_arn = {ROLE}\nsource_profile = base\n")
    (home / ".aws" / "credentials").write_text(f"[base]\n{KEYS}")
    assert assert_serves(amazon, home, AWS_PROFILE="ci") == ["AKROLE1"]


def test_a_role_that_may_not_be_assumed_is_named(amazon, home):
    amazon.may_assume.clear()
    (home / ".aws" / "config").write_text(f"[profile ci]\nrole_arn = {ROLE}\nsource_profile = ci\n{KEYS}")
    done = run_serve("--store", "memory:", token=None, env=environment(amazon, home, AWS_PROFILE="ci"))
    assert done.returncode == 69 and "the role of the AWS profile ci cannot be had: STS answers 403 AccessDenied" \
        in done.stderr, done.stderr


def test_a_web_identity_as_eks_gives_it_to_pods(amazon, home):
    (home / "token").write_text(amazon.web_token + "\n")
    got = assert_serves(amazon, home, AWS_WEB_IDENTITY_TOKEN_FILE=str(home / "token"), AWS_ROLE_ARN=ROLE)
    assert got == ["AKROLE1"]


def test_a_program_of_a_profile(amazon, home):
    keys = {"Version": 1, "AccessKeyId": "AKUSER", "SecretAccessKey": "user-secret-key"}
    program = home / "print keys"
    program.write_text(f"#!/bin/sh\n[ \"$1\" = --for ] && echo '{json.dumps(keys)}'\n")
    program.chmod(0o700)
    (home / ".aws" / "config").write_text(f"[profile ci]\ncredential_process = '{program}' --for bdd-lock\n")
    amazon.may_read.add("AKUSER")
    assert assert_serves(amazon, home, AWS_PROFILE="ci") == ["AKUSER"]
    program.write_text("#!/bin/sh\nexit 3\n")
    done = run_serve("--store", "memory:", token=None, env=environment(amazon, home, AWS_PROFILE="ci"))
    assert done.returncode == 69 and "credential_process) ends with 3" in done.stderr, done.stderr
