"""The nynorsk templates are the bokmål ones in other words: the same make-up and tags, and every text translated."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pypdf
import pytest
from lxml import etree

from ksf_agreements.documents.letter_words import LETTER_WORDS
from ksf_agreements.documents.letters import LETTERS
from ksf_agreements.documents.template import TemplateInfo
from ksf_agreements.documents.wording import WORDS
from ksf_agreements.domain.cluster import (
    Annexes,
    ApprovalBody,
    Language,
    LocalText,
    Person,
    Resources,
    Signatory,
)
from ksf_agreements.pdf.converter import Converter
from ksf_agreements.resources import template_dir
from ksf_agreements.services.documents.converting import Printing, convert
from tests.cli.register import Commands
from tests.conftest import Ran
from tests.documents.test_golden import told
from tests.documents.word import W, body_texts, element_text, parts, root, style_of, styles
from tests.factories import cluster, member
from tests.services.test_letters import lived, sample, write

NAMES = sorted(path.name.removesuffix(".nb.docx") for path in template_dir().glob("*.nb.docx"))
EACH = pytest.mark.parametrize("name", NAMES)
NOTE = "SourceNote"
SAYS_TRANSLATED = "Avtaleteksten er omsett til nynorsk i prosjektet ksf-agreements. Malen frå KS er på bokmål."
READ = ("word/document.xml", "word/header1.xml", "word/footer1.xml", "docProps/core.xml")
TAG = re.compile(r"\{[{%].*?[%}]\}")
PROPER = re.compile(r"Kommunenes samarbeidsarena for forskning")
"""The name that KS has given it is the same in both."""

# What is the same in bokmål and nynorsk.
SAME = frozenset(
    " ".join(line.split())
    for line in """
    Samarbeidsavtale mellom
    i Kommunenes samarbeidsarena for forskning
    Kommunenes samarbeidsarena for forskning ·
    Samarbeidsavtale ·
    1. Formål med samarbeidsavtalen
    3. Bakgrunn
    3.1 Bakgrunn for
    6. Organisering og styring
    8. Profilering
    9. Informasjonsplikt
    10. Ekstern kommunikasjon
    KSF lokalt
    KSF nasjonalt
    KSF
    FoUI-kontakt
    FoUI-kontakt for  i
    lyttepost
    bindeledd
    I KSF-regionen
    I KSF nasjonalt
    Signatur
    Signert
    Dato
    Dato:
    Tittel
    Tittel:
    E-post
    E-post:
    Telefon
    Telefon:
    Til:
    Side
    av
    for
    For ( )
    For  (motorkommune)
    Vedlegg:
    Vedlegg  til avtalen:
    samarbeidsavtalen med vedlegg
    til og med
    Motorkommune:
    Kommune
    Kommune:
    Rolle
    Nummer
    Status

    Region:
    Året i korte trekk
    Fire spørsmål om året, med plass til svar
    Spørsmål
    Svar
    Satsingsområde
    Planlagt
    Planlagt i år
    Gjennomført
    Resultat og nytte
    Andre tiltak
    Ressurs
    I avtalen (punkt 7)
    Brukt
    Andre bidrag
    Neste år
    Mål for året
    Mål (punkt 3)
    Mål 1:
    Mål 2:
    Mål 3:
    Mål 4:
    Mål 5:
    Tiltak
    Frist
    Handlingsplan
    Handlingsplan  for
    Handlingsplan for neste år
    Årsrapport
    Årsrapport  for
    Samarbeid i KSF
    Rapport til KSF  (punkt 6)
    (punkt 6)
    (punkt 12)
    (trer ut)
    Kopi til:
    Vår referanse:
    Avtale:
    , versjon
    Siste dag
    Siste dag:
    Endringsavtale
    Punkt
    Punkt :
    I dag
    Ny tekst
    3. Godkjenning
    5. Forholdet til samarbeidsavtalen
    Godkjenn avtalen.
    Signer avtalen
    Send tilbake
    Kontroller FoUI-kontakten.
    Oppgi FoUI-kontakt.
    Når avtalen trer i kraft
    Regional koordinator for KSF
    regional koordinator for KSF ,
    KSF , ved
    Saksnummer:
    Bakgrunn
    Tema
    2 og 6
    6 og 7
    4 og 6
    8 og 10
    Historikk
    Historikk for samarbeidsavtalen i ,
    Om denne historikken
    Fordi:
    Per:
    Status:
    Fil
    Fil:
    Nr.
    Frist:
    Id
    Dag
    Versjon
    Ferdigstilt
    Ført inn
    Signert av
    Signert samarbeidsavtale
    Signert samarbeidsavtale for
    den som sender avtalen til signering
    Sider
    La alle kunne signere samtidig.
    Grenser i nasjonal e-signering
    Vedlegg
    Eksemplar
    Vedlegg til samarbeidsavtalen
    Informasjon
    Profilering
    Vurdering
    """.splitlines()
    if line.strip()
)

BOKMAAL = re.compile(
    r"(?<!-)\b(?:ikke|hvis|noen|noe|være|gjøre|hvor\w*|hva|hvem|hvilke\w*|hver|hvert|fra|frem|bare|kun|en|et|eg[en]en"
    r"|egne|eget|dere|deres|disse|ennå|samt|navn|kommune(?:r|ne|nes|ns)|\w*part(?:er|ene|nere?|nerne)s?|avtale(?:r|ns)"
    r"|\w*partnerkommune\w*|vertskommune\w*|\w*klynge(?:n|ns|r|ne|leder\w*|samarbeid\w*)?|\w*oppsigelse\w*"
    r"|\w*fornyelse\w*|\w*tiltredelse\w*|\w*deltakelse\w*|deltar|\w*beslutning\w*|besluttes?|beslutter"
    r"|\w*forpliktelse\w*|\w*bestemmelse\w*|\w*forespørsel\w*|\w*henvendelse\w*|\w*bekreft\w*|\w*forskning\w*"
    r"|\w*tjenest\w*|\w*tilbud|\w*myndighet\w*|endringer|ressurser|gjelder|leder|styrker|økt\w*|følgende|gjeldende"
    r"|herunder|kobling|syv|fortsatt|vedta(?:tt|s)|bundet|utarbeides|godkjennes|legges|signeres|regnes|fornyes|endres"
    r"|gis|oppnev\w*|utnev\w*|anbefal\w*|uendret|\w+lig(?:e|het|heten)?|\w*varighet\w*|vennligst|venlegst"
    r"|spredning|kontaktpersoner?|underskriver|avgjøres|enhver|ønsk(?:e|er|elig)|skriftlig\w*|fastsett(?:er|es)|ment|trenger|slettes|vært)\b",
    re.IGNORECASE,
)
"""Words and forms that are bokmål alone."""


@cache
def data_of(name: str, language: str) -> bytes:
    return (template_dir() / f"{name}.{language}.docx").read_bytes()


def texts(data: bytes) -> list[str]:
    """Return every text that is read or spoken: of runs, of tables' descriptions, and the title."""
    found: list[str] = []
    for part in READ:
        for element in root(data, part).iter():
            if element.tag in {f"{W}tblCaption", f"{W}tblDescription"}:
                found.append(element.get(f"{W}val"))
            elif element.tag == f"{W}t" or str(element.tag).endswith("}title"):
                found.append(element.text or "")
    return found


