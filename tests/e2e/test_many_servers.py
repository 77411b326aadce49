"""Several servers on one table of DynamoDB: who waits at one gets what comes free at another, in the order of all; and
what that costs in calls, counted by a proxy before each server."""

import concurrent.futures
import contextlib
import datetime

import pytest
from dynamodb_calls import DynamoDbCalls
from dynamodb_faults import DynamoDbFaults
from dynamodb_proxy import DynamoDbProxy
from original import Original
from server import PATIENCE_SECONDS, Server, wait_until


@pytest.fixture
def table(dynamodb):
    return dynamodb.new_table()


@contextlib.contextmanager
def servers(dynamodb, table, count, *flags):
    """Each with the proxy that it calls DynamoDB through."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            proxy = stack.enter_context(DynamoDbProxy(dynamodb.port))
            server = stack.enter_context(Server(*flags, store=f"dynamodb:{table}", env={**dynamodb.env, **proxy.env}))
            server.proxy = proxy
            found.append(server)
        yield found


@pytest.fixture
def three(dynamodb, table):
    with servers(dynamodb, table, 3) as found:
        yield found


@pytest.fixture
def pool():
    with concurrent.futures.ThreadPoolExecutor(32) as threads:
        yield threads


def claim(server, request_id, wait=0, **body):
    return server.call("POST", "/v1/repos/r/claims", {"requestId": request_id, "waitSeconds": wait, **body})


def claimed(answer):
    assert answer.status == 200, answer
    return answer.json()["claims"][0]


def release(server, got):
    answer = server.call("POST", f"/v1/claims/{got['claimId']}/release", {"outcome": "passed"})
    assert answer.status == 200, answer


def line(server):
    items = server.call("GET", "/v1/repos/r/requests").json()["items"]
    return [item["requestId"] for item in items if item["status"] == "waiting"]


def claim_in_the_end(server, request_id):
    """As clients do it: a call that waited in vain is made again."""
    answer = claim(server, request_id, 50)
    while answer.status == 202:
        answer = claim(server, request_id, 50)
    return answer


def wait_in_line(pool, server, request_id):
    """A call that waits, once it is in line."""
    waiting = pool.submit(claim_in_the_end, server, request_id)
    wait_until(lambda: request_id in line(server), what=f"{request_id} in line")
    return waiting


def looks(server, since=0):
    return [call for call in server.proxy.calls[since:] if call.index == "availableByRepoIndex"]


def ticks(server, since=0):
    return [call for call in server.proxy.calls[since:] if call.partition == "due"]


def wait_for_ticks(server, count):
    """Its calls since now, once it looked at the clock so often."""
    since = len(server.proxy.calls)
    wait_until(lambda: len(ticks(server, since)) >= count, what="ticks of a server")
    return since


def test_a_waiter_at_one_gets_what_is_released_at_another(three, pool):
    three[0].create("s")
    got = claimed(claim(three[0], "first"))
    for turn in range(4):
        waiting = wait_in_line(pool, three[(turn + 1) % 3], f"w{turn}")
        release(three[turn % 3], got)
        following = claimed(waiting.result())
        assert following["fencingToken"] == got["fencingToken"] + 1
        got = following


def test_a_waiter_gets_what_the_original_releases(dynamodb, table, three, pool):
    three[0].create("s")
    claimed(claim(three[0], "first"))
    waiting = wait_in_line(pool, three[1], "w")
    with Original(dynamodb.port, table) as original:
        assert original.release("s")
    assert claimed(waiting.result())["stackName"] == "s"


def test_the_order_is_that_of_arrival_wherever_they_wait(three, pool):
    three[0].create("s")
    got = claimed(claim(three[0], "first"))
    waiting = {f"w{number}": wait_in_line(pool, three[number % 3], f"w{number}") for number in range(7)}
    tokens = [got["fencingToken"]]
    order = []
    for turn in range(7):
        release(three[(turn * 2) % 3], got)
        done, _ = concurrent.futures.wait(waiting.values(), PATIENCE_SECONDS, concurrent.futures.FIRST_COMPLETED)
        assert len(done) == 1, "one stack, one grant"
        name = next(name for name, call in waiting.items() if call in done)
        got = claimed(waiting.pop(name).result())
        order.append(name)
        tokens.append(got["fencingToken"])
    assert order == [f"w{number}" for number in range(7)]
    assert tokens == sorted(set(tokens))


def test_stacks_are_lent_once_and_tokens_rise_under_many_clients(three, pool):
    for name in ("s1", "s2", "s3", "s4"):
        three[0].create(name)

    def lend(number):
        grants = []
        for turn in range(5):
            got = claimed(claim_in_the_end(three[(number + turn) % 3], f"{number}-{turn}"))
            grants.append((got["stackName"], got["fencingToken"]))
            again = claimed(claim(three[(number + turn + 1) % 3], f"{number}-{turn}"))
            assert again["claimId"] == got["claimId"], "the repeat at another server is the same claim"
            release(three[turn % 3], got)
        return grants

    grants = [grant for of_one in pool.map(lend, range(9)) for grant in of_one]
    assert len(grants) == len(set(grants)) == 45, "two grants share a fencing token"


def test_one_look_a_second_while_somebody_waits_and_none_while_nobody_does(three, pool):
    three[0].create("s")
    got = claimed(claim(three[0], "first"))
    since = wait_for_ticks(three[1], 3)
    assert looks(three[1], since) == []

    waiting = [wait_in_line(pool, three[1], f"w{number}") for number in range(3)]
    since = wait_for_ticks(three[1], 4)
    calls = three[1].proxy.calls[since:]
    assert abs(len(looks(three[1], since)) - len(ticks(three[1], since))) <= 1, calls
    assert all(call.operation == "Query" for call in looks(three[1], since))
    assert [call for call in three[1].proxy.of_jobs(since) if call not in looks(three[1], since)] == [], calls
    since_of_other = wait_for_ticks(three[2], 2)
    assert looks(three[2], since_of_other) == [], "nobody waits there"

    for number in range(3):
        release(three[0], got)
        got = claimed(waiting[number].result())
    since = wait_for_ticks(three[1], 3)
    assert looks(three[1], since) == []


def cycle_calls(server, cycle):
    """The calls of one cycle, when the server has made it once before: reading ones, writing ones."""
    cycle("before")
    wait_for_ticks(server, 2)  # what it looks after at its start is over
    since = len(server.proxy.calls)
    cycle("counted")
    calls = server.proxy.of_jobs(since)
    return [call for call in calls if not call.is_write], [call for call in calls if call.is_write]


def test_a_cycle_of_v1_is_three_reading_and_two_writing_calls(three):
    """The request, the line, and who comes into question; what is free is remembered."""
    for number in range(20):
        three[0].create(f"s{number}")

    def cycle(name):
        release(three[0], claimed(claim(three[0], name)))

    reads, writes = cycle_calls(three[0], cycle)
    assert len(reads) == 3 and len(writes) == 2, (reads, writes)


def test_a_request_whose_id_the_server_made_is_not_looked_for(three):
    three[0].create("s")

    def cycle(_):
        release(three[0], claimed(three[0].call("POST", "/v1/repos/r/claims", {})))

    reads, writes = cycle_calls(three[0], cycle)
    assert len(reads) == 2 and len(writes) == 2, (reads, writes)


def test_what_is_remembered_is_not_lent_when_another_server_lent_it(three):
    """Its conditional write fails, and then the records are read."""
    for name in ("s1", "s2"):
        three[0].create(name)
    release(three[0], claimed(claim(three[0], "before")))  # remembers both
    theirs = [claimed(claim(three[1], f"theirs{number}")) for number in range(2)]
    assert claim(three[0], "mine").json()["code"] == "none_available"
    release(three[1], theirs[0])
    mine = claimed(claim(three[0], "mine"))
    assert (mine["stackName"], mine["fencingToken"]) == (theirs[0]["stackName"], theirs[0]["fencingToken"] + 1)


def test_nothing_is_kept_for_one_who_waits_on_what_is_remembered(dynamodb, table, pool):
    """One server remembers as free, and an index that lags behind shows, what another one lent. To keep that for the
    first in line would give the stack that is free to whoever comes then."""
    with DynamoDbFaults(dynamodb.port) as lagging, servers(dynamodb, table, 1) as (other,):
        env = {**dynamodb.env, "AWS_ENDPOINT_URL_DYNAMODB": lagging.endpoint}
        with Server(store=f"dynamodb:{table}", env=env) as one:
            for name in ("x", "y"):
                made = one.call("POST", "/v1/stacks", {"stackName": name, "repoName": "r", "labels": {"name": name}})
                assert made.status == 201, made
            for turn in range(5):  # what it keeps was drawn
                release(one, claimed(claim(one, f"before{turn}", labels={"name": "y"})))
                theirs = claimed(claim(other, f"theirs{turn}", stackName="x"))
                mine = claimed(claim(one, f"mine{turn}", stackName="y"))
                waiting = wait_in_line(pool, other, f"waits{turn}")
                lagging.spoil("stale", "Query", 3)
                release(one, mine)
                comes_then = claim(one, f"late{turn}")
                assert comes_then.json()["code"] == "none_available", comes_then
                lagging.relent()
                for got in (theirs, claimed(waiting.result())):
                    release(other, got)


def test_after_a_surprise_the_free_stacks_are_read_first(three):
    for name in ("s1", "s2"):
        three[0].create(name)
    for name in ("before", "again"):
        release(three[0], claimed(claim(three[0], name)))
    for number in range(2):  # both are others now
        theirs = [claimed(claim(three[1], f"{number}-{turn}")) for turn in range(2)]
        for got in theirs:
            release(three[1], got)
    release(three[0], claimed(claim(three[0], "surprised")))
    since = len(three[0].proxy.calls)
    release(three[0], claimed(claim(three[0], "careful")))
    assert "BatchGetItem" in [call.operation for call in three[0].proxy.of_jobs(since)]


def due_rows(dynamodb, table):
    with DynamoDbCalls(dynamodb.port) as calls:
        rows = calls.call("Query", TableName=f"{table}-requests", KeyConditionExpression="pk = :pk",
                          ExpressionAttributeValues={":pk": {"S": "due"}}, ConsistentRead=True)["Items"]
    return {row["sk"]["S"]: int(row["line"]["N"]) for row in rows}


def test_the_time_of_a_claim_outlives_its_release_and_is_forgotten_then(dynamodb, table, three):
    """To take it away with each release would be one write more; a claim meanwhile puts its own in its place."""
    for name in ("s1", "s2"):
        three[0].create(name)
    first, second = (claimed(claim(three[0], f"early{number}", leaseSeconds=3)) for number in range(2))
    for got in (first, second):
        release(three[0], got)
    left = due_rows(dynamodb, table)
    assert left.keys() == {"s1", "s2"}
    again = claimed(claim(three[1], "late", leaseSeconds=300, stackName=first["stackName"]))
    wait_until(lambda: due_rows(dynamodb, table).keys() == {first["stackName"]}, what="the end of what is over")
    assert due_rows(dynamodb, table)[first["stackName"]] > left[first["stackName"]]
    release(three[1], again)


def test_a_cycle_of_the_seeds_api_is_four_reading_and_two_writing_calls(three):
    for number in range(20):
        three[0].create(f"s{number}")

    def cycle(_):
        name = three[0].call("GET", "/get-available/r").json()["results"][0]["stackName"]
        assert three[0].call("PUT", f"/claim-stack/{name}").status == 200
        assert three[0].call("PUT", f"/release-stack/{name}").status == 200

    reads, writes = cycle_calls(three[0], cycle)
    assert len(reads) <= 4 and len(writes) == 2, (reads, writes)


def expired_at(server):
    for event in server.call("GET", "/v1/stacks/s/history").json()["items"]:
        if event["kind"] == "expired":
            return datetime.datetime.fromisoformat(event["at"].replace("Z", "+00:00"))
    return None


@pytest.mark.parametrize("skew", [0, 3])
def test_another_servers_lease_is_ended_late(dynamodb, table, skew):
    with servers(dynamodb, table, 1) as (gone,):
        gone.create("s")
        got = claimed(claim(gone, "first", leaseSeconds=1))
        gone.kill()
    with servers(dynamodb, table, 1, "--clock-skew-seconds", str(skew)) as (left,):
        wait_until(lambda: expired_at(left), what="the end of the lease")
        over = datetime.datetime.fromisoformat(got["expiresAt"].replace("Z", "+00:00"))
        assert expired_at(left) >= over + datetime.timedelta(seconds=skew)


def test_a_claim_of_another_server_is_extended_and_released(three):
    three[0].create("s")
    got = claimed(claim(three[0], "first"))
    extended = three[1].call("POST", f"/v1/claims/{got['claimId']}/extend", {"leaseSeconds": 3000})
    assert extended.status == 200 and extended.json()["expiresAt"] > got["expiresAt"]
    assert three[0].call("GET", f"/v1/claims/{got['claimId']}").json()["expiresAt"] == extended.json()["expiresAt"]
    shorter = three[2].call("POST", f"/v1/claims/{got['claimId']}/extend", {"leaseSeconds": 1})
    assert shorter.json()["expiresAt"] == extended.json()["expiresAt"]
    release(three[2], got)
    assert three[0].call("POST", f"/v1/claims/{got['claimId']}/extend", {}).status == 410


def test_a_server_that_starts_takes_nobodys_place(dynamodb, table, three, pool):
    three[0].create("s")
    got = claimed(claim(three[0], "first"))
    waiting = [wait_in_line(pool, three[number], f"w{number}") for number in (0, 1)]
    with servers(dynamodb, table, 1) as (late,):
        wait_for_ticks(late, 2)
        assert line(late) == ["w0", "w1"]
        for number in (0, 1):
            release(late, got)
            got = claimed(waiting[number].result())
