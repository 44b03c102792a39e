"""Each letter from a cluster and a history: the facts stand exactly, and what is missing is refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ksf_agreements.documents.letters import LETTERS
from ksf_agreements.documents.template import custom_properties
from ksf_agreements.documents.wording import WORDS, written_date
from ksf_agreements.domain.cluster import (
    Accession,
    Annexes,
    ApprovalBody,
    Cluster,
    EntryIntoForce,
    Language,
    LocalText,
    Person,
    Resources,
    Signatory,
)
from ksf_agreements.domain.dates import add_months
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.esigning import counterparts
from ksf_agreements.domain.events import (
    AccessionRecorded,
    ApprovalPurpose,
    ApprovalRecorded,
    Basis,
    NoticeCopied,
    NoticeGivenToParty,
    NoticeWithdrawn,
    PackagedFile,
    PackageMade,
    PackageRole,
    PartyContinued,
    RenewalStarted,
    SignatureDeclined,
)
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.resources import template_dir
from ksf_agreements.services.letters.writing import LetterWriter, Records, Written
from tests.conftest import ROOT
from tests.documents.test_golden import told
from tests.documents.word import blocks_of, body_texts, parts, styled_texts
from tests.factories import REGIONS, cluster, clusters, member, register
from tests.services.histories import History, in_force

ISSUED, SIGNED, LATER = date(2026, 1, 5), date(2026, 3, 2), date(2027, 6, 1)
TAGS = re.compile(r"\{[{%]|[}%]\}|avklares|\[|\]|None")


def writer(value: Cluster, history: History | None = None, **changes: Any) -> LetterWriter:
    values: dict[str, Any] = {
        "id": "klynge",
        "cluster": value,
        "kind": KSF_CLUSTER,
        "municipalities": register(),
        "regions": REGIONS,
        "templates": template_dir(),
        "records": Records(history.events, history.snapshot) if history else Records(),
    }
    return LetterWriter(**{**values, **changes})


def write(
    kind: str, value: Cluster, history: History | None = None, on: date = LATER, *, party: str = "", year: int = 0
) -> Written:
    return writer(value, history).write(LETTERS[kind], on, party=party, year=year)


def text(kind: str, value: Cluster, history: History | None = None, on: date = LATER, **more: Any) -> str:
    """Return the text of the one letter that is written."""
    (letter,) = write(kind, value, history, on, **more).letters
    found = "\n".join(body_texts(letter.data)).replace("\u00a0", " ")
    assert not TAGS.search(found)
    return found


def refusal(kind: str, value: Cluster, history: History | None = None, on: date = LATER, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        write(kind, value, history, on, **more)
    return str(caught.value)


# --- the sample cluster, as text that people can read ----------------------------------------------------------------


@cache
def sample(name: str) -> Cluster:
    found = read_cluster(ROOT / "clusters" / f"{name}.yaml").cluster
    assert found is not None
    return found


def packaged(value: Cluster) -> PackageMade:
    """Return a package of version 1 with its first annex."""
    bundles = tuple(
        PackagedFile(role=PackageRole.BUNDLE, sha256="3" * 64, parties=parties, pages=14, stamped=9)
        for parties in counterparts(tuple(one.municipality for one in value.parties()))
    )
    plan = PackagedFile(role=PackageRole.ANNEX, sha256="4" * 64, title=WORDS[value.language].plan, pages=4)
    return PackageMade(version=1, channel="manual", files=(*bundles, plan))


def lived(kind: str, value: Cluster) -> tuple[History | None, Cluster, date, dict[str, Any]]:
    """Return the history, the cluster file, the day and the arguments that a letter's golden text is made from."""
    history, now, on = in_force(value, ISSUED, SIGNED), value, date(2026, 3, 3)
    leaver = value.members[-1].municipality
    if kind in {"saksframlegg", "oppnevning-klyngeleder", "oppnevning-foui-kontakt", "handlingsplan", "aarsrapport"}:
        year = {"handlingsplan": 2027, "aarsrapport": 2026}.get(kind, 0)
        about = leaver if kind in {"saksframlegg", "oppnevning-foui-kontakt"} else ""
        return None, value, on, {"year": year, "party": about}
    if kind == "oversendelse-signering":
        history = History()
        history.issue(value, ISSUED)
        history.open(ISSUED, date(2026, 2, 15))
        return history, value, date(2026, 1, 7), {"party": leaver}
    if kind == "signeringsveiledning":
        history = History()
        history.issue(value, ISSUED)
        history.open(ISSUED, date(2026, 2, 15))
        history.add(packaged(value), ISSUED)
        return history, value, date(2026, 1, 7), {"party": ""}
    if kind == "endringsavtale":
        local = value.local_text.model_copy(
            update={"financing": "Hver kommune bidrar med 3 kroner.\n\n- Betales i mai."}
        )
        now = value.model_copy(update={"decision_authority": "klyngerådet", "local_text": local})
    if kind in {"bekreftelse-oppsigelse", "partsliste"}:
        history.notice(leaver, date(2028, 2, 29), sent=date(2028, 2, 27), copied=date(2028, 3, 1))
        on = date(2028, 3, 2)
    if kind == "oppsigelse":
        decided = ApprovalRecorded(
            version=1, party=leaver, body="kommunestyre", case="12/28", purpose=ApprovalPurpose.NOTICE
        )
        history.add(decided, date(2028, 2, 1))
        on = date(2028, 2, 27)
    if kind == "forespoersel-fornyelse":
        history.add(RenewalStarted(of_version=1, valid_until=date(2034, 12, 31), invited=()), date(2029, 12, 1))
        on = date(2029, 12, 20)
    about = {"tiltredelse": "4620", "forespoersel-fornyelse": leaver}.get(kind, leaver if "oppsigelse" in kind else "")
    return history, now, on, {"party": about}


