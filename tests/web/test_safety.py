"""Foreign forms, foreign hosts, headers, cookies, paths and faults: what a hostile page or file could try."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ksf_agreements.services.following import overview
from ksf_agreements.web import security
from ksf_agreements.web.access import Access
from ksf_agreements.web.app import create_app
from ksf_agreements.web.pages import STATIC, TEMPLATES
from ksf_agreements.web.security import HEADERS
from tests.cli.register import CLUSTER
from tests.conftest import Ran
from tests.web.browser import BASE, PORT, Browser
from tests.web.designsystem import leads_out
from tests.web.routes import WAYS, addresses
from tests.web.states import Shelf

POSTS = [addresses(way)[0] for way in WAYS if "POST" in way.methods]
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def contents(workspace: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in workspace.rglob("*") if path.is_file()}


@pytest.fixture
def running(shelf: Shelf, tmp_path: Path) -> Browser:
    """A browser at an agreement in force."""
    return Browser(create_app(shelf.copy("in force", tmp_path / "workspace"), PORT))


@pytest.mark.parametrize("address", POSTS)
def test_a_form_that_is_not_our_own_changes_nothing(address: str, running: Browser, tmp_path: Path) -> None:
    running.get("/")
    own = running.csrf
    stranger = running.another()
    elsewhere = Browser(create_app(tmp_path / "workspace", PORT))
    before = contents(tmp_path / "workspace")
    wrong: list[tuple[str, dict[str, str]]] = [
        ("", {}),
        ("0" * 128, {}),
        ("xyz", {}),
        ("æøå", {}),
        (own[:-2], {}),
        (own[:-1] + ("0" if own[-1] != "0" else "1"), {}),
        (stranger.csrf, {}),
        (elsewhere.csrf, {}),
        (own, {"origin": "https://example.no"}),
        (own, {"origin": "null"}),
        (own, {"origin": "http://127.0.0.1:9999"}),
        (own, {"sec-fetch-site": "cross-site"}),
        (own, {"sec-fetch-site": "same-site"}),
    ]
    for token, headers in wrong:
        answer = running.client.post(address, data={"csrf": token}, headers=headers, follow_redirects=False)
        assert answer.status_code == 403, (token, headers)
        multipart = running.client.post(address, data={"csrf": token}, files={"file": b"x"}, headers=headers)
        assert multipart.status_code == 403, (token, headers)
    bare = running.another()
    for token in (own, stranger.csrf, Access().token("")):
        bare.client.cookies.clear()
        assert bare.client.post(address, data={"csrf": token}).status_code == 403
        bare.client.cookies.clear()
        bare.client.cookies.set("ksf_session", "")
        assert bare.client.post(address, data={"csrf": token}).status_code == 403
    assert running.client.post(address).status_code == 403
    assert contents(tmp_path / "workspace") == before


def test_a_form_of_our_own_is_taken_from_any_tab_and_origin_of_ours(browser: Browser) -> None:
    browser.get("/")
    for headers in ({}, {"origin": BASE}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}):
        answer = browser.client.post(
            "/sprak", data={"csrf": browser.csrf, "lang": "nn"}, headers=headers, follow_redirects=False
        )
        assert answer.status_code == 303, headers


def test_a_token_of_a_page_of_error_belongs_to_its_browser(browser: Browser) -> None:
    answer = browser.client.get("/finnes-ikke")
    found = CSRF.search(answer.text)
    assert answer.status_code == 404
    assert found
    assert browser.client.post("/sprak", data={"csrf": found[1], "lang": "nn"}).status_code == 200
    assert browser.another().client.post("/sprak", data={"csrf": found[1], "lang": "nn"}).status_code == 403


def test_a_token_is_another_at_each_showing(browser: Browser) -> None:
    assert len({CSRF.findall(browser.get("/").text)[0] for _ in range(5)}) == 5


def test_a_form_from_before_a_restart_is_told_and_not_taken(browser: Browser) -> None:
    browser.get("/")
    page = browser.another().post("/sprak", csrf=browser.csrf, lang="nn")
    assert page.status == 403
    assert "Ingenting er endret" in page.words


FAULTS = {
    "page": ("GET", "/", {}, 200),
    "cluster": ("GET", f"/klynge/{CLUSTER}", {}, 200),
    "static": ("GET", "/static/layout.css", {}, 200),
    "missing": ("GET", "/finnes-ikke", {}, 404),
    "missing static": ("GET", "/static/finnes-ikke.css", {}, 404),
    "no cluster": ("GET", "/klynge/finnes-ikke", {}, 404),
    "method": ("PUT", "/", {}, 405),
    "static method": ("POST", "/static/layout.css", {}, 405),
    "foreign form": ("POST", "/sprak", {}, 403),
    "foreign site": ("POST", "/sprak", {"sec-fetch-site": "cross-site"}, 403),
    "length": ("POST", "/sprak", {"content-length": "99999999999"}, 413),
    "huge length": ("POST", "/sprak", {"content-length": "9" * 5000}, 413),
    "no length": ("POST", "/sprak", {"content-length": "-1"}, 400),
    "odd length": ("POST", "/sprak", {"content-length": "²"}, 400),
    "host": ("GET", "/", {"host": "example.no"}, 421),
    "static host": ("GET", "/static/layout.css", {"host": "example.no"}, 421),
}


@pytest.mark.parametrize("case", FAULTS)
def test_every_answer_has_the_headers(case: str, browser: Browser) -> None:
    method, address, headers, status = FAULTS[case]
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = browser.client.request(method, address, headers=encoded)  # type: ignore[arg-type]
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers.get_list(name) == [value]
    is_static = address.startswith("/static/") and status == 200
    assert answer.headers["cache-control"] == ("no-cache" if is_static else "no-store")
    assert "server" not in answer.headers


def test_a_fault_of_the_program_tells_nothing_of_its_inside(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Anne Eksempel /hemmelig/sti")

    browser.may_break = True
    monkeypatch.setattr(overview, "rows", broken)
    page = browser.get("/")
    assert page.status == 500
    assert "Feilen er programmets" in page.words
    for name, value in HEADERS.items():
        assert page.headers[name] == value
    told = [record.getMessage() for record in caplog.records if record.levelname != "DEBUG"]
    assert len([line for line in told if re.fullmatch(r"GET RuntimeError at test_safety.py:\d+", line)]) == 1
    for secret in ("Anne", "hemmelig", "RuntimeError", "Traceback", ".py"):
        assert secret not in page.text
    assert not any("Anne" in line or "hemmelig" in line for line in told)


def test_a_fault_in_the_page_that_tells_of_faults_is_told_all_the_same(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Anne Eksempel")

    browser.may_break = True
    monkeypatch.setattr("ksf_agreements.web.pages.Pages.response", broken)
    page = browser.get("/")
    assert (page.status, page.text) == (500, "Noe gikk galt.")
    assert page.headers["content-security-policy"] == HEADERS["content-security-policy"]


HOSTS = {
    "127.0.0.1:8321": 200,
    "localhost:8321": 200,
    "LocalHost:8321": 200,
    "[::1]:8321": 200,
    "127.0.0.1": 421,
    "127.0.0.1:80": 421,
    "127.0.0.1:8322": 421,
    "localhost": 421,
    "[::1]": 421,
    "::1:8321": 421,
    "0.0.0.0:8321": 421,
    "127.0.0.2:8321": 421,
    "[::ffff:127.0.0.1]:8321": 421,
    "localhost.:8321": 421,
    "127.0.0.1.example.no:8321": 421,
    "example.no": 421,
    "example.no:8321": 421,
    "127.0.0.1:8321.example.no": 421,
    "127.0.0.1:8321@example.no": 421,
    "user@127.0.0.1:8321": 421,
    "": 421,
}


@pytest.mark.parametrize("host", HOSTS)
def test_the_host_asked_for_must_be_this_machines_own(host: str, browser: Browser) -> None:
    assert browser.client.get("/", headers={"host": host}).status_code == HOSTS[host]


def test_the_name_that_a_proxy_would_tell_counts_for_nothing(browser: Browser) -> None:
    headers = {"host": "example.no", "x-forwarded-host": "127.0.0.1:8321", "forwarded": "host=127.0.0.1:8321"}
    assert browser.client.get("/", headers=headers).status_code == 421


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.no", "127.0.0.1.example.no", ""])  # noqa: S104
def test_no_other_address_is_served(host: str, workspace: Path, ksf: Callable[..., Ran]) -> None:
    ran = ksf("--lang", "en", "-w", workspace, "web", "--port", "0", "--host", host)
    assert ran.code == 2
    assert "is not served" in ran.err


INLINE = re.compile(
    r"""<style|<script(?![^>]*\ssrc="/static/)|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<base|http-equiv""", re.IGNORECASE
)


