"""The release binary needs nothing of the machine that it runs on: no libraries, no files, no names."""

import json
import os
import shutil
import struct
import subprocess

import pytest
from server import PATIENCE_SECONDS, TOKEN, Connection, binary, clean_environment, free_port, run_program, wait_until

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
