"""Corrections of actions: the earlier facts of a corrected action are kept, and shown in its history."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlmodel import col, select

from bot.domain.permissions import Actor
from bot.domain.states import UNCONFIRMED_STATES
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind
from bot.records.access.queries import readable_cases
from bot.records.actions.queries import ActionView, view_actions
from bot.records.people.queries import names_of
from bot.store.key_ring import Erased
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: An entry is taken back without a question for as long as this after it was made.
AT_ONCE: Final = timedelta(minutes=1)


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


@dataclass(frozen=True, slots=True)
class Edit:
    """A correction of an action that was not taken back, with the facts that it changed."""

    event_id: int  #: of its line in the action's history
    action_id: int
    at: datetime
    facts: frozenset[ActionFact]
    is_overtaken: bool  #: one of these facts has been changed again since


#: Under this key a correction that takes an earlier one back keeps the id of the earlier one's history line.
_UNDOES: Final = "undoes"
#: Other steps that change a fact which can be corrected.
_ALSO_CHANGES: Final = {
    ActionEventKind.EXTENDED: frozenset({ActionFact.DUE}),
    ActionEventKind.REASSIGNED: frozenset({ActionFact.HOLDER}),
}


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
    undoes: int | None = None,
) -> ActionEvent:
    """Record in an action's history that its facts were corrected. Return the line added to the history.

    `undoes` is the id of the history line of an earlier correction that this one takes back.

    The caller has changed the action already. The earlier facts, `before`, are sealed under the key of the case that
    the action was about then (`before_case_id`), or under the panel's key. The reason is sealed under the key of the
    case that the action is about now. If there is none, the earlier case's key is used, or else the panel's.
    """
    case_id = action.case_id or before_case_id
    kept: dict[str, str | int] = {fact.value: value for fact, value in before.items()}
    if undoes is not None:
        kept[_UNDOES] = undoes
    event = ActionEvent(
        action_id=id_of(action),
        kind=ActionEventKind.EDITED,
        person_id=actor.person_id,
        at=work.now,
        due_on=due_on,
        holder_id=holder_id,
        reason=_seal(work, action, case_id, reason) if reason else None,
        case_id=case_id,
        before=_seal(work, action, before_case_id, json.dumps(kept, ensure_ascii=False)),
        before_case_id=before_case_id,
    )
    work.session.add(event)
    work.session.flush()
    return event


def _seal(work: Work, action: Action, case_id: int | None, text: str) -> bytes:
    of = work.session.get_one(Panel, action.panel_id) if case_id is None else work.session.get_one(Case, case_id)
    return work.seal(of.data_key_id, text)


def was_changed(work: Work, action_id: int) -> bool:
    """Return whether an action was changed since it was given, such as by a correction or a new holder."""
    of_action = (col(ActionEvent.action_id) == action_id, col(ActionEvent.kind) != ActionEventKind.ADDED)
    return work.find(ActionEvent, *of_action) is not None


def edits_by(work: Work, panel_id: int, person_id: int, after: datetime) -> list[Edit]:
    """Return the corrections of a panel's actions that a person made from `after` on, the oldest first.

    Corrections that were taken back, corrections of actions that have ended, and those about a case that is kept from
    the person now are left out.
    """
    cases: dict[int, int | None] = {}
    made: list[ActionEvent] = []
    for event, case_id in work.session.execute(
        select(ActionEvent, col(Action.case_id))
        .join(Action, col(Action.id) == col(ActionEvent.action_id))
        .where(
            col(Action.panel_id) == panel_id,
            col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
            col(ActionEvent.kind) == ActionEventKind.EDITED,
            col(ActionEvent.person_id) == person_id,
            col(ActionEvent.at) >= after,
        )
        .order_by(col(ActionEvent.id))
    ):
        made.append(event)
        cases[event.action_id] = case_id
    if not made:
        return []
    about = {id_of(one): {one.case_id, one.before_case_id, cases[one.action_id]} - {None} for one in made}
    theirs = readable_cases(work, person_id, {number for of in about.values() for number in of if number is not None})
    of_actions = (
        col(ActionEvent.action_id).in_(cases),
        col(ActionEvent.kind).in_({ActionEventKind.EDITED, *_ALSO_CHANGES}),
    )
    later = work.find_all(ActionEvent, *of_actions, by=[col(ActionEvent.id)])
    work.keys.fetch(work.session, (one.before for one in later))
    kept = {id_of(one): _opened(work, one) for one in later if one.kind is ActionEventKind.EDITED}
    undoing = {number: old[_UNDOES] for number, old in kept.items() if old is not None and _UNDOES in old}
    gone = {*undoing, *undoing.values()}
    return [
        Edit(
            id_of(one),
            one.action_id,
            one.at,
            facts,
            is_overtaken=any(
                facts & _facts_of(other, kept)
                for other in later
                if other.action_id == one.action_id and id_of(other) > id_of(one) and other.id not in gone
            ),
        )
        for one in made
        if one.id not in gone
        and kept[id_of(one)] is not None
        and about[id_of(one)] <= theirs
        and (facts := _facts_of(one, kept))
    ]


def _facts_of(event: ActionEvent, kept: Mapping[int, dict[str, Any] | None]) -> frozenset[ActionFact]:
    """Return the facts that a step changed, or all facts if its earlier facts can't be read any more."""
    if event.kind is not ActionEventKind.EDITED:
        return _ALSO_CHANGES[event.kind]
    before = kept[id_of(event)]
    return frozenset(ActionFact) if before is None else frozenset(fact for fact in ActionFact if fact in before)


