"""A TCP proxy that loses what a network can lose: the answer, after the server has acted; or the request, before."""

import socket
import struct
import threading

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST at once


class LossyProxy:
    """Forwards to a server's port. `decide()` is asked once for each answer that begins to arrive, from any
    thread: "pass" it on, or "lose" it and break the connection. That an answer arrives proves that the server
    has acted. A context manager."""

    def __init__(self, port, decide=None):
        self.target = port
        self.decide = decide or self.lose_ordered
        self.lock = threading.Lock()
        self.to_lose = 0
        self.lost = 0  # answers, so far
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.open = set()
        self.thread = threading.Thread(target=self.accept, daemon=True)

    def lose_next(self, answers=1):
        with self.lock:
            self.to_lose += answers

    def lose_ordered(self):
        if self.to_lose == 0:
            return "pass"
        self.to_lose -= 1
        return "lose"

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 10)
        except OSError:
            client.close()  # the server is down
            return
        with self.lock:
            self.open |= {client, server}
        up = threading.Thread(target=self.pump_up, args=(client, server), daemon=True)
        up.start()
        self.pump_down(server, client)
        up.join()
        with self.lock:
            self.open -= {client, server}
        client.close()
        server.close()

    def pump_up(self, client, server):
        """What the client sends; its end too, so that the server notices one that goes away."""
        try:
            while data := client.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            self.cut(client, server)

    def pump_down(self, server, client):
        try:
            while data := server.recv(65536):
                # A piece of a longer answer never begins so: the bodies are JSON.
                if data.startswith(b"HTTP/1.1") and self.is_lost():
                    self.cut(client, server)
                    return
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            self.cut(client, server)

    def is_lost(self):
        with self.lock:
            lose = self.decide() == "lose"
            self.lost += lose
            return lose

    @staticmethod
    def cut(client, server):
        """Breaks both connections, so that whoever waits on them learns it."""
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        for end in (client, server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is down already

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            ends = list(self.open)
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
