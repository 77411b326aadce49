"""A TCP proxy in front of a server that spoils HTTP exchanges at random, by a seed.

A client behind it cannot tell whether its call was taken: that is the point. But what had no answer is over, one way
or the other, as soon as the client sees its connection break: the request was never passed on, or the server has
answered it, or the server is dead.
"""

import asyncio
import random
import re
import threading
from collections import Counter

# What may be done to an exchange, and how often in a thousand.
FATES = {
    "cut before": 15,  # the request is not passed on
    "drop reply": 25,  # the server acts and answers, the client is hung up on
    "cut reply": 15,  # the same in the middle of the reply
    "delay request": 30,
    "delay reply": 30,
}
DELAY_MAX = 0.15  # seconds
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.I)


class DropProxy:
    """Listens on a loopback port from __enter__ to __exit__; `counts` says how often it did what."""

    def __init__(self, port, seed, fates=None, delay_max=DELAY_MAX):
        self.target = port
        self.port = None
        self.rng = random.Random(seed)
        self.fates = FATES if fates is None else fates
        self.delay_max = delay_max
        self.counts = Counter()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

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

    def fate(self, applies=lambda fate: True):
        """None: nothing is done, also where what was drawn does not apply."""
        drawn = self.rng.randrange(1000)
        for fate, share in self.fates.items():
            if drawn < share:
                if not applies(fate):
                    break
                self.counts[fate] += 1
                return fate
            drawn -= share
        self.counts["passed on"] += 1
        return None

    def tamper(self, text):
        """What the client is to get instead of this answer; for a test of somebody who must notice lies."""
        return text

    def exchanges(self, reader, writer):
        return Exchanges(self, reader, writer)

    async def serve(self, reader, writer):
        exchanges = self.exchanges(reader, writer)
        try:
            while await exchanges.one():
                pass
        except (OSError, asyncio.IncompleteReadError):
            self.counts["broken"] += 1  # the client or the server went away in the middle
        finally:
            exchanges.close()


class Exchanges:
    """One connection of a client, and the one to the server that belongs to it."""

    def __init__(self, proxy, reader, writer):
        self.proxy, self.reader, self.writer = proxy, reader, writer
        self.server = None

    async def one(self):
        """Passes one request and its answer on, or spoils it. False: the connections are to be closed."""
        return await self.pass_on(await read_message(self.reader), self.proxy.fate())

    async def pass_on(self, request, fate):
        if fate == "cut before":
            return False
        if fate == "delay request" and await self.client_leaves(asyncio.sleep(self.delay())):
            return False
        if self.server is None:
            self.server = await asyncio.open_connection("127.0.0.1", self.proxy.target)
        self.server[1].write(request)
        answer = asyncio.ensure_future(read_message(self.server[0]))
        if await self.client_leaves(answer):
            return False
        text = self.answered(request, answer.result(), fate)
        if fate == "drop reply":
            return False
        if fate == "delay reply":
            await asyncio.sleep(self.delay())
        if fate == "cut reply":
            text = text[:self.proxy.rng.randrange(1, len(text))]
        await self.answer(text, fate)
        return fate != "cut reply"

    def answered(self, request, text, fate):
        """What becomes of the server's answer."""
        return self.proxy.tamper(text)

    async def answer(self, text, fate=None):
        self.writer.write(text)
        await self.writer.drain()

    async def client_leaves(self, something):
        """Waits for something, or until the client has gone: whether it has."""
        awaited = asyncio.ensure_future(something)
        gone = asyncio.ensure_future(self.reader.read(1))
        done, _ = await asyncio.wait({awaited, gone}, return_when=asyncio.FIRST_COMPLETED)
        if awaited in done:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            return False
        assert not gone.result(), "a client that sends its next request before the answer is not for this proxy"
        awaited.cancel()
        await asyncio.gather(awaited, return_exceptions=True)
        self.proxy.counts["client left"] += 1
        return True

    def delay(self):
        return self.proxy.rng.uniform(0, self.proxy.delay_max)

    def close(self):
        self.writer.close()
        if self.server is not None:
            self.server[1].close()


async def read_message(reader):
    """One HTTP message, whole; of one in chunks, as DynamoDB Local sends large ones, the same with its length in the
    head. Raises IncompleteReadError at the end of the stream."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not CHUNKED.search(head):
        assert b"transfer-encoding" not in head.lower(), head
        length = LENGTH.search(head)
        return head + (await reader.readexactly(int(length.group(1))) if length else b"")
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:size]
    await reader.readuntil(b"\r\n")  # there are no trailers
    return CHUNKED.sub(b"\r\nContent-Length: %d" % len(body), head) + body
