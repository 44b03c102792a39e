"""The same work as ksf, rendered the plain way: our model, our checks and both documents, but docxtpl makes them.

    python checked.py WORKSPACE OUT CLUSTER.yaml...

It shows what the template engine alone gives: all the rest is the same code.
"""

import sys
from dataclasses import fields
from pathlib import Path

from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined

from ksf_agreements.app import App
from ksf_agreements.documents.context import DocumentContext, agreement_context
from ksf_agreements.documents.language import FILTERS
from ksf_agreements.services.documents.generating import document_name, template_path


def main(workspace, out, *clusters):
    app = App.open(workspace)
    files = app.cluster_files(clusters)
    checker = app.checker(files)
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters.update(FILTERS)
    Path(out).mkdir(parents=True, exist_ok=True)
    for file in files:
        cluster = checker.check(file).cluster
        context = agreement_context(cluster, file.kind, app.municipalities, app.workspace.regions)
        context = context.marked(DocumentContext("Utkast", ""))
        values = {field.name: getattr(context, field.name) for field in fields(context)}
        for type_, name in file.kind.templates.items():
            document = DocxTemplate(template_path(app.templates, name, cluster.language))
            document.render(values, environment, autoescape=True)
            document.save(Path(out) / document_name(file.id, type_))


if __name__ == "__main__":
    main(*sys.argv[1:])
