"""Translatable text as a value: an English msgid with its arguments, turned into words only at an entrance.

The domain speaks in `Text`; it knows neither the reader's language nor gettext. `i18n.Translator` turns a
`Text` into bokmål, nynorsk or English. Babel finds the msgids by the call names `T` and `TN`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

Argument: TypeAlias = "str | int | date | Text | tuple[str | Text, ...]"
Gettext: TypeAlias = Callable[[str], str]
Ngettext: TypeAlias = Callable[[str, str, int], str]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence to be said in the reader's language.

    `msgid` is English with named places (``"unknown region '{region}'"``); `args` fills them, and an argument may
    itself be a `Text` (or a tuple, joined by commas), or a date, written 31.12.2029. A plural has `plural` and `count`.
    A brace that is meant is doubled, as in `str.format`.
    """

    msgid: str
    args: tuple[tuple[str, Argument], ...] = ()
    plural: str = ""
    count: int = 0

    def render(self, gettext: Gettext, ngettext: Ngettext) -> str:
        """Return the sentence in the language of the two catalog functions."""
        template = ngettext(self.msgid, self.plural, self.count) if self.plural else gettext(self.msgid)
        words = {name: _render_argument(value, gettext, ngettext) for name, value in self.args}
        if self.plural:
            words.setdefault("n", str(self.count))
        return template.format(**words)

    def __str__(self) -> str:
        """Return the English sentence, for logs and developers."""
        return self.render(lambda msgid: msgid, lambda one, many, n: one if n == 1 else many)


def _render_argument(value: Argument, gettext: Gettext, ngettext: Ngettext) -> str:
    if isinstance(value, Text):
        return value.render(gettext, ngettext)
    if isinstance(value, tuple):
        return ", ".join(_render_argument(item, gettext, ngettext) for item in value)
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}"
    return str(value)


def T(msgid: str, /, **args: Argument) -> Text:  # noqa: N802 (short and conspicuous, like gettext's _)
    """Make a translatable text: ``T("unknown region '{region}'", region=name)``."""
    return Text(msgid, tuple(args.items()))


def TN(one: str, many: str, count: int, /, **args: Argument) -> Text:  # noqa: N802 (as T)
    """Make a translatable text with a plural; ``{n}`` is the count."""
    return Text(one, tuple(args.items()), many, count)
