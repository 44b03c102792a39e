"""The program that ksf is measured against: cluster files to agreements, as one writes it with docxtpl and PyYAML.

    python plain.py TEMPLATE MUNICIPALITIES.csv REGIONS.yaml OUT CLUSTER.yaml...

No tricks and no handicaps: `yaml.safe_load`, dicts as the context, a `DocxTemplate` for each document.
It checks nothing.
"""

import csv
import sys
from pathlib import Path

import yaml
from docxtpl import DocxTemplate
from jinja2 import Environment

MONTHS = "januar februar mars april mai juni juli august september oktober november desember".split()  # noqa: SIM905
TEXTS = ("purpose", "background", "aims", "organisation", "financing", "other_agreements", "termination_grounds")


def read_yaml(path):
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def read_names(path):
    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123
        return {row["number"]: f"{row['name']} {row['kind']}" for row in csv.DictReader(file) if not row["valid_to"]}


def at_start(text):
    return text[:1].upper() + text[1:]


def context(cluster, names, regions):
    motor = cluster["motor_municipality"]
    members = sorted(cluster["members"], key=lambda member: member["municipality"] != motor)
    listed = [names[member["municipality"]] for member in members]
    region = regions[cluster["region"]]
    last_day = cluster["valid_until"]
    titles = [
        "KS' plan for etablering av Kommunenes samarbeidsarena for forskning (KSF)",
        "Handlingsplan for kommuneklyngen (utarbeides etter avtaleinngåelse)",
        "Kontaktpersoner",
    ]
    return {
        "name": cluster["name"],
        "motor_municipality": names[motor],
        "party_names": f"{', '.join(listed[:-1])} og {listed[-1]}",
        "region": region["name"],
        "host_municipality": names[region["host_municipality"]],
        "decision_authority": cluster["decision_authority"],
        "activity_authority": cluster.get("activity_authority", cluster["decision_authority"]),
        "focus_areas": cluster["focus_areas"],
        "valid_until": f"{last_day.day}. {MONTHS[last_day.month - 1]} {last_day.year}",
        "resources": cluster["resources"],
        "contributions_required": cluster.get("contributions_required", False),
        "local_text": {name: [] for name in TEXTS},
        "parties": [
            {
                "name": name,
                "role": "motorkommune" if member["municipality"] == motor else "partnerkommune",
                "signature_name": name,
                "signatory_name": member["signatory"]["name"],
                "signatory_title": member["signatory"]["title"],
            }
            for name, member in zip(listed, members, strict=True)
        ],
        "annexes": [{"number": number, "title": title} for number, title in enumerate(titles, 1)],
        "document": {"mark": "Utkast", "qr_alt": ""},
    }


def main(template, municipalities, regions, out, *clusters):
    environment = Environment(autoescape=True)
    environment.filters["at_start"] = at_start
    names, regions = read_names(municipalities), read_yaml(regions)
    Path(out).mkdir(parents=True, exist_ok=True)
    for path in clusters:
        document = DocxTemplate(template)
        document.render(context(read_yaml(path), names, regions), environment, autoescape=True)
        document.save(Path(out) / f"{Path(path).stem}.docx")


if __name__ == "__main__":
    main(*sys.argv[1:])
