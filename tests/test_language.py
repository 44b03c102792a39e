"""What users see is Norwegian: both catalogs are whole, keep every place, and speak the language they claim to."""

from __future__ import annotations

import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ksf_agreements.cli.click_words import CLICK_WORDS
from ksf_agreements.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "ksf_agreements"
LANGUAGES = ("nb", "nn")

FORMATTED = {"T": None, "TN": (1, 2), "_": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
SHOWN = {"N": None}

# The same in Norwegian and in English.
SAME = {"Status: {status} – {reason}"}

ENGLISH = re.compile(r"\b(the|this|is|are|and|of|with|must|cannot|municipality|not|your|Usage|Error|file|key)\b")
BOKMAAL = re.compile(
    r"\b(ikke|hvis|noen|noe|være|gjøre|hvordan|hva|hvem|hvilke|hver|fra|bare|et|jeg|mangler|finnes|kommuner|vedtatt"
    r"|\w*fornyelse\w*|\w*oppsigelse\w*|\w*tiltredelse|\w*klyngeleder\w*|partnerkommune\w*|\w*klyngen|avtaler)\b",
    re.IGNORECASE,
)
NYNORSK = re.compile(r"\b(ikkje|frå|ein|eit|vere|kva|korleis|partnarkommune\w*|oppseiing\w*)\b", re.IGNORECASE)
NEVER = re.compile(r"vertskommune|vennligst|venlegst|revisjon|\butsted", re.IGNORECASE)

Message = tuple[str, ...]
"""A msgid, or a msgid and its plural."""


def messages(folder: Path, keywords: Mapping[str, object]) -> Iterator[Message]:
    for _, _, message, _, _ in extract_from_dir(folder, METHODS, keywords=keywords):
        yield message if isinstance(message, tuple) else (message,)


@cache
def formatted() -> frozenset[Message]:
    return frozenset(messages(PACKAGE, FORMATTED))


@cache
def every() -> frozenset[Message]:
    return formatted() | frozenset(messages(PACKAGE, SHOWN))


@cache
def catalog(language: str) -> Mapping[Message, Message]:
    with (PACKAGE / "locale" / language / "LC_MESSAGES" / "ksf.po").open("rb") as file:
        return {_tuple(entry.id): _tuple(entry.string) for entry in read_po(file, locale=language) if not entry.fuzzy}


def _tuple(text: object) -> Message:
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text),)


def pairs(language: str, found: frozenset[Message]) -> Iterator[tuple[str, str, Message]]:
    """Yield each translation with the English it stands for, singular for singular."""
    for message in found:
        for number, translation in enumerate(catalog(language).get(message, ())):
            if translation:
                yield message[min(number, len(message) - 1)], translation, message


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def braces(text: str) -> str:
    """Return the braces that are meant as such, in their order."""
    return "".join(sign for literal, *_ in string.Formatter().parse(text) for sign in literal if sign in "{}")


