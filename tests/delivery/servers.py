"""Real mail servers on this machine: one that takes what it is given, and others that refuse, break off or are slow."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass
class Mailbox:
    """What a server has taken, and how it is to behave: answers by recipient, and how often each is given."""

    refuse: dict[str, list[str]] = field(default_factory=dict)
    letters: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)
    answer: str = "250 taken"

    def parsed(self) -> list[EmailMessage]:
        return [message_from_bytes(data, policy=default) for _, data in self.letters]  # type: ignore[misc]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        answers = self.refuse.get(address, [])
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append((tuple(envelope.rcpt_tos), envelope.content))
        return self.answer


class _Controller(Controller):
    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # any free one was asked for
        super()._trigger_server()

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(mailbox: Mailbox, tls: Path | None = None, password: str = "") -> Iterator[int]:
    """Run a server on this machine and give its port; with STARTTLS and a login where they are asked for."""
    options: dict[str, Any] = {}
    if tls is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls)
        options |= {"tls_context": context, "require_starttls": True}
    if password:

        def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
            known = isinstance(data, LoginPassword) and data.password == password.encode()
            return AuthResult(success=known)

        options |= {"authenticator": check, "auth_required": True}
    controller = _Controller(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def broken_server(where: str, times: int = 1) -> Iterator[tuple[int, list[bytes]]]:
    """Run a server that breaks ``times`` connections at 'greeting', 'message' or 'end', and takes the mail after that.

    Gives its port and the list of what it has taken.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    taken: list[bytes] = []
    left = [times]

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client:
                    breaks = left[0] > 0
                    left[0] -= 1
                    with suppress(OSError):
                        _talk(client, where if breaks else "", taken)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], taken
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _talk(client: socket.socket, where: str, taken: list[bytes]) -> None:
    if where == "greeting":
        return
    file = client.makefile("rwb")

    def say(line: bytes) -> None:
        file.write(line + b"\r\n")
        file.flush()

    say(b"220 broken.example.no")
    while line := file.readline():
        word = line[:4].upper()
        if word == b"DATA":
            if where == "message":
                # Held back until the end of the connection, so that the other side hears of both at once.
                client.send(b"354 go on\r\n", getattr(socket, "MSG_MORE", 0))
                client.shutdown(socket.SHUT_RDWR)
                file.close()
                return
            say(b"354 go on")
            data = b""
            while (part := file.readline()) != b".\r\n":
                if not part:
                    return
                data += part
            if where == "end":
                return
            taken.append(data)
            say(b"250 taken")
        elif word == b"QUIT":
            say(b"221 bye")
            return
        else:
            say(b"250 OK")
