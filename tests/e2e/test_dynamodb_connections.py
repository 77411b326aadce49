"""The server's connections to DynamoDB: kept, replaced when they are gone, and by HTTPS with certificates that
AWS_CA_BUNDLE names."""

import concurrent.futures
import contextlib
import socket

import certificates
import pytest
from front import Listener, pump, tls_front
from server import Server, run_serve

THREADS_MAX = 48  # of the server: no more calls run at a time


def relay_to(port):
    def serve(connection):
        with socket.create_connection(("127.0.0.1", port)) as behind:
            behind.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pump(connection, behind)
    return Listener(serve)


@pytest.fixture
def relay(dynamodb):
    with relay_to(dynamodb.port) as running:
        yield running


def cycle(server, number):
    claim = server.call("POST", "/v1/repos/r/claims", {"requestId": f"q{number}", "waitSeconds": 20})
    assert claim.status == 200, claim
    claim_id = claim.json()["claims"][0]["claimId"]
    assert server.call("POST", f"/v1/claims/{claim_id}/release", {"outcome": "passed"}).status == 200


def test_connections_are_kept_over_calls_and_replaced_when_they_are_gone(dynamodb, relay):
    table = dynamodb.new_table()
    env = {**dynamodb.env, "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{relay.port}"}
    with Server(store=f"dynamodb:{table}", env=env) as server:
        for name in ("a", "b", "c", "d"):
            server.create(name)
        with concurrent.futures.ThreadPoolExecutor(4) as clients:
            list(clients.map(lambda number: cycle(server, number), range(20)))
        # Each cycle is four calls at least.
        assert 0 < relay.connections <= THREADS_MAX < 20 * 4
        for connection in list(relay.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for number in range(100, 105):
            cycle(server, number)
        assert server.events("trouble") == []


def test_https_is_verified_by_the_certificates_that_are_named(dynamodb, tmp_path):
    table = dynamodb.new_table()
    authority = certificates.make(tmp_path, "authority", authority=True)
    own = certificates.make(tmp_path, "localhost", issuer=authority, names=["localhost", "127.0.0.1"])
    with tls_front(own, dynamodb.port) as front:
        env = {**dynamodb.env, "AWS_ENDPOINT_URL_DYNAMODB": f"https://localhost:{front.port}"}
        with Server(store=f"dynamodb:{table}", env={**env, "AWS_CA_BUNDLE": str(authority.pem)}) as server:
            server.create("s")
            cycle(server, 1)
        refused = run_serve("--store", f"dynamodb:{table}", env=env)
        assert refused.returncode == 69 and "certificate" in refused.stderr, refused.stderr
