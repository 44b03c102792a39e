"""Drives one LibreOffice over UNO; a script for the system's python, which alone can ``import uno``.

    python uno_helper.py SOFFICE FOLDER MEMORY PIPE

It imports nothing of the package. It starts LibreOffice with a private profile in FOLDER, talking over the named pipe
PIPE (no port; inside a network namespace of its own not even this machine can be reached), says ``{"ready": true}``,
and answers each line of JSON on standard input by one on standard output. At the end of the input, which also comes
when whoever started it was killed, it ends LibreOffice and removes FOLDER.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import uno

_STARTING = 60.0  # seconds; a first start writes the profile, on a busy machine slowly
_ROUNDS = 3  # a table of contents that grew by a page moves what it lists

# No macros, no links, no recovery, no Java, no lock files; nothing that would be fetched or asked.
_SETTINGS = (
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Misc", "UseLocking", "false"),
    ("Common/Misc", "FirstRun", "false"),
    ("Common/Help/StartCenter", "StartCenterHideExternalLinks", "true"),
    ("Java/VirtualMachine", "Enable", "false"),
    ("Recovery/AutoSave", "Enabled", "false"),
    ("Recovery/RecoveryInfo", "Enabled", "false"),
    ("Writer/Content/Update", "Link", "0"),
    ("Writer/Content/Update", "Field", "false"),
)
_EXPORT = {
    "SelectPdfVersion": 2,  # PDF/A-2b
    "PDFUACompliance": True,
    "UseTaggedPDF": True,
    "ExportBookmarks": True,
    "DisplayPDFDocumentTitle": True,
    "UseLosslessCompression": True,
    "ReduceImageResolution": False,
    "ExportNotes": False,
    "ExportFormFields": False,
    "IsSkipEmptyPages": False,
}


def _write_profile(profile: Path) -> None:
    """Write the settings of a new profile."""
    items = "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value>'
        "</prop></item>"
        for path, name, value in _SETTINGS
    )
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{items}</oor:items>\n",
        encoding="utf-8",
    )


def _bind(memory: int) -> None:
    """Bound what LibreOffice may take, in bytes; it inherits the bound. Systems without `resource` have the clock."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))


def _value(name: str, value: object) -> Any:
    made = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    made.Name, made.Value = name, value
    return made


def _values(values: Mapping[str, object]) -> tuple[Any, ...]:
    return tuple(_value(name, value) for name, value in values.items())


def _desktop(office: subprocess.Popen[bytes], pipe: str) -> Any:
    """Return LibreOffice's desktop once it answers on its pipe."""
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    late = time.monotonic() + _STARTING
    while time.monotonic() < late and office.poll() is None:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except uno.getClass("com.sun.star.connection.NoConnectException"):
            time.sleep(0.02)
        else:
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
    raise RuntimeError("LibreOffice does not answer")


def _locale(language: str) -> Any:
    made = uno.createUnoStruct("com.sun.star.lang.Locale")
    made.Language, _, made.Country = language.partition("-")
    return made


def _update_indexes(document: Any) -> None:
    """Renew every table of contents until its page numbers stay."""
    indexes = document.getDocumentIndexes()
    for index in (indexes.getByIndex(number) for number in range(indexes.getCount())):
        before = None
        for _ in range(_ROUNDS):
            index.update()
            text = index.getAnchor().getString()
            if text == before:
                break
            before = text


def _convert(desktop: Any, order: dict[str, str]) -> dict[str, object]:
    """Convert one DOCX; return what to answer."""
    loading = _values(
        {
            "Hidden": True,
            "FilterName": "MS Word 2007 XML",
            "UpdateDocMode": 0,  # com.sun.star.document.UpdateDocMode.NO_UPDATE
            "MacroExecutionMode": 0,  # com.sun.star.document.MacroExecMode.NEVER_EXECUTE
        }
    )
    document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(order["source"]), "_blank", 0, loading)
    if document is None:
        return {"failed": "not loaded"}
    try:
        document.getDocumentProperties().Title = order["title"]
        document.CharLocale = _locale(order["language"])
        _update_indexes(document)
        data = uno.Any("[]com.sun.star.beans.PropertyValue", _values(_EXPORT))
        storing = (_value("FilterName", "writer_pdf_Export"), _value("FilterData", data))
        document.storeToURL(uno.systemPathToFileUrl(order["target"]), storing)
    finally:
        document.close(True)
    return {"done": True}


def _answer(told: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _serve(desktop: Any) -> None:
    for line in sys.stdin:
        try:
            told = _convert(desktop, json.loads(line))
        except Exception as fault:  # whatever it is, the answer is that it failed; the other side starts anew
            told = {"failed": f"{type(fault).__name__}: {fault}"[:500]}
        _answer(told)


def main(soffice: str, folder: str, memory: str, pipe: str) -> None:
    """Start LibreOffice, serve until the input ends, and leave nothing behind."""
    _bind(int(memory))
    profile = Path(folder) / "profile"
    _write_profile(profile)
    office = subprocess.Popen(  # noqa: S603 (fixed words and a folder of our own)
        [
            soffice,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--norestore",
            "--nodefault",
            "--nologo",
            "--nolockcheck",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    desktop = None
    try:
        desktop = _desktop(office, pipe)
        _answer({"ready": True})
        _serve(desktop)
    finally:
        _end(office, desktop)
        shutil.rmtree(folder, ignore_errors=True)
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)


def _end(office: subprocess.Popen[bytes], desktop: Any) -> None:
    """End LibreOffice: politely where it answers, since `soffice` is only the parent of the one that works."""
    with suppress(Exception):  # it is gone already, or hangs
        if desktop is not None:
            desktop.terminate()
            office.wait(10)
    if office.poll() is None:
        office.kill()


if __name__ == "__main__":
    main(*sys.argv[1:5])
