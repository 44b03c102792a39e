"""Commands of notices of termination (clause 12)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ksf_agreements.cli.base import N, command, option
from ksf_agreements.cli.desk import DAY, actor_option, file_option, number, on_option, open_desk, party_option, tell
from ksf_agreements.errors import UsageError
from ksf_agreements.services.agreements import notices
from ksf_agreements.text import T


@command(
    help=N(
        "Record a notice of termination from a party (--party, --received), or to one (--to-party, --ground, --ends)."
        "\n\n"
        "The year runs from the day the notice was received; the party is bound through its last day."
    )
)
@click.argument("cluster")
@option("--party", help=N("The municipality that gives notice, by number or name."), metavar="NR")
@option(
    "--received",
    help=N("The day it was received (the motor municipality's post counts)."),
    type=DAY,
    metavar="DATE",
)
@option("--sent", help=N("The day it was sent."), type=DAY, metavar="DATE")
@option("--copied", help=N("The day the regional coordinator got the copy."), type=DAY, metavar="DATE")
@option("--to-party", help=N("The municipality that is given notice."), metavar="NR")
@option("--ground", help=N("The ground, for a notice to a party."), default="")
@option("--decision", help=N("The decision behind a notice to a party."), default="")
@option("--ends", help=N("The last day, for a notice to a party."), type=DAY, metavar="DATE")
@on_option(N("The day of a notice to a party (else today)."))
@file_option()
@actor_option
def notice(
    cluster: str,
    party: str | None,
    received: date | None,
    sent: date | None,
    copied: date | None,
    to_party: str | None,
    ground: str,
    decision: str,
    ends: date | None,
    on: date | None,
    file: Path | None,
    actor: str | None,
) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    if to_party is not None and party is None:
        if ends is None or not ground:
            raise UsageError(T("A notice to a party needs --ground and --ends."))
        tell(
            notices.notice_to_party(
                desk,
                cluster,
                number(desk, to_party),
                on or desk.today,
                ground=ground,
                decision=decision,
                ends_on=ends,
                file=file,
            )
        )
    elif party is not None and to_party is None:
        if received is None and copied is not None:
            tell(notices.copy_notice(desk, cluster, number(desk, party), copied))
            return
        if received is None:
            raise UsageError(T("Say when the notice was received: --received DATE."))
        tell(notices.give_notice(desk, cluster, number(desk, party), received, sent=sent, copied=copied, file=file))
    else:
        raise UsageError(T("Name either --party (who gives notice) or --to-party (who is given notice)."))


@command(help=N("Record that a party took its notice back."))
@click.argument("cluster")
@party_option()
@on_option(N("The day it was taken back (else today)."))
@option("--consent", help=N("A party that has agreed in writing; once for each."), multiple=True, metavar="NR")
@actor_option
def withdraw_notice(cluster: str, party: str, on: date | None, consent: tuple[str, ...], actor: str | None) -> None:
    """Record and tell."""
    desk = open_desk(actor)
    consents = tuple(number(desk, one) for one in consent)
    tell(notices.withdraw_notice(desk, cluster, number(desk, party), on or desk.today, consents))
