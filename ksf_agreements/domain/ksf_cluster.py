"""The KSF cluster agreement: the first kind, on KS's template; its terms and the guidance beside each field.

The guidance ('Veiledning' and the bracketed instructions) is KS's; its Norwegian wording stands in the catalogs.
"""

from __future__ import annotations

from ksf_agreements.domain.agreement import AgreementKind, DocumentType, FieldGuide, Role
from ksf_agreements.domain.cluster import Cluster, Language
from ksf_agreements.text import T

_OPTIONAL = T("Left out where it does not apply.")

GUIDES = {
    ("agreement",): FieldGuide(T("Kind of agreement"), example="ksf-cluster"),
    ("name",): FieldGuide(
        T("Name of the cluster"),
        "1",
        T("As it is written in running text."),
        "Kunnskapsklyngen Eksempel",
        required=True,
    ),
    ("region",): FieldGuide(T("KSF region"), "6", T("The region's key in regions.yaml."), "vest", required=True),
    ("language",): FieldGuide(
        T("Language of the document"),
        help=T(
            "nb for bokmål, nn for nynorsk. KS's template is in bokmål; the nynorsk one is this project's translation. "
            "What you write in this file is printed as it stands, and is not translated."
        ),
    ),
    ("motor_municipality",): FieldGuide(
        T("Motor municipality"),
        "2",
        T("Leads and coordinates the cluster, and represents it in the KSF region. One of the members."),
        '"4601"',
        required=True,
    ),
    ("members",): FieldGuide(
        T("Members"),
        "2",
        T("All municipalities that enter into the agreement, the motor municipality too."),
        required=True,
    ),
    ("members", "municipality"): FieldGuide(
        T("Municipality"), "2", T("The municipality number, four digits."), '"4601"'
    ),
    ("members", "name_as_signed"): FieldGuide(
        T("Name in the signature block"),
        "13",
        T("Only where the municipality signs with another name, for instance its Sami one."),
        "Guovdageainnu suohkan - Kautokeino kommune",
    ),
    ("members", "signatory"): FieldGuide(
        T("Signatory"),
        "13",
        T("The agreement is signed by all municipalities of the cluster. May be open until signing."),
    ),
    ("members", "signatory", "name"): FieldGuide(T("Signatory's name"), "13"),
    ("members", "signatory", "title"): FieldGuide(T("Signatory's title"), "13", example="ordfører"),
    ("members", "approval_body"): FieldGuide(
        T("Approved by"),
        "5",
        T(
            "The agreement shall be approved by the municipal director or the city government, by the powers and rules "
            "in force in the municipality."
        ),
    ),
    ("members", "foui_contacts"): FieldGuide(
        T("FoUI contacts"),
        "6",
        T("Every municipality of the cluster must have at least one contact for research, development and innovation."),
    ),
    ("cluster_leader",): FieldGuide(
        T("Cluster leader"), "6", T("Appointed by the motor municipality; receives notices of termination.")
    ),
    ("decision_authority",): FieldGuide(
        T("Decision authority"),
        "6",
        T("The cluster must settle who makes decisions on its behalf. Write it in the definite form."),
        "styringsgruppen",
        required=True,
    ),
    ("activity_authority",): FieldGuide(
        T("Decides on taking part in activities"),
        "6",
        T("Only where it is another than the decision authority."),
        "den enkelte kommune",
    ),
    ("focus_areas",): FieldGuide(
        T("Focus areas"),
        "4",
        T(
            "The cluster's prioritised focus areas. An adopted mandate or focus areas may also be annexed to the "
            "agreement at a later time."
        ),
    ),
    ("valid_until",): FieldGuide(
        T("Valid until"),
        "12",
        T(
            "We recommend a term of at least three years, for continuity and predictability in the cooperation. "
            "The last day of the term."
        ),
        "2029-12-31",
        required=True,
    ),
    ("entry_into_force",): FieldGuide(
        T("Entry into force"),
        "12",
        T("With the last signature, or between those who have signed (each_on_signing)."),
    ),
    ("accession",): FieldGuide(
        T("Accession"),
        "2",
        T("Who must sign when a municipality joins: all, or motor where the local text says so."),
    ),
    ("resources",): FieldGuide(T("Resources"), "7"),
    ("resources", "cluster_leader"): FieldGuide(
        T("Resources for the cluster leader"),
        "7",
        T("Minimum share of a full-time position, number of hours or the like."),
        "minimum 50 prosent stilling",
        required=True,
    ),
    ("resources", "foui_contact"): FieldGuide(
        T("Resources for the FoUI contact"),
        "7",
        T("Where it applies, minimum share of a full-time position, number of hours or the like."),
        "minimum 10 prosent stilling",
    ),
    ("contributions_required",): FieldGuide(
        T("Taking part requires contributions"),
        "12",
        T(
            "If taking part requires financial or other contributions, lacking contributions are a ground for "
            "termination."
        ),
    ),
    ("local_text",): FieldGuide(T("Local text"), help=_OPTIONAL),
    ("local_text", "purpose"): FieldGuide(
        T("Further purpose"),
        "1",
        T(
            "If the cluster has further descriptions of purpose, they may be added here. Left out where it does not "
            "apply."
        ),
    ),
    ("local_text", "background"): FieldGuide(T("Background of the cluster"), "3.1", _OPTIONAL),
    ("local_text", "aims"): FieldGuide(
        T("Further aims"),
        "4",
        T("Further description of what the cluster is for may be added here. Left out where it does not apply."),
    ),
    ("local_text", "organisation"): FieldGuide(
        T("Local organisation"),
        "6",
        T(
            "Local organisation and governance may be added here. Examples are a governing council, a partnership of "
            "municipalities, professional networks, a working committee or secretariat, administrative follow-up. "
            "Left out where it does not apply."
        ),
    ),
    ("local_text", "financing"): FieldGuide(
        T("Local financing"),
        "7",
        T(
            "Further local agreements on financing and resources may be put here. Contributions from the "
            "municipalities may be money, or the work of their own staff, preferably converted into per cent."
        ),
    ),
    ("local_text", "other_agreements"): FieldGuide(
        T("Other agreements"),
        "11",
        T(
            "Further mention of how this agreement relates to others, as needed. Left out where it does not apply. An "
            "example of further mention: “Equality is the basis of governance, quality assurance, planning, carrying "
            "out, systematic documentation and evaluation of the cooperation. The parties shall together encourage "
            "their units and services to cooperate actively. The parties will see to it that existing agreements "
            "conform to this one.”"
        ),
    ),
    ("local_text", "termination_grounds"): FieldGuide(
        T("Local grounds for termination"),
        "12",
        T("Add local grounds for terminating the agreement as needed. Left out where it does not apply."),
    ),
    ("annexes",): FieldGuide(T("Annexes"), help=_OPTIONAL),
    ("annexes", "financial_commitments"): FieldGuide(
        T("Annex: financial commitments"),
        "7",
        T("Where it applies, the financial commitments of the municipalities."),
    ),
    ("annexes", "action_plan"): FieldGuide(
        T("Annex: action plan"),
        "6",
        T("Where it applies, the cluster's action plan. It may also be drawn up after the agreement is made."),
    ),
    ("annexes", "mandate"): FieldGuide(
        T("Annex: mandate"),
        "4",
        T("An adopted mandate or focus areas for the cluster may be annexed at a later time."),
    ),
    ("grant_letter",): FieldGuide(
        T("Grant letter"), "7", T("KS's conditions for money to the motor municipality. Not printed; reminded of.")
    ),
    ("grant_letter", "reference"): FieldGuide(T("Reference of the grant letter"), "7", example="2026/1234"),
    ("grant_letter", "report_dates"): FieldGuide(
        T("Report dates of the grant letter"),
        "7",
        T("When the motor municipality must have reported to KS."),
    ),
}

