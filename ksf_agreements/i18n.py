"""Languages of the screen: bokmål by default, nynorsk and English; msgids are English, catalogs are gettext's."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ksf_agreements.resources import locale_dir
from ksf_agreements.text import Text

LANGUAGES = ("nb", "nn", "en")
DEFAULT_LANGUAGE = "nb"
DOMAIN = "ksf"


@dataclass(frozen=True, slots=True)
class Translator:
    """Turns a `Text` into words in one language; ``instead`` has the sentences that an entrance says in its own way."""

    language: str
    catalog: gettext.NullTranslations
    instead: Mapping[str, Text] = field(default_factory=dict)

    def __call__(self, text: Text) -> str:
        """Return the words of ``text``."""
        return text.render(self.gettext, self.catalog.ngettext)

    def gettext(self, msgid: str) -> str:
        """Translate a bare msgid; the empty one stays empty (gettext answers it with the catalog's header)."""
        own = self.instead.get(msgid)
        return self.catalog.gettext(own.msgid if own else msgid) if msgid else ""


@lru_cache(maxsize=len(LANGUAGES))
def translator(language: str) -> Translator:
    """Return the translator of ``nb``, ``nn`` or ``en``; what nynorsk lacks is said in bokmål."""
    if language == "en":
        return Translator("en", gettext.NullTranslations())
    found = gettext.translation(DOMAIN, locale_dir(), languages=[language, DEFAULT_LANGUAGE], fallback=True)
    return Translator(language, found)


def known_language(name: str) -> str | None:
    """Return the screen language that ``name`` means ('nb_NO.UTF-8', 'nn', 'no'), or None."""
    code = name.strip().lower().replace("-", "_").split(".")[0].split("_")[0]
    code = "nb" if code == "no" else code
    return code if code in LANGUAGES else None


def speak(language: str) -> Translator:
    """Make ``language`` the one that click's own messages are in too, and return its translator."""
    # click calls gettext.gettext, which reads the process's domain and LANGUAGE at every call.
    os.environ["LANGUAGE"] = language if language == "en" else f"{language}:{DEFAULT_LANGUAGE}"
    gettext.bindtextdomain(DOMAIN, str(locale_dir()))
    gettext.textdomain(DOMAIN)
    return translator(language)