def of_click(message: Message) -> bool:
    return message[0] in {word.msgid for word in CLICK_WORDS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    missing = [message for message in every() if not all(catalog(language).get(message, ("",)))]
    assert not missing, f"run 'make messages' and fill {language}: {sorted(missing)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_places_and_braces(language: str) -> None:
    for english, translation, message in pairs(language, formatted()):
        # Of click's own, one may say less: 'a valid integer' is a number in Norwegian.
        kept = places(translation) <= places(english) if of_click(message) else places(translation) == places(english)
        assert kept, f"{english!r}: {translation!r}"
        assert braces(translation) == braces(english), f"{english!r}: {translation!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_can_be_said(language: str) -> None:
    for english, translation, _ in pairs(language, formatted()):
        said = translation.format(**dict.fromkeys(places(english), "x"))
        assert "{}" not in said


def is_sentence(text: str) -> bool:
    return text.rstrip("'»”").endswith(".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_beginnings_and_ends_are_those_of_the_english(language: str) -> None:
    for english, translation, message in pairs(language, every()):
        if of_click(message) or not (english[0].isalpha() and translation[:1].isalpha()):
            continue
        assert english[0].isupper() == translation[0].isupper(), f"{english!r}: {translation!r}"
        assert is_sentence(english) == is_sentence(translation), f"{english!r}: {translation!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str) -> None:
    for english, translation, _ in pairs(language, every()):
        text = re.sub(r"«[^»]*»|\{\{.*?\}\}|\{\w+\}", "", translation)
        assert not ENGLISH.search(text), translation
        assert not NEVER.search(text), translation
        assert not re.search(r"'\w[^']*'", text), f"Norwegian quotes are «»: {translation!r}"
        says_something = re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", english))
        if " " in english and says_something and english not in SAME:
            assert translation != english, english


def test_bokmaal_is_bokmaal() -> None:
    for _, translation, _ in pairs("nb", every()):
        assert not NYNORSK.search(translation), translation


def test_nynorsk_is_nynorsk() -> None:
    for _, translation, _ in pairs("nn", every()):
        assert not BOKMAAL.search(translation), translation


def test_clicks_words_are_those_of_the_installed_click() -> None:
    folder = Path(click.__file__).parent
    said = {message[0] for message in messages(folder, {"_": None, "ngettext": (1, 2)})}
    assert {word.msgid for word in CLICK_WORDS} - said == set()


def ksf(*words: str, folder: Path = ROOT, **environment: str) -> tuple[int, str]:
    """Run ``ksf`` as a program whose output is piped, and return its exit code and everything it said."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "ksf_agreements.cli.main", *words],
        cwd=folder,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.returncode, done.stdout.decode("utf-8")


PLAIN = {"PYTHONIOENCODING": "ascii", "LANG": "C", "LC_ALL": "C"}


@pytest.mark.parametrize("environment", [{}, PLAIN], ids=["plain", "ascii"])
def test_help_is_norwegian_through_a_pipe(environment: dict[str, str]) -> None:
    code, said = ksf("--help", **environment)
    assert code == 0
    assert said.startswith("Bruk: ksf [VALG] KOMMANDO [ARGUMENTER]...\n")
    assert "\nValg:\n" in said
    assert "\nKommandoer:\n" in said
    assert "Språket på skjermen" in said
    assert not ENGLISH.search(said)


@pytest.mark.parametrize("command", [*COMMANDS, "template lint", "template list", "template show"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_of_a_command_is_norwegian(command: str, language: str) -> None:
    code, said = ksf("--lang", language, *command.split(), "--help")
    assert code == 0
    said = re.sub(r"--[a-z-]+", "", said)  # the names of options are the same in every language
    assert not ENGLISH.search(said), said
    assert not re.search(r"\b(OPTIONS|FILES?|DIR|SEARCH|ARGS)\b", said)
    if language == "nn":
        assert not BOKMAAL.search(said), said


@pytest.mark.parametrize("environment", [{}, PLAIN], ids=["plain", "ascii"])
def test_a_check_is_norwegian_through_a_pipe(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "regions.yaml").write_text('vest: {name: Vest, host_municipality: "4601"}\n', encoding="utf-8")
    file = tmp_path / "ålesund.yaml"
    file.write_text("agreement: ksf-cluster\nnavn: Ærlig klynge\n", encoding="utf-8")
    code, said = ksf("check", str(file), folder=tmp_path, **environment)
    assert code == 1
    assert "feil: nøkkelen «navn» er ukjent her" in said
    assert "1 fil kontrollert: " in said
    assert not ENGLISH.search(said.replace(str(tmp_path), ""))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "Feil: Kommandoen «chek» finnes ikke."),
        (["check", "--formt", "x"], "Feil: Valget «--formt» finnes ikke. Mente du '--format'?"),
        (["check", "--format", "x"], "Feil: Ugyldig verdi for '--format': «x» er ikke blant 'text', 'json', 'github'."),
        (["check", "--format"], "Feil: Valget «--format» må ha en verdi."),
        (["init"], "Feil: Mangler argumentet 'MAPPE'."),
        (["--lang", "nn", "init", "a", "b"], "Feil: Argumentet b er eitt for mykje."),
        (["check", "borte.yaml"], "Disse filene finnes ikke: borte.yaml"),
    ],
    ids=["command", "option", "choice", "value", "argument", "extra", "file"],
)
def test_wrong_usage_is_said_in_norwegian(words: list[str], said: str) -> None:
    code, output = ksf(*words)
    assert code == 2
    assert said in output
    assert not re.search(r"\b(Usage|Try|Error)\b", output)
