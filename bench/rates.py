"""The parts of the benchmark that compare rates: claims and releases by all peers in turn."""

import sys
import time

from bdd_lock_peer import BddLock
from generator import generate, load
from peer import BenchError
from plans import CONTENDED

CONTENDERS = 32
MILLION = 1_000_000


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def measure_seed(bench):
    """Claims by name, and what one cannot do without. Also what a table of a million stacks weighs."""
    results = {"one": [], "memory": {}}

    def before_round(number, servers):
        ours = [peer for peer in servers if peer.protocol == BddLock.protocol]
        if ours:
            results["one"].append(one_connection(bench, ours[0], number))

    servers, results["rates"] = measure_rates(bench, "seed", "named", before_round)
    for peer in servers:
        if (peer.title, peer.table.stacks) == (BddLock.title, MILLION):
            results["memory"] = {"million_bytes": peer.filled_bytes}
    for peer in servers:
        check_contended(peer, peer.table, "shared")
        check_all_available(peer)
        if (peer.title, peer.table.stacks) == (BddLock.title, MILLION):
            results["memory"]["million_after_bytes"] = peer.resident_bytes()
    return results


def measure_v1(bench):
    """Claims of any stack of a repo."""
    servers, rates = measure_rates(bench, "v1", "any")
    servers += [filled(bench, name, "any", CONTENDED, "v1-few") for name in bench.names]
    for peer in servers:
        if peer.table == CONTENDED:
            check_contended(peer, CONTENDED, "any")
        check_all_available(peer)
    return {"rates": rates}


def measure_scale(bench):
    """The same among few stacks and among many, once each repo has been used."""
    results = {"first": []}

    def before_round(number, servers):
        if number == 1:
            results["first"] = [first_claims(bench, peer) for peer in servers]

    servers, results["rates"] = measure_rates(bench, "scale", "any", before_round)
    for peer in servers:
        check_all_available(peer)
    return results


def first_claims(bench, peer):
    """Of each repo, by one client: a server may have to read what it knows later."""
    result = load(peer, {"seconds": 1, "warm_up": 0}, 1, 1, "any", claims=peer.table.repos)
    say(f"scale, {peer.title}, {peer.table}: the first claim of each repo {result['claims_p50_us'] / 1000:.2f} ms")
    return {"peer": peer.title, "stacks": peer.table.stacks, "repos": peer.table.repos, **result}


def measure_rates(bench, part, workload, before_round=None):
    plan = bench.plan[part]
    servers = [filled(bench, name, workload, table, part) for table in plan["tables"] for name in bench.names]
    wish = "own" if workload == "named" else "any"
    rows = []
    for number in range(1, bench.plan["rounds"] + 1):
        if before_round:
            before_round(number, servers)
        for connections in plan["connections"]:
            say(f"{part}, round {number} of {bench.plan['rounds']}: {connections} connections")
            for peer in servers:
                row = measured(bench, peer, connections, number, wish)
                rows.append(row)
                say(f"  {peer.title}, {peer.table}: {summary(row)}")
    return servers, rows


def measured(bench, peer, connections, number, wish):
    result = load(peer, bench.plan, connections, number, wish)
    if result["claims"] == 0 or result["releases"] == 0:
        raise BenchError(f"{peer.title} answered nothing")
    return {"peer": peer.title, "stacks": peer.table.stacks, "repos": peer.table.repos,
            "connections": connections, "round": number, **result}


def summary(row):
    text = f"{row['per_second']:,.0f} a second, each {row['cpu_us']:.1f} µs of CPU"
    return text + (f", {row['busiest_cpu_us']:.1f} of them in one thread" if row["busiest_cpu_us"] else "")


def filled(bench, name, workload, table, label):
    peer = bench.started(name, workload, table, label)
    began = time.monotonic()
    peer.fill()
    took = time.monotonic() - began
    peer.settle()
    peer.filled_bytes = peer.resident_bytes()
    if took > 1:
        say(f"{peer.title}: {table} put in, {took:.1f} s")
    check_all_available(peer, quietly=True)
    return peer


def one_connection(bench, peer, number):
    """What one claim cannot do without, in the same minute: an fdatasync and an HTTP round trip."""
    file = bench.folder / f"disk-{number}"
    disk = generate("disk", "--file", file, "--writes", bench.plan["seed"]["writes"])
    file.unlink()
    health = load(peer, bench.plan, 1, number, "own", protocol="health")
    return {**disk, "round_trip_us": health["claims_p50_us"]}


def check_contended(peer, table, wish):
    """Claims that collide are refused and no stack is lent twice: the generator checks that."""
    whole, peer.table = peer.table, CONTENDED if wish == "shared" else table
    result = load(peer, {"seconds": 0.3, "warm_up": 0}, CONTENDERS, 1, wish)
    peer.table = whole
    if result["refusals"] == 0 or result["claims"] == 0:
        raise BenchError(f"{peer.title}: {CONTENDERS} clients on {CONTENDED}, {result['refusals']} refusals")


def check_all_available(peer, quietly=False):
    """After all the load, as before it."""
    if peer.available() != peer.table.stacks:
        raise BenchError(f"{peer.title}: {peer.available()} of {peer.table} are available")
    if not quietly:
        say(f"{peer.title}, {peer.protocol}, {peer.table}: every answer was right")