@pytest.mark.parametrize("template", sorted(path.name for path in TEMPLATES.rglob("*.html")))
def test_no_template_has_script_or_style_in_it(template: str) -> None:
    (path,) = TEMPLATES.rglob(template)
    text = path.read_text(encoding="utf-8")
    assert not INLINE.findall(text)
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text


@pytest.mark.parametrize("script", sorted(path.name for path in STATIC.glob("*.js")))
def test_no_script_of_ours_makes_pages_of_text_or_asks_elsewhere(script: str) -> None:
    text = (STATIC / script).read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|https?:", text)
    assert '"use strict"' in text


def test_every_form_that_is_posted_has_the_token() -> None:
    for path in TEMPLATES.rglob("*.html"):
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL):
            if re.search(r'method="post"', form, re.IGNORECASE):
                assert 'name="csrf"' in form, f"{path.name}: {form[:200]}"


@pytest.mark.parametrize("path", sorted(path.name for path in STATIC.rglob("*.css")))
def test_no_style_leads_out(path: str) -> None:
    (file,) = STATIC.rglob(path)
    assert not leads_out(file.read_text(encoding="utf-8"))


def test_what_leads_out_is_seen() -> None:
    for style in ("@import 'a.css';", "a{b:url(//example.no/a)}", "a{b:url( 'https://example.no')}", "a{b:URL(a.png)}"):
        assert leads_out(style)
    assert not leads_out("a{b:url(data:image/svg+xml,x);c:url( 'data:image/svg+xml,x')}")


