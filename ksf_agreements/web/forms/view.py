"""The form of a cluster as a template shows it: each field with its guidance, what is in it, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.municipality import MunicipalityRegister
from ksf_agreements.errors import FieldPath, Problem, Severity
from ksf_agreements.i18n import Translator
from ksf_agreements.services.clusters.editing import Tree
from ksf_agreements.text import T, Text
from ksf_agreements.web.days import day_shown
from ksf_agreements.web.forms.sections import CHOSEN, SECTIONS, Field, guide

_PERSON = ("name", "title", "email", "phone")
_KINDS = {"email": "email", "phone": "phone"}
_MEMBER_GUIDES = ("signatory", "approval_body", "name_as_signed", "foui_contacts")
_OPEN_MEMBERS = 3
"""So many members are shown with everything of theirs; of more, each is opened on demand."""

_FIRST: Mapping[FieldPath, FieldPath] = {
    ("cluster_leader",): ("cluster_leader", "name"),
    ("resources",): ("resources", "cluster_leader"),
    ("annexes",): ("annexes", "action_plan"),
}
"""Where a problem of a group is told."""

# How a problem is told here, where its sentence speaks of the lines of a file.
_MESSAGES: Mapping[str, Text] = {
    "missing": T("this is not filled in"),
    "not-a-choice": T("this cannot be chosen"),
    "blank": T("there is nothing to be seen in this text"),
}
_GAPS = frozenset({"missing", "too-few-members"})
_MENDS: Mapping[str, Text | None] = {
    "missing": None,
    "blank": T("Write the text, or empty the field."),
    "not-a-choice": T("Choose one of the others."),
    "not-a-date": T("Write the day as 31.12.2029."),
    "annex-missing": T("Choose another file, or upload it."),
    "motor-not-member": T("Choose one of the members, or add it to them."),
    "too-few-members": T("Add the other municipalities."),
    "unknown-region": T("Choose one of the regions."),
    "language-decision": T("Choose the other language, if the members want it."),
    "no-city-government": T("Choose one of the others."),
    "no-action-plan": T("Upload it when it is there; the document says that it is drawn up later."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as the page tells it; `field` is the id of its field.

    `tone` is 'danger' for what is wrong, 'gap' for what is missing, 'warning' or 'info'; `stops` what keeps the form
    from being saved.
    """

    text: str
    label: str
    clause: str
    tone: str
    field: str
    stops: bool = False


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field: its name in the form, what people are told of it, what is in it, and what it can be."""

    name: str
    kind: str
    label: str
    clause: str
    help: str
    example: str
    value: str
    is_required: bool
    is_open: bool
    told: tuple[Told, ...]
    options: tuple[tuple[str, str], ...] = ()
    parts: tuple[FieldView, ...] = ()
    folded: bool = False

    @property
    def id(self) -> str:
        """What links and labels point at."""
        return self.name.replace(".", "-")

    @property
    def is_wrong(self) -> bool:
        """Whether an error is told of it."""
        return any(one.tone == "danger" for one in self.told)


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member: its number and name, its fields, and its contacts."""

    place: int
    number: str
    title: str
    is_motor: bool
    summary: str
    is_open: bool
    fields: tuple[FieldView, ...]
    contacts: tuple[FieldView, ...]
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A clause with its fields."""

    number: str
    heading: str
    fields: tuple[FieldView, ...]


@dataclass
class FormView:
    """The whole form of a cluster, made of what is typed and of what the checks say."""

    tree: Tree
    problems: Sequence[Problem]
    stoppers: Collection[Problem]
    say: Translator
    municipalities: MunicipalityRegister
    regions: Mapping[str, str]
    annexes: Sequence[str]
    sections: tuple[SectionView, ...] = ()
    members: tuple[MemberView, ...] = ()
    _told: dict[str, list[Told]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for problem in self.problems:
            told = self._tell(problem)
            self._told.setdefault(told.field, []).append(told)
        self.members = tuple(self._member(place, one) for place, one in enumerate(self.tree["members"]))
        self.sections = tuple(
            SectionView(one.number, self.say(one.heading), tuple(map(self._field, one.fields))) for one in SECTIONS
        )

    @property
    def stopping(self) -> list[Told]:
        """What keeps the form from being saved, in the order of the form."""
        return [one for one in self._in_order() if one.stops]

    @property
    def errors(self) -> list[Told]:
        """What keeps the agreement from being issued."""
        return [one for one in self._in_order() if one.tone in {"danger", "gap"}]

    @property
    def warnings(self) -> list[Told]:
        """What is told and keeps nothing from anything."""
        return [one for one in self._in_order() if one.tone not in {"danger", "gap"}]

    @property
    def member_guides(self) -> list[tuple[str, str, str]]:
        """What people are told of a member's fields, once for all members: name, clause, guidance."""
        found = (guide(("members", name)) for name in _MEMBER_GUIDES)
        return [(self.say(one.label), one.clause, self.say(one.help)) for one in found if one.help]

    def told_of(self, field: str) -> tuple[Told, ...]:
        """Return what is told of a field by its id."""
        return tuple(self._told.get(field, ()))

    def _in_order(self) -> Iterable[Told]:
        tops = [".".join(field.path) for section in SECTIONS for field in section.fields]
        found = [one for each in self._told.values() for one in each]

        def place(one: Told) -> int:
            name = one.field.replace("-", ".")
            name = "members" if name == "motor_municipality" else name  # it is chosen among them
            return next((n for n, top in enumerate(tops) if name == top or name.startswith(f"{top}.")), len(tops))

        return sorted(found, key=place)

    def _tell(self, problem: Problem) -> Told:
        message = _MESSAGES.get(problem.code, problem.message)
        mend = _MENDS.get(problem.code, problem.mend)
        words = self.say(message)
        text = f"{words[:1].upper()}{words[1:]}."
        tone = {Severity.ERROR: "danger", Severity.WARNING: "warning"}.get(problem.severity, "info")
        stops = problem in self.stoppers
        if not stops and problem.code in _GAPS:
            tone = "gap"
        return Told(
            f"{text} {self.say(mend)}" if mend else text,
            self._label(problem),
            problem.clause,
            tone,
            "-".join(map(str, self._shown(problem.path))),
            stops,
        )

    def _label(self, problem: Problem) -> str:
        label = self.say(problem.label) if problem.label else ""
        path = problem.path
        whose: list[str] = []
        if path[:1] == ("members",) and len(path) > 1 and isinstance(path[1], int):
            whose.append(self._title(self.tree["members"][path[1]]["municipality"]))
        if len(path) > 4 and isinstance(path[3], int):
            whose.append(self.say(T("FoUI contact {n}", n=path[3] + 1)))
        if path[:1] == ("cluster_leader",) and len(path) > 1:
            whose.append(self.say(guide(("cluster_leader",)).label))
        return f"{', '.join(whose)}: {label}" if whose else label

    def _shown(self, path: FieldPath) -> FieldPath:
        """Return the path of the nearest field that is in the form: a group is told of at its first field."""
        if path[:1] == ("members",):
            if len(path) > 2 and path[2] == "municipality":
                return path[:2]
            return (*path, "name") if len(path) == 3 and path[2] == "signatory" else path
        return _FIRST.get(path, path)

    def _title(self, number: str) -> str:
        known = self.municipalities.get(number)
        if known is None:
            return number
        return known.title(with_county=bool(self.municipalities.sharing_name(known)))

    def _view(self, path: FieldPath, kind: str, value: str, *, is_open: bool = True, **more: Any) -> FieldView:
        told_of = guide(tuple(one for one in path if isinstance(one, str)))
        name = ".".join(map(str, path))
        options = more.pop("options", ())
        told = tuple(self._told.get(name.replace(".", "-"), ()))
        if options and value not in {key for key, _ in options}:
            options = (*options, (value, value))
        return FieldView(
            name=name,
            kind=kind,
            label=self.say(more.pop("label", None) or told_of.label),
            clause=told_of.clause,
            help=self.say(told_of.help) if told_of.help else "",
            example=told_of.example.strip('"'),
            value=day_shown(value) if kind == "day" else value,
            is_required=told_of.required,
            is_open=is_open or bool(value) or bool(told),
            told=told,
            options=options,
            **more,
        )

    def _field(self, one: Field) -> FieldView:
        path, kind = one.path, one.kind
        if kind in {"members", "areas", "person", "grant"}:
            parts = tuple(self._parts(path, kind))
            is_open = not one.folded or any(part.value or part.told for part in parts)
            return self._view(path, kind, "", is_open=is_open, parts=parts, folded=one.folded)
        value: Any = self.tree
        for name in path:
            value = value[name]
        options: tuple[tuple[str, str], ...] = ()
        if kind == "radio":
            options = tuple((key, self.say(words)) for key, words in CHOSEN[path[0]].items())
        elif kind == "select":
            options = (("", self.say(T("Choose"))), *((key, f"KSF {name}") for key, name in self.regions.items()))
        elif kind == "annex":
            options = (("", self.say(T("None"))), *((name, name.partition("/")[2]) for name in self.annexes))
        view = self._view(path, kind, value, is_open=not one.folded, options=options, folded=one.folded)
        if one.folded and kind == "radio":  # there is always something in it: it is the usual that stays folded
            return replace(view, is_open=bool(view.told) or value != next(iter(CHOSEN[path[0]])))
        return view

    def _parts(self, path: tuple[str, ...], kind: str) -> Iterable[FieldView]:
        if kind == "areas":
            for place, text in enumerate(self.tree["focus_areas"]):
                label = T("Focus area {n}", n=place + 1)
                yield self._view((*path, place), "text" if "\n" in text else "area", text, label=label)
        elif kind == "person":
            yield from self._person(path, self.tree["cluster_leader"])
        elif kind == "grant":
            grant = self.tree["grant_letter"]
            yield self._view((*path, "reference"), "line", grant["reference"])
            for place, text in enumerate(grant["report_dates"]):
                label = T("Report date {n}", n=place + 1)
                yield self._view((*path, "report_dates", place), "day", text, label=label)

    def _person(self, path: FieldPath, person: Mapping[str, str]) -> Iterable[FieldView]:
        for name in _PERSON:
            yield self._view((*path, name), _KINDS.get(name, "line"), person[name])

    def _member(self, place: int, member: Mapping[str, Any]) -> MemberView:
        path: FieldPath = ("members", place)
        bodies = tuple((key, self.say(words)) for key, words in CHOSEN["approval_body"].items())
        fields = (
            self._view((*path, "signatory", "name"), "line", member["signatory"]["name"]),
            self._view((*path, "signatory", "title"), "line", member["signatory"]["title"]),
            self._view((*path, "approval_body"), "select", member["approval_body"], options=bodies),
            self._view((*path, "name_as_signed"), "line", member["name_as_signed"]),
        )
        contacts = tuple(
            self._view(
                (*path, "foui_contacts", number),
                "person",
                "",
                label=T("FoUI contact {n}", n=number + 1),
                parts=tuple(self._person((*path, "foui_contacts", number), person)),
            )
            for number, person in enumerate(member["foui_contacts"])
        )
        told = (
            *self._told.get(f"members-{place}", ()),
            *self._told.get(f"members-{place}-foui_contacts", ()),
        )
        inner = [*fields, *(part for one in contacts for part in one.parts)]
        is_wrong = any(part.is_wrong for part in inner)
        has_new = any(not any(person.values()) for person in member["foui_contacts"])
        return MemberView(
            place=place,
            number=member["municipality"],
            title=self._title(member["municipality"]),
            is_motor=member["municipality"] == self.tree["motor_municipality"],
            summary=self._summary(member),
            is_open=is_wrong or has_new or len(self.tree["members"]) <= _OPEN_MEMBERS,
            fields=fields,
            contacts=contacts,
            told=told,
        )

    def _summary(self, member: Mapping[str, Any]) -> str:
        people = [one["name"] for one in member["foui_contacts"] if one["name"]]
        signs = member["signatory"]["name"]
        found = [
            self.say(T("Signs: {name}", name=signs)) if signs else self.say(T("No signatory yet")),
            self.say(T("FoUI contact: {names}", names=tuple(people))) if people else self.say(T("No FoUI contact yet")),
        ]
        return " · ".join(found)


def stray_motor(tree: Tree) -> str:
    """Return the motor municipality where it is none of the members, else ''."""
    number: str = tree["motor_municipality"]
    return "" if number in {one["municipality"] for one in tree["members"]} else number


def free_labels(say: Translator, free: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the names of fields that change without signatures, in the order of the file."""
    return [say(one.label) for path, one in KSF_CLUSTER.guides.items() if path in free]
