"""The real server in a thread of this process, where a test can change what it stands on."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Self

from ksf_agreements.web import serving
from ksf_agreements.web.app import create_app


class Inside:
    """A server of a workspace, for the length of a `with`; `has_designsystem` as if `make web` had been run, or not."""

    def __init__(self, workspace: Path, *, has_designsystem: bool = False) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        app = create_app(workspace, self.port)
        app.state.office.pages.environment.globals["has_designsystem"] = has_designsystem
        self._server = serving.server(app)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(20)
        self._listener.close()
        assert not self._thread.is_alive()
