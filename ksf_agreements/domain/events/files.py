"""The package that is sent to be signed, and the files that come back."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from ksf_agreements.domain.events.base import Payload


class PackageRole(StrEnum):
    """What a file of a package is."""

    BUNDLE = "bundle"
    """The one PDF that is sent to be signed: agreement, annexes and index."""
    AGREEMENT = "agreement"
    """The agreement alone, as accessible PDF/A."""
    ANNEX = "annex"


class SignaturePage(BaseModel):
    """A page of a bundle that carries signature blocks, and whose they are, in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: int
    parties: tuple[str, ...]


class PackagedFile(BaseModel):
    """A file of a package.

    `title` is an annex's; `parties` are the signers of a bundle; `pages` is its length, `stamped` how many of its
    pages, from the first, carry a page code; `signature_pages` where the signature blocks are. `source` is the SHA-256
    of the file that it was made from, '' for a bundle; an annex's own file stays in the workspace.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: PackageRole
    sha256: str
    source: str = ""
    title: str = ""
    parties: tuple[str, ...] = ()
    pages: int = 0
    stamped: int = 0
    signature_pages: tuple[SignaturePage, ...] = ()


class PackageMade(Payload):
    """The package to sign was made: the very files that were sent; several bundles where there are counterparts."""

    KIND = "agreement:package:made"

    version: int
    channel: str
    files: tuple[PackagedFile, ...]


class FileReceived(Payload):
    """A file that came back was filed with a version, before anybody said whose signature it carries.

    `pages` are the pages of the package that it holds; `verdict` is the SHA-256 of its verdict, as JSON.
    """

    KIND = "agreement:file:received"

    version: int
    file: str
    verdict: str
    pages: tuple[int, ...] = ()
