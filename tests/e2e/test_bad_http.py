"""What is no HTTP, or only half of it: answered where that is possible, ended always, and the server goes on
for everybody else with the table as it was."""

import select

import pytest
from raw import RawConnection, exchange
from server import TOKEN, Server, contract, wait_until
from tables import snapshot


def with_two_stacks(server):
    server.create("free")
    server.create("used", available=False)
    return server


@pytest.fixture(scope="module")
def calm():
    """A server that waits longer than any of these tests takes, on a machine however busy."""
    with Server("--request-timeout", "1h", "--idle-timeout", "1h") as server:
        yield with_two_stacks(server)


@pytest.fixture(scope="module")
def hasty():
    """A server with short limits, so that nobody waits long for them."""
    with Server("--request-timeout", "1s", "--idle-timeout", "2s") as server:
        yield with_two_stacks(server)


@pytest.fixture(autouse=True)
def nothing_changes(calm, hasty):
    before = snapshot(calm), snapshot(hasty)
    yield
    assert calm.call("GET", "/readyz").status == hasty.call("GET", "/readyz").status == 200
    assert (snapshot(calm), snapshot(hasty)) == before


def assert_problem(answer, status, code):
    assert answer is not None, "the server closed without an answer"
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.body
    assert contract().fault_in_json({"$ref": "#/components/schemas/Problem"}, answer.body) is None
    assert f'"code":"{code}"'.encode() in answer.body.replace(b" ", b"")


def request(line, *headers, body=b"", token=True):
    head = [line, "Host: h", *headers] + ([f"Authorization: {TOKEN}"] if token else [])
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


