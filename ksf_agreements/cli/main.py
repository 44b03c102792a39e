"""The entrance ``ksf``: the table of commands, the group's options, and the one place where faults get words."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ksf_agreements import __version__
from ksf_agreements.cli.base import Entry, Group, N, Option, Session, printable
from ksf_agreements.errors import InputError, KsfError
from ksf_agreements.i18n import DEFAULT_LANGUAGE, LANGUAGES, Translator, known_language, speak
from ksf_agreements.text import T

COMMANDS: Mapping[str, Entry] = {
    "init": Entry("ksf_agreements.cli.workspace:init", N("Make a new workspace with commented examples.")),
    "check": Entry("ksf_agreements.cli.check:check", N("Find every problem in cluster files.")),
    "generate": Entry("ksf_agreements.cli.generate:generate", N("Fill the agreement from cluster files.")),
    "schema": Entry("ksf_agreements.cli.schema:schema", N("Print the JSON Schema of a cluster file.")),
    "municipalities": Entry(
        "ksf_agreements.cli.municipalities:municipalities", N("Find a municipality by name or number.")
    ),
    "issue": Entry("ksf_agreements.cli.signing:issue", N("Issue a version for signing.")),
    "approve": Entry("ksf_agreements.cli.signing:approve", N("Record a municipality's approval.")),
    "present": Entry("ksf_agreements.cli.signing:present", N("Record that a council has had the agreement before it.")),
    "package": Entry("ksf_agreements.cli.package:package", N("Make the package to sign.")),
    "open-signing": Entry("ksf_agreements.cli.signing:open_signing", N("Record that it was sent out for signing.")),
    "sign": Entry("ksf_agreements.cli.signing:sign", N("Record a signature.")),
    "intake": Entry("ksf_agreements.cli.intake:intake", N("Take in a folder of signed files and scans.")),
    "lift-reservation": Entry("ksf_agreements.cli.signing:lift_reservation", N("Record that a reservation fell away.")),
    "decline": Entry("ksf_agreements.cli.signing:decline", N("Record that a party does not want to take part.")),
    "remove-party": Entry("ksf_agreements.cli.signing:remove_party", N("Issue the open version anew without a party.")),
    "confirm": Entry("ksf_agreements.cli.signing:confirm", N("Record that the agreement stands without somebody.")),
    "notice": Entry("ksf_agreements.cli.notices:notice", N("Record a notice of termination.")),
    "withdraw-notice": Entry("ksf_agreements.cli.notices:withdraw_notice", N("Record that a notice was taken back.")),
    "accede": Entry("ksf_agreements.cli.changes:accede", N("Record that a municipality joined.")),
    "amend": Entry("ksf_agreements.cli.changes:amend", N("Issue an amendment.")),
    "change-motor": Entry("ksf_agreements.cli.changes:change_motor", N("Make another party the motor municipality.")),
    "renew": Entry("ksf_agreements.cli.changes:renew", N("Issue a renewal.")),
    "contacts": Entry("ksf_agreements.cli.changes:contacts", N("Record changed contact persons.")),
    "focus-areas": Entry("ksf_agreements.cli.changes:focus_areas", N("Record adopted focus areas.")),
    "plan": Entry("ksf_agreements.cli.changes:plan", N("Record an adopted action plan.")),
    "done": Entry("ksf_agreements.cli.changes:done", N("Record that a recurring task was done.")),
    "continuation": Entry("ksf_agreements.cli.changes:continuation", N("Record who continues a party.")),
    "void": Entry("ksf_agreements.cli.changes:void", N("Strike out an event entered by mistake.")),
    "status": Entry("ksf_agreements.cli.views:status", N("How agreements stand.")),
    "due": Entry("ksf_agreements.cli.views:due", N("What is due, nearest first.")),
    "parties": Entry("ksf_agreements.cli.views:parties", N("Who is bound on a date.")),
    "log": Entry("ksf_agreements.cli.views:log", N("What happened, and who recorded it.")),
    "why": Entry("ksf_agreements.cli.views:why", N("Why something stands as it does.")),
    "remind": Entry("ksf_agreements.cli.remind:remind", N("Remind people of what is due, by mail.")),
    "calendar": Entry("ksf_agreements.cli.calendar:calendar", N("Write what is due as a calendar file.")),
    "letter": Entry("ksf_agreements.cli.letter:letter", N("Write a letter or another paper of the agreement's life.")),
    "compare": Entry("ksf_agreements.cli.compare:compare", N("Compare a document with what was issued.")),
    "report": Entry("ksf_agreements.cli.keeping:report", N("Write an overview as a page.")),
    "archive": Entry("ksf_agreements.cli.archive:archive", N("Make the dossier of an agreement for the archive.")),
    "export": Entry("ksf_agreements.cli.export:export", N("Write an overview as an Excel workbook.")),
    "sheet": Entry("ksf_agreements.cli.sheet:sheet", N("Write the member sheet of a cluster, to be filled in.")),
    "import-sheet": Entry("ksf_agreements.cli.sheet:import_sheet", N("Read a filled member sheet.")),
    "verify": Entry("ksf_agreements.cli.keeping:verify", N("Check that the register is whole.")),
    "backup": Entry("ksf_agreements.cli.keeping:backup", N("Copy the register to a file.")),
    "restore": Entry("ksf_agreements.cli.keeping:restore", N("Put a backup in the register's place.")),
    "erase": Entry("ksf_agreements.cli.keeping:erase", N("Remove personal data or a file.")),
    "import-history": Entry("ksf_agreements.cli.keeping:import_history", N("Enter agreements signed before.")),
    "web": Entry("ksf_agreements.cli.web:web", N("Open the workspace in a browser.")),
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
    try:
        here = Path.cwd()
        roots = (Path(asked),) if asked else (here, *here.parents)
        root = next((folder for folder in roots if (folder / "ksf.toml").is_file()), None)
    except (OSError, ValueError):  # a name that no folder can have, or a folder that is gone: the command tells it
        return ""
    if root is None:
        return ""
    # Every call passes here: the one word is looked up without the settings' reader, which tells of faults later.
    with (root / "ksf.toml").open(encoding="utf-8", errors="replace") as file:
        found = re.search(r"""^\s*language\s*=\s*["']([\w-]{2,10})["']""", file.read(65_536), re.MULTILINE)
    return found[1] if found else ""


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
        _show(fault, spoken)
        return fault.exit_code
    except OSError as fault:  # a disk or a folder that went away; what can be foreseen is told where it happens
        reason = T(
            "This could not be done: {reason}", reason=f"{fault.strerror or fault} {fault.filename or ''}".strip()
        )
        click.echo(printable(spoken(reason)), err=True)
        return KsfError.exit_code
    return code if isinstance(code, int) else 0


def _show(fault: KsfError, spoken: Translator) -> None:
    """Say what could not be done, and every problem behind it."""
    if isinstance(fault, InputError):
        from ksf_agreements.cli.problems import show_problems

        with click.Context(ksf, obj=Session("", spoken)):
            show_problems(fault.problems, err=True)
    click.echo(printable(spoken(fault.message)), err=True)


def run() -> None:
    """Run ``ksf`` as a program."""
    # What is imported stays, so collecting garbage meanwhile finds nothing (a tenth of the start of `ksf generate`);
    # `Group.get_command` turns it on again. No plugins: pydantic would search every installed package for some.
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.exit(main())


if __name__ == "__main__":
    run()
