"""HTTP/1.1 as clients use it."""

import socket

from raw import RawConnection, exchange
from server import TOKEN, Connection, contract


def get(path, *headers, version="HTTP/1.1"):
    lines = [f"GET {path} {version}", "Host: h", f"Authorization: {TOKEN}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def put(path):
    return f"PUT {path} HTTP/1.1\r\nHost: h\r\nAuthorization: {TOKEN}\r\nContent-Length: 0\r\n\r\n".encode()


def test_a_connection_is_kept_for_many_requests(shared_server):
    with Connection(shared_server.port) as connection:
        connection.call("GET", "/healthz")
        local = connection.http.sock.getsockname()
        for _ in range(200):
            assert connection.call("GET", "/get-available/kept").status == 200
        assert connection.http.sock.getsockname() == local


def test_pipelined_requests_are_answered_in_their_order(shared_server):
    """More of them than the server keeps unanswered at once, of kinds that take different times."""
    shared_server.create("piped")
    requests = b""
    for number in range(150):
        requests += put("/claim-stack/piped") + get(f"/get-available/none-{number}") + put("/release-stack/piped")
    with RawConnection(shared_server.port) as connection:
        connection.send(requests)
        for number in range(150):
            for method, path, body in (
                    ("PUT", "/claim-stack/piped", b'{"info": "Successfully claimed stack"}'),
                    ("GET", f"/get-available/none-{number}", b'{"info": "Successfully queried", "results": []}'),
                    ("PUT", "/release-stack/piped", b'{"info": "Successfully releaseed stack"}')):
                answer = connection.read_answer()
                contract().check(method, path, answer.status, answer.headers, answer.body)
                assert (answer.status, answer.body) == (200, body)


def test_a_request_in_many_small_pieces_is_one_request(shared_server):
    with RawConnection(shared_server.port) as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in get("/healthz"):
            connection.send(bytes([byte]))
        assert connection.read_answer().status == 200


def test_connection_close_is_obeyed(shared_server):
    with RawConnection(shared_server.port) as connection:
        connection.send(get("/healthz", "Connection: close"))
        answer = connection.read_answer()
        assert (answer.status, answer.headers["Connection"].lower()) == (200, "close")
        assert connection.is_closed_by_server()


def test_http_1_0_closes_unless_told_otherwise(shared_server):
    with RawConnection(shared_server.port) as connection:
        connection.send(get("/healthz", version="HTTP/1.0"))
        assert connection.read_answer().status == 200
        assert connection.is_closed_by_server()
    with RawConnection(shared_server.port) as connection:
        for _ in range(2):
            connection.send(get("/healthz", "Connection: keep-alive", version="HTTP/1.0"))
            assert connection.read_answer().status == 200


def test_a_client_that_closes_its_side_still_gets_its_answers(shared_server):
    with RawConnection(shared_server.port) as connection:
        connection.send(get("/healthz") * 3)
        connection.socket.shutdown(socket.SHUT_WR)
        assert [connection.read_answer().status for _ in range(3)] == [200] * 3
        assert connection.read_answer() is None


def test_an_absolute_target_is_understood(shared_server):
    assert exchange(shared_server.port, get(f"http://127.0.0.1:{shared_server.port}/healthz")).status == 200


def test_header_names_are_read_in_any_case(shared_server):
    data = f"GET /get-available/r HTTP/1.1\r\nhOST: h\r\naUTHORIZATION: {TOKEN}\r\n\r\n".encode()
    assert exchange(shared_server.port, data).status == 200


def test_a_long_answer_arrives_whole(shared_server):
    for start in range(0, 1200, 300):
        lines = "".join(f'{{"stackName":"long-{n:05}","repoName":"long","isAvailable":"x"}}\n'
                        for n in range(start, start + 300))
        assert shared_server.call("POST", "/v1/import", lines).status == 200
    names = [line["stackName"] for line in shared_server.export() if line["repoName"] == "long"]
    assert names == [f"long-{n:05}" for n in range(1200)]
