"""What stands before every page: the host asked for, the size of what is sent, and the headers of the answer."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_LIMIT = 2 * 2**20
UPLOAD_LIMIT = 64 * 2**20
"""How much may be sent: in a form, and with files in it, in bytes."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class TooLargeError(Exception):
    """More was sent than may be."""


class Guard:
    """Refuses foreign hosts and what is too large, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            # A name that leads here from elsewhere (DNS rebinding): whoever it is, it is not this person's browser.
            await PlainTextResponse("Feil adresse.", 421)(scope, receive, _with_headers(send))
            return
        is_upload = headers.get("content-type", "").startswith("multipart/form-data")
        limit = UPLOAD_LIMIT if is_upload else FORM_LIMIT
        told = headers.get("content-length", "0")
        if not told.isascii() or not told.isdigit() or int(told) > limit:
            await PlainTextResponse("For stort.", 413)(scope, receive, _with_headers(send))
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await _with_headers(send)(message)

        try:
            await self._app(scope, _bounded(receive, limit), watched)
        except TooLargeError:
            if not begun:
                await PlainTextResponse("For stort.", 413)(scope, receive, _with_headers(send))


def _bounded(receive: Receive, limit: int) -> Receive:
    """Count what comes while it comes: the length that was told may be wrong, or missing."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLargeError
        return message

    return counted


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sent
