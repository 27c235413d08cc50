"""Edits of flags: the old facts of an edited flag are kept, and shown with the latest edit first."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import col

from bot.domain.case_facts import CaseFacts
from bot.models.cases import Case, Flag, FlagEdit
from bot.models.panels import Panel
from bot.models.people import Person
from bot.records.access.queries import local_time
from bot.records.cases.changes import columns_of
from bot.records.cases.queries import FlagChange, FlagView
from bot.records.people.queries import names_of
from bot.store.key_ring import Erased
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


def edit_flag(work: Work, flag: Flag, case: Case, before: CaseFacts, facts: CaseFacts, by_id: int) -> Collection[str]:
    """Change the facts of a flag, and store the old ones in a FlagEdit. Return the names of the facts that changed."""
    names = [name for name in CaseFacts.model_fields if getattr(before, name) != getattr(facts, name)]
    if not names:
        return names
    columns = columns_of(work, case, facts)
    for name in names:
        setattr(flag, name, columns[name])
    old = json.dumps(before.model_dump(mode="json", include=set(names)), ensure_ascii=False)
    kept = FlagEdit(flag_id=id_of(flag), by_id=by_id, at=work.now, before=work.seal(case.data_key_id, old))
    work.session.add_all([flag, kept])
    work.session.flush()
    return names


def edits_of(work: Work, flags: Mapping[int, FlagView]) -> dict[int, tuple[FlagChange, ...]]:
    """Return a dict from flag id to the flag's edits, the latest first.

    The caller has checked that the reader may see the words of the flags.
    """
    rows = work.find_all(FlagEdit, col(FlagEdit.flag_id).in_(flags), by=[col(FlagEdit.id).desc()]) if flags else []
    if not rows:
        return {}
    people = names_of(work, Person, {row.by_id for row in rows})
    panels = work.find_all(Panel, col(Panel.id).in_({flags[row.flag_id].panel_id for row in rows}))
    panel_of = {id_of(panel): panel for panel in panels}
    found: dict[int, tuple[FlagChange, ...]] = {}
    for flag_id, edits in grouped((row.flag_id, row) for row in rows).items():
        after, changes = flags[flag_id].facts.model_dump(), []
        for row in edits:
            old = _opened(work, row)
            after |= old or {}
            before = None if old is None else CaseFacts.model_validate(after)
            at = local_time(work, panel_of[flags[flag_id].panel_id], row.at)
            risk = work.risk(before.risk_tool, before.risk_level) if before else None
            changes.append(FlagChange(people[row.by_id], at, tuple(old or ()), before, risk))
        found[flag_id] = tuple(changes)
    return found


def _opened(work: Work, row: FlagEdit) -> dict[str, Any] | None:
    try:
        old: dict[str, Any] = json.loads(work.open(row.before))
    except Erased:
        return None
    return old
