"""./test itself: what its C++ stages make of programs that fail in one way or another."""

import importlib
import os
import signal
import sys

import pytest
from server import ROOT

GOOD = ('<testsuites><testsuite><testcase name="A" status="run"/><testcase name="B" status="run"/>'
        '</testsuite></testsuites>')
ONE_FAILS = GOOD.replace('"B" status="run"/>', '"B" status="run"><failure/></testcase>')
ONE_SKIPPED = GOOD.replace('"B" status="run"/>', '"B" status="run"><skipped/></testcase>')
ONE_SWITCHED_OFF = GOOD.replace('"B" status="run"', '"B" status="notrun"')


@pytest.fixture
def runner(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "tools"), *sys.path])
    runner = importlib.import_module("run_tests")
    monkeypatch.setattr(runner, "NOT_PASSED", [])
    return runner


def make_program(folder, name, report, then):
    """A program that ctest knows; it writes the report where it is told to, and ends so."""
    program = folder / name
    write = f"printf '{report}' > \"${{1#--gtest_output=xml:}}\"" if report else ":"
    program.write_text(f"#!/bin/sh\n{write}\necho said by {name}\n{then}\n")
    program.chmod(0o755)
    with (folder / "CTestTestfile.cmake").open("a") as tests:
        for test in ("A", "B"):
            tests.write(f'add_test({name}.{test} "{program}" "--gtest_filter={test}")\n'
                        f'set_tests_properties({name}.{test} PROPERTIES WORKING_DIRECTORY "{folder}")\n')


@pytest.mark.parametrize("report, then, counts", [
    (GOOD, "exit 0", (2, 0)),
    (ONE_FAILS, "exit 1", (1, 1)),
    (ONE_SKIPPED, "exit 0", (1, 1)),
    (ONE_SWITCHED_OFF, "exit 0", (1, 1)),
    (GOOD, "exit 1", (2, 1)),  # the leak checker speaks after the last test
    (GOOD.replace("A", r"\377"), "exit 1", (0, 1)),  # a test may print any bytes
    (GOOD[:50], "exit 1", (0, 1)),
    (None, "kill -SEGV $$", (0, 1)),
    (None, "exit 0", (0, 1)),
])
def test_each_way_to_fail_is_counted(runner, tmp_path, capsys, report, then, counts):
    make_program(tmp_path, "program", report, then)
    [(found, code)] = runner.gtest_programs.run_all(tmp_path, tmp_path / "reports", os.environ)
    assert runner.count_junit(found, code) == counts
    assert bool(runner.NOT_PASSED) == (counts[1] > 0)
    assert ("said by program" in capsys.readouterr().out) == (code != 0)


def test_a_program_that_hangs_is_stopped(runner, tmp_path, monkeypatch):
    make_program(tmp_path, "hangs", GOOD, "exec sleep 60")
    monkeypatch.setattr(runner.gtest_programs, "SECONDS_MAX", 0.5)
    [(_, code)] = runner.gtest_programs.run_all(tmp_path, tmp_path / "reports", os.environ)
    assert code == 124


def test_settings_of_googletest_around_it_do_not_count(runner, tmp_path):
    make_program(tmp_path, "program", GOOD, "env | grep -q GTEST_ && exit 1; exit 0")
    around = {**os.environ, "GTEST_TOTAL_SHARDS": "2", "GTEST_SHARD_INDEX": "0"}
    [(_, code)] = runner.gtest_programs.run_all(tmp_path, tmp_path / "reports", around)
    assert code == 0


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT"])
def test_signals_work_under_nohup_and_in_the_background_of_a_shell(runner, tmp_path, name):
    number = signal.Signals[f"SIG{name}"]
    before = signal.signal(number, signal.SIG_IGN)
    try:
        make_program(tmp_path, "program", None, f"kill -{name} $$; sleep 1")
        [(_, code)] = runner.gtest_programs.run_all(tmp_path, tmp_path / "reports", os.environ)
        assert code == -number
        assert runner.run("sh", "-c", f"kill -{name} $$; sleep 1") == -number
    finally:
        signal.signal(number, before)


def test_a_report_of_an_earlier_run_is_not_counted(runner, tmp_path):
    make_program(tmp_path, "program", GOOD, "exit 0")
    runner.gtest_programs.run_all(tmp_path, tmp_path / "reports", os.environ)
    (tmp_path / "program").write_text("#!/bin/sh\nexit 0\n")
    [(report, code)] = runner.gtest_programs.run_all(tmp_path, tmp_path / "reports", os.environ)
    assert runner.count_junit(report, code) == (0, 1)
