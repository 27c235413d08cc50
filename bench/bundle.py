"""Measures exporting a year of a panel as one zip with progress, compared with making the same papers one by one."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.servers import settings_of
from bench.tables import show, verdict
from bot.bootstrap import build_store
from bot.clock import MovedClock
from bot.documents.minutes import render_minutes
from bot.export import Asked, plan_export, write_export
from bot.models.meetings import Meeting
from bot.models.vocabulary import CloseReason, DecisionKind
from bot.records.access.queries import actor_of
from bot.records.agenda.queries import lines_for
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda.triage import Verdict, triage_flag
from bot.services.cases.flags import flag_case
from bot.services.meeting import discussion, opening
from bot.services.minutes import approving, papers
from bot.services.minutes.exports import Period
from bot.store.unit_of_work import Store
from tests.county import WEST, Setting, actor, flag_form, furnish, user_id
from tests.documents.example_meeting import MINUTES
from tests.postgres import PostgresServer

GOAL = 1.5
MEETINGS, CASES = 12, 55
NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
SITS = tuple(datetime(2026, month, 20, 14, 0, tzinfo=UTC) for month in range(1, MEETINGS + 1))


def main() -> None:
    """Measure on SQLite and PostgreSQL, and print a table for each."""
    render_minutes(MINUTES)  # the worker process is there, as it is in a bot that has run for a while
    with TemporaryDirectory(prefix="panelbot-bench-") as folder:
        _show(_measured("SQLite", f"sqlite:///{folder}/year.db", Path(folder)))
    with PostgresServer(durable=True) as server, TemporaryDirectory(prefix="panelbot-bench-") as folder:
        _show(_measured("PostgreSQL", server.url(server.create_database()), Path(folder)))


def _show(row: list[str]) -> None:
    show(
        f"A year of {MEETINGS} meetings with {CASES} cases each, in one zip with progress",
        ("", "files", "single papers, s", "zip, s", "ratio", f"at most {GOAL}"),
        [row],
    )


def _measured(name: str, url: str, folder: Path) -> list[str]:
    store = _held(url)
    asked = Asked(panel="west-met", period=Period(date(2026, 1, 1), date(2026, 12, 31)))
    plan = plan_export(store, "chair", asked)

    def single() -> None:
        for _, make in plan.papers:
            with store.work() as work:
                reader = actor_of(work, plan.reader_id)
                assert reader is not None
                file = make(work, reader)
            file.write()

    seen: list[str] = []
    singles = _seconds(single)
    count = 0

    def bundle() -> None:
        nonlocal count
        again = plan_export(store, "chair", asked)
        count = write_export(store, again, folder / "year.zip", seen.append)

    zipped = _seconds(bundle)
    assert len(seen) == len(plan.papers)
    store.close()
    ratio = zipped / singles
    return [name, f"{count}", f"{singles:.1f}", f"{zipped:.1f}", f"{ratio:.2f}", verdict(ratio, GOAL)]


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _held(url: str) -> Store:
    """Return a store with a year of meetings that were held and whose minutes are approved."""
    clock = MovedClock(NOW)
    store = build_store(settings_of(url), clock=clock)
    county = furnish(store, Setting(west_sits=SITS))
    here = tuple(user_id(who) for who in ("chair", "nurse", "socialworker"))
    closed = DecisionForm(DecisionKind.CLOSE, "The risk is lower.", close_reason=CloseReason.RISK_REDUCED)
    for at, meeting_id in zip(SITS, county.west_meetings, strict=True):
        clock.move_to(at - timedelta(days=14))
        with store.work() as work:
            for number in range(CASES):
                form = flag_form(f"SAMPLE-{at.month:02}{number:02}", assessed_on=at.date() - timedelta(days=20))
                flag = flag_case(work, actor(work, "socialworker"), WEST, form)
                triage_flag(work, actor(work, "chair"), flag.id, Verdict.ACCEPT)
        clock.move_to(at)
        with store.work() as work:
            chair = actor(work, "chair")
            opening.open_panel_meeting(work, chair, WEST)
            opening.record_attendance(work, chair, WEST, present=here, accepted=True)
            for line in lines_for(work, chair.person_id, work.session.get_one(Meeting, meeting_id)):
                if line.flag_id is None or line.id is None:
                    continue
                discussion.add_note(work, chair, WEST, "Health: attended the clinic twice.", item_id=line.id)
                discussion.decide(work, chair, WEST, closed, item_id=line.id)
        clock.move_to(at + timedelta(hours=2))
        with store.work() as work:
            opening.close_meeting(work, actor(work, "chair"), WEST)
        with store.work() as work:
            papers.draft_minutes(work, actor(work, "minutetaker"), WEST)
        with store.work() as work:
            approving.approve_minutes(work, actor(work, "chair"), WEST)
    return store


if __name__ == "__main__":
    main()
