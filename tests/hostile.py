"""Five hundred values that somebody may type, or send: each must come out of a channel exactly, or be refused."""

from __future__ import annotations

import random
from collections.abc import Iterator

_WHOLE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1", "\t=1", "'=1", '=HYPERLINK("http://example.no")', "0301",
    "1e5", "TRUE", "31.12.2029", "2029-12-31", "#REF!", "{=1}", "<script>alert(1)</script>", "<b>Bø</b> & Sønner",
    "&amp;", "&lt;b&gt;", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "{{ 7 * 7 }}",
    "{% for x in y %}", "{name}", "{0}", "%s %d %(x)s", "${jndi:ldap://x}", "$(id)", "`id`", "; rm -rf /",
    "../../etc/passwd", "..\\..\\x", "C:\\CON", "/dev/null", "a/b", "NUL", "CON.docx", "Bcc: alle@example.no",
    "a\r\nBcc: alle@example.no", "a\nSubject: x", "a\r\n\r\nkropp", "=?utf-8?q?hei?=", "=?utf-8?b?aGVp?=",
    "navn <x@example.no>", '"a" <b@example.no>, c@example.no', "a;b,c", "a\\,b\\;c\\n", "BEGIN:VEVENT",
    "a\r\nEND:VCALENDAR", "Ærlig Øystein Åse", "Čáhcesuolu", "Guovdageaidnu", "A\u0300", "\xe9 e\u0301", "ﬁnn",
    "\u200b", "a\u200bb", "\u202eabc", "a\u2066b\u2069", "\xa0", "\u2028", "a\u2029b", "\x00", "a\x00b", "\x07",
    "\x1b[31mr\xf8d", "\x7f", "\x85", "\ufeffx", "\ufffe", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1f3\U0001f1f4", "مرحبا", "日本語", "a' * 30", "æ' * 30", "x' * 33_00", "  to mellomrom  ", "tab\there",
    "\n", "linje\nlinje", "linje\r\nlinje", "'", '"', "''", '""', "O'Brien", "a, b og c", "«sitat»", "–", "…", "\\",
    "\\n", "|", "^", "~", "~$fil", ".skjult", "-rf", "--help", "null", "nei", "no", "~", "0", "", " ",
)  # fmt: skip
_PIECES = (
    "<", ">", "&", '"', "'", "=", "+", "-", "@", ";", ",", ":", "\\", "\r", "\n", "\t", "\x00", "\x1f", "{", "}",
    "%", "{{", "}}", "\u202e", "\u200d", "ø", "Å", "é", "\u0301", "\U0001f600", "日", " ", "  ", "a", "Bø", "1",
    "?=", "=?", "]]>", "<!--", "../",
)  # fmt: skip


def hostile_values(count: int = 500) -> Iterator[str]:
    """Yield values, always the same."""
    choose = random.Random(20261122)  # noqa: S311 (a test's dice)
    values = dict.fromkeys(_WHOLE)
    while len(values) < count:
        values["".join(choose.choice(_PIECES) for _ in range(choose.randrange(1, 12)))] = None
    yield from list(values)[:count]
