"""What commands over many agreements share: the choice, a progress bar, and a summary of what failed and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ksf_agreements.cli.base import N, option, say
from ksf_agreements.cli.problems import show_problems
from ksf_agreements.cli.progress import progress
from ksf_agreements.errors import UsageError
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.services.batch import Result, State, each
from ksf_agreements.services.desk import Desk, Done
from ksf_agreements.services.regions import in_region
from ksf_agreements.text import TN, T, Text


def all_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options ``--all`` and ``--region``."""
    command = option("--region", help=N("With --all: only the clusters of this region."), default="", metavar="REGION")(
        command
    )
    return option("--all", "everything", help=N("All clusters, one after the other."), is_flag=True)(command)


def chosen(cluster: str | None, region: str, *, everything: bool) -> str | None:
    """Return the one cluster that is named, or None for all of them. Raises `UsageError` for both and for neither."""
    if everything == bool(cluster) or (region and not everything):
        raise UsageError(T("Name one cluster, or use --all (with --region for one region's)."))
    return cluster


def run(desk: Desk, region: str, label: Text, act: Callable[[str], Done], tell: Callable[[Done], None]) -> int:
    """Do the work for every cluster of a region ('' = all), tell of each, and return the exit code."""
    files = tuple(read_cluster(path) for path in desk.workspace.cluster_paths())
    clusters = [file.id for file in in_region(desk.workspace, files, region)]
    if not clusters:
        raise UsageError(T("There are no clusters here."))
    results: list[Result] = []
    is_cut_off = False
    try:
        with progress(label, each(clusters, act), len(clusters)) as steps:
            results.extend(steps)  # one by one: what came before an interruption stays
    except KeyboardInterrupt:
        is_cut_off = True
    for result in results:
        if result.done is not None:
            tell(result.done)
    code = _summary(results)
    if not is_cut_off:
        return code
    text = T("Interrupted. What is done above is recorded; run the same again for the rest.")
    click.echo(say(text), err=True)
    return 130


def _summary(results: list[Result]) -> int:
    by_state = {state: [one for one in results if one.state is state] for state in State}
    for result in (*by_state[State.SKIPPED], *by_state[State.FAILED]):
        if result.problems:
            errors = tuple(problem for problem in result.problems if problem.is_error)
            show_problems(errors or result.problems, err=True)
        if result.reason is not None:
            click.echo(f"{result.cluster}: {say(result.reason)}", err=True)
    done = TN("{n} cluster done", "{n} clusters done", len(by_state[State.DONE]))
    left = TN("{n} left alone", "{n} left alone", len(by_state[State.SKIPPED]))
    failed = TN("{n} failed", "{n} failed", len(by_state[State.FAILED]))
    click.echo(say(T("{done}, {left}, {failed}.", done=done, left=left, failed=failed)))
    if names := tuple(one.cluster for one in by_state[State.FAILED]):
        click.echo(say(T("These need a hand: {names}. Run the same again afterwards.", names=names)), err=True)
    return 1 if by_state[State.FAILED] else 0
