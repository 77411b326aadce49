"""The parts of the benchmark that concern this server only: start, memory, run, and those who wait."""

import os
import socket
import statistics
import subprocess
import time

from bdd_lock_peer import TOKEN, BddLock, BddLockLine
from generator import generate
from peer import BenchError, Table
from rates import check_all_available, say


def measure_start(bench):
    say("start: exec to the first answer")
    peer = BddLock(bench.folder / "start", Table(0))
    took = generate("start", "--port", peer.port, "--runs", bench.plan["start"]["runs"], "--log", peer.log,
                    command=peer.command())
    return {"ms": took["start_us"] / 1000, "binary_bytes": BddLock.binary.stat().st_size}


def measure_memory(bench):
    wanted = bench.plan["memory"]["connections"]
    say(f"memory: idle, with {wanted:,} connections")
    peer = bench.start(BddLock(bench.folder / "memory", Table(0)))
    idle = peer.resident_bytes()
    connections = [idle_connection(peer.port) for _ in range(wanted)]
    more = peer.resident_bytes() - idle
    for connection in connections:
        connection.close()
    return {"idle_bytes": idle, "connections": wanted, "connection_bytes": more / wanted}


def idle_connection(port):
    """Open, and idle after one answer, as a client with keep-alive leaves it."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
        raise BenchError("/healthz is not 200")
    return connection


def measure_run(bench):
    """What `bdd-lock run` adds to a command that does nothing, when a stack is free."""
    runs = bench.plan["run"]["runs"]
    say(f"run: {runs} commands, each alone and on a lent stack")
    peer = bench.start(BddLock(bench.folder / "run", Table(1)))
    peer.fill()
    lend = [str(BddLock.binary), "run", "--endpoint", f"http://127.0.0.1:{peer.port}", "--repo", "repo-0000",
            "--no-create", "--wait", "0", "--"]
    more = [command_seconds([*lend, "true"]) - command_seconds(["true"]) for _ in range(runs)]
    check_all_available(peer, quietly=True)
    return {"added_ms": statistics.median(more) * 1000}


def command_seconds(command):
    begin = time.monotonic()
    done = subprocess.run(command, env={**os.environ, "BDD_LOCK_AUTH_TOKEN": TOKEN}, capture_output=True, text=True)
    took = time.monotonic() - begin
    if done.returncode != 0:
        raise BenchError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
    return took


def measure_waiters(bench):
    """Each on a server of its own, which has had nobody waiting before."""
    rows = []
    for number in range(1, bench.plan["rounds"] + 1):
        for waiters in bench.plan["waiters"]["waiters"]:
            say(f"waiters, round {number} of {bench.plan['rounds']}: {waiters:,} wait")
            row = measure_line(bench, waiters, f"line-{number}-{waiters}")
            rows.append({"round": number, "waiters": waiters, **row})
            say(f"  p50 {row['grants_p50_us'] / 1000:.2f} ms, p99 {row['grants_p99_us'] / 1000:.2f} ms, "
                f"{row['parked_bytes'] / 1024:.1f} KiB each, {row['in_order']:,} grants, all in order")
    return {"rows": rows}


def measure_line(bench, waiters, label):
    plan = bench.plan["waiters"]
    peer = bench.start(BddLockLine(bench.folder / label, Table(1)))
    peer.fill()
    row = generate("waiters", "--port", peer.port, "--server", peer.process.pid, "--waiters", waiters,
                   "--samples", plan["samples"], "--wait-seconds", plan["wait_seconds"],
                   "--patience", plan["patience"])
    check_all_available(peer, quietly=True)
    peer.stop()
    return row
