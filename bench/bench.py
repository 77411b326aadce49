"""./dev bench: this server and its peers in turn on this machine; prints one report, and a full run
writes it into docs/performance.md. See --help. Exit code 1: an answer was wrong."""

import argparse
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import report
from peers import PEERS, TOKEN, BddLock, BenchError, private_folder

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
GENERATOR = BUILD / "bench" / "bddlock-bench"
MEASUREMENTS = ("rates", "start", "memory")
IDLE_CONNECTIONS = 5000
MILLION = 1_000_000

FULL = {"stacks": (1_000, 1_000_000), "connections": (1, 16, 64, 256), "rounds": 5, "seconds": 2.5,
        "warm_up": 0.5, "starts": 20}
SHORT = {"stacks": (200,), "connections": (1, 16), "rounds": 1, "seconds": 1, "warm_up": 0.1, "starts": 3}


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def build():
    """The load generator, and the release binary unless BDD_LOCK_TEST_BINARY names another."""
    def run(*command):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    run("cmake", "-S", ".", "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
        "-DBDDLOCK_BENCH=ON", "-DBDDLOCK_TESTS=OFF")
    run("cmake", "--build", str(BUILD), "--target", "bddlock-bench")
    named = os.environ.get("BDD_LOCK_TEST_BINARY")
    if not named:
        run("cmake", "--preset", "release")
        run("cmake", "--build", "--preset", "release")
    BddLock.binary = Path(named or ROOT / "build" / "release" / "bdd-lock").resolve()


def generate(*words, command=()):
    """One run of the load generator: its result. A wrong answer ends the benchmark."""
    done = subprocess.run([str(GENERATOR), *map(str, words), *(["--", *map(str, command)] if command else [])],
                          env={**os.environ, "BDD_LOCK_AUTH_TOKEN": TOKEN,
                               "BDD_LOCK_TABLE_AUTH_TOKEN": TOKEN}, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(map(str, words))}:\n{done.stderr}")
    return json.loads(done.stdout)


def load(peer, plan, connections, stacks, number, protocol=None, names="own"):
    os.sync()  # what others wrote is no part of this one's fsyncs
    return generate("load", "--protocol", protocol or peer.protocol, "--port", peer.port, "--connections",
                    connections, "--stacks", stacks, "--names", names, "--seconds", plan["seconds"],
                    "--warm-up", plan["warm_up"], "--seed", number)


