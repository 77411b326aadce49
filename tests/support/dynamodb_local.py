"""Amazon's DynamoDB Local for the end-to-end tests. A test that cannot have it fails."""

import http.client
import itertools
import os
import shutil
import subprocess

from dynamodb_calls import DynamoDbCalls
from server import ROOT, binary, clean_environment, free_port, wait_until

SHARED = "BDD_LOCK_TEST_DYNAMODB_PORT"
START_SECONDS = 240  # a busy machine takes its time over Java
_names = itertools.count(1)


class DynamoDbLocal:
    """A context manager: it is stopped at the end. Holds its tables in memory. Where the tests run in several
    processes (pytest -n) it is one for all of them, unless it is to be alone: to start it takes longer than to use it.
    Alone are those who have an index added to a table: among thousands of others' tables that may never end."""

    def __init__(self, alone=False):
        self.alone = alone

    def __enter__(self):
        self.process = None
        if SHARED in os.environ and not self.alone:
            self.port = int(os.environ[SHARED])
        else:
            self.start()
        wait_until(self.answers, START_SECONDS, "the start of DynamoDB Local")
        self.warm_up()
        return self

    def start(self):
        assert shutil.which("java"), "java is missing: tools/install-deps test"
        program = ROOT / "tools" / "dynamodb-local"
        fetched = subprocess.run([program, "--fetch"], capture_output=True, text=True, timeout=600)
        assert fetched.returncode == 0, fetched.stdout + fetched.stderr
        self.port = free_port()
        self.process = subprocess.Popen([program, str(self.port)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def __exit__(self, *_):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def warm_up(self):
        """Its first table takes it many times as long as any other: longer than bdd-lock waits for an answer."""
        with DynamoDbCalls(self.port) as calls:
            calls.http.timeout = START_SECONDS
            calls.call("CreateTable", TableName=f"warm-up-{os.getpid()}-{next(_names)}", BillingMode="PAY_PER_REQUEST",
                       KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                       AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])

    def answers(self):
        assert self.process is None or self.process.poll() is None, "DynamoDB Local ended: try tools/dynamodb-local 8000"
        # Its port is open long before the first request is answered, on a busy machine.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            # The first call of an operation loads what answers it, which takes seconds on a busy machine.
            connection.request("POST", "/", "{}", {
                "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables",
                "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-2/dynamodb/aws4_request, "
                                 "SignedHeaders=host, Signature=none"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def env(self):
        """What leads bdd-lock here."""
        return {"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{self.port}", "AWS_REGION": "eu-west-2",
                "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret-key"}

    def run(self, *words, **env):
        """`bdd-lock dynamodb WORDS`."""
        return subprocess.run([binary(), "dynamodb", *words], capture_output=True, text=True, timeout=60,
                              env=clean_environment(**{**self.env, **env}))

    def new_table(self):
        """The name of a table that `bdd-lock dynamodb create` made."""
        name = f"stacks-{os.getpid()}-{next(_names)}"
        done = self.run("create", name)
        assert done.returncode == 0, done.stdout + done.stderr
        return name


def start_shared(config):
    """For pytest_configure: before the processes are there that the tests run in."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        config.dynamodb_local = DynamoDbLocal()
        config.dynamodb_local.start()
        os.environ[SHARED] = str(config.dynamodb_local.port)


def stop_shared(config):
    """For pytest_unconfigure."""
    if hasattr(config, "dynamodb_local"):
        config.dynamodb_local.__exit__()
        del os.environ[SHARED]
