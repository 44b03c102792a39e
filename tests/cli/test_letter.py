"""``ksf letter`` as a person runs it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from ksf_agreements.documents.letters import LETTERS
from tests.conftest import Ran
from tests.documents.word import body_texts

Run = Callable[..., Ran]


@pytest.fixture
def letter(ksf: Run, workspace: Path) -> Run:
    """Run ``ksf letter`` in a copy of the sample workspace."""
    return lambda *words: ksf("-w", workspace, "--lang", "en", "letter", *words)


@pytest.fixture
def signed(ksf: Run, workspace: Path) -> None:
    """Let the small sample be issued, and signed by both."""
    register = ("-w", workspace, "--lang", "en")
    assert ksf(*register, "issue", "alle-valg", "--on", "2026-01-05").code == 0
    for party in ("5001", "5041"):
        done = ksf(
            *register, "sign", "alle-valg", "--party", party, "--on", "2026-02-02", "--name", "A", "--title", "B"
        )
        assert done.code == 0


def text(path: Path) -> str:
    return "\n".join(body_texts(path.read_bytes())).replace("\u00a0", " ")


def test_without_a_kind_the_kinds_are_listed(letter: Run) -> None:
    done = letter()
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == list(LETTERS)
    assert "bekreftelse-oppsigelse   --party NR    confirmation of a notice, with its last day" in done.out
    assert re.search(r"handlingsplan +--year YEAR", done.out)


def test_a_letter_that_needs_no_register_makes_none(letter: Run, workspace: Path) -> None:
    done = letter("oppnevning-klyngeleder", "alle-valg", "--on", "2026-04-01")
    path = workspace / "out" / "alle-valg-oppnevning-klyngeleder.docx"
    assert (done.code, done.out, done.err) == (0, f"Wrote {path}\n", "")
    assert "Trondheim kommune er motorkommune og utnevner Leif Leder" in text(path)
    assert "fra 1. april 2026" in text(path)
    assert not list(workspace.glob("*.sqlite*"))


def test_each_party_gets_its_own_or_one_by_name_or_number(letter: Run, workspace: Path, tmp_path: Path) -> None:
    assert letter("saksframlegg", "helse-omsorg-vest").code == 0
    assert len(list((workspace / "out").glob("helse-omsorg-vest-saksframlegg-*.docx"))) == 9
    for number, name in (("4621", "voss herad"), ("4630", "4630"), ("4624", "bjørnafjorden")):
        out = tmp_path / name
        assert letter("saksframlegg", "helse-omsorg-vest", "--party", name, "--out", out).code == 0
        assert [path.name for path in out.iterdir()] == [f"helse-omsorg-vest-saksframlegg-{number}.docx"]


@pytest.mark.usefixtures("signed")
def test_a_notice_in_the_register_is_confirmed(ksf: Run, letter: Run, workspace: Path) -> None:
    notice = ("notice", "alle-valg", "--party", "5041", "--received", "2026-02-28", "--copied", "2026-03-01")
    assert ksf("-w", workspace, *notice).code == 0
    done = letter("bekreftelse-oppsigelse", "alle-valg", "--party", "snåsa")
    assert done.code == 0
    said = text(workspace / "out" / "alle-valg-bekreftelse-oppsigelse-5041.docx")
    assert "Snåsa kommune er bundet av avtalen til og med 28. februar 2027." in said
    assert "Dato:\t2. mars 2026" in said
    assert re.search(r"Avtale:\tKSF-\w{4}-\w{4}, versjon 1\n", said)
    refused = letter("bekreftelse-oppsigelse", "alle-valg", "--party", "snåsa", "--on", "2026-02-27")
    assert (refused.code, refused.out) == (1, "")
    assert "No notice from 5041 Snåsa is recorded by 27.2.2026." in refused.err


@pytest.mark.usefixtures("signed")
def test_an_amendment_is_what_the_file_changes_since_the_issue(letter: Run, workspace: Path) -> None:
    assert "changes nothing that the parties must sign" in letter("endringsavtale", "alle-valg").err
    file = workspace / "clusters" / "alle-valg.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("styringsrådet\n", "klyngerådet\n"), encoding="utf-8")
    assert letter("endringsavtale", "alle-valg").code == 0
    said = text(workspace / "out" / "alle-valg-endringsavtale.docx")
    assert re.search(r"Punkt 6: [^\n]+\nstyringsrådet\nklyngerådet\n", said)


@pytest.mark.usefixtures("signed")
def test_who_gets_no_letter_is_told(ksf: Run, letter: Run, workspace: Path) -> None:
    assert ksf("-w", workspace, "notice", "alle-valg", "--party", "5041", "--received", "2026-02-28").code == 0
    done = letter("forespoersel-fornyelse", "alle-valg")
    assert done.out.count("Wrote ") == 1
    assert done.err == "No letter: 5041 Snåsa leaves, and is invited only where it is named.\n"


def test_an_edited_letter_is_left_alone(letter: Run, workspace: Path) -> None:
    words = ("handlingsplan", "alle-valg", "--year", "2027")
    path = workspace / "out" / "alle-valg-handlingsplan-2027.docx"
    assert letter(*words).code == 0
    assert letter(*words).code == 0, "what nobody has touched is written anew"
    document = docx.Document(path)
    document.paragraphs[0].runs[0].text = "Vår plan"
    saved = io.BytesIO()
    document.save(saved)
    path.write_bytes(saved.getvalue())
    refused = letter(*words)
    assert refused.code == 1
    assert "alle-valg-handlingsplan-2027.docx. Move them, or use --force" in refused.err
    assert path.read_bytes() == saved.getvalue()
    assert letter(*words, "--force").code == 0
    assert "Handlingsplan 2027" in text(path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("brev", "alle-valg"), "There is no letter 'brev'. There are: saksframlegg, oversendelse-signering"),
        (("saksframlegg",), "Name the cluster: 'ksf letter saksframlegg CLUSTER'."),
        (("saksframlegg", "ukjent"), "There is no cluster 'ukjent'. There are: alle-valg, helse-omsorg-vest"),
        (("oppsigelse", "alle-valg"), "Name the municipality with --party."),
        (("partsliste", "alle-valg", "--party", "5041"), "'partsliste' is for the whole cluster; leave out --party."),
        (("aarsrapport", "alle-valg"), "Name the year with --year."),
        (("aarsrapport", "alle-valg", "--year", "99"), "99 is not in the range"),
        (("saksframlegg", "alle-valg", "--party", "herøy"), "may be several municipalities; write the number: 1515"),
        (("saksframlegg", "alle-valg", "--party", "snosa"), "Did you mean 5041 Snåsa"),
        (("saksframlegg", "alle-valg", "--party", "qqqqqqqq"), "No municipality is called 'qqqqqqqq'."),
        (("saksframlegg", "alle-valg", "--on", "1.3.2026"), "Write it as 2026-03-01"),
    ],
)
def test_wrong_words_are_told(letter: Run, words: tuple[str, ...], sentence: str) -> None:
    done = letter(*words)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err


def test_what_is_not_there_yet_is_refused(letter: Run) -> None:
    done = letter("saksframlegg", "alle-valg", "--party", "bergen")
    assert done.code == 1
    assert "4601 Bergen is no party on 2.3.2026. The parties are: 5001 Trondheim, 5041 Snåsa." in done.err
    done = letter("partsliste", "alle-valg")
    assert done.code == 1
    assert "Do it with 'ksf issue alle-valg'." in done.err


def test_a_cluster_file_with_errors_gives_no_letter(letter: Run, workspace: Path) -> None:
    file = workspace / "clusters" / "alle-valg.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace('"5041"', '"9999"'), encoding="utf-8")
    done = letter("saksframlegg", "alle-valg")
    assert (done.code, done.out) == (1, "")
    assert "9999" in done.err
    assert "nothing was written" in done.err
    assert not (workspace / "out").exists()
