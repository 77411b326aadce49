"""The part of the benchmark on DynamoDB Local: the original's way of working, this server's two APIs, and bare
transactions, at several numbers of clients. Then, untimed, what each cycle of a claim and a release calls."""

import concurrent.futures
import json
import os
import random
import statistics
import subprocess
import sys
import time

from bdd_lock_peer import TOKEN, BddLock
from dynamodb_client import REGION
from generator import ROOT
from peer import BenchError, Peer, Table
from rates import say

sys.path.append(str(ROOT / "tests" / "support"))
from dynamodb_proxy import DynamoDbProxy  # noqa: E402

CLIENT = ROOT / "bench" / "dynamodb_client.py"
TABLE, REPO = "bench", "repo-0000"
TABLE_OF_BARE_ITEMS = "bench-bare"
START_SECONDS = 1.0  # for Python to start and load boto3, for each client
WAYS = ("original", "seed", "v1", "transaction")


class DynamoDbLocal(Peer):
    title = "DynamoDB Local"

    def command(self):
        return [ROOT / "tools" / "dynamodb-local", str(self.port)]

    def environment(self):
        return {**super().environment(), **aws_environment(self.port)}

    def answers(self):
        done = subprocess.run([BddLock.binary, "dynamodb", "check", TABLE], env=self.environment(),
                              capture_output=True)
        return done.returncode == 0 or b"bdd-lock dynamodb create" in done.stdout + done.stderr

    def create(self, table):
        done = subprocess.run([BddLock.binary, "dynamodb", "create", table], env=self.environment(),
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"dynamodb create: {done.stdout}{done.stderr}")


class BddLockOnDynamoDb(BddLock):
    def __init__(self, folder, table, dynamodb_port):
        super().__init__(folder, table)
        self.dynamodb_port = dynamodb_port

    def command(self):
        return [self.binary, "serve", "--listen", f"127.0.0.1:{self.port}", "--store", f"dynamodb:{TABLE}"]

    def environment(self):
        return {**super().environment(), **aws_environment(self.dynamodb_port)}


