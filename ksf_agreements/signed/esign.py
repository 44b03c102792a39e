"""Reads the electronic signatures of a PDF with pyHanko: who, by whose certificate, when, and whether they hold.

Runs inside the bounded child that reads files from outside. Nothing is fetched from the network: whether a certificate
was revoked is known only where the file itself carries the answer.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import find_unique_cms_attribute
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    EmbeddedPdfSignature,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from ksf_agreements.domain.verdict import ESignature, Integrity, SignatureKind
from ksf_agreements.signed import certificates
from ksf_agreements.signed.xades import read_embedded

if TYPE_CHECKING:
    from pyhanko.sign.validation.status import PdfSignatureStatus

SIGNATURES: Final = 60
"""Signatures of a file that are checked; ten sign at most."""
REASON: Final = 300
"""Letters of the reason that a signer gives."""
# Both uses sign: persons' certificates say non_repudiation, some seals only digital_signature.
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
_HARMLESS = frozenset({ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING})
_WHOLE = frozenset({SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION})


@dataclass(frozen=True, slots=True)
class Signed:
    """The signatures of a file, in the order they were put on; texts that stand in their certificates; remarks."""

    signatures: tuple[ESignature, ...] = ()
    texts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def read_signatures(data: bytes, trust: Path | None) -> Signed:
    """Return the signatures of a PDF; whatever is wrong with them is told and not raised."""
    roots = certificates.trusted(trust)
    remarks = ["trust-root-unreadable"] if roots.broken else []
    if not roots.certificates:
        remarks.append("no-trust-roots")
    try:
        checker = _Checker(data, roots.certificates)
        own = tuple(checker.signatures())
    except MemoryError:
        raise
    except Exception:  # garbage makes pyHanko fail in any way
        return Signed(remarks=(*remarks, "signatures-unreadable"))
    embedded, texts = read_embedded(data, roots.certificates)
    if not own:
        remarks.append("signatures-unreadable")
    return Signed((*own, *embedded), (*checker.texts, *texts), tuple(remarks))


class _Checker:
    """Checks the signatures of one file."""

    def __init__(self, data: bytes, roots: tuple[x509.Certificate, ...]) -> None:
        self._reader = PdfFileReader(io.BytesIO(data), strict=False)
        if self._reader.encrypted:
            self._reader.decrypt(b"")
        self._roots = roots
        self._fields = list(enumerate_sig_fields(self._reader, filled_status=True))[:SIGNATURES]
        self._names = frozenset(name for name, _, _ in self._fields)
        self.texts: list[str] = []

    def signatures(self) -> Iterator[ESignature]:
        """Yield the signatures in the order they were put on."""
        opened: list[tuple[int, EmbeddedPdfSignature]] = []
        broken = 0
        for name, _, field in self._fields:
            try:
                one = EmbeddedPdfSignature(self._reader, field, name)
                opened.append((one.signed_revision, one))
            except MemoryError:
                raise
            except Exception:  # garbage
                broken += 1
        for _, one in sorted(opened, key=_revision):
            yield self._checked(one)
        for _ in range(broken):
            yield ESignature(signer="", integrity=Integrity.UNVERIFIED, remark="damaged")

    def _checked(self, one: EmbeddedPdfSignature) -> ESignature:
        """Check one signature; a fault of the library is a signature that could not be verified."""
        said: dict[str, Any] = {"signer": ""}
        try:
            whose = certificates.owner(one.signer_cert)
            self.texts += whose.texts
            said = {"signer": whose.signer, "organisation": whose.organisation, "issuer": whose.issuer}
            if one.sig_object_type == "/DocTimeStamp":
                return self._time_stamp(one, said)
            stamp = _time_of_stamp(one)
            claimed = one.self_reported_timestamp
            known = stamp or claimed
            said |= {"kind": whose.kind, "signed_at": certificates.utc(known) if known else None}
            said["reason"] = " ".join(str(one.sig_object.get("/Reason", "")).split())[:REASON]
            return self._verified(one, said, has_stamp=stamp is not None)
        except MemoryError:
            raise
        except Exception as fault:  # garbage, or a method that pyHanko does not know or no longer accepts
            remark = "method" if type(fault).__name__ in _METHODS else "damaged"
            return ESignature(**said, integrity=Integrity.UNVERIFIED, remark=remark)

    def _verified(self, one: EmbeddedPdfSignature, said: dict[str, Any], *, has_stamp: bool) -> ESignature:
        at: datetime = said["signed_at"] or one.signer_cert.not_valid_before
        status = validate_pdf_signature(
            one,
            signer_validation_context=self._context(at),
            ts_validation_context=self._context(at),
            key_usage_settings=_USAGE,
        )
        stamp = status.timestamp_validity
        if has_stamp and not (stamp is not None and stamp.intact and stamp.valid):
            return ESignature(**said, integrity=Integrity.ALTERED, remark="time-stamp")
        covers, remark = self._extent(status)
        said |= {"timestamped": has_stamp, "covers": covers}
        if not (status.intact and status.valid):
            return ESignature(**said | {"covers": False}, integrity=Integrity.ALTERED)
        if not covers:
            return ESignature(**said, integrity=Integrity.ALTERED, remark=remark)
        remark = "revoked" if status.revoked else certificates.may_sign(one.signer_cert, at)
        if status.trusted and not remark:
            remark = "no-time" if said["signed_at"] is None else ""
            if stamp is not None and not stamp.trusted:
                remark = "time-stamp-untrusted"
            return ESignature(**said, integrity=Integrity.TRUSTED, remark=remark)
        return ESignature(**said, integrity=Integrity.UNTRUSTED, remark=remark)

    def _extent(self, status: PdfSignatureStatus) -> tuple[bool, str]:
        """Return whether all but later signatures is covered, and else what is not."""
        if status.coverage not in _WHOLE:
            return False, "coverage"
        if status.modification_level not in _HARMLESS or status.docmdp_ok is False:
            return False, "changed-after"
        changes = status.diff_result
        if isinstance(changes, DiffResult) and changes.changed_form_fields - self._names:
            return False, "changed-after"  # a field of a form was filled in
        return True, ""

    def _time_stamp(self, one: EmbeddedPdfSignature, said: dict[str, Any]) -> ESignature:
        """Check a time stamp on the whole document, as services add for the long term."""
        taken = one.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
        said |= {"kind": SignatureKind.TIME_STAMP, "signed_at": certificates.utc(taken), "timestamped": True}
        status = validate_pdf_timestamp(one, self._context(said["signed_at"]))
        level = status.modification_level
        covers = status.coverage in _WHOLE and level in _HARMLESS
        said |= {"covers": covers}
        if not (status.intact and status.valid and covers):
            return ESignature(**said | {"covers": False}, integrity=Integrity.ALTERED)
        return ESignature(**said, integrity=Integrity.TRUSTED if status.trusted else Integrity.UNTRUSTED)

    def _context(self, at: datetime) -> ValidationContext:
        """Return what a certificate is checked with at an instant: the operator's roots, and what the file carries."""
        said: dict[str, Any] = {"trust_roots": self._roots, "moment": at, "allow_fetching": False}
        try:
            return DocumentSecurityStore.read_dss(self._reader).as_validation_context(said)
        except MemoryError:
            raise
        except Exception:  # there is none, or none that can be read
            return ValidationContext(**said)


_METHODS: Final = frozenset(
    {"SignatureValidationError", "DisallowedAlgorithmError", "UnsupportedAlgorithm", "NotImplementedError"}
)


def _revision(opened: tuple[int, EmbeddedPdfSignature]) -> int:
    return opened[0]


def _time_of_stamp(one: EmbeddedPdfSignature) -> datetime | None:
    """Return the instant in a signature's own time stamp, or None where it has none."""
    unsigned = one.signer_info["unsigned_attrs"]
    if not any(attribute["type"].native == "signature_time_stamp_token" for attribute in unsigned):
        return None
    token = find_unique_cms_attribute(unsigned, "signature_time_stamp_token")
    taken: datetime = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    return taken
