"""Any valid cluster gives documents in which every value stands exactly, and KS's text around it unchanged."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from ksf_agreements.documents.context import AgreementContext, Block, DocumentContext, agreement_context
from ksf_agreements.documents.package import Part
from ksf_agreements.documents.template import Template, compile_template, custom_properties, parts_digest
from ksf_agreements.domain.cluster import Cluster, LocalText, Region, Resources
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.services.documents.generating import draft
from tests.documents.by_hand import agreement_texts, contacts_texts
from tests.documents.ks_text import guidance
from tests.documents.word import (
    AGREEMENT,
    BODY,
    CONTACTS,
    WP,
    XML_SPACE,
    W,
    blocks_of,
    body_texts,
    element_text,
    opened,
    parts,
    root,
    styled_texts,
)
from tests.factories import REGIONS, cluster, cluster_text, clusters, lines, member, regions, register

PNG = b"\x89PNG\r\n\x1a\n any bytes: the picture is not looked into"
NASTY_NAME = "{{ name }} & <w:t>\"'{%p endfor %}]]>[x]\ue000{1}\\ Guovdageainnu ïŋŧ 😀\tslutt "


@cache
def templates() -> tuple[Template, Template]:
    agreement, contacts = (compile_template(path.read_bytes(), AgreementContext) for path in (AGREEMENT, CONTACTS))
    return agreement, contacts


def context_of(value: Cluster, known: dict[str, Region] = REGIONS) -> AgreementContext:
    return agreement_context(value, KSF_CLUSTER, register(), known)


def texts(agreement: bytes) -> list[str]:
    """Return the agreement's paragraphs; the contents without their page numbers, which Word works out."""
    found = body_texts(agreement)
    assert found[15] == "", "the contents' field ends in a paragraph of its own"
    contents = [re.sub(r"\t\d+$", "", text) for text in found[2:15]]
    return [*found[:2], *contents, *found[16:]]


def filled(value: Cluster, known: dict[str, Region] = REGIONS) -> tuple[AgreementContext, bytes, bytes]:
    context = context_of(value, known)
    agreement, contacts = (draft(template, context, "klynge", value.language) for template in templates())
    return context, agreement, contacts


nasty = cluster(
    name=NASTY_NAME,
    members=("4601", member("1515", name_as_signed=NASTY_NAME), "1818", "5612"),
    decision_authority=f"a{NASTY_NAME}",
    focus_areas=(NASTY_NAME, "{%p if x %}", "en\nto\ttre"),
    resources=Resources(cluster_leader=NASTY_NAME, foui_contact=NASTY_NAME),
    local_text=LocalText(**dict.fromkeys(LocalText.model_fields, f"- {NASTY_NAME}\n\n {NASTY_NAME}\n{NASTY_NAME}")),
    contributions_required=True,
)


@given(clusters(), regions())
@example(nasty, REGIONS)
@example(cluster(name="ø" * 200, members=("4601", member("4631", name_as_signed="å" * 200))), REGIONS)
def test_the_agreement_says_what_ks_text_filled_by_hand_says(value: Cluster, known: dict[str, Region]) -> None:
    context, agreement, _ = filled(value, known)
    assert texts(agreement) == agreement_texts(context)


@given(clusters(), regions())
@example(nasty, REGIONS)
def test_the_list_of_contacts_says_what_the_cluster_file_says(value: Cluster, known: dict[str, Region]) -> None:
    context, _, contacts = filled(value, known)
    assert body_texts(contacts) == contacts_texts(context)


@given(clusters(gaps=True))
def test_a_draft_with_gaps_says_so_and_is_whole_else(value: Cluster) -> None:
    context, agreement, contacts = filled(value)
    assert texts(agreement) == agreement_texts(context)
    assert body_texts(contacts) == contacts_texts(context)
    if value.valid_until is None:
        assert "gjelder frem til og med (avklares)." in "\n".join(body_texts(agreement))


