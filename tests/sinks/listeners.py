"""A mail server and a receiver of webhooks on this machine, which fail as they are told, and can be stopped."""

import socket
import socketserver
import threading
from contextlib import contextmanager

WAITED = 5


class Listener:
    """A server on a port of its own; ``script`` holds what it does with the next letters, and then it takes them.

    ``got`` are the letters that it took, in order.
    """

    def __init__(self, handler):
        self.got = []
        self.script = []
        self._handler = handler
        self._server = None
        self.port = 0
        self.start()

    def next(self):
        """What to do with the next letter."""
        return self.script.pop(0) if self.script else "take"

    def start(self):
        """Listen, on the same port as before."""
        listener = self

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        class Handler(socketserver.StreamRequestHandler):
            timeout = WAITED

            def handle(self):
                try:
                    listener._handler(listener, self.rfile, self.wfile, self.connection)
                except OSError:
                    return  # whoever called has gone

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self):
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def hang(connection):
    """Say nothing until the other side has gone."""
    connection.settimeout(WAITED)
    connection.recv(1)


def cut(connection):
    """Break the connection off."""
    connection.shutdown(socket.SHUT_RDWR)


def smtp(listener, rfile, wfile, connection):
    """One conversation in SMTP; scripted are ``hang``, ``cut``, ``cut after`` and answers to the recipient."""
    doing = listener.next()

    def say(line):
        wfile.write(f"{line}\r\n".encode())

    if doing == "hang":
        return hang(connection)
    if doing == "cut":
        return cut(connection)
    say("220 here")
    person = ""
    while line := rfile.readline().decode().strip():
        verb = line.split()[0].upper()
        if verb == "RCPT":
            person = line.split("<")[1].split(">")[0]
            say(doing if doing[:1].isdigit() else "250 ok")
        elif verb == "DATA":
            say("354 go on")
            lines = []
            while (text := rfile.readline()) not in {b".\r\n", b""}:
                lines.append(text)
            listener.got.append((person, b"".join(lines)))
            if doing == "cut after":
                return cut(connection)
            say("250 taken")
        elif verb == "QUIT":
            return say("221 bye")
        else:
            say("250 ok")
    return None


def http(listener, rfile, wfile, connection):
    """One request; scripted are ``hang``, ``cut``, ``cut after`` and statuses, with a redirect to itself."""
    first = rfile.readline().decode().split()
    headers = {}
    while line := rfile.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = rfile.read(int(headers.get("content-length", 0)))
    doing = listener.next()
    if doing == "hang":
        return hang(connection)
    if doing == "cut":
        return cut(connection)
    if doing in {"take", "cut after"}:
        listener.got.append((first[1], headers, body))
    if doing == "cut after":
        return cut(connection)
    status = "204" if doing == "take" else doing
    where = f"Location: http://127.0.0.1:{listener.port}/elsewhere\r\n" if status.startswith("3") else ""
    wfile.write(f"HTTP/1.1 {status} said\r\n{where}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
    return None


@contextmanager
def listening(handler):
    """A listener, as long as it is needed."""
    listener = Listener(handler)
    try:
        yield listener
    finally:
        listener.stop()
