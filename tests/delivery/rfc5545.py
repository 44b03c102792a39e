"""A strict reader of calendar files, written from RFC 5545 alone: what it takes, calendars take."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

_NAME = re.compile(r"(?:X-[A-Z0-9-]+|[A-Z][A-Z0-9-]*)")
_PARAMETER = re.compile(r';([A-Z0-9-]+)=(?:"([^"\x00-\x1f]*)"|([^";:,\x00-\x1f]*))')
_ESCAPE = re.compile(r"\\([\\;,nN])")
ONCE = {
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "SEQUENCE",
    "SUMMARY",
    "DESCRIPTION",
    "STATUS",
    "TRANSP",
    "CLASS",
    "LAST-MODIFIED",
}
TEXTS = {"SUMMARY", "DESCRIPTION", "X-WR-CALNAME", "UID"}


@dataclass
class Component:
    """A component with its properties (name, parameters, value) and the components in it."""

    name: str
    properties: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    inner: list[Component] = field(default_factory=list)

    def value(self, name: str) -> str:
        (found,) = [value for known, _, value in self.properties if known == name]
        return found

    def day(self, name: str) -> date:
        ((_, parameters, value),) = [one for one in self.properties if one[0] == name]
        assert parameters == {"VALUE": "DATE"}
        assert re.fullmatch(r"\d{8}", value)
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))


def read(data: bytes) -> Component:
    """Return the calendar of a file; every departure from the RFC is an AssertionError."""
    assert data.endswith(b"\r\n")
    physical = data[:-2].split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in physical)
    assert all(len(line) <= 75 for line in physical)  # 3.1: octets, without the break
    logical: list[bytes] = []
    for line in physical:
        if line.startswith((b" ", b"\t")):
            logical[-1] += line[1:]
        else:
            logical.append(line)
    stack: list[Component] = []
    for raw in logical:
        line = raw.decode("utf-8")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line)
        name, parameters, value = _property(line)
        if name == "BEGIN":
            made = Component(value)
            if stack:
                stack[-1].inner.append(made)
            stack.append(made)
        elif name == "END":
            assert value == stack[-1].name
            done = stack.pop()
            if not stack:
                assert raw is logical[-1]
                return _checked(done)
        else:
            text = _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value) if name in TEXTS else value
            if name in TEXTS:
                assert "\\" not in _ESCAPE.sub("", value)
                assert not re.search(r"(?<!\\)[;,]", value)
            stack[-1].properties.append((name, parameters, text))
    raise AssertionError("no END")


def _property(line: str) -> tuple[str, dict[str, str], str]:
    name = _NAME.match(line)
    assert name, line
    place = name.end()
    parameters = {}
    while found := _PARAMETER.match(line, place):
        parameters[found[1]] = found[2] if found[2] is not None else found[3]
        place = found.end()
    assert line[place : place + 1] == ":", line
    return name[0], parameters, line[place + 1 :]


def _checked(calendar: Component) -> Component:
    assert calendar.name == "VCALENDAR"
    assert calendar.value("VERSION") == "2.0"
    assert calendar.value("PRODID")
    uids = []
    for event in calendar.inner:
        assert event.name == "VEVENT"
        names = [name for name, _, _ in event.properties]
        assert all(names.count(name) == 1 for name in ONCE)
        assert event.day("DTEND") > event.day("DTSTART")
        assert re.fullmatch(r"\d{8}T\d{6}Z", event.value("DTSTAMP"))
        assert int(event.value("SEQUENCE")) >= 0
        assert event.value("STATUS") in {"CONFIRMED", "CANCELLED"}
        uids.append(event.value("UID"))
        for alarm in event.inner:
            assert alarm.name == "VALARM"
            assert alarm.value("ACTION") == "DISPLAY"
            assert alarm.value("DESCRIPTION")
            assert re.fullmatch(r"-?P(?:\d+W|(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)", alarm.value("TRIGGER"))
    assert len(uids) == len(set(uids))
    return calendar
