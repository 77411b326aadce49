"""The client by HTTPS and through proxies: the real binary, a TLS front end, a proxy, the real server."""

import contextlib
import json
import ssl
import types

import pytest
from certificates import make
from front import Listener, Proxy, tls_front
from server import SECRETS, TOKEN, Server, free_port, run_cli

PASSWORD = "hunter2-proxy-password"
SECRETS.add(PASSWORD)


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """An authority, what it certifies, and what nobody should trust."""
    folder = tmp_path_factory.mktemp("pki")
    authority = make(folder, "authority", authority=True)
    stranger = make(folder, "stranger", authority=True)
    names = ["localhost", "127.0.0.1", "locks.test"]
    return types.SimpleNamespace(
        authority=authority,
        good=make(folder, "good", authority, names),
        expired=make(folder, "expired", authority, names, dates=("20200101000000Z", "20200201000000Z")),
        early=make(folder, "early", authority, names, dates=("20400101000000Z", "20400201000000Z")),
        wrong_host=make(folder, "wrong-host", authority, ["other.test", "10.1.2.3"]),
        nameless=make(folder, "nameless", authority),
        self_signed=make(folder, "self-signed", names=names),
        unknown=make(folder, "unknown", stranger, names))


@pytest.fixture(scope="module")
def behind():
    """The server that everything here leads to."""
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def front(pki, behind):
    with tls_front(pki.good, behind.port) as running:
        yield running


def call(pki, endpoint, *arguments, **variables):
    env = {"BDD_LOCK_ENDPOINT": endpoint, "SSL_CERT_FILE": str(pki.authority.pem), "REPO_NAME": "r", **variables}
    return run_cli(*arguments, env=env)


def https(port, host="localhost"):
    return f"https://{host}:{port}/dev"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_whole_way_of_a_stack(pki, front, behind, host):
    name = f"whole-way-{host}"
    for arguments in (["create", name], ["claim", name], ["release", name], ["remove", name]):
        done = call(pki, https(front.port, host), *arguments)
        assert done.returncode == 0, done.stderr
    listed = call(pki, https(front.port, host), "list")
    assert listed.returncode == 0 and name not in listed.stdout, listed.stderr


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_several_requests_of_a_command_use_one_connection(pki, behind, version):
    with tls_front(pki.good, behind.port, (version, version)) as front:
        done = call(pki, https(front.port), "doctor", "--output", "json")
        assert done.returncode == 0, done.stdout
        assert front.connections == 1
        found = {finding["check"]: finding["found"] for finding in json.loads(done.stdout)}
        assert found["connection"].endswith("answers, and its certificate is verified")


@pytest.mark.parametrize("which, says", [
    ("expired", ["the certificate of localhost:", "expired on 2020-02-01 00:00:00 UTC: it must be renewed"]),
    ("early", ["is valid from 2040-01-01 00:00:00 UTC only: is this machine's clock wrong?"]),
    ("wrong_host", ["is for other.test, 10.1.2.3 and not for localhost. Is the endpoint right"]),
    ("nameless", ["has no names in its subjectAltName"]),
    ("self_signed", ["is signed by itself and not in ", "(SSL_CERT_FILE). If it is meant to be"]),
    ("unknown", ['is signed by "CN = stranger", which is not in ', "name it in SSL_CERT_FILE"]),
])
def test_a_certificate_that_does_not_fit(pki, behind, which, says):
    with tls_front(getattr(pki, which), behind.port) as front:
        done = call(pki, https(front.port), "create", f"never-{which}")
        assert done.returncode == 69
        for part in says:
            assert part in done.stderr
        assert "trying again" not in done.stderr and front.connections == 1  # nothing will mend it meanwhile
        assert behind.call("GET", f"/v1/stacks/never-{which}").status == 404
        doctor = call(pki, https(front.port), "doctor", "--output", "json")
        assert doctor.returncode == 69
        tls = [finding for finding in json.loads(doctor.stdout) if finding["check"] == "tls"]
        assert [finding["level"] for finding in tls] == ["bad"] and says[-1] in tls[0]["found"]


def test_a_self_signed_certificate_that_is_named(pki, behind):
    with tls_front(pki.self_signed, behind.port) as front:
        done = call(pki, https(front.port), "list", SSL_CERT_FILE=str(pki.self_signed.pem))
        assert done.returncode == 0, done.stderr


