"""Dokumenter: what there is of each version, drafts and letters made now, the package to sign, dossier and journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response
from starlette.routing import Route

from ksf_agreements.documents.letters import LETTERS, About
from ksf_agreements.domain.agreement import DocumentType
from ksf_agreements.domain.folded import STATUS_WORDS, Folded
from ksf_agreements.errors import InputError, KsfError, UsageError
from ksf_agreements.pdf.office import OfficeMissing, find_office
from ksf_agreements.services.agreements.journal import journal_csv, journal_json
from ksf_agreements.services.archive import archiving
from ksf_agreements.services.archive import plan as archive_plan
from ksf_agreements.services.letters import drafting
from ksf_agreements.services.package import assembling, packaging
from ksf_agreements.services.package.holdings import KeptFile, Shelf, file_of, holdings
from ksf_agreements.text import T, Text
from ksf_agreements.web import done as told
from ksf_agreements.web.asked import Answers, Field, Kind, day_of, started
from ksf_agreements.web.days import written
from ksf_agreements.web.downloads import CSV, DOCX, JSON, PDF, ZIP, download, zipped, zipped_folder
from ksf_agreements.web.pages import Notice
from ksf_agreements.web.routes.acts import address
from ksf_agreements.web.routes.cluster import known, name_of
from ksf_agreements.web.visit import Visit, endpoint

DRAFTS = {
    "avtale.docx": (DocumentType.AGREEMENT, False),
    "avtale.pdf": (DocumentType.AGREEMENT, True),
    "kontaktpersoner.docx": (DocumentType.CONTACTS, False),
    "kontaktpersoner.pdf": (DocumentType.CONTACTS, True),
}
JOURNALS = {"hendelseslogg.json": (journal_json, JSON), "hendelseslogg.csv": (journal_csv, CSV)}
_YEARS = range(2000, 2200)
PAPERS = {"underskrivere.csv": CSV, "underskrivere.json": JSON, "veiledning.docx": DOCX, "pakke.zip": ZIP}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in a list: what it is, and where it is fetched."""

    what: str
    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version with its files; what may be made of it now: a package to sign, the signed files in one PDF."""

    number: int
    status: str
    document_id: str
    issued_on: date
    valid_until: date
    issued: tuple[Kept, ...]
    package: tuple[Kept, ...]
    came: tuple[Kept, ...]
    may_package: bool
    may_assemble: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier that was made, held until it is fetched."""

    cluster: str
    name: str
    data: bytes
    files: int
    fingerprint: str
    warnings: tuple[Text, ...]


def show(visit: Visit) -> Response:
    """Show what there is."""
    return _page(visit, started(letter_fields(visit, known(visit))))


def _page(visit: Visit, answers: Answers, refusal: str = "", status: int = 200) -> Response:
    cluster = known(visit)
    desk = visit.desk
    folded = desk.read(cluster)
    kept = holdings(desk, folded)
    has_file = any(path.stem == cluster for path in desk.workspace.cluster_paths())
    current = {one.number for one in (folded.open_version, folded.in_force) if one is not None}
    return visit.page(
        "documents.html",
        status,
        id=cluster,
        name=name_of(visit, folded, cluster),
        has_file=has_file,
        versions=tuple(_version(visit, folded, shelf, current) for shelf in kept.shelves),
        others=tuple(_kept(visit, cluster, one) for one in kept.others),
        may_issue=has_file and folded.in_force is None,
        no_office=_no_office(visit),
        fields=letter_fields(visit, cluster) if has_file else (),
        answers=answers,
        refusal=refusal,
    )


def _no_office(visit: Visit) -> str:
    """Return why no PDF can be made here, '' where one can."""
    try:
        find_office()
    except OfficeMissing as fault:
        return visit.say(fault.message)
    return ""


def _version(visit: Visit, folded: Folded, shelf: Shelf, current: set[int]) -> Version:
    version, cluster = shelf.version, folded.cluster
    return Version(
        number=version.number,
        status=visit.say(STATUS_WORDS[folded.status_of(version)]),
        document_id=version.terms.document_id,
        issued_on=version.issued_on,
        valid_until=version.terms.valid_until,
        issued=tuple(_kept(visit, cluster, one) for one in shelf.issued),
        package=tuple(_kept(visit, cluster, one) for one in shelf.package),
        came=tuple(_kept(visit, cluster, one) for one in shelf.came),
        may_package=version.number in current and bool(shelf.issued),
        may_assemble=all(version.counts_from(party) for party in version.terms.parties),
    )


def _kept(visit: Visit, cluster: str, file: KeptFile) -> Kept:
    return Kept(visit.say(file.what), file.name, f"{address(cluster, 'dokumenter')}/fil/{file.sha256}")


# Files that are kept, and drafts


