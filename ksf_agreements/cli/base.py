"""What every command shares: help in the reader's language, lazy subcommands, and the session they run in."""

from __future__ import annotations

import gc
import gettext
import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from ksf_agreements.i18n import Translator
from ksf_agreements.text import Text


@dataclass(frozen=True, slots=True)
class Session:
    """What the entrance knows: the workspace asked for ('' = look for one) and the language of the screen."""

    workspace: str
    say: Translator


def session() -> Session:
    """Return the session of the running command."""
    return click.get_current_context().ensure_object(Session)


def say(text: Text) -> str:
    """Return ``text`` in the language of the running command, as a terminal can show it."""
    return printable(session().say(text))


_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return ``text`` with what a terminal would obey, or nobody would see, written out as its number."""
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """Return ``text`` as `printable`, a line's end in it written out too: a file's name cannot feign a line of ours."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def N(msgid: str) -> str:  # noqa: N802 (gettext's habit: marks a msgid that is translated when it is shown)
    """Mark ``msgid`` for the catalogs and return it unchanged."""
    return msgid


class _TranslatedHelp:
    """Keeps help as a msgid and translates it each time click shows it."""

    _help_msgid: str | None = None

    @property
    def help(self) -> str | None:
        return gettext.gettext(self._help_msgid) if self._help_msgid else None

    @help.setter  # noqa: A003 (click's word)
    def help(self, msgid: str | None) -> None:
        self._help_msgid = msgid


class _TranslatedUsage(_TranslatedHelp, click.Command):
    """Translates the names in the usage line ('[OPTIONS]', 'DIR'), and click's own help option at each showing."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [gettext.gettext(piece) for piece in super().collect_usage_pieces(ctx)]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = gettext.gettext("Show this message and exit.")
        return found


class Command(_TranslatedUsage):
    """A command whose help is a msgid."""


class Option(_TranslatedHelp, click.Option):
    """An option whose help and metavar are msgids."""

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the metavar in the reader's language."""
        return gettext.gettext(super().make_metavar(ctx))


class Argument(click.Argument):
    """An argument whose metavar is a msgid."""

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the metavar in the reader's language."""
        return gettext.gettext(super().make_metavar(ctx))


def command(help: str, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:  # noqa: A002 (click's word)
    """Declare a command with a msgid as its help."""
    return click.command(cls=Command, help=help, **attributes)


def argument(name: str, *, metavar: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an argument with a msgid as its metavar."""
    return click.argument(name, cls=Argument, metavar=metavar, **attributes)


def option(*names: str, help: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # noqa: A002
    """Declare an option with a msgid as its help."""
    return click.option(*names, cls=Option, help=help, **attributes)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the command table: where a command lives, and its one line in ``ksf --help``."""

    target: str
    help: str


class Group(_TranslatedUsage, click.Group):
    """A group that imports a command when it is called, and lists the others from a table."""

    def __init__(self, *args: Any, entries: Mapping[str, Entry] | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.entries = dict(entries or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the table."""
        return [*self.entries, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        module, _, name = entry.target.partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, importing none of them."""
        rows = [(name, gettext.gettext(entry.help)) for name, entry in self.entries.items()]
        rows += [
            (name, found.get_short_help_str())
            for name in super().list_commands(ctx)
            if (found := super().get_command(ctx, name)) is not None
        ]
        if rows:
            with formatter.section(gettext.gettext("Commands")):
                formatter.write_dl(rows)