def without_note(data: bytes, part: str) -> Any:
    """Return a part without the line that says that the agreement is translated, and without its style."""
    found = root(data, part)
    for element in list(found.iter(f"{W}p", f"{W}style")):
        if NOTE in {style_of(element), element.get(f"{W}styleId")}:
            element.getparent().remove(element)
    return found


def skeleton(data: bytes, part: str) -> bytes:
    """Return a part without its words: elements, attributes, and of texts the tags alone."""
    found = without_note(data, part)
    for element in found.iter():
        if element.tag in {f"{W}tblCaption", f"{W}tblDescription"}:
            element.set(f"{W}val", "...")
        element.text = " ".join(TAG.findall(element.text or ""))
    return etree.tostring(found, method="c14n").replace(b"nn-NO", b"nb-NO")


def bare(text: str) -> str:
    return " ".join(TAG.sub(" ", text).replace("\u00a0", " ").split())


def own_words(text: str) -> str:
    """Return a text without tags and without KSF's name."""
    return PROPER.sub("", TAG.sub(" ", text))


def pairs(name: str) -> list[tuple[str, str]]:
    """Return each text of the bokmål template with the one that stands in its place."""
    theirs = [text for text in texts(data_of(name, "nn")) if text != SAYS_TRANSLATED]
    return list(zip(texts(data_of(name, "nb")), theirs, strict=True))


