"""Writes the reference pages in docs/ from the program itself; `make docs` renews them and a test holds them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ksf_agreements.cli.main import COMMANDS
from ksf_agreements.cli.template import template
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.schedule import OCCASIONS, RULES, Recipient
from ksf_agreements.i18n import translator
from ksf_agreements.resources import data_file

ROOT = Path(__file__).parent.parent
SAY = translator("nb")
EXIT_CODES = (
    (0, "gjort; det kan være advarsler"),
    (1, "noe i filene må rettes, eller en fil ble latt være i fred"),
    (2, "kommandoen er skrevet feil, eller filen finnes ikke"),
    (3, "det lot seg ikke gjøre; meldingen sier hva du gjør"),
)
FIELDS_HEAD = """# Klyngefilen

Denne siden er laget av programmet selv (`make docs`).

En klynge er én fil i mappen `clusters`; filnavnet er klyngens id. `ksf init MAPPE` lager et eksempel med forklaringer,
og `ksf schema` gir skjemaet som lar redigeringsprogrammer hjelpe til mens du skriver.

Datoer skrives år-måned-dag. Kommunenumre skrives med fire sifre. Tekst med `:` eller `#` i seg settes i anførselstegn.
Lokale tekster kan ha flere avsnitt, med en blank linje mellom, og kulepunkter: linjer som begynner med `- `.

| felt | navn | punkt | veiledning |
|---|---|---|---|
"""


def commands_page() -> str:
    """Return docs/kommandoer.md: every command's own help, and the exit codes."""
    parts = [
        "# Kommandoer",
        "Denne siden er laget av programmet selv (`make docs`).",
        "| sluttkode | betyr |\n|---|---|\n" + "\n".join(f"| {code} | {words} |" for code, words in EXIT_CODES),
        "Feil vises som `fil:linje:kolonne: feil: hva som er galt [felt, punkt]`, med hva du gjør på neste linje.",
    ]
    parts += [f"## {' '.join(['ksf', *path])}\n\n```\n{_help(path)}\n```" for path in _paths()]
    return "\n\n".join(parts) + "\n"


def _paths() -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        paths.append((name,))
        if name == "template":
            paths += [(name, inner) for inner in sorted(template.list_commands(None))]  # type: ignore[arg-type]
    return paths


def _help(path: tuple[str, ...]) -> str:
    environment = {**os.environ, "COLUMNS": "100", "KSF_LANG": "nb"}
    command = [sys.executable, "-m", "ksf_agreements.cli.main", *path, "--help"]
    done = subprocess.run(command, capture_output=True, check=True, env=environment, cwd=ROOT)
    return done.stdout.decode("utf-8").rstrip()


def fields_page() -> str:
    """Return docs/klyngefilen.md: every field with its name, clause, guidance and example."""
    rows = []
    for path, guide in KSF_CLUSTER.guides.items():
        must = " *(må med)*" if guide.required else ""
        help_text = SAY(guide.help) if guide.help else ""
        example = f" Eksempel: `{guide.example}`" if guide.example else ""
        field = f"`{'.'.join(path)}`"
        rows.append(f"| {field} | {SAY(guide.label)}{must} | {guide.clause or '–'} | {(help_text + example).strip()} |")
    return FIELDS_HEAD + "\n".join(rows) + "\n"


REMINDERS_HEAD = """# Påminnelser, kalender og frister

Denne siden er laget av programmet selv (`make docs`).

`ksf remind` viser hvem som skal minnes om hva i dag, og `ksf remind --send` sender det: én e-post per person og dag,
aldri på helligdager eller i helger, og aldri to ganger om det samme. Det som er sendt, føres inn i registeret. Er noe
gjort, registrerer du det (`ksf sign`, `ksf approve`, `ksf plan`, `ksf done` ...), og påminnelsene om det slutter.
Purringer på signatur og godkjenning regnes fra dagen signeringen ble åpnet: husk `ksf open-signing`. `ksf due` viser
hva som forfaller, også årets oppgaver. Har innstillingene feil, blir ingenting sendt før de er rettet.

## E-post

Uten e-postserver skrives hver e-post som en fil i mappen `utboks`; Outlook åpner den klar til å sendes. Med server:

```toml
[mail]
sender = "klynge@example.no"          # hvem e-posten er fra
sender_name = "KSF Vest"
host = "smtp.example.no"
port = 587
security = "starttls"                 # eller "tls"
user = "klynge@example.no"
password_file = "../smtp-passord.txt" # eller miljøvariabelen KSF_SMTP_PASSWORD
```

Brytes forbindelsen etter at hele e-posten er overlevert, vet ingen om den kom frem. Da sendes den ikke igjen av seg
selv: se etter i postkassen, og si fra med `ksf remind --unsettled sent` eller `--unsettled again` (for én av flere:
`--to ADRESSE`).

Ordene kan endres: legg egne maler i mappen `mail` i arbeidsområdet, med de samme navnene som programmets egne
(`paaminnelse.nb.txt`, `paaminnelse.nb.html`, og `nn` for nynorsk). Feltene er de som står i `paaminnelse.nb.txt`:

```jinja
{mail_template}```

I tillegg er `on` dagen e-posten sendes. Se på resultatet med `ksf remind --send` uten e-postserver: da blir det filer.

## Reglene

Dagene regnes fra fristen (eller fra dagen det gjelder): -30 er tretti dager før. «Så hver» gjentar påminnelsen til det
er gjort. En påminnelse som faller på en helligdag, venter til neste virkedag.

| regel | hva | dager | så hver | til |
|---|---|---|---|---|
"""
REMINDERS_TAIL = """
En regel endres i `ksf.toml`:

```toml
[reminders.signature]
days = [10]                           # første gang etter ti dager
every = 5                             # deretter hver femte dag
to = ["party", "cluster_leader"]      # party, cluster_leader, coordinator

[reminders.contact-review]
off = true

[year]                                # når de årlige oppgavene har frist (måned-dag)
action_plan = "01-31"
annual_report = "03-01"
contact_review = "09-01"
```

Rapporteringsfristene i KS' tildelingsbrev skrives i klyngefilen, under `grant_letter`.

## Kalender

`ksf calendar --out frister.ics` skriver fristene som en kalenderfil for Outlook, Google og Apple (`--cluster`,
`--region` eller `--party` for et utvalg). Importer en nyere fil over en eldre: det som er flyttet, flyttes, og det som
ikke gjelder lenger, blir avlyst. Bare en rapporteringsfrist som er tatt ut av klyngefilen, må du slette selv.
"""
ROLES = {
    Recipient.PARTY: "kommunens FoUI-kontakter",
    Recipient.LEADER: "klyngelederen",
    Recipient.COORDINATOR: "regional koordinator",
}


def reminders_page() -> str:
    """Return docs/paaminnelser.md: how people are reminded, and the table of rules."""
    rows = [
        f"| `{rule.code}` | {SAY(OCCASIONS[rule.code])} | {', '.join(map(str, rule.days))} "
        f"| {f'{rule.every} dager' if rule.every else '–'} | {', '.join(ROLES[one] for one in rule.to)} |"
        for rule in RULES
    ]
    template = (data_file("mail") / "paaminnelse.nb.txt").read_text(encoding="utf-8")
    head = REMINDERS_HEAD.replace("{mail_template}", template)
    return head + "\n".join(rows) + "\n" + REMINDERS_TAIL


PAGES = {"kommandoer.md": commands_page, "klyngefilen.md": fields_page, "paaminnelser.md": reminders_page}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
