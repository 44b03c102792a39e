"""What is kept between two pages in memory alone: files that a person has shown and not confirmed; and turns at work.

Nothing of it is ever on the disk: it is gone after some minutes, and when the program ends.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from ksf_agreements.errors import KsfError
from ksf_agreements.text import T

KEPT_SECONDS: Final = 30 * 60
KEPT_BYTES: Final = 192 * 2**20
"""How long, and how much in all, is kept; the oldest goes first."""
_TURNS: Final = 1
_WAIT_SECONDS: Final = 180

_Thing = TypeVar("_Thing")


class Busy(KsfError):
    """Others are making documents, and it takes too long to wait."""


@dataclass
class _Held(Generic[_Thing]):
    session: str
    thing: _Thing
    size: int
    until: float


@dataclass
class Backroom:
    """Things by random keys, each for the browser session that brought it; and who may work now."""

    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, _Held[object]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _timer: threading.Timer | None = field(default=None, repr=False)
    _turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_TURNS), repr=False)

    def hold(self, session: str, thing: object, size: int) -> str:
        """Keep a thing of ``size`` bytes for a session, and return its key."""
        key = secrets.token_urlsafe(18)
        with self._lock:
            self._held[key] = _Held(session, thing, size, self.clock() + KEPT_SECONDS)
        self.tidy()
        self._wind()
        return key

    def held(self, session: str, key: str, kind: type[_Thing]) -> _Thing | None:
        """Return what a key stands for, to the session that brought it; None where it is gone, or another's."""
        self.tidy()
        with self._lock:
            found = self._held.get(key)
        return found.thing if found and found.session == session and isinstance(found.thing, kind) else None

    def change(self, key: str, thing: object, size: int) -> None:
        """Put another thing in a thing's place, for as long as the first was to be kept."""
        with self._lock:
            if (found := self._held.get(key)) is not None:
                self._held[key] = _Held(found.session, thing, size, found.until)

    def tidy(self) -> None:
        """Let go of what is too old, and of the oldest where it is too much."""
        now = self.clock()
        with self._lock:
            for key in [key for key, one in self._held.items() if one.until <= now]:
                del self._held[key]
            while len(self._held) > 1 and sum(one.size for one in self._held.values()) > KEPT_BYTES:
                self._held.popitem(last=False)

    def _wind(self) -> None:
        """See to it that things are let go of also where nobody comes back."""
        with self._lock:
            if self._timer is not None or not self._held:
                return
            self._timer = threading.Timer(KEPT_SECONDS / 2, self._rang)
            self._timer.daemon = True
            self._timer.start()

    def _rang(self) -> None:
        with self._lock:
            self._timer = None
        self.tidy()
        self._wind()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn at heavy work: ten clicks do not start ten LibreOffices. Raises `Busy`."""
        if not self._turns.acquire(timeout=_WAIT_SECONDS):
            raise Busy(T("Others are making documents just now. Nothing was done; try again in a minute."))
        try:
            yield
        finally:
            self._turns.release()
