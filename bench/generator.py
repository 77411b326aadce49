"""Builds the load generator (bench/*.cpp) and runs it."""

import itertools
import json
import os
import subprocess
from pathlib import Path

from bdd_lock_peer import TOKEN
from peer import BenchError

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
BINARY = BUILD / "bench" / "bddlock-bench"
RUNS = itertools.count(1)


def run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


def build():
    run("cmake", "-S", ".", "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
        "-DBDDLOCK_BENCH=ON", "-DBDDLOCK_TESTS=OFF")
    run("cmake", "--build", str(BUILD), "--target", "bddlock-bench")


def build_release():
    run("cmake", "--preset", "release")
    run("cmake", "--build", "--preset", "release")
    return ROOT / "build" / "release" / "bdd-lock"


def generate(*words, command=()):
    """One run of the load generator: its result. A wrong answer ends the benchmark."""
    os.sync()  # what others wrote is no part of this one's fsyncs
    done = subprocess.run([str(BINARY), *map(str, words), *(["--", *map(str, command)] if command else [])],
                          env={**os.environ, "BDD_LOCK_AUTH_TOKEN": TOKEN,
                               "BDD_LOCK_TABLE_AUTH_TOKEN": TOKEN}, capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(map(str, words))}:\n{done.stderr}")
    return json.loads(done.stdout)


def load(peer, plan, connections, number, wish, protocol=None, claims=0):
    """Claims and releases on the peer's table for the plan's seconds; `number` seeds what is drawn. With `claims`:
    so many, of one repo after the other, instead. Beside the
    generator's figures what each change cost the server's processors: that says what holds it back even where
    something else runs on the machine."""
    before, threads_before = peer.cpu_seconds()
    result = generate("load", "--protocol", protocol or peer.protocol, "--port", peer.port, "--connections",
                      connections, "--stacks", peer.table.stacks, "--repos", peer.table.repos, "--wish", wish,
                      "--seconds", plan["seconds"], "--warm-up", plan["warm_up"], "--seed", number,
                      "--claims", claims, "--run", next(RUNS))
    after, threads = peer.cpu_seconds()
    busiest = max(seconds - threads_before.get(thread, 0) for thread, seconds in threads.items())
    us_of_each = 1e6 / result["changes_in_all"]
    return {**result, "cpu_us": (after - before) * us_of_each,
            "busiest_cpu_us": busiest * us_of_each if peer.is_one_process else None}