def kept_file(visit: Visit) -> Response:
    """Return a file of the register, as it is."""
    file = holdings(visit.desk, visit.desk.read(known(visit))).find(visit.path["sha256"])
    return download(file_of(visit.desk, file), file.name, file.media_type)


def draft(visit: Visit) -> Response:
    """Make a draft of the cluster as it is now."""
    cluster, row = known(visit), DRAFTS.get(visit.path["what"])
    if row is None:
        raise UsageError(T("There is no such document."))
    type_, is_pdf = row
    if not is_pdf:
        name, data = drafting.draft(visit.desk, cluster, type_)
    else:
        with visit.office.backroom.turn():
            name, data = drafting.draft(visit.desk, cluster, type_, pdf=True)
    return download(data, name, PDF if is_pdf else DOCX)


def journal(visit: Visit) -> Response:
    """Return the journal."""
    cluster, row = known(visit), JOURNALS.get(visit.path["what"])
    if row is None:
        raise UsageError(T("There is no such document."))
    make, media_type = row
    return download(make(visit.desk, cluster, visit.say), f"{cluster}-{visit.path['what']}", media_type)


# The package


def package(visit: Visit) -> Response:
    """Make the package to sign of a version; made again it is the same."""
    cluster = known(visit)
    number = _number(visit, visit.text("versjon"), cluster)
    with visit.office.backroom.turn(), TemporaryDirectory(prefix="ksf-pakke-") as folder:
        done = packaging.package(visit.desk, cluster, "manual", Path(folder), number=number, force=True)
    return visit.redirect(address(cluster, "dokumenter"), *told.notices(visit.say, done))


def papers(visit: Visit) -> Response:
    """Return one of the papers that go with a package, or all of the package in one ZIP."""
    cluster = known(visit)
    number = _number(visit, visit.path["version"], cluster)
    what = visit.path["what"]
    if what not in PAPERS:
        raise UsageError(T("There is no such document."))
    found = packaging.papers(visit.desk, cluster, number)
    if what == "pakke.zip":
        shelves = holdings(visit.desk, visit.desk.read(cluster)).shelves
        shelf = next(one for one in shelves if one.version.number == number)
        if not shelf.package:
            raise UsageError(T("No package has been made of this version yet."))
        files = [(file.name, file_of(visit.desk, file)) for file in shelf.package]
        return download(zipped([*files, *((one.name, one.data) for one in found)]), f"{cluster}-pakke.zip", ZIP)
    ending = what.rpartition(".")[2]
    for one in found:
        if one.name.endswith(f".{ending}"):
            return download(one.data, one.name, PAPERS[what])
    raise UsageError(T("There is no such document."))


def assembled(visit: Visit) -> Response:
    """Return the signed files of a version in one PDF."""
    cluster = known(visit)
    number = _number(visit, visit.text("versjon"), cluster)
    with visit.office.backroom.turn(), TemporaryDirectory(prefix="ksf-samlet-") as folder:
        (path,) = assembling.assemble(visit.desk, cluster, Path(folder), number=number).files
        return download(path.read_bytes(), path.name, PDF)


def _number(visit: Visit, text: str, cluster: str) -> int:
    """Return the number of a version that there is. Raises `UsageError`."""
    for version in visit.desk.read(cluster).versions:
        if text == str(version.number):
            return version.number
    raise UsageError(T("There is no such version of this agreement."))


# Letters


def letter_fields(visit: Visit, cluster: str) -> tuple[Field, ...]:
    """Return the fields of the form for letters."""
    say, desk = visit.say, visit.desk
    kinds = []
    for row in LETTERS.values():
        words = say(row.title)
        kinds.append((row.name, words[:1].upper() + words[1:]))
    parties: dict[str, str] = {}
    for version in desk.read(cluster).versions:
        parties |= {party: desk.call(party) for party in version.terms.parties}
    if any(path.stem == cluster for path in desk.workspace.cluster_paths()):
        file = desk.cluster_file(cluster)
        found = file.cluster or file.rest
        numbers = [one.municipality for one in found.members if one.municipality] if found else []
        parties |= {number: desk.call(number) for number in numbers}
    everybody = ("", say(T("Each municipality, or the whole cluster")))
    return (
        Field("brev", T("Letter"), Kind.CHOICE, required=True, choices=tuple(sorted(kinds, key=lambda one: one[1]))),
        Field(
            "part",
            T("Municipality"),
            Kind.CHOICE,
            help=T("Letters of notice and of accession need one."),
            choices=(everybody, *sorted(parties.items())),
        ),
        Field("aar", T("Year"), help=T("For an action plan or a year's report.")),
        Field("dato", T("Date of the letter"), Kind.DAY, start=written(desk.today)),
    )


