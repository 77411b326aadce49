"""The server on DynamoDB: its commands for the tables, claims over two replicas, restarts, and tables that
are not as they must be."""

import concurrent.futures

import pytest
from server import TOKEN, Server, wait_until


@pytest.fixture
def table(dynamodb):
    return dynamodb.new_table()


@pytest.fixture
def replicas(dynamodb, table):
    """Two servers on one table."""
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as one:
        with Server(store="dynamodb:", env={**dynamodb.env, "BDD_LOCK_TABLE_NAME": table}) as other:
            yield one, other


def claim(server, **body):
    return server.call("POST", "/v1/repos/r/claims", body)


def release(server, claim_id):
    return server.call("POST", f"/v1/claims/{claim_id}/release", {"outcome": "passed"})


def test_the_commands_make_check_and_leave_the_tables(dynamodb):
    missing = dynamodb.run("check", "commands")
    assert missing.returncode == 1 and "there is no table commands" in missing.stdout
    made = dynamodb.run("create", "commands")
    assert made.returncode == 0 and "created the table commands-requests" in made.stdout
    assert dynamodb.run("check", "commands").returncode == 0
    again = dynamodb.run("create", "commands")
    assert again.returncode == 69 and "is there already" in again.stderr
    assert dynamodb.run("create", "commands", "--if-missing").returncode == 0
    upgraded = dynamodb.run("upgrade", BDD_LOCK_TABLE_NAME="commands")
    assert (upgraded.returncode, upgraded.stdout) == (0, "nothing to do\n")


@pytest.mark.parametrize("words, env, says", [
    (["check"], {}, "needs TABLE"),
    (["drop", "commands"], {}, "must be create, check, upgrade or restored"),
    (["check", "a/b"], {}, "no name of a DynamoDB table"),
    (["check", "commands"], {"AWS_REGION": ""}, "AWS_REGION"),
    (["check", "commands"], {"AWS_ENDPOINT_URL_DYNAMODB": "localhost:8000"}, "http://"),
])
def test_a_command_that_is_wrong_says_how_it_is_right(dynamodb, words, env, says):
    done = dynamodb.run(*words, **env)
    assert done.returncode == 64 and says in done.stderr, done.stderr


def test_after_a_restore_every_token_is_larger_than_any_before(dynamodb, table):
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        server.create("s", "r")
        before = claim(server).json()["claims"][0]["fencingToken"]
    told = dynamodb.run("restored", table)
    assert (told.returncode, told.stdout) == (
        0, "raised the fencing tokens of 1 stacks and 0 deleted names by 1000000\n")
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        stack = server.call("GET", "/v1/stacks/s").json()
        assert stack["fencingToken"] == before + 1_000_000
        assert stack["state"] == "claimed"


def test_a_server_does_not_start_without_its_tables(dynamodb):
    with pytest.raises(AssertionError, match="bdd-lock dynamodb create"):
        Server(store="dynamodb:nowhere", env=dynamodb.env)


def test_a_server_does_not_start_without_credentials(dynamodb, table):
    env = {**dynamodb.env, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
           "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"}
    with pytest.raises(AssertionError, match="no AWS credentials were found"):
        Server(store=f"dynamodb:{table}", env=env)


def test_a_stack_is_lent_once_by_two_servers(replicas):
    one, other = replicas
    one.create("s")
    first = claim(one, requestId="a")
    assert first.status == 200, first
    assert claim(other, requestId="b").json()["code"] == "none_available"
    repeated = claim(other, requestId="a")
    assert repeated.json()["claims"][0]["claimId"] == first.json()["claims"][0]["claimId"]
    assert release(other, first.json()["claims"][0]["claimId"]).status == 200
    second = claim(other, requestId="b").json()["claims"][0]
    assert second["fencingToken"] == first.json()["claims"][0]["fencingToken"] + 1
    assert release(one, first.json()["claims"][0]["claimId"]).status == 200, "the first answer again"
    assert one.call("GET", f"/v1/claims/{second['claimId']}").status == 200


def test_many_clients_of_two_servers_never_share_a_stack(replicas):
    for name in ("s1", "s2", "s3"):
        replicas[0].create(name)

    def lend(number):
        tokens = []
        for turn in range(4):
            server = replicas[(number + turn) % 2]
            answer = claim(server, requestId=f"{number}-{turn}", waitSeconds=0)
            assert answer.status in (200, 409), answer
            for got in answer.json().get("claims", []):
                tokens.append((got["stackName"], got["fencingToken"]))
                assert release(replicas[turn % 2], got["claimId"]).status == 200
        return tokens

    with concurrent.futures.ThreadPoolExecutor(6) as clients:
        granted = [token for tokens in clients.map(lend, range(6)) for token in tokens]
    assert len(granted) == len(set(granted)) > 0, "two grants share a fencing token"


def test_a_claim_and_its_history_outlive_the_servers(dynamodb, table):
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        server.create("s")
        claim_id = claim(server, requestId="a").json()["claims"][0]["claimId"]
        server.kill()
        server.start()
        assert claim(server, requestId="a").json()["claims"][0]["claimId"] == claim_id
        assert server.call("POST", f"/v1/claims/{claim_id}/extend", {}).status == 200
        assert release(server, claim_id).status == 200
        history = server.call("GET", "/v1/stacks/s/history").json()["items"]
        assert [event["kind"] for event in history] == ["released", "claimed", "created"]


def test_one_who_waits_gets_the_stack_that_is_released(dynamodb, table):
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        server.create("s")
        first = claim(server, requestId="a").json()["claims"][0]
        with concurrent.futures.ThreadPoolExecutor(1) as waiter:
            waiting = waiter.submit(claim, server, requestId="b", waitSeconds=20)
            while server.call("GET", "/v1/repos/r/requests").json()["items"] == []:
                pass
            assert release(server, first["claimId"]).status == 200
            assert waiting.result().json()["claims"][0]["stackName"] == "s"


def test_an_import_of_more_stacks_than_one_transaction_takes(dynamodb, table):
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        lines = "".join(f'{{"stackName":"s{number}","repoName":"r","isAvailable":"x"}}\n' for number in range(60))
        answer = server.call("POST", "/v1/import", lines, {"Content-Type": "application/jsonl"})
        assert answer.status == 200, answer
        assert len(server.export()) == 60


def test_the_log_names_the_store_and_no_secret(dynamodb, table):
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        wait_until(lambda: f"dynamodb:{table}" in server.log(), what="the first line of the log")
        assert "test-secret-key" not in server.log()
        assert TOKEN not in server.log()