@pytest.mark.parametrize("name", ["helse-omsorg-vest", "alle-valg"])
@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_of_a_sample_is_what_it_was(golden: Callable[[str, str], None], kind: str, name: str) -> None:
    history, now, on, more = lived(kind, sample(name))
    (letter,) = write(kind, now, history, on, **more).letters
    said = told(letter.data).replace("\u00a0", " ")
    assert not TAGS.search(said)
    golden(f"letters/{name}-{kind}.txt", said)


@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_says_what_it_was_made_from(kind: str) -> None:
    history, now, on, more = lived(kind, sample("alle-valg"))
    (letter,) = write(kind, now, history, on, **more).letters
    properties = custom_properties(parts(letter.data))
    assert properties["KSF-klynge"] == "klynge"
    assert properties["KSF-mal"] == f"ksf-{kind}"
    assert properties["KSF-malversjon"] == "1"
    assert properties["KSF-fingeravtrykk"]
    tail = f"-{more['party']}" if more["party"] else f"-{more['year']}" if more.get("year") else ""
    assert letter.name == f"klynge-{kind}{tail}.docx"


# --- the case paper --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "body", "decides", "council"),
    [
        ("4601", ApprovalBody.CITY_GOVERNMENT, "Byrådet", "bystyret"),
        ("4621", ApprovalBody.MUNICIPAL_DIRECTOR, "Kommunedirektøren", "heradsstyret"),
        ("4631", ApprovalBody.EXECUTIVE_COMMITTEE, "Formannskapet", "kommunestyret"),
        ("4621", ApprovalBody.COUNCIL, "Heradsstyret", ""),
        ("4631", ApprovalBody.COUNCIL, "Kommunestyret", ""),
    ],
)
def test_who_decides_is_called_as_the_municipality_calls_it(
    number: str, body: ApprovalBody, decides: str, council: str
) -> None:
    members = tuple(member(one, approval_body=body) for one in ("4601", "4621", "4631"))
    said = text("saksframlegg", cluster(members=members), party=number)
    assert f"Avgjøres av:\t{decides}\n" in said
    assert (f"Avtalen legges frem for {council} til orientering, slik punkt 5 anbefaler." in said) == bool(council)
    assert ("til orientering" in said) == bool(council)


def test_every_party_gets_its_own_case_paper() -> None:
    written = write("saksframlegg", cluster(members=("4601", "4631", "4621")))
    assert [one.name for one in written.letters] == [
        "klynge-saksframlegg-4601.docx",
        "klynge-saksframlegg-4631.docx",
        "klynge-saksframlegg-4621.docx",
    ]
    assert written.left_out == ()


