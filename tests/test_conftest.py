"""The tests' own guard: no test leaves this machine, and every test runs on the same day."""

from __future__ import annotations

import socket
from datetime import date

import pytest

from ksf_agreements import app
from tests.conftest import NetworkError, is_loopback
from tests.factories import TODAY


@pytest.mark.parametrize("host", ["example.no", "93.184.216.34", "::ffff:10.0.0.1", "0.0.0.0", b"example.no"])  # noqa: S104
def test_no_name_is_looked_up_but_this_machines(host: str | bytes) -> None:
    with pytest.raises(NetworkError):
        socket.getaddrinfo(host, 80)


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_no_connection_leaves_this_machine(method: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one, pytest.raises(NetworkError):
        getattr(one, method)(("93.184.216.34", 80))


def test_this_machine_may_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as one,
    ):
        assert one.getpeername() == server.getsockname()
    for host in ("localhost", "127.0.0.1", "::1", None):
        assert is_loopback(host)


def test_it_is_always_the_same_day(today: date) -> None:
    assert app.today() == today == TODAY
