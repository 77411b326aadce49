"""docs/api.md: every command in it runs as it stands, in order, and answers what it says there."""

import json
import re
import subprocess

import pytest
from lending import kinds, status
from server import ROOT, TOKEN, Server, clean_environment, wait_until

PAGE = ROOT / "docs" / "api.md"


def blocks():
    """(language, text) of each fenced block, in order."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


def without_exports(text):
    """The page's first block sets what the test sets for its own server."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("export "))


def same_shape(shown, got, where=""):
    """The same names; a page may show a value where a new server has null."""
    if isinstance(shown, dict) and isinstance(got, dict) and not re.search("labels|attributes|holder", where):
        assert shown.keys() == got.keys(), where
        for key in shown:
            same_shape(shown[key], got[key], f"{where}.{key}")
    elif isinstance(shown, list):
        for one, other in zip(shown, got, strict=True):
            same_shape(one, other, where + "[]")
    else:
        assert got is None or type(shown) is type(got) or shown is None, (where, shown, got)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """One shell for the whole page, as a reader has it; (the page's blocks, what each printed, the server)"""
    folder = tmp_path_factory.mktemp("docs")
    marker = "--- the end of a block ---"
    found = [(language, text) for language, text in blocks() if language == "sh"]
    # -f: an answer that is an error ends the script, and the test.
    script = f"\necho; echo '{marker}'\n".join(without_exports(text) for _, text in found)
    with Server() as server:
        env = clean_environment(BDD_LOCK_ENDPOINT=server.endpoint, BDD_LOCK_AUTH_TOKEN=TOKEN)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script.replace("curl -s ", "curl -sf ")], cwd=folder,
                              env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (done.stdout, done.stderr)
        yield [text for _, text in found], done.stdout.split(f"\n{marker}\n"), server


def test_every_command_of_the_page_works(session):
    texts, printed, _ = session
    assert len(texts) == len(printed) >= 12
    assert sum(text.count("curl ") for text in texts) >= 15


def test_the_answers_are_those_of_the_page(session):
    texts, printed, _ = session
    pairs = re.findall(r"^```sh\n((?:(?!```).)*)^```\n```(\w*)\n((?:(?!```).)*)^```$", PAGE.read_text(), re.M | re.S)
    for text, language, shown in pairs:
        got = printed[texts.index(text)].strip()
        if language == "json":
            assert got == shown.strip()  # the seed's, byte for byte
        else:
            same_shape(json.loads(shown), json.loads(got))
    assert len(pairs) >= 5


def test_what_they_did_is_in_the_table(session):
    _, _, server = session
    assert kinds(server, "testStack2192")[:3] == ["created", "claimed", "released"]
    assert kinds(server, "testStack3244")[:3] == ["created", "claimed", "released"]
    wait_until(lambda: status(server, "build-4711", "paymentService") == "ended", 10, "the end of the request")


def test_every_code_of_the_page_is_one_of_the_api_and_the_other_way_round(session):
    _, _, server = session
    document = server.call("GET", "/openapi.json").json()
    codes = set(document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    section = PAGE.read_text().split("## Errors and codes")[1].split("## Limits")[0]
    shown = set(re.findall(r"^\| \d{3} \| `(\w+)` \|", section, re.M))
    assert shown == codes


def test_every_endpoint_is_on_the_page(session):
    _, _, server = session
    text = PAGE.read_text().replace("`", "")
    for path, methods in server.call("GET", "/openapi.json").json()["paths"].items():
        for method in methods:
            if method != "parameters":
                assert re.search(rf"{method.upper()} {re.escape(path)}(?![\w/{{])", text), (method, path)
