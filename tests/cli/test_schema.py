"""``ksf schema``: the schema that editors use, in the reader's language, and its copy beside the samples."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ksf_agreements.domain.kinds import KINDS
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER
from ksf_agreements.domain.schema import cluster_schema
from ksf_agreements.i18n import LANGUAGES, translator
from tests.conftest import ROOT, Ran

Ksf = Callable[..., Ran]

SCHEMA_FILE = ROOT / "clusters" / "cluster.schema.json"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_schema_is_printed_in_the_reader_s_language(language: str, ksf: Ksf) -> None:
    ran = ksf("--lang", language, "schema")
    assert json.loads(ran.out) == cluster_schema(KSF_CLUSTER, translator(language))
    assert (ran.code, ran.err) == (0, "")
    assert "\\u" not in ran.out


def test_every_kind_has_its_schema_and_others_are_wrong_usage(ksf: Ksf) -> None:
    for kind in KINDS:
        assert ksf("schema", "--kind", kind).code == 0
    ran = ksf("schema", "--kind", "universitet")
    assert (ran.code, ran.out) == (2, "")
    assert "ksf-cluster" in ran.err


def test_no_workspace_is_needed(ksf: Ksf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert ksf("schema").code == 0


def test_the_schema_beside_the_samples_is_what_the_program_prints(ksf: Ksf) -> None:
    """Renew it with ``ksf schema > clusters/cluster.schema.json``."""
    assert SCHEMA_FILE.is_file(), "make it with: ksf schema > clusters/cluster.schema.json"
    same = SCHEMA_FILE.read_text(encoding="utf-8") == ksf("schema").out
    assert same, "renew it with: ksf schema > clusters/cluster.schema.json"