def test_cookies_are_for_this_site_alone_and_no_script_reads_them(browser: Browser) -> None:
    first = browser.client.get("/").headers.get_list("set-cookie")
    second = browser.client.get("/").headers.get_list("set-cookie")
    chosen = browser.client.post("/sprak", data={"csrf": browser.csrf, "lang": "nn"}, follow_redirects=False)
    language = chosen.headers.get_list("set-cookie")
    assert len(first) == len(language) == 1
    assert not second
    for cookie in (*first, *language):
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)


@pytest.mark.parametrize("known", ["", "x", "../../etc", "a" * 33, "a" * 5000, "æøå" * 11, '"; path=/'])
def test_a_session_that_is_none_of_ours_is_replaced(known: str, browser: Browser) -> None:
    answer = browser.client.get("/", headers={"cookie": f"ksf_session={known}".encode()})
    assert re.search(r"ksf_session=[\w-]{32};", answer.headers["set-cookie"])


@pytest.mark.parametrize(
    "back",
    [
        "//example.no",
        "///example.no",
        "/\\example.no",
        "\\\\example.no",
        "http://example.no",
        "https:example.no",
        "/\t/example.no",
        "\t//example.no",
        "/\n/example.no",
        "/%09/example.no",
        "/%2f%2fexample.no",
        "javascript:alert(1)",
        "example.no",
        "/.//example.no",
        "/klynge/../..//example.no",
        "/\r\nset-cookie: a=b",
        "",
        "@example.no",
        "/@example.no",
        "/\u2028/example.no",
    ],
)
def test_the_choice_of_language_leads_nowhere_else(back: str, browser: Browser) -> None:
    from urllib.parse import urljoin, urlsplit

    page = browser.post("/sprak", follow=False, lang="nn", back=back)
    assert page.status == 303
    to = page.headers["location"]
    assert urlsplit(urljoin(BASE, to)).netloc == urlsplit(BASE).netloc
    assert re.match(r"/(?![/\\\s])|/$", to)
    assert "\n" not in to
    assert "a=b" not in page.headers.get("set-cookie", "")


OUTSIDE = (
    "../ksf.toml",
    "..%2fksf.toml",
    "..%5cksf.toml",
    "%2e%2e/%2e%2e/pages.py",
    "../pages.py",
    "..%2fpages.py",
    "....//pages.py",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "//etc/passwd",
    "layout.css/../../pages.py",
    "layout.css%00.html",
    "%00",
    "vendor/../../access.py",
    "a" * 5000,
    "C:%5cWindows%5cwin.ini",
    "%c0%ae%c0%ae/pages.py",
    "%uff0e%uff0e/pages.py",
)


