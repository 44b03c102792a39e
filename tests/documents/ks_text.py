"""KS's text (tests/data/ks-mal.txt) as the template must have it: exactly the mends and the fields of these tables.

Notation: '- ' begins a list item, '**strong**', '*emphasis*', '\\n' a line break inside a paragraph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SEED = Path(__file__).parent.parent / "data" / "ks-mal.txt"


@dataclass(frozen=True)
class Swap:
    """What is put in the place of something, and how often KS's text has it."""

    old: str
    new: str
    times: int = 1


MENDS = (  # agreement.md section 2, 'Wording': slips of the extraction
    Swap("8. Profilerings", "8. Profilering"),
    Swap("parternes", "partnernes", 3),
    Swap("rådggi", "rådgi"),
    Swap("[navn på vertskommune]", "[navn på vertskapskommune]"),
    Swap("nasjonalt, regionalt og\n\nlokalt for", "nasjonalt, regionalt og lokalt for"),
    Swap("forutsigbarhet i\n\nsamarbeidet.", "forutsigbarhet i samarbeidet."),
)

GUIDANCE = (  # the first words of each guidance paragraph; none may reach a document
    "[Hvis klyngen har ytterligere",
    "[Ytterligere beskrivelse av hensikten",
    "[Lokal organisering og styring",
    "[Ytterligere lokale avtaler",
    "[Ytterligere omtale av avtalens",
    "[Veiledning: Vi anbefaler",
    "[Legg til lokale grunnlag",
    "Veiledning: Samarbeidsavtalen skal godkjennes",
)

AREA = "- {{ area }}"
ANNEX = "- {{ annex.number }}. {{ annex.title }}"
PARTY = "For {{ party.signature_name }} ({{ party.role }})"
SIGNATORY = "Navn: {{ party.signatory_name }}"
SIGNATORY_TITLE = "Tittel: {{ party.signatory_title }}"
BACKGROUND = "3.1 Bakgrunn for {{ name }}"
FOUI_SHARE = "{% if resources.foui_contact %}, {{ resources.foui_contact }}{% endif %}"

FIELDS = (
    Swap("i\n[navn på kommuneklyngen]\ni Kommunenes", "i\n{{ name }}\ni Kommunenes"),
    Swap("deltakelse i [navn på kommuneklyngen]", "deltakelse i {{ name }}"),
    Swap("[Navn på kommuneklyngen] skal", "{{ name|at_start }} skal"),
    Swap("[navn på kommuneklyngen] skal", "{{ name|at_start }} skal"),
    Swap("3.1 Bakgrunn for [navn på klyngen]. Punktet slettes hvis ikke aktuelt", BACKGROUND),
    Swap("[navnene på kommune som inngår avtalen]", "{{ party_names }}"),
    Swap("[navn på motorkommune]", "{{ motor_municipality }}", 3),
    Swap("- [skriv inn prioriterte satsingsområder for klyngen]", AREA),
    Swap("[beslutningsmyndighet]", "{{ decision_authority }}"),
    Swap("[Beslutningsmyndighet]", "{{ activity_authority|at_start }}"),
    Swap("[region]", "{{ region }}", 5),
    Swap("[navn på vertskapskommune]", "{{ host_municipality }}", 2),
    Swap("[minimum stillingsbrøk/antall timer e.l.]", "{{ resources.cluster_leader }}"),
    Swap(", [hvis aktuelt, oppgi minimum stillingsbrøk/antall timer e.l.].", f"{FOUI_SHARE}."),
    Swap("frem til [dato 20xx]", "frem til og med {{ valid_until }}"),
    Swap("For XX kommune (motorkommune)", PARTY),
    Swap("\nNavn:\n", f"\n{SIGNATORY}\n"),
    Swap("\nTittel:\n", f"\n{SIGNATORY_TITLE}\n"),
    Swap("1. KS' plan for etablering av Kommunenes samarbeidsarena for forskning (KSF)\n", f"{ANNEX}\n"),
)

PARTNER_BLOCK = Swap("For XXX kommune (partnerkommune)\n\nSignatur\n\nNavn:\n\nTittel:\n\nDato:\n\n", "")
OTHER_ANNEXES = (
    Swap("2. [hvis aktuelt, kommunenes økonomiske forpliktelser]\n", ""),
    Swap(
        "3. [hvis aktuelt, handlingsplan for kommuneklyngen. Handlingsplan kan også utarbeides etter "
        "avtaleinngåelse.]\n",
        "",
    ),
    Swap("4. Kontaktpersoner\n", ""),
)

NO_FOCUS_AREAS = (
    "{{ name|at_start }} skal samarbeide om prioriterte satsingsområder. {{ decision_authority|at_start }} "
    "fastsetter satsingsområdene, og de legges ved avtalen."
)
CONTRIBUTIONS = "Deltakelse forutsetter bidrag etter punkt 7. Manglende bidrag er oppsigelsesgrunn."


def _swapped(text: str, swap: Swap) -> str:
    assert text.count(swap.old) == swap.times, f"{swap.old!r} stands {text.count(swap.old)} times in KS's text"
    return text.replace(swap.old, swap.new)


@cache
def guidance() -> tuple[str, ...]:
    """Return KS's guidance paragraphs, mended."""
    text = SEED.read_text(encoding="utf-8")
    for mend in MENDS:
        text = _swapped(text, mend)
    found = []
    for start in GUIDANCE:
        (line,) = (line for line in text.split("\n") if line.startswith(start))
        found.append(line)
    return tuple(found)


@cache
def ks_paragraphs() -> tuple[str, ...]:
    """Return KS's paragraphs with the fields in them: the title, 'Innhold', the contents, then the clauses."""
    text = _swapped(SEED.read_text(encoding="utf-8").strip("\n") + "\n", PARTNER_BLOCK)
    for mend in MENDS:
        text = _swapped(text, mend)
    for line in guidance():
        text = _swapped(text, Swap(f"{line}\n", ""))
    for swap in (*FIELDS, *OTHER_ANNEXES):
        text = _swapped(text, swap)
    title, heading, contents, rest = text.split("\n\n", 3)
    entries = [re.sub(r"\.*\t\d+$", "", line).replace("\t", " ", 1) for line in contents.split("\n")]
    return title, heading, *entries, *(line for line in rest.split("\n") if line.strip())
