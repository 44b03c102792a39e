"""The server itself, on a socket: limits while it streams, slow and lying clients, two writers at once, its log."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ksf_agreements.web import security, serving
from ksf_agreements.web.security import HEADERS
from tests.cli.register import CLUSTER, NINE
from tests.conftest import start_program
from tests.web.conftest import Server
from tests.web.inside import Inside
from tests.web.states import Shelf, commands

CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
UPLOAD = "multipart/form-data; boundary=grense"
PART = b'--grense\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'


class Wire:
    """A connection on which a test says what no browser would."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port = port
        self._socket = socket.create_connection((host, port), timeout=20)

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def head(self, first: str, *lines: str) -> None:
        """Send a head, with the host."""
        self.say("\r\n".join([first, f"Host: 127.0.0.1:{self.port}", *lines, "", ""]).encode())

    def flood(self, data: bytes, times: int) -> int:
        """Send data many times, for as long as somebody takes it; return how many bytes went."""
        sent = 0
        with contextlib.suppress(OSError):
            for _ in range(times):
                self._socket.sendall(data)
                sent += len(data)
        return sent

    def answer(self) -> tuple[int, str]:
        """Read to the end; return the status (0: the connection was closed without a word) and everything."""
        data = b""
        with contextlib.suppress(ConnectionError), self._socket:
            while more := self._socket.recv(65536):
                data += more
        return int(data[9:12] or 0), data.decode("latin-1")


@pytest.fixture
def inside(workspace: Path) -> Iterator[Inside]:
    with Inside(workspace) as running:
        yield running


def client_of(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.address, timeout=60, follow_redirects=True, trust_env=False)


def test_a_page_is_served_with_its_headers_and_nothing_of_the_server(server: Server) -> None:
    with client_of(server) as client:
        for path in ("/", f"/klynge/{CLUSTER}", "/static/layout.css", "/finnes-ikke"):
            answer = client.get(path)
            for name, value in HEADERS.items():
                assert answer.headers.get_list(name) == [value]
            assert not {"server", "date", "x-powered-by"} & set(answer.headers)


@pytest.mark.parametrize("host", ["localhost", "::1"])
def test_the_other_names_of_this_machine_are_served(host: str, workspace: Path, serve: Callable[..., Server]) -> None:
    server = serve(workspace, "--host", host)
    with client_of(server) as client:
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"host": "example.no"}).status_code == 421


def test_only_this_machines_own_address_listens(server: Server) -> None:
    import psutil

    (listening,) = [one for one in psutil.Process(server.process.pid).net_connections() if one.status == "LISTEN"]
    assert listening.laddr.ip == "127.0.0.1"


def test_a_taken_port_is_told_in_a_sentence(server: Server, workspace: Path) -> None:
    other = start_program("--lang", "en", "-w", workspace, "web", "--port", str(server.port))
    out, err = other.communicate(timeout=60)
    assert other.returncode == 3
    assert (out, "Is it open already?" in err) == ("", True)


