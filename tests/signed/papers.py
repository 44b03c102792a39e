"""Small PDFs for tests, without LibreOffice: pages of text as the bundle of an agreement has them."""

from __future__ import annotations

from collections.abc import Sequence

DOCUMENT_ID, VERSION = "KSF-7Q4M-2XKD", 1


def mark(document_id: str = DOCUMENT_ID, version: int = VERSION) -> str:
    """What every page of an issued document says of itself."""
    return f"{document_id} · versjon {version}"


def agreement(pages: int = 3, document_id: str = DOCUMENT_ID, version: int = VERSION) -> tuple[str, ...]:
    """The texts of an agreement's pages: the clauses, and the signatures last."""
    clauses = tuple(f"Samarbeidsavtale\n{number}. Punkt nummer {number} i avtalen" for number in range(1, pages))
    return tuple(f"{text}\n{mark(document_id, version)}" for text in (*clauses, "Signaturer\nfor kommunen"))


def paper(pages: Sequence[str], *, info: str = "", producer: str = "ksf-tests") -> bytes:
    """A PDF with these texts, a line for each of theirs; the same texts give the same bytes."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects.append(font)
    objects.append(b"<< /Producer (" + producer.encode() + b") /Subject (" + info.encode("latin-1") + b") >>")
    kids = []
    for text in pages:
        drawn = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in text.split("\n") if line)
        content = b"BT /F1 12 Tf 14 TL 72 770 Td\n" + drawn + b"ET" if drawn else b""
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), listed)
    return _file(objects)


def _escaped(line: str) -> bytes:
    data = line.encode("cp1252")
    return data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects as a file, with the table of where each begins; the fourth is the properties."""
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + trailer % (len(objects) + 1, start)
