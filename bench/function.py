"""The part of the benchmark that is about the Lambda function: what a cold start takes until its first answer, how
much memory it needs, how large the zip is. Lambda's Runtime API and DynamoDB are stand-ins on loopback that answer at
once, so that it is the function's own time; on AWS the network and TLS come on top."""

import contextlib
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time

from bdd_lock_peer import TOKEN, BddLock
from generator import ROOT
from peer import BenchError
from rates import say

EVENT = json.dumps({"version": "2.0", "rawPath": "/v1/stacks/nobody", "rawQueryString": "",
                    "headers": {"authorization": TOKEN}, "requestContext": {"http": {"method": "GET"}}}).encode()


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def handle(self):
        with contextlib.suppress(OSError):  # the function is killed in the end
            super().handle()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class DynamoDb(Answers):
    """Has every table, and nothing in it."""

    def do_POST(self):
        self.body()
        self.reply(200, b"{}")


class Running:
    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class RuntimeApi:
    """Gives `wanted` invocations, and no more."""

    def __init__(self, wanted):
        self.left = wanted
        self.first_at = None
        self.wrong = None
        self.all_done = threading.Event()
        self.answers = 0
        self.wanted = wanted

    def handler(api):
        class Handler(Answers):
            def do_GET(self):
                if api.left == 0:
                    api.all_done.wait()
                    time.sleep(60)  # nothing comes any more: the function is killed meanwhile
                    return
                api.left -= 1
                self.reply(200, EVENT, Lambda_Runtime_Aws_Request_Id=str(api.left),
                           Lambda_Runtime_Deadline_Ms=str(int(time.time() * 1000) + 29_000))

            def do_POST(self):
                at = time.monotonic()
                api.first_at = api.first_at or at
                body = self.body()
                answered = json.loads(body).get("statusCode")
                if not self.path.endswith("/response") or answered != 404:
                    api.wrong = api.wrong or f"{self.path}: {body.decode()}"
                self.reply(202, b"{}")
                api.answers += 1
                if api.answers == api.wanted or api.wrong:
                    api.all_done.set()
        return Handler


def environment(api, dynamodb):
    return {"PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": api, "AWS_ENDPOINT_URL_DYNAMODB": f"http://{dynamodb}",
            "AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench",
            "BDD_LOCK_TABLE_NAME": "bench", "BDD_LOCK_TABLE_AUTH_TOKEN": TOKEN}


def run_once(program, dynamodb, invocations):
    """(seconds from the start to the first answer, resident bytes behind the last)"""
    api = RuntimeApi(invocations)
    with Running(api.handler()) as front:
        begin = time.monotonic()
        process = subprocess.Popen([program], env=environment(front.address, dynamodb.address), close_fds=False,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            if not api.all_done.wait(60) or api.wrong:
                raise BenchError(f"the function: {api.wrong or 'no answer within a minute'}")
            with open(f"/proc/{process.pid}/status") as status:
                resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        finally:
            process.kill()
            process.wait()
    return api.first_at - begin, resident * 1024


def measure_function(bench):
    plan = bench.plan["lambda"]
    say(f"lambda: {plan['runs']} cold starts, {plan['invocations']} invocations each")
    folder = bench.folder / "function"
    folder.mkdir()
    program = folder / "bootstrap"
    shutil.copy(BddLock.binary, program)
    packed = folder / "function.zip"
    subprocess.run([sys.executable, ROOT / "tools" / "lambda-zip", program, packed], check=True,
                   stdout=subprocess.DEVNULL)
    with Running(DynamoDb) as dynamodb:
        runs = [run_once(program, dynamodb, plan["invocations"]) for _ in range(plan["runs"])]
    say("lambda: every answer was right")
    return {"start_ms": statistics.median(took for took, _ in runs) * 1000,
            "resident_bytes": max(resident for _, resident in runs), "zip_bytes": packed.stat().st_size}
