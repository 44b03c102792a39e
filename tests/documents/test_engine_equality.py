"""The engine is docxtpl's equal: for the same values the same body, as canonical XML and as text."""

from __future__ import annotations

import io
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import pytest
from docxtpl import DocxTemplate
from hypothesis import example, given
from jinja2 import Environment, StrictUndefined
from lxml import etree

from ksf_agreements.documents.context import AgreementContext, DocumentContext, agreement_context
from ksf_agreements.documents.language import at_start
from ksf_agreements.documents.template import Template, compile_template
from ksf_agreements.domain.cluster import Cluster, LocalText, Region
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from tests.documents.word import AGREEMENT, BODY, CONTACTS, body_texts, element_text, parts, root
from tests.factories import REGIONS, cluster, clusters, regions, register

TEMPLATES = {"agreement": AGREEMENT, "contacts": CONTACTS}
BOTH = pytest.mark.parametrize("which", list(TEMPLATES))


@cache
def ours(which: str) -> Template:
    return compile_template(TEMPLATES[which].read_bytes(), AgreementContext)


@cache
def source(which: str) -> bytes:
    return TEMPLATES[which].read_bytes()


def context_of(value: Cluster, known: dict[str, Region]) -> AgreementContext:
    context = agreement_context(value, KSF_CLUSTER, register(), known)
    return context.marked(DocumentContext("Utkast · innhold 0123456789ab", ""))


def by_docxtpl(which: str, context: AgreementContext) -> bytes:
    """Fill the template with docxtpl, the plain way but for autoescape and StrictUndefined."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["at_start"] = at_start
    template = DocxTemplate(io.BytesIO(source(which)))
    template.render(
        {field.name: getattr(context, field.name) for field in fields(context)}, environment, autoescape=True
    )
    target = io.BytesIO()
    template.save(target)
    return target.getvalue()


def canonical(data: bytes, part: str = BODY) -> str:
    """Return a part's canonical XML; whether a text says that its spaces count is not compared (see below)."""
    whole = etree.fromstring(parts(data)[part])
    for text in whole.iter():
        text.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", None)
    etree.cleanup_namespaces(whole)
    return str(etree.canonicalize(etree.tostring(whole, encoding="unicode")))


def docxtpl_spoils(value: Any) -> bool:
    """Whether docxtpl changes a text: it reads '{_{' as its own sign, and these characters as breaks."""
    if is_dataclass(value):
        return any(docxtpl_spoils(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, tuple):
        return any(docxtpl_spoils(item) for item in value)
    return isinstance(value, str) and any(sign in value for sign in ("{_{", "}_}", "{_%", "%_}"))


full = cluster(
    local_text=LocalText(**dict.fromkeys(LocalText.model_fields, "Et avsnitt & <to>.\n\n- punkt")),
    contributions_required=True,
    members=("4601", "1515", "1818", "5612"),
)


@BOTH
@given(value=clusters(tabs=False, breaks=False), known=regions(tabs=False))
@example(value=full, known=REGIONS)
@example(value=cluster(focus_areas=()), known=REGIONS)
def test_the_body_is_canonically_equal_to_docxtpls(which: str, value: Cluster, known: dict[str, Region]) -> None:
    context = context_of(value, known)
    if docxtpl_spoils(context):
        return
    mine, theirs = ours(which).render(context, {}), by_docxtpl(which, context)
    assert canonical(mine) == canonical(theirs)
    assert body_texts(mine) == body_texts(theirs)
    for part in ("word/header1.xml", "word/footer1.xml"):
        assert element_text(root(mine, part)) == element_text(root(theirs, part))


@BOTH
@given(value=clusters(), known=regions())
def test_with_line_breaks_and_tabs_the_text_is_equal_still(
    which: str, value: Cluster, known: dict[str, Region]
) -> None:
    context = context_of(value, known)
    if docxtpl_spoils(context):
        return
    assert body_texts(ours(which).render(context, {})) == body_texts(by_docxtpl(which, context))


@BOTH
def test_a_different_value_is_noticed(which: str) -> None:
    mine = ours(which).render(context_of(full, REGIONS), {})
    theirs = by_docxtpl(which, context_of(full.model_copy(update={"name": "En annen klynge"}), REGIONS))
    assert canonical(mine) != canonical(theirs)