class Bench:
    def __init__(self, plan, folder, peers, measurements):
        self.plan = plan
        self.folder = folder
        self.wanted = peers
        self.measurements = measurements
        self.started = []
        self.results = {"rates": [], "one": [], "memory": {}, "start": {}, "versions": {}}

    def started_peer(self, name, label):
        peer = PEERS[name](self.folder / f"{name}-{label}")
        self.started.append(peer)
        return peer.start()

    def stop_all(self):
        for peer in self.started:
            peer.stop()

    def run(self):
        for name in self.wanted:
            self.results["versions"][PEERS[name].title] = PEERS[name].version()
        if "start" in self.measurements:
            self.measure_start()
        if "memory" in self.measurements:
            self.measure_memory()
        if "rates" in self.measurements:
            self.measure_rates()
        return self.results

    def measure_start(self):
        say("start: exec to the first answer")
        peer = BddLock(self.folder / "start")
        took = generate("start", "--port", peer.port, "--runs", self.plan["starts"], "--log", peer.log,
                        command=peer.command())
        self.results["start"] = {"ms": took["start_us"] / 1000,
                                 "binary_bytes": BddLock.binary.stat().st_size}

    def measure_memory(self):
        say("memory: idle, with many connections")
        peer = self.started_peer("bdd-lock", "memory")
        memory = self.results["memory"]
        memory["idle_bytes"] = peer.resident_bytes()
        wanted = IDLE_CONNECTIONS if self.plan is FULL else 100
        open_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
        wanted = min(wanted, open_files - 100)
        connections = [idle_connection(peer.port) for _ in range(wanted)]
        memory["connections"] = wanted
        memory["connection_bytes"] = (peer.resident_bytes() - memory["idle_bytes"]) / wanted
        for connection in connections:
            connection.close()
        peer.stop()

    def measure_rates(self):
        tables = {}
        for stacks in self.plan["stacks"]:
            tables[stacks] = [self.filled(name, stacks) for name in self.wanted]
        for number in range(1, self.plan["rounds"] + 1):
            self.measure_one_connection(number)
            for connections in self.plan["connections"]:
                say(f"round {number} of {self.plan['rounds']}: {connections} connections")
                for stacks, peers in tables.items():
                    for peer in peers:
                        self.measure_rate(peer, stacks, connections, number)
        for stacks, peers in tables.items():
            for peer in peers:
                self.check_afterwards(peer, stacks)

    def filled(self, name, stacks):
        say(f"fill: {stacks} stacks into {PEERS[name].title}")
        peer = self.started_peer(name, stacks)
        began = time.monotonic()
        peer.fill(stacks)
        took = time.monotonic() - began
        peer.settle()
        say(f"      {took:.1f} s")
        if name == "bdd-lock" and stacks == MILLION:
            self.results["memory"]["million_bytes"] = peer.resident_bytes()
        if peer.available() != stacks:
            raise BenchError(f"{peer.title}: {peer.available()} of {stacks} stacks are available after the fill")
        return peer

    def measure_one_connection(self, number):
        """What one claim cannot do without, in the same minute: an fdatasync and an HTTP round trip."""
        if "bdd-lock" not in self.wanted:
            return
        peer = next(p for p in self.started if p.protocol == "seed" and p.process.poll() is None)
        file = self.folder / f"disk-{number}"
        disk = generate("disk", "--file", file, "--writes", 1000 if self.plan is FULL else 20)
        file.unlink()
        health = load(peer, self.plan, 1, 1000, number, protocol="health")
        self.results["one"].append({**disk, "round_trip_us": health["claims_p50_us"]})

    def measure_rate(self, peer, stacks, connections, number):
        result = load(peer, self.plan, connections, stacks, number)
        if result["claims"] == 0 or result["releases"] == 0:
            raise BenchError(f"{peer.title} answered nothing")
        self.results["rates"].append({"peer": peer.title, "stacks": stacks, "connections": connections,
                                      "round": number, **result})

    def check_afterwards(self, peer, stacks):
        """Claims that collide are refused and no stack is lent twice (the generator checks that); and
        after all the load every stack is available again."""
        result = load(peer, {"seconds": 0.3, "warm_up": 0}, 32, 8, 1, names="shared")
        if result["refusals"] == 0 or result["claims"] == 0:
            raise BenchError(f"{peer.title}: 32 clients on 8 stacks, and {result['refusals']} refusals")
        if peer.available() != stacks:
            raise BenchError(f"{peer.title}: {peer.available()} of {stacks} stacks are available in the end")
        if peer.protocol == "seed" and stacks == MILLION:
            self.results["memory"]["million_after_bytes"] = peer.resident_bytes()
        say(f"{peer.title}, {stacks} stacks: every answer was right")


def idle_connection(port):
    """Open, and idle after one answer, as a client with keep-alive leaves it."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
        raise BenchError("/healthz is not 200")
    return connection


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--short", action="store_true",
                        help="small tables and under 40 s: for the answers, not for the times; writes nothing")
    parser.add_argument("--only", metavar="WHAT", action="append", default=[],
                        choices=[*PEERS, *MEASUREMENTS],
                        help=f"only this peer or measurement (may be repeated): {' '.join([*PEERS, *MEASUREMENTS])}; "
                             "writes nothing")
    parser.add_argument("--rounds", type=int, help=f"default {FULL['rounds']}")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    plan = SHORT if arguments.short else FULL
    if arguments.rounds:
        plan["rounds"] = arguments.rounds
    peers = [name for name in PEERS if name in arguments.only] or list(PEERS)
    measurements = [name for name in MEASUREMENTS if name in arguments.only] or list(MEASUREMENTS)
    if arguments.only and set(arguments.only) <= set(PEERS):
        measurements = ["rates"]
    build()
    busy = os.getloadavg()[0]
    if busy > 1 and not arguments.short:
        say(f"Something else is running here (load {busy:.1f}): the times will not mean much.")
    folder = private_folder(BUILD)
    bench = Bench(plan, folder, peers, measurements)
    try:
        results = bench.run()
    finally:
        bench.stop_all()
        shutil.rmtree(folder)
    results["machine"] = report.machine(BUILD)
    text = report.render(results)
    print(text)
    if not arguments.short and not arguments.only:
        (BUILD / "last.json").write_text(json.dumps(results, indent=1))
        report.write_into(ROOT / "docs" / "performance.md", text)


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        say(f"./dev bench: {error}")
        sys.exit(1)
