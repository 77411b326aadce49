"""deploy/aws: what `npx osls deploy` gives to CloudFormation, and cloudformation.yml, make the same; what they make is
what the code works on and what it calls; and an original that was deployed is updated in place."""

import hashlib
import json
import re
import zipfile

import pytest
from aws_templates import (FOLDER, PLAIN, ZIP, CloudFormation, Outcome, as_list, package_with_osls, read_template,
                           run_osls, statements_of, validate)
from dynamodb_local import DynamoDbLocal
from dynamodb_calls import DynamoDbCalls
from dynamodb_proxy import DynamoDbProxy
from server import ROOT

NAME = "team"
TABLE = f"bddLockTable-{NAME}"
KEY = "arn:aws:kms:eu-west-2:111122223333:key/11111111-2222-3333-4444-555555555555"
TOPIC = "arn:aws:sns:eu-west-2:111122223333:alarms"
# Of osls: the option, and the plain template's parameter for it.
EVERY_OPTION = {
    "stackName": ("Name", NAME),
    "stage": ("Stage", "live"),
    "expirySeconds": ("ExpirySeconds", "3600"),
    "tables": ("Tables", "existing"),
    "tokenParameter": ("TokenParameter", "teamToken"),
    "tokenKeyArn": ("TokenKeyArn", KEY),
    "reservedConcurrency": ("ReservedConcurrency", "20"),
    "logRetentionDays": ("LogRetentionDays", "14"),
    "alarmTopicArn": ("AlarmTopicArn", TOPIC),
}
CODE = {"CodeBucket": "a-bucket", "CodeKey": "a-key.zip"}
# What only osls makes: where it puts the zip.
ONLY_OSLS = {"ServerlessDeploymentBucket", "ServerlessDeploymentBucketPolicy"}


@pytest.fixture(scope="module", autouse=True)
def zip_to_package():
    """The templates do not look into it; ./dev lambda-zip makes the real one."""
    if not ZIP.exists():
        ZIP.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(ZIP, "w") as made:
            made.writestr("bootstrap", "stands in for the function")


def words_of(options):
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def osls_template(tmp_path_factory, chosen):
    words = words_of({name: EVERY_OPTION[name][1] for name in chosen})
    return package_with_osls(tmp_path_factory.mktemp("osls"), *words)


@pytest.fixture(scope="module")
def plainly_packaged(tmp_path_factory):
    """With nothing but a name, as most will deploy it."""
    return osls_template(tmp_path_factory, ["stackName"])


@pytest.fixture(scope="module")
def fully_packaged(tmp_path_factory):
    return osls_template(tmp_path_factory, list(EVERY_OPTION))


def takes(parameter, value):
    """Whether CloudFormation takes the value for a parameter that is declared so."""
    if "AllowedValues" in parameter:
        return value in parameter["AllowedValues"]
    return re.fullmatch(parameter["AllowedPattern"], value) is not None


def plain_outcome(chosen):
    return Outcome(read_template(PLAIN), {**CODE, **{EVERY_OPTION[name][0]: EVERY_OPTION[name][1] for name in chosen}})


@pytest.fixture(scope="module")
def made(plainly_packaged):
    """The resources of a deployment with nothing but a name; that they are those of both templates is tested first."""
    return Outcome(plainly_packaged).resources


def without_empty(value):
    if isinstance(value, dict):
        return {name: kept for name, part in value.items() if (kept := without_empty(part)) not in ("", {}, [])}
    return [without_empty(part) for part in value] if isinstance(value, list) else value


def comparable(outcome):
    """Less the name of the deployment of the API, which osls makes of the time, where the zip is, and the order in
    which things are made, which a test of its own looks at."""
    resources = {}
    for name, each in outcome.resources.items():
        if name in ONLY_OSLS:
            continue
        each = {key: part for key, part in each.items() if key != "DependsOn"}
        if each["Type"] == "AWS::Lambda::Function":
            each["Properties"] = {key: part for key, part in each["Properties"].items() if key != "Code"}
        resources[re.sub(r"^ApiGatewayDeployment.*", "ApiGatewayDeployment", name)] = without_empty(each)
    return resources


