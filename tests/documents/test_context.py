"""What a cluster becomes before a template prints it: names, dates, annex numbers, roles, local text, gaps."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksf_agreements.documents.context import AgreementContext, Block, ContactContext, agreement_context, blocks
from ksf_agreements.documents.wording import joined, written_date
from ksf_agreements.domain.cluster import Annexes, Cluster, Language, Person, Region, Resources, Signatory
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from tests.factories import REGIONS, cluster, clusters, lines, member, paragraphs, register


def context_of(value: Cluster, known: dict[str, Region] = REGIONS) -> AgreementContext:
    return agreement_context(value, KSF_CLUSTER, register(), known)


@pytest.mark.parametrize(
    ("numbers", "names"),
    [
        (("4601", "5612"), "Bergen kommune og Kautokeino kommune"),
        (("4621", "4619", "4622"), "Voss herad, Eidfjord kommune og Kvam herad"),
        (("3338", "3336"), "Nore og Uvdal kommune og Rollag kommune"),
        (("1818", "1515"), "Herøy kommune (Nordland) og Herøy kommune (Møre og Romsdal)"),
        (("1818", "4601"), "Herøy kommune og Bergen kommune"),
        (("3419", "3114", "3411"), "Våler kommune (Innlandet), Våler kommune (Østfold) og Ringsaker kommune"),
        (("5622", "5540"), "Porsanger kommune og Kåfjord kommune"),
    ],
)
def test_parties_are_named_in_norwegian_each_with_its_own_kind(numbers: tuple[str, ...], names: str) -> None:
    context = context_of(cluster(members=numbers, motor_municipality=numbers[0]))
    assert context.party_names == names
    assert context.motor_municipality == context.parties[0].name


def test_the_motor_municipality_comes_first_and_the_others_in_their_order() -> None:
    context = context_of(cluster(members=("4631", "4627", "4601", "4621"), motor_municipality="4601"))
    assert [(party.name, party.role, party.is_motor) for party in context.parties] == [
        ("Bergen kommune", "motorkommune", True),
        ("Alver kommune", "partnerkommune", False),
        ("Askøy kommune", "partnerkommune", False),
        ("Voss herad", "partnerkommune", False),
    ]
    assert context.party_names == "Bergen kommune, Alver kommune, Askøy kommune og Voss herad"


def test_in_nynorsk_the_roles_have_their_nynorsk_words() -> None:
    context = context_of(cluster(language=Language.NN))
    assert [party.role for party in context.parties] == ["motorkommune", "partnarkommune"]


def test_the_name_as_signed_is_for_the_signature_block_alone() -> None:
    signed = "Guovdageainnu suohkan - Kautokeino kommune"
    context = context_of(cluster(members=("4601", member("5612", name_as_signed=signed))))
    assert context.parties[1].signature_name == signed
    assert context.parties[1].name == "Kautokeino kommune"
    assert context.party_names == "Bergen kommune og Kautokeino kommune"


@pytest.mark.parametrize(
    ("signatory", "printed"),
    [
        (None, ("", "")),
        (Signatory(), ("", "")),
        (Signatory(name="Åse Ås"), ("Åse Ås", "")),
        (Signatory(title="ordfører"), ("", "ordfører")),
        (Signatory(name="Åse Ås", title="ordfører"), ("Åse Ås", "ordfører")),
    ],
)
def test_a_signatory_may_be_half_known(signatory: Signatory | None, printed: tuple[str, str]) -> None:
    party = context_of(cluster(members=("4601", member(signatory=signatory)))).parties[1]
    assert (party.signatory_name, party.signatory_title) == printed


def test_the_region_is_printed_with_the_host_municipality_named_by_the_same_rule() -> None:
    host_is_party = {"vest": Region(name="Vest", host_municipality="1515")}
    context = context_of(cluster(members=("1515", "1818"), motor_municipality="1818"), host_is_party)
    assert context.host_municipality == "Herøy kommune (Møre og Romsdal)"
    assert context_of(cluster(region="midt")).host_municipality == "Trondheim kommune"
    assert context_of(cluster(region="midt")).coordinator == ContactContext()
    assert context_of(cluster()).coordinator.name == "Kari Koordinator"


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2030, 12, 31), "31. desember 2030"),
        (date(2028, 2, 29), "29. februar 2028"),
        (date(2029, 1, 1), "1. januar 2029"),
    ],
)
def test_dates_are_written_as_norwegian_documents_write_them(day: date, written: str) -> None:
    assert written_date(day) == written
    assert context_of(cluster(valid_until=day)).valid_until == written


def test_all_months_have_their_names() -> None:
    names = [written_date(date(2030, month, 1)).split()[1] for month in range(1, 13)]
    assert ",".join(names) == ("januar,februar,mars,april,mai,juni,juli,august,september,oktober,november,desember")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [((), ""), (("A",), "A"), (("A", "B"), "A og B"), (("A", "B", "C"), "A, B og C")],
)
def test_names_are_joined_as_a_sentence_lists_them(names: tuple[str, ...], sentence: str) -> None:
    assert joined(names) == sentence


PLAN = "KS' plan for etablering av Kommunenes samarbeidsarena for forskning (KSF)"
MONEY, CONTACTS, MANDATE = "Kommunenes økonomiske forpliktelser", "Kontaktpersoner", "Mandat for kommuneklyngen"
ACTION, LATER = (
    "Handlingsplan for kommuneklyngen",
    "Handlingsplan for kommuneklyngen (utarbeides etter avtaleinngåelse)",
)
AREAS_LATER = "Prioriterte satsingsområder (fastsettes av styringsgruppen)"
FILE = "annexes/fil.pdf"


@pytest.mark.parametrize(
    ("annexes", "focus_areas", "titles"),
    [
        (Annexes(), ("x",), [PLAN, LATER, CONTACTS]),
        (Annexes(action_plan=FILE), ("x",), [PLAN, ACTION, CONTACTS]),
        (Annexes(financial_commitments=FILE), ("x",), [PLAN, MONEY, LATER, CONTACTS]),
        (Annexes(mandate=FILE), ("x",), [PLAN, LATER, CONTACTS, MANDATE]),
        (Annexes(mandate=FILE), (), [PLAN, LATER, CONTACTS, MANDATE]),
        (Annexes(), (), [PLAN, LATER, CONTACTS, AREAS_LATER]),
        (
            Annexes(financial_commitments=FILE, action_plan=FILE, mandate=FILE),
            ("x",),
            [PLAN, MONEY, ACTION, CONTACTS, MANDATE],
        ),
    ],
)
def test_annexes_are_numbered_by_what_is_present(
    annexes: Annexes, focus_areas: tuple[str, ...], titles: list[str]
) -> None:
    context = context_of(cluster(annexes=annexes, focus_areas=focus_areas))
    assert [annex.title for annex in context.annexes] == titles
    assert [annex.number for annex in context.annexes] == list(range(1, len(titles) + 1))
    assert context.annexes[context.contacts_annex - 1].title == CONTACTS


def test_who_decides_on_activities_is_who_decides_where_nobody_else_is_named() -> None:
    assert context_of(cluster()).activity_authority == "styringsgruppen"
    assert context_of(cluster(activity_authority="den enkelte kommune")).activity_authority == "den enkelte kommune"


@pytest.mark.parametrize(("language", "gap"), [(Language.NB, "(avklares)"), (Language.NN, "(ikkje avklart)")])
def test_what_is_not_settled_is_marked_as_a_gap(language: Language, gap: str) -> None:
    context = context_of(Cluster(agreement="ksf-cluster", language=language))
    assert {
        context.name,
        context.motor_municipality,
        context.party_names,
        context.region,
        context.host_municipality,
        context.decision_authority,
        context.activity_authority,
        context.valid_until,
        context.resources.cluster_leader,
    } == {gap}
    assert context.resources.foui_contact == ""
    assert context.parties == ()


def test_a_foui_contact_without_a_share_leaves_the_sentence_short() -> None:
    assert context_of(cluster()).resources.foui_contact == ""
    shares = Resources(cluster_leader="halv stilling", foui_contact="minimum 10 prosent stilling")
    assert context_of(cluster(resources=shares)).resources.foui_contact == "minimum 10 prosent stilling"


# --- local text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ett avsnitt.", [("Ett avsnitt.", False)]),
        ("Første.\n\nAndre.", [("Første.", False), ("Andre.", False)]),
        ("Linje en\nlinje to", [("Linje en\nlinje to", False)]),
        ("Slik:\n- en\n- to", [("Slik:", False), ("en", True), ("to", True)]),
        ("- en\n  går videre\n- to", [("en\ngår videre", True), ("to", True)]),
        ("• en\n* to", [("en", True), ("to", True)]),
        ("- en\nEtter lista.", [("en", True), ("Etter lista.", False)]),
        ("- en\n\n  Innrykket avsnitt.", [("en", True), ("  Innrykket avsnitt.", False)]),
        ("-ikke et punkt", [("-ikke et punkt", False)]),
        ("*viktig* ord", [("*viktig* ord", False)]),
        ("\n\nLuft rundt.\n\n", [("Luft rundt.", False)]),
        ("", []),
    ],
)
def test_a_local_text_becomes_paragraphs_and_bullets(text: str, found: list[tuple[str, bool]]) -> None:
    assert blocks(text) == tuple(Block(words, bullet) for words, bullet in found)


@given(st.lists(st.tuples(lines(60).filter(lambda text: text[:1] not in "-*•"), st.booleans()), min_size=1, max_size=6))
def test_paragraphs_and_bullets_come_out_as_they_went_in(wanted: list[tuple[str, bool]]) -> None:
    text = "\n\n".join(f"- {words.lstrip()}" if bullet else words for words, bullet in wanted)
    assert blocks(text) == tuple(Block(words.lstrip() if bullet else words, bullet) for words, bullet in wanted)


@given(paragraphs())
def test_no_word_of_a_local_text_is_lost_or_moved(text: str) -> None:
    said = "\n".join(block.text for block in blocks(text))
    bullets = sum(block.bullet for block in blocks(text))
    left = text.split()
    for sign in ("-", "*", "•"):
        assert said.split().count(sign) <= left.count(sign)
    without = [word for word in left if word not in {"-", "*", "•"}]
    assert [word for word in said.split() if word not in {"-", "*", "•"}] == without
    assert len(left) - len(said.split()) <= bullets


@given(paragraphs())
def test_nothing_but_blocks_with_something_in_them_comes_out(text: str) -> None:
    for block in blocks(text):
        assert block.text.strip()


# --- plain, frozen values go into a template -------------------------------------------------------------------------


def _values(value: Any) -> list[Any]:
    if is_dataclass(value):
        return [inner for field in fields(value) for inner in _values(getattr(value, field.name))]
    if isinstance(value, tuple):
        return [inner for item in value for inner in _values(item)]
    return [value]


@given(clusters(gaps=True))
def test_a_template_gets_nothing_but_texts_numbers_and_yes_or_no(value: Cluster) -> None:
    for inner in _values(context_of(value)):
        assert type(inner) in {str, int, bool}


def test_a_contact_is_what_the_file_says() -> None:
    person = Person(name="Åse Ås", title="rådgiver", email="aase@example.no", phone="40 00 00 00")
    context = context_of(cluster(cluster_leader=person, members=("4601", member(foui_contacts=(person,)))))
    told = ContactContext("Åse Ås", "rådgiver", "aase@example.no", "40 00 00 00")
    assert context.cluster_leader == told
    assert context.parties[1].foui_contacts == (told,)
    assert not ContactContext()
