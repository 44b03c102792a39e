"""Maler: the installed templates, and one of somebody's own looked over in bounds."""

from __future__ import annotations

import io
import zipfile

from ksf_agreements.resources import template_dir
from tests.web.browser import Browser

HERE = "/maler"


def test_the_installed_templates_and_what_they_can_print(browser: Browser) -> None:
    page = browser.get(HERE)
    assert "Avtalen ksf-klyngeavtale" in page.words
    assert "egen oversettelse, ikke KS sin" in page.words
    assert "parties[].signatory_name" in page.words
    link = next(one for one in page.links if "klyngeavtale" in one and "nn" not in one)
    answer = browser.get(link)
    assert answer.content == (template_dir() / link.rpartition("/")[2]).read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment")
    assert browser.get(f"{HERE}/..%2F..%2Fpyproject.docx").status == 404
    assert browser.get(f"{HERE}/ingen.docx").status == 404


def test_a_template_is_checked(browser: Browser) -> None:
    data = next(template_dir().glob("ksf-klyngeavtale*nb.docx")).read_bytes()
    page = browser.get(HERE)
    page = browser.submit(page.form("sjekk"), files={"fil": ("min.docx", data)})
    assert page.status == 200
    assert "Malen har ingen feil." in page.words
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(
                name, content.replace(b"{{ name }}", b"{{ nmae }}") if name == "word/document.xml" else content
            )
    page = browser.get(HERE)
    page = browser.submit(page.form("sjekk"), files={"fil": ("min.docx", broken.getvalue())})
    assert page.status == 200
    assert "nmae" in page.words
    assert "må rettes" in page.words


def test_what_is_no_template(browser: Browser) -> None:
    for sent in (None, {"fil": ("a.docx", b"")}):
        page = browser.get(HERE)
        assert browser.submit(page.form("sjekk"), files=sent).status == 422
    for data in (b"PK\x03\x04 nei", b"%PDF-1.4"):
        page = browser.get(HERE)
        page = browser.submit(page.form("sjekk"), files={"fil": ("<b>a.docx", data)})
        assert page.status == 200
        assert "må rettes" in page.words
        assert "<b>a.docx" not in page.text
