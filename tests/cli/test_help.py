"""The help pages and the ways to say a command wrong: always in words, in every language, and quick."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import click
import pytest

from ksf_agreements import __version__
from ksf_agreements.cli.main import COMMANDS, choose_language
from ksf_agreements.cli.main import ksf as root
from ksf_agreements.i18n import LANGUAGES, known_language
from tests.conftest import ROOT, Ran

Ksf = Callable[..., Ran]


def commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*above, name), found
        if isinstance(found, click.Group):
            yield from commands(found, (*above, name))


EVERY = dict(commands(root))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", [(), *EVERY], ids=" ".join)
def test_every_command_has_a_help_page(words: tuple[str, ...], language: str, ksf: Ksf) -> None:
    for option in ("--help", "-h"):
        ran = ksf("--lang", language, *words, option)
        assert (ran.code, ran.err) == (0, "")
        assert " ".join(("ksf", *words)) in ran.out
        assert "--help" in ran.out


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_a_usage_line_names_what_is_wanted_in_the_readers_language(words: tuple[str, ...], ksf: Ksf) -> None:
    usage = ksf("--lang", "nb", *words, "--help").out.partition("\n\n")[0]
    assert not set(re.findall(r"[A-Z]{4,}", usage)) & {"CLUSTER", "PARTY", "EVENT", "FILE", "DATE", "NAME", "TEXT"}


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_option_and_argument_is_explained(words: tuple[str, ...]) -> None:
    command = EVERY[words]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_the_list_of_commands_has_a_line_for_each(ksf: Ksf) -> None:
    page = ksf("--lang", "en", "--help").out
    for name, entry in COMMANDS.items():
        assert f"  {name} " in page
        assert entry.help.split()[0] in page


def test_the_commands_that_check_and_generate_document_their_exit_codes(ksf: Ksf) -> None:
    for name in ("check", "generate"):
        page = " ".join(ksf("--lang", "en", name, "--help").out.split())
        for code in ("Exit code 0:", "1:", "2: wrong usage", "3: could not be done"):
            assert code in page


def test_the_version_is_told(ksf: Ksf) -> None:
    ran = ksf("--version")
    assert (ran.code, ran.out) == (0, f"ksf {__version__}\n")


@pytest.mark.parametrize(
    "words",
    [
        ("chek",),
        ("check", "--formt", "json"),
        ("check", "--format"),
        ("generate", "--out"),
        ("--lang", "svensk", "check"),
        ("--lang",),
        ("-w",),
        ("init",),
        ("init", "a", "b"),
    ],
)
def test_a_command_said_wrong_is_wrong_usage_in_words(words: tuple[str, ...], ksf: Ksf) -> None:
    ran = ksf(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err
    assert "Traceback" not in ran.err
    assert "Error" not in ran.err, "it is told in Norwegian"


def test_without_a_command_the_help_page_is_shown(ksf: Ksf) -> None:
    ran = ksf()
    assert all(name in ran.out + ran.err for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "nb"),
        (["--lang", "nn", "check"], {"KSF_LANG": "en"}, "nn"),
        (["--lang=en"], {}, "en"),
        ([], {"KSF_LANG": "nn_NO.UTF-8"}, "nn"),
        ([], {"KSF_LANG": "no"}, "nb"),
        ([], {"KSF_LANG": "svensk"}, "nb"),
        (["--lang"], {}, "nb"),
        (["--lang", "xx"], {"KSF_LANG": "nn"}, "nn"),
    ],
)
def test_the_language_comes_from_the_option_then_the_environment(
    arguments: list[str], environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert choose_language(arguments, environment) == language


def test_norwegian_without_more_is_bokmaal() -> None:
    assert [known_language(name) for name in ("no", "no_NO", "NB-no", "nn", "C", "")] == [
        "nb",
        "nb",
        "nb",
        "nn",
        None,
        None,
    ]


def test_a_help_page_imports_nothing_heavy() -> None:
    program = (
        "import json, sys\n"
        "from ksf_agreements.cli.main import main\n"
        "main(['--help'])\n"
        "print(json.dumps(sorted(name for name in sys.modules if '.' not in name)), file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT)
    heavy = {
        "pydantic",
        "yaml",
        "lxml",
        "docx",
        "docxtpl",
        "jinja2",
        "sqlmodel",
        "sqlalchemy",
        "alembic",
        "isal",
        "stdnum",
    }
    assert not heavy & set(json.loads(ran.stderr.splitlines()[-1]))
