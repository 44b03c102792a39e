"""Nytt: a new cluster from its name, its members and its last day; all else is filled in afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.cluster import Language
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.member_form import CHOICES, Kind
from ksf_agreements.domain.values import Fault, Line, cited, parse_iso_date
from ksf_agreements.errors import KsfError, UsageError
from ksf_agreements.services.clusters import beginning
from ksf_agreements.services.clusters.beginning import New
from ksf_agreements.text import T, Text
from ksf_agreements.web.days import day_typed
from ksf_agreements.web.forms.sections import guide
from ksf_agreements.web.forms.typed import MEMBERS_LIMIT
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.routes.fill import municipality_options
from ksf_agreements.web.visit import Visit, endpoint

FIELDS = ("name", "id", "region", "language", "motor", "members", "valid_until")
_HELPED = {"name": ("name",), "motor": ("motor_municipality",), "valid_until": ("valid_until",)}
Value = TypeVar("Value")
_LINE: TypeAdapter[str] = TypeAdapter(Line)


class _Answers:
    """What is typed, and what is wrong with it, field by field."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.typed = {name: visit.text(name) for name in FIELDS}
        self.wrong: dict[str, list[str]] = {}

    def refuse(self, name: str, *messages: Text) -> None:
        """Tell what is wrong with a field."""
        self.wrong.setdefault(name, []).extend(map(self.visit.say, messages))

    def municipality(self, name: str, text: str) -> str:
        """Return the number of the municipality that a text means, or '' with what is wrong told."""
        if len(text) > 200:
            self.refuse(name, T("No municipality is called '{text}'.", text=cited(text)))
            return ""
        numbered = re.search(r"\b([0-9]{4})\b", text)
        try:
            return self.visit.desk.municipality(numbered[1] if numbered else text).number
        except UsageError as fault:
            self.refuse(name, fault.message)
            return ""


def show(visit: Visit) -> Response:
    """Show the empty form; the last day of the fourth year from now is proposed."""
    answers = _Answers(visit)
    end = date(add_months(visit.desk.today, 48).year, 12, 31)
    answers.typed |= {"language": Language.NB, "valid_until": f"{end.day}.{end.month}.{end.year}"}
    if len(visit.desk.workspace.regions) == 1:
        answers.typed["region"] = next(iter(visit.desk.workspace.regions))
    return _form(visit, answers)


def make(visit: Visit) -> Response:
    """Make the file, and go on to fill it in."""
    answers = _Answers(visit)
    if visit.text("do") == "look":
        _members(answers)
        return _form(visit, answers, looked=True)
    new = _read(answers)
    taken = beginning.taken_ids(visit.desk)
    cluster = answers.typed["id"] or beginning.proposed_id(answers.typed["name"], taken)
    try:
        beginning.check_id(cluster, taken)
    except UsageError as fault:
        answers.refuse("id", fault.message)
    if new is None or answers.wrong:
        return _form(visit, answers, 422)
    try:
        file = beginning.make_cluster(visit.desk, cluster, new, visit.say)
    except KsfError as fault:
        answers.refuse("id", fault.message)
        return _form(visit, answers, 409)
    said = T("The cluster is made, in {file}. Fill in what you know; the rest can wait.", file=file)
    return visit.redirect(f"/klynge/{cluster}/fyll-ut", Notice("success", visit.say(said)))


def _read(answers: _Answers) -> New | None:
    """Return what is typed where all of it can be taken."""
    typed = answers.typed
    if not typed["name"]:
        answers.refuse("name", T("Write the name of the cluster."))
    else:
        _taken(answers, "name", lambda: _LINE.validate_python(typed["name"]))
    regions = answers.visit.desk.workspace.regions
    if typed["region"] and typed["region"] not in regions:
        answers.refuse("region", T("Choose one of the regions."))
    language = typed["language"] if typed["language"] in set(Language) else Language.NB
    members = _members(answers)
    motor = answers.municipality("motor", typed["motor"]) if typed["motor"] else ""
    if motor:
        members = tuple(dict.fromkeys((motor, *members)))
    if len(members) > MEMBERS_LIMIT:
        answers.refuse("members", T("That is more than {limit} municipalities.", limit=MEMBERS_LIMIT))
    end: date | None = None
    if typed["valid_until"]:
        end = _taken(answers, "valid_until", lambda: parse_iso_date(day_typed(typed["valid_until"])))
    if answers.wrong:
        return None
    return New(typed["name"], typed["region"], language, motor, members, end)


def _members(answers: _Answers) -> tuple[str, ...]:
    """Return the numbers of the municipalities in the list, each once; those that none is called are told."""
    lines = [one.strip(" \t-•*.") for one in re.split(r"[\r\n;,\t]+", answers.typed["members"])]
    named = [one for one in dict.fromkeys(lines) if one]
    if len(named) > MEMBERS_LIMIT:
        answers.refuse("members", T("That is more than {limit} municipalities.", limit=MEMBERS_LIMIT))
        return ()
    return tuple(dict.fromkeys(number for one in named if (number := answers.municipality("members", one))))


def _taken(answers: _Answers, name: str, read: Callable[[], Value]) -> Value | None:
    """Return a value, or None with what is wrong told."""
    fault: object = None
    try:
        return read()
    except ValidationError as error:
        fault = error.errors()[0].get("ctx", {}).get("error")
    except Fault as error:
        fault = error
    if isinstance(fault, Fault):
        mend = T("Write the day as 31.12.2029.") if fault.code == "not-a-date" else fault.mend
        answers.refuse(name, Text("{what}. {mend}", (("what", fault.message), ("mend", mend or ""))))
    return None


def _form(visit: Visit, answers: _Answers, status: int = 200, *, looked: bool = False) -> Response:
    desk, say = visit.desk, visit.say
    known = _Answers(visit)
    known.typed = answers.typed
    members = [desk.call(one) for one in _members(known)]
    labels = {
        "name": say(guide(("name",)).label),
        "id": say(T("The cluster's id")),
        "region": say(guide(("region",)).label),
        "language": say(guide(("language",)).label),
        "motor": say(guide(("motor_municipality",)).label),
        "members": say(guide(("members",)).label),
        "valid_until": say(guide(("valid_until",)).label),
    }
    return visit.page(
        "new.html",
        status,
        typed=answers.typed,
        wrong=answers.wrong,
        labels=labels,
        helps={name: say(told) for name, path in _HELPED.items() if (told := guide(path).help)},
        regions=[(key, one.name) for key, one in desk.workspace.regions.items()],
        languages=[(key, say(words)) for key, words in CHOICES[Kind.LANGUAGE].items()],
        municipalities=municipality_options(visit),
        proposed=beginning.proposed_id(answers.typed["name"], beginning.taken_ids(desk))
        if answers.typed["name"]
        else "",
        members=members,
        looked=looked,
    )


ROUTES = (
    Route("/ny", endpoint(show), methods=["GET"]),
    Route("/ny", endpoint(make), methods=["POST"]),
)
