"""A server that cannot do what it is told does not start: it says what is wrong and what is allowed, and its
exit code tells a mistake in the settings (64) from a machine that does not let it (69)."""

import socket

import pytest
from server import TOKEN, Server, free_port, run_serve


def refused(*arguments, code=64, **options):
    done = run_serve(*arguments, **options)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.startswith("bdd-lock"), done.stderr
    assert done.stdout == ""
    return done.stderr


SETTINGS = {
    "--listen": ["", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:http",
                 "::1:8080", "example.org:80", "127.0.0.1:80:80"],
    "--store": ["", "sqlite", "sqlite:", "bdd-lock.db", "postgres:x", "dynamodb:a", "dynamodb:a/b", "memory"],
    "--expiry-seconds": ["", "-1", "1.5", "two hours", "1e3", "99999999999999999999", "7200x"],
    "--remove-unused-after": ["-1", "soon", "30 d", "0x10"],
    "--release-unused-at": ["", "every day", "0 1 * *", "0 1 * * * *", "60 1 * * *", "0 24 * * *", "0 1 0 * *",
                            "0 1 * 13 *", "0 1 * * 8", "0 1 * * MOO", "0 1 * * FRI-", "*/0 * * * *", "5-1 * * * *",
                            "0 0 30 2 *"],
    "--log-format": ["xml", "JSON "],
    "--max-header-bytes": ["0", "-5", "lots", "8 KiB"],
    "--max-body-bytes": ["-5", "64KB"],
    "--request-timeout": ["0", "-1s", "never"],
    "--idle-timeout": ["0", "x"],
    "--max-connections": ["0", "-1", "many", "1.5"],
    "--drain-timeout": ["-1", "x"],
}
CASES = [(flag, value) for flag, values in SETTINGS.items() for value in values]
VARIABLES = {"--listen": "BDD_LOCK_LISTEN", "--store": "BDD_LOCK_STORE", "--expiry-seconds": "EXPIRY_SECONDS",
             "--release-unused-at": "BDD_LOCK_RELEASE_UNUSED_AT",
             "--remove-unused-after": "BDD_LOCK_REMOVE_UNUSED_AFTER"}


@pytest.mark.parametrize("flag, value", CASES, ids=[f"{flag}={value}" for flag, value in CASES])
def test_a_bad_value_of_a_setting_is_refused_by_name(flag, value, tmp_path):
    assert flag in refused(flag, value, cwd=tmp_path)


@pytest.mark.parametrize("flag, value", [(flag, values[-1]) for flag, values in SETTINGS.items() if flag in VARIABLES])
def test_a_bad_value_from_the_environment_names_the_variable(flag, value, tmp_path):
    assert VARIABLES[flag] in refused(env={VARIABLES[flag]: value}, cwd=tmp_path)


def test_an_unknown_flag_is_refused_with_the_nearest_known_one(tmp_path):
    assert "did you mean --listen?" in refused("--lisen", "127.0.0.1:0", cwd=tmp_path)
    assert "did you mean --no-auth?" in refused("--noauth", cwd=tmp_path)
    assert "too many" in refused("extra", cwd=tmp_path)


def test_a_token_on_the_command_line_is_refused_and_not_repeated(tmp_path):
    for words in (["--token", TOKEN], [f"--token={TOKEN}"], [f"--auth-token={TOKEN}"]):
        assert "--auth-token-file" in refused(*words, cwd=tmp_path)  # run_serve searches for the token itself


CONFIG = {
    "an unknown setting": ("lisen = 127.0.0.1:8080\n", "did you mean listen?"),
    "a bad value": ("store = postgres:x\n", "store"),
    "no value": ("listen\n", "listen"),
    "a bad cron": ('release-unused-at = "61 * * * *"\n', "release-unused-at"),
    "binary": ("\0\1\2\xff", "config"),
}


@pytest.mark.parametrize("text, said", CONFIG.values(), ids=CONFIG.keys())
def test_a_config_file_with_a_fault_is_refused_by_its_name(text, said, tmp_path):
    config = tmp_path / "config.ini"
    config.write_text(text, encoding="latin-1")
    message = refused("--config", str(config), cwd=tmp_path)
    assert str(config) in message and said in message


def test_a_config_file_that_is_not_there_or_a_folder_is_refused(tmp_path):
    assert "none.ini" in refused("--config", str(tmp_path / "none.ini"), cwd=tmp_path)
    assert str(tmp_path) in refused("--config", str(tmp_path), cwd=tmp_path)


def test_flags_win_over_variables_and_variables_over_the_config_file(tmp_path):
    config = tmp_path / "config.ini"
    config.write_text('# a comment\nexpiry-seconds = 11\nrelease-unused-at = "0 5 * * *"\nlog-format = nonsense\n')
    message = refused("--config", str(config), cwd=tmp_path)
    assert "log-format" in message  # it is read,
    with Server("--config", str(config), "--log-format", "json", env={"EXPIRY_SECONDS": "22"}) as server:
        server.wait_for_event("started")  # and a flag wins over it
    message = refused("--config", str(config), env={"EXPIRY_SECONDS": "zz"}, cwd=tmp_path)
    assert "EXPIRY_SECONDS" in message
    message = refused("--config", str(config), "--expiry-seconds", "yy", env={"EXPIRY_SECONDS": "22"}, cwd=tmp_path)
    assert "--expiry-seconds" in message


def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        message = refused("--listen", address, "--store", f"sqlite:{tmp_path / 'a.db'}", code=69)
        assert address.rpartition(":")[2] in message and "in use" in message
    assert not (tmp_path / "a.db").exists()  # and nothing was begun


def test_an_address_that_is_not_this_machines_is_said(tmp_path):
    message = refused("--listen", "192.0.2.1:8080", code=69, cwd=tmp_path)
    assert "192.0.2.1" in message


def test_no_start_without_a_token(tmp_path):
    message = refused(token=None, cwd=tmp_path)
    assert "BDD_LOCK_TABLE_AUTH_TOKEN" in message and "--auth-token-file" in message
    for blank in ("", " ", "\n\t "):
        refused(token=None, env={"BDD_LOCK_TABLE_AUTH_TOKEN": blank}, cwd=tmp_path)


def test_no_auth_is_refused_where_others_can_reach_it(tmp_path):
    port = free_port()
    for address in ("0.0.0.0", "[::]"):
        assert "loopback" in refused("--no-auth", "--listen", f"{address}:{port}", token=None, cwd=tmp_path)
    refused(token=None, env={"BDD_LOCK_NO_AUTH": "maybe"}, cwd=tmp_path)


TOKEN_FILES = {
    "empty": b"", "blank": b" \n\t\n", "too long a token": b"x" * 1025, "a control character": b"abc\x01def",
    "a zero": b"abc\0def", "a large file": b"x " * 40_000,
}


@pytest.mark.parametrize("content", TOKEN_FILES.values(), ids=TOKEN_FILES.keys())
def test_a_token_file_without_a_usable_token_is_refused_by_its_name(content, tmp_path):
    file = tmp_path / "tokens"
    file.write_bytes(content)
    message = refused("--auth-token-file", str(file), token=None, cwd=tmp_path)
    assert str(file) in message
    assert "abc" not in message and "xxxx" not in message


def test_a_token_file_that_is_not_there_is_refused_by_its_name(tmp_path):
    assert "none" in refused("--auth-token-file", str(tmp_path / "none"), token=None, cwd=tmp_path)
