"""The web pages: the overview and other pages on the server's side, and memory over ten thousand requests."""

from __future__ import annotations

import gc
import shutil
import warnings
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median

from lxml import html
from starlette.applications import Starlette

from ksf_agreements.web.app import create_app
from tests.bench.cases import cluster_yaml
from tests.bench.register import fill, name_of, open_register
from tests.bench.report import Row, timed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # see tests/web/browser.py
    from starlette.testclient import TestClient

CLUSTERS, ISSUED = 80, 60
LIMIT, PREVIEW_LIMIT = 100.0, 50.0  # milliseconds
PORT = 8321
HERE = Path(__file__).parents[2]
WARM_REQUESTS, REQUESTS = 2_000, 10_000
GROWTH = 1.1
NOTES = f"""
The pages are asked for in this process, without a network: what is measured is the server's time, from the request to the compressed answer. The workspace has {CLUSTERS} clusters of ten, of which {ISSUED} are in the register and the others drafts; the ratio is to the {LIMIT:g} ms that the overview may take, for the preview to its {PREVIEW_LIMIT:g}. "After a change" has a cluster file written anew before each request.
Memory of the pages is the resident memory of this process after {REQUESTS:,} requests (overview, a cluster, a search, a page that is not there, and a form) against that after the first {WARM_REQUESTS:,}.
""".strip().splitlines()  # noqa: E501 (one note a line)


def workspace(root: Path) -> Path:
    """Write the workspace, with its register."""
    (root / "clusters").mkdir(parents=True)
    shutil.copy(HERE / "regions.yaml", root / "regions.yaml")
    with open_register(root / "register.sqlite") as register:
        fill(register, ISSUED)
    for number in range(CLUSTERS):
        text = cluster_yaml(10, number * 10)
        (root / "clusters" / f"{name_of(number)}.yaml").write_text(text, encoding="utf-8")
    return root


def client(app: Starlette) -> TestClient:
    """Return a browser that sends cookies and takes compressed answers."""
    return TestClient(app, base_url=f"http://127.0.0.1:{PORT}")


def asked(browser: TestClient, path: str, status: int = 200) -> Callable[[], None]:
    """Return the asking for one page."""

    def ask() -> None:
        answer = browser.get(path)
        if answer.status_code != status:
            raise ValueError(f"{path} answered {answer.status_code}")

    return ask


def preview(browser: TestClient, cluster: str) -> Callable[[], None]:
    """Return the asking for the preview of a cluster's form, each time with another name in it."""
    page = html.document_fromstring(browser.get(f"/klynge/{cluster}/fyll-ut").content.decode())
    (form,) = page.xpath("//form[@id='skjema']")
    typed = dict(form.form_values())
    times = count(1)

    def ask() -> None:
        typed["name"] = f"Kunnskapsklyngen Eksempel {next(times)}"
        answer = browser.post(form.get("data-preview"), data=typed)
        if answer.status_code != 200 or typed["name"] not in answer.text:
            raise ValueError(f"the preview answered {answer.status_code}")

    return ask


def resident() -> float:
    """Return this process's resident memory in MB."""
    import psutil

    gc.collect()
    return float(psutil.Process().memory_info().rss) / 2**20


def web_rows(folder: Path, turns: int, requests: int = REQUESTS) -> list[Row]:
    """Measure the pages."""
    root = workspace(folder / "web")
    browser = client(create_app(root, PORT))
    file = root / "clusters" / f"{name_of(CLUSTERS - 1)}.yaml"
    texts = [file.read_text(encoding="utf-8"), file.read_text(encoding="utf-8").replace("Eksempel", "Prøve")]

    def changed() -> None:
        texts.reverse()
        file.write_text(texts[0], encoding="utf-8")
        overview()

    overview = asked(browser, "/")
    pages = (
        (f"overview of {CLUSTERS} clusters", overview, LIMIT),
        ("overview after a change", changed, LIMIT),
        ("a cluster of ten", asked(browser, f"/klynge/{name_of(3)}"), LIMIT),
        ("preview of a cluster of ten while one types", preview(browser, name_of(CLUSTERS - 2)), PREVIEW_LIMIT),
    )
    rows = []
    for name, ask, limit in pages:
        ask()
        took = tuple(timed(ask)() for _ in range(turns))
        ratios = tuple(one / limit for one in took)
        rows.append(Row(f"{name}: ksf / {limit:g} ms", ratios, 1, at_least=False, ours=median(took), other=limit))
    return [*rows, memory_row(browser, requests)]


def memory_row(browser: TestClient, requests: int) -> Row:
    """Measure what many requests leave behind."""
    token = browser.get("/").text.partition('name="csrf" value="')[2].partition('"')[0]

    def form() -> None:
        browser.post("/sprak", data={"csrf": token, "lang": "nn", "back": "/"}, follow_redirects=False)

    round_ = (
        asked(browser, "/"),
        asked(browser, f"/klynge/{name_of(5)}"),
        asked(browser, "/?sok=bergen"),
        asked(browser, "/finnes-ikke", 404),
        form,
    )

    def ask(times: int) -> None:
        for number in range(times):
            round_[number % len(round_)]()

    first = max(len(round_), requests // 5)
    ask(first)
    before = resident()
    ask(requests - first)
    after = resident()
    name = f"memory after {requests:,} requests: against the first {first:,}"
    return Row(name, (after / before,), GROWTH, at_least=False, ours=after, other=before, unit="MB")
