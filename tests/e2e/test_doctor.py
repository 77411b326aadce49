"""bdd-lock doctor: what is wrong, and how to mend it."""

import contextlib
import http.server
import json
import threading

import pytest
from faults import meddle
from server import TOKEN, free_port, run_cli


def findings(*arguments, timeout="30s", **options):
    """(exit code, findings by check): of several on one check the worst."""
    done = run_cli("doctor", "--output", "json", "--timeout", timeout, *arguments, **options)
    found = {}
    for finding in sorted(json.loads(done.stdout), key=lambda f: ["ok", "warn", "bad"].index(f["level"])):
        found[finding["check"]] = finding
    return done.returncode, found


def bad(code, check, *arguments, **options):
    returned, found = findings(*arguments, **options)
    assert returned == code, found
    assert found[check]["level"] == "bad" and found[check]["mend"], found
    return found[check]


def test_all_is_well(server):
    code, found = findings(server=server)
    assert code == 0
    assert {finding["level"] for finding in found.values()} == {"ok"}, found
    assert {"endpoint", "token", "connection", "server", "clock", "store", "access"} <= found.keys()
    text = run_cli("doctor", server=server).stdout
    assert all(line.startswith("ok ") for line in text.splitlines())


def test_it_changes_nothing(server):
    server.create("a")
    before = server.export()
    findings(server=server)
    assert server.export() == before


def test_nobody_listens():
    bad(69, "connection", "--endpoint", f"http://127.0.0.1:{free_port()}")


def test_the_hosts_name_is_unknown():
    assert "no-such-host.invalid" in bad(69, "name", "--endpoint", "http://no-such-host.invalid:8080",
                                           timeout="2s")["found"]


def test_a_wrong_token(server):
    assert "token" in bad(77, "access", server=server, token="wrong")["found"]


def test_no_token(server):
    code, found = findings(server=server, token=None)
    assert code == 77
    assert found["token"]["level"] == "warn" and found["access"]["level"] == "bad"


@pytest.mark.parametrize("endpoint", ["127.0.0.1:8080", "ftp://h", "http://", "http://h:port", "http://h:99999", "x y",
                                      "https://"])
def test_an_endpoint_that_is_none(endpoint):
    bad(64, "endpoint", "--endpoint", endpoint)


def test_a_token_that_cannot_be_one(tmp_path):
    file = tmp_path / "token"
    for content in ("abc\x01def", " \n", "x" * 2000):
        file.write_text(content)
        file.chmod(0o600)
        code, found = findings("--token-file", str(file), "--endpoint", "nonsense", token=None)
        assert code == 64 and found["token"]["level"] == "bad", found
        assert not content.strip() or content not in found["token"]["found"]


@contextlib.contextmanager
def another_program(status, content_type, body, date=None, **headers):
    class Handler(http.server.BaseHTTPRequestHandler):
        def date_time_string(self, timestamp=None):
            return date or super().date_time_string(timestamp)

        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_PUT = do_POST = do_DELETE = do_GET

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as program:
        thread = threading.Thread(target=program.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{program.server_address[1]}"
        finally:
            program.shutdown()
            thread.join()


def test_a_web_page_is_not_our_server():
    with another_program(200, "text/html", b"<html>Welcome</html>") as endpoint:
        assert "not bdd-lock" in bad(69, "server", "--endpoint", endpoint)["found"]
        done = run_cli("list", "--endpoint", endpoint, "--timeout", "30s")
        assert done.returncode == 69 and "not bdd-lock" in done.stderr


def test_a_login_redirect_is_not_our_server():
    with another_program(302, "text/html", b"", Location="https://login.example.org/") as endpoint:
        assert "login.example.org" in bad(69, "server", "--endpoint", endpoint)["mend"]
        done = run_cli("claim", "a", "--endpoint", endpoint, "--timeout", "30s")
        assert done.returncode == 69 and "login.example.org" in done.stderr


def test_other_json_is_not_our_server():
    with another_program(200, "application/json", b'{"hello": "world"}') as endpoint:
        bad(69, "server", "--endpoint", endpoint)


def test_another_version_and_a_wrong_clock_are_warnings():
    body = b'{"status": "ok", "version": "0.0.0", "items": [], "nextCursor": null}'
    with another_program(200, "application/json", body, date="Wed, 01 Jan 2020 00:00:00 GMT") as endpoint:
        code, found = findings("--endpoint", endpoint)
        assert code == 0
        assert "0.0.0" in found["server"]["found"] and found["server"]["level"] == "warn"
        assert "behind" in found["clock"]["found"] and found["clock"]["level"] == "warn"


def test_a_store_that_does_not_answer(server):
    server.create("a")
    with meddle(server, "fdatasync,fsync:error=EIO"):
        assert server.call("PUT", "/claim-stack/a").status == 503
        bad(69, "store", server=server)


def test_a_token_file_that_others_may_read_is_a_warning(server, tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(0o644)
    code, found = findings("--token-file", str(file), server=server, token=None)
    assert code == 0 and found["token"]["level"] == "warn" and "chmod 600" in found["token"]["mend"]
