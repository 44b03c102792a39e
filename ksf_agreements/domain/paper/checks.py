"""What must be right about agreements that were signed on paper before the register existed.

Pure. Every fault is a `Problem` that names sheet, row and column; a cell that could not be read was told by whoever
read it, and what would only follow from it is not told again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ksf_agreements.domain.cluster import Accession, EntryIntoForce, Language, Regions
from ksf_agreements.domain.events import Authority
from ksf_agreements.domain.municipality import Municipality, MunicipalityRegister
from ksf_agreements.domain.paper.rows import Column, PaperAgreement, PaperRow, PaperSignature, Place
from ksf_agreements.domain.values import cited
from ksf_agreements.errors import Problem, Severity
from ksf_agreements.text import T, Text

ID_LIMIT = 100
_NOT_IN_ID = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_DEVICE_NAMES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # no files in Windows
_NUMBER = re.compile(r"([0-9]{3,4})(?:\s+(.+))?")
_DAYS = frozenset({Column.SIGNED, Column.ISSUED, Column.ACCESSION})


@dataclass(slots=True)
class _Case:
    """The rows of one agreement while they are looked at, and what is wrong with them."""

    cluster: str
    rows: list[PaperRow]
    municipalities: _Municipalities
    regions: Regions
    today: date
    problems: list[Problem] = field(default_factory=list)

    @property
    def first(self) -> Place:
        return self.rows[0].place

    def faulty(self, *columns: Column) -> bool:
        """Whether a cell of one of the columns could not be read, so that nothing follows from it."""
        return any(not row.faulty.isdisjoint(columns) for row in self.rows)

    def tell(self, place: Place, code: str, what: Text, column: Column | None = None, mend: Text | None = None) -> None:
        self.problems.append(place.problem(code, what, column, mend))

    def warn(self, place: Place, code: str, what: Text, column: Column | None = None) -> None:
        self.problems.append(place.problem(code, what, column, severity=Severity.WARNING))

    def common(self, column: Column, attribute: str) -> Any:
        """Return what all rows of the agreement say, or leave to the first of them; tell where two differ."""
        said: PaperRow | None = None
        for row in self.rows:
            value = getattr(row, attribute)
            if value in {None, ""}:
                continue
            if said is None:
                said = row
            elif value != getattr(said, attribute):
                what = T(
                    "'{value}' differs from '{other}' in row {row}; it must be the same in all rows of the agreement",
                    value=_shown(value),
                    other=_shown(getattr(said, attribute)),
                    row=said.place.row,
                )
                self.tell(row.place, "differs", what, column)
        return getattr(said, attribute) if said is not None else None

    def needed(self, column: Column, attribute: str) -> Any:
        """Return what all rows of the agreement say, which one of them must."""
        value = self.common(column, attribute)
        if value is None and not self.faulty(column):
            self.tell(self.first, "missing", T("'{field}' is missing", field=str(column)), column)
        return value


def _shown(value: object) -> str | date:
    if isinstance(value, bool):
        return "ja" if value else "nei"
    return value if isinstance(value, date) else cited(str(value))


class _Municipalities:
    """Finds the municipality that a cell names, on a day; the same cell is looked up once."""

    def __init__(self, register: MunicipalityRegister) -> None:
        self.register = register
        self._found: dict[str, tuple[Municipality, ...]] = {}

    def named(self, text: str) -> tuple[Municipality, ...]:
        if text not in self._found:
            self._found[text] = self.register.find(text)
        return self._found[text]

    def is_known(self, text: str) -> bool:
        number = _NUMBER.fullmatch(text)
        return self.register.get(number[1].zfill(4)) is not None if number else bool(self.named(text))

    def find(self, text: str, day: date) -> tuple[Municipality | None, Text | None, Text | None]:
        """Return the municipality, or what is wrong and how to mend it."""
        number = _NUMBER.fullmatch(text)
        if number is None:
            return self._by_name(text, day)
        found = self.register.on(number[1].zfill(4), day)
        if found is None:
            return None, *self._gone(number[1].zfill(4), day)
        if number[2] and found not in self.named(number[2]):
            return (
                None,
                T("{number} is {name}, not '{text}'", number=found.number, name=found.title(), text=cited(number[2])),
                None,
            )
        return found, None, None

    def _gone(self, number: str, day: date) -> tuple[Text, Text | None]:
        known = self.register.get(number)
        if known is None:
            near = tuple(f"{one.number} {one.name}" for one in self.register.suggest(number)[:3])
            mend = T("Did you mean {names}?", names=near) if near else None
            return T("no municipality has the number {number}", number=number), mend
        then = tuple(f"{one.number} {one.name}" for one in self.named(known.name) if one.exists_on(day))
        mend = T("On that day there was {names}.", names=then) if then else None
        return T("the number {number} was not in use on {day}", number=number, day=day), mend

    def _by_name(self, text: str, day: date) -> tuple[Municipality | None, Text | None, Text | None]:
        named = self.named(text)
        found = tuple(one for one in named if one.exists_on(day))
        if len(found) == 1:
            return found[0], None, None
        if found:
            names = tuple(f"{one.number} {one.title(with_county=True)}" for one in found)
            return (
                None,
                T("'{text}' may be several municipalities", text=cited(text)),
                T("Write the number: {names}.", names=names),
            )
        if named:
            return None, T("no municipality was called '{text}' on {day}", text=cited(text), day=day), None
        if text.isdigit():
            return None, *self._gone(text, day)
        near = tuple(f"{one.number} {one.name}" for one in self.register.suggest(text, on=day)[:3])
        mend = T("Did you mean {names}?", names=near) if near else None
        return None, T("no municipality is called '{text}'", text=cited(text)), mend


def agreements_of(
    rows: Iterable[PaperRow], municipalities: MunicipalityRegister, regions: Regions, today: date
) -> tuple[tuple[PaperAgreement, ...], tuple[Problem, ...]]:
    """Return the agreements that the rows tell of, and every problem; warnings do not stop an agreement."""
    grouped: dict[str, list[PaperRow]] = {}
    problems: list[Problem] = []
    spelt: dict[str, PaperRow] = {}
    sheet = above = ""
    for row in rows:
        if row.place.sheet != sheet:
            sheet, above = row.place.sheet, ""
        # A cell that is empty below another is that of the row above: Excel merges such cells.
        above = key = row.cluster or ("" if Column.CLUSTER in row.faulty else above)
        if not key:
            if Column.CLUSTER not in row.faulty:
                what = T("'{field}' is missing", field=str(Column.CLUSTER))
                problems.append(row.place.problem("missing", what, Column.CLUSTER))
            key = f"\0{row.place.sheet}\0{row.place.row}"  # its other cells are not held against anybody's
        elif (first := spelt.setdefault(key.casefold(), row)).cluster != key:
            what = T("'{id}' and '{other}' differ only in capital letters", id=key, other=first.cluster)
            problems.append(row.place.problem("id-twice", what, Column.CLUSTER))
        grouped.setdefault(key, []).append(row)
    looked_up = _Municipalities(municipalities)
    found = []
    for key, mine in grouped.items():
        case = _Case(key, mine, looked_up, regions, today)
        if not key.startswith("\0"):
            agreement = _agreement(case)
            problems += case.problems
            found += [agreement] if agreement is not None else []
    return tuple(found), tuple(problems)


def id_fault(text: str) -> Text | None:
    """Return why an id cannot be the name of a cluster file, or None."""
    if len(text) > ID_LIMIT:
        return T("the id is too long: {length} characters, at most {limit}", length=len(text), limit=ID_LIMIT)
    if _NOT_IN_ID.search(text) or text[0] in ".~-" or text[-1] == "." or _DEVICE_NAMES.fullmatch(text):
        return T("'{id}' cannot be the name of a cluster file", id=cited(text))
    return None


def _agreement(case: _Case) -> PaperAgreement | None:
    if (fault := id_fault(case.cluster)) is not None:
        mend = T("Write an id of letters, digits and hyphens, for example helse-omsorg-vest.")
        case.tell(case.first, "id", fault, Column.CLUSTER, mend)
    name = case.needed(Column.NAME, "name")
    region = _region(case)
    valid_until = case.needed(Column.VALID_UNTIL, "valid_until")
    issued = _issued(case)
    parties = _parties(case, issued)
    signatures = tuple(_signatures(case, parties, issued))
    motor = _motor(case, parties)
    entry = case.common(Column.ENTRY, "entry") or EntryIntoForce.LAST_SIGNATURE
    accession = case.common(Column.ACCESSION, "accession") or Accession.ALL
    contributions = bool(case.common(Column.CONTRIBUTIONS, "contributions"))
    language = case.common(Column.LANGUAGE, "language") or Language.NB
    _check_term(case, valid_until)
    original = [party for party, row in parties.items() if row.joined is None]
    if len(original) < 2 and len(case.rows) == len(parties):
        case.tell(case.first, "too-few", T("'{id}' has fewer than two parties", id=cited(case.cluster)))
    in_force = _in_force(original, signatures, entry)
    joined = tuple(_joined(case, parties, in_force, valid_until))
    if any(problem.is_error for problem in case.problems) or any(row.faulty for row in case.rows):
        return None
    if in_force is None:
        what = T("{signed} of {of} have signed, so it is not in force", signed=len(signatures), of=len(original))
        case.warn(case.first, "not-in-force", what)
    assert motor and issued and valid_until  # noqa: S101, PT018 (their absence is an error above)
    return PaperAgreement(
        place=case.first,
        cluster=case.cluster,
        name=name,
        region=region,
        language=language,
        parties=(motor, *(party for party in original if party != motor)),
        issued=issued,
        valid_until=valid_until,
        entry=entry,
        accession=accession,
        contributions=contributions,
        signatures=signatures,
        joined=joined,
    )


def _region(case: _Case) -> str:
    said = case.common(Column.REGION, "region")
    if said is None:
        if not case.faulty(Column.REGION):
            case.warn(case.first, "no-region", T("'{id}' has no region", id=cited(case.cluster)), Column.REGION)
        return ""
    plain = re.sub(r"^ksf[\s–-]+", "", said.casefold())
    for key, region in case.regions.items():
        if plain in {key.casefold(), region.name.casefold()}:
            return key
    row = next(row for row in case.rows if row.region == said)
    case.warn(
        row.place,
        "unknown-region",
        T("the region '{region}' is not in regions.yaml", region=cited(said)),
        Column.REGION,
    )
    return str(said)


def _issued(case: _Case) -> date | None:
    """Return the day of issue: as a column says it, else that of the earliest signature."""
    said: date | None = case.common(Column.ISSUED, "issued")
    if said is not None:
        if said > case.today:
            row = next(row for row in case.rows if row.issued == said)
            case.tell(row.place, "future", _not_come(said), Column.ISSUED)
        return said
    signed = [row.signed for row in case.rows if row.signed is not None and row.joined is None]
    if not signed and not case.faulty(Column.SIGNED, Column.ISSUED, Column.ACCESSION):
        what = T("'{id}' has neither a signature nor a day of issue", id=cited(case.cluster))
        case.tell(case.first, "no-day", what, Column.SIGNED)
    return min(signed, default=None)


def _not_come(day: date) -> Text:
    return T("{day} has not come yet", day=day)


def _parties(case: _Case, issued: date | None) -> Mapping[str, PaperRow]:
    found: dict[str, PaperRow] = {}
    for row in case.rows:
        if not row.municipality:
            if Column.MUNICIPALITY not in row.faulty:
                what = T("'{field}' is missing", field=str(Column.MUNICIPALITY))
                case.tell(row.place, "missing", what, Column.MUNICIPALITY)
            continue
        day = row.joined or row.signed or issued or case.today
        municipality, fault, mend = case.municipalities.find(row.municipality, min(day, case.today))
        if municipality is None and row.faulty & _DAYS and case.municipalities.is_known(row.municipality):
            continue  # it may have been there on the day that could not be read
        if municipality is None:
            assert fault is not None  # noqa: S101 (one of the two)
            case.tell(row.place, "municipality", fault, Column.MUNICIPALITY, mend)
        elif (before := found.setdefault(municipality.number, row)) is not row:
            what = T("{name} is a party already, in row {row}", name=municipality.title(), row=before.place.row)
            case.tell(row.place, "party-twice", what, Column.MUNICIPALITY)
    return found


def _motor(case: _Case, parties: Mapping[str, PaperRow]) -> str | None:
    marked = [row for row in case.rows if row.motor]
    if not marked:
        if not case.faulty(Column.MOTOR):
            what = T("'{id}' has no motor municipality", id=cited(case.cluster))
            case.tell(case.first, "no-motor", what, Column.MOTOR, T("Write 'ja' in the row of the motor municipality."))
        return None
    for row in marked[1:]:
        what = T(
            "'{id}' has a motor municipality already, in row {row}", id=cited(case.cluster), row=marked[0].place.row
        )
        case.tell(row.place, "two-motors", what, Column.MOTOR)
    if marked[0].joined is not None:
        what = T("the motor municipality cannot have joined later")
        case.tell(marked[0].place, "motor-joined", what, Column.ACCESSION)
    return next((party for party, row in parties.items() if row is marked[0]), None)


def _signatures(case: _Case, parties: Mapping[str, PaperRow], issued: date | None) -> Iterator[PaperSignature]:
    numbers = {id(row): party for party, row in parties.items()}
    for row in case.rows:
        if row.signed is None:
            continue
        if row.signed > case.today:
            case.tell(row.place, "future", _not_come(row.signed), Column.SIGNED)
        elif issued is not None and row.signed < issued and row.joined is None:
            what = T("{day} is before the agreement was issued on {issued}", day=row.signed, issued=issued)
            case.tell(row.place, "before-issue", what, Column.SIGNED)
        party = numbers.get(id(row))
        if party is not None and row.joined is None:
            yield PaperSignature(party, row.signed, row.signatory, row.title, row.authority or Authority.MAYOR)


def _check_term(case: _Case, valid_until: date | None) -> None:
    dated = [row for row in case.rows if row.signed is not None]
    last = max(dated, key=lambda row: row.signed or date.min, default=None)
    if valid_until is not None and last is not None and last.signed is not None and last.signed >= valid_until:
        what = T(
            "signed on {day}, and valid through {until}: the term must end after the last signature",
            day=last.signed,
            until=valid_until,
        )
        case.tell(last.place, "term", what, Column.VALID_UNTIL)


def _in_force(original: Sequence[str], signatures: Sequence[PaperSignature], entry: EntryIntoForce) -> date | None:
    """Return the first day the agreement is in force (clause 12), or None."""
    days = sorted(signature.on for signature in signatures if signature.party in original)
    if entry is EntryIntoForce.EACH_ON_SIGNING:
        return days[1] if len(days) > 1 else None
    return days[-1] if days and len(days) == len(original) else None


def _joined(
    case: _Case, parties: Mapping[str, PaperRow], in_force: date | None, valid_until: date | None
) -> Iterator[tuple[str, date]]:
    later = [(party, row, day) for party, row in parties.items() if (day := row.joined) is not None]
    for party, row, day in sorted(later, key=lambda one: one[2]):
        if day > case.today:
            case.tell(row.place, "future", _not_come(day), Column.ACCESSION)
        elif in_force is None and not case.faulty(Column.SIGNED, Column.MUNICIPALITY, Column.ENTRY):
            case.tell(
                row.place, "not-in-force", T("nobody can join an agreement that is not in force"), Column.ACCESSION
            )
        elif in_force is not None and not in_force <= day <= (valid_until or day):
            what = T("{day} is not within the term of the agreement", day=day)
            case.tell(row.place, "outside-term", what, Column.ACCESSION)
        yield party, day