def facts_changed(work: Work, reader_id: int, edits: Sequence[Edit]) -> dict[int, tuple[ChangedFact, ...]]:
    """Return a dict from the id of a correction's history line to the facts that it changed.

    The audit notes that the reader has read the cases of these actions.
    """
    numbers = {one.action_id for one in edits}
    if not numbers:
        return {}
    views = {one.id: one for one in view_actions(work, reader_id, col(Action.id).in_(numbers))}
    events = work.find_all(ActionEvent, col(ActionEvent.action_id).in_(views), by=[col(ActionEvent.id)])
    work.keys.fetch(work.session, (one.before for one in events))
    seen = _readable_lines(work, reader_id, views, events)
    opened = {id_of(one): _opened(work, one) for one in events if one.id in seen and one.before is not None}
    names = _names_in(work, opened.values(), events)
    asked = {one.event_id for one in edits}
    found: dict[int, tuple[ChangedFact, ...]] = {}
    for view in views.values():
        found |= _changes_in(view, [one for one in events if one.action_id == view.id], opened, names)
    return {number: changes for number, changes in found.items() if number in asked}


def facts_before(work: Work, event: ActionEvent) -> dict[str, Any]:
    """Return the earlier values of the facts that a correction changed, by the facts' stored names.

    The dict is empty if the key that seals them was destroyed.
    """
    return _opened(work, event) or {}


def with_readable_words(work: Work, reader_id: int, action: ActionView, events: Sequence[ActionEvent]) -> set[int]:
    """Return the ids of those lines of an action's history whose words the reader may see.

    Words written while the action was about another case are only for readers of that case. If such words are among
    them, the audit notes that the reader has read that case.
    """
    if action.is_kept:
        return set()
    return _readable_lines(work, reader_id, {action.id: action}, events)


def _readable_lines(
    work: Work, reader_id: int, actions: Mapping[int, ActionView], events: Sequence[ActionEvent]
) -> set[int]:
    """Return the ids of those of `events` whose words the reader may see. The audit notes the cases read."""
    cases = {id_of(event): {event.case_id, event.before_case_id} - {None} for event in events}
    theirs = readable_cases(work, reader_id, {number for of in cases.values() for number in of if number is not None})
    seen = {number for number, of in cases.items() if of <= theirs}
    others: set[tuple[int, int]] = set()
    for event in events:
        action = actions[event.action_id]
        if event.id in seen:
            about = cases[event.id] - {action.case_id}
            others |= {(number, action.panel_id) for number in about if number is not None}
    work.saw(reader_id, sorted(others))
    return seen


def changes_in(
    work: Work, action: ActionView, events: Sequence[ActionEvent], seen: set[int]
) -> dict[int, tuple[ChangedFact, ...]]:
    """Return a dict from the id of a correction's history line to the facts that this correction changed.

    Only corrections among the lines in `seen` are included. `events` are the action's whole history, the oldest first.
    """
    kept = {id_of(event): _opened(work, event) for event in events if event.id in seen and event.before is not None}
    return _changes_in(action, events, kept, _names_in(work, kept.values(), events))


def _names_in(work: Work, kept: Iterable[Mapping[str, Any] | None], events: Sequence[ActionEvent]) -> Mapping[int, str]:
    """Return the names of all earlier and later holders in these corrections, by the person's id."""
    people = {one["holder"] for one in kept if one and "holder" in one}
    return names_of(work, Person, people | {event.holder_id for event in events if event.holder_id is not None})


def _changes_in(
    action: ActionView,
    events: Sequence[ActionEvent],
    kept: Mapping[int, Mapping[str, Any] | None],
    names: Mapping[int, str],
) -> dict[int, tuple[ChangedFact, ...]]:
    """Return the facts that each correction in an action's whole history changed, by the id of its line.

    `kept` has the earlier facts of each correction that may be shown, and `names` the names of holders.
    """
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
        was = {name: str(value) for name, value in before.items() if name != _UNDOES}
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
