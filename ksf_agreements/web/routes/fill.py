"""Fyll ut: the cluster file as a form in the order of the clauses, with the document as it will read beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.domain.comparison import FREE
from ksf_agreements.domain.municipality import Municipality
from ksf_agreements.errors import KsfError, Problem
from ksf_agreements.services.clusters import annex_files, editing
from ksf_agreements.services.clusters.checking import Checker
from ksf_agreements.services.clusters.editing import Opened, Tree
from ksf_agreements.services.documents.previewing import preview_of
from ksf_agreements.text import TN, T
from ksf_agreements.web.days import day_shown
from ksf_agreements.web.forms import typed
from ksf_agreements.web.forms.sections import guide
from ksf_agreements.web.forms.view import FormView, free_labels, stray_motor
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.routes.cluster import known
from ksf_agreements.web.visit import Visit, endpoint

_FOUND_LIMIT = 12
_FIELDS_LIMIT = 3600  # of the 4000 that a form may have


class NotWhole(KsfError):
    """A form of which only a part has come; what it lacks must not be taken for emptied fields."""

    exit_code = 1


def show(visit: Visit) -> Response:
    """Show the file as it is."""
    opened = editing.open_file(visit.desk, known(visit))
    if opened.obstacles:
        return visit.page("fill_faulty.html", 200, id=opened.file.id, file=opened.file.shown, problems=opened.obstacles)
    tree = editing.filled(opened.tree)
    if sum(1 for _ in typed.names_of(tree)) > _FIELDS_LIMIT:
        return visit.page("fill_faulty.html", 200, id=opened.file.id, file=opened.file.shown, problems=())
    return _form(visit, opened, tree, base=opened.tree)


def edit(visit: Visit) -> Response:
    """Do what the pressed button says; what is typed is in the answer, whatever comes of it."""
    opened = editing.open_file(visit.desk, known(visit))
    if not visit.text("whole"):  # the last field of the form
        raise NotWhole(T("The form did not come whole. Nothing was saved. Go back, and send it again."))
    tree, base = _typed(visit, opened)
    verb, *places = visit.text("do").split(":")
    try:
        _take_files(visit, opened, tree)
    except KsfError as fault:
        return _form(visit, opened, tree, 422, base=base, notice=Notice("danger", visit.say(fault.message)))
    if verb == "enter":
        verb = "find" if visit.text("find") else "save"
    if verb in {"save", "over"}:
        return _save(visit, opened, tree, base, places[0] if verb == "over" and places else visit.text("digest"))
    if verb == "find":
        return _find(visit, opened, tree, base)
    added = ""
    if verb == "add" and places and (chosen := visit.desk.municipalities.get(places[0])):
        added = chosen.title() if typed.add_member(tree, chosen.number) else ""
    typed.press(tree, verb, places)
    return _form(visit, opened, tree, base=base, added=added, preview=verb == "preview")


def preview(visit: Visit) -> Response:
    """Return the document as it would read, alone: the page puts it in while one types."""
    opened = editing.open_file(visit.desk, known(visit))
    tree, _ = _typed(visit, opened)
    return visit.page("preview.html", clauses=_clauses(visit, opened, tree))


def _typed(visit: Visit, opened: Opened) -> tuple[Tree, Tree]:
    """Return what is typed, and what the file said when the form was opened."""
    base = typed.unpacked(visit.text("base"))
    fields = {name: value for name, value in visit.form.multi_items() if isinstance(value, str)}
    return typed.tree_of(fields, frozenset([*editing.texts(opened.tree), *editing.texts(base)])), base


def _take_files(visit: Visit, opened: Opened, tree: Tree) -> None:
    """Keep the annexes that are sent with the form, and name them in it: a file cannot be typed again."""
    for name in annex_files.NAMES:
        sent = visit.form.get(f"upload.{name}")
        if isinstance(sent, UploadFile) and sent.filename:
            data = sent.file.read(annex_files.SIZE_LIMIT + 1)
            tree["annexes"][name] = annex_files.keep_annex(visit.desk.workspace.root, opened.file.id, name, data)


def _save(visit: Visit, opened: Opened, tree: Tree, base: Tree, digest: str) -> Response:
    if opened.obstacles:
        return _form(visit, opened, tree, 409, base=base, notice=_broken_meanwhile(visit, opened))
    if digest != opened.digest:
        return _conflict(visit, opened, tree, base)
    wanted = editing.wanted(tree, opened.tree)
    if any(problem.is_error for problem in editing.read_tree(opened, wanted).problems):
        return _form(visit, opened, tree, 422, base=base, refused=True)
    try:
        gone = editing.save(visit.desk, opened, wanted)
    except editing.ChangedMeanwhile:
        return _conflict(visit, editing.open_file(visit.desk, opened.file.id), tree, base)
    except KsfError as fault:
        notice = Notice("danger", visit.say(fault.message))
        return _form(visit, opened, tree, 422 if fault.exit_code == 1 else 503, base=base, notice=notice)
    told = [Notice("success", visit.say(T("Saved in {file}.", file=opened.file.shown)))]
    if gone:
        told.append(Notice("info", visit.say(T("These remarks went with what was removed:")), gone))
    return visit.redirect(f"/klynge/{opened.file.id}/fyll-ut", *told)


def _broken_meanwhile(visit: Visit, opened: Opened) -> Notice:
    said = T("The file has been changed meanwhile and has errors now. Nothing was saved; what you typed is here still.")
    lines = tuple(f"{one.file}:{one.line} {visit.say(one.message)}" for one in opened.obstacles[:10])
    return Notice("danger", visit.say(said), lines)


def _conflict(visit: Visit, opened: Opened, tree: Tree, base: Tree) -> Response:
    """Show what somebody else has changed meanwhile beside what is typed here."""
    if opened.obstacles:
        return _form(visit, opened, tree, 409, base=base, notice=_broken_meanwhile(visit, opened))
    mine = editing.wanted(tree, opened.tree)
    found = editing.differences(base, opened.tree, mine, visit.desk.call)
    rows = [
        {
            "label": visit.say(guide(one.path).label),
            "clause": guide(one.path).clause,
            "about": visit.desk.call(one.municipality) if one.municipality else "",
            "one": one,
        }
        for one in found
    ]
    return visit.page(
        "fill_conflict.html",
        409,
        id=opened.file.id,
        rows=rows,
        hidden=tuple(typed.names_of(tree)),
        base=visit.text("base"),
        digest=visit.text("digest"),
        new_digest=opened.digest,
        shown_day=day_shown,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """A municipality that a search has found."""

    number: str
    title: str
    names: str
    is_member: bool


def _find(visit: Visit, opened: Opened, tree: Tree, base: Tree) -> Response:
    """Look for a municipality: the one that is meant is added, of several one may choose."""
    text, register = visit.text("find"), visit.desk.municipalities
    there = {one["municipality"] for one in tree["members"]}
    numbered = re.search(r"\b([0-9]{4})\b", text)
    exact = [one for one in register.find(numbered[1] if numbered else text) if not one.has_ended]
    if len(exact) == 1 and exact[0].number not in there:
        title = exact[0].title()
        if typed.add_member(tree, exact[0].number):
            return _form(visit, opened, tree, base=base, added=title)
    near = register.search(text) or register.suggest(text)
    found = [Found(*_named(one), one.number in there) for one in near if not one.has_ended][:_FOUND_LIMIT]
    return _form(visit, opened, tree, base=base, find=text, found=found)


def _named(one: Municipality) -> tuple[str, str, str]:
    return one.number, one.title(with_county=True), ", ".join(name.name for name in one.parallel_names)


def _clauses(visit: Visit, opened: Opened, tree: Tree) -> Any:
    desk = visit.desk
    return preview_of(desk.workspace, desk.municipalities, desk.templates, opened, editing.wanted(tree, opened.tree))


def _problems(visit: Visit, opened: Opened, tree: Tree) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Return what the checks say, and which of it keeps the form from being saved."""
    checker = Checker.of(visit.desk.workspace, visit.desk.municipalities, visit.desk.today, (opened.file,))
    checked = checker.check(editing.read_tree(opened, editing.wanted(tree, opened.tree)))
    codes = {(one.code, one.path) for one in checked.file.problems if one.is_error}
    return checked.problems, tuple(one for one in checked.problems if (one.code, one.path) in codes)


