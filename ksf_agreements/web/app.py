"""The application: what is served where, and what stands around it."""

from __future__ import annotations

import logging
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ksf_agreements.web.access import LOOPBACK, Access
from ksf_agreements.web.pages import STATIC, Pages
from ksf_agreements.web.routes import (
    accession,
    acts,
    cluster,
    correction,
    documents,
    exports,
    fill,
    inbox,
    issue,
    language,
    new,
    notice,
    overview,
    reminders,
    renewal,
    sign,
    signatures,
    templates,
    yearly,
)
from ksf_agreements.web.security import UPLOAD_LIMIT, Guard
from ksf_agreements.web.visit import Office, Visit

log = logging.getLogger("ksf.web")

ROUTES: tuple[BaseRoute, ...] = (
    *overview.ROUTES,
    *cluster.ROUTES,
    *notice.ROUTES,
    *fill.ROUTES,
    *new.ROUTES,
    *renewal.ROUTES,
    *yearly.ROUTES,
    *accession.ROUTES,
    *correction.ROUTES,
    *reminders.ROUTES,
    *exports.ROUTES,
    *templates.ROUTES,
    *language.ROUTES,
    *signatures.ROUTES,
    *sign.ROUTES,
    *acts.ROUTES,  # after those above: their last part is any word
    *inbox.ROUTES,
    *documents.ROUTES,
    *issue.ROUTES,
    Mount("/static", StaticFiles(directory=STATIC), name="static"),
)


def create_app(root: Path, port: int, actor: str | None = None) -> Starlette:
    """Return the application of one workspace, served on this machine's own address at ``port``."""
    names = (f"[{name}]" if ":" in name else name for name in LOOPBACK)
    hosts = frozenset(
        f"{name}{port_part}" for name in names for port_part in ((f":{port}",) if port != 80 else ("", ":80"))
    )
    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(Guard, hosts=hosts, refused=_status, broken=_broken),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers={HTTPException: _http_fault},
    )
    app.state.office = Office(root, Access(actor), Pages())
    return app


async def _http_fault(request: Request, fault: Exception) -> Response:
    status, headers = (fault.status_code, fault.headers) if isinstance(fault, HTTPException) else (500, None)
    response = await _status(request, status)
    response.headers.update(headers or {})
    return response


async def _status(request: Request, status: int) -> Response:
    visit = Visit.of(request)
    response = await run_in_threadpool(visit.page, "status.html", status, status=status, limit=UPLOAD_LIMIT // 2**20)
    return visit.kept(response)


async def _broken(request: Request, fault: Exception) -> Response:
    """Answer a fault of the program's own: nothing of its inside, on the page or in the log, that could be personal."""
    place = fault.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "?"
    log.error("%s %s at %s", request.method, type(fault).__name__, where)
    log.debug("In full, for those who mend the program:", exc_info=fault)
    return await _status(request, 500)