def test_contributions_and_local_financing_are_told_and_nothing_else_is_promised() -> None:
    none = text("saksframlegg", cluster(), party="4631")
    assert "Punkt 7 fastsetter ingen andre bidrag fra kommunen." in none
    assert "forutsetter bidrag" not in none
    rich = cluster(
        contributions_required=True,
        local_text=LocalText(financing="To kroner & <tre>.\n\n- Betales i mai"),
        annexes=Annexes(financial_commitments="annexes/x.pdf"),
    )
    said = text("saksframlegg", rich, party="4631")
    assert "To kroner & <tre>.\nBetales i mai\n" in said
    assert "Deltakelse forutsetter bidrag etter punkt 7. Manglende bidrag er oppsigelsesgrunn (punkt 12)." in said
    assert "vedlegget «Kommunenes økonomiske forpliktelser»" in said
    assert "ingen andre bidrag" not in said
    assert "lokale grunnlag for oppsigelse" not in said
    local = cluster(local_text=LocalText(termination_grounds="Den som ikke har FoUI-kontakt, kan sies opp."))
    assert "Avtalen har også lokale grunnlag for oppsigelse." in text("saksframlegg", local, party="4631")


def test_the_signatory_is_named_as_far_as_known() -> None:
    for signatory, words in (
        (Signatory(name="Åse Øy", title="ordfører"), "av ordfører Åse Øy."),
        (Signatory(title="ordfører"), "av ordfører."),
        (Signatory(name="Åse Øy"), "av Åse Øy."),
        (None, "av den som har fullmakt til å signere for Alver kommune."),
    ):
        said = text("saksframlegg", cluster(members=("4601", member("4631", signatory=signatory))), party="4631")
        assert words in said


# --- signing and entry into force ------------------------------------------------------------------------------------


def test_the_cover_letter_goes_to_those_who_have_not_answered() -> None:
    value = cluster(members=("4601", "4631", "4621", "4627"))
    history = History()
    history.issue(value, ISSUED)
    history.sign("4631", date(2026, 1, 9), reservation=True)
    history.add(SignatureDeclined(version=1, party="4627"), date(2026, 1, 10))
    written = write("oversendelse-signering", value, history, date(2026, 1, 20))
    assert [one.party for one in written.letters] == ["4601", "4621"]
    assert [str(one) for one in written.left_out] == [
        "4631 Alver has signed or declined already.",
        "4627 Askøy has signed or declined already.",
    ]
    assert (
        "innen"
        not in text("oversendelse-signering", value, history, date(2026, 1, 20), party="4631").split("H1")[0][:300]
    )


def test_a_deadline_stands_only_where_one_was_set() -> None:
    history = History()
    history.issue(cluster(), ISSUED)
    assert "signere den.\n" in text("oversendelse-signering", cluster(), history, ISSUED, party="4631")
    history.open(ISSUED, date(2026, 2, 28))
    assert "signere den innen 28. februar 2026." in text(
        "oversendelse-signering", cluster(), history, ISSUED, party="4631"
    )


def test_a_renewal_is_sent_with_the_day_that_it_begins() -> None:
    value = cluster()
    history = in_force(value, ISSUED, SIGNED)
    renewed = cluster(valid_until=date(2034, 12, 31))
    history.issue(renewed, date(2030, 9, 1), basis=Basis.RENEWAL, follows=1, valid_from=date(2031, 1, 1))
    said = text("oversendelse-signering", renewed, history, date(2030, 9, 2), party="4631")
    assert "Den gjelder fra 1. januar 2031 og frem til og med 31. desember 2034 (punkt 12)." in said
    assert "KSF-2026-0002, versjon 2" in said
    assert "tidligst 1. januar 2031" in said


def test_how_it_enters_into_force_is_told_as_the_cluster_has_it() -> None:
    for entry, words in (
        (EntryIntoForce.LAST_SIGNATURE, "legger vi til grunn den dagen den siste signerer."),
        (EntryIntoForce.EACH_ON_SIGNING, "mellom de kommunene som har signert, etter hvert som de signerer."),
    ):
        value = cluster(entry_into_force=entry)
        history = History()
        history.issue(value, ISSUED)
        assert words in text("oversendelse-signering", value, history, ISSUED, party="4631")


def test_those_who_are_not_bound_yet_are_named() -> None:
    value = cluster(members=("4601", "4631", "4621"), entry_into_force=EntryIntoForce.EACH_ON_SIGNING)
    history = History()
    history.issue(value, ISSUED)
    history.sign("4601", date(2026, 1, 7))
    assert refusal("ikrafttredelse", value, history, date(2026, 1, 8)) == (
        "The agreement is not in force on 8.1.2026: 1 of 3 have signed. Choose another day with --on."
    )
    history.sign("4631", date(2026, 1, 9))
    said = text("ikrafttredelse", value, history, date(2026, 1, 12))
    assert "er i kraft fra 9. januar 2026 og gjelder til og med 31. desember 2030 (punkt 12)." in said
    assert "Disse kommunene er ikke bundet av avtalen 12. januar 2026:\nVoss herad (invitert)\n" in said


