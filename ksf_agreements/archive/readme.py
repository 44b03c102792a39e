"""LES-MEG.txt: what the folder is, in plain Norwegian, for whoever opens it in twenty years."""

from __future__ import annotations

from collections.abc import Sequence

NAME = "LES-MEG.txt"
_TEXT = """\
Arkivmappe for samarbeidsavtalen mellom kommunene i {name}
Klynge {cluster}, slik avtalen sto {day}


HVA SOM LIGGER HER

historikk.pdf       hva som har skjedd med avtalen, i rekkefølge og i setninger
versjon-1, …        for hver versjon: avtale.pdf er den tilgjengelige utgaven uten signaturer (PDF/A);
                    de andre filene er akkurat slik de ble ført inn i registeret
hendelser           filer som ikke hører til en versjon, for eksempel en oppsigelse
arkivmelding.xml    saksmappe og journalpost for et arkiv (Fiks Arkiv v1); har avtalen flere versjoner
                    eller hendelser med egne filer, ligger resten i mappen arkivmelding, en fil for hver
                    journalpost
hendelseslogg.json  hendelsene slik registeret har dem, med hash, og hvem som førte dem inn
manifest.json       alle filene med størrelse og SHA-256
verify.py           kontrollerer mappen

Tallet i et filnavn er nummeret på hendelsen som filen kom med: signert-014.pdf kom med hendelse 14.
Filnavn sier aldri hva personer heter.


SLIK KONTROLLERER DU MAPPEN

    python3 verify.py

Det trengs bare Python 3.8 eller nyere, ikke nett og ikke ksf. Den ser etter at ingen fil er endret, borte eller
lagt til, at hver hendelse har riktig hash, at filene er de samme som hendelsene viser til, og at arkivmeldingene
har riktige sjekksummer. Den sier også hva som ikke kan vises herfra.

Fingeravtrykket ble vist da mappen ble laget. Skriv det ned et annet sted, for eksempel i saken:

    python3 verify.py --fingeravtrykk …


PERSONOPPLYSNINGER

hendelseslogg.json, historikken og dokumentene kan ha navn på dem som har signert og ført inn. Det som slettes fra
registeret senere, slettes ikke herfra: da må mappen lages på nytt og den gamle slettes.
{notes}"""


def readme(name: str, cluster: str, day: str, notes: Sequence[str]) -> bytes:
    """Return the file; Windows line ends, so that every editor shows it as it is."""
    told = "".join(f"\n- {note}" for note in notes)
    text = _TEXT.format(name=name, cluster=cluster, day=day, notes=f"\n\nHVA SOM IKKE ER HER\n{told}\n" if told else "")
    return text.replace("\n", "\r\n").encode("utf-8-sig")