def _form(
    visit: Visit,
    opened: Opened,
    tree: Tree,
    status: int = 200,
    *,
    base: Tree,
    refused: bool = False,
    preview: bool = False,
    notice: Notice | None = None,
    added: str = "",
    find: str = "",
    found: list[Found] | None = None,
) -> Response:
    desk, say = visit.desk, visit.say
    regions = {key: one.name for key, one in desk.workspace.regions.items()}
    view = FormView(
        tree,
        *_problems(visit, opened, tree),
        say,
        desk.municipalities,
        regions,
        annex_files.annex_files(desk.workspace.root),
    )
    folded = desk.read(opened.file.id)
    return visit.page(
        "fill.html",
        status,
        id=opened.file.id,
        name=tree["name"] or opened.file.id,
        view=view,
        motor=tree["motor_municipality"],
        stray_motor=stray_motor(tree),
        digest=visit.text("digest") or opened.digest,
        base=visit.text("base") or typed.packed(base),
        is_typed=visit.request.method == "POST",
        is_refused=refused,
        left=say(
            TN(
                "{n} thing is left before the agreement can be issued",
                "{n} things are left before the agreement can be issued",
                len(view.errors),
            )
        ),
        is_issued=bool(folded.versions),
        in_force=folded.in_force is not None,
        free=free_labels(say, FREE),
        clauses=_clauses(visit, opened, tree) if preview else None,
        added=added,
        find=find,
        found=found,
        municipalities=municipality_options(visit),
        notices=(notice,) if notice else (),
    )


def municipality_options(visit: Visit) -> list[str]:
    """Return every municipality in use as a field suggests it: 'Bergen (4601)'."""
    return [f"{one.official_name} ({one.number})" for one in visit.desk.municipalities.in_use()]


ROUTES = (
    Route("/klynge/{cluster}/fyll-ut", endpoint(show), methods=["GET"]),
    Route("/klynge/{cluster}/fyll-ut", endpoint(edit), methods=["POST"]),
    Route("/klynge/{cluster}/forhandsvisning", endpoint(preview), methods=["POST"]),
)