def aws_environment(port):
    return {"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{port}", "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}


def measure_dynamodb(bench):
    plan = bench.plan["dynamodb"]
    subprocess.run([ROOT / "tools" / "dynamodb-local", "--fetch"], check=True)
    local = bench.start(DynamoDbLocal(bench.folder / "dynamodb-local", Table(0)))
    local.create(TABLE)
    local.create(TABLE_OF_BARE_ITEMS)
    server = bench.start(BddLockOnDynamoDb(bench.folder / "dynamodb-serve", Table(plan["stacks"]), local.port))
    server.fill()
    warm_up(plan, local, server)
    rows = [row for number in range(1, bench.plan["rounds"] + 1)
            for row in measure_round(plan, number, local, server)]
    wakes = measure_wakes(bench, plan, local, server)
    server.stop()
    return {"rates": rows, "wakes_ms": wakes, "calls": measure_calls(bench, plan, local)}


def warm_up(plan, local, server):
    """Java compiles what it has run often: until then DynamoDB Local takes several times as long for a call."""
    say(f"dynamodb: {plan['warm_up']} s of each way first, for Java to compile DynamoDB Local")
    for way in ("transaction", "seed", "v1"):
        run_clients(way, port_of(way, local, server), max(plan["clients"]), plan["warm_up"])


def port_of(way, local, server):
    return server.port if way in ("seed", "v1") else local.port


def measure_round(plan, number, local, server):
    for clients in plan["clients"]:
        for way in WAYS:
            row = run_clients(way, port_of(way, local, server), clients, plan["seconds"])
            say(f"dynamodb, round {number}, {way}, {clients} clients: {row['per_second']:,.0f} cycles a second")
            yield {"round": number, "way": way, "clients": clients, **row}


def measure_wakes(bench, plan, local, server):
    """From a release at one server to the answer of a call that waits at another, a wait begun at any moment."""
    other = bench.start(BddLockOnDynamoDb(bench.folder / "dynamodb-other", Table(0), local.port))
    say(f"dynamodb: {plan['wakes']} releases at one server for a call at another")
    path = "/v1/repos/wake/claims"
    status, text = server.call("POST", path, json.dumps({"createIfNone": True, "leaseSeconds": 60}))
    wakes = []
    for number in range(plan["wakes"]):
        claim = claim_in(status, text)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(timed_wait, other, path)
            time.sleep(0.5 + random.Random(number).random())
            released = time.monotonic()
            server.call("POST", f"/v1/claims/{claim}/release", "{}")
            status, text, answered = waiting.result()
        wakes.append((answered - released) * 1e3)
    server.call("POST", f"/v1/claims/{claim_in(status, text)}/release", "{}")
    other.stop()
    return wakes


def timed_wait(server, path):
    status, text = server.call("POST", path, json.dumps({"waitSeconds": 20, "leaseSeconds": 60}))
    return status, text, time.monotonic()


def claim_in(status, text):
    if status != 200:
        raise BenchError(f"a claim: {status} {text.decode()}")
    return json.loads(text)["claims"][0]["claimId"]


def measure_calls(bench, plan, local):
    """The original through the proxy that counts, then a second server behind it."""
    few_and_many = (min(plan["clients"]), max(plan["clients"]))
    with DynamoDbProxy(local.port) as proxy:
        rows = [counted(proxy, "original", proxy.port, clients, plan["counted"]) for clients in few_and_many]
        server = bench.start(BddLockOnDynamoDb(bench.folder / "dynamodb-counted", Table(0), proxy.port))
        rows += [counted(proxy, way, server.port, clients, plan["counted"])
                 for clients in few_and_many for way in ("seed", "v1")]
        server.stop()
        return rows


def counted(proxy, way, port, clients, cycles):
    since = len(proxy.calls)
    row = run_clients(way, port, clients, 60, max(1, cycles // clients))
    calls = proxy.calls[since:]
    reads, writes = (sum(call.is_write == writes for call in calls) for writes in (False, True))
    say(f"dynamodb, {way}, {clients} clients: {reads} reading and {writes} writing calls in {row['cycles']} cycles")
    read_units, write_units = proxy.units(since)
    return {"way": way, "clients": clients, "reads_calls": reads / row["cycles"],
            "writes_calls": writes / row["cycles"], "reads_units": read_units / row["cycles"],
            "writes_units": write_units / row["cycles"]}


def run_clients(way, port, clients, seconds, cycles=1_000_000):
    begin = time.time() + START_SECONDS * (1 + clients / os.cpu_count())
    table = TABLE_OF_BARE_ITEMS if way == "transaction" else TABLE
    processes = [subprocess.Popen(
        [sys.executable, "-B", CLIENT, way, "--port", str(port), "--table", table, "--repo", REPO, "--number",
         str(number), "--begin", str(begin), "--seconds", str(seconds), "--cycles", str(cycles)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "BDD_LOCK_AUTH_TOKEN": TOKEN}) for number in range(clients)]
    ended = [(process.communicate(), process.returncode) for process in processes]
    for (_, complaint), code in ended:
        if code != 0:
            raise BenchError(f"{way}, {clients} clients: {complaint}")
    return summary([json.loads(printed) for (printed, _), _ in ended])


def summary(results):
    takes, gives = (sorted(ms for result in results for ms in result[field]) for field in ("takes_ms", "gives_ms"))
    return {"cycles": len(takes), "per_second": sum(len(each["takes_ms"]) / each["seconds"] for each in results),
            "takes_p50_ms": statistics.median(takes), "takes_p99_ms": quantile(takes, 0.99),
            "gives_p50_ms": statistics.median(gives), "gives_p99_ms": quantile(gives, 0.99)}


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
