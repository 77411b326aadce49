"""An HTTP server that answers as a test says, for clients that must stand bad servers."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ScriptedServer:
    """`answer(method, path, body, count)` returns (status, headers, text), or None to hang up without an
    answer; count is how many calls of this method and path came before. All calls are kept in `calls`."""

    def __init__(self, answer):
        self.calls = []
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def speak(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                call = (self.command, self.path)
                count = sum(1 for made in scripted.calls if made[:2] == call)
                scripted.calls.append((*call, body, dict(self.headers)))
                answer_now = answer(self.command, self.path, body, count)
                if answer_now is None:
                    self.close_connection = True
                    return
                status, headers, text = answer_now
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_PUT = do_POST = do_DELETE = speak

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)

    def made(self, method, path_begins=""):
        return [call for call in self.calls if call[0] == method and call[1].startswith(path_begins)]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