def letter(visit: Visit) -> Response:
    """Write a letter: one file, or a ZIP where each municipality gets its own."""
    cluster = known(visit)
    fields = letter_fields(visit, cluster)
    words = {one.name: visit.query(one.name).strip()[:40] for one in fields}
    faults = dict(_letter_faults(fields, words))
    answers = Answers(words, {}, faults)
    if faults:
        return _page(visit, answers, status=422)
    kind = LETTERS[words["brev"]]
    on = day_of(words["dato"])[0] or visit.desk.today
    party = "" if kind.about is About.NOBODY else words["part"]
    try:
        made = drafting.letters(visit.desk, cluster, kind, on, party=party, year=int(words["aar"] or 0))
    except InputError:
        raise
    except KsfError as fault:
        return _page(visit, answers, visit.say(fault.message), 422)
    if len(made.letters) == 1 and not made.left_out:
        return download(made.letters[0].data, made.letters[0].name, DOCX)
    files = [(one.name, one.data) for one in made.letters]
    if made.left_out:
        reasons = "\r\n".join(visit.say(reason) for reason in made.left_out)
        files.append(("uten-brev.txt", f"{reasons}\r\n".encode("utf-8-sig")))
    return download(zipped(files), f"{cluster}-{kind.name}.zip", ZIP)


def _letter_faults(fields: tuple[Field, ...], words: dict[str, str]) -> list[tuple[str, Text]]:
    chosen = T("Choose one of those in the list.")
    found = [(one.name, chosen) for one in fields if one.choices and words[one.name] not in dict(one.choices)]
    year = words["aar"]
    if year and not (year.isascii() and year.isdigit() and len(year) == 4 and int(year) in _YEARS):
        found.append(("aar", T("Write a year of four digits, for example 2027.")))
    if fault := day_of(words["dato"])[1]:
        found.append(("dato", fault))
    return found


# The dossier


def dossier(visit: Visit) -> Response:
    """Make the dossier for the archive, and hold it until it is fetched."""
    cluster = known(visit)
    with visit.office.backroom.turn(), TemporaryDirectory(prefix="ksf-arkiv-") as folder:
        planned = archive_plan.plan(visit.desk, cluster, visit.desk.today, Path(folder))
        done = archiving.write(visit.desk, planned)
        data = zipped_folder(done.path)
        made = Dossier(cluster, f"{done.path.name}.zip", data, done.files, done.fingerprint, planned.warnings)
    key = visit.office.backroom.hold(visit.session, made, len(data))
    return visit.redirect(f"{address(cluster, 'dokumenter')}/arkiv/{key}")


def dossier_page(visit: Visit) -> Response:
    """Show the dossier that was made, with its fingerprint."""
    cluster = known(visit)
    made = visit.office.backroom.held(visit.session, visit.path["key"], Dossier)
    if made is None or made.cluster != cluster:
        text = T("The dossier is kept here for half an hour only, and is gone now. Make it anew.")
        return visit.redirect(address(cluster, "dokumenter"), Notice("warning", visit.say(text)))
    folded = visit.desk.read(cluster)
    return visit.page(
        "dossier.html",
        id=cluster,
        name=name_of(visit, folded, cluster),
        made=made,
        size=max(1, round(len(made.data) / 2**20)),
        warnings=tuple(visit.say(one) for one in made.warnings),
        link=f"{address(cluster, 'dokumenter')}/arkiv/{visit.path['key']}/fil",
    )


def dossier_file(visit: Visit) -> Response:
    """Return the dossier as a ZIP."""
    cluster = known(visit)
    made = visit.office.backroom.held(visit.session, visit.path["key"], Dossier)
    if made is None or made.cluster != cluster:
        raise UsageError(T("The dossier is kept here for half an hour only, and is gone now. Make it anew."))
    return download(made.data, made.name, ZIP)


_HERE = "/klynge/{cluster}/dokumenter"
ROUTES = (
    Route(_HERE, endpoint(show)),
    Route(f"{_HERE}/fil/{{sha256}}", endpoint(kept_file)),
    Route(f"{_HERE}/utkast/{{what}}", endpoint(draft)),
    Route(f"{_HERE}/brev", endpoint(letter)),
    Route(f"{_HERE}/logg/{{what}}", endpoint(journal)),
    Route(f"{_HERE}/pakke", endpoint(package), methods=["POST"]),
    Route(f"{_HERE}/samlet", endpoint(assembled), methods=["POST"]),
    Route(f"{_HERE}/pakke/{{version}}/{{what}}", endpoint(papers)),
    Route(f"{_HERE}/arkiv", endpoint(dossier), methods=["POST"]),
    Route(f"{_HERE}/arkiv/{{key}}", endpoint(dossier_page)),
    Route(f"{_HERE}/arkiv/{{key}}/fil", endpoint(dossier_file)),
)
