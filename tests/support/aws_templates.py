"""Reads CloudFormation's templates, and says what they come to with given parameters.

Only what the templates in deploy/aws use. What CloudFormation knows and we do not (an ARN, the region) stays as
the text that Fn::Sub has for it: "${ApiLambdaFunction.Arn}", "${AWS::Region}".
"""

import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml
from npm_tools import new_node, npm_install
from server import ROOT

FOLDER = ROOT / "deploy" / "aws"
PLAIN = FOLDER / "cloudformation.yml"
ZIP = ROOT / "build" / "lambda" / "bdd-lock-lambda.zip"
SCHEMA_CACHE = ROOT / "build" / "osls"  # it takes seconds to make
_NOTHING = object()


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: !Ref X is {"Ref": "X"}, !Sub X is {"Fn::Sub": "X"}."""


def _long_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    else:
        value = loader.construct_sequence(node, deep=True)
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _long_form)


def read_template(path):
    return yaml.load(path.read_text(), _Loader)


class Outcome:
    """A template with its parameters put in: `resources` and `outputs` by their names."""

    def __init__(self, template, parameters=None):
        declared = template.get("Parameters", {})
        unknown = set(parameters or {}) - set(declared)
        assert not unknown, f"no such parameters: {unknown}"
        self.parameters = {name: each.get("Default") for name, each in declared.items()} | (parameters or {})
        without = [name for name, value in self.parameters.items() if value is None]
        assert not without, f"parameters without a value: {without}"
        self.conditions = template.get("Conditions", {})
        self.resources = self.present(template["Resources"])
        self.outputs = self.present(template.get("Outputs", {}))

    def present(self, section):
        found = {}
        for name, each in section.items():
            condition = each.get("Condition")
            if condition is None or self.holds(condition):
                found[name] = self.value({key: part for key, part in each.items() if key != "Condition"})
        return found

    def holds(self, condition):
        if isinstance(condition, str):
            return self.holds(self.conditions[condition])
        [(function, arguments)] = condition.items()
        if function == "Fn::Not":
            return not self.holds(arguments[0])
        assert function == "Fn::Equals", function
        one, other = (self.value(argument) for argument in arguments)
        return one == other

    def value(self, node):
        if isinstance(node, dict):
            return self.object(node)
        if isinstance(node, list):
            return [part for part in map(self.value, node) if part is not _NOTHING]
        if isinstance(node, bool):
            return str(node).lower()
        return node if node is None else str(node)  # CloudFormation takes "30" for 30

    def object(self, node):
        if len(node) == 1:
            [(name, argument)] = node.items()
            if name == "Ref":
                return self.reference(argument)
            if name.startswith("Fn::"):
                return getattr(self, name.removeprefix("Fn::").lower())(argument)
        parts = {name: self.value(part) for name, part in node.items()}
        return {name: part for name, part in parts.items() if part is not _NOTHING}

    def reference(self, name):
        if name == "AWS::NoValue":
            return _NOTHING
        return str(self.parameters[name]) if name in self.parameters else "${" + name + "}"

    def getatt(self, path):
        return "${" + ".".join(path) + "}"

    def sub(self, text):
        return re.sub(r"\$\{([\w:.]+)\}", lambda found: self.reference(found[1]), text)

    def join(self, arguments):
        separator, parts = arguments
        return separator.join(self.value(part) for part in parts)

    def __getattr__(self, name):
        if name == "if":
            return self.choose
        raise AttributeError(name)

    def choose(self, arguments):
        condition, then, otherwise = arguments
        return self.value(then if self.holds(condition) else otherwise)


def run_osls(folder, *words, **env):
    """`npx osls WORDS` in deploy/aws, with a HOME of its own and nothing that leads to anybody's account."""
    npm_install(FOLDER)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    program = FOLDER / "node_modules" / "osls" / "bin" / "serverless.js"
    return subprocess.run([new_node(), program, *words], cwd=FOLDER, capture_output=True, text=True, timeout=300,
                          env={"PATH": os.environ["PATH"], "HOME": str(home), "CI": "true", "NO_COLOR": "1",
                               "AWS_EC2_METADATA_DISABLED": "true", "SLS_SCHEMA_CACHE_BASE_DIR": str(SCHEMA_CACHE), **env})


class CloudFormation:
    """A stand-in that knows of one resource, or of no stack, and does nothing. A context manager; `actions` are the
    calls that came, those of other services too."""

    def __init__(self, resource_status=None):
        self.actions = []
        self.resource_status = resource_status
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                status, text = stand_in.answer(re.search(r"Action=(\w+)", body)[1])
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, action):
        self.actions.append(action)
        if action == "DescribeStackResource" and self.resource_status:
            return 200, (f"<{action}Response><{action}Result><StackResourceDetail><ResourceStatus>{self.resource_status}"
                         f"</ResourceStatus></StackResourceDetail></{action}Result></{action}Response>")
        return 400, ("<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
                     "<Message>Stack bdd-lock-table-team-dev does not exist</Message></Error></ErrorResponse>")

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def env(self):
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_address[1]}", "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test"}


def package_with_osls(folder, *options):
    """The template that `npx osls deploy` would give to CloudFormation."""
    done = run_osls(folder, "package", "--package", str(folder / "package"), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    made = folder / "package" / "cloudformation-template-update-stack.json"
    return json.loads(made.read_text())


VALIDATE = """
const { CelEngine, TemplateFile } = require("@aws/cloudformation-validate");
const [files, parameterOverrides] = process.argv.slice(1).map(JSON.parse);
const engine = new CelEngine();
const found = files.map((file) => engine.validateStandard(new TemplateFile(file),
  { severityLevel: "WARN", parameterOverrides }).diagnostics.map(
  (d) => [d.severity, d.ruleId, d.entity?.logicalId, d.propertyPath, d.message].join(" ")));
console.log(JSON.stringify(found));
"""


def validate(files, parameters):
    """What Amazon's own validator, with its schemas of all resources, says against each template: lines."""
    npm_install(ROOT / "tests" / "tools")
    words = [json.dumps([str(file) for file in files]), json.dumps(parameters)]
    done = subprocess.run([new_node(), "-e", VALIDATE, *words], cwd=ROOT / "tests" / "tools", capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def statements_of(role):
    """The statements of a role's policies."""
    return [each for policy in role["Properties"]["Policies"] for each in policy["PolicyDocument"]["Statement"]]


def as_list(value):
    return value if isinstance(value, list) else [value]
