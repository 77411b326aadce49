"""Each way in which DynamoDB and the network to it fail, under a server: what passes is tried again and the client
sees nothing of it; what does not is 503 and a sentence in the log; what was acknowledged is there, once."""

import pytest
from dynamodb_calls import DynamoDbCalls
from dynamodb_faults import DynamoDbFaults
from lending import ask, claim, history, kinds, on_claim, release, stack
from original import Original
from server import Server, wait_until

FOR_EVER = 10_000
READS = ("GetItem", "BatchGetItem", "Query")


class Faulty:
    """A server with a table of its own behind a proxy of its own."""

    def __init__(self, server, proxy, table, local):
        self.server, self.proxy, self.table, self.local = server, proxy, table, local

    def tells_in_its_log(self, words):
        """Of a trouble, in the end: lines are written behind the answers."""
        wait_until(lambda: any(words in event["detail"] for event in self.server.events("trouble")),
                   what=f"a trouble with {words}")


@pytest.fixture(scope="module")
def module_faulty(dynamodb):
    table = dynamodb.new_table()
    with DynamoDbFaults(dynamodb.port) as proxy:
        env = {**dynamodb.env, "AWS_ENDPOINT_URL_DYNAMODB": proxy.endpoint}
        with Server(store=f"dynamodb:{table}", env=env) as server:
            yield Faulty(server, proxy, table, dynamodb)


@pytest.fixture
def faulty(module_faulty):
    """Ready again after each test, whatever it met."""
    yield module_faulty
    module_faulty.proxy.relent()
    wait_until(lambda: module_faulty.server.call("GET", "/readyz").status == 200, what="going on")


@pytest.fixture
def name(request, faulty):
    """A new stack in a repo of the same name."""
    made = "".join(c if c.isalnum() else "-" for c in request.node.name)
    faulty.server.create(made, repo=made)
    return made


def unavailable(answer, code):
    assert answer.status == 503, answer
    assert answer.json()["code"] == code
    assert (code == "store_unavailable") == ("nothing was changed" in answer.json()["detail"])


PASSING = ["throughput", "throttled", "conflict", "server error", "unavailable", "fails after", "drop reply",
           "cut reply", "cut before", "trickle", "expired"]


@pytest.mark.parametrize("fate", PASSING)
def test_a_claim_in_passing_trouble_is_granted_once(faulty, name, fate):
    faulty.proxy.spoil(fate, "TransactWriteItems", times=1 if fate == "expired" else 2)
    made = claim(faulty.server, name, requestId="r")
    assert made["fencingToken"] == 1
    assert kinds(faulty.server, name) == ["created", "claimed"]
    faulty.proxy.spoil(fate, "TransactWriteItems")
    release(faulty.server, made)
    assert kinds(faulty.server, name) == ["created", "claimed", "released"]


@pytest.mark.parametrize("fate", ["throttled", "server error", "drop reply", "unprocessed", "trickle"])
def test_reads_in_passing_trouble_are_answered(faulty, name, fate):
    for operation in READS:
        faulty.proxy.spoil(fate, operation, times=2)
    assert claim(faulty.server, name)["stackName"] == name
    faulty.proxy.spoil(fate, "GetItem", times=2)
    assert stack(faulty.server, name)["state"] == "claimed"


@pytest.mark.parametrize("fate, says", [
    ("throughput", "ProvisionedThroughputExceeded"),
    ("throttled", "ThrottlingError"),
    ("denied", "AccessDeniedException"),
    ("missing", "`bdd-lock dynamodb check`"),
    ("expired", "no newer credentials were found"),
])
def test_trouble_that_stays_and_did_nothing_is_said_to_have_done_nothing(faulty, name, fate, says):
    faulty.proxy.spoil(fate, "TransactWriteItems", FOR_EVER)
    unavailable(ask(faulty.server, name, requestId="r"), "store_unavailable")
    faulty.tells_in_its_log(says)
    faulty.proxy.relent()
    assert stack(faulty.server, name)["state"] == "available"
    assert claim(faulty.server, name, requestId="r")["fencingToken"] == 1


