"""The release binary needs nothing of the machine that it runs on: no libraries, no files, no names."""

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from certificates import make
from front import Proxy, tls_front
from server import (PATIENCE_SECONDS, TOKEN, Connection, Server, binary, clean_environment, free_port, run_program,
                    wait_until)

PT_DYNAMIC, PT_INTERP = 2, 3


def elf():
    return binary().read_bytes()


def program_headers(data):
    assert data[:5] == b"\x7fELF\x02", "no 64-bit ELF file"
    (offset,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return [struct.unpack_from("<I", data, offset + n * size)[0] for n in range(count)]


def section_names(data):
    (offset,) = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, offset + n * size) for n in range(count)]
    table = headers[names][4]
    return [data[table + header[0]:data.index(b"\0", table + header[0])] for header in headers]


def test_it_is_static():
    assert PT_INTERP not in program_headers(elf())


def test_it_is_stripped():
    assert not {b".symtab", b".debug_info"} & set(section_names(elf()))


def test_ldd_agrees():
    said = run_program(["ldd", str(binary())])
    assert "not a dynamic executable" in said.stdout + said.stderr or "statically linked" in said.stdout


@pytest.fixture(params=["nothing", "a foreign nsswitch.conf"])
def empty_root(request, tmp_path):
    """A root directory with the binary, an empty /tmp and nothing else, and how to run a program in it."""
    root = tmp_path / "root"
    (root / "tmp").mkdir(parents=True)
    (root / "tmp").chmod(0o777)
    shutil.copy(binary(), root / "bdd-lock")
    if request.param != "nothing":
        # What it names is not there: a program that looks names up by glibc would try to load it.
        (root / "etc").mkdir()
        (root / "etc" / "nsswitch.conf").write_text("hosts: files mymachines resolve [!UNAVAIL=return] dns ldap\n"
                                                    "passwd: sss systemd ldap\n")
        (root / "etc" / "hosts").write_text("127.0.0.1 localhost server.test\n")
    return root


def in_root(root, *arguments):
    """The command line that runs the binary with that root; without rights, in a user namespace."""
    enter = ["chroot", str(root)] if os.getuid() == 0 else ["unshare", "-r", "chroot", str(root)]
    return [*enter, "/bdd-lock", *arguments]


def test_it_serves_and_calls_in_an_empty_root_directory(empty_root):
    port = free_port()
    env = clean_environment(BDD_LOCK_TABLE_AUTH_TOKEN=TOKEN)
    log = open(empty_root.parent / "log", "wb")
    server = subprocess.Popen(in_root(empty_root, "serve", "--listen", f"127.0.0.1:{port}",
                                      "--store", "sqlite:/tmp/bdd-lock.db"), env=env, stdout=log, stderr=log)
    try:
        def ready():
            assert server.poll() is None, (empty_root.parent / "log").read_text()
            try:
                with Connection(port) as connection:
                    return connection.call("GET", "/readyz").status == 200
            except OSError:
                return False

        wait_until(ready, what="the start")
        hosts = ["127.0.0.1", "localhost"] + (["server.test"] if (empty_root / "etc").exists() else [])
        for number, host in enumerate(hosts):
            client = {**clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN), "REPO_NAME": "r",
                      "BDD_LOCK_ENDPOINT": f"http://{host}:{port}"}
            done = run_program(in_root(empty_root, "create", f"s{number}"), env=client)
            assert (done.returncode, done.stdout) == (0, f"s{number}\n"), done.stderr
        done = run_program(in_root(empty_root, "claim", "--no-create"), env=client)
        assert done.returncode == 0, done.stderr
        done = run_program(in_root(empty_root, "backup", "/tmp/copy.db", "--store", "sqlite:/tmp/bdd-lock.db"), env=env)
        assert done.returncode == 0, done.stderr
        server.terminate()
        assert server.wait(PATIENCE_SECONDS) == 0
    finally:
        server.kill()
        server.wait()
        log.close()
    assert (empty_root / "tmp" / "copy.db").exists()


def test_a_host_that_cannot_be_found_is_said(empty_root):
    done = run_program(in_root(empty_root, "list", "--endpoint", "http://no-such-host.invalid:8080",
                               "--timeout", "2s"), env=clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN))
    assert done.returncode == 69
    assert "no-such-host.invalid" in done.stderr


# Debian and Alpine, Red Hat and Amazon Linux, SUSE, Red Hat's other, Alpine's other, an old one.
CA_FILES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", "/etc/pki/tls/cacert.pem"]


@pytest.fixture
def https(tmp_path):
    """A server behind a TLS front end, and the authority of its certificate."""
    authority = make(tmp_path, "authority", authority=True)
    certificate = make(tmp_path, "server", authority, ["localhost", "server.test", "locks.test"])
    with Server() as running, tls_front(certificate, running.port) as front:
        yield authority, front


def list_in_root(root, endpoint, **variables):
    env = clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN, BDD_LOCK_ENDPOINT=endpoint, **variables)
    return run_program(in_root(root, "list", "--timeout", "5s"), env=env)


@pytest.mark.parametrize("place", CA_FILES)
def test_it_finds_the_authorities_in_the_usual_places(empty_root, https, place):
    authority, front = https
    target = empty_root / place.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(authority.pem, target)
    done = list_in_root(empty_root, f"https://localhost:{front.port}/dev")
    assert done.returncode == 0, done.stderr