def test_every_template_is_there_in_both_languages() -> None:
    assert NAMES
    assert sorted(path.name.removesuffix(".nn.docx") for path in template_dir().glob("*.nn.docx")) == NAMES


# --- the same make-up ------------------------------------------------------------------------------------------------


@EACH
def test_parts_paragraphs_styles_tables_and_tags_are_the_same(name: str) -> None:
    ours, theirs = data_of(name, "nb"), data_of(name, "nn")
    assert list(parts(ours)) == list(parts(theirs))
    for part, content in parts(ours).items():
        if part == "docProps/custom.xml":
            continue
        if part.endswith((".xml", ".rels")):
            assert skeleton(ours, part) == skeleton(theirs, part), part
        else:
            assert content == parts(theirs)[part], part


@EACH
def test_each_text_keeps_its_tags_its_numbers_and_the_blanks_around_it(name: str) -> None:
    for ours, theirs in pairs(name):
        assert TAG.findall(ours) == TAG.findall(theirs), theirs
        assert re.findall(r"\d+", TAG.sub("", ours)) == re.findall(r"\d+", TAG.sub("", theirs)), theirs
        for end in (r"^\s*", r"\s*$"):
            assert re.findall(end, ours)[0] == re.findall(end, theirs)[0], theirs
        assert ours.count("\u00a0") == theirs.count("\u00a0"), theirs
        assert re.findall(r"\W?$", bare(ours)) == re.findall(r"\W?$", bare(theirs)), theirs


@EACH
def test_a_template_says_that_it_is_nynorsk(name: str) -> None:
    data = data_of(name, "nn")
    assert TemplateInfo.of(parts(data)) == TemplateInfo(
        name,
        "ksf-cluster",
        "nn",
        TemplateInfo.of(parts(data_of(name, "nb"))).version,
        "ksf-agreements, eiga omsetjing av malen frå KS (bokmål)" if name == "ksf-klyngeavtale" else "ksf-agreements",
    )
    for part, content in parts(data).items():
        assert b"nb-NO" not in content, part
    assert parts(data)["word/styles.xml"].count(b'w:val="nn-NO" w:eastAsia="nn-NO"') == 1
    assert b"<dc:language>nn-NO<" in parts(data)["docProps/core.xml"]


def test_the_first_page_of_the_agreement_says_that_it_is_translated() -> None:
    data = data_of("ksf-klyngeavtale", "nn")
    paragraphs = list(root(data).iter(f"{W}p"))
    (place,) = [number for number, one in enumerate(paragraphs) if style_of(one) == NOTE]
    assert element_text(paragraphs[place]) == SAYS_TRANSLATED
    assert paragraphs[place + 1].find(f"{W}pPr/{W}pageBreakBefore") is not None
    assert NOTE in styles(data)
    for name in NAMES:
        assert SAYS_TRANSLATED not in texts(data_of(name, "nb"))
        assert (SAYS_TRANSLATED in texts(data_of(name, "nn"))) == (name == "ksf-klyngeavtale")


# --- every word ------------------------------------------------------------------------------------------------------


@EACH
def test_every_text_is_translated(name: str) -> None:
    same = {
        bare(ours) for ours, theirs in pairs(name) if bare(ours) == bare(theirs) and re.search(r"[^\W\d_]", bare(ours))
    }
    assert same <= SAME


def test_what_is_the_same_in_both_stands_in_a_template() -> None:
    assert {bare(ours) for name in NAMES for ours, _ in pairs(name)} >= SAME


@EACH
def test_no_word_is_bokmal(name: str) -> None:
    for text in texts(data_of(name, "nn")):
        assert not BOKMAAL.search(own_words(text)), text


def test_the_words_that_are_sought_would_be_found() -> None:
    sentences = {bare(ours) for name in NAMES for ours, _ in pairs(name) if len(bare(ours).split()) > 5}
    missed = {one for one in sentences - SAME if not BOKMAAL.search(own_words(one))}
    assert len(missed) < len(sentences) / 50, missed


