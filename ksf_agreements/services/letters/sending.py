"""The facts of the letter that tells how a package is sent to be signed."""

from __future__ import annotations

from typing import Any

from ksf_agreements.documents.letters import BundleContext, LimitsContext, SignerContext
from ksf_agreements.domain.decisions import Refused
from ksf_agreements.domain.esigning import NATIONAL
from ksf_agreements.domain.events import PackageMade, PackageRole, SigningOpened
from ksf_agreements.services.letters.case import Case, day_words
from ksf_agreements.services.signing.signers import Signer, bundle_names, signers_names, signers_of
from ksf_agreements.text import T


def signing_guide(case: Case) -> dict[str, Any]:
    """Return what `SigningGuide` has beyond other letters. Raises `Refused` where no package has been made."""
    version = case.issued
    made = [event.payload for event in case.folded.events if isinstance(event.payload, PackageMade)]
    package = next((one for one in reversed(made) if one.version == version.number), None)
    if package is None:
        raise Refused(
            T(
                "No package of version {n} has been made by {date}. Do it with 'ksf package'.",
                n=version.number,
                date=case.on,
            )
        )
    bundles = [file for file in package.files if file.role is PackageRole.BUNDLE]
    names = bundle_names(case.folded.cluster, len(bundles))
    signers = signers_of(
        [(name, bundle.parties) for name, bundle in zip(names, bundles, strict=True)],
        case.names,
        case.cluster,
        case.agreed,
    )
    enclosed = {file.title for file in package.files if file.role is PackageRole.ANNEX}
    opened = version.opened.payload if version.opened else None
    return {
        "deadline": day_words(opened.deadline if isinstance(opened, SigningOpened) else None),
        "is_split": len(bundles) > 1,
        "bundles": tuple(
            BundleContext(
                str(number),
                name,
                str(bundle.pages),
                case.joined(bundle.parties),
                tuple(_context(one) for one in signers if one.file == name),
            )
            for number, (name, bundle) in enumerate(zip(names, bundles, strict=True), 1)
        ),
        "not_enclosed": tuple(one.title for one in case.agreement.annexes if one.title not in enclosed),
        "signers_file": signers_names(case.folded.cluster)[0],
        "limits": LimitsContext(
            str(NATIONAL.signers), str(NATIONAL.megabytes), str(NATIONAL.open_days), str(NATIONAL.kept_days)
        ),
    }


def _context(signer: Signer) -> SignerContext:
    return SignerContext(str(signer.order), signer.municipality, signer.name, signer.title)
