"""A proxy in front of DynamoDB Local that passes everything on and keeps what was called, with the capacity units that
each call consumed."""

import asyncio
import http.client
import json
import threading

from drop_proxy import read_message

WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem"}


class Call:
    """One call: its operation, its input, its answer's status, and the units it consumed."""

    def __init__(self, operation, text):
        self.operation = operation
        self.input = json.loads(text)
        self.status = 0
        self.units = 0.0

    @property
    def index(self):
        return self.input.get("IndexName", "")

    @property
    def partition(self):
        """What a Query asks for in the second table ("due", "ready", "request#REPO"), or the repo of an index."""
        values = self.input.get("ExpressionAttributeValues", {})
        return next((values[name]["S"] for name in (":pk", ":repo", ":all", ":of") if name in values), "")

    @property
    def is_write(self):
        return self.operation in WRITES

    @property
    def is_of_the_clock(self):
        """Made once a second by each server, or once in ten minutes, whoever calls it."""
        return self.partition in ("due", "ready", "all", "repos")

    def __repr__(self):
        return f"{self.operation} {self.index} {self.partition}"


class CountingProxy:
    """Listens on a loopback port from __enter__ to __exit__."""

    def __init__(self, port):
        self.target = port
        self.calls = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        listening = asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=256)
        self.listener = asyncio.run_coroutine_threadsafe(listening, self.loop).result(10)
        self.port = self.listener.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def end(self):
        self.listener.close()
        mine = asyncio.current_task()
        rest = [task for task in asyncio.all_tasks() if task is not mine]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    @property
    def env(self):
        return {"AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{self.port}"}

    def of_jobs(self, since=0):
        """What was called for clients, and not by the clock, behind the first `since` calls."""
        return [call for call in self.calls[since:] if not call.is_of_the_clock]

    async def serve(self, reader, writer):
        server = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            while True:
                call, request = counted(await read_message(reader))
                self.calls.append(call)
                server[1].write(request)
                answer = await read_message(server[0])
                call.status = int(answer[9:12])
                call.units = units_in(answer)
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # one of the two went away
        finally:
            writer.close()
            server[1].close()


def counted(request):
    """The call, and the request with the wish to be told what it consumes. (DynamoDB Local checks no signature.)"""
    head, text = request.split(b"\r\n\r\n", 1)
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    target = next(line for line in lines if line.lower().startswith(b"x-amz-target:"))
    call = Call(target.rsplit(b".", 1)[1].decode().strip(), text or b"{}")
    if call.is_write or call.operation in ("Query", "Scan", "GetItem", "BatchGetItem"):
        text = json.dumps({**call.input, "ReturnConsumedCapacity": "TOTAL"}).encode()
    return call, b"\r\n".join([*lines, b"Content-Length: %d" % len(text)]) + b"\r\n\r\n" + text


def units_in(answer):
    consumed = json.loads(answer.split(b"\r\n\r\n", 1)[1] or b"{}").get("ConsumedCapacity", [])
    return sum(each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed]))


def call_dynamodb(port, operation, **body):
    """A call by hand, as another program makes it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/", json.dumps(body), {
        "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20200101/eu-west-2/dynamodb/aws4_request, "
                         "SignedHeaders=host, Signature=0"})
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    assert answer.status == 200, document
    return document