@given(clusters(), regions())
@example(nasty, REGIONS)
def test_every_party_has_one_whole_signature_block_the_motor_municipality_first(
    value: Cluster, known: dict[str, Region]
) -> None:
    _, agreement, _ = filled(value, known)
    blocks = list(blocks_of(styled_texts(agreement)))
    assert len(blocks) == len(value.members)
    motor = next(one for one in value.members if one.municipality == value.motor_municipality)
    others = [one for one in value.members if one is not motor]
    for place, (block, party) in enumerate(zip(blocks, [motor, *others], strict=True)):
        name = party.name_as_signed
        role = "partnerkommune" if place else "motorkommune"
        if name is None:
            found = register().get(party.municipality)
            assert found is not None
            name = block[0].removeprefix("For ").removesuffix(f" ({role})")
            assert name in {found.title(), found.title(with_county=True)}
        signatory = party.signatory
        assert block == [
            f"For {name} ({role})",
            "Signatur",
            f"Navn: {(signatory.name if signatory else None) or ''}",
            f"Tittel: {(signatory.title if signatory else None) or ''}",
            "Dato:",
        ]


@given(clusters(), regions())
@example(nasty, REGIONS)
def test_header_properties_and_marks_are_exact_too(value: Cluster, known: dict[str, Region]) -> None:
    context, agreement, contacts = filled(value, known)
    for data, title, properties_title, template in (
        (agreement, "Samarbeidsavtale", "Samarbeidsavtale mellom kommunene i", templates()[0]),
        (contacts, "Kontaktpersoner", "Kontaktpersoner", templates()[1]),
    ):
        content = context.content_hash(template.digest)
        assert element_text(root(data, "word/header1.xml")) == f"{title} · {context.name}"
        mark = f"Utkast · innhold {content}"
        assert element_text(root(data, "word/footer1.xml")) == f"{mark}\tSide 1 av 1"
        properties = opened(data).core_properties
        assert properties.title.startswith(properties_title)
        assert properties.title.endswith(context.name)
        assert properties.language == "nb-NO"
        assert custom_properties(parts(data))["KSF-innhold"] == content


@given(clusters())
@example(nasty)
def test_word_drops_no_space_of_a_value(value: Cluster) -> None:
    for data in filled(value)[1:]:
        for name in parts(data):
            if name.startswith("word/") and name.endswith(".xml"):
                for text in root(data, name).iter(f"{W}t"):
                    said = text.text or ""
                    assert "\n" not in said
                    assert "\t" not in said
                    assert said == said.strip(" ") or text.get(XML_SPACE) == "preserve", said


def test_no_tag_and_no_bracket_is_left() -> None:
    everything = cluster(
        local_text=LocalText(**dict.fromkeys(LocalText.model_fields, "Lokal tekst.\n- punkt")),
        contributions_required=True,
    )
    for value in (cluster(), everything, cluster(focus_areas=(), cluster_leader=None)):
        for data in filled(value)[1:]:
            for content in parts(data).values():
                assert not re.search(rb"\{\{|\}\}|\{%|%\}|\xee\x80[\x80\x81]", content)
            assert not re.search(r"[\[\]{}]|Punktet slette", "\n".join(body_texts(data)))


def test_guidance_never_reaches_a_document() -> None:
    everything = cluster(
        local_text=LocalText(**dict.fromkeys(LocalText.model_fields, "Lokal tekst.")),
        contributions_required=True,
        activity_authority="den enkelte kommune",
    )
    for value in (everything, cluster()):
        text = "\n".join(body_texts(filled(value)[1]))
        for line in guidance():
            assert line[:30] not in text
        assert "Veiledning" not in text


CLAUSES = {
    "purpose": "1. Formål med samarbeidsavtalen",
    "background": "3.1 Bakgrunn for Klyngen Eksempel",
    "aims": "4. Formål med kommuneklyngen",
    "organisation": "Kunnskaps- og kompetansemiljøer",
    "financing": "7. Finansiering og ressurser",
    "other_agreements": "11. Avtalens omfang",
    "termination_grounds": "12. Varighet og oppsigelse",
}


