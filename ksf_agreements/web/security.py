"""What stands before every page: the host asked for, the size and speed of what is sent, and the answer's headers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FORM_LIMIT = 2 * 2**20
UPLOAD_LIMIT = 64 * 2**20
"""How much may be sent: in a form, and with files in it, in bytes."""
PATIENCE = 60.0
"""How long may pass before something more of what is sent comes, in seconds."""
DRAINED, DRAINING = 4 * UPLOAD_LIMIT, 10.0
"""What is too large is thrown away up to here, in bytes and seconds: a browser reads no answer while it sends."""

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
_KEPT = {True: "no-cache", False: "no-store"}
"""Static files are kept and asked after at each use; pages tell of people and are not kept."""

Refusal: TypeAlias = Callable[[Request, int], Awaitable[Response]]
Mishap: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]


class TooLargeError(Exception):
    """More was sent than may be."""


class TooSlowError(Exception):
    """Nothing more came, for too long."""


class Guard:
    """Refuses foreign hosts and what is too large or too slow, puts the headers on every answer, and lets no fault out.

    `refused` makes the page of a status; `broken` that of a fault of the program's own.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], refused: Refusal, broken: Mishap) -> None:
        self._app = app
        self._hosts = hosts
        self._refused = refused
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        begun = False

        async def stamped(message: Message) -> None:
            nonlocal begun
            begun = True
            await _with_headers(send, is_static=scope["path"].startswith("/static/"))(message)

        if headers.get("host", "").lower() not in self._hosts:
            # A name that leads here from elsewhere (DNS rebinding): whoever it is, it is not this person's browser.
            refusal = PlainTextResponse("Feil adresse.", 421, {"connection": "close"})
            await refusal(scope, receive, stamped)
            return
        limit = UPLOAD_LIMIT if headers.get("content-type", "").startswith("multipart/form-data") else FORM_LIMIT
        try:
            if (told := headers.get("content-length", "")) and not (told.isascii() and told.isdigit()):
                response = await self._refused(Request(scope), 400)
            elif len(told) > 12 or int(told or 0) > limit:
                raise TooLargeError
            else:
                await self._app(scope, _bounded(receive, limit), stamped)
                return
        except TooLargeError:
            await _drain(receive)
            response = await self._refused(Request(scope), 413)
        except TooSlowError:
            response = await self._refused(Request(scope), 408)
        except ClientDisconnect:
            return
        except Exception as fault:  # no fault may show what is inside, be it on a page or in a log
            response = await self._mended(Request(scope), fault)
        if not begun:  # else the answer breaks off, and the browser sees that
            response.headers["connection"] = "close"  # what else is on its way is no request
            await response(scope, receive, stamped)

    async def _mended(self, request: Request, fault: Exception) -> Response:
        try:
            return await self._broken(request, fault)
        except Exception:  # not even the page that tells of it can be made
            return PlainTextResponse("Noe gikk galt.", 500)


def _bounded(receive: Receive, limit: int) -> Receive:
    """Count what comes while it comes, and wait only so long: the length that was told may be wrong, or missing."""
    taken, is_whole = 0, False

    async def counted() -> Message:
        nonlocal taken, is_whole
        if is_whole:  # what comes now is only that the browser has gone
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), PATIENCE)
        except TimeoutError:
            raise TooSlowError from None
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLargeError
        is_whole = not message.get("more_body", False)
        return message

    return counted


async def _drain(receive: Receive) -> None:
    taken, end = 0, time.monotonic() + DRAINING
    while taken < DRAINED and (left := end - time.monotonic()) > 0:
        try:
            message = await asyncio.wait_for(receive(), left)
        except TimeoutError:
            return
        taken += len(message.get("body", b""))
        if not message.get("more_body", False):
            return


def _with_headers(send: Send, *, is_static: bool) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers["cache-control"] = _KEPT[is_static and message["status"] in {200, 206, 304}]
        await send(message)

    return sent
