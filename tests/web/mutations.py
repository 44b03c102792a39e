"""Mutated requests: methods, addresses, queries, forms, files, cookies and headers, the same for the same seed."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ksf_agreements.web.app import create_app
from tests.cli.register import CLUSTER, NINE
from tests.web.browser import PORT, Browser
from tests.web.routes import WAYS, addresses

LONGEST = 30.0
"""How long an answer may take, in seconds, on a busy machine."""
METHODS = ("GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "XYZZY")
NAMES = (
    "part",
    "dag",
    "n",
    "sok",
    "region",
    "status",
    "steg",
    "lang",
    "back",
    "csrf",
    "fil",
    "filer",
    "navn",
    "mottatt",
)
ODD = (
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "99999999999999999999",
        "1e9",
        "NaN",
        "null",
        "true",
        "2026-03-02",
        "2026-13-45",
        "0000-00-00",
    ),
    *("31.2.2026", "9999-12-31", "æøå", "\u202e", "\u0000", "\ufeff", "\ud83d\ude00", "a" * 10_000, "../../etc/passwd"),
    *("<script>alert(1)</script>", "{{ 7*7 }}", "{% raw %}", "%s%n", "'; DROP TABLE event; --", "\r\nX: y", "[]", "{}"),
    *(
        CLUSTER,
        *NINE[:3],
        "vest",
        "signing",
        "nn",
        "bekreft",
        "vis",
        "=1+1",
        "\x1b[31m",
        "a\nb",
        "\\\\server\\x",
        "ﷺ" * 99,
    ),
)
FILES = (
    b"",
    b"%PDF-1.7\n%%EOF",
    b"PK\x03\x04" + b"\0" * 99,
    b"\xff" * 5_000,
    b"\x89PNG\r\n\x1a\n",
    "æ".encode("latin-1"),
)


@dataclass
class Found:
    """What came of it: how often each status, and every fault."""

    statuses: dict[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    longest: float = 0.0


class Mutator:
    """Makes requests, each another; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 (a test's dice)

    def address(self) -> str:
        """Return an address: one that is there, or one that is somehow spoilt."""
        known = addresses(self._chance.choice(WAYS))
        address = known[0] if self._chance.random() < 0.7 else self._chance.choice(known)
        if self._chance.random() < 0.2:
            place = self._chance.randrange(len(address) + 1)
            odd = self._chance.choice(
                ("/", "//", "%2f", "%00", "%ff", ".", "..", "a", "%25", ";", "é", "%e2%80%ae", "\\")
            )
            address = address[:place] + odd + address[place + self._chance.randrange(3) :]
        return address if address.startswith("/") else f"/{address}"

    def value(self) -> str:
        """Return an odd value."""
        one = self._chance.choice(ODD)
        return one if self._chance.random() < 0.8 else one + self._chance.choice(ODD)

    def fields(self, form: dict[str, Any], csrf: str) -> dict[str, Any]:
        """Return a form: a page's own, with some of it spoilt."""
        found = dict(form)
        for name in list(found):
            if self._chance.random() < 0.25:
                found[name] = self.value()
            elif self._chance.random() < 0.1:
                del found[name]
            elif self._chance.random() < 0.05:
                found[name] = [self.value(), self.value()]
        for _ in range(self._chance.randrange(3)):
            found[self._chance.choice((*NAMES, self.value()))] = self.value()
        if self._chance.random() < 0.9:
            found["csrf"] = csrf
        return found

    def headers(self) -> dict[str, bytes]:
        """Return headers, mostly none."""
        found: dict[str, bytes] = {}
        if self._chance.random() < 0.1:
            name = self._chance.choice(
                ("accept", "accept-language", "accept-encoding", "range", "if-modified-since", "x")
            )
            found[name] = self.value().replace("\r", "").replace("\n", "").replace("\0", "").encode("utf-8", "replace")
        if self._chance.random() < 0.03:
            kinds = (
                "multipart/form-data",
                "multipart/form-data; boundary=x",
                "application/json",
                "text/plain",
                "x",
                "",
            )
            found["content-type"] = self._chance.choice(kinds).encode()
        return found

    def request(self, forms: dict[str, dict[str, Any]], csrf: str) -> dict[str, Any]:
        """Return a request, as the client's own words have it."""
        address, method = self.address(), self._chance.choice(METHODS)
        asked: dict[str, Any] = {"method": method, "url": address, "headers": self.headers(), "follow_redirects": False}
        if self._chance.random() < 0.3:
            asked["params"] = {self._chance.choice(NAMES): self.value() for _ in range(self._chance.randrange(1, 4))}
        if method == "POST":
            if self._chance.random() < 0.5 and forms:
                asked["url"] = self._chance.choice(list(forms))
            asked["data"] = self.fields(forms.get(asked["url"], {}), csrf)
            if self._chance.random() < 0.15:
                name = self._chance.choice(("fil", "filer", "vedlegg", "file"))
                asked["files"] = [(name, (self.value()[:200] or "x", self._chance.choice(FILES)))]
        return asked


def forms_of(browser: Browser) -> dict[str, dict[str, Any]]:
    """Return the forms of every page, by where they are sent."""
    found: dict[str, dict[str, Any]] = {}
    for way in WAYS:
        if "GET" not in way.methods:
            continue
        page = browser.get(addresses(way)[0])
        if page.headers.get("content-type", "").startswith("text/html"):
            for form in page.forms:
                if (form.get("method") or "").lower() == "post":
                    found[form.get("action") or page.path] = dict(form.form_values())
    return found


def run(workspace: Path, count: int, seed: int) -> Found:
    """Send so many mutated requests to a workspace, which is written in."""
    browser = Browser(create_app(workspace, PORT), may_break=True)
    mutator, found, forms = Mutator(seed), Found(), forms_of(browser)
    csrf = browser.get("/").tree.xpath("//input[@name='csrf']/@value")[0]
    for number in range(count):
        asked = mutator.request(forms, csrf)
        start = time.perf_counter()
        try:
            answer = browser.client.request(**asked)
        except (UnicodeError, ValueError, TypeError):  # what no client can send
            continue
        except Exception as fault:  # httpx refuses odd addresses in its own ways
            if type(fault).__module__.startswith("httpx"):
                continue
            raise
        took = time.perf_counter() - start
        found.longest = max(found.longest, took)
        found.statuses[answer.status_code] = found.statuses.get(answer.status_code, 0) + 1
        if answer.status_code == 500 or took > LONGEST or "content-security-policy" not in answer.headers:
            told = {name: value for name, value in asked.items() if name != "follow_redirects"}
            found.faults.append(f"{number} of seed {seed}: {answer.status_code} in {took:.1f} s: {told!r:.1500}")
    return found