@pytest.mark.parametrize("fate", ["server error", "fails after", "drop reply", "nonsense"])
def test_trouble_that_stays_and_may_have_done_it_is_an_unknown_outcome(faulty, name, fate):
    faulty.proxy.spoil(fate, "TransactWriteItems", FOR_EVER)
    unavailable(ask(faulty.server, name, requestId="r"), "outcome_unknown")
    faulty.proxy.relent()
    made = claim(faulty.server, name, requestId="r")
    assert made["fencingToken"] == 1, "the repeat finds out"
    assert kinds(faulty.server, name) == ["created", "claimed"]


@pytest.mark.parametrize("fate", ["server error", "drop reply", "denied", "nonsense"])
def test_a_read_that_fails_changes_nothing_and_says_so(faulty, name, fate):
    faulty.proxy.spoil(fate, "GetItem", FOR_EVER)
    unavailable(faulty.server.call("GET", f"/v1/stacks/{name}"), "store_unavailable")
    faulty.proxy.relent()
    assert stack(faulty.server, name)["state"] == "available"


def test_conflicts_that_stay_end_in_store_unavailable(faulty, name):
    faulty.proxy.spoil("conflict", "TransactWriteItems", FOR_EVER)
    unavailable(ask(faulty.server, name, requestId="r"), "store_unavailable")
    faulty.tells_in_its_log("changed by others")


def test_a_call_that_is_never_answered_is_given_up_and_made_again(faulty, name):
    faulty.proxy.spoil("hang", "TransactWriteItems")
    assert claim(faulty.server, name, requestId="r")["fencingToken"] == 1
    assert kinds(faulty.server, name) == ["created", "claimed"]


def test_a_write_that_lands_late_is_made_once(faulty, name):
    """It arrives when the second try has long been answered, and the stack is in other hands."""
    before = faulty.proxy.counts["late in vain"] + faulty.proxy.counts["landed late"]
    faulty.proxy.spoil("late", "TransactWriteItems")
    first = claim(faulty.server, name, requestId="first")
    release(faulty.server, first)
    second = claim(faulty.server, name, requestId="second")
    wait_until(lambda: faulty.proxy.counts["late in vain"] + faulty.proxy.counts["landed late"] > before,
               what="the late write")
    assert on_claim(faulty.server, second, "extend").status == 200
    assert stack(faulty.server, name)["claim"]["requestId"] == "second"
    assert kinds(faulty.server, name) == ["created", "claimed", "released", "claimed"]


def test_an_old_answer_of_the_index_lends_nothing_twice(faulty, name):
    """It lists the stack as free when another request has it, and not yet when it has just come free."""
    answer = ask(faulty.server, name, requestId="first")
    faulty.proxy.spoil("stale", "Query", times=3)
    assert answer.status == 200
    assert ask(faulty.server, name, requestId="second").json()["code"] == "none_available"
    assert stack(faulty.server, name)["claim"]["requestId"] == "first"
    made = answer.json()["claims"][0]
    release(faulty.server, made)
    assert claim(faulty.server, name, requestId="third")["fencingToken"] == 2


def test_a_slow_network_makes_it_slow_and_nothing_else(faulty, name):
    faulty.proxy.spoil("delay reply", times=FOR_EVER)
    made = claim(faulty.server, name, requestId="r")
    release(faulty.server, made)
    assert kinds(faulty.server, name) == ["created", "claimed", "released"]


def test_a_table_that_is_deleted_under_a_server_is_said_to_be_missing(dynamodb):
    table = dynamodb.new_table()
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        server.create("s")
        with DynamoDbCalls(dynamodb.port) as calls:
            calls.call("DeleteTable", TableName=f"{table}-requests")
        unavailable(ask(server), "store_unavailable")
        wait_until(lambda: "`bdd-lock dynamodb check` says what there must be" in server.log(), what="the log")
        assert dynamodb.run("upgrade", table).returncode == 0
        wait_until(lambda: server.call("GET", "/readyz").status == 200, what="going on")
        assert claim(server)["stackName"] == "s"


