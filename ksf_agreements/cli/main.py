"""The entrance ``ksf``: the table of commands, the group's options, and the one place where faults get words."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ksf_agreements import __version__
from ksf_agreements.cli.base import Entry, Group, N, Option, Session, printable
from ksf_agreements.errors import KsfError
from ksf_agreements.i18n import DEFAULT_LANGUAGE, LANGUAGES, known_language, speak
from ksf_agreements.text import T

COMMANDS: Mapping[str, Entry] = {
    "init": Entry("ksf_agreements.cli.workspace:init", N("Make a new workspace with commented examples.")),
    "check": Entry("ksf_agreements.cli.check:check", N("Find every problem in cluster files.")),
    "generate": Entry("ksf_agreements.cli.generate:generate", N("Fill the agreement from cluster files.")),
    "schema": Entry("ksf_agreements.cli.schema:schema", N("Print the JSON Schema of a cluster file.")),
    "municipalities": Entry(
        "ksf_agreements.cli.municipalities:municipalities", N("Find a municipality by name or number.")
    ),
    "template": Entry("ksf_agreements.cli.template:template", N("List, check and show Word templates.")),
}


@click.group(
    cls=Group,
    entries=COMMANDS,
    help=N("Cooperation agreements of municipal clusters in KSF: from a cluster file to a finished agreement."),
    epilog=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-w",
    "--workspace",
    cls=Option,
    default="",
    metavar=N("DIR"),
    help=N("The workspace; else the nearest one upwards."),
)
@click.option("--lang", cls=Option, type=click.Choice(LANGUAGES), help=N("Language of the screen: nb, nn or en."))
@click.version_option(
    __version__, prog_name="ksf", message="%(prog)s %(version)s", cls=Option, help=N("Show the version and exit.")
)
@click.pass_context
def ksf(context: click.Context, workspace: str, lang: str | None) -> None:
    """Keep what the group's options say."""
    spoken = context.obj.say if isinstance(context.obj, Session) and lang is None else speak(lang or DEFAULT_LANGUAGE)
    context.obj = Session(workspace, spoken)


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the screen language: ``--lang`` before ``KSF_LANG`` before the workspace's setting before bokmål.

    Looked up before click parses, since ``--help`` answers while it parses.
    """
    said = _option(arguments, "--lang"), environment.get("KSF_LANG", "")
    known = next((code for word in said if (code := known_language(word))), None)
    return known or known_language(_workspace_language(_option(arguments, "-w", "--workspace"))) or DEFAULT_LANGUAGE


def _option(arguments: Sequence[str], *names: str) -> str:
    for position, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else "".join(arguments[position + 1 : position + 2])
    return ""


def _workspace_language(asked: str) -> str:
    here = Path.cwd()
    roots = (Path(asked),) if asked else (here, *here.parents)
    root = next((folder for folder in roots if (folder / "ksf.toml").is_file()), None)
    if root is None:
        return ""
    from ksf_agreements.settings import read_settings  # most calls have no settings to read

    return read_settings(root)[0].language


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``ksf`` and return its exit code: 0 done, 1 problems in the input, 2 wrong usage, 3 could not be done."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    spoken = speak(DEFAULT_LANGUAGE)
    try:
        spoken = speak(choose_language(words, os.environ))
        code = ksf.main(words, prog_name="ksf", standalone_mode=False, obj=Session("", spoken))
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except click.Abort:
        return 130
    except KsfError as fault:
        click.echo(printable(spoken(fault.message)), err=True)
        return fault.exit_code
    except OSError as fault:  # a disk or a folder that went away; what can be foreseen is told where it happens
        reason = T(
            "This could not be done: {reason}", reason=f"{fault.strerror or fault} {fault.filename or ''}".strip()
        )
        click.echo(printable(spoken(reason)), err=True)
        return KsfError.exit_code
    return code if isinstance(code, int) else 0


def run() -> None:
    """Run ``ksf`` as a program."""
    # What is imported stays, so collecting garbage meanwhile finds nothing (a tenth of the start of `ksf generate`);
    # `Group.get_command` turns it on again. No plugins: pydantic would search every installed package for some.
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(main())


if __name__ == "__main__":
    run()
