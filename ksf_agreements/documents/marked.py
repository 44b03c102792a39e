"""A template filled so that it shows where each value of the context stands: what tells a value from KS's wording."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from ksf_agreements.documents.clauses import BEGIN, END
from ksf_agreements.documents.context import AgreementContext
from ksf_agreements.documents.template import Template
from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.ksf_cluster import REGION_GUIDES
from ksf_agreements.text import T, Text

_PLAIN = frozenset({"role", "document"})  # a party's role is of the template's own words; marks are no values


def marked_document(template: Template, context: AgreementContext) -> tuple[bytes, tuple[str, ...]]:
    """Return the document with its values marked, and the values' paths by number ('parties[2].signatory_name')."""
    shown, paths = marked_context(context)
    return template.render(shown, {}), paths


def marked_context(context: AgreementContext) -> tuple[AgreementContext, tuple[str, ...]]:
    """Return the context with its values marked, and the values' paths by number."""
    paths: list[str] = []
    shown: AgreementContext = _marked(context, "", paths)
    return shown, tuple(paths)


def _marked(value: Any, path: str, paths: list[str]) -> Any:
    if isinstance(value, str):
        if not value.strip():
            return value
        paths.append(path)
        # After the first character: `at_start` must still find it.
        return f"{value[0]}{BEGIN}{len(paths) - 1}{BEGIN}{value[1:]}{END}"
    if isinstance(value, tuple):
        return tuple(_marked(one, f"{path}[{number}]", paths) for number, one in enumerate(value))
    if is_dataclass(value) and not isinstance(value, type):
        new = {
            one.name: _marked(getattr(value, one.name), f"{path}.{one.name}".lstrip("."), paths)
            for one in fields(value)
            if one.name not in _PLAIN
        }
        return replace(value, **new)
    return value


# Where a field of the context is told under another name in the cluster file.
_PATHS: Mapping[str, tuple[str, ...]] = {
    "party_names": ("members",),
    "parties": ("members",),
    "parties.name": ("members", "municipality"),
    "parties.signature_name": ("members", "municipality"),
    "parties.signatory_name": ("members", "signatory", "name"),
    "parties.signatory_title": ("members", "signatory", "title"),
    "parties.foui_contacts": ("members", "foui_contacts"),
}
_OTHERS: Mapping[str, Text] = {
    "region": REGION_GUIDES["name"].label,
    "host_municipality": REGION_GUIDES["host_municipality"].label,
    "annexes": T("Annexes"),
    "annexes.title": T("Annexes"),
    "coordinator": REGION_GUIDES["coordinator"].label,
}
_PERSON = {"name": T("Name"), "title": T("Title"), "email": T("E-mail"), "phone": T("Phone")}


def value_label(path: str, kind: AgreementKind) -> Text:
    """Return what people call a value of the context: 'Signatory's name', 'Local financing'."""
    bare = re.sub(r"\[\d+\]", "", path).removesuffix(".text")
    if bare in _OTHERS:
        return _OTHERS[bare]
    names = tuple(bare.split("."))
    guide = kind.guides.get(_PATHS.get(bare, names))
    if guide is not None and len(names) > 1 and names[-1] in _PERSON and names[0] != "parties":
        return T("{whose}: {what}", whose=value_label(names[0], kind), what=_PERSON[names[-1]])
    if guide is not None:
        return guide.label
    if len(names) > 1 and names[-1] in _PERSON:
        return T("{whose}: {what}", whose=value_label(".".join(names[:-1]), kind), what=_PERSON[names[-1]])
    return Text("{name}", (("name", bare),))


def party_number(path: str) -> int | None:
    """Return the number of the party that a value belongs to, or None."""
    found = re.match(r"parties\[(\d+)\]", path)
    return int(found[1]) if found else None
