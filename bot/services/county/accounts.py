"""Room for what changes hands in one file: Slack accounts and channels are let go before anybody else takes them."""

from sqlmodel import col, select

from bot.models.panels import Panel
from bot.models.people import Person
from bot.services.county.run import Run


def make_room_for_accounts(run: Run) -> None:
    """Slack accounts that change hands are let go first; one whose old key is gone is a person under a new key."""
    session = run.work.session
    owner = {(person.team, person.user): person.key for person in run.file.people}
    declared = set(owner.values())
    rows = session.exec(select(Person).order_by(col(Person.id))).all()
    known = {row.key for row in rows}
    for row in rows:
        key = owner.get((row.team_id, row.user_id), row.key)
        if key == row.key:
            continue
        if key not in known and row.key not in declared:
            run.changes.append(f"~ person {row.key}: key changed to {key}")
            row.key = key
        else:
            if row.key not in declared:
                run.changes.append(f"~ person {row.key}: their Slack account is {key}'s now")
            row.user_id = f"-{row.id}"
        session.add(row)
    session.flush()


def make_room_for_channels(run: Run) -> None:
    """The same for the channels of panels: a panel under a new key keeps its channel, area and kind."""
    session = run.work.session
    owner = {panel.channel: panel for panel in run.file.panels if panel.channel}
    declared = {panel.key for panel in run.file.panels}
    rows = session.exec(select(Panel).where(col(Panel.channel_id).is_not(None)).order_by(col(Panel.id))).all()
    known = set(session.exec(select(Panel.key)))
    for row in rows:
        panel = owner.get(row.channel_id or "")
        if panel is None or panel.key == row.key:
            continue
        is_same = (row.definition, row.area_id) == (panel.definition, run.areas[panel.area].id)
        if row.is_active and is_same and panel.key not in known and row.key not in declared:
            run.changes.append(f"~ panel {row.key}: key changed to {panel.key}")
            row.key = panel.key
        else:
            if row.key not in declared:
                run.changes.append(f"~ panel {row.key}: its channel is {panel.key}'s now")
            row.channel_id = None
        session.add(row)
    session.flush()
