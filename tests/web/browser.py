"""A browser without JavaScript around the application: it keeps cookies, fills in forms, and reads pages."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import html
from starlette.applications import Starlette

with warnings.catch_warnings():
    # starlette would rather have httpx2; what it does with httpx is what we want.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PORT = 8321
BASE = f"http://127.0.0.1:{PORT}"


@dataclass(frozen=True)
class Page:
    """An answer: `url` is where the browser ended up, with its query."""

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The source."""
        return self.content.decode("utf-8", "replace")

    @cached_property
    def tree(self) -> Any:
        """The page, parsed."""
        return html.document_fromstring(self.content.decode("utf-8"))

    @property
    def words(self) -> str:
        """What stands in the page's main part, spaces drawn together."""
        (main,) = self.tree.xpath("//main")
        return re.sub(r"\s+", " ", main.text_content()).strip()

    @property
    def notices(self) -> list[str]:
        """The messages in the page."""
        found = self.tree.xpath("//*[contains(@class, 'ds-alert') or contains(@class, 'ds-error-summary')]")
        return [re.sub(r"\s+", " ", one.text_content()).strip() for one in found]

    def find(self, xpath: str) -> Any:
        """Return the one element that an XPath finds; fails where there is none, or there are more."""
        found = self.tree.xpath(xpath)
        assert len(found) == 1, f"{len(found)} of {xpath} in {self.url} ({self.status}): {self.words[:500]}"
        return found[0]

    def field(self, name: str) -> Any:
        """Return the one field of a name; `.value` is what it holds."""
        return self.find(f"//*[self::input or self::select or self::textarea][@name='{name}']")

    @property
    def forms(self) -> list[Any]:
        """The forms of the page's main part."""
        return list(self.tree.xpath("//main//form"))

    def form(self, action: str = "") -> Any:
        """Return the one form of the main part, or that which is sent to an address ending in ``action``."""
        found = [one for one in self.forms if not action or (one.get("action") or self.path).endswith(action)]
        assert len(found) == 1, f"{len(found)} forms to {action!r} in {self.url}: {[one.attrib for one in self.forms]}"
        return found[0]

    @property
    def path(self) -> str:
        """The address, without host and query."""
        return re.sub(r"^https?://[^/]+|\?.*$", "", self.url)

    @property
    def links(self) -> list[str]:
        """Where the links of the main part lead."""
        return [str(one) for one in self.tree.xpath("//main//a/@href")]


@dataclass
class Browser:
    """One browser with its cookies. `page` is the page it shows; redirects are followed.

    A fault of the program's own (500) fails the test, unless it `may_break`.
    """

    app: Starlette
    may_break: bool = False
    page: Page | None = None
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(self.app, base_url=BASE)

    def get(self, path: str, **query: str) -> Page:
        """Go to an address."""
        return self._shown(self.client.get(path, params=query or None))

    def post(
        self,
        path: str,
        values: Mapping[str, Any] | None = None,
        files: Any = None,
        *,
        follow: bool = True,
        **fields: Any,
    ) -> Page:
        """Send a form with the token of the page shown (of the overview where none is)."""
        data = {"csrf": self.csrf, **(values or {}), **fields}
        return self._shown(self.client.post(path, data=data, files=files, follow_redirects=follow))

    def submit(self, form: Any, button: str = "", files: Any = None, **changes: Any) -> Page:
        """Send a form of the page as it stands, with changes; a ``button`` 'name=value' is the one that is pressed.

        A change to None leaves the field out.
        """
        assert self.page is not None
        values: dict[str, Any] = {}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
        if button:
            name, _, value = button.partition("=")
            values[name] = value
        values = {name: value for name, value in {**values, **changes}.items() if value is not None}
        action = form.get("action") or self.page.path
        if (form.get("method") or "get").lower() == "get":
            return self._shown(self.client.get(action, params=values))
        return self._shown(self.client.post(action, data=values, files=files))

    @property
    def csrf(self) -> str:
        """The token of the page shown."""
        page = self.page
        if page is None or not page.headers.get("content-type", "").startswith("text/html"):
            page = self.get("/")
        return str(page.tree.xpath("//input[@name='csrf']/@value")[0])

    def another(self) -> Browser:
        """Return another browser at the same application: other cookies."""
        return Browser(self.app)

    def tab(self) -> Browser:
        """Return another tab of this browser: the same cookies, another page."""
        tab = Browser(self.app)
        tab.client.cookies.update(self.client.cookies)
        return tab

    def _shown(self, answer: Any) -> Page:
        assert answer.status_code != 500 or self.may_break, f"{answer.url} broke; the log tells where"
        self.page = Page(answer.status_code, str(answer.url), answer.headers, answer.content)
        return self.page
