"""Export, import, back-up and restore."""

import json
import sqlite3
import threading
from contextlib import closing

from server import Connection, Server, run_cli

NAMES = ["plain", "with space", "ünï-ço∂é", "堆栈", "🚀", "\"quoted\"", "back\\slash", "a\u2028b", "\ufeffbom", "-dash"]


def test_a_table_survives_export_and_import(server, tmp_path):
    for number, name in enumerate(NAMES):
        server.create(name, repo=f"repo {name}", available=number % 2 == 0)
    for _ in range(3):
        server.call("PUT", "/claim-stack/plain")
        server.call("PUT", "/release-stack/plain")
    file = tmp_path / "stacks.ndjson"
    assert run_cli("export", str(file), server=server).returncode == 0
    piped = run_cli("export", server=server)
    assert piped.stdout == file.read_text()
    with Server() as other:
        done = run_cli("import", str(file), server=other)
        assert (done.returncode, done.stdout) == (0, f"created {len(NAMES)}\nreplaced 0\n"), done.stderr
        assert other.export() == server.export()
        done = run_cli("export", server=other)
        assert done.stdout == file.read_text()
    with Server() as third:
        done = run_cli("import", "-", server=third, stdin=piped.stdout)
        assert done.returncode == 0, done.stderr
        assert third.export() == server.export()


def test_an_import_refuses_names_that_exist_and_says_which(server, tmp_path):
    server.create("here")
    before = server.export()
    file = tmp_path / "in.ndjson"
    file.write_text('{"stackName":"new","repoName":"r","isAvailable":"x"}\n'
                    '{"stackName":"here","repoName":"other","isAvailable":"x"}\n')
    done = run_cli("import", str(file), server=server)
    assert done.returncode == 1
    assert "here" in done.stderr and "--replace" in done.stderr
    assert server.export() == before
    done = run_cli("import", str(file), "--replace", server=server)
    assert (done.returncode, done.stdout) == (0, "created 1\nreplaced 1\n")
    assert server.stacks()["here"]["repoName"] == "other"


def test_a_large_import_goes_in_slices(server, tmp_path):
    file = tmp_path / "in.ndjson"
    file.write_text("".join(json.dumps({"stackName": f"s{n:05}", "repoName": "r" * 100, "isAvailable": "x"}) + "\n"
                            for n in range(3000)))
    done = run_cli("import", str(file), server=server)
    assert (done.returncode, done.stdout) == (0, "created 3000\nreplaced 0\n"), done.stderr
    assert len(server.stacks()) == 3000


def test_a_fault_in_an_import_is_named_by_its_line_and_nothing_is_sent(server, tmp_path):
    file = tmp_path / "in.ndjson"
    lines = [json.dumps({"stackName": f"s{n:05}", "repoName": "r" * 200, "isAvailable": "x"}) for n in range(1000)]
    lines[776] = '{"stackName":"s00776","repoNmae":"r"}'
    file.write_text("\n".join(lines))
    done = run_cli("import", str(file), server=server)
    assert done.returncode in (1, 64)
    assert "777" in done.stderr and "repoName" in done.stderr
    assert server.stacks() == {}


def test_the_larger_token_wins_in_an_import(server):
    server.create("a")
    for _ in range(5):
        server.call("PUT", "/claim-stack/a")
        server.call("PUT", "/release-stack/a")
    for token, expected in ((3, 5), (50, 50)):
        line = json.dumps({"stackName": "a", "repoName": "r", "isAvailable": "x", "fencingToken": token})
        assert run_cli("import", "-", "--replace", server=server, stdin=line).returncode == 0
        assert server.stacks()["a"]["fencingToken"] == expected


def store(server):
    return ["--store", server.store]


