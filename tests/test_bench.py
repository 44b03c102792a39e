"""What the benchmark claims beside speed: the same documents as docxtpl's, and files that are no larger."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from ksf_agreements.documents.context import blocks
from ksf_agreements.domain.timeline import DERIVATION, derive
from ksf_agreements.register.verify import verify
from ksf_agreements.services.following import overview
from tests.bench import register, report
from tests.bench.cases import Case, case, municipalities
from tests.bench.engines import body, ours, plain_docxtpl
from tests.bench.processes import Programs, documents_of_both
from tests.bench.report import Row

TEXT = 'Bø & Sauherad <test> "sitat"\n\n- et punkt: Guovdageaidnu\n- Kárášjohka'


@pytest.fixture(params=[2, 10, 30])
def one(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    return case(tmp_path, request.param)


def test_the_body_is_canonically_equal_to_docxtpls(one: Case) -> None:
    assert body(ours(one).render()) == body(plain_docxtpl(one).render())


def test_the_body_is_equal_with_every_optional_text(one: Case) -> None:
    # The same paragraphs in every place for local text, with the characters that docxtpl loses by default.
    texts = one.context.local_text
    local = replace(texts, **{field.name: blocks(TEXT) for field in fields(texts)})
    full = replace(one, context=replace(one.context, local_text=local, contributions_required=True))
    bare = replace(one, context=replace(one.context, focus_areas=()))
    for case_ in (full, bare):
        assert body(ours(case_).render()) == body(plain_docxtpl(case_).render())


def test_the_file_is_at_most_a_tenth_larger_than_docxtpls(one: Case) -> None:
    assert len(ours(one).render()) <= 1.1 * len(plain_docxtpl(one).render())


def test_both_programs_make_the_same_agreements(tmp_path: Path) -> None:
    documents = documents_of_both(Programs(tmp_path), files=3)

    assert [body(own) for own, _ in documents] == [body(other) for _, other in documents]


def test_municipalities_go_round_and_round_without_a_name_twice() -> None:
    taken = municipalities(1000)

    assert len({one.number for one in taken}) == len({one.name for one in taken}) < 357


@pytest.mark.parametrize(
    ("ratios", "at_least", "verdict"),
    [((39.0, 41.0, 90.0), True, "holds"), ((39.0, 39.5, 90.0), True, "fails"), ((39.0, 40.1), False, "holds")],
)
def test_a_floor_is_held_by_the_median(ratios: tuple[float, ...], at_least: bool, verdict: str) -> None:
    assert Row("row", ratios, floor=40, at_least=at_least).verdict == verdict


def test_the_report_tells_every_row_for_people_and_for_programs(tmp_path: Path) -> None:
    rows = [Row("one", (2.0, 3.0, 4.0), floor=1.5, aim=2.5), Row("two", (0.5,), floor=0.4, at_least=False)]

    report.write(rows, ["a note"], tmp_path)

    table = (tmp_path / "benchmark.md").read_text(encoding="utf-8")
    assert "| one | 3 × | 2–4 | ≥ 1.5 × | ≥ 2.5 × |" in table
    assert "holds (aim too)" in table
    assert "| fails |" in table
    assert '"verdict": "fails"' in (tmp_path / "benchmark.json").read_text(encoding="utf-8")


def test_the_benchmarks_register_is_whole_and_its_overview_says_what_folding_says(tmp_path: Path) -> None:
    with register.open_register(tmp_path / "small.sqlite") as small:
        register.fill(small, 60, parties=4)
        desk = register.open_desk(tmp_path / "workspace", small)

        assert verify(small.path, derive, DERIVATION).is_whole
        views = overview.views(desk, register.TODAY)
        shown = overview.rows(desk, register.TODAY)
        assert [one.cluster for one in shown] == [one.status.cluster for one in views]
        assert [one.status for one in shown] == [one.status.status for one in views]
        assert [(one.signed, one.of) for one in shown] == [(one.status.signed, one.status.of) for one in views]
        due = overview.due(desk, register.TODAY, register.WITHIN)
        assert overview.due(desk, register.TODAY, register.WITHIN, limit=7) == due[:7]
        last = register.TODAY + register.WITHIN
        assert {(one.cluster, one.obligation) for one in due} == {
            (one.status.cluster, item) for one in views for item in one.due if item.due <= last
        }


def test_both_sides_of_the_import_store_the_same(tmp_path: Path) -> None:
    stored = register.Stored.of(tmp_path, 3)
    assert stored.bulk() > 0
    assert stored.add_all() > 0

    heads = [verify(tmp_path / name, register.derive_nothing, DERIVATION) for name in ("bulk.sqlite", "add_all.sqlite")]
    assert heads[0].head == heads[1].head
    assert heads[0].events == heads[1].events == len(stored.events) > 30
