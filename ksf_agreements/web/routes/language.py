"""The choice of language."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.i18n import known_language
from ksf_agreements.web.visit import LANGUAGE, Visit, endpoint


def choose(visit: Visit) -> Response:
    """Keep the language, and go back to the page."""
    back = visit.text("back")
    response = visit.redirect(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    if (language := known_language(visit.text("lang"))) is not None:
        response.set_cookie(LANGUAGE, language, max_age=31_536_000, httponly=True, samesite="strict", path="/")
    return response


ROUTES = (Route("/sprak", endpoint(choose), methods=["POST"]),)
