"""The panels of a county file and their diary; one that the file no longer has ends."""

from sqlmodel import col, select

from bot.documents.county_file import Panel as DeclaredPanel
from bot.domain.recurrence import parse_rule
from bot.models.panels import Panel, Series
from bot.models.people import Area
from bot.services.county.run import Run
from bot.store.diary import today_at
from bot.store.endings import end_panel
from bot.store.rows import id_of
from bot.store.series import begin_series, dates_for


def apply_panel(run: Run, declared: DeclaredPanel) -> Panel:
    return run.declare(
        "panel",
        Panel,
        declared.key,
        {
            "title": declared.title,
            "definition": declared.definition,
            "area_id": id_of(run.areas[declared.area]),
            "channel_id": declared.channel,
            "venue": declared.venue,
            "is_active": True,
            # Unless the file says, what the co-ordinator chose in Slack stands.
            **({"bank_holidays": declared.bank_holidays} if declared.bank_holidays else {}),
        },
        lambda: {"data_key_id": run.work.keys.new_key(run.work.session, "panel", run.work.now)},
    )


def link_panels(run: Run) -> None:
    """Whom each panel escalates to, once all panels of the file are there."""
    for declared in run.file.panels:
        panel = run.panels[declared.key]
        above = id_of(run.panels[declared.escalates_to]) if declared.escalates_to else None
        if panel.escalates_to_id != above:
            if panel.escalates_to_id is not None or f"+ panel {declared.key}" not in run.changes:
                run.changes.append(f"~ panel {declared.key}: escalates to changed")
            panel.escalates_to_id = above
            run.work.session.add(panel)
    run.work.session.flush()


def end_missing_panels(run: Run) -> None:
    """A panel of this county that the file no longer has: nobody gets in, and it meets no more."""
    ours = {id_of(area) for area in run.areas.values()}
    for area in run.work.session.exec(select(Area).order_by(col(Area.id))):
        if area.parent_id in ours:
            ours.add(id_of(area))
    ended = run.work.session.exec(
        select(Panel)
        .where(col(Panel.is_active), col(Panel.area_id).in_(ours), col(Panel.key).not_in(list(run.panels)))
        .order_by(col(Panel.key))
    ).all()
    for panel in ended:
        run.changes += end_panel(run.work, panel)
    run.work.session.flush()


def fill_diary(run: Run, declared: DeclaredPanel) -> None:
    session = run.work.session
    panel = run.panels[declared.key]
    if declared.rule is None:
        return
    if session.exec(
        select(Series.id).where(col(Series.panel_id) == id_of(panel), col(Series.ended_at).is_(None))
    ).first():
        return
    rule = parse_rule(declared.rule)
    start = declared.starts_on or today_at(run.work, panel)
    given = dates_for(run.work, panel, rule, start=start, count=declared.count).new
    begin_series(run.work, panel, rule, given, starts_on=start, count=declared.count)
    run.changes.append(f"+ {declared.key}: {len(given)} meetings, {rule.describe()}")