def test_expired_credentials_are_renewed_where_they_come_from(dynamodb, tmp_path):
    table = dynamodb.new_table()
    credentials = tmp_path / "credentials"
    credentials.write_text("[default]\naws_access_key_id = old\naws_secret_access_key = s\n")
    with DynamoDbFaults(dynamodb.port) as proxy:
        env = {**dynamodb.env, "AWS_ENDPOINT_URL_DYNAMODB": proxy.endpoint, "AWS_ACCESS_KEY_ID": "",
               "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
        with Server(store=f"dynamodb:{table}", env=env) as server:
            server.create("s")
            credentials.write_text("[default]\naws_access_key_id = new\naws_secret_access_key = s\n")
            proxy.spoil("expired", "TransactWriteItems")
            assert claim(server)["stackName"] == "s"
            assert server.events("trouble") == []


def test_tables_are_made_though_answers_get_lost(dynamodb):
    name = f"{dynamodb.new_table()}-lost"
    with DynamoDbFaults(dynamodb.port) as proxy:
        endpoint = {"AWS_ENDPOINT_URL_DYNAMODB": proxy.endpoint}
        for operation in ("CreateTable", "UpdateTimeToLive"):
            proxy.spoil("drop reply", operation)
        made = dynamodb.run("create", name, **endpoint)
        assert made.returncode == 0, made.stderr
        assert dynamodb.run("check", name).returncode == 0
        proxy.spoil("denied", times=FOR_EVER)
        denied = dynamodb.run("check", name, **endpoint)
        assert denied.returncode == 69 and "look at the credentials" in denied.stderr


def test_the_original_beside_a_server_in_trouble_shares_no_stack(faulty, name):
    """Its claim comes between two tries of the server's: the second try must not take the stack."""
    with Original(faulty.local.port, faulty.table) as original:
        faulty.proxy.spoil("cut before", "TransactWriteItems", 1)
        assert original.claim(name)
        assert ask(faulty.server, name, requestId="r").json()["code"] == "none_available"
        assert original.release(name)
    assert claim(faulty.server, name, requestId="s")["fencingToken"] == 1
    assert history(faulty.server, name)[-1]["kind"] == "claimed"


def is_no_decision(body):
    """Those of clients' calls have a token, so that they can be sent again."""
    return b"ClientRequestToken" not in body


def test_an_end_by_the_original_that_cannot_be_written_down_now_is_not_lost(faulty, name):
    """The stack is not lent again before: its next claim would hide that something is missing."""
    first = claim(faulty.server, name, requestId="first")
    with Original(faulty.local.port, faulty.table) as original:
        assert original.release(name)
    faulty.proxy.spoil("throttled", "TransactWriteItems", FOR_EVER, is_no_decision)
    unavailable(ask(faulty.server, name, requestId="second"), "store_unavailable")
    faulty.proxy.relent()
    assert claim(faulty.server, name, requestId="second")["fencingToken"] == 2
    assert on_claim(faulty.server, first, "extend").json()["code"] == "claim_lost"
    assert [(event["kind"], event["by"]) for event in history(faulty.server, name)[-3:]] == [
        ("claimed", "owner"), ("released", "seed"), ("claimed", "owner")]


def test_where_no_index_may_be_added_the_second_table_is_made(dynamodb):
    table = f"{dynamodb.new_table()}-seed"
    with DynamoDbCalls(dynamodb.port) as calls:
        names = [{"AttributeName": name, "AttributeType": "S"} for name in ("stackName", "repoName", "isAvailable")]
        keys = [{"AttributeName": "repoName", "KeyType": "HASH"}, {"AttributeName": "isAvailable", "KeyType": "RANGE"}]
        calls.call("CreateTable", TableName=table, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=names,
                   KeySchema=[{"AttributeName": "stackName", "KeyType": "HASH"}],
                   GlobalSecondaryIndexes=[{"IndexName": "availableByRepoIndex", "KeySchema": keys,
                                            "Projection": {"ProjectionType": "KEYS_ONLY"}}])
    with DynamoDbFaults(dynamodb.port) as proxy:
        proxy.spoil("denied", "UpdateTable", FOR_EVER)
        done = dynamodb.run("upgrade", table, AWS_ENDPOINT_URL_DYNAMODB=proxy.endpoint)
    assert done.returncode == 0, done.stderr
    assert "created the table " + table + "-requests" in done.stdout
    assert "repoIndex could not be added" in done.stdout and "reading the whole table" in done.stdout
    assert dynamodb.run("check", table).returncode == 0
    with Server(store=f"dynamodb:{table}", env=dynamodb.env) as server:
        server.create("s")
        assert claim(server)["stackName"] == "s"
