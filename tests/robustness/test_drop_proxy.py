"""The proxy itself: each fate does what it says, and the same seed does the same."""

import http.client

import pytest
from claimcheck.client import UNANSWERED, Connection
from drop_proxy import DropProxy
from scripted_server import ScriptedServer
from server import wait_until

ALWAYS = 1000


def answer(_method, _path, _body, count):
    return 200, {}, f'{{"count": {count}}}'


@pytest.fixture
def upstream():
    with ScriptedServer(answer) as server:
        yield server


def proxy_of(upstream, **fates):
    return DropProxy(upstream.http.server_port, 1, {fate.replace("_", " "): ALWAYS for fate in fates})


def test_what_it_leaves_alone_arrives_as_it_was(upstream):
    with proxy_of(upstream) as proxy:
        connection = Connection(proxy.endpoint, "t")
        assert [connection.call("POST", "/x", {"n": n}) for n in range(3)] == [(200, {"count": n}) for n in range(3)]
        connection.close()
    assert [call[2] for call in upstream.calls] == [f'{{"n": {n}}}' for n in range(3)]
    assert proxy.counts["passed on"] == 3


@pytest.mark.parametrize("fate, arrives", [("cut_before", 0), ("drop_reply", 1), ("cut_reply", 1)])
def test_a_spoiled_call_has_no_answer(upstream, fate, arrives):
    with proxy_of(upstream, **{fate: True}) as proxy:
        connection = Connection(proxy.endpoint, "t")
        for _ in range(20):
            with pytest.raises(UNANSWERED):
                connection.call("POST", "/x", {"a": "b"})
        connection.close()
    assert len(upstream.calls) == 20 * arrives


@pytest.mark.parametrize("fate", ["delay_request", "delay_reply"])
def test_a_delayed_call_is_answered(upstream, fate):
    with proxy_of(upstream, **{fate: True}) as proxy:
        connection = Connection(proxy.endpoint, "t")
        assert connection.call("GET", "/x") == (200, {"count": 0})
        connection.close()


def test_a_client_that_hangs_up_is_gone_for_the_server_too():
    with ScriptedServer(lambda *_: None) as silent, proxy_of(silent) as proxy:
        with pytest.raises(http.client.RemoteDisconnected):
            Connection(proxy.endpoint, "t").call("GET", "/x")  # the server hangs up, and so does the proxy
    from_server = []

    def never(*call):
        from_server.append(call)
        wait_until(lambda: proxy.counts["client left"], 10, "the client's leaving")
        return 200, {}, "{}"

    with ScriptedServer(never) as slow, proxy_of(slow) as proxy:
        with pytest.raises(TimeoutError):
            Connection(proxy.endpoint, "t").call("GET", "/x", patience=0.1)
        wait_until(lambda: proxy.counts["client left"] == 1)
    assert len(from_server) == 1


def test_a_server_that_is_not_there_is_no_answer(upstream):
    with proxy_of(upstream) as proxy:
        proxy.target = 1
        with pytest.raises(UNANSWERED):
            Connection(proxy.endpoint, "t").call("GET", "/x")


def test_the_same_seed_draws_the_same_fates():
    drawn = [[proxy.fate() for _ in range(500)] for proxy in (DropProxy(1, 7), DropProxy(1, 7), DropProxy(1, 8))]
    assert drawn[0] == drawn[1] != drawn[2]
    assert {"cut before", "drop reply", "cut reply", "delay request", "delay reply", None} == set(drawn[0])
