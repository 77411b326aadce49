"""The house rules that a compiler does not know, as a test. Prints each breach as file:line: what.

Errors: an include against the direction of dependency, a line over 100 columns, a source file that no
CMake list names, a header without #pragma once, FIXME or XXX left in, a quick start in the README that is
not the tested one.
Warnings (they do not fail): a file over 400 lines, a function over 60.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What each folder of src may include, beside itself and the standard library (DESIGN, "Architecture").
MAY_USE = {
    "core": set(),
    "service": {"core"},
    "wire": {"core"},
    "api": {"service", "core", "wire"},
    "stores/memory": {"service", "core"},
    "stores/sqlite": {"service", "core"},
    "stores/dynamodb": {"service", "core", "aws"},
    "http": {"api", "core"},
    "net": set(),
    "aws": {"net"},
    "lambda": {"api", "core", "net"},
    "ci": {"wire"},
    "process": set(),
    "cli": {"wire", "net", "core", "ci", "process"},
    "app": {"core", "service", "wire", "api", "stores/memory", "stores/sqlite",
            "stores/dynamodb", "http", "net", "aws", "lambda", "cli"},
}
# Third-party headers by their first path part, where more than the standard library is used.
ENGINES = {
    "core": set(),
    "service": set(),
    "wire": {"boost/json", "boost/json.hpp", "boost/system"},
    "api": {"boost/json", "boost/json.hpp", "boost/system"},
    "stores/memory": set(),
    "stores/sqlite": {"sqlite3.h"},
    "stores/dynamodb": {"boost/json", "boost/json.hpp", "boost/system"},
    "http": {"boost/asio", "boost/beast", "boost/asio.hpp", "boost/beast.hpp", "boost/system",
             "boost/intrusive", "boost/core", "boost/optional", "boost/container"},
    "net": {"boost/asio", "boost/beast", "boost/system", "ares.h", "openssl"},
    "aws": {"boost/json", "boost/json.hpp", "boost/system", "openssl"},
    "lambda": {"boost/json", "boost/json.hpp", "boost/system"},
    "ci": {"boost/json", "boost/json.hpp", "boost/system", "openssl"},
    "process": set(),
    "cli": {"boost/json", "boost/json.hpp", "boost/system", "CLI"},
    "app": {"boost/json", "boost/json.hpp", "boost/system"},
}
THIRD_PARTY = re.compile(r"^(boost/|sqlite3|CLI/|ares|openssl/|spdlog/)")
INCLUDE = re.compile(r'^\s*#\s*include\s+(<([^>]+)>|"([^"]+)")')


def folder_of(path):
    parts = path.relative_to(ROOT / "src").parts
    return "/".join(parts[:2]) if parts[0] == "stores" else parts[0]


def tracked():
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                         cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def engine_of(header):
    parts = header.split("/")
    return "/".join(parts[:2]) if parts[0] == "boost" else parts[0]


def check_includes(path, lines, errors):
    mine = folder_of(path)
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        own, system = match.group(3), match.group(2)
        if own:
            target = ROOT / "src" / own
            if not target.exists():
                errors.append(f"{path.relative_to(ROOT)}:{number}: no such header below src: {own}")
                continue
            theirs = folder_of(target)
            if theirs != mine and theirs not in MAY_USE[mine]:
                errors.append(f"{path.relative_to(ROOT)}:{number}: {mine} may not use {theirs}")
        elif THIRD_PARTY.match(system) and engine_of(system) not in ENGINES[mine]:
            errors.append(f"{path.relative_to(ROOT)}:{number}: {mine} may not use <{system}>")


def check_lines(path, lines, errors):
    for number, line in enumerate(lines, 1):
        if len(line) > 100 and path.suffix in (".cpp", ".hpp"):
            errors.append(f"{path.relative_to(ROOT)}:{number}: {len(line)} columns, 100 are allowed")
        if re.search(r"\b(FIXME|XXX)\b", line) and path.name != "tidy.py":
            errors.append(f"{path.relative_to(ROOT)}:{number}: left-over mark")
    if path.suffix == ".hpp" and "#pragma once" not in lines:
        errors.append(f"{path.relative_to(ROOT)}:1: no #pragma once")


def functions(lines):
    """(first line, length) of each function body: a line that ends in ') {' or alike, to its '}'."""
    start = None
    for number, line in enumerate(lines, 1):
        if start is None and re.match(r"^( {0,4})\S.*\).*\{$", line) and not re.match(r"^\s*(namespace|class|struct)", line):
            start, indent = number, len(line) - len(line.lstrip())
        elif start is not None and line.startswith(" " * indent + "}") and len(line) - len(line.lstrip()) == indent:
            yield start, number - start
            start = None


def check_cmake_lists(files, errors):
    for path in files:
        if path.suffix != ".cpp" or path.relative_to(ROOT).parts[0] not in ("src", "tests"):
            continue
        for folder in path.parents:
            lists = folder / "CMakeLists.txt"
            if lists.exists() and str(path.relative_to(folder)) in lists.read_text().replace("\n", " ").split():
                break
            if lists.exists() and re.search(rf"\b{re.escape(str(path.relative_to(folder)))}\b", lists.read_text()):
                break
            if folder == ROOT:
                errors.append(f"{path.relative_to(ROOT)}:1: in no CMake list")
                break


def check_quick_start(errors):
    """The README shows the tested quick start, word for word, between its two marks."""
    readme = ROOT / "README.md"
    script = ROOT / "tests" / "e2e" / "quickstart.sh"
    if not readme.exists() or not script.exists():
        errors.append("README.md or tests/e2e/quickstart.sh is missing")
        return
    shown = re.search(r"<!-- quickstart -->\n```sh\n(.*?)```\n<!-- /quickstart -->", readme.read_text(), re.S)
    tested = re.search(r"# quickstart begins\n(.*?)# quickstart ends\n", script.read_text(), re.S)
    if not shown or not tested or shown.group(1) != tested.group(1):
        errors.append("README.md: the quick start is not that of tests/e2e/quickstart.sh")


def main():
    errors, warnings = [], []
    files = tracked()
    for path in files:
        if path.suffix not in (".cpp", ".hpp", ".py", ".sh", ".md", ".txt", ".cmake"):
            continue
        lines = path.read_text(errors="replace").splitlines()
        check_lines(path, lines, errors)
        if path.suffix in (".cpp", ".hpp"):
            if path.is_relative_to(ROOT / "src"):
                check_includes(path, lines, errors)
            if len(lines) > 400:
                warnings.append(f"{path.relative_to(ROOT)}:1: {len(lines)} lines, past 400 it wants splitting")
            for start, length in functions(lines):
                if length > 60:
                    warnings.append(f"{path.relative_to(ROOT)}:{start}: a function of {length} lines")
    check_cmake_lists(files, errors)
    check_quick_start(errors)
    for warning in warnings:
        print("warning:", warning)
    for error in errors:
        print(error)
    print(f"tidy: {len(files)} files, {len(errors)} errors, {len(warnings)} warnings")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
