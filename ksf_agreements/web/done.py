"""What was recorded, in words for the next page: the events, what is unusual, and how the agreement stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ksf_agreements.domain.folded import STATUS_WORDS
from ksf_agreements.domain.telling import told
from ksf_agreements.i18n import Translator
from ksf_agreements.services.desk import Done
from ksf_agreements.text import T, Text
from ksf_agreements.web.pages import Notice


def notices(say: Translator, done: Done, more: Iterable[Text] = ()) -> tuple[Notice, ...]:
    """Return what to say on the page that a form leads to; ``more`` are further lines.

    What was recorded already is told as such: a form that was sent twice has done its work once.
    """
    lines = tuple(say(text).strip() for text in (*_standing(done), *more))
    found = []
    if done.repeated is not None:
        text = say(T("This is recorded already (event {number}); nothing was written.", number=done.repeated.number))
        found.append(Notice("info", text, lines))
    else:
        first, *others = tuple(say(text) for text in _recorded(done)) or (say(T("Nothing was to be recorded.")),)
        found.append(Notice("success", first, (*others, *lines)))
    if done.warnings:
        found.append(Notice("warning", say(T("Note:")), tuple(say(text) for text in done.warnings)))
    return tuple(found)


def _recorded(done: Done) -> Iterator[Text]:
    for event in done.events:
        sentence = told(event, done.folded.call)
        yield T("Recorded as event {number}: {sentence}.", number=event.number, sentence=sentence)


def _standing(done: Done) -> Iterator[Text]:
    status = done.status
    words = STATUS_WORDS[status.status]
    yield T(
        "The agreement is now: {status}. {signed} of {of} have signed.",
        status=words,
        signed=status.signed,
        of=status.of,
    )
    waiting = done.folded.open_version
    if waiting is not None and waiting.number != status.version:
        yield T(
            "Version {n}, on its way: signed by {signed} of {of}.",
            n=waiting.number,
            signed=len(waiting.signed_parties()),
            of=len(waiting.terms.parties),
        )
    elif status.in_force_from is not None and done.folded.in_force is not None:
        yield T("In force from {date}", date=status.in_force_from)