def test_a_missing_foui_contact_is_asked_for_within_thirty_days() -> None:
    value = cluster(members=("4601", member("4631", foui_contacts=())))
    history = in_force(value, ISSUED, SIGNED)
    soon, late = (text("ikrafttredelse", value, history, day) for day in (SIGNED, date(2026, 4, 1)))
    assert "Vi mangler navn fra Alver kommune og ber om å få det innen 1. april 2026." in soon
    assert "Vi mangler navn fra Alver kommune og ber om å få det så snart som mulig." in late
    assert "Alle kommunene har oppgitt FoUI-kontakt" in text("ikrafttredelse", cluster(), history, SIGNED)


# --- appointments ----------------------------------------------------------------------------------------------------


def test_nobody_is_appointed_without_a_name() -> None:
    assert refusal("oppnevning-klyngeleder", cluster(cluster_leader=None)) == (
        "The cluster file names no cluster leader. Write it under cluster_leader."
    )
    value = cluster(members=("4601", member("4631", foui_contacts=())))
    assert refusal("oppnevning-foui-kontakt", value, party="4631") == (
        "The cluster file names no FoUI contact of 4631 Alver. Write it under foui_contacts."
    )
    written = write("oppnevning-foui-kontakt", value)
    assert [one.party for one in written.letters] == ["4601"]
    assert len(written.left_out) == 1
    nobody = cluster(members=(member("4601", foui_contacts=()), member("4631", foui_contacts=())))
    assert refusal("oppnevning-foui-kontakt", nobody).startswith("No municipality is to have this letter.")


# --- accession -------------------------------------------------------------------------------------------------------


def test_the_newcomer_and_all_who_are_bound_sign() -> None:
    value = cluster(members=("4601", "4631", "4621"))
    history = in_force(value, ISSUED, SIGNED)
    history.notice("4631", date(2026, 5, 1))
    history.add(AccessionRecorded(party="4627", signed_by=()), date(2026, 8, 1))
    (letter,) = write("tiltredelse", value, history, date(2027, 4, 1), party="4620").letters
    assert [block[0] for block in blocks_of(styled_texts(letter.data))] == [
        "For Ulvik herad (ny partnerkommune)",
        "For Bergen kommune (motorkommune)",
        "For Alver kommune (partnerkommune)",
        "For Voss herad (partnerkommune)",
        "For Askøy kommune (partnerkommune)",
    ]
    gone = text("tiltredelse", value, history, LATER, party="4620")
    assert "For Alver kommune" not in gone
    assert "er disse kommunene bundet av den: Bergen kommune, Voss herad og Askøy kommune." in gone


def test_where_the_motor_municipality_has_that_power_it_signs_alone() -> None:
    value = cluster(accession=Accession.MOTOR)
    (letter,) = write("tiltredelse", value, in_force(value, ISSUED, SIGNED), LATER, party="4620").letters
    assert [block[0] for block in blocks_of(styled_texts(letter.data))] == [
        "For Ulvik herad (ny partnerkommune)",
        "For Bergen kommune (motorkommune)",
    ]
    assert "signerer som motorkommune på vegne av partene" in "\n".join(body_texts(letter.data))


def test_only_an_existing_municipality_that_is_not_bound_can_join() -> None:
    history = in_force(cluster(), ISSUED, SIGNED)
    assert refusal("tiltredelse", cluster(), history, party="4631") == (
        "4631 Alver is bound by the agreement already. Only others can join it."
    )
    assert refusal("tiltredelse", cluster(), history, party="1201").startswith("No municipality has the number 1201")
    assert refusal("tiltredelse", cluster(), history) == "Name the municipality with --party."


def test_two_municipalities_of_one_name_get_their_county() -> None:
    value = cluster(members=("4601", "1515"))
    said = text("tiltredelse", value, in_force(value, ISSUED, SIGNED), party="1818")
    assert "Herøy kommune (Nordland) tiltrer" in said
    assert "Bergen kommune og Herøy kommune (Møre og Romsdal)" in said


# --- amendment -------------------------------------------------------------------------------------------------------


def rows(value: Cluster, history: History) -> list[tuple[str, str, str]]:
    found = (
        text("endringsavtale", value, history).split("\nNy tekst\n")[1].split("\nSamarbeidsavtalen gjelder ellers")[0]
    )
    cells = found.strip().split("\nPunkt ")
    return [tuple(row.removeprefix("Punkt ").split("\n", 2)) for row in cells]  # type: ignore[misc]


