"""The member sheet as a form: its fields, what a cluster file fills in them, and what a filled form changes; pure.

The sheet goes to municipalities that keep no workspace of their own, and comes back filled (agreement.md section 8).
Every value is a text as a cluster file writes it ('true', '2029-12-31', 'each_on_signing'); '' is a blank cell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from ksf_agreements.domain.agreement import FieldGuide
from ksf_agreements.domain.cluster import (
    Accession,
    ApprovalBody,
    Cluster,
    EntryIntoForce,
    Language,
    LocalText,
    Member,
    Person,
)
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.text import T, Text

Path: TypeAlias = tuple[str, ...]
Values: TypeAlias = Mapping[Path, str]


class Kind(StrEnum):
    """How a field is filled in."""

    LINE = "line"
    PARAGRAPHS = "paragraphs"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    YES_NO = "yes-no"
    BODY = "body"
    ENTRY = "entry"
    ACCESSION = "accession"
    LANGUAGE = "language"
    MUNICIPALITY = "municipality"


CHOICES: Mapping[Kind, Mapping[str, Text]] = MappingProxyType(
    {
        Kind.YES_NO: {"true": T("yes"), "false": T("no")},
        Kind.BODY: {str(one): T(str(one)) for one in ApprovalBody},
        Kind.ENTRY: {
            EntryIntoForce.LAST_SIGNATURE: T("with the last signature"),
            EntryIntoForce.EACH_ON_SIGNING: T("for each party on signing"),
        },
        Kind.ACCESSION: {Accession.ALL: T("all parties"), Accession.MOTOR: T("the motor municipality")},
        Kind.LANGUAGE: {Language.NB: T("bokmål"), Language.NN: T("nynorsk")},
    }
)
"""What can be chosen: what the cluster file writes, and what the sheet shows."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing to fill in: its path in the file below what its row is about, and what people are told of it.

    A blank cell stands for ``default``; ``rows`` are the cells of a field that has several, one below the other.
    """

    path: Path
    kind: Kind
    guide: FieldGuide
    default: str = ""
    rows: int = 1


def _guide(path: Path) -> FieldGuide:
    return KSF_CLUSTER.guides[path]


def _field(path: Path, kind: Kind, default: str = "", *, below: Path = (), rows: int = 1) -> FormField:
    return FormField(path, kind, _guide((*below, *path)), default, rows)


def _choice(path: Path, kind: Kind, default: str, help_: Text) -> FormField:
    """Return a field of few words; its guidance in the cluster file tells how those are written there."""
    guide = _guide(path)
    return FormField(path, kind, FieldGuide(guide.label, guide.clause, help_), default)


def _leader(name: str, kind: Kind, label: Text) -> FormField:
    return FormField(("cluster_leader", name), kind, FieldGuide(label, "6", _guide(("cluster_leader",)).help))


FIELD, VALUE = T("Field"), T("Value")
"""The headings of the sheet of the cluster, which has one field to a row."""
CLUSTER_PROPERTY, DIGEST_PROPERTY = "KSF-klynge", "KSF-fingeravtrykk"
PROPERTY_LABELS = ((CLUSTER_PROPERTY, T("The cluster's id")), (DIGEST_PROPERTY, T("Imprint of the cluster file")))
"""What a sheet says of where it comes from, also where somebody can see it: some programs drop properties."""

FOCUS_AREAS: Path = ("focus_areas",)
NUMBER: Path = ("municipality",)
NAME: Path = ("municipality", "name")
MOTOR: Path = ("motor",)

CLUSTER_FIELDS = (
    _field(("name",), Kind.LINE),
    _choice(
        ("language",),
        Kind.LANGUAGE,
        Language.NB,
        T("The language that the agreement is written in; what is written here is not translated."),
    ),
    _leader("name", Kind.LINE, T("Cluster leader's name")),
    _leader("title", Kind.LINE, T("Cluster leader's title")),
    _leader("email", Kind.EMAIL, T("Cluster leader's e-mail")),
    _leader("phone", Kind.PHONE, T("Cluster leader's phone")),
    _field(("decision_authority",), Kind.LINE),
    _field(("activity_authority",), Kind.LINE),
    _field(FOCUS_AREAS, Kind.PARAGRAPHS, rows=8),
    _field(("valid_until",), Kind.DATE),
    _choice(
        ("entry_into_force",),
        Kind.ENTRY,
        EntryIntoForce.LAST_SIGNATURE,
        T("When the agreement enters into force: when the last party has signed, or for each as it signs."),
    ),
    _choice(
        ("accession",),
        Kind.ACCESSION,
        Accession.ALL,
        T("Who must sign when a municipality joins later. The motor municipality alone only where the text says so."),
    ),
    _field(("resources", "cluster_leader"), Kind.LINE),
    _field(("resources", "foui_contact"), Kind.LINE),
    _field(("contributions_required",), Kind.YES_NO, "false"),
    *(_field(("local_text", name), Kind.PARAGRAPHS) for name in LocalText.model_fields),
)
"""What is filled in once, in the order of the sheet."""

_MUNICIPALITY = (
    FormField(NUMBER, Kind.MUNICIPALITY, FieldGuide(T("Municipality number"), "2", T("Four digits."))),
    FormField(
        NAME,
        Kind.MUNICIPALITY,
        FieldGuide(T("Municipality"), "2", T("Choose from the list. Number or name is enough.")),
    ),
)
_MEMBERS: Path = ("members",)
MEMBER_FIELDS = (
    *_MUNICIPALITY,
    FormField(
        MOTOR,
        Kind.YES_NO,
        FieldGuide(T("Motor municipality"), "2", T("'yes' for the one municipality that leads the cluster.")),
        "false",
    ),
    _field(("signatory", "name"), Kind.LINE, below=_MEMBERS),
    _field(("signatory", "title"), Kind.LINE, below=_MEMBERS),
    _field(("approval_body",), Kind.BODY, ApprovalBody.MUNICIPAL_DIRECTOR, below=_MEMBERS),
    _field(("name_as_signed",), Kind.LINE, below=_MEMBERS),
)
"""The columns of the sheet of members."""

_CONTACTS: Path = ("members", "foui_contacts")
CONTACT_FIELDS = (
    *_MUNICIPALITY,
    _field(("name",), Kind.LINE, below=_CONTACTS),
    _field(("title",), Kind.LINE, below=_CONTACTS),
    _field(("email",), Kind.EMAIL, below=_CONTACTS),
    _field(("phone",), Kind.PHONE, below=_CONTACTS),
)
"""The columns of the sheet of contact persons: one row per person."""


@dataclass(frozen=True, slots=True)
class MemberForm:
    """What the form says of one municipality; its values by path below the member, its contacts in their order."""

    number: str
    values: Values
    contacts: tuple[Values, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a form says: the cluster's values by path, the focus areas, the members."""

    values: Values
    focus_areas: tuple[str, ...] = ()
    members: tuple[MemberForm, ...] = ()

    def member(self, number: str) -> MemberForm | None:
        """Return what is said of a municipality, or None."""
        return next((one for one in self.members if one.number == number), None)

    @property
    def motor(self) -> str:
        """The motor municipality's number, or ''."""
        return next((one.number for one in self.members if one.values.get(MOTOR) == "true"), "")

    def digest(self) -> str:
        """Return what tells whether the cluster file still says what it said when the sheet was made."""
        said = [
            _plain(self.values),
            self.focus_areas,
            [(one.number, _plain(one.values), [_plain(person) for person in one.contacts]) for one in self.members],
        ]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]


