"""The short form of ./dev bench: that it runs and that every server's answers were right. No times. And
that its load generator finds wrong answers, against servers that give them."""

import os
import re
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from server import PATIENCE_SECONDS, ROOT, free_port

GENERATOR = ROOT / "build" / "bench" / "bench" / "bddlock-bench"


def run_folders():
    return {*(ROOT / "build" / "bench").glob("run-*"), *Path("/var/tmp").glob("bdd-lock-bench-*")}


@pytest.fixture(scope="module")
def folders_before():
    """What a run that was killed has left, or one that goes on beside this."""
    return run_folders()


@pytest.fixture(scope="module")
def short_bench(folders_before):
    return subprocess.run(["./dev", "bench", "--short"], cwd=ROOT, capture_output=True, text=True, timeout=1200)


def test_the_short_benchmark_finds_every_answer_right(short_bench):
    assert short_bench.returncode == 0, short_bench.stdout + short_bench.stderr
    for peer in ("bdd-lock", "Redis", "PostgreSQL"):
        assert f"{peer}, 200 stacks: every answer was right" in short_bench.stderr
        for connections in (1, 16):
            assert re.search(rf"^\| 200 \| {connections} \| {peer} \|", short_bench.stdout, re.M)


def test_it_leaves_nothing_behind(short_bench, folders_before):
    assert short_bench.returncode == 0
    assert run_folders() - folders_before == set()


class Liar:
    """Answers every request on every connection with the same bytes."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.lie, args=(connection,), daemon=True).start()

    def lie(self, connection):
        with connection:
            try:
                while connection.recv(4096):
                    connection.sendall(self.answer)
            except OSError:
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def load(port, connections=1, stacks=1, names="own", protocol="seed"):
    words = {"protocol": protocol, "port": port, "connections": connections, "stacks": stacks, "names": names,
             "seconds": 10, "warm-up": 0, "seed": 1}  # it ends at the first wrong answer
    return subprocess.run([GENERATOR, "load", *(str(w) for k, v in words.items() for w in (f"--{k}", v))],
                          env={**os.environ, "BDD_LOCK_AUTH_TOKEN": "secret"}, capture_output=True, text=True,
                          timeout=PATIENCE_SECONDS)


def http(status, body):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


CLAIMED = http(200, '{"info": "Successfully claimed stack"}')
CANCELLED = http(400, '{"error": "Transaction Cancelled"}')


@pytest.mark.parametrize("answer, names, problem", [
    (CLAIMED, "shared", "lent twice: stack-0000000"),
    (CLAIMED, "own", "an answer that the seed's API does not have"),  # to the release
    (CANCELLED, "own", "a free stack was refused: stack-0000000"),
    (CLAIMED + CLAIMED, "own", "more than one answer"),
    (http(200, '{"info": "Successfully claimed stack"} '), "own", "an answer that the seed's API does not have"),
    (http(503, '{"error": "x"}'), "own", "an answer that the seed's API does not have"),
], ids=["everything granted", "release answered as a claim", "nothing granted", "two answers", "a blank more",
        "an error"])
def test_the_load_generator_finds_a_wrong_answer(short_bench, answer, names, problem):
    with Liar(answer) as liar:
        connections = 8 if names == "shared" else 1
        done = load(liar.port, connections, names=names)
    assert done.returncode == 1
    assert problem in done.stderr


def test_the_load_generator_fails_where_nobody_answers(short_bench):
    done = load(free_port())
    assert done.returncode == 1
    assert "nobody answers at the port" in done.stderr