def test_each_change_stands_with_its_clause_and_both_texts() -> None:
    old = cluster(resources=Resources(cluster_leader="50 prosent", foui_contact="10 prosent"))
    new = cluster(
        name="Klyngen & Co",
        decision_authority="rådet",
        resources=Resources(cluster_leader="60 prosent"),
        contributions_required=True,
        local_text=LocalText(financing="En krone.\n\n- I mai"),
        valid_until=date(2029, 12, 31),
        annexes=Annexes(action_plan="annexes/ny.docx", financial_commitments="annexes/nytt.pdf"),
        focus_areas=("noe nytt",),
        cluster_leader=None,
    )
    found = rows(new, in_force(old, ISSUED, SIGNED))
    assert [(row[0].split(":")[0], *row[1:]) for row in found] == [
        ("1", "Klyngen Eksempel", "Klyngen & Co"),
        ("6", "styringsgruppen", "rådet"),
        ("6", "styringsgruppen", "rådet"),
        ("7", "50 prosent", "60 prosent"),
        ("7", "10 prosent", "Bestemmelsen går ut"),
        ("7", "Ingen bestemmelse", "En krone.\n• I mai"),
        ("7", "Ingen bestemmelse", "nytt.pdf"),
        ("12", "31. desember 2030", "31. desember 2029"),
        (
            "12",
            "Ingen bestemmelse",
            "Deltakelse forutsetter bidrag etter punkt 7. Manglende bidrag er oppsigelsesgrunn.",
        ),
    ]


def test_what_changes_without_signing_is_no_amendment() -> None:
    history = in_force(cluster(), ISSUED, SIGNED)
    free = cluster(cluster_leader=None, focus_areas=("noe annet",), annexes=Annexes(mandate="annexes/m.pdf"))
    for same in (cluster(), free):
        assert refusal("endringsavtale", same, history) == (
            "The cluster file changes nothing that the parties must sign."
        )


def test_a_later_last_day_other_members_or_a_lost_text_are_no_amendment() -> None:
    history = in_force(cluster(), ISSUED, SIGNED)
    assert "is a renewal" in refusal("endringsavtale", cluster(valid_until=date(2031, 1, 1)), history)
    assert "4621 Voss. A municipality joins by accession" in refusal(
        "endringsavtale", cluster(members=("4601", "4631", "4621")), history
    )
    history.clusters.clear()
    assert "does not have the text" in refusal("endringsavtale", cluster(name="Ny"), history)


# --- notice ----------------------------------------------------------------------------------------------------------


def confirmation(history: History, on: date = LATER, party: str = "4631", value: Cluster | None = None) -> str:
    return text("bekreftelse-oppsigelse", value or cluster(members=THREE), history, on, party=party)


THREE = ("4601", "4631", "4621")


@pytest.fixture
def three() -> History:
    return in_force(cluster(members=THREE), ISSUED, SIGNED)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2028, 2, 29), "28. februar 2029"),
        (date(2028, 2, 28), "28. februar 2029"),
        (date(2027, 3, 1), "1. mars 2028"),
        (date(2029, 12, 31), "31. desember 2030"),
    ],
)
def test_the_year_runs_from_the_day_the_notice_was_received(three: History, received: date, last: str) -> None:
    three.notice("4631", received)
    said = confirmation(three, received)
    assert f"Alver kommune er bundet av avtalen til og med {last}." in said
    assert f"den varer da til og med {last}." in said
    assert "Avtalen gjelder videre for Bergen kommune og Voss herad." in said or last == "31. desember 2030"
    assert "løper ut før" not in said


def test_the_agreement_runs_out_first(three: History) -> None:
    three.notice("4631", date(2030, 1, 1))
    said = confirmation(three, date(2030, 1, 2))
    assert "varer da til og med 1. januar 2031." in said
    assert "Avtalen gjelder frem til og med 31. desember 2030 og løper ut før oppsigelsestiden er ute." in said
    assert "Alver kommune er derfor bundet av avtalen til og med 31. desember 2030." in said
    assert "gjelder videre" not in said
    assert "færre enn to" not in said


def test_where_one_would_be_left_the_agreement_ends_for_all() -> None:
    history = in_force(cluster(), ISSUED, SIGNED)
    history.notice("4631", date(2027, 1, 10))
    said = confirmation(history, value=cluster())
    assert "er bundet av avtalen til og med 10. januar 2028." in said
    assert "Etter denne dagen er det færre enn to parter igjen." in said
    assert "gjelder videre" not in said


