"""One request as the routes see it: the workspace opened, the reader's language, the form, and the answer."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ksf_agreements.app import App
from ksf_agreements.errors import InputError, KsfError, Problem, UsageError
from ksf_agreements.i18n import DEFAULT_LANGUAGE, Translator, known_language, translator
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T, Text
from ksf_agreements.web.access import Access
from ksf_agreements.web.backroom import Backroom
from ksf_agreements.web.instead import INSTEAD
from ksf_agreements.web.pages import Notice, Pages

SESSION, LANGUAGE = "ksf_session", "ksf_lang"
_NOTICES_KEPT = 200
_FIELDS, _FILES = 4000, 60
_SESSION = re.compile(r"[\w-]{32}", re.ASCII)


@dataclass
class Office:
    """What lasts from request to request: the workspace's place, who works in it, and words for the next page."""

    root: Path
    access: Access
    pages: Pages
    backroom: Backroom = field(default_factory=Backroom)
    _notices: OrderedDict[str, tuple[Notice, ...]] = field(default_factory=OrderedDict)

    def leave(self, notices: tuple[Notice, ...]) -> str:
        """Keep words for the page that a browser is sent to; return the key that fetches them once."""
        key = secrets.token_urlsafe(9)
        self._notices[key] = notices
        while len(self._notices) > _NOTICES_KEPT:
            self._notices.popitem(last=False)
        return key

    def fetch(self, key: str) -> tuple[Notice, ...]:
        """Return the words that were left, once."""
        return self._notices.pop(key, ())


@dataclass
class Visit:
    """A request with what answering it takes."""

    request: Request
    office: Office
    session: str
    form: FormData = field(default_factory=FormData)

    @classmethod
    def of(cls, request: Request) -> Visit:
        """Return the visit of a request, in the browser's session or in a new one."""
        known = request.cookies.get(SESSION, "")
        is_ours = _SESSION.fullmatch(known) is not None
        return cls(request, request.app.state.office, known if is_ours else secrets.token_urlsafe(24))

    @property
    def is_new(self) -> bool:
        """Whether the browser had no session yet."""
        return self.request.cookies.get(SESSION) != self.session

    def kept(self, response: Response) -> Response:
        """Return the answer with the session's cookie, where the browser has none."""
        if self.is_new:
            response.set_cookie(SESSION, self.session, httponly=True, samesite="strict", path="/")
        return response

    @cached_property
    def app(self) -> App:
        """The workspace, opened anew: the files may have been changed by somebody else."""
        return App.open(str(self.office.root))

    @cached_property
    def desk(self) -> Desk:
        """The register, in the name of whoever works here."""
        return self.app.desk(self.office.access.actor)

    @cached_property
    def say(self) -> Translator:
        """The reader's language: chosen on the page, else the workspace's, else bokmål."""
        chosen = known_language(self.request.cookies.get(LANGUAGE, ""))
        found = translator(chosen or self._of_workspace() or DEFAULT_LANGUAGE)
        return replace(found, instead=INSTEAD)

    def _of_workspace(self) -> str | None:
        try:
            return known_language(self.app.workspace.settings.language)
        except (KsfError, OSError):  # the page that tells of it needs a language
            return None

    @property
    def path(self) -> Mapping[str, str]:
        """What the address says."""
        found: Mapping[str, str] = self.request.path_params
        return found

    def query(self, name: str) -> str:
        """Return one value of the address's query, or ''."""
        return str(self.request.query_params.get(name, ""))

    def text(self, name: str) -> str:
        """Return one text field of the form, stripped; '' where it is not there."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def page(self, template: str, code: int = 200, **values: Any) -> Response:
        """Return a page."""
        notices = (*self.office.fetch(self.query("n")), *values.pop("notices", ()))
        shared = {
            "say": self.say,
            "_": self._worded,
            "language": self.say.language,
            "csrf": self.office.access.token(self.session),
            "notices": notices,
            "here": self.request.url.path,
            "workspace": self.office.root.resolve().name,
        }
        return self.office.pages.response(template, code, {**shared, **values})

    def _worded(self, msgid: str, **values: Any) -> str:
        return self.say(Text(msgid, tuple(values.items())))

    def redirect(self, to: str, *notices: Notice) -> Response:
        """Send the browser on to a page of ours, with words to show there."""
        key = f"{'&' if '?' in to else '?'}n={self.office.leave(notices)}" if notices else ""
        return RedirectResponse(f"{to}{key}", 303)

    def fault(self, fault: KsfError) -> Response:
        """Return the page that tells what could not be done: what failed, what is safe, what to do."""
        problems: tuple[Problem, ...] = fault.problems if isinstance(fault, InputError) else ()
        status = 404 if isinstance(fault, UsageError) else 422 if fault.exit_code == 1 else 503
        return self.page("fault.html", status, message=self.say(fault.message), problems=problems)


Endpoint: TypeAlias = Callable[[Visit], Response]


def endpoint(answer: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Make an ASGI endpoint of a plain function: it reads the form within bounds and knows it to be our own."""

    async def serve(request: Request) -> Response:
        visit = Visit.of(request)
        if request.method == "POST":
            if not _from_here(request):
                raise HTTPException(403)
            if visit.is_new:  # no form of ours; what is sent is not even read
                return visit.kept(await run_in_threadpool(visit.page, "stale.html", 403))
            visit.form = await request.form(max_files=_FILES, max_fields=_FIELDS, max_part_size=2**20)
        try:
            if request.method == "POST" and not visit.office.access.is_own(visit.session, visit.text("csrf")):
                return await run_in_threadpool(visit.page, "stale.html", 403)
            response = await run_in_threadpool(_answered, answer, visit)
        finally:
            await visit.form.close()  # temporary files of an upload go with it
        return visit.kept(response)

    return serve


def _answered(answer: Endpoint, visit: Visit) -> Response:
    try:
        return answer(visit)
    except KsfError as fault:
        return visit.fault(fault)
    except OSError as fault:  # a disk or a folder that went away; what can be foreseen is told where it happens
        reason = f"{fault.strerror or fault} {fault.filename or ''}".strip()
        return visit.fault(KsfError(T("This could not be done: {reason}", reason=reason)))


def _from_here(request: Request) -> bool:
    """Whether a form was sent from a page of ours, as far as the browser tells."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return origin in {None, f"http://{request.headers.get('host', '')}"} and site in {"same-origin", "none"}