@pytest.mark.parametrize("packaged, chosen", [("plainly_packaged", ["stackName"]), ("fully_packaged", EVERY_OPTION)])
def test_both_templates_make_the_same(packaged, chosen, request):
    by_osls, plain = Outcome(request.getfixturevalue(packaged)), plain_outcome(chosen)
    one, other = comparable(by_osls), comparable(plain)
    assert one.keys() == other.keys()
    for name, resource in one.items():
        assert resource == other[name], name
    assert by_osls.outputs["ServiceEndpoint"] == plain.outputs["ServiceEndpoint"]


def test_amazons_validator_finds_nothing_but_what_is_wrong(fully_packaged, tmp_path):
    by_osls, wrong = tmp_path / "template.json", tmp_path / "wrong.yml"
    by_osls.write_text(json.dumps(fully_packaged))
    wrong.write_text(PLAIN.read_text().replace("DeletionProtectionEnabled: true", "DeletionProtection: true"))
    found = validate([by_osls, PLAIN, wrong], {**CODE, **dict(EVERY_OPTION.values())})
    # osls lists the role among what must be there before, though the function refers to it; a parameter that may be
    # empty is a text, of which CloudFormation makes a number.
    harmless = r"W3005 ApiLambdaFunction|W8003|W9003 ApiLambdaFunction Properties.ReservedConcurrentExecutions"
    by_osls, plain, wrong = ([line for line in lines if not re.search(harmless, line)] for lines in found)
    assert by_osls == plain == []
    assert any("bddLockTable" in line for line in wrong)


def test_every_option_is_known_and_used(tmp_path):
    shown = run_osls(tmp_path, "deploy", "--help").stdout
    used = set(re.findall(r"opt:(\w+)", (FOLDER / "serverless.yml").read_text())) | {"stage"}
    assert used - {"region"} == set(EVERY_OPTION)
    for name in used:
        assert f"--{name} " in shown, name
    assert set(read_template(PLAIN)["Parameters"]) == {each[0] for each in EVERY_OPTION.values()} | set(CODE)


WRONG_VALUES = {
    "tables": ["exising", "Existing", "existing "],
    "stackName": ["x" * 31],
    "stage": ["x" * 15],
    "tokenParameter": ["/team/token", "team/token"],
}


@pytest.mark.parametrize("option, value", [(name, value) for name, values in WRONG_VALUES.items() for value in values])
def test_both_refuse_the_same_values(option, value, tmp_path):
    """A mistyped `existing` above all: to the templates' condition it is no `make`, so the tables would be taken out of
    the deployment."""
    done = run_osls(tmp_path, "package", *words_of({"stackName": NAME, option: value}), "--package",
                    str(tmp_path / "package"))
    assert done.returncode != 0 and f"--{option} {value}: must be " in done.stdout + done.stderr
    assert not (tmp_path / "package").exists()
    assert not takes(read_template(PLAIN)["Parameters"][EVERY_OPTION[option][0]], value)


def test_the_longest_names_fit(tmp_path):
    longest = {"stackName": "n" * 30, "stage": "s" * 14}
    parameters = read_template(PLAIN)["Parameters"]
    for option, value in longest.items():
        assert takes(parameters[EVERY_OPTION[option][0]], value)
    made = Outcome(package_with_osls(tmp_path, *words_of(longest))).resources
    plain = Outcome(read_template(PLAIN), {**CODE, "Name": longest["stackName"], "Stage": longest["stage"]}).resources
    for resources in (made, plain):
        assert len(resources["ApiLambdaFunction"]["Properties"]["FunctionName"]) <= 64, "the most that Lambda takes"


def test_a_mistyped_word_keeps_a_deployment_from_its_stack(tmp_path):
    amazon = CloudFormation("UPDATE_COMPLETE")
    with amazon:
        done = run_osls(tmp_path, "deploy", "--stackName", NAME, "--tables", "exising", **amazon.env)
    assert done.returncode != 0 and set(amazon.actions) <= {"GetCallerIdentity"}


@pytest.mark.parametrize("command", ["remove", "logs", "deploy list"])
def test_every_command_takes_the_name(command, tmp_path):
    assert "--stackName" in run_osls(tmp_path, *command.split(), "--help").stdout


def test_a_wrong_option_is_refused(tmp_path):
    done = run_osls(tmp_path, "package", "--stackname", NAME)
    assert done.returncode != 0 and "stackname" in done.stdout + done.stderr


# What the code makes.


@pytest.fixture(scope="module")
def dynamodb():
    with DynamoDbLocal() as running:
        yield running


