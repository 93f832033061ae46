"""A server that answers from memory, so that only clients are measured.

Its URL says which show it serves and how: `/full-10000` has 10,000 tasks and repeats each nested entity in every row
that has it; `/once-10000` gives it in full the first time in a page and as a reference afterwards, as ftrack's server
does. All sizes and both forms are served by one process.
"""

from __future__ import annotations

import json
import socketserver
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])

from speed.replay.replies import Replies

__all__ = ["main"]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    replies: Replies


class _Connection(socketserver.StreamRequestHandler):
    """HTTP/1.1 with keep-alive, and no more of it than a client's POST needs."""

    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client hangs up."""
        while line := self.rfile.readline():
            path = line.split()[1].decode()
            self.connection.sendall(self._reply(path, self.rfile.read(self._body_length())))

    def _body_length(self) -> int:
        length = 0
        while (header := self.rfile.readline()) not in {b"\r\n", b""}:
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return length

    def _reply(self, path: str, body: bytes) -> bytes:
        shape, _, tasks = path.split("/")[1].partition("-")
        answered = (self.server.replies.answer(shape, int(tasks), operation) for operation in json.loads(body))
        answers = b", ".join(answered)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answers) + 2}\r\n\r\n"
        return head.encode() + b"[" + answers + b"]"


def main(most_tasks: int) -> None:
    """Serve shows of so many tasks, on a free loopback port, until ended; the line printed says where."""
    replies = Replies()
    replies.prepare(most_tasks)
    with _Server(("127.0.0.1", 0), _Connection) as server:
        server.replies = replies
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
