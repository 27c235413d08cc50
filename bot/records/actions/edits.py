"""Corrections of actions: the earlier facts of a corrected action are kept, and shown in its history."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.domain.permissions import Actor
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind
from bot.records.access.queries import readable_cases
from bot.records.actions.queries import ActionView
from bot.records.people.queries import names_of
from bot.store.key_ring import Erased
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


class ActionFact(StrEnum):
    """A fact of an action that can be corrected. Each value is the key under which the earlier fact is stored."""

    WORDS = "words"
    KIND = "kind"
    HOLDER = "holder"  # stored as the person's id
    DUE = "due"  # stored as an ISO date
    CASE = "case"  # stored as the case's reference at that time, or empty for none


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """One fact of an action before and after a correction.

    A holder is given by name, other facts as they are stored.
    """

    fact: ActionFact
    before: str
    after: str | None  #: None where the reader may not see it


def keep_edit(
    work: Work,
    actor: Actor,
    action: Action,
    before: Mapping[ActionFact, str | int],
    *,
    before_case_id: int | None,
    due_on: date | None = None,
    holder_id: int | None = None,
    reason: str | None = None,
) -> ActionEvent:
    """Record in an action's history that its facts were corrected. Return the line added to the history.

    The caller has changed the action already. The earlier facts, `before`, are sealed under the key of the case that
    the action was about then (`before_case_id`), or under the panel's key. The reason is sealed under the key of the
    case that the action is about now. If there is none, the earlier case's key is used, or else the panel's.
    """
    case_id = action.case_id or before_case_id
    event = ActionEvent(
        action_id=id_of(action),
        kind=ActionEventKind.EDITED,
        person_id=actor.person_id,
        at=work.now,
        due_on=due_on,
        holder_id=holder_id,
        reason=_seal(work, action, case_id, reason) if reason else None,
        case_id=case_id,
        before=_seal(work, action, before_case_id, json.dumps(dict(before), ensure_ascii=False)),
        before_case_id=before_case_id,
    )
    work.session.add(event)
    work.session.flush()
    return event


def _seal(work: Work, action: Action, case_id: int | None, text: str) -> bytes:
    of = work.session.get_one(Panel, action.panel_id) if case_id is None else work.session.get_one(Case, case_id)
    return work.seal(of.data_key_id, text)


def with_readable_words(work: Work, reader_id: int, action: ActionView, events: Sequence[ActionEvent]) -> set[int]:
    """Return the ids of those lines of an action's history whose words the reader may see.

    Words written while the action was about another case are only for readers of that case. If such words are among
    them, the audit notes that the reader has read that case.
    """
    if action.is_kept:
        return set()
    cases = {id_of(event): {event.case_id, event.before_case_id} - {None} for event in events}
    theirs = readable_cases(work, reader_id, {number for of in cases.values() for number in of if number is not None})
    seen = {number for number, of in cases.items() if of <= theirs}
    others = {number for event_id in seen for number in cases[event_id]} - {action.case_id}
    work.saw(reader_id, ((number, action.panel_id) for number in sorted(filter(None, others))))
    return seen


def changes_in(
    work: Work, action: ActionView, events: Sequence[ActionEvent], seen: set[int]
) -> dict[int, tuple[ChangedFact, ...]]:
    """Return a dict from the id of a correction's history line to the facts that this correction changed.

    Only corrections among the lines in `seen` are included. `events` are the action's whole history, the oldest first.
    """
    kept = {id_of(event): _opened(work, event) for event in events if event.id in seen and event.before is not None}
    people = {one["holder"] for one in kept.values() if one and "holder" in one}
    names = names_of(work, Person, people | {event.holder_id for event in events if event.holder_id is not None})
    after: dict[str, str] = {
        ActionFact.WORDS: action.text,
        ActionFact.KIND: action.kind.value,
        ActionFact.CASE: action.case_reference or "",
    }
    found: dict[int, tuple[ChangedFact, ...]] = {}
    for event in reversed(events):
        if event.kind is not ActionEventKind.EDITED:
            continue
        before = kept.get(id_of(event))
        if before is None:
            after = {}  # what this edit changed can't be read, so what an earlier edit led to is not known
            continue
        became = after | {
            ActionFact.HOLDER: names.get(event.holder_id or 0, ""),
            ActionFact.DUE: event.due_on.isoformat() if event.due_on else "",
        }
        was = {name: str(value) for name, value in before.items()}
        if "holder" in before:
            was[ActionFact.HOLDER] = names.get(before["holder"], "")
        changed = (fact for fact in ActionFact if fact in was)
        found[id_of(event)] = tuple(ChangedFact(fact, was[fact], became.get(fact)) for fact in changed)
        after = {name: was.get(name, value) for name, value in after.items()}
    return found


def _opened(work: Work, event: ActionEvent) -> dict[str, Any] | None:
    if event.before is None:
        return None
    try:
        old: dict[str, Any] = json.loads(work.open(event.before))
    except Erased:
        return None
    return old
