"""Reads the persons' XAdES signatures that a signing service embeds in the PDF it seals.

Each is an XML file among the PDF's attachments; it signs the original document by its hash, and that document may be an
attachment too, an earlier revision of the file itself, or only known to who sent it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pypdf
from asn1crypto import x509
from lxml import etree
from signxml.exceptions import InvalidDigest, InvalidSignature
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier, XAdESVerifyResult

from ksf_agreements.domain.verdict import ESignature, Integrity, SignatureKind
from ksf_agreements.signed import certificates

ATTACHMENTS: Final = 100
"""Attachments of a file that are looked at."""
_XML_BYTES: Final = 5_000_000
_REVISIONS: Final = 40
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_HASHES: Final = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


class _Elsewhere(bytes):
    """Stands for a document that is not in the file: all that is known of it is the hash that was signed."""

    digest: bytes


class _Verifier(XAdESVerifier):
    """Takes a document's hash for itself where the document is not here."""

    def _get_digest(self, data: Any, algorithm: Any) -> Any:
        return data.digest if isinstance(data, _Elsewhere) else super()._get_digest(data, algorithm)


@dataclass(frozen=True, slots=True)
class _Reference:
    """A document outside the XML that a signature covers."""

    uri: str
    method: str
    digest: bytes

    def __str__(self) -> str:
        return f"{self.method}:{self.digest.hex()}"

    def is_of(self, data: bytes) -> bool:
        """Whether it is the hash of these bytes."""
        return hashlib.new(self.method, data).digest() == self.digest


def read_embedded(data: bytes, roots: tuple[x509.Certificate, ...]) -> tuple[tuple[ESignature, ...], tuple[str, ...]]:
    """Return the embedded signatures of a PDF, and the texts that stand in its attached XML and certificates."""
    attached = _attachments(data)
    signatures: list[ESignature] = []
    texts: list[str] = []
    for content in attached:
        if not _is_signature(content):
            continue
        texts.append(content.decode("utf-8", "replace"))
        try:
            root = etree.fromstring(content, _parser())
            found = list(root.iter(f"{{{_DS}}}Signature"))[:ATTACHMENTS]
        except (etree.XMLSyntaxError, ValueError):
            signatures.append(_unverified("damaged"))
            continue
        for element in found:
            one = _Embedded(content if len(found) == 1 else etree.tostring(element), element, data, attached)
            signatures.append(one.checked(roots))
            texts += one.texts
    return tuple(signatures), tuple(texts)


def _attachments(data: bytes) -> tuple[bytes, ...]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = pypdf.PdfReader(io.BytesIO(data))
            if reader.is_encrypted:
                reader.decrypt("")
            found = (content for contents in reader.attachments.values() for content in contents)
            return tuple(content for content, _ in zip(found, range(ATTACHMENTS), strict=False))
    except MemoryError:
        raise
    except Exception:  # pypdf leaks faults of every kind on garbage
        return ()


def _is_signature(content: bytes) -> bool:
    return len(content) <= _XML_BYTES and content.lstrip()[:1] == b"<" and _DS.encode() in content


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _unverified(remark: str) -> ESignature:
    return ESignature(signer="", kind=SignatureKind.EMBEDDED, integrity=Integrity.UNVERIFIED, remark=remark)


