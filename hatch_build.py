"""Build hook: compiles the message catalogs (.po, which people edit) to the .mo files that gettext reads."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogs(root: Path) -> None:
    """Write a ksf.mo beside every ksf.po below ``root``."""
    for po in sorted((root / "ksf_agreements" / "locale").glob("*/LC_MESSAGES/ksf.po")):
        with po.open("rb") as source:
            catalog = read_po(source, locale=po.parts[-3])
        with po.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalog)


class CatalogHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compile before every build, editable ones too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's signature)
        """Compile the catalogs."""
        compile_catalogs(Path(self.root))


if __name__ == "__main__":
    compile_catalogs(Path(__file__).parent)
