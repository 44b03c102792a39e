"""Sends mail by SMTP, and knows of each whether it was delivered, was not, or may have been."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from ksf_agreements.delivery.outbox import Outcome, State
from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

_YES, _LATER, _END = 200, 400, 600


class MailError(KsfError):
    """No mail can leave: the server cannot be reached or does not let us in. Nothing was sent."""


class _Server(smtplib.SMTP):
    """Hands a mail over in two steps, so that a connection that breaks before the end is known to have failed."""

    handed_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the mail, and then its end; an error before the end leaves `handed_over` false."""
        self.handed_over = False
        code, answer = self.docmd("data")
        if code != 354:
            raise smtplib.SMTPDataError(code, answer)
        text = msg if isinstance(msg, bytes) else msg.encode("ascii")
        lines = b"\r\n".join(text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
        whole = (b"\r\n" + lines).replace(b"\r\n.", b"\r\n..")[2:]
        self.send(whole if whole.endswith(b"\r\n") else whole + b"\r\n")
        if self._is_gone():
            raise smtplib.SMTPServerDisconnected("the connection broke")
        self.handed_over = True
        self.send(b".\r\n")
        return self._answer()

    def _answer(self) -> tuple[int, bytes]:
        """Return 250 for any yes, or the refusal. Raises, as where the connection broke, for what is neither."""
        try:
            code, answer = self.getreply()
        except smtplib.SMTPResponseException as fault:  # smtplib's own, of a line that is too long
            raise smtplib.SMTPServerDisconnected("no answer that can be read") from fault
        if _YES <= code < _YES + 100:  # RFC 5321 4.3.2: the first figure decides
            return 250, answer
        if not _LATER <= code < _END:
            raise smtplib.SMTPServerDisconnected("no answer that can be read")
        return code, answer

    def _is_gone(self) -> bool:
        """Whether the server has closed: it has nothing to say before the end of the mail."""
        sock = self.sock
        if sock is None:
            return True
        sock.setblocking(False)
        try:
            # TLS has no peek; its read raises 'want read' while nothing has come.
            said = sock.recv(1) if isinstance(sock, ssl.SSLSocket) else sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        finally:
            with suppress(OSError):
                sock.settimeout(self.timeout)
        return not said or isinstance(sock, ssl.SSLSocket)


class _TlsServer(smtplib.SMTP_SSL, _Server):
    """The same over TLS from the first byte."""


@dataclass
class Smtp:
    """Sends by SMTP over one connection, which is made anew when it breaks; temporary refusals are tried again.

    `security` is 'starttls', 'tls' or 'none'; `waits` are the seconds before each further try.
    """

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    waits: tuple[float, ...] = (2.0, 10.0)
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    sleep: Callable[[float], None] = time.sleep
    drafts: bool = False
    _server: _Server | None = None

    def deliver(self, key: str, sender: str, to: str, data: bytes) -> Outcome:  # noqa: ARG002 (the mail has it)
        """Send one mail. Raises `MailError` where the server cannot be reached, or does not let us in."""
        outcome = Outcome(State.FAILED)
        for wait in (0.0, *self.waits):
            if wait:
                self.sleep(wait)
            outcome, again = self._try(sender, to, data)
            if not again:
                break
        return outcome

    def _try(self, sender: str, to: str, data: bytes) -> tuple[Outcome, bool]:
        """Return what became of one try, and whether another may help."""
        server = self._connected()
        server.handed_over = False
        try:
            server.sendmail(sender, [to], data)
        except smtplib.SMTPRecipientsRefused as fault:
            code, answer = next(iter(fault.recipients.values()))
            return _refused(code, answer)
        except smtplib.SMTPResponseException as fault:
            return _refused(fault.smtp_code, fault.smtp_error)
        except (smtplib.SMTPException, OSError):
            state = State.UNCERTAIN if server.handed_over else State.FAILED
            self.close()
            return Outcome(state, T("the connection to the mail server broke")), state is State.FAILED
        return Outcome(State.SENT), False

    def _connected(self) -> _Server:
        if self._server is not None and self._server.sock is not None:  # 421 closes it
            return self._server
        try:
            if self.security == "tls":
                server: _Server = _TlsServer(self.host, self.port, timeout=self.timeout, context=self.context)
            else:
                server = _Server(self.host, self.port, timeout=self.timeout)
            with ExitStack() as undo:
                undo.callback(server.close)
                if self.security == "starttls":
                    server.starttls(context=self.context)
                self._log_in(server)
                undo.pop_all()
        except (smtplib.SMTPException, OSError) as fault:
            text = T(
                "The mail server {host}:{port} cannot be reached safely ({reason}). What is not sent is sent next "
                "time.",
                host=self.host,
                port=self.port,
                reason=type(fault).__name__,
            )
            raise MailError(text) from fault
        self._server = server
        return server

    def _log_in(self, server: _Server) -> None:
        if not self.user:
            return
        try:
            server.login(self.user, self.password)
        except UnicodeEncodeError as fault:
            text = T("The user name or the password of the mail server has letters that smtp cannot carry (æ, ø, å).")
            raise MailError(text) from fault
        except smtplib.SMTPException as fault:  # some servers hang up instead of saying no
            raise MailError(
                T("The mail server does not accept the user name or the password. Nothing was sent. Check [mail].")
            ) from fault

    def close(self) -> None:
        """Say goodbye."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server = None


def _refused(code: int, answer: bytes | str) -> tuple[Outcome, bool]:
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    text = T("the mail server refused it: {code} {answer}", code=code, answer=" ".join(said.split())[:200])
    return Outcome(State.FAILED, text), _LATER <= code < _LATER + 100