def test_a_file_of_authorities_that_is_none(pki, front, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for file, says in ((tmp_path / "gone.pem", "No such file"), (empty, "there is no certificate in PEM form, or a damaged one, in")):
        done = call(pki, https(front.port), "list", SSL_CERT_FILE=str(file))
        assert done.returncode == 69
        assert says in done.stderr and str(file) in done.stderr


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"items\": []",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"items\": [], \"nextCursor\": null}",
], ids=["before its length", "where only the end of the connection tells"])
def test_a_truncated_answer_is_none(pki, answer):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.good.pem, pki.good.key)

    def cut(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(answer)

    with Listener(cut) as front:
        done = call(pki, https(front.port), "list", "--timeout", "2s")
        assert done.returncode == 69 and done.stdout == ""
        assert "broke in the middle of the answer" in done.stderr


def test_http_for_https_and_https_for_http(pki, front, behind):
    done = call(pki, f"http://localhost:{front.port}", "list", "--timeout", "2s")
    assert done.returncode == 69 and done.stdout == ""
    done = call(pki, f"http://localhost:{front.port}", "doctor", "--timeout", "2s")
    assert done.returncode == 69 and "it speaks HTTPS: write https:// instead of http://" in done.stdout
    done = call(pki, f"https://localhost:{behind.port}", "list", "--timeout", "2s")
    assert done.returncode == 69
    assert "speaks plain HTTP: write http:// instead of https://" in done.stderr


def test_a_handshake_that_hangs(pki):
    with Listener(lambda connection: connection.recv(65536) and connection.recv(1)) as silent:
        done = call(pki, https(silent.port), "create", "a", "--timeout", "1s")
        assert done.returncode == 69
        assert "timed out in the TLS handshake" in done.stderr and "not known" not in done.stderr


# Through proxies. Only they know locks.test, so a call that goes past them fails.

LOCKS = "https://locks.test/dev"


def test_a_tunnel(pki, front):
    with Proxy({"locks.test:443": front.port}) as proxy:
        for arguments in (["create", "by-tunnel"], ["remove", "by-tunnel"]):
            done = call(pki, LOCKS, *arguments, HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")
            assert done.returncode == 0, done.stderr
        assert [asked.split("\r\n")[0] for asked in proxy.asked] == ["CONNECT locks.test:443 HTTP/1.1"] * 2
        assert TOKEN not in "".join(proxy.asked)


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_tunnel_that_wants_a_password(pki, front, variable):
    with Proxy({"locks.test:443": front.port}, user=f"ci:{PASSWORD}") as proxy:
        at = f"127.0.0.1:{proxy.port}"
        done = call(pki, LOCKS, "list", **{variable: f"http://ci:{PASSWORD}@{at}"})
        assert done.returncode == 0, done.stderr
        for user, says in (("", f"wants a user and a password (407): write them into {variable}"),
                           (f"ci:{PASSWORD}x@", f"does not accept the user and password in {variable} (407)")):
            done = call(pki, LOCKS, "list", **{variable: f"http://{user}{at}"})
            assert done.returncode == 69 and says in done.stderr
            assert "trying again" not in done.stderr


@pytest.mark.parametrize("answer, says, again", [
    (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "answered 403: it does not allow locks.test:443", False),
    (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "answered 502: it cannot reach locks.test:443", True),
    (b"SSH-2.0-OpenSSH_9.2\r\n", "is not an HTTP proxy", False),
    (b"", "timed out waiting for the proxy 127.0.0.1:", False),
], ids=["refuses", "cannot", "is none", "hangs"])
def test_a_proxy_that_does_not_work(pki, answer, says, again):
    with Proxy({}, answer=answer) as proxy:
        done = call(pki, LOCKS, "create", "never", "--timeout", "1s",
                    HTTPS_PROXY=f"http://ci:{PASSWORD}@127.0.0.1:{proxy.port}")
        assert done.returncode == 69
        assert says in done.stderr and "(HTTPS_PROXY)" in done.stderr
        assert ("trying again" in done.stderr) == again
        assert "not known" not in done.stderr  # nothing was sent


def test_a_proxy_that_is_not_there(pki):
    done = call(pki, LOCKS, "list", "--timeout", "1s", HTTPS_PROXY=f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 69
    assert "That is the proxy in HTTPS_PROXY: correct it, or name locks.test in NO_PROXY" in done.stderr
    done = call(pki, LOCKS, "list", HTTPS_PROXY=f"socks5://ci:{PASSWORD}@h")
    assert done.returncode == 69 and "SOCKS" in done.stderr


def test_a_tunnel_leads_to_no_one_else(pki, behind):
    with tls_front(pki.wrong_host, behind.port) as other, Proxy({"locks.test:443": other.port}) as proxy:
        done = call(pki, LOCKS, "list", HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")
        assert done.returncode == 69
        assert "is for other.test, 10.1.2.3 and not for locks.test" in done.stderr


def test_plain_http_through_a_proxy(pki, behind):
    with Proxy({"locks.test:8080": behind.port}, user=f"ci:{PASSWORD}") as proxy:
        at = f"127.0.0.1:{proxy.port}"
        endpoint = "http://locks.test:8080/dev"
        for arguments in (["create", "by-proxy"], ["claim", "by-proxy"], ["release", "by-proxy"], ["remove", "by-proxy"]):
            done = call(pki, endpoint, *arguments, http_proxy=f"http://ci:{PASSWORD}@{at}")
            assert done.returncode == 0, done.stderr
        assert proxy.asked[0].startswith("POST http://locks.test:8080/dev/create-stack HTTP/1.1\r\nHost: locks.test:8080\r\n")
        done = call(pki, endpoint, "list", http_proxy=f"http://{at}")
        assert done.returncode == 69 and "write them into http_proxy" in done.stderr
        done = call(pki, "http://unknown.test/", "claim", "a", http_proxy=f"http://ci:{PASSWORD}@{at}")
        assert done.returncode == 69 and "(http_proxy) answered 502, and not the server" in done.stderr


@pytest.mark.parametrize("variables", [
    {"HTTP_PROXY": "http://127.0.0.1:1"},  # in capitals it may come from whoever calls a CGI program
    {"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"},
], ids=["in capitals", "all"])
def test_this_machine_is_called_without_a_proxy(pki, front, behind, variables):
    for endpoint in (https(front.port), https(front.port, "127.0.0.1"), behind.endpoint):
        done = call(pki, endpoint, "list", **variables)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("no_proxy, direct", [
    ("locks.test", True), ("test", True), (".test", True), ("*", True), ("a.test, LOCKS.TEST:443", True),
    ("locks.test:8443", False), ("xlocks.test", False), ("127.0.0.0/8", False), ("", False),
])
def test_no_proxy(pki, front, no_proxy, direct):
    """A call past the proxy ends with a look-up that finds nothing: no machine has this name."""
    with Proxy({"locks.test:443": front.port}) as proxy:
        done = call(pki, LOCKS, "list", "--timeout", "2s", NO_PROXY=no_proxy,
                    HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}")
        assert (done.returncode, len(proxy.asked)) == ((69, 0) if direct else (0, 1)), done.stderr
        assert not direct or '"locks.test"' in done.stderr


def test_doctor_names_the_proxy(pki, front):
    with Proxy({"locks.test:443": front.port}) as proxy:
        done = call(pki, LOCKS, "doctor", HTTPS_PROXY=f"http://ci:{PASSWORD}@127.0.0.1:{proxy.port}")
        assert done.returncode == 0, done.stdout
        assert f"ok    proxy       calls go through the proxy 127.0.0.1:{proxy.port} (HTTPS_PROXY)" in done.stdout
        assert len(proxy.asked) == 1  # one tunnel for all of it


def test_an_export_of_any_length_comes_whole(pki, front, behind, tmp_path):
    lines = [json.dumps({"stackName": f"long-{n}", "repoName": "long", "isAvailable": "x",
                         "lastUsed": "2026-01-02T03:04:05.000000"}) for n in range(3000)]
    file = tmp_path / "table"
    file.write_text("\n".join(lines) + "\n")
    done = call(pki, https(front.port), "import", str(file))
    assert done.returncode == 0, done.stderr
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(Proxy({"locks.test:443": front.port}))
        done = call(pki, LOCKS, "export", HTTPS_PROXY=f"127.0.0.1:{proxy.port}")
    assert done.returncode == 0, done.stderr
    assert sum('"long"' in line for line in done.stdout.splitlines()) == 3000
