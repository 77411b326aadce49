"""Bytes to and from a server, for requests that http.client would not send."""

import http.client
import socket

from server import PATIENCE_SECONDS


class RawAnswer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class RawConnection:
    """One TCP connection. Answers are read one by one, as they come."""

    def __init__(self, port, timeout=PATIENCE_SECONDS, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.reader = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def read_answer(self, method="GET"):
        """The next answer, or None where the server closed instead."""
        try:
            line = self.reader.readline()
        except ConnectionResetError:
            return None
        if not line:
            return None
        version, status, *_ = line.decode("latin-1").split(None, 2)
        assert version.startswith("HTTP/1."), line
        headers = http.client.parse_headers(self.reader)
        status = int(status)
        body = b"" if method == "HEAD" or status in (204, 304) else self.read_body(headers)
        return RawAnswer(status, dict(headers.items()), body)

    def read_body(self, headers):
        if headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.reader.read(int(headers["Content-Length"]))
        body = b""
        while size := int(self.reader.readline(), 16):
            body += self.reader.read(size)
            self.reader.readline()
        self.reader.readline()
        return body

    def is_closed_by_server(self):
        """Waits for the end of the stream (at most the timeout) and says whether it came."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.reader.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def exchange(port, data, timeout=PATIENCE_SECONDS, method="GET"):
    """Sends the bytes on a new connection and reads one answer (None: it was closed without one)."""
    with RawConnection(port, timeout) as connection:
        try:
            connection.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before it was all sent: the answer may still be there
        return connection.read_answer(method)