def test_the_agreement_ends_earlier_because_others_leave(three: History) -> None:
    three.notice("4601", date(2026, 6, 1))
    three.notice("4621", date(2026, 7, 1))
    three.notice("4631", date(2026, 12, 1))
    said = confirmation(three, date(2026, 12, 2))
    assert "varer da til og med 1. desember 2027." in said
    assert "Avtalen slutter å gjelde før oppsigelsestiden er ute." in said
    assert "er derfor bundet av avtalen til og med 1. juli 2027." in said


def test_the_copy_to_the_coordinator_is_told_as_it_is(three: History) -> None:
    notice = three.notice("4631", date(2027, 1, 10), sent=date(2027, 1, 8))
    said = confirmation(three)
    assert "oppsigelsen fra Alver kommune, sendt 8. januar 2027, ble mottatt 10. januar 2027." in said
    assert "Vi har ikke notert at koordinatoren har fått den, og legger den ved kopien av dette brevet." in said
    three.add(NoticeCopied(notice=notice.number, party="4631"), date(2027, 1, 20))
    said = confirmation(three)
    assert "Regional koordinator for KSF Vest fikk kopi av oppsigelsen 20. januar 2027 (punkt 12)." in said
    assert "De andre kommunene i klyngen får beskjed med kopi av dette brevet (punkt 9)." in said
    assert "Kopi til:\tregional koordinator for KSF Vest, Kari Koordinator\nde andre kommunene i klyngen" in said


def test_the_motor_municipalitys_notice_asks_for_another_one(three: History) -> None:
    assert "ta opp hvem som skal være motorkommune etter oss" in text(
        "oppsigelse", cluster(members=THREE), three, party="4601"
    )
    three.notice("4601", date(2027, 1, 10))
    said = confirmation(three, party="4601")
    assert "Klyngen må avklare hvem som skal være motorkommune etter 10. januar 2028." in said
    assert "motorkommune etter" not in text("oppsigelse", cluster(members=THREE), three, party="4631")


def test_without_a_notice_of_its_own_there_is_nothing_to_confirm(three: History) -> None:
    kind, value = "bekreftelse-oppsigelse", cluster(members=THREE)
    assert refusal(kind, value, three, party="4631") == (
        "No notice from 4631 Alver is recorded by 1.6.2027. Record it with 'ksf notice'."
    )
    notice = three.notice("4631", date(2027, 7, 1))
    assert "is recorded by 1.6.2027" in refusal(kind, value, three, party="4631")
    three.add(NoticeWithdrawn(notice=notice.number, party="4631"), date(2027, 7, 1))
    assert "has been withdrawn" in refusal(kind, value, three, date(2027, 7, 2), party="4631")
    three.add(NoticeGivenToParty(party="4621", ground="bidrag", ends_on=date(2028, 1, 1)), date(2027, 2, 1))
    assert "was given to 4621 Voss by the others" in refusal(kind, value, three, party="4621")
    assert "4627 Askøy is no party on 1.6.2027. The parties are: 4601 Bergen, 4631 Alver, 4621 Voss." in refusal(
        kind, value, three, party="4627"
    )


def test_a_notice_tells_what_it_knows_and_no_more(three: History) -> None:
    value = cluster(members=THREE)
    early = text("oppsigelse", value, three, party="4621")
    assert "bundet av avtalen til oppsigelsestiden er ute" in early
    assert "vedtatt av" not in early
    late = text("oppsigelse", value, three, date(2030, 1, 1), party="4621")
    assert "Avtalen gjelder frem til og med 31. desember 2030. Det er før oppsigelsestiden er ute" in late
    for body, case, words in (
        ("kommunestyre", "7/27", "vedtatt av heradsstyret 3. mai 2027, sak 7/27."),
        ("bystyre", "", "vedtatt av bystyre 3. mai 2027."),
    ):
        approval = ApprovalRecorded(version=1, party="4621", body=body, case=case, purpose=ApprovalPurpose.NOTICE)
        three.add(approval, date(2027, 5, 3))
        assert words in text("oppsigelse", value, three, party="4621")
    vacant = text("oppsigelse", cluster(members=THREE, cluster_leader=None), three, party="4621")
    assert "Til:\tklyngelederen i Bergen kommune\n" in vacant


