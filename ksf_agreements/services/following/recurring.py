"""What comes again in every agreement that is in force, and is not done: the year's tasks and reports to KS.

The register does not keep it ready, since it hangs on the settings and on the cluster file: the agreements in force
are folded, without their reminders. A task that is done late stands until then, however long ago it was due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ksf_agreements.domain.cluster import Cluster
from ksf_agreements.domain.deadlines import Obligation
from ksf_agreements.domain.events import Event, ReminderSent, Task
from ksf_agreements.domain.folded import Folded, Status, read
from ksf_agreements.domain.recurring import TASKS, RecurringTask, tasks
from ksf_agreements.loading.cluster_file import read_cluster
from ksf_agreements.register.reader import Reader
from ksf_agreements.services.desk import Desk
from ksf_agreements.services.following import overview
from ksf_agreements.services.following.overview import Due


def due(desk: Desk, on: date, within: timedelta) -> tuple[Due, ...]:
    """Return all that `overview.due` returns together with the recurring tasks, nearest first."""
    found = [*overview.due(desk, on, within), *_recurring(desk, on, on + within)]
    return tuple(sorted(found, key=lambda one: (one.obligation.due, one.cluster, one.obligation.code)))


def standing(desk: Desk, folded: Folded) -> tuple[RecurringTask, ...]:
    """Return the tasks of one agreement that are not done on the day of the fold, by their days."""
    path = next((path for path in desk.workspace.cluster_paths() if path.stem == folded.cluster), None)
    return _tasks(desk, folded, read_cluster(path).cluster if path else None)


def _recurring(desk: Desk, on: date, last: date) -> Iterator[Due]:
    files = {path.stem: path for path in desk.workspace.cluster_paths()}
    with desk.register.reading() as reader:
        for one in overview.rows(desk, on):
            if one.status in {Status.IN_FORCE, Status.ENDING}:
                folded = read(one.cluster, _events(reader, one.cluster), on, desk.municipalities)
                file = read_cluster(files[one.cluster]).cluster if one.cluster in files else None
                yield from (_due(one.cluster, task) for task in _tasks(desk, folded, file) if task.due <= last)


def _events(reader: Reader, cluster: str) -> tuple[Event, ...]:
    return tuple(event for event in reader.stream_events(cluster) if not isinstance(event.payload, ReminderSent))


def _tasks(desk: Desk, folded: Folded, file: Cluster | None) -> tuple[RecurringTask, ...]:
    grant = file.grant_letter if file else None
    return tasks(folded, desk.workspace.settings.tables.year, grant.report_dates if grant else ())


def _due(cluster: str, task: RecurringTask) -> Due:
    # Reports by the grant letter are the motor municipality's (clause 7), and so is the cluster leader's work.
    return Due(cluster, Obligation(task.due, task.code, TASKS[Task(task.code)], "motor_municipality", task.clause))
