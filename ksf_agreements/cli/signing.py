"""Commands of issuing and signing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ksf_agreements.cli.base import N, command, option, say
from ksf_agreements.cli.batch import all_options, chosen, run
from ksf_agreements.cli.desk import (
    DAY,
    actor_option,
    choice,
    file_option,
    number,
    on_option,
    open_desk,
    out_option,
    party_option,
    tell,
)
from ksf_agreements.domain.cluster import ApprovalBody
from ksf_agreements.domain.events import ApprovalPurpose, Authority, Method, Outcome
from ksf_agreements.services.agreements import issuing
from ksf_agreements.services.batch import issue_drafts
from ksf_agreements.services.signing import recording
from ksf_agreements.text import T


@command(
    help=N(
        "Issue a version for signing: check, freeze and number it, and write its documents with id and QR code.\n\n"
        "Where a version is open for signing, a new one takes its place. --all issues only what has never been issued."
    )
)
@click.argument("cluster", required=False)
@all_options
@on_option(N("The day of issue (else today)."))
@out_option()
@actor_option
def issue(
    cluster: str | None, everything: bool, region: str, on: date | None, out: Path | None, actor: str | None
) -> int:
    """Issue and tell."""
    one = chosen(cluster, region, everything=everything)
    desk = open_desk(actor)
    day, folder = on or desk.today, out or desk.workspace.root / "out"
    if one is None:
        return run(desk, region, T("Issuing"), issue_drafts(desk, day, folder), tell)
    tell(issuing.issue(desk, one, day, folder))
    return 0


@command(help=N("Record that a municipality has approved the agreement (clause 5)."))
@click.argument("cluster")
@party_option()
@option("--body", help=N("Who approved."), default=str(ApprovalBody.MUNICIPAL_DIRECTOR), metavar=N("TEXT"))
@option("--case", "case", help=N("Case number."), default="")
@on_option(N("The day of the decision."))
@option(
    "--for",
    "purpose",
    help=N("What was approved."),
    type=click.Choice([str(one) for one in ApprovalPurpose]),
    default="agreement",
)
@file_option()
@actor_option
def approve(
    cluster: str, party: str, body: str, case: str, on: date | None, purpose: str, file: Path | None, actor: str | None
) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(
        recording.approve(
            desk,
            cluster,
            number(desk, party),
            on or desk.today,
            body=body,
            case=case,
            purpose=ApprovalPurpose(purpose),
            file=file,
        )
    )


@command(help=N("Record that the agreement was put before the municipality's council."))
@click.argument("cluster")
@party_option()
@option("--body", help=N("Which council."), default="kommunestyre")
@option(
    "--outcome",
    help=N("Taken as information, or decided."),
    type=choice(Outcome),
    default="orientering",
)
@option("--case", "case", help=N("Case number."), default="")
@on_option(N("The day of the meeting."))
@file_option()
@actor_option
def present(
    cluster: str, party: str, body: str, outcome: str, case: str, on: date | None, file: Path | None, actor: str | None
) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    day = on or desk.today
    tell(
        recording.present(
            desk, cluster, number(desk, party), day, body=body, outcome=Outcome(outcome), case=case, file=file
        )
    )


@command(help=N("Record that the agreement was sent out for signing."))
@click.argument("cluster")
@option("--deadline", help=N("When the signatures are wanted."), type=DAY, metavar="DATE")
@on_option(N("The day it was sent out (else today)."))
@option("--channel", help=N("How it was sent."), default="manual")
@actor_option
def open_signing(cluster: str, deadline: date | None, on: date | None, channel: str, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(recording.open_signing(desk, cluster, on or desk.today, deadline, channel))


@command(help=N("Record a party's signature."))
@click.argument("cluster")
@party_option()
@on_option(N("The day of the signature."), required=True)
@option("--name", help=N("Who signed."), required=True)
@option("--title", help=N("The signatory's title."), default="")
@option(
    "--method",
    help=N("How it was signed (else eid where the file carries that person's electronic signature, ink where not)."),
    type=choice(Method),
)
@option("--authority", help=N("By what power."), type=choice(Authority), default="ordfører")
@option(
    "--reservation",
    help=N("Signed with a reservation: it counts when that is lifted."),
    is_flag=True,
)
@option("--version", "version", help=N("Which version was signed (else the open one)."), type=int, metavar="N")
@file_option(N("The signed file: it is looked at, and kept in the register as it is."))
@option(
    "--even-so",
    help=N("Record it though the file was changed after signing, or is another version or document."),
    is_flag=True,
)
@actor_option
def sign(
    cluster: str,
    party: str,
    on: date,
    name: str,
    title: str,
    method: str | None,
    authority: str,
    reservation: bool,
    version: int | None,
    file: Path | None,
    even_so: bool,
    actor: str | None,
) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    said = recording.Signature(
        party=number(desk, party),
        on=on,
        name=name,
        title=title,
        method=Method(method) if method else None,
        authority=Authority(authority),
        reservation=reservation,
        file=file,
        version=version,
        even_so=even_so,
    )
    try:
        tell(recording.sign(desk, cluster, said))
    except recording.SpeaksAgainst as fault:
        for line in fault.lines:
            click.echo(say(line), err=True)
        raise


@command(help=N("Record that a party's reservation has fallen away."))
@click.argument("cluster")
@party_option()
@on_option(N("The day it fell away (else today)."))
@actor_option
def lift_reservation(cluster: str, party: str, on: date | None, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(recording.lift_reservation(desk, cluster, number(desk, party), on or desk.today))


@command(help=N("Record that a party does not want to take part."))
@click.argument("cluster")
@party_option()
@on_option(N("The day it was told (else today)."))
@actor_option
def decline(cluster: str, party: str, on: date | None, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(recording.decline(desk, cluster, number(desk, party), on or desk.today))


@command(help=N("Issue the open version anew without a party, and tell whose signatures no longer count."))
@click.argument("cluster")
@party_option()
@on_option(N("The day of issue (else today)."))
@out_option()
@actor_option
def remove_party(cluster: str, party: str, on: date | None, out: Path | None, actor: str | None) -> None:
    """Issue and tell."""
    desk = open_desk(actor)
    day = on or desk.today
    tell(issuing.remove_party(desk, cluster, number(desk, party), day, out or desk.workspace.root / "out"))


@command(help=N("Record that a party confirms in writing that the agreement stands without who was left out."))
@click.argument("cluster")
@party_option()
@on_option(N("The day of the confirmation (else today)."))
@file_option()
@actor_option
def confirm(cluster: str, party: str, on: date | None, file: Path | None, actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    tell(recording.confirm(desk, cluster, number(desk, party), on or desk.today, file))
