"""Certificates: whose they are, who issued them, and whether they lead to an issuer whom the operator trusts.

Nothing is fetched: no lists of revoked certificates, no intermediate ones. What lies in the file itself is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import pem, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from ksf_agreements.domain.verdict import SignatureKind

FILES: Final = 200
"""Files of the folder of trusted certificates that are read."""
_ENDINGS: Final = {".pem", ".crt", ".cer", ".der"}
_BYTES: Final = 1_000_000
_SEAL: Final = "0.4.0.1862.1.6.2"
"""ETSI EN 319 412-5: a certificate for an organisation's seal."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a certificate is, as it says itself; `texts` is everything in its subject."""

    signer: str
    organisation: str
    issuer: str
    kind: SignatureKind
    texts: tuple[str, ...]


def read_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """Return the certificates in a PEM or DER file. Raises `ValueError` where there is none, or a broken one."""
    if pem.detect(data):
        found = [der for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"]
    else:
        found = [data]
    certificates = tuple(x509.Certificate.load(der, strict=True) for der in found)
    for one in certificates:
        _ = one.subject.native, one.not_valid_after  # asn1crypto is lazy: look now
    if not certificates:
        raise ValueError("no certificate")
    return certificates


def trusted_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder that should hold certificates, by their names."""
    found = (path for path in sorted(folder.iterdir()) if path.suffix.lower() in _ENDINGS and path.is_file())
    return tuple(path for path, _ in zip(found, range(FILES), strict=False))


@dataclass(frozen=True, slots=True)
class Roots:
    """The certificates that are trusted; `broken` tells that a file of the folder held none."""

    certificates: tuple[x509.Certificate, ...] = ()
    broken: bool = False


def trusted(folder: Path | None) -> Roots:
    """Return the certificates of the operator's folder; a file without one is left out, and told."""
    roots: list[x509.Certificate] = []
    broken = False
    for path in trusted_files(folder) if folder is not None else ():
        with path.open("rb") as file:
            try:
                roots += read_certificates(file.read(_BYTES))
            except ValueError:
                broken = True
    return Roots(tuple(roots), broken)


def owner(certificate: x509.Certificate) -> Owner:
    """Return whose a certificate is."""
    subject, issuer = _names(certificate.subject), _names(certificate.issuer)
    organisation = subject.get("organization_name", "")
    signer = subject.get("common_name") or " ".join(
        subject[part] for part in ("given_name", "surname") if part in subject
    )
    return Owner(
        signer=signer or organisation,
        organisation=organisation,
        issuer=issuer.get("common_name") or issuer.get("organization_name", ""),
        kind=SignatureKind.SEAL if _is_seal(certificate, subject) else SignatureKind.PERSON,
        texts=(*subject.values(), *_other_names(certificate)),
    )


def _names(name: x509.Name) -> dict[str, str]:
    """Return a name's parts; of several of a kind the last, which is the nearest."""
    parts: dict[str, str] = {}
    for one in name.chosen:
        for part in one:
            parts[part["type"].native] = str(part["value"].native)
    return parts


def _other_names(certificate: x509.Certificate) -> tuple[str, ...]:
    found = certificate.subject_alt_name_value
    return (str(found.native),) if found is not None else ()


def _is_seal(certificate: x509.Certificate, subject: dict[str, str]) -> bool:
    """Whether a certificate is an organisation's: it says so, or names the organisation and nobody in it."""
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].native == "qc_statements" and _says_seal(extension["extn_value"].parsed):
            return True
    if subject.keys() & {"surname", "given_name"}:
        return False
    organisation = subject.get("organization_name", "").casefold()
    return "organization_identifier" in subject or (
        bool(organisation) and subject.get("common_name", organisation).casefold() == organisation
    )


def _says_seal(statements: Any) -> bool:
    return _SEAL in str(statements.native)


def may_sign(certificate: x509.Certificate, at: datetime) -> str:
    """Return '' where a certificate was valid at an instant, else the remark that tells why not."""
    if at < certificate.not_valid_before:
        return "not-yet-valid"
    return "expired" if at > certificate.not_valid_after else ""


def leads_to(
    certificate: x509.Certificate, others: Iterable[x509.Certificate], roots: tuple[x509.Certificate, ...], at: datetime
) -> bool:
    """Whether a certificate leads to a trusted one, at an instant."""
    context = ValidationContext(trust_roots=roots, other_certs=others, moment=at, allow_fetching=False)
    checked = CertificateValidator(certificate, validation_context=context)
    try:
        asyncio.run(checked.async_validate_usage(set()))  # type: ignore[no-untyped-call]
    except (PathError, ValidationError):
        return False
    return True


def utc(instant: datetime) -> datetime:
    """Return an instant in UTC; one that says no zone is taken to be in it."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