def in_any_order(definition):
    """A table's shape: its keys and what is projected, whatever the order of indexes and attributes."""
    def by_name(entries, name):
        return sorted(entries, key=lambda each: each[name])
    return {**{part: by_name(definition.get(part, []), "IndexName")
               for part in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")},
            "AttributeDefinitions": by_name(definition["AttributeDefinitions"], "AttributeName"),
            "KeySchema": definition["KeySchema"], "BillingMode": definition["BillingMode"]}


def tables_of(resources):
    return {each["Properties"]["TableName"]: each["Properties"] for each in resources.values()
            if each["Type"] == "AWS::DynamoDB::Table"}


def test_the_tables_are_those_that_the_code_makes(made, dynamodb):
    with DynamoDbProxy(dynamodb.port) as proxy:
        done = dynamodb.run("create", TABLE, **proxy.env)
    assert done.returncode == 0, done.stderr
    by_code = {sent["TableName"]: sent for operation, sent in proxy.inputs if operation == "CreateTable"}
    in_template = tables_of(made)
    assert by_code.keys() == in_template.keys() == {TABLE, f"{TABLE}-requests"}
    for name, definition in in_template.items():
        assert in_any_order(definition) == in_any_order(by_code[name])
    lives = {sent["TableName"]: sent["TimeToLiveSpecification"] for operation, sent in proxy.inputs
             if operation == "UpdateTimeToLive"}
    assert {name: table["TimeToLiveSpecification"] | {"Enabled": True} for name, table in in_template.items()
            if "TimeToLiveSpecification" in table} == lives
    backed_up = {call.input["TableName"] for call in proxy.calls if call.operation == "UpdateContinuousBackups"}
    assert backed_up == in_template.keys(), "DynamoDB Local has none, but the code asks for it"


def test_the_code_takes_the_tables_of_the_template(made, dynamodb):
    for properties in tables_of(made).values():
        known = {part: properties[part] for part in in_any_order(properties) if part in properties}
        known["TableName"] = f"of-{properties['TableName']}"
        with DynamoDbCalls(dynamodb.port) as calls:
            calls.call("CreateTable", **known)
    checked = dynamodb.run("check", f"of-{TABLE}")
    assert checked.returncode == 0 and "repoIndex" not in checked.stdout, checked.stdout


def test_the_tables_are_made_one_after_the_other(fully_packaged):
    """DynamoDB makes several tables at a time only where no more than one has indexes. What is waited for has the same
    condition as what waits: CloudFormation takes no dependency on what it does not know."""
    for template in (fully_packaged, read_template(PLAIN)):
        first, second = template["Resources"]["bddLockTable"], template["Resources"]["bddLockTableRequests"]
        assert as_list(second["DependsOn"]) == ["bddLockTable"]
        assert first["Condition"] == second["Condition"]


def test_the_tables_outlive_mistakes(made):
    tables = [each for each in made.values() if each["Type"] == "AWS::DynamoDB::Table"]
    assert len(tables) == 2
    for table in tables:
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
        assert table["Properties"]["DeletionProtectionEnabled"] == "true"
        assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": "true"}


def test_existing_tables_are_left_alone(fully_packaged):
    assert tables_of(Outcome(fully_packaged).resources) == {}


@pytest.fixture(scope="module")
def packaged_for_existing_tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("existing")
    package_with_osls(folder, "--stackName", NAME, "--tables", "existing")
    return folder


def deploy_on_existing_tables(folder, amazon, *more):
    with amazon:
        return run_osls(folder, "deploy", "--stackName", NAME, *more, "--package", str(folder / "package"), **amazon.env)


@pytest.mark.parametrize("more", [["--tables", "existing"], []], ids=["told again", "as packaged"])
def test_tables_that_a_deployment_made_are_not_taken_out_of_it(packaged_for_existing_tables, more):
    amazon = CloudFormation("UPDATE_COMPLETE")
    done = deploy_on_existing_tables(packaged_for_existing_tables, amazon, *more)
    assert done.returncode != 0 and "would be lost" in done.stdout + done.stderr
    assert set(amazon.actions) == {"GetCallerIdentity", "DescribeStackResource"}, "nothing was changed"


def test_a_new_deployment_may_use_existing_tables(packaged_for_existing_tables):
    amazon = CloudFormation()
    deploy_on_existing_tables(packaged_for_existing_tables, amazon)
    assert "CreateChangeSet" in amazon.actions, "it went on"


# The function.


def test_the_function_runs_the_zip_at_the_originals_hours(made):
    function = made["ApiLambdaFunction"]["Properties"]
    assert (function["Runtime"], function["Handler"], function["Architectures"]) == (
        "provided.al2023", "bootstrap", ["x86_64"])
    assert "ReservedConcurrentExecutions" not in function
    assert function["Environment"]["Variables"] == {
        "BDD_LOCK_STORE": f"dynamodb:{TABLE}", "EXPIRY_SECONDS": "7200",
        "BDD_LOCK_AUTH_TOKEN_SSM_PARAMETER": "bddLockTableAuthToken"}
    assert made["ApiEventsRuleSchedule1"]["Properties"]["ScheduleExpression"] == "cron(0 1 ? * MON-FRI *)"
    assert made["ApiLogGroup"]["Properties"] == {"LogGroupName": f"/aws/lambda/{function['FunctionName']}",
                                                 "RetentionInDays": "30"}


def test_no_setting_is_one_that_the_program_does_not_know(made):
    documented = (ROOT / "docs" / "cli.md").read_text()
    for name in made["ApiLambdaFunction"]["Properties"]["Environment"]["Variables"]:
        assert f"`{name}`" in documented, name


def test_every_alarm_looks_at_what_is_deployed(made):
    alarms = {name: each["Properties"] for name, each in made.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    assert {(each["Namespace"], each["MetricName"]) for each in alarms.values()} == {
        ("AWS/Lambda", "Errors"), ("AWS/Lambda", "Throttles"), ("AWS/ApiGateway", "5XXError")}
    api = made["ApiGatewayRestApi"]["Properties"]["Name"]
    for each in alarms.values():
        dimensions = {pair["Name"]: pair["Value"] for pair in each["Dimensions"]}
        assert dimensions in ({"FunctionName": "${ApiLambdaFunction}"}, {"ApiName": api, "Stage": "dev"})
        assert "AlarmActions" not in each


def test_alarms_are_sent_where_one_says(fully_packaged):
    alarms = [each["Properties"] for each in Outcome(fully_packaged).resources.values()
              if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert [each["AlarmActions"] for each in alarms] == [[TOPIC]] * 3


def test_the_role_lets_nothing_but_the_function_in_and_opens_nothing_wholesale(made, fully_packaged):
    for role in (made["BddLockRole"], Outcome(fully_packaged).resources["BddLockRole"]):
        [trust] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert "ManagedPolicyArns" not in role["Properties"]
        for statement in statements_of(role):
            assert all("*" not in action for action in as_list(statement["Action"]))
            assert all("*" not in arn.removesuffix(":*") for arn in as_list(statement["Resource"]))


def allowed_beside_dynamodb(resources):
    return {(action, arn.split("${AWS::AccountId}:")[-1]) for statement in statements_of(resources["BddLockRole"])
            for action in as_list(statement["Action"]) for arn in as_list(statement["Resource"])
            if not action.startswith("dynamodb:")}


def test_the_role_reads_the_token_and_writes_the_log(made, fully_packaged):
    log = "log-group:/aws/lambda/bdd-lock-table-team-dev-api:*"
    assert allowed_beside_dynamodb(made) == {
        ("ssm:GetParameter", "parameter/bddLockTableAuthToken"),
        ("logs:CreateLogStream", log), ("logs:PutLogEvents", log)}
    log = log.replace("dev", "live")
    assert allowed_beside_dynamodb(Outcome(fully_packaged).resources) == {
        ("ssm:GetParameter", "parameter/teamToken"), ("kms:Decrypt", KEY),
        ("logs:CreateLogStream", log), ("logs:PutLogEvents", log)}


# The API.


def paths_of(resources):
    """(method, path) of each method."""
    def path(reference):
        name = reference.removeprefix("${").removesuffix("}")
        if name == "ApiGatewayRestApi.RootResourceId":
            return ""
        properties = resources[name]["Properties"]
        return f"{path(properties['ParentId'])}/{properties['PathPart']}"
    return {(each["Properties"]["HttpMethod"], path(each["Properties"]["ResourceId"]) or "/")
            for each in resources.values() if each["Type"] == "AWS::ApiGateway::Method"}


def test_every_path_and_method_gets_to_the_function(made):
    seeds = {("POST", "/create-stack"), ("GET", "/get-available/{repoName}"), ("PUT", "/claim-stack/{stackName}"),
             ("PUT", "/release-stack/{stackName}")}
    rest = {("ANY", path) for _, path in seeds} | {("ANY", "/"), ("ANY", "/{proxy+}")}
    assert paths_of(made) == seeds | rest
    for each in made.values():
        if each["Type"] == "AWS::ApiGateway::Method":
            assert each["Properties"]["AuthorizationType"] == "NONE", "the function checks the token"
            assert each["Properties"]["Integration"]["Type"] == "AWS_PROXY"
            assert "${ApiLambdaFunction.Arn}" in each["Properties"]["Integration"]["Uri"]


def api_of(resources):
    return {name: each["Properties"] for name, each in resources.items()
            if each["Type"] in ("AWS::ApiGateway::Method", "AWS::ApiGateway::Resource")}


def test_the_stage_serves_all_of_it(plainly_packaged):
    """A deployment is a copy of the methods: it must be made after them, and anew when they change."""
    for resources in (Outcome(plainly_packaged).resources, plain_outcome(["stackName"]).resources):
        [(name, deployment)] = [(name, each) for name, each in resources.items()
                                if each["Type"] == "AWS::ApiGateway::Deployment"]
        assert deployment["Properties"]["StageName"] == "dev"
        assert set(deployment["DependsOn"]) == {name for name, each in resources.items()
                                                if each["Type"] == "AWS::ApiGateway::Method"}
    digest = hashlib.sha256(json.dumps(api_of(resources), sort_keys=True).encode()).hexdigest()[:8]
    assert name == f"ApiGatewayDeployment{digest}", "cloudformation.yml: give the deployment this name"


# The original's deployment, as serverless 1.76 made it: of each thing that must stay what it is, what CloudFormation
# cannot change without making another one.
ORIGINAL = {
    "ApiGatewayRestApi": ("AWS::ApiGateway::RestApi", {"Name": f"dev-bdd-lock-table-{NAME}"}),
    "ApiGatewayResourceCreateDashstack": ("AWS::ApiGateway::Resource", {"PathPart": "create-stack"}),
    "ApiGatewayResourceGetDashavailable": ("AWS::ApiGateway::Resource", {"PathPart": "get-available"}),
    "ApiGatewayResourceGetDashavailableReponameVar": ("AWS::ApiGateway::Resource", {"PathPart": "{repoName}"}),
    "ApiGatewayResourceClaimDashstack": ("AWS::ApiGateway::Resource", {"PathPart": "claim-stack"}),
    "ApiGatewayResourceClaimDashstackStacknameVar": ("AWS::ApiGateway::Resource", {"PathPart": "{stackName}"}),
    "ApiGatewayResourceReleaseDashstack": ("AWS::ApiGateway::Resource", {"PathPart": "release-stack"}),
    "ApiGatewayResourceReleaseDashstackStacknameVar": ("AWS::ApiGateway::Resource", {"PathPart": "{stackName}"}),
    "ApiGatewayMethodCreateDashstackPost": ("AWS::ApiGateway::Method", {"HttpMethod": "POST"}),
    "ApiGatewayMethodGetDashavailableReponameVarGet": ("AWS::ApiGateway::Method", {"HttpMethod": "GET"}),
    "ApiGatewayMethodClaimDashstackStacknameVarPut": ("AWS::ApiGateway::Method", {"HttpMethod": "PUT"}),
    "ApiGatewayMethodReleaseDashstackStacknameVarPut": ("AWS::ApiGateway::Method", {"HttpMethod": "PUT"}),
    "bddLockTable": ("AWS::DynamoDB::Table", {
        "TableName": TABLE, "KeySchema": [{"AttributeName": "stackName", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST"}),
}


def test_an_original_is_updated_in_place(made, tmp_path):
    for name, (kind, kept) in ORIGINAL.items():
        assert made[name]["Type"] == kind
        assert made[name]["Properties"].items() >= kept.items(), name
    shown = run_osls(tmp_path, "print", "--stackName", NAME).stdout
    assert f"stackName: bdd-lock-table-{NAME}-dev\n" in shown, "the name of the original's CloudFormation stack"


def test_the_original_table_gets_one_index_and_keeps_its_own(made):
    """CloudFormation adds no more than one index to a table at a time."""
    [seeds, added] = made["bddLockTable"]["Properties"]["GlobalSecondaryIndexes"]
    assert seeds["IndexName"] == "availableByRepoIndex" and seeds["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert added["IndexName"] == "repoIndex"