@pytest.mark.parametrize("path", OUTSIDE)
def test_nothing_but_static_files_is_served_as_such(path: str, browser: Browser) -> None:
    answer = browser.client.get(f"{BASE}/static/{path}")
    assert answer.status_code in {404, 405}
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_no_place_in_an_address_is_a_path(running: Browser, tmp_path: Path) -> None:
    (tmp_path / "hemmelig.yaml").write_text("hemmelig: ja", encoding="utf-8")
    (tmp_path / "hemmelig.pdf").write_text("hemmelig", encoding="utf-8")
    for way in WAYS:
        for place in re.findall(r"\{[^}]+\}", way.pattern):
            for path in ("..%2f..%2fhemmelig", "%2e%2e%2fhemmelig.pdf", f"{CLUSTER}%2f..%2f..%2fhemmelig.pdf", "%00"):
                address = way.pattern.replace(place, path)
                address = re.sub(r"\{[^}]+\}", CLUSTER, address)
                answer = running.client.get(address, follow_redirects=False)
                assert answer.status_code in {404, 405, 422, 303}, address
                assert "hemmelig: ja" not in answer.text


def form_of(parts: int, *, files: bool = False, boundary: str = "grense") -> bytes:
    name = 'name="f{}"; filename="a.pdf"' if files else 'name="f{}"'
    body = "".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {name.format(number)}\r\n\r\nx\r\n" for number in range(parts)
    )
    return f"{body}--{boundary}--\r\n".encode()


BOMBS = {
    "fields": (form_of(4001), 400),
    "files": (form_of(61, files=True), 400),
    "no end": (b"--grense\r\nContent-Disposition: form-data; name=", 403),
    "no name": (b"--grense\r\nContent-Disposition: form-data\r\n\r\nx\r\n--grense--\r\n", 400),
    "no boundary within": (b"x" * 100_000, 400),
    "headers": (b"--grense\r\n" + b"X: y\r\n" * 200_000, 400),
    "a long header": (b"--grense\r\nX: " + b"y" * 1_500_000, 400),
    "a large field": (
        b'--grense\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 1_100_000 + b"\r\n--grense--\r\n",
        400,
    ),
    "nothing": (b"", 403),
}


@pytest.fixture
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold that no temporary file is left, be it with a name or only open."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    held = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert not [path for path in held if path.is_relative_to(folder)]
    assert not list(folder.iterdir())


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.usefixtures("nothing_left")
def test_a_bomb_of_a_form_is_refused(bomb: str, browser: Browser) -> None:
    body, status = BOMBS[bomb]
    browser.get("/")
    answer = browser.client.post(
        "/sprak", content=body, headers={"content-type": "multipart/form-data; boundary=grense"}
    )
    assert answer.status_code == status


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "x/y",
        "multipart/form-data; boundary=" + "g" * 500,
        "multipart/form-data; boundary=g; charset=nonsense",
        'multipart/form-data; boundary="g',
    ],
)
def test_a_form_of_an_odd_kind_is_refused(kind: str, browser: Browser) -> None:
    browser.get("/")
    answer = browser.client.post("/sprak", content=form_of(2, boundary="g"), headers={"content-type": kind})
    assert answer.status_code in {400, 403}


@pytest.mark.usefixtures("nothing_left")
def test_large_files_that_nobody_keeps_are_gone_after_the_answer(browser: Browser) -> None:
    browser.get("/")
    for token, status in ((browser.csrf, 303), ("0" * 128, 403)):
        files = [("files", (f"{number}.pdf", b"x" * 2_000_000)) for number in range(3)]
        answer = browser.client.post("/sprak", data={"csrf": token, "lang": "nn"}, files=files, follow_redirects=False)
        assert answer.status_code == status


def test_more_than_a_form_may_hold_is_refused_in_words(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "FORM_LIMIT", 20_000)
    browser.get("/")
    page = browser.post("/sprak", lang="nn", back="/" + "x" * 30_000)
    assert page.status == 413
    assert page.find("//h1").text == "Det som ble sendt, er for stort"
