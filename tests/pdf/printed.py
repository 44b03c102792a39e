"""A PDF as poppler sees it, which is not the library that the proof-check reads with."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ENTRY = re.compile(r"^\s*(\d+\. .+?)\.{4,}\s*(\d+)\s*$", re.MULTILINE)


def poppler(*command: str | Path) -> str:
    """Return what a program of poppler prints."""
    ran = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    return ran.stdout


@cache
def pages(pdf: Path) -> list[str]:
    """Return the text of each page, laid out as on paper."""
    return poppler("pdftotext", "-layout", pdf, "-").split("\f")[:-1]


def unspaced(text: str) -> str:
    """Return a text without its spaces: a line may be broken inside a word, after a slash or a hyphen."""
    return "".join(text.split())


def contents(pdf: Path) -> dict[str, int]:
    """Return the entries of the contents with the page numbers that they print."""
    return {title: int(number) for title, number in ENTRY.findall(pages(pdf)[0])}


def headings(pdf: Path) -> dict[str, int]:
    """Return on which page each of the contents' headings stands, below the page of the contents."""
    titles, found = contents(pdf), dict[str, int]()
    for number, text in enumerate(pages(pdf)[1:], 2):
        for line in text.splitlines():
            if line.strip() in titles:
                found.setdefault(line.strip(), number)
    return found
