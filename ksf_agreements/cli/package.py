"""``ksf package``: the package to sign, and the signed files in one PDF."""

from __future__ import annotations

from pathlib import Path

import click

from ksf_agreements.cli.base import N, command, option
from ksf_agreements.cli.batch import all_options, chosen, run
from ksf_agreements.cli.desk import actor_option, open_desk, out_option, tell
from ksf_agreements.delivery.channels import CHANNELS
from ksf_agreements.errors import UsageError
from ksf_agreements.services.batch import package_open
from ksf_agreements.services.desk import Desk
from ksf_agreements.text import T


@command(
    help=N(
        "Make the package to sign: agreement and annexes in one PDF, who signs it, and how it is sent.\n\n"
        "What was made is kept in the register. Made again of the same files it is the same, to the byte. Over ten "
        "parties sign in counterparts; --assemble puts the signed files into one PDF, unchanged, behind a cover.\n\n"
        "With --all the packages of every version that is open for signing are made."
    )
)
@click.argument("cluster", required=False)
@all_options
@option(
    "--version", "version", help=N("Which version (else the open one, or the one in force)."), type=int, metavar="N"
)
@option(
    "--channel",
    help=N("How it leaves: files for a person, or a folder that a signing service imports from."),
    type=click.Choice(list(CHANNELS)),
    default="manual",
)
@option("--assemble", help=N("Put the signed files into one PDF."), is_flag=True)
@out_option()
@option("--force", help=N("Replace files that are not the package's own."), is_flag=True)
@actor_option
def package(
    cluster: str | None,
    everything: bool,
    region: str,
    version: int | None,
    channel: str,
    assemble: bool,
    out: Path | None,
    force: bool,
    actor: str | None,
) -> int:
    """Make, deliver and tell."""
    from ksf_agreements.services.package import assembling, packaging

    one = chosen(cluster, region, everything=everything)
    if one is None and (assemble or version is not None):
        raise UsageError(T("--all goes neither with --assemble nor with --version."))
    desk = open_desk(actor)
    folder = out or desk.workspace.root / "out"
    if one is None:
        return _all(desk, region, channel, folder, force=force)
    if assemble:
        tell(assembling.assemble(desk, one, folder, number=version, force=force))
    else:
        tell(packaging.package(desk, one, channel, folder, number=version, force=force))
    return 0


def _all(desk: Desk, region: str, channel: str, folder: Path, *, force: bool) -> int:
    from ksf_agreements.pdf.converter import Converter

    with Converter() as converter:
        act = package_open(desk, channel, folder, converter, force=force)
        return run(desk, region, T("Making packages"), act, tell)