def test_without_authorities_it_says_where_it_looked(empty_root, https):
    _, front = https
    done = list_in_root(empty_root, f"https://localhost:{front.port}")
    assert done.returncode == 69
    assert "tried were " + ", ".join(CA_FILES) in done.stderr
    assert "Install the package ca-certificates, or name a file of them in SSL_CERT_FILE" in done.stderr


def test_it_calls_by_https_and_through_a_proxy_in_an_empty_root_directory(empty_root, https):
    """Names of /etc/hosts too, the proxy's as well, whatever nsswitch.conf says."""
    authority, front = https
    shutil.copy(authority.pem, empty_root / "ca.pem")
    has_hosts = (empty_root / "etc").exists()
    for host in ["localhost"] + (["server.test"] if has_hosts else []):
        done = list_in_root(empty_root, f"https://{host}:{front.port}/dev", SSL_CERT_FILE="/ca.pem")
        assert done.returncode == 0, done.stderr
    with Proxy({"locks.test:443": front.port}) as proxy:
        host = "server.test" if has_hosts else "127.0.0.1"
        done = list_in_root(empty_root, "https://locks.test/dev", SSL_CERT_FILE="/ca.pem",
                            HTTPS_PROXY=f"http://{host}:{proxy.port}")
        assert done.returncode == 0, done.stderr


def call_with_name_server(root, kind, endpoint):
    """A call of the binary in that root, with a name server that answers or is silent; what it asked for."""
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    asked = root.parent / "asked"
    asked.write_text("")
    program = Path(__file__).resolve().parent.parent / "support" / "name_server.py"
    done = run_program(["unshare", "--net", *([] if os.getuid() == 0 else ["--map-root-user"]), sys.executable, program,
                        kind, asked, "chroot", root, "/bdd-lock", "list", "--endpoint", endpoint, "--timeout", "2s"],
                       env=clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN))
    return done, asked.read_text().split()


@pytest.mark.parametrize("nsswitch", [None, "hosts: ldap mymachines\n", "hosts: files\n"])
def test_it_asks_the_name_servers_whatever_nsswitch_conf_says(empty_root, nsswitch):
    (empty_root / "etc").mkdir(exist_ok=True)
    if nsswitch:
        (empty_root / "etc" / "nsswitch.conf").write_text(nsswitch)
    done, asked = call_with_name_server(empty_root, "answering", "http://locks.test:8080")
    assert "connection refused by 127.0.0.1:8080" in done.stderr  # so the name was found
    assert "locks.test" in asked


def test_hosts_goes_before_the_name_servers(empty_root):
    (empty_root / "etc").mkdir(exist_ok=True)
    (empty_root / "etc" / "nsswitch.conf").write_text("hosts: dns\n")
    (empty_root / "etc" / "hosts").write_text("127.0.0.7 locks.test\n")
    done, asked = call_with_name_server(empty_root, "answering", "http://locks.test:8080")
    assert "connection refused by 127.0.0.7:8080" in done.stderr and asked == []


def test_name_servers_that_are_silent_are_said(empty_root):
    done, asked = call_with_name_server(empty_root, "silent", "http://locks.test")
    assert done.returncode == 69
    assert 'timed out looking up the host "locks.test"' in done.stderr and "locks.test" in asked


def test_it_reads_no_settings_of_openssl(tmp_path, https):
    """They could name a module, which a static program must not load."""
    authority, front = https
    (tmp_path / "openssl.cnf").write_text("openssl_conf = a\n[a]\nproviders = b\n[b]\nevil = c\n[c]\n"
                                          f"module = {tmp_path}/evil.so\nactivate = 1\n")
    env = clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN, BDD_LOCK_ENDPOINT=f"https://localhost:{front.port}/dev",
                            SSL_CERT_FILE=str(authority.pem), OPENSSL_CONF=str(tmp_path / "openssl.cnf"))
    trace = tmp_path / "trace"
    done = run_program(["strace", "-f", "-e", "trace=%file", "-o", str(trace), binary(), "list"], env=env)
    assert done.returncode == 0, done.stderr
    opened = trace.read_text()
    assert "authority.pem" in opened  # the trace has what it should have
    assert ".so" not in opened and "openssl.cnf" not in opened, opened


def test_only_a_call_by_https_reads_certificates(tmp_path, https):
    authority, front = https
    trace = tmp_path / "trace"
    with Server() as plain:
        env = clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN, BDD_LOCK_ENDPOINT=plain.endpoint,
                                SSL_CERT_FILE=str(authority.pem))
        done = run_program(["strace", "-f", "-e", "trace=%file", "-o", str(trace), binary(), "list"],
                           env=env)
        assert done.returncode == 0, done.stderr
    assert "authority.pem" not in trace.read_text()


def test_it_is_smaller_than_10_mb():
    assert binary().stat().st_size < 10_000_000


def test_it_serves_over_ipv6():
    server = subprocess.Popen([binary(), "serve", "--listen", "[::1]:0", "--store", "memory:"],
                              env=clean_environment(BDD_LOCK_TABLE_AUTH_TOKEN=TOKEN), stdout=subprocess.PIPE)
    try:
        endpoint = json.loads(server.stdout.readline())["endpoint"]
        assert endpoint.startswith("http://[::1]:")
        env = clean_environment(BDD_LOCK_AUTH_TOKEN=TOKEN, BDD_LOCK_ENDPOINT=endpoint, REPO_NAME="r")
        done = run_program([binary(), "create", "a"], env=env)
        assert done.returncode == 0, done.stderr
        assert run_program([binary(), "list"], env=env).stdout.startswith("a\tr\tavailable\t")
    finally:
        server.terminate()
        assert server.wait(PATIENCE_SECONDS) == 0
        server.stdout.close()