@pytest.mark.parametrize("field", LocalText.model_fields)
def test_a_local_text_stands_at_the_end_of_its_clause_and_leaves_no_trace_where_absent(field: str) -> None:
    _, with_it, _ = filled(cluster(local_text=LocalText(**{field: "Et avsnitt.\n\nSaken:\n- ett punkt"})))
    _, without, _ = filled(cluster())
    content = styled_texts(with_it)
    place = content.index(("BodyText", "Et avsnitt."))
    assert content[place : place + 3] == [
        ("BodyText", "Et avsnitt."),
        ("BodyText", "Saken:"),
        ("ListBullet", "ett punkt"),
    ]
    heading = next(text for style, text in reversed(content[:place]) if style.startswith("Heading"))
    assert heading == CLAUSES[field]
    after = content[place + 3]
    assert after[0].startswith("Heading")
    gone = {place, place + 1, place + 2, *([place - 1] if field == "background" else [])}
    assert [one for number, one in enumerate(content) if number not in gone] == styled_texts(without)


@given(lines(60, breaks=True), lines(60, breaks=True))
def test_the_alternative_text_of_the_qr_code_is_exact(mark: str, alt: str) -> None:
    context = context_of(cluster()).marked(DocumentContext(mark, alt))
    for template in templates():
        data = template.render(context, {"KSF-id": alt}, PNG)
        (picture,) = root(data, "word/header1.xml").iter(f"{WP}docPr")
        assert picture.get("descr") == alt
        assert element_text(root(data, "word/footer1.xml")) == f"{mark}\tSide 1 av 1"
        assert parts(data)["word/media/qr.png"] == PNG


def test_a_draft_has_no_qr_code() -> None:
    for data in filled(cluster())[1:]:
        header = root(data, "word/header1.xml")
        assert not list(header.iter(f"{WP}docPr"))
        assert not list(header.iter(f"{W}drawing"))


def test_a_document_with_a_qr_code_opens_and_shows_it() -> None:
    context = context_of(cluster()).marked(DocumentContext("KSF-2026-0001 · versjon 1", "QR-kode til avtalen"))
    data = templates()[0].render(context, {}, PNG)
    header = opened(data).sections[0].header
    (picture,) = header._element.iter(f"{WP}docPr")
    assert picture.get("descr") == "QR-kode til avtalen"
    (relation,) = (one for one in header.part.rels.values() if "image" in one.reltype)
    assert relation.target_part.blob == PNG


@given(clusters())
def test_every_part_is_well_formed_and_known_to_the_container(value: Cluster) -> None:
    for data in filled(value)[1:]:
        content = parts(data)
        for name, part in content.items():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(part)
        types = etree.fromstring(content["[Content_Types].xml"])
        told = {one.get("PartName").lstrip("/") for one in types if one.get("PartName")}
        endings = {one.get("Extension") for one in types if one.get("Extension")}
        assert told <= set(content)
        for name in content:
            assert name in told or name.rpartition(".")[2] in endings or name == "[Content_Types].xml"
        assert next(iter(content)) == "[Content_Types].xml"


@given(clusters())
@example(nasty)
def test_a_cluster_file_is_read_as_it_stands(tmp_path_factory: pytest.TempPathFactory, value: Cluster) -> None:
    file = tmp_path_factory.getbasetemp() / "klynge.yaml"
    file.write_text(cluster_text(value), encoding="utf-8")
    assert read_cluster(file).cluster == value


# --- the same input gives the same bytes, another input another hash -------------------------------------------------


@given(clusters())
def test_the_same_cluster_gives_the_same_bytes(value: Cluster) -> None:
    again = Cluster.model_validate(value.model_dump())
    assert filled(value)[1:] == filled(again)[1:]


