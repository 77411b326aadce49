"""docs/taking-over.md: its commands run as they stand, in order, on a table that is made as the original makes it,
beside a stand-in of the original's functions, and answer what the page says."""

import json
import os
import re
import signal
import subprocess

import pytest
from amazon import Amazon
from dynamodb_calls import DynamoDbCalls
from original import Original
from scripted_server import ScriptedServer
from server import ROOT, TOKEN, assert_no_secret, binary, clean_environment, free_port

PAGE = (ROOT / "docs" / "taking-over.md").read_text()
TABLE = "bddLockTable-ci"
MARKER = "--- the end of a block ---"
BLOCK = re.compile(r"^```sh\n(.*?)^```$(?:\n+^```\n(.*?)^```$)?", re.M | re.S)
PROVISIONED = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


def make_table(port, provisioned):
    """As the original's serverless.yml describes it."""
    capacity = {"ProvisionedThroughput": PROVISIONED} if provisioned else {}
    billing = {"BillingMode": "PROVISIONED" if provisioned else "PAY_PER_REQUEST", **capacity}
    with DynamoDbCalls(port) as calls:
        calls.call("CreateTable", TableName=TABLE, **billing,
                   AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"}
                                         for name in ("stackName", "repoName", "isAvailable")],
                   KeySchema=[{"AttributeName": "stackName", "KeyType": "HASH"}],
                   GlobalSecondaryIndexes=[{
                       "IndexName": "availableByRepoIndex", **capacity,
                       "KeySchema": [{"AttributeName": "repoName", "KeyType": "HASH"},
                                     {"AttributeName": "isAvailable", "KeyType": "RANGE"}],
                       "Projection": {"ProjectionType": "KEYS_ONLY"}}])


def original_functions(port):
    """The original's gateway before its functions."""
    done = {"claim": "Successfully claimed stack", "release": "Successfully releaseed stack"}

    def answer(method, path, body, _):
        with Original(port, TABLE) as functions:
            _, what, name = path.split("/")
            if what == "get-available":
                results = [{"stackName": stack, "isAvailable": "x", "repoName": name}
                           for stack in functions.available(name)]
                return 200, {}, json.dumps({"info": "Successfully queried", "results": results})
            what = what.removesuffix("-stack")
            if getattr(functions, what)(name):
                return 200, {}, json.dumps({"info": done[what]})
            return 400, {}, json.dumps({"error": "Transaction Cancelled"})

    return ScriptedServer(answer)


def run_page(env, folder):
    """What each block of the page printed, beside what the page says."""
    blocks = BLOCK.findall(PAGE)
    script = "".join(f"{text}\necho '{MARKER}'\n" for text, _ in blocks)
    with subprocess.Popen(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as shell:
        try:
            out, err = shell.communicate(timeout=120)
        finally:
            if shell.poll() != 0:
                os.killpg(shell.pid, signal.SIGKILL)  # the server that the page started, too
    assert shell.returncode == 0, (out, err)
    assert_no_secret(out + err, "what the page's commands print")
    printed = out.split(f"{MARKER}\n")[:-1]
    assert len(printed) == len(blocks) >= 8
    return [(said, shown) for said, (_, shown) in zip(printed, blocks, strict=True)]


@pytest.mark.parametrize("provisioned", [False, True], ids=["on demand", "provisioned"])
def test_the_commands_of_the_page_take_over_and_go_back(dynamodb_alone, tmp_path, provisioned):
    make_table(dynamodb_alone.port, provisioned)
    with Original(dynamodb_alone.port, TABLE) as functions:
        assert functions.create("testStack2192", "paymentService")
    with Amazon() as amazon, original_functions(dynamodb_alone.port) as original:
        amazon.parameters["bddLockTableAuthToken"] = ("SecureString", TOKEN)
        env = clean_environment(**amazon.env, LISTEN=f"127.0.0.1:{free_port()}", ORIGINAL=original.endpoint,
                                AWS_ENDPOINT_URL_DYNAMODB=dynamodb_alone.env["AWS_ENDPOINT_URL_DYNAMODB"],
                                BDD_LOCK_AUTH_TOKEN=TOKEN, HOME=str(tmp_path),
                                PATH=f"{binary().parent}:{os.environ['PATH']}")
        said = run_page(env, tmp_path)
    shown = [(got, wanted) for got, wanted in said if wanted]
    assert len(shown) == 4
    for got, wanted in shown:
        assert got == wanted
    assert f"there is no table {TABLE}-requests" in said[1][0] and "repoIndex" in said[1][0]
    assert "added the index repoIndex" in said[2][0]


def test_the_page_shows_no_command_that_is_not_run_but_those_of_aws_and_the_original():
    untested = re.findall(r"^```console\n(.*?)^```$", PAGE, re.M | re.S)
    commands = [line for block in untested for line in block.splitlines() if line.startswith("$ ")]
    assert commands and all(re.match(r"\$ (aws|yarn sls) ", line) for line in commands)