HEADS = {
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "no host in HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", 421),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: example.no\r\n\r\n", 400),
    "an address for a path": (b"GET http://example.no/ HTTP/1.1\r\nHost: example.no\r\n\r\n", 421),
    "an address and our host": (
        b"GET http://example.no/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n",
        404,
    ),
    "nonsense": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "a space too many": (b"GET  / HTTP/1.1\r\nHost : 127.0.0.1:PORT\r\n\r\n", 400),
    "a line in a header": (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nX: a\rb\r\n\r\n", 400),
    "a zero in a path": (b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n", 400),
    "a long line": (b"GET /" + b"a" * 200_000, 400),
    "many headers": (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n" + b"X: y\r\n" * 20_000, 400),
    "two lengths": (
        b"POST /sprak HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        400,
    ),
    "an upgrade": (
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n",
        200,
    ),
    "a proxy asked for": (b"CONNECT example.no:443 HTTP/1.1\r\nHost: example.no:443\r\n\r\n", 421),
}


def test_odd_heads_are_refused_and_the_server_goes_on(inside: Inside) -> None:
    for name, (head, status) in HEADS.items():
        wire = Wire(inside.port)
        wire.flood(head.replace(b"PORT", str(inside.port).encode()), 1)
        code, said = wire.answer() if status != 404 else (404, wire.answer()[1])
        assert code in {status, 0}, (name, said[:200])
        assert "Traceback" not in said
    assert httpx.get(f"http://127.0.0.1:{inside.port}/", trust_env=False).status_code == 200


def session(port: int) -> tuple[str, str]:
    answer = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    found = CSRF.search(answer.text)
    assert found
    return f"Cookie: ksf_session={answer.cookies['ksf_session']}", found[1]


def test_what_is_too_large_is_refused_though_no_length_was_told(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "UPLOAD_LIMIT", 3_000_000)
    monkeypatch.setattr(security, "DRAINED", 20_000_000)
    cookie, _ = session(inside.port)
    wire = Wire(inside.port)
    wire.head(
        "POST /sprak HTTP/1.1", cookie, f"Content-Type: {UPLOAD}", "Transfer-Encoding: chunked", "Connection: close"
    )
    wire.say(b"%x\r\n%s\r\n" % (len(PART), PART))
    block = b"x" * 100_000
    assert wire.flood(b"%x\r\n%s\r\n" % (len(block), block), 60) > 3_000_000
    wire.flood(b"0\r\n\r\n", 1)
    code, said = wire.answer()
    assert code == 413
    assert "content-security-policy" in said


def test_what_never_ends_is_cut_off(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "UPLOAD_LIMIT", 3_000_000)
    monkeypatch.setattr(security, "DRAINED", 6_000_000)
    cookie, _ = session(inside.port)
    wire = Wire(inside.port)
    wire.head("POST /sprak HTTP/1.1", cookie, f"Content-Type: {UPLOAD}", "Transfer-Encoding: chunked")
    wire.say(b"%x\r\n%s\r\n" % (len(PART), PART))
    block = b"x" * 100_000
    assert wire.flood(b"%x\r\n%s\r\n" % (len(block), block), 2_000) < 200_000_000
    assert wire.answer()[0] in {413, 0}


def test_a_length_that_is_a_lie_holds_nobody_up(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "PATIENCE", 0.3)
    cookie, token = session(inside.port)
    body = f"csrf={token}&lang=nn".encode()
    more = Wire(inside.port)
    more.head("POST /sprak HTTP/1.1", cookie, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 9000")
    more.say(body)
    code, said = more.answer()
    assert code == 408
    assert "Det tok for lang tid" in said
    less = Wire(inside.port)
    less.head(
        "POST /sprak HTTP/1.1",
        cookie,
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Length: 9",
        "Connection: close",
    )
    less.say(body)
    code, said = less.answer()
    assert code == 403
    assert said.count("HTTP/1.1") == 1  # the rest is no request


def test_a_body_that_trickles_is_given_up(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "PATIENCE", 0.3)
    cookie, _ = session(inside.port)
    wire = Wire(inside.port)
    wire.head("POST /sprak HTTP/1.1", cookie, f"Content-Type: {UPLOAD}", "Content-Length: 5000")
    wire.say(PART)
    assert wire.answer()[0] == 408


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"])
def test_a_head_that_does_not_come_is_not_waited_for(
    said: bytes, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.3)
    wire = Wire(inside.port)
    wire.say(said)
    assert wire.answer() == (0, "")


def test_nor_is_the_head_of_a_second_request(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.3)
    wire = Wire(inside.port)
    wire.head("GET /static/layout.css HTTP/1.1")
    time.sleep(0.5)  # longer than a head may take: this one is complete
    wire.say(b"GET / HT")
    code, told = wire.answer()
    assert (code, told.count("HTTP/1.1")) == (200, 1)


def test_whoever_goes_away_in_the_midst_leaves_nothing(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    cookie, _ = session(inside.port)

    def held() -> list[Path]:
        found = []
        for path in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # others come and go meanwhile
                found.append(path.readlink())
        return [path for path in found if path.is_relative_to(folder)]

    for _ in range(5):
        wire = Wire(inside.port)
        wire.head("POST /sprak HTTP/1.1", cookie, f"Content-Type: {UPLOAD}", "Content-Length: 50000000")
        wire.flood(PART + b"x" * 3_000_000, 1)
        for _ in range(100):  # it is kept while it comes,
            if held():
                break
            time.sleep(0.05)
        assert held()
        wire._socket.close()
    for _ in range(200):  # and gone when nobody sends any more
        if not held():
            break
        time.sleep(0.05)
    assert not held()
    assert not list(folder.iterdir())
    assert httpx.get(f"http://127.0.0.1:{inside.port}/", trust_env=False).status_code == 200


def test_a_crowd_is_turned_away_in_part_and_the_server_lives(inside: Inside) -> None:
    crowd = [Wire(inside.port) for _ in range(250)]
    assert httpx.get(f"http://127.0.0.1:{inside.port}/", trust_env=False).status_code == 503
    for one in crowd:
        one._socket.close()
    for _ in range(100):
        if httpx.get(f"http://127.0.0.1:{inside.port}/", trust_env=False).status_code == 200:
            return
        time.sleep(0.05)
    raise AssertionError("the server does not come back")


def test_the_log_names_nobody(shelf: Shelf, tmp_path: Path, serve: Callable[..., Server]) -> None:
    server = serve(shelf.copy("in force", tmp_path / "workspace"))
    with client_of(server) as client:
        found = CSRF.search(client.get("/", params={"sok": "Hemmelig Navn"}).text)
        assert found
        client.get(f"/klynge/{CLUSTER}")
        client.get("/klynge/hemmelig-navn")
        client.post("/sprak", data={"csrf": found[1], "lang": "nn", "back": "/hemmelig"})
        client.post("/sprak", data={"csrf": "hemmelig"})
    wire = Wire(server.port)
    wire.say(b"hemmelig\r\n\r\n")
    wire.answer()
    server.process.terminate()
    out, err = server.process.communicate(timeout=30)
    assert not re.search(r"hemmelig|navn|127\.0\.0\.1|klynge", err, re.IGNORECASE)
    assert out == ""


def test_browser_and_commands_write_at_once_and_nothing_is_lost(
    shelf: Shelf, tmp_path: Path, serve: Callable[..., Server]
) -> None:
    """Commands sign for one party after the other while two tabs look and write: the journal has everything, once."""
    workspace = shelf.copy("issued", tmp_path / "workspace")
    server = serve(workspace)
    faults: list[str] = []

    def looking(number: int) -> None:
        with client_of(server) as client:
            for _ in range(15):
                answer = client.get("/" if number else f"/klynge/{CLUSTER}")
                if answer.status_code != 200:
                    faults.append(f"{answer.status_code} {answer.text[:500]}")

    threads = [threading.Thread(target=looking, args=[number]) for number in (0, 1)]
    for one in threads:
        one.start()
    running = [
        start_program(
            "-w", workspace, "sign", CLUSTER, "--party", party, "--on", "2026-02-03", "--name", "Anne Eksempel"
        )
        for party in NINE
    ]
    for one in running:
        _, err = one.communicate(timeout=120)
        assert one.returncode == 0, err
    for thread in threads:
        thread.join(120)
    assert not faults
    ksf = commands(workspace)
    assert ksf.status()["status"] == "in_force"
    assert json.loads(ksf("log", CLUSTER, "--format", "json").out) is not None
    with client_of(server) as client:
        assert "I kraft" in client.get(f"/klynge/{CLUSTER}").text
