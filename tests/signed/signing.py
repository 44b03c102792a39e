"""Signs PDFs in tests as people and signing services do, with certificates of an issuer that exists nowhere else."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from pyhanko.pdf_utils import embed
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

SIGNED_AT = datetime(2026, 2, 3, 12, 30, tzinfo=UTC)
FROM, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
_NAMES = {
    "common": NameOID.COMMON_NAME,
    "given": NameOID.GIVEN_NAME,
    "surname": NameOID.SURNAME,
    "organisation": NameOID.ORGANIZATION_NAME,
    "serial": NameOID.SERIAL_NUMBER,
    "identifier": NameOID.ORGANIZATION_IDENTIFIER,
}


@dataclass(frozen=True)
class Identity:
    """Who can sign: a key, its certificate, and the issuer's."""

    key: Any
    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def signer(self) -> SimpleSigner:
        """The identity as pyHanko signs with it."""
        store = SimpleCertificateStore()
        store.register(_asn1(self.issuer))
        return SimpleSigner(signing_cert=_asn1(self.certificate), signing_key=_key(self.key), cert_registry=store)


@dataclass(frozen=True)
class Issuer:
    """An issuer of certificates."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """Its certificate as operators keep it among their trust roots."""
        return self.certificate.public_bytes(Encoding.PEM)

    def identity(
        self,
        common: str,
        *,
        names: Mapping[str, str] | None = None,
        begins: datetime = FROM,
        ends: datetime = UNTIL,
        stamper: bool = False,
    ) -> Identity:
        """Issue a certificate: to a person, to an organisation that seals, or to who stamps the time."""
        # pyHanko's own stamper of times knows RSA alone.
        key = rsa.generate_private_key(65537, 2048) if stamper else ec.generate_private_key(ec.SECP256R1())
        built = _builder({"common": common} | dict(names or {}), self.certificate.subject, key, begins, ends)
        built = built.add_extension(_usage(signs=True), critical=True)
        if stamper:
            usage = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING])
            built = built.add_extension(usage, critical=True)
        return Identity(key, built.sign(self.key, hashes.SHA256()), self.certificate)


@cache
def issuer(name: str = "Eksempel Utsteder CA") -> Issuer:
    """Make an issuer, once for all tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    built = _builder({"common": name}, None, key, datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    built = built.add_extension(_usage(signs=False), critical=True)
    return Issuer(key, built.sign(key, hashes.SHA256()))


@cache
def person(common: str = "Anne Eksempel", organisation: str = "") -> Identity:
    """A person whose certificate the issuer of all tests has issued."""
    given, _, surname = common.rpartition(" ")
    names = {"given": given, "surname": surname} | ({"organisation": organisation} if organisation else {})
    return issuer().identity(common, names=names)


@cache
def seal(common: str = "Signaturtjenesten Eksempel AS") -> Identity:
    """An organisation that seals."""
    return issuer().identity(common, names={"organisation": common, "identifier": "NTRNO-999999999"})


@cache
def stamper() -> DummyTimeStamper:
    """Who stamps the time: always the same."""
    one = issuer().identity("Eksempel Tidsstempel", stamper=True)
    store = SimpleCertificateStore()
    store.register(_asn1(one.issuer))
    return DummyTimeStamper(_asn1(one.certificate), _key(one.key), certs_to_embed=store, fixed_dt=SIGNED_AT)


class _AtATime(PdfSigner):
    """A signer whose clock is set."""

    at = SIGNED_AT

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.at
        return session


def sign(
    data: bytes,
    who: Identity,
    *,
    at: datetime = SIGNED_AT,
    field: str = "Signatur1",
    stamped: bool = False,
    attached: Mapping[str, bytes] | None = None,
    **said: Any,
) -> bytes:
    """Sign a PDF as an increment to it; `attached` are files put in before, `said` further words of the signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    for name, content in (attached or {}).items():
        stored = embed.EmbeddedFileObject.from_file_data(writer, content)
        embed.embed_file(writer, embed.FileSpec(file_spec_string=name, embedded_data=stored))
    meta = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, **said)
    signer = _AtATime(meta, signer=who.signer, timestamper=stamper() if stamped else None)
    signer.at = at
    out = io.BytesIO()
    signer.sign_pdf(writer, output=out)
    return out.getvalue()


def sign_all(data: bytes, people: Sequence[Identity]) -> bytes:
    """Let people sign one after the other, a minute apart."""
    for number, who in enumerate(people):
        data = sign(data, who, at=SIGNED_AT + timedelta(minutes=number), field=f"Signatur{number + 1}")
    return data


_XADES = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="signatur"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="{c14n}"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>
<ds:Reference URI="{uri}"><ds:DigestMethod Algorithm="{sha256}"/>
<ds:DigestValue>{document}</ds:DigestValue></ds:Reference>
<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#egenskaper"><ds:Transforms>
<ds:Transform Algorithm="{c14n}"/></ds:Transforms><ds:DigestMethod Algorithm="{sha256}"/>
<ds:DigestValue>{properties}</ds:DigestValue></ds:Reference>
</ds:SignedInfo><ds:SignatureValue>{value}</ds:SignatureValue>
<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
<ds:Object><xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="#signatur">
<xades:SignedProperties Id="egenskaper"><xades:SignedSignatureProperties>
<xades:SigningTime>{at}</xades:SigningTime>
<xades:SigningCertificate><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{sha256}"/>
<ds:DigestValue>{digest}</ds:DigestValue></xades:CertDigest><xades:IssuerSerial>
<ds:X509IssuerName>{issuer}</ds:X509IssuerName><ds:X509SerialNumber>{serial}</ds:X509SerialNumber>
</xades:IssuerSerial></xades:Cert></xades:SigningCertificate></xades:SignedSignatureProperties>
<xades:SignedDataObjectProperties/></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>"""
_DS = "{http://www.w3.org/2000/09/xmldsig#}"


def xades(document: bytes, who: Identity, *, uri: str = "avtale.pdf", at: datetime = SIGNED_AT) -> bytes:
    """A person's XAdES signature of a document, as a signing service embeds it."""
    der = who.certificate.public_bytes(Encoding.DER)
    said = {
        "c14n": "http://www.w3.org/2001/10/xml-exc-c14n#",
        "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
        "uri": uri,
        "document": _base64(sha256(document).digest()),
        "at": at.isoformat().replace("+00:00", "Z"),
        "certificate": _base64(der),
        "digest": _base64(sha256(der).digest()),
        "issuer": who.certificate.issuer.rfc4514_string(),
        "serial": who.certificate.serial_number,
    }
    first = etree.fromstring(_XADES.format(properties="", value="", **said))
    properties = next(first.iter("{*}SignedProperties"))
    said["properties"] = _base64(sha256(etree.tostring(properties, method="c14n", exclusive=True)).digest())
    second = etree.fromstring(_XADES.format(value="", **said))
    info = etree.tostring(second.find(f"{_DS}SignedInfo"), method="c14n", exclusive=True)
    r, s = decode_dss_signature(who.key.sign(info, ec.ECDSA(hashes.SHA256())))
    return _XADES.format(value=_base64(r.to_bytes(32, "big") + s.to_bytes(32, "big")), **said).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _builder(
    names: Mapping[str, str],
    by: x509.Name | None,
    key: Any,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(_NAMES[name], value) for name, value in names.items()])
    number = x509.random_serial_number()
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(by or subject).serial_number(number)
    return built.public_key(key.public_key()).not_valid_before(begins).not_valid_after(ends)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs,
        crl_sign=not signs,
        encipher_only=False,
        decipher_only=False,
    )


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))


def _key(key: Any) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