def test_a_backup_under_load_is_whole_and_restores_with_raised_tokens(server, tmp_path):
    for number in range(200):
        server.create(f"s{number:03}")
    over = threading.Event()
    failures = []

    def load(number):
        with Connection(server.port) as connection:
            while not over.is_set():
                for verb in ("claim", "release"):
                    answer = connection.call("PUT", f"/{verb}-stack/s{number:03}")
                    if answer.status != 200:
                        failures.append(answer)

    threads = [threading.Thread(target=load, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    copies = [tmp_path / f"copy-{n}.db" for n in range(3)]
    for copy in copies:
        done = run_cli("backup", str(copy), *store(server))
        assert done.returncode == 0, done.stderr
    tokens_at_least = {name: stack["fencingToken"] for name, stack in server.stacks().items()}
    over.set()
    for thread in threads:
        thread.join()
    assert not failures
    for copy in copies:
        with closing(sqlite3.connect(copy)) as table:
            assert table.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert table.execute("SELECT count(*) FROM stacks").fetchone() == (200,)
    assert server.stop() == 0
    done = run_cli("restore", str(copies[0]), *store(server))
    assert done.returncode == 0, done.stderr
    assert "1,000,000" in done.stderr + done.stdout
    server.start()
    restored = server.stacks()
    assert len(restored) == 200
    assert all(stack["fencingToken"] > tokens_at_least[name] for name, stack in restored.items())
    assert min(stack["fencingToken"] for stack in restored.values()) == 1_000_000


def test_what_stood_there_is_kept_beside_a_restored_table(server, tmp_path):
    server.create("old")
    copy = tmp_path / "copy.db"
    assert run_cli("backup", str(copy), *store(server)).returncode == 0
    server.create("newer")
    server.call("DELETE", "/v1/stacks/old")
    assert server.stop() == 0
    before = set(server.folder.iterdir())
    done = run_cli("restore", str(copy), *store(server))
    assert done.returncode == 0
    kept = [file for file in set(server.folder.iterdir()) - before if not file.name.endswith((".lock", "-wal", "-shm"))]
    assert len(kept) == 1 and str(kept[0]) in done.stderr + done.stdout
    server.start()
    assert server.stacks().keys() == {"old"}
    assert server.stop() == 0
    with closing(sqlite3.connect(kept[0])) as table:
        assert table.execute("SELECT stack_name FROM stacks").fetchall() == [("newer",)]


def test_a_deleted_names_token_is_raised_as_well(server, tmp_path):
    server.create("gone", available=False)
    server.call("PUT", "/release-stack/gone")
    server.call("DELETE", "/v1/stacks/gone")
    copy = tmp_path / "copy.db"
    assert run_cli("backup", str(copy), *store(server)).returncode == 0
    server.stop()
    assert run_cli("restore", str(copy), *store(server)).returncode == 0
    server.start()
    server.create("gone")
    assert server.stacks()["gone"]["fencingToken"] == 1_000_001


def test_a_restore_into_a_served_table_is_refused(server, tmp_path):
    server.create("a")
    copy = tmp_path / "copy.db"
    assert run_cli("backup", str(copy), *store(server)).returncode == 0
    server.create("b")
    done = run_cli("restore", str(copy), *store(server))
    assert done.returncode == 1 and str(server.process.pid) in done.stderr
    assert server.stacks().keys() == {"a", "b"}
    assert server.call("PUT", "/claim-stack/b").status == 200


def test_a_backup_never_overwrites_and_needs_a_table(server, tmp_path):
    there = tmp_path / "there"
    there.write_text("mine")
    done = run_cli("backup", str(there), *store(server))
    assert done.returncode == 1 and str(there) in done.stderr
    assert there.read_text() == "mine"
    done = run_cli("backup", str(tmp_path / "copy"), "--store", f"sqlite:{tmp_path}/none.db")
    assert done.returncode == 1 and "none.db" in done.stderr
    assert not (tmp_path / "none.db").exists() and not (tmp_path / "copy").exists()
    done = run_cli("backup", str(tmp_path / "copy"), "--store", "memory:")
    assert done.returncode == 64


def test_a_restore_of_what_is_no_backup_changes_nothing(server, tmp_path):
    server.create("a")
    assert server.stop() == 0
    before = server.data_file.read_bytes()
    for name, content in (("text", b"no database" * 100), ("empty", b""), ("cut", before[:6000])):
        source = tmp_path / name
        source.write_bytes(content)
        done = run_cli("restore", str(source), *store(server))
        assert done.returncode == 1 and str(source) in done.stderr, (name, done.stderr)
        assert server.data_file.read_bytes() == before
    assert run_cli("restore", str(tmp_path / "none"), *store(server)).returncode == 1
    assert run_cli("restore", str(server.data_file), *store(server)).returncode == 1
    assert server.data_file.read_bytes() == before


def test_an_export_to_a_place_that_cannot_be_written_says_so(server, tmp_path):
    done = run_cli("export", str(tmp_path / "none" / "file"), server=server)
    assert done.returncode == 1 and "none" in done.stderr
