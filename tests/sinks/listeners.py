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

    def __init__(self, handler, secure=None, starttls=None):
        self.got = []
        self.script = []
        self.starttls = starttls
        self._secure = secure
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

            def get_request(self):
                found, address = super().get_request()
                secure = listener._secure
                return (
                    secure.wrap_socket(found, server_side=True, do_handshake_on_connect=False) if secure else found
                ), address

        class Handler(socketserver.StreamRequestHandler):
            timeout = WAITED

            def handle(self):
                try:
                    listener._handler(listener, self.rfile, self.wfile, self.connection)
                except (OSError, ValueError):
                    return  # whoever called has gone, or speaks something else

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


class Conversation:
    """One conversation in SMTP."""

    def __init__(self, listener, rfile, wfile, connection):
        self.listener = listener
        self.files = [rfile, wfile]
        self.connection = connection
        self.doing = listener.next()
        self.person = ""

    def say(self, line):
        """Answer a line."""
        self.files[1].write(f"{line}\r\n".encode())

    def hold(self):
        """From hello to goodbye."""
        if self.doing == "hang":
            return hang(self.connection)
        if self.doing == "cut":
            return cut(self.connection)
        self.say("220 here")
        while line := self.files[0].readline().decode().strip():
            known = getattr(self, line.split()[0].lower(), None)
            if known is None:
                self.say("250 ok")
            elif known(line) == "over":
                break
        for file in self.files:
            file.close()
        return self.connection.close()

    def ehlo(self, _):
        """Say what is offered."""
        for line in ("250-here", "250-AUTH PLAIN", "250 STARTTLS" if self.listener.starttls else "250 ok"):
            self.say(line)

    def starttls(self, _):
        """Go on in secret."""
        self.say("220 go on")
        self.connection = self.listener.starttls.wrap_socket(self.connection, server_side=True)
        self.files = [self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)]

    def auth(self, _):
        """Take any password, or none."""
        self.say(self.doing if self.doing == "535 no" else "235 welcome")

    def rcpt(self, line):
        """Take the recipient, or what the script says."""
        self.person = line.split("<")[1].split(">")[0]
        self.say(self.doing if self.doing[:1].isdigit() else "250 ok")

    def data(self, _):
        """Take the letter."""
        self.say("354 go on")
        lines = []
        while (text := self.files[0].readline()) not in {b".\r\n", b""}:
            lines.append(text)
        self.listener.got.append((self.person, b"".join(lines)))
        if self.doing == "cut after":
            cut(self.connection)
            return "over"
        return self.say("250 taken")

    def quit(self, _):
        """Say goodbye."""
        self.say("221 bye")
        return "over"


def smtp(*given):
    """A conversation in SMTP; scripted are ``hang``, ``cut``, ``cut after`` and answers to the recipient."""
    Conversation(*given).hold()


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
def listening(handler, **secure):
    """A listener, as long as it is needed."""
    listener = Listener(handler, **secure)
    try:
        yield listener
    finally:
        listener.stop()
