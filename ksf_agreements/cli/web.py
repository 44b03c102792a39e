"""``ksf web``: the web pages of a workspace, on this machine's own address."""

from __future__ import annotations

import logging
import os
import socket

import click

from ksf_agreements.app import App
from ksf_agreements.cli.base import N, command, option, say, session
from ksf_agreements.cli.desk import actor_option
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.text import T

PORT = 8321


class PortTakenError(KsfError):
    """Something else is at the address already."""


@command(
    help=N(
        "Open the workspace in a browser. The pages are for this machine alone: there is no login, and no other "
        "address is served. Stop with Ctrl+C."
    )
)
@option(
    "--port", help=N("Where the pages are served; 0 for any free place."), type=click.IntRange(0, 65535), default=PORT
)
@option("--host", help=N("This machine's own address; no other is accepted."), default="127.0.0.1", metavar=N("HOST"))
@option("--open", "browse", help=N("Open the browser as well."), is_flag=True)
@actor_option
def web(port: int, host: str, browse: bool, actor: str | None) -> None:
    """Serve until somebody stops it."""
    from ksf_agreements.web.access import LOOPBACK  # only this command needs a server
    from ksf_agreements.web.app import create_app
    from ksf_agreements.web.serving import server

    if host not in LOOPBACK:
        raise UsageError(
            T("{host} is not served: without a login the pages are for this machine alone (127.0.0.1).", host=host)
        )
    app = App.open(session().workspace)
    listener = _listener(host, port)
    with listener:
        taken = listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{taken}/"
        logging.basicConfig(level=logging.WARNING, format="%(message)s")
        click.echo(say(T("The pages are at {address}. Stop with Ctrl+C.", address=address)))
        if browse:
            click.launch(address)
        server(create_app(app.workspace.root, taken, actor)).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let two programs have the same address
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # before the address is told: a browser that is quick waits, and is not refused
    except OSError as fault:
        listener.close()
        raise PortTakenError(
            T(
                "Nothing can be served at {host}:{port}. Is it open already? Choose another with --port.",
                host=host,
                port=port,
            )
        ) from fault
    return listener
