"""What stands between a client and a server: a front end that speaks TLS, and a forward proxy."""

import base64
import contextlib
import select
import socket
import ssl
import threading


def pump(one, other):
    """All bytes of either side go to the other, until one of them ends."""
    with contextlib.suppress(OSError):
        while True:
            waiting = [s for s in (one, other) if getattr(s, "pending", int)() > 0]
            for source in waiting or select.select([one, other], [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                (other if source is one else one).sendall(data)


class Listener:
    """Calls `serve(connection)` for each connection, on a thread of its own. A context manager."""

    def __init__(self, serve):
        self.serve = serve
        self.connections = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.open = set()
        self.thread = threading.Thread(target=self.accept)

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            self.open.add(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.work, args=(connection,), daemon=True).start()

    def work(self, connection):
        with contextlib.suppress(OSError), connection:
            self.serve(connection)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def tls_front(certificate, port, versions=None):
    """HTTPS in front of the plain server at that port, as a reverse proxy would be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.pem, certificate.key)
    if versions:
        context.minimum_version, context.maximum_version = versions

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as secure, \
                socket.create_connection(("127.0.0.1", port)) as behind:
            pump(secure, behind)

    return Listener(serve)


class Proxy(Listener):
    """A forward proxy: tunnels by CONNECT and whole URLs. It knows the hosts in `hosts` (name to loopback
    port) and no others. `user`: "name:password" that it wants. `answer`: what it answers instead, in bytes;
    b"" hangs. What it was asked, first line and headers, is in `asked`."""

    def __init__(self, hosts, user=None, answer=None):
        self.hosts = hosts
        self.user = user
        self.answer = answer
        self.asked = []
        super().__init__(self.serve_proxy)

    def serve_proxy(self, connection):
        while True:
            head = b""
            while b"\r\n\r\n" not in head:
                data = connection.recv(65536)
                if not data:
                    return
                head += data
            self.asked.append(head.decode())
            if self.answer == b"":
                connection.recv(1)  # until the client gives up
                return
            method, target, _ = head.decode().split(" ", 2)
            wanted = self.answer or self.objection(head.decode(), method, target)
            if wanted:
                connection.sendall(wanted)
                return
            if method == "CONNECT":
                with socket.create_connection(("127.0.0.1", self.hosts[target])) as behind:
                    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    pump(connection, behind)
                return
            host, path = target.removeprefix("http://").split("/", 1)
            # One request a connection, or the next one's URL would have to be cut short too.
            head = head.replace(target.encode(), b"/" + path.encode(), 1)
            head = head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
            with socket.create_connection(("127.0.0.1", self.hosts[host])) as behind:
                behind.sendall(head)
                pump(connection, behind)
            return

    def objection(self, head, method, target):
        if self.user and f"Proxy-Authorization: Basic {base64.b64encode(self.user.encode()).decode()}\r\n" not in head:
            return b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n" \
                   b"Content-Length: 0\r\n\r\n"
        host = target if method == "CONNECT" else target.removeprefix("http://").split("/", 1)[0]
        if host not in self.hosts:
            return b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>"
        return None