CLAIM = "PUT /claim-stack/free HTTP/1.1"
NO_HTTP = {
    "words": b"hello there\r\n\r\n",
    "one word": b"GET\r\n\r\n",
    "a TLS hello": bytes.fromhex("16030100c8010000c40303") + bytes(200) + b"\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "zeros": bytes(1024) + b"\r\n\r\n",
    "Redis": b"*1\r\n$4\r\nPING\r\n",
    "no version": b"PUT /claim-stack/free\r\n\r\n",
    "a lower-case version": request("PUT /claim-stack/free http/1.1"),
    "no path": request("PUT  HTTP/1.1"),
    "a path without a slash": request("PUT claim-stack/free HTTP/1.1"),
    "a space in the path": request("PUT /claim-stack/fr ee HTTP/1.1"),
    "a method with a space before it": request(" PUT /claim-stack/free HTTP/1.1"),
    "a zero in the path": request("PUT /claim-stack/fr\0ee HTTP/1.1"),
    "two lengths": request(CLAIM, "Content-Length: 1", "Content-Length: 2", body=b"ab"),
    "one length twice": request(CLAIM, "Content-Length: 1", "Content-Length: 1", body=b"a"),
    "a list of lengths": request(CLAIM, "Content-Length: 1, 1", body=b"a"),
    "length and chunks": request(CLAIM, "Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks and length": request(CLAIM, "Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n"),
    "a word for a length": request(CLAIM, "Content-Length: abc"),
    "a negative length": request(CLAIM, "Content-Length: -1"),
    "a signed length": request(CLAIM, "Content-Length: +0"),
    "a hexadecimal length": request(CLAIM, "Content-Length: 0x0"),
    "a length past all integers": request(CLAIM, "Content-Length: 99999999999999999999999"),
    "an empty length": request(CLAIM, "Content-Length:"),
    "a folded line": request(CLAIM, "X: a", " b"),
    "a header without a colon": request(CLAIM, "what is this"),
    "a space before the colon": request(CLAIM, "X : a"),
    "an empty header name": request(CLAIM, ": a"),
    "a zero in a header": request(CLAIM, "X: a\0b"),
    "a bare CR in a header": request(CLAIM, "X: a\rb"),
    "a bad chunk size": request(CLAIM, "Transfer-Encoding: chunked", body=b"xyz\r\n\r\n"),
    "a negative chunk size": request(CLAIM, "Transfer-Encoding: chunked", body=b"-1\r\n\r\n"),
    "a chunk without its end": request(CLAIM, "Transfer-Encoding: chunked", body=b"1\r\nabc0\r\n\r\n"),
    "two tokens": request(CLAIM, "Authorization: wrong"),
    "chunks in HTTP/1.0": request("PUT /claim-stack/free HTTP/1.0", "Transfer-Encoding: chunked",
                                  body=b"0\r\n\r\n"),
}


@pytest.mark.parametrize("data", NO_HTTP.values(), ids=NO_HTTP.keys())
def test_what_is_no_http_is_400_and_the_end_of_the_connection(calm, data):
    with RawConnection(calm.port) as connection:
        connection.send(data)
        assert_problem(connection.read_answer(), 400, "invalid_request")
        assert connection.is_closed_by_server()


@pytest.mark.parametrize("data, status", [
    (request("PUT /claim-stack/free HTTP/2.0"), 505),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    (request(CLAIM, "Transfer-Encoding: gzip, chunked"), 501),
    (request(CLAIM, "Expect: miracles"), 417),
], ids=["HTTP/2.0", "an HTTP/2 preface", "another encoding", "another expectation"])
def test_what_this_server_does_not_speak_is_said(calm, data, status):
    assert_problem(exchange(calm.port, data), status, "invalid_request")


def test_what_follows_a_broken_request_is_not_carried_out(calm):
    smuggled = request(CLAIM, "Content-Length: 0", "Content-Length: 3", body=request(CLAIM))
    with RawConnection(calm.port) as connection:
        connection.send(smuggled)
        assert_problem(connection.read_answer(), 400, "invalid_request")
        assert connection.read_answer() is None


@pytest.mark.parametrize("data", [
    b"P",
    b"PUT /claim-stack/free HTTP/1.1\r\nHost: h\r\nAuthorizat",
    request(CLAIM)[:-2],
    request(CLAIM, "Content-Length: 10", body=b"half"),
    request(CLAIM, "Transfer-Encoding: chunked", body=b"a\r\nhalf"),
], ids=["one byte", "half a header", "all but the last line", "half a body", "half a chunk"])
def test_a_request_that_stays_half_sent_is_408(hasty, data):
    with RawConnection(hasty.port) as connection:
        connection.send(data)
        assert_problem(connection.read_answer(), 408, "request_timeout")
        assert connection.is_closed_by_server()


def test_a_request_that_trickles_in_is_408_all_the_same(hasty):
    """The answer comes before the last byte is sent."""
    data = request(CLAIM, "X: " + "x" * 5000)
    with RawConnection(hasty.port) as connection:
        for sent in range(len(data)):
            connection.send(data[sent:sent + 1])
            if select.select([connection.socket], [], [], 0.02)[0]:
                break
        assert_problem(connection.read_answer(), 408, "request_timeout")


def test_a_connection_that_sends_nothing_is_closed(hasty):
    with RawConnection(hasty.port) as connection:
        assert connection.is_closed_by_server()


def test_half_a_request_and_then_the_end_of_the_connection_does_no_harm(calm):
    for end in range(1, len(request(CLAIM)) - 1, 7):
        with RawConnection(calm.port) as connection:
            connection.send(request(CLAIM)[:end])


def test_a_client_that_reads_nothing_is_dropped_and_others_are_served_meanwhile(hasty):
    with RawConnection(hasty.port, receive_buffer=4096) as deaf:
        asked = request("GET /openapi.json HTTP/1.1")
        deaf.socket.settimeout(0.3)
        try:
            while True:
                deaf.send(asked * 50)
        except OSError:
            pass  # a time-out: the server takes no more of it, since what it owes is bounded
        assert hasty.call("GET", "/readyz").status == 200

        def dropped():
            try:
                deaf.socket.send(b"\r\n")
                return False
            except TimeoutError:
                return False
            except OSError:
                return True

        wait_until(dropped, what="dropping the deaf client")


def test_a_body_by_chunks_has_the_same_limit(calm):
    def put(size):
        chunk = b"%x\r\n%s\r\n" % (size, b"x" * size)
        return exchange(calm.port, request("PUT /claim-stack/used HTTP/1.1", "Transfer-Encoding: chunked",
                                            body=chunk + b"0\r\n\r\n"))

    assert put(65536).status == 400
    assert put(65536).body == b'{"error": "Transaction Cancelled"}'
    assert_problem(put(65537), 413, "body_too_large")


def test_a_length_past_the_limit_is_413_before_the_body_is_sent(calm):
    answer = exchange(calm.port, request("PUT /claim-stack/used HTTP/1.1", "Content-Length: 65537"))
    assert_problem(answer, 413, "body_too_large")


def test_a_header_without_an_end_is_431(calm):
    with RawConnection(calm.port) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 9000)
        assert_problem(connection.read_answer(), 431, "header_too_large")
    with RawConnection(calm.port) as connection:
        connection.send(b"GET /" + b"x" * 9000)
        assert_problem(connection.read_answer(), 431, "header_too_large")
    many = b"".join(b"X-%d: 1\r\n" % n for n in range(1500))
    assert_problem(exchange(calm.port, b"GET /healthz HTTP/1.1\r\n" + many + b"\r\n"), 431, "header_too_large")


def test_expect_100_continue_is_answered_before_the_body(calm):
    with RawConnection(calm.port) as connection:
        connection.send(request("PUT /claim-stack/used HTTP/1.1", "Content-Length: 4", "Expect: 100-continue"))
        assert connection.reader.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert connection.reader.readline() == b"\r\n"
        connection.send(b"body")
        assert connection.read_answer().status == 400


def test_the_last_connection_too_many_is_answered_503_and_the_rest_goes_on():
    with Server("--max-connections", "4") as server:
        def one():
            connection = RawConnection(server.port)
            connection.send(request("GET /healthz HTTP/1.1"))
            if connection.read_answer().status == 200:
                return connection
            return connection.close()  # the one that saw the start is not quite gone yet

        open_ones = [wait_until(one, what="a connection") for _ in range(4)]
        with RawConnection(server.port) as one_more:
            one_more.send(request("GET /healthz HTTP/1.1"))
            answer = one_more.read_answer()
            assert_problem(answer, 503, "too_many_connections")
            assert "Retry-After" in answer.headers
            assert one_more.is_closed_by_server()
        open_ones[0].send(request("GET /healthz HTTP/1.1"))
        assert open_ones[0].read_answer().status == 200
        open_ones.pop().close()
        wait_until(lambda: exchange(server.port, request("GET /healthz HTTP/1.1")).status == 200)
        for connection in open_ones:
            connection.close()
