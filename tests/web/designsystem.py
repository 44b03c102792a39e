"""``python -m tests.web.designsystem FOLDER``: one style sheet of Digdir's Designsystemet, out of what npm has fetched.

The package's own neutral theme; the themes named after agencies are theirs.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from ksf_agreements.web.pages import VENDOR

PARTS = ("dist/theme/designsystemet.css", "dist/src/index.css")


def combined(package: Path) -> str:
    """Return the style sheet, with the licence at its top. Raises ValueError where it would fetch something."""
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    licence = (package / "LICENSE").read_text(encoding="utf-8").strip().replace("*/", "* /")
    head = f"/*!\n{about['name']} {about['version']}\n\n{licence}\n*/\n"
    text = head + "\n".join((package / part).read_text(encoding="utf-8").strip() for part in PARTS) + "\n"
    if leading := leads_out(text):
        raise ValueError(f"the style sheet leads out: {leading}")
    return text


def leads_out(text: str) -> list[str]:
    """Return what a style sheet would fetch."""
    named = re.findall(r"""(?i)url\((?!\s*["']?data:)[^)]{0,80}""", text)
    return named + re.findall(r"(?i)@import[^;]{0,80}|image-set\([^)]{0,80}|</style", text)


def main() -> None:
    """Write it where the pages look for it."""
    text = combined(Path(sys.argv[1]) / "node_modules" / "@digdir" / "designsystemet-css")
    VENDOR.parent.mkdir(exist_ok=True)
    VENDOR.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