def test_an_old_notice_of_one_who_joined_again_keeps_its_last_day(three: History) -> None:
    three.notice("4631", date(2026, 6, 1))
    three.add(AccessionRecorded(party="4631", signed_by=()), date(2027, 8, 1))
    assert "er bundet av avtalen til og med 1. juni 2027." in confirmation(three, date(2027, 9, 1))


def test_after_a_merger_the_successor_gets_the_confirmation(three: History) -> None:
    three.notice("4631", date(2027, 1, 10))
    three.add(PartyContinued(party="4631", successor="4627"), date(2027, 3, 1))
    said = confirmation(three, party="4627")
    assert "Askøy kommune er bundet av avtalen til og med 10. januar 2028." in said
    three.add(PartyContinued(party="4601", successor="4624"), date(2027, 4, 1))
    assert confirmation(three, party="4627").startswith("Bjørnafjorden kommune\n")


@given(st.dates(SIGNED, date(2030, 12, 31)))
@example(date(2028, 2, 29))
def test_the_last_day_is_the_earlier_of_the_notice_and_the_term(received: date) -> None:
    history = in_force(cluster(members=THREE), ISSUED, SIGNED)
    history.notice("4631", received)
    said = confirmation(history, received)
    last = min(add_months(received, 12), date(2030, 12, 31))
    assert f"til og med {written_date(last)}.\n" in said
    assert ("løper ut før" in said) == (add_months(received, 12) > date(2030, 12, 31))


# --- renewal, lists and plans ----------------------------------------------------------------------------------------


def test_who_leaves_is_invited_only_by_name(three: History) -> None:
    three.notice("4631", date(2027, 1, 10))
    written = write("forespoersel-fornyelse", cluster(members=THREE), three)
    assert [one.party for one in written.letters] == ["4601", "4621"]
    assert [str(one) for one in written.left_out] == ["4631 Alver leaves, and is invited only where it is named."]
    assert "Alver kommune" in text("forespoersel-fornyelse", cluster(members=THREE), three, party="4631")


def test_an_invitation_promises_nothing(three: History) -> None:
    value = cluster(members=THREE)
    said = text("forespoersel-fornyelse", value, three, party="4621")
    assert "Avtalen kan fornyes (punkt 12), men det skjer ikke av seg selv." in said
    assert "innen 31. mars 2030" in said
    assert "Forslaget er" not in said
    assert "så snart som mulig" in text("forespoersel-fornyelse", value, three, date(2030, 3, 31), party="4621")
    longer = text("forespoersel-fornyelse", cluster(members=THREE, valid_until=date(2035, 6, 30)), three, party="4621")
    assert "en ny periode som varer til og med 30. juni 2035." in longer
    assert "gjelder frem til og med 31. desember 2030." in longer


def test_the_list_has_exactly_those_who_are_bound_that_day(three: History) -> None:
    three.notice("4631", date(2027, 1, 10))
    three.add(AccessionRecorded(party="4620", signed_by=()), date(2027, 3, 1))
    value = cluster(members=THREE)
    for day, bound, others in (
        (date(2027, 2, 28), ["4601", "4631", "4621"], []),
        (date(2027, 3, 1), ["4601", "4631", "4621", "4620"], []),
        (date(2028, 1, 10), ["4601", "4631", "4621", "4620"], []),
        (date(2028, 1, 11), ["4601", "4621", "4620"], ["4631"]),
        (date(2031, 1, 1), [], ["4601", "4631", "4621", "4620"]),
    ):
        said = text("partsliste", value, three, day)
        first, _, second = said.partition("Kommuner som ikke er bundet")
        assert re.findall(r"^\d{4}$", first, re.MULTILINE) == bound
        assert sorted(re.findall(r"^\d{4}$", second, re.MULTILINE)) == sorted(others)
        assert ("Ingen kommuner er bundet" in said) == (not bound)
    assert "28. februar" not in said
    assert "10. januar 2028 (trer ut)" in text("partsliste", value, three, date(2027, 2, 28))


def test_before_signing_the_list_says_who_is_invited() -> None:
    history = History()
    history.issue(cluster(), ISSUED)
    said = text("partsliste", cluster(), history, ISSUED)
    assert "I kraft fra" not in said
    assert said.count("Invitert") == 2


@pytest.mark.parametrize("kind", ["handlingsplan", "aarsrapport"])
def test_focus_areas_are_rows_of_a_plan_and_a_report(kind: str) -> None:
    said = text(kind, cluster(focus_areas=("helse & <omsorg>", "{{ name }}"[2:6], "en\nto")), year=2031)
    assert "2031" in said.split("\n")[0]
    assert "\nhelse & <omsorg>\n" in said
    assert "\nen\nto\n" in said
    assert text(kind, cluster(focus_areas=()), year=2031)
    assert refusal(kind, cluster()) == "Name the year with --year."