class _Embedded:
    """One embedded signature: its element, and the documents that it may be about."""

    def __init__(self, xml: bytes, element: etree._Element, file: bytes, attached: tuple[bytes, ...]) -> None:
        self._xml, self._element, self._file, self._attached = xml, element, file, attached
        self._outside: list[bool] = []
        self.texts: tuple[str, ...] = ()

    def checked(self, roots: tuple[x509.Certificate, ...]) -> ESignature:
        """Return the signature, verified as far as what is here allows."""
        said: dict[str, Any] = {"signer": "", "kind": SignatureKind.EMBEDDED}
        try:
            chain = self._certificates()
            whose = certificates.owner(chain[0])
            self.texts = whose.texts
            said |= {"signer": whose.signer, "organisation": whose.organisation, "issuer": whose.issuer}
            references = tuple(self._references())
            said["documents"] = tuple(map(str, references))
            said["signed_at"] = self._verified(chain[0], references)
            return self._judged(said, references, chain, roots)
        except MemoryError:
            raise
        except (InvalidDigest, InvalidSignature):
            return ESignature(**said, integrity=Integrity.ALTERED)
        except Exception:  # garbage, or a form of signature that signxml does not know
            return ESignature(**said, integrity=Integrity.UNVERIFIED, remark="method" if said["signer"] else "damaged")

    def _judged(
        self,
        said: dict[str, Any],
        references: tuple[_Reference, ...],
        chain: tuple[x509.Certificate, ...],
        roots: tuple[x509.Certificate, ...],
    ) -> ESignature:
        at = said["signed_at"] or chain[0].not_valid_before
        trusted = certificates.leads_to(chain[0], chain[1:], roots, at)
        remark = certificates.may_sign(chain[0], at)
        integrity = Integrity.TRUSTED if trusted and not remark else Integrity.UNTRUSTED
        said["issuer_trusted"] = integrity is Integrity.TRUSTED
        if references and all(self._is_revision(one) for one in references):
            return ESignature(**said, integrity=integrity, covers=True, remark=remark)
        return ESignature(**said, integrity=Integrity.UNVERIFIED, remark="document-elsewhere")

    def _certificates(self) -> tuple[x509.Certificate, ...]:
        """Return the signer's certificate and the others in the signature: the signer's is the one that issued none."""
        found = self._element.iterfind(f".//{{{_DS}}}KeyInfo//{{{_DS}}}X509Certificate")
        chain = [x509.Certificate.load(base64.b64decode(one.text or ""), strict=True) for one in found]
        if not chain:
            raise ValueError("no certificate")
        issuers = {one.issuer.dump() for one in chain}
        chain.sort(key=lambda one: one.subject.dump() in issuers)
        return tuple(chain)

    def _references(self) -> Iterator[_Reference]:
        """Yield the documents outside the XML that the signature covers. Raises `KeyError` for an unknown hash."""
        for one in self._element.iterfind(f"{{{_DS}}}SignedInfo/{{{_DS}}}Reference"):
            uri = one.get("URI") or ""
            if uri and not uri.startswith("#"):
                method = one.find(f"{{{_DS}}}DigestMethod")
                digest = base64.b64decode(one.findtext(f"{{{_DS}}}DigestValue") or "")
                yield _Reference(uri, _HASHES[method.get("Algorithm") if method is not None else ""], digest)

    def _verified(self, signer: x509.Certificate, references: tuple[_Reference, ...]) -> datetime | None:
        """Verify the signature's value and every hash within it, and return when it says that it was signed.

        A document that is not here goes by its own hash.
        """
        from cryptography.x509 import load_der_x509_certificate

        by_uri = {one.uri: one for one in references}

        def resolve(uri: str) -> bytes:
            known = _Elsewhere()
            known.digest = by_uri[uri].digest
            return known

        config = XAdESSignatureConfiguration(
            expect_references=True,
            verification_time=signer.not_valid_before,  # whether it had expired when it signed is told apart
            ignore_ambiguous_key_info=True,
        )
        found = _Verifier().verify(
            self._xml,
            x509_cert=load_der_x509_certificate(signer.dump()),
            uri_resolver=resolve,
            expect_config=config,
        )
        said = (one.signed_properties for one in found if isinstance(one, XAdESVerifyResult))
        text = next((time.text for one in said for time in one.iter("{*}SigningTime")), None)
        return certificates.utc(datetime.fromisoformat(text.strip())) if text else None

    def _is_revision(self, reference: _Reference) -> bool:
        """Whether what was signed is the file itself as it was before something was added to its end."""
        ends = re.finditer(rb"%%EOF(?:\r\n|\n|\r)?", self._file)
        return any(reference.is_of(self._file[: end.end()]) for end, _ in zip(ends, range(_REVISIONS), strict=False))