_IN_ANOTHER_PROCESS = """
import hashlib, sys
from tests.documents.test_render import filled, nasty
for data in filled(nasty)[1:]:
    print(hashlib.sha256(data).hexdigest())
"""


@pytest.mark.parametrize(("seed", "zone"), [("0", "UTC"), ("4711", "Asia/Kolkata")])
def test_another_process_with_another_hash_seed_and_time_zone_gives_the_same_bytes(seed: str, zone: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
    told = subprocess.run(
        [sys.executable, "-c", _IN_ANOTHER_PROCESS],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [hashlib.sha256(data).hexdigest() for data in filled(nasty)[1:]]


def test_the_dates_inside_do_not_tell_when_it_was_made() -> None:
    for data in filled(cluster())[1:]:
        assert b"dcterms" not in parts(data)["docProps/core.xml"]
        assert b"202" not in parts(data)["docProps/core.xml"]


@given(clusters(), st.sampled_from(["name", "decision_authority", "focus_areas", "contributions_required", "members"]))
def test_another_value_gives_another_content_hash(value: Cluster, field: str) -> None:
    changed = {
        "name": f"{value.name}!",
        "decision_authority": f"{value.decision_authority}!",
        "focus_areas": (*value.focus_areas, "nytt"),
        "contributions_required": not value.contributions_required,
        "members": value.members[:-1] if len(value.members) > 2 else (*value.members, member("3301")),
    }
    if field == "members" and value.motor_municipality == value.members[-1].municipality:
        return
    other = value.model_copy(update={field: changed[field]})
    assert context_of(value).content_hash("t") != context_of(other).content_hash("t")


def test_the_content_hash_is_of_the_content_and_the_template_alone() -> None:
    context = context_of(cluster())
    assert re.fullmatch(r"[0-9a-f]{12}", context.content_hash("t"))
    assert context.marked(DocumentContext("KSF-2026-0001", "x")).content_hash("t") == context.content_hash("t")
    assert context.content_hash("another template") != context.content_hash("t")


def test_every_value_that_is_printed_counts_in_the_content_hash() -> None:
    context = context_of(cluster())
    for change in (
        {"valid_until": "1. januar 2031"},
        {"region": "Midt"},
        {"activity_authority": "x"},
        {"host_municipality": "x"},
        {"local_text": replace(context.local_text, aims=(Block("x", bullet=True),))},
        {"parties": (replace(context.parties[0], signatory_name="x"), *context.parties[1:])},
        {"coordinator": replace(context.coordinator, phone="x")},
        {"annexes": context.annexes[:-1]},
    ):
        assert replace(context, **change).content_hash("t") != context.content_hash("t"), change


def test_a_draft_tells_what_it_was_made_from() -> None:
    context, agreement, _ = filled(cluster())
    told = custom_properties(parts(agreement))
    assert told["KSF-klynge"] == "klynge"
    assert told["KSF-mal"] == "ksf-klyngeavtale"
    assert told["KSF-innhold"] == context.content_hash(templates()[0].digest)
    assert "KSF-id" not in told


# A file may be called anything; but for the two signs that the template engine keeps for itself.
@given(lines(120, breaks=True).filter(lambda text: not re.search("[\ue000\ue001]", text)))
def test_custom_properties_keep_any_text(text: str) -> None:
    data = templates()[0].render(context_of(cluster()).marked(DocumentContext("x", "")), {"KSF-klynge": text})
    assert custom_properties(parts(data))["KSF-klynge"] == text
    namespace = "{http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes}"
    assert text in [one.text for one in root(data, "docProps/custom.xml").iter(f"{namespace}lpwstr")]


def test_the_digest_of_the_parts_is_inside() -> None:
    _, agreement, _ = filled(cluster())
    content = [Part.small(name, data) for name, data in parts(agreement).items()]
    assert custom_properties(parts(agreement))["KSF-fingeravtrykk"] == parts_digest(content)
    assert BODY in {part.name for part in content}
