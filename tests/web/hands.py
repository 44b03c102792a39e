"""Two ways to use a page in Chromium: with a mouse, and with the keys alone. A flow is written once, for both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

_CALLED = """() => {
    const one = document.activeElement;
    const told = one.getAttribute('aria-label') ?? (one.labels?.[0] ?? one).innerText ?? '';
    return { tag: one.tagName.toLowerCase(), name: one.name ?? '', words: told.replace(/\\s+/g, ' ').trim(),
             last: [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].length };
}"""  # noqa: E501
# What keeps the focus from being seen: '' where nothing does. A scroll to it may still be under way.
_UNSEEN = """() => {
    const one = document.activeElement;
    if (one === document.body || one === document.documentElement) return '';
    const look = getComputedStyle(one), box = one.getBoundingClientRect();
    if (!one.matches(':focus-visible')) return 'the browser does not show it';
    if (look.outlineStyle === 'none' || parseFloat(look.outlineWidth) < 2) return 'it has no outline';
    if (box.width < 1 || box.height < 1) return 'it has no size';
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (left >= right || top >= bottom) return 'it is outside the window';
    const rows = [0.1, 0.5, 0.9].map((part) => top + part * (bottom - top));
    const columns = [0.1, 0.5, 0.9].map((part) => left + part * (right - left));
    const there = rows.flatMap((y) => columns.map((x) => document.elementFromPoint(x, y)));
    return there.some((found) => found && (one.contains(found) || found.contains(one))) ? '' : 'something lies over it';
}"""


class Hands(ABC):
    """What a person does at a page. Links and buttons go by their words, fields by their names."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def heading(self) -> str:
        """The heading of the page."""
        return self.tab.locator("h1").inner_text()

    def focus(self) -> str:
        """The class of what has the focus."""
        return str(self.tab.evaluate("document.activeElement.className"))

    def reads(self) -> str:
        """What stands in the page's main part, spaces drawn together."""
        return " ".join(self.tab.locator("main").inner_text().split())

    @abstractmethod
    def follow(self, words: str) -> None:
        """Follow a link, and wait for its page."""

    @abstractmethod
    def press(self, words: str) -> None:
        """Press a button, and wait for the page that answers."""

    @abstractmethod
    def save(self, words: str) -> Path:
        """Follow a link or press a button that gives a file, and return the file."""

    @abstractmethod
    def open(self, words: str) -> None:
        """Open what is folded under these words."""

    @abstractmethod
    def write(self, field: str, text: str) -> None:
        """Write in a field, in place of what stands there."""

    @abstractmethod
    def choose(self, field: str, words: str) -> None:
        """Choose from a list."""

    @abstractmethod
    def tick(self, words: str) -> None:
        """Tick a box, by its label."""

    @abstractmethod
    def bring(self, field: str, files: Sequence[Path]) -> None:
        """Choose files."""


class Mouse(Hands):
    """With a mouse, and keys to write."""

    def follow(self, words: str) -> None:
        with self.tab.expect_navigation():
            self.tab.get_by_role("link", name=words).first.click()

    def press(self, words: str) -> None:
        with self.tab.expect_navigation(timeout=90_000):
            self.tab.get_by_role("button", name=words, exact=True).first.click()

    def save(self, words: str) -> Path:
        with self.tab.expect_download(timeout=90_000) as coming:
            self.tab.locator("a, button").get_by_text(words, exact=True).first.click()
        return Path(coming.value.path())

    def open(self, words: str) -> None:
        self.tab.locator("summary").filter(has_text=words).first.click()

    def write(self, field: str, text: str) -> None:
        self.tab.locator(f"[name='{field}']").fill(text)

    def choose(self, field: str, words: str) -> None:
        self.tab.locator(f"select[name='{field}']").select_option(label=words)

    def tick(self, words: str) -> None:
        self.tab.get_by_label(words).first.check()

    def bring(self, field: str, files: Sequence[Path]) -> None:
        self.tab.locator(f"[name='{field}']").set_input_files(list(files))


class Keys(Hands):
    """With the keys alone: Tab, Enter, Space, arrows, letters. What has the focus must be seen at every stop."""

    def __init__(self, tab: Tab) -> None:
        super().__init__(tab)
        tab.on("filechooser", lambda _: None)  # from the start: asked for when the key is pressed it may be too late

    def step(self, key: str = "Tab") -> None:
        """Go to the next stop; Shift+Tab goes back."""
        self.tab.keyboard.press(key)
        if unseen := self.tab.evaluate(_UNSEEN):
            raise AssertionError(f"{self.tab.url}: the focus is at {self.tab.evaluate(_CALLED)}, but {unseen}")

    def follow(self, words: str) -> None:
        self._reach("a", words)
        with self.tab.expect_navigation():
            self.tab.keyboard.press("Enter")

    def press(self, words: str) -> None:
        self._reach("button", words)
        with self.tab.expect_navigation(timeout=90_000):
            self.tab.keyboard.press("Enter")

    def save(self, words: str) -> Path:
        self._reach("", words)
        with self.tab.expect_download(timeout=90_000) as coming:
            self.tab.keyboard.press("Enter")
        return Path(coming.value.path())

    def open(self, words: str) -> None:
        self._reach("summary", words)
        self.tab.keyboard.press("Space")

    def write(self, field: str, text: str) -> None:
        self._reach_field(field)
        self.tab.keyboard.press("Control+A")
        self.tab.keyboard.press("Delete")
        self.tab.keyboard.type(text)

    def choose(self, field: str, words: str) -> None:
        self._reach_field(field)
        self.tab.keyboard.press("Home")
        for _ in range(60):
            if self.tab.evaluate("document.activeElement.selectedOptions[0].text").strip() == words:
                return
            self.tab.keyboard.press("ArrowDown")
        raise AssertionError(f"{words!r} is not in the list {field!r} of {self.tab.url}")

    def tick(self, words: str) -> None:
        self._reach("input", words)
        self.tab.keyboard.press("Space")
        assert self.tab.evaluate("document.activeElement.checked")

    def bring(self, field: str, files: Sequence[Path]) -> None:
        from playwright.sync_api import TimeoutError as Unanswered

        self._reach_field(field)
        for is_last in (False, False, True):  # a browser that is busy may take a key and open nothing: press it again
            try:
                with self.tab.expect_file_chooser(timeout=8_000) as asked:
                    self.tab.keyboard.press("Space")
            except Unanswered:
                if is_last:
                    raise
                continue
            asked.value.set_files(list(files))
            return

    def _reach(self, tag: str, words: str) -> None:
        """Press Tab until what has the focus is called so; a name that begins so will do for links and summaries."""
        for _ in range(self._stops()):
            self.step()
            one = self.tab.evaluate(_CALLED)
            is_it = one["words"] == words if one["tag"] == "button" else one["words"].startswith(words)
            if tag in {"", one["tag"]} and is_it:
                return
        raise AssertionError(f"Tab does not come to {words!r} in {self.tab.url}")

    def _reach_field(self, field: str) -> None:
        for _ in range(self._stops()):
            if self.tab.evaluate(_CALLED)["name"] == field:
                return
            self.step()
        raise AssertionError(f"Tab does not come to the field {field!r} in {self.tab.url}")

    def _stops(self) -> int:
        """How often Tab may be pressed before everything has had the focus twice."""
        return 2 * int(self.tab.evaluate(_CALLED)["last"]) + 2
