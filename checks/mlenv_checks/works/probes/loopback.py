"""This machine asked by itself: a server that gives every request the same answer, and a port."""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Answering(object):
    """Serves one JSON document on a free loopback port, as long as the block runs."""

    def __init__(self, document: "dict[str, Any]") -> None:
        self.body = json.dumps(document).encode("utf-8")
        self.asked = []  # type: list[str]

    def __enter__(self) -> "Answering":
        import threading
        from http.server import BaseHTTPRequestHandler, HTTPServer

        ours = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                ours.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(ours.body)))
                self.end_headers()
                self.wfile.write(ours.body)

            def log_message(self, *_: "Any") -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: "Any") -> None:
        self.server.shutdown()
        self.server.server_close()


def reach_itself() -> None:
    """Connect to a port of this machine, as servers and kernels do. Raises OSError."""
    import socket

    listening = socket.socket()
    try:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        socket.create_connection(listening.getsockname(), 5.0).close()
    finally:
        listening.close()