# --- what is missing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [name for name, row in LETTERS.items() if row.facts.name != "FILE"])
def test_what_rests_on_an_issued_agreement_is_refused_without_one(kind: str) -> None:
    assert refusal(kind, cluster(), party="4631") == (
        "This letter needs an agreement that has been issued by 1.6.2027, and none is recorded. Do it with "
        "'ksf issue klynge'."
    )


def test_a_letter_for_signing_needs_a_version_that_is_open() -> None:
    history = in_force(cluster(), ISSUED, SIGNED)
    assert refusal("oversendelse-signering", cluster(), history) == "No version is open for signing on 1.6.2027."


def test_after_the_term_nothing_is_in_force() -> None:
    history = in_force(cluster(), ISSUED, SIGNED)
    assert "not in force on 1.1.2031: ended on 31.12.2030" in refusal(
        "oppsigelse", cluster(), history, date(2031, 1, 1), party="4631"
    )


def test_a_letter_is_in_the_language_of_the_version_it_is_about() -> None:
    nynorsk = cluster(language=Language.NN, members=("4601", "4621"))
    bokmaal = nynorsk.model_copy(update={"language": Language.NB})
    assert "Voss herad er partnarkommune." in text("saksframlegg", nynorsk, party="4621")
    for issued, now, heading in (
        (nynorsk, bokmaal, "Kommunar som er bundne av avtalen"),
        (bokmaal, nynorsk, "Kommuner som er bundet av avtalen"),
    ):
        assert heading in text("ikrafttredelse", now, in_force(issued, ISSUED, SIGNED))
    assert "Kontaktpersonar" in text("kontaktpersoner", bokmaal, in_force(nynorsk, ISSUED, SIGNED))
    assert "Kontaktpersonar" in text("kontaktpersoner", nynorsk)


# --- any cluster -----------------------------------------------------------------------------------------------------

NASTY_NAME = "{{ name }} & <w:t>\"'{%p endfor %}]]>[x]{1}\\ Guovdageainnu ïŋŧ 😀\tslutt"
NASTY = cluster(
    name=NASTY_NAME,
    members=("4601", member("1515", name_as_signed=NASTY_NAME, signatory=Signatory(name=NASTY_NAME)), "1818", "5612"),
    decision_authority=NASTY_NAME,
    focus_areas=(NASTY_NAME, "en\nto\ttre"),
    cluster_leader=Person(name=NASTY_NAME, title=NASTY_NAME),
    resources=Resources(cluster_leader=NASTY_NAME, foui_contact=NASTY_NAME),
)


@pytest.mark.parametrize("kind", [name for name in LETTERS if name not in {"kontaktpersoner", "endringsavtale"}])
def test_hostile_values_stand_exactly(kind: str) -> None:
    history, now, on, more = lived(kind, NASTY)
    (letter,) = write(kind, now, history, on, **more).letters
    said = "\n".join(body_texts(letter.data))
    assert NASTY_NAME in said
    rest = said.replace(NASTY_NAME, "")
    assert not re.search(r"\{[{%]|[}%]\}|\[|\]", rest)


@given(clusters(), st.sampled_from(sorted(set(LETTERS) - {"oppnevning-klyngeleder", "oppnevning-foui-kontakt"})))
def test_any_cluster_has_every_letter(value: Cluster, kind: str) -> None:
    valid = value.model_copy(update={"valid_until": date(2040, 12, 31)})
    history, now, on, more = lived(kind, valid)
    if kind == "tiltredelse" and "4620" in {one.municipality for one in valid.members}:
        more["party"] = "4628" if "4628" not in {one.municipality for one in valid.members} else "4629"
    if kind == "endringsavtale":
        now = valid.model_copy(update={"decision_authority": f"{valid.decision_authority}x"})
    (letter,) = write(kind, now, history, on, **more).letters
    name = next(iter(body_texts(letter.data)), "")
    assert isinstance(name, str)
    assert (valid.name or "") in "\n".join(body_texts(letter.data))


def test_a_letter_can_be_kept_anywhere(tmp_path: Path) -> None:
    (letter,) = write("handlingsplan", cluster(), year=2027).letters
    (tmp_path / letter.name).write_bytes(letter.data)
    assert (tmp_path / "klynge-handlingsplan-2027.docx").is_file()