TERMS = {
    r"klynge": r"klyngj",
    r"klynge(?:n)?s? ?leder": r"klyngjeleiar",
    r"partner": r"partnar",
    r"oppsigelse": r"oppseiing",
    r"fornye": r"fornye|fornya|fornyast|fornying",
    r"tiltre": r"tiltre",
    r"motorkommun": r"motorkommun",
    r"vertskapskommun": r"vertskapskommun",
    r"kontaktperson": r"kontaktperson",
    r"FoUI-kontakt": r"FoUI-kontakt",
    r"satsingsområde": r"satsingsområde|satsingsområda",
    r"handlingsplan": r"handlingsplan",
    r"beslutning|beslutt|avgjøres": r"avgj[eo]r",
    r"forskning": r"forsking",
    r"godkjen": r"godkjen",
    r"signer": r"signer",
    r"bundet": r"bunden|bundne|bind ",
    r"vedta": r"vedta|vedteken",
    r"\bikke\b|\bingen\b": r"ikkje|\bing(?:en|a)\b",
    r"\bskal\b": r"\bskal\b",
    r"\bmå\b": r"\bmå\b",
    r"\bkan\b": r"\bkan\b",
    r"\bbør\b": r"\bbør\b",
}
"""Terms and modal verbs of bokmål, and what stands for each in nynorsk, always."""


def counted(term: str, text: str) -> int:
    return len(re.findall(term, own_words(text), re.IGNORECASE))


@EACH
@pytest.mark.parametrize("term", TERMS)
def test_a_term_has_one_translation_and_none_is_lost(name: str, term: str) -> None:
    for ours, theirs in pairs(name):
        found = (counted(term, ours), counted(TERMS[term], theirs))
        assert found[0] == found[1], (ours, theirs)


# --- filled in -------------------------------------------------------------------------------------------------------


@pytest.fixture
def nynorsk(ksf: Callable[..., Ran], workspace: Path) -> Commands:
    """The sample workspace, its clusters in nynorsk."""
    for file in (workspace / "clusters").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        assert "\nlanguage: nb\n" in text
        file.write_text(text.replace("\nlanguage: nb\n", "\nlanguage: nn\n"), encoding="utf-8")
    return Commands(ksf, workspace)


@pytest.mark.parametrize("name", ["helse-omsorg-vest", "alle-valg"])
def test_a_sample_in_nynorsk_is_what_it_was(nynorsk: Commands, golden: Callable[[str, str], None], name: str) -> None:
    nynorsk.ok("generate", nynorsk.workspace / "clusters" / f"{name}.yaml")
    for ending in ("", "-kontaktpersoner"):
        data = (nynorsk.workspace / "out" / f"{name}{ending}.docx").read_bytes()
        golden(f"{name}{ending}.nn.txt", told(data))


@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_in_nynorsk_is_what_it_was(golden: Callable[[str, str], None], kind: str) -> None:
    history, now, on, more = lived(kind, sample("alle-valg").model_copy(update={"language": Language.NN}))
    (letter,) = write(kind, now, history, on, **more).letters
    golden(f"letters/alle-valg-{kind}.nn.txt", told(letter.data).replace("\u00a0", " "))


@pytest.mark.parametrize("kind", LETTERS)
def test_what_the_program_itself_puts_in_a_letter_is_nynorsk(kind: str) -> None:
    """The cluster's own texts are names here, so that every other word is the template's or the program's."""
    texts = dict.fromkeys(LocalText.model_fields, "Prioritet X")
    value = cluster(
        language=Language.NN,
        members=("5001", member("4621", approval_body=ApprovalBody.COUNCIL, signatory=Signatory(name="Kari"))),
        motor_municipality="5001",
        decision_authority="Styret",
        focus_areas=(),
        resources=Resources(cluster_leader="50 prosent", foui_contact="10 prosent"),
        contributions_required=True,
        local_text=LocalText(**texts),
        annexes=Annexes(financial_commitments="annexes/x.pdf"),
        cluster_leader=Person(name="Lise"),
    )
    history, now, on, more = lived(kind, value)
    for letter in write(kind, now, history, on, **more).letters:
        for text in (*body_texts(letter.data), *(element_text(root(letter.data, part)) for part in READ[1:3])):
            said = re.sub(r"Klyngen Eksempel|klynge-[\w.-]+|Hver kommune bidrar med 3 kroner\.", "", text)
            assert not BOKMAAL.search(own_words(said)), text