def _plain(values: Values) -> list[tuple[str, str]]:
    return sorted((".".join(path), value) for path, value in values.items() if value)


def form_of(cluster: Cluster) -> Form:
    """Return the form as a cluster file fills it."""
    values = {one.path: _said(cluster, one.path) for one in CLUSTER_FIELDS if one.path != FOCUS_AREAS}
    members = tuple(_member(one, cluster.motor_municipality) for one in cluster.members)
    return Form(values, cluster.focus_areas, members)


def _member(member: Member, motor: str | None) -> MemberForm:
    values = {
        one.path: _said(member, one.path)
        for one in MEMBER_FIELDS
        if one.kind is not Kind.MUNICIPALITY and one.path != MOTOR
    }
    values[MOTOR] = "true" if member.municipality == motor else "false"
    return MemberForm(member.municipality, values, tuple(map(_person, member.foui_contacts)))


def _person(person: Person) -> Values:
    return {one.path: _said(person, one.path) for one in CONTACT_FIELDS if one.kind is not Kind.MUNICIPALITY}


def _said(value: Any, path: Path) -> str:
    for name in path:
        value = getattr(value, name, None)
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a filled form changes; ``municipality`` is a number or '', ``person`` a contact's name or ''.

    ``old`` and ``new`` are as the file writes them, '' where there is nothing.
    """

    label: Text
    old: str
    new: str
    kind: Kind = Kind.LINE
    municipality: str = ""
    person: str = ""


def changes(old: Form, new: Form) -> tuple[Change, ...]:
    """Return what ``new`` changes in what the file says, in the order of the sheet."""
    return (*_cluster_changes(old, new), *_member_changes(old, new))


def _cluster_changes(old: Form, new: Form) -> Iterator[Change]:
    for one in CLUSTER_FIELDS:
        if one.path == FOCUS_AREAS:
            if old.focus_areas != new.focus_areas:
                yield Change(one.guide.label, "; ".join(old.focus_areas), "; ".join(new.focus_areas))
        else:
            yield from _difference(one, old.values, new.values)


def _difference(one: FormField, old: Values, new: Values, number: str = "", person: str = "") -> Iterator[Change]:
    before, after = old.get(one.path, ""), new.get(one.path, "")
    if before != after:
        yield Change(one.guide.label, before, after, one.kind, number, person)


def _member_changes(old: Form, new: Form) -> Iterator[Change]:
    blank = MemberForm("", {one.path: one.default for one in MEMBER_FIELDS})
    for after in new.members:
        before = old.member(after.number)
        if before is None:
            yield Change(T("Members"), "", after.number, Kind.MUNICIPALITY, after.number)
        for one in MEMBER_FIELDS:
            if one.kind is not Kind.MUNICIPALITY:
                yield from _difference(one, (before or blank).values, after.values, after.number)
        yield from _contact_changes(after.number, (before or blank).contacts, after.contacts)
    for gone in old.members:
        if new.member(gone.number) is None:
            yield Change(T("Members"), gone.number, "", Kind.MUNICIPALITY, gone.number)


def _contact_changes(number: str, old: tuple[Values, ...], new: tuple[Values, ...]) -> Iterator[Change]:
    name = CONTACT_FIELDS[2].path
    left = list(old)
    for after in new:
        before = next((one for one in left if one[name] == after[name]), None)
        if before is None:
            yield Change(T("FoUI contacts"), "", _written(after), Kind.LINE, number)
        else:
            left.remove(before)
            for one in CONTACT_FIELDS[2:]:
                yield from _difference(one, before, after, number, after[name])
    for gone in left:
        yield Change(T("FoUI contacts"), _written(gone), "", Kind.LINE, number)
    kept = [one[name] for one in new if one[name] in {person[name] for person in old}]
    if not left and len(kept) == len(new) == len(old) and kept != [one[name] for one in old]:
        yield Change(T("Order of the FoUI contacts"), _names(old), _names(new), Kind.LINE, number)


def _written(person: Values) -> str:
    return ", ".join(value for value in person.values() if value)


def _names(people: tuple[Values, ...]) -> str:
    return ", ".join(person[CONTACT_FIELDS[2].path] for person in people)


@dataclass(slots=True)
class Branch:
    """A cluster file as nested dicts, lists and texts, which is what is edited."""

    tree: dict[str, Any] = field(default_factory=dict)

    def put(self, path: Path, text: str) -> None:
        """Write a text at ``path``, or take away what stands there; a group that becomes empty goes too."""
        *groups, last = path
        here = self.tree
        above: list[tuple[dict[str, Any], str]] = []
        for name in groups:
            if not isinstance(here.get(name), dict):
                if not text:
                    return
                here[name] = {}
            above.append((here, name))
            here = here[name]
        if text:
            here[last] = text
            return
        here.pop(last, None)
        for group, name in reversed(above):
            if not group[name]:
                del group[name]


def edited(tree: dict[str, Any], old: Form, new: Form) -> dict[str, Any]:
    """Return the tree of a cluster file that said ``old``, as it must be to say ``new``; the rest stays as it is."""
    file = Branch(_copied(tree))
    _put(file, CLUSTER_FIELDS, old.values, new.values)
    if old.focus_areas != new.focus_areas:
        file.tree["focus_areas"] = list(new.focus_areas)
    if old.motor != new.motor:
        file.put(("motor_municipality",), new.motor)
    written = {one["municipality"]: one for one in file.tree.get("members", ())}
    if old.members != new.members:
        file.tree["members"] = [_edited_member(written.get(one.number), old, one) for one in new.members]
    return file.tree


def _put(branch: Branch, fields: tuple[FormField, ...], old: Values, new: Values) -> None:
    for one in fields:
        if old.get(one.path, one.default) != new.get(one.path, one.default):
            branch.put(one.path, new.get(one.path, ""))


def _edited_member(written: dict[str, Any] | None, old: Form, new: MemberForm) -> dict[str, Any]:
    before = old.member(new.number) or MemberForm(new.number, {})
    branch = Branch(written if written is not None else {"municipality": new.number})
    _put(
        branch, tuple(one for one in MEMBER_FIELDS if one.path not in {NUMBER, NAME, MOTOR}), before.values, new.values
    )
    if before.contacts != new.contacts:
        people = [{path[0]: value for path, value in one.items() if value} for one in new.contacts]
        if people:
            branch.tree["foui_contacts"] = people
        else:
            branch.tree.pop("foui_contacts", None)
    return branch.tree


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, (list, tuple)) else value