_PERSON = {
    "name": FieldGuide(T("Name")),
    "title": FieldGuide(T("Title")),
    "email": FieldGuide(T("E-mail"), example="kari.nordmann@example.no"),
    "phone": FieldGuide(T("Phone")),
}
_PEOPLE = {("cluster_leader",): "6", ("members", "foui_contacts"): "6"}
_PERSON_GUIDES = {
    (*path, name): FieldGuide(guide.label, clause, guide.help, guide.example)
    for path, clause in _PEOPLE.items()
    for name, guide in _PERSON.items()
}

REGION_GUIDES = {
    "name": FieldGuide(T("Name of the region"), "6", T("Without 'KSF', which the document writes itself."), "Vest"),
    "host_municipality": FieldGuide(T("Host municipality"), "6", T("Hosts the KSF region."), '"4601"'),
    "coordinator": FieldGuide(T("Regional coordinator"), "12", T("Gets a copy of every notice of termination.")),
    "counties": FieldGuide(T("Counties"), help=T("Optional: a member outside these counties is warned of.")),
}

KSF_CLUSTER = AgreementKind(
    id="ksf-cluster",
    title=T("KSF cluster agreement"),
    model=Cluster,
    notice_months=12,
    recommended_years=3,
    minimum_parties=2,
    renewal_months=(12, 9, 6, 3),
    renewal_months_with_contributions=(18, 9, 6, 3),
    term_clause="12",
    role_words={
        Language.NB: {Role.MOTOR_MUNICIPALITY: "motorkommune", Role.PARTNER_MUNICIPALITY: "partnerkommune"},
        Language.NN: {Role.MOTOR_MUNICIPALITY: "motorkommune", Role.PARTNER_MUNICIPALITY: "partnarkommune"},
    },
    templates={DocumentType.AGREEMENT: "ksf-klyngeavtale", DocumentType.CONTACTS: "ksf-kontaktpersoner"},
    guides={**GUIDES, **_PERSON_GUIDES},
)
