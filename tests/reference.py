"""Writes the reference pages in docs/ from the program itself; `make docs` renews them and a test holds them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ksf_agreements.cli.main import COMMANDS
from ksf_agreements.cli.template import template
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.i18n import translator

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


PAGES = {"kommandoer.md": commands_page, "klyngefilen.md": fields_page}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
