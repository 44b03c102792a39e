"""How the application is served: uvicorn within bounds, telling nothing of itself and logging no addresses."""

from __future__ import annotations

import asyncio

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 20.0
"""How long a request's head may take from the first byte, and a new connection to say anything."""
_HEAD_BYTES = 32 * 1024
_CONNECTIONS = 200
_IDLE_SECONDS = 30
_ENDING_SECONDS = 30


class Punctual(H11Protocol):
    """HTTP that waits for a request's head only so long; uvicorn's own waits for ever."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Wait for the head of the next request from its first byte on."""
        before = self.cycle
        if self._hurry is None and (before is None or before.response_complete):
            self._await_head()
        super().data_received(data)
        if self.cycle is not before and self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        if self._hurry is not None:
            self._hurry.cancel()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._hurry = self.loop.call_later(HEAD_SECONDS, self.transport.close)


def server(app: ASGIApp) -> uvicorn.Server:
    """Return the server of the application; it is run with the sockets to listen on."""
    config = uvicorn.Config(
        app,
        http=Punctual,
        ws="none",
        lifespan="off",
        access_log=False,  # addresses tell of clusters and people
        log_config=None,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=False,  # nothing stands between the browser and us
        h11_max_incomplete_event_size=_HEAD_BYTES,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_ENDING_SECONDS,
    )
    return uvicorn.Server(config)
