"""docs/deploy-aws.md: what it names is there, and its figures are those that it says they are."""

import re
import shlex
import subprocess
import sys

import pytest
from aws_templates import FOLDER, PLAIN, Outcome, as_list, read_template, run_osls, statements_of
from server import ROOT, binary

sys.path.insert(0, str(ROOT / "bench"))

import aws_cost  # noqa: E402

PAGE = ROOT / "docs" / "deploy-aws.md"
TEXT = PAGE.read_text()
BLOCKS = re.findall(r"^ *```sh\n(.*?)^ *```$", TEXT, re.M | re.S)
TEMPLATE = read_template(PLAIN)


@pytest.fixture(scope="module")
def resources():
    """As the page calls them: the name is NAME and the stage STAGE."""
    return Outcome(TEMPLATE, {"Name": "NAME", "Stage": "STAGE", "CodeBucket": "b", "CodeKey": "k",
                              "TokenKeyArn": "KEY"}).resources


def commands(program):
    """The words of each call of the program in the page's blocks."""
    for block in BLOCKS:
        for line in re.split(r"\n|&&", block.replace("\\\n", " ")):
            words = shlex.split(line, comments=True)
            if words[:len(program)] == program:
                yield words[len(program):]


def test_every_block_is_one_for_a_shell():
    assert len(BLOCKS) >= 14
    for block in BLOCKS:
        done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (block, done.stderr)


def test_osls_knows_each_command_and_option(tmp_path):
    helps, seen = {}, set()
    text = "\n".join(re.findall(r"npx osls [^`\n]*", TEXT.replace("\\\n", " ")))
    for line in text.splitlines():
        words = re.sub(r"[{}]", "", line.split("&&")[0].rstrip(" ).,")).split()[2:]
        command = " ".join(word for word in words[:2] if re.fullmatch(r"[a-z]+", word))
        if command not in helps:
            helps[command] = run_osls(tmp_path, *command.split(), "--help").stdout
        seen.add(command)
        for option in re.findall(r"--[A-Za-z-]+", line):
            assert f"{option} " in helps[command], (command, option)
    assert seen == {"deploy", "info", "package", "remove", "rollback", "deploy list"}


def test_no_secret_is_on_a_command_line():
    for words in commands(["aws", "ssm", "put-parameter"]):
        assert words[words.index("--value") + 1].startswith("file://")


def test_the_table_of_options_is_complete_and_right():
    rows = {row[1]: row for row in aws_cost.rows_of(TEXT, "`npx osls deploy`") if row[1]}
    parameters = {name: each for name, each in TEMPLATE["Parameters"].items() if not name.startswith("Code")}
    assert rows.keys() == parameters.keys()
    in_serverless = (FOLDER / "serverless.yml").read_text()
    for name, (option, _, default, _) in rows.items():
        assert default == (str(parameters[name]["Default"]) or "none"), name
        assert f"opt:{option.removeprefix('--')}" in in_serverless or option == "--stage"


def test_the_commands_for_those_without_node_fit_the_template():
    deploys = [words for words in commands(["aws", "cloudformation"]) if words[0] == "deploy"]
    first, upgrade = ({word.split("=")[0] for word in words[words.index("--parameter-overrides") + 1:]}
                      for words in deploys)
    needed = {name for name, each in TEMPLATE["Parameters"].items() if "Default" not in each}
    assert needed <= first <= TEMPLATE["Parameters"].keys()
    assert upgrade == {"CodeKey"}
    for words in deploys:
        assert ROOT / words[words.index("--template-file") + 1] == PLAIN
        assert words[words.index("--capabilities") + 1] == "CAPABILITY_IAM", "no resource has an IAM name of its own"
    assert "RoleName" not in PLAIN.read_text()


def test_every_command_of_ours_is_there():
    ours = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True, timeout=60).stdout
    for name in re.findall(r"\./dev ([\w-]+)", TEXT):
        assert f"./dev {name}" in ours, name
    for words in commands(["bdd-lock"]):
        done = subprocess.run([binary(), words[0], "--help"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, words


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)", TEXT):
        if not target.startswith("https://"):
            assert (PAGE.parent / target).exists(), target
    for page, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", TEXT):
        headings = re.findall(r"^#+ (.*)$", (PAGE.parent / page if page else PAGE).read_text(), re.M)
        made = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in made, (page, anchor)


def test_the_permissions_are_those_of_the_role(resources):
    shown = set()
    for actions, where, _ in aws_cost.rows_of(TEXT, "action"):
        service = re.search(r"(\w+):", actions)[1]
        shown |= {f"{service}:{name}" for name in re.findall(r"(?:\w+:)?([A-Z]\w+)", actions.replace("SSM", ""))}
        for name in re.findall(r"`([\w-]+)`", where.replace("NAME", "NAME")):
            assert name in PLAIN.read_text().replace("${Name}", "NAME") or name.startswith("--"), name
    assert shown == {action for statement in statements_of(resources["BddLockRole"])
                     for action in as_list(statement["Action"])}


def test_the_alarms_and_names_are_those_that_are_made(resources):
    shown = {row[0] for row in aws_cost.rows_of(TEXT, "alarm")}
    assert shown == {each["Properties"]["AlarmName"] for each in resources.values()
                     if each["Type"] == "AWS::CloudWatch::Alarm"}
    function = resources["ApiLambdaFunction"]["Properties"]
    for name in (function["FunctionName"], resources["ApiGatewayRestApi"]["Properties"]["Name"],
                 resources["ApiLogGroup"]["Properties"]["LogGroupName"],
                 resources["ApiEventsRuleSchedule1"]["Properties"]["ScheduleExpression"]):
        assert f"`{name}`" in TEXT, name
    assert f"{function['MemorySize']} MB, {function['Timeout']} s" in TEXT
    assert float(function["MemorySize"]) / 1024 == aws_cost.MEMORY_GB


def test_a_job_extends_as_often_as_the_client_does():
    lease = (ROOT / "src" / "cli" / "lease.hpp").read_text()
    assert f"extend_every_longest{{{aws_cost.EXTEND_EVERY_SECONDS}}}" in lease
    assert f"{aws_cost.EXTENSIONS_A_JOB} extensions (it lasts ten minutes and extends each " \
           f"{aws_cost.EXTEND_EVERY_SECONDS} s)" in TEXT
    assert aws_cost.JOB_SECONDS == 600


def test_the_costs_follow_from_the_counts_and_prices():
    assert aws_cost.with_costs(TEXT) == TEXT, "run ./dev aws-cost"
    assert len(re.findall(r"^\| .* \*\*\$", TEXT, re.M)) == 9


def test_the_counts_are_those_that_are_measured():
    shown, measured = aws_cost.counts_of(TEXT), aws_cost.measure()
    assert shown.keys() == measured.keys()
    for name, units in measured.items():
        assert units == pytest.approx(shown[name], rel=0.1, abs=1), f"{name}: run ./dev aws-cost --measure"