def test_words_beside_the_templates_are_nynorsk() -> None:
    for said in (WORDS[Language.NN], LETTER_WORDS[Language.NN]):
        for text in re.findall(r"'([^']*)'", repr(said).replace('"', "'")):
            assert not BOKMAAL.search(own_words(text)), text
    assert WORDS[Language.NN].gap == "(ikkje avklart)"


# --- a life in nynorsk -----------------------------------------------------------------------------------------------


def test_a_check_says_in_one_note_what_is_not_translated(nynorsk: Commands) -> None:
    said = nynorsk.ok("check")
    assert said.count(": note: what you have written yourselves is printed as it stands, not translated: ") == 2
    assert "alle-valg.yaml:7:11: note: " in said
    assert "    → Check that it is in nynorsk, titles too.\n" in said
    rows = nynorsk.json("check")
    assert [row["severity"] for row in rows if row["code"] == "free-text"] == ["note", "note"]
    warnings = sum(row["severity"] == "warning" for row in rows)
    assert f"0 errors, {warnings} warnings." in said
    assert "::notice file=" in nynorsk.ok("check", "--format", "github")
    made = nynorsk("generate", "--all")
    assert made.code == 0
    assert made.err.count("not translated") == 2


def test_the_list_of_templates_says_which_is_this_projects_translation(nynorsk: Commands) -> None:
    (line,) = [one for one in nynorsk.ok("template", "list").splitlines() if "ksf-klyngeavtale.nn.docx" in one]
    assert re.search(r" nn +1 +ksf-agreements, eiga omsetjing av malen frå KS \(bokmål\) ", line)


def test_a_nynorsk_agreement_lives_its_life_in_the_register(nynorsk: Commands) -> None:
    def text(name: str) -> str:
        return "\n".join(body_texts((nynorsk.workspace / "out" / name).read_bytes())).replace("\u00a0", " ")

    nynorsk.issue("2026-01-12", "alle-valg")
    data = (nynorsk.workspace / "out" / "alle-valg.docx").read_bytes()
    assert re.fullmatch(r"KSF-\w{4}-\w{4} · versjon 1\tSide 1 av 1", element_text(root(data, "word/footer1.xml")))
    assert 'descr="QR-kode med dokument-id KSF-' in parts(data)["word/header1.xml"].decode()
    assert "For Snåasen tjïelte - Snåsa kommune (partnarkommune)" in text("alle-valg.docx")
    nynorsk.ok("letter", "oversendelse-signering", "alle-valg", "--on", "2026-01-12")
    assert "Dette ber vi dykk om å gjere" in text("alle-valg-oversendelse-signering-5041.docx")
    nynorsk.sign_all("2026-02-03", ("5001", "5041"), "alle-valg")
    assert nynorsk.status("2026-02-03", "alle-valg")["status"] == "in_force"
    nynorsk.ok("letter", "ikrafttredelse", "alle-valg", "--on", "2026-02-03")
    assert "er i kraft frå 3. februar 2026 og gjeld til og med 30. juni 2031" in text("alle-valg-ikrafttredelse.docx")
    nynorsk.edit("language: nn", "language: nb", "alle-valg")
    nynorsk.ok("letter", "partsliste", "alle-valg", "--on", "2026-02-03")
    assert "Kommunar som er bundne" in text("alle-valg-partsliste.docx"), "the version's language, not the file's"
    nynorsk.ok("verify")


def test_a_pdf_in_nynorsk_passes_the_proof_and_says_its_language(nynorsk: Commands, converter: Converter) -> None:
    nynorsk.ok("generate", "--all")
    for name in ("helse-omsorg-vest", "alle-valg-kontaktpersoner"):
        docx = (nynorsk.workspace / "out" / f"{name}.docx").read_bytes()
        pdf = convert(converter, Printing(docx))
        assert pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Lang"] == "nn-NO"
