"""A data file that cannot or must not be used: the server says what is wrong with it, does not start, and
leaves the file as it was."""

import hashlib
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from server import Server, binary, run_serve, wait_until
from tables import query


def refused(path):
    """What the server says when it does not start on that file, which it names."""
    done = run_serve("--listen", "127.0.0.1:0", "--store", f"sqlite:{path}")
    assert done.returncode == 69, (done.returncode, done.stderr)
    assert str(path) in done.stderr or str(path.resolve()) in done.stderr or str(path.parent) in done.stderr
    return done.stderr


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def data_file(tmp_path):
    """A sound table of 3000 stacks that no server holds."""
    path = tmp_path / "bdd-lock.db"
    with Server(store=f"sqlite:{path}", folder=tmp_path) as server:
        for start in range(0, 3000, 500):
            lines = "".join(f'{{"stackName":"s{n:04}","repoName":"r","isAvailable":"x"}}\n'
                            for n in range(start, start + 500))
            assert server.call("POST", "/v1/import", lines).status == 200
        assert server.stop() == 0
    return path


def test_a_file_that_another_server_holds(server):
    message = refused(server.data_file)
    assert str(server.process.pid) in message  # by whom
    assert server.call("GET", "/readyz").status == 200


def test_a_file_under_another_name_is_the_same_file(server, tmp_path):
    link = tmp_path / "link.db"
    link.symlink_to(server.data_file)
    assert "held" in refused(link)
    hard = server.folder / "hard.db"
    os.link(server.data_file, hard)
    assert "hard links" in refused(hard)


def test_a_file_that_was_held_by_a_killed_server_is_free(server):
    server.create("a", available=False)
    server.kill()
    server.start()
    assert server.stacks()["a"]["state"] == "claimed"


def test_a_file_from_a_newer_version(data_file):
    query(data_file, "PRAGMA user_version = 1000")
    before = digest(data_file)
    assert "newer" in refused(data_file)
    assert digest(data_file) == before


NO_DATABASE = {"text": b"this is no database\n" * 100, "one byte": b"x", "zeros": bytes(8192),
               "a cut header": b"SQLite format 3\0" + bytes(20), "a picture": b"\x89PNG\r\n\x1a\n" + bytes(4000)}


@pytest.mark.parametrize("content", NO_DATABASE.values(), ids=NO_DATABASE.keys())
def test_a_file_that_is_no_database(content, tmp_path):
    path = tmp_path / "bdd-lock.db"
    path.write_bytes(content)
    refused(path)
    assert path.read_bytes() == content


def test_another_programs_database(tmp_path):
    path = tmp_path / "bdd-lock.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE stacks (a, b)")
    other.close()
    before = digest(path)
    refused(path)
    assert digest(path) == before


def test_an_empty_file_becomes_a_table(tmp_path):
    path = tmp_path / "bdd-lock.db"
    path.touch()
    with Server(store=f"sqlite:{path}", folder=tmp_path) as server:
        server.create("a")


@pytest.mark.parametrize("folder", ["nowhere", "file/inside", "."])
def test_a_place_where_no_file_can_be(folder, tmp_path):
    (tmp_path / "file").touch()
    refused(tmp_path / folder / "bdd-lock.db" if folder != "." else tmp_path)


def damage(path, kind):
    size = path.stat().st_size
    with open(path, "r+b") as file:
        if kind == "cut in half":
            file.truncate(size // 2)
        elif kind == "cut to its header":
            file.truncate(100)
        elif kind == "without its tables":
            file.seek(100)
            file.write(bytes(3996))
        elif kind == "random pages":
            for page in range(1, size // 4096):
                file.seek(page * 4096)
                file.write(os.urandom(4096))
        elif kind == "a torn header":
            file.seek(16)
            file.write(b"\xff" * 40)


@pytest.mark.parametrize("kind", ["cut in half", "cut to its header", "without its tables", "random pages",
                                  "a torn header"])
def test_a_damaged_file(data_file, kind):
    damage(data_file, kind)
    before = digest(data_file)
    message = refused(data_file)
    assert digest(data_file) == before
    assert "damaged" in message or "no database" in message or "not a" in message, message


def test_damage_that_shows_only_later_is_503_and_never_a_wrong_answer(data_file, tmp_path):
    """Some pages in the middle: the start reads only both ends of each tree."""
    pages = data_file.stat().st_size // 4096
    with open(data_file, "r+b") as file:
        for page in range(pages // 3, pages // 3 + 4):
            file.seek(page * 4096)
            file.write(b"\xa5" * 4096)
    try:
        server = Server(store=f"sqlite:{data_file}", folder=tmp_path)
    except AssertionError:
        return  # it found it at once: as good
    with server:
        statuses = set()
        for n in range(0, 3000, 7):
            answer = server.call("GET", f"/v1/stacks/s{n:04}")
            statuses.add(answer.status)
            assert answer.status == 503 or answer.json()["stackName"] == f"s{n:04}", answer
        assert statuses == {200, 503}
        assert server.call("GET", "/get-available/r").status == 503


def public_binary(folder):
    """The binary, where a user without rights can run it."""
    program = folder / "bdd-lock"
    shutil.copy(binary(), program)
    program.chmod(0o755)
    return program


@pytest.fixture
def open_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open")
    path = folder
    while path != Path(tempfile.gettempdir()):
        path.chmod(0o755)
        path = path.parent
    return folder


def start_as(stranger, program, path, folder):
    return Server(store=f"sqlite:{path}", folder=folder, user=stranger, program=[program], wait=False)


@pytest.mark.parametrize("kind", ["the file", "the folder"])
def test_a_file_or_folder_that_may_only_be_read(data_file, open_folder, stranger, kind, tmp_path):
    path = open_folder / "bdd-lock.db"
    shutil.copy(data_file, path)
    if stranger is not None:
        os.chown(path, stranger, stranger)
        if kind == "the file":
            os.chown(open_folder, stranger, stranger)
    path.chmod(0o444)
    if kind == "the folder":
        open_folder.chmod(0o555)
    program = public_binary(open_folder.parent)
    try:
        with start_as(stranger, program, path, tmp_path) as server:
            assert server.wait_end() == 69
            said = server.log().splitlines()[-1]
            assert str(path) in said and "read" in said and "run as another user" in said
    finally:
        open_folder.chmod(0o755)


def test_a_file_that_vanishes_while_it_is_served_is_noticed(server):
    """What is written to a deleted file is lost: the server must not acknowledge it for long."""
    server.create("a")
    for file in server.folder.glob("bdd-lock.db*"):
        file.unlink()

    def noticed():
        answer = server.call("PUT", "/claim-stack/a")
        if answer.status == 200:
            server.call("PUT", "/release-stack/a")
        return answer.status == 503

    wait_until(noticed, what="noticing that the data file is gone")
    wait_until(lambda: server.call("GET", "/readyz").status == 503, what="not being ready")
