"""The facts in a version of minutes: gathered from the record, sealed in parts, and opened for one reader.

The facts of all items are gathered together, so that the number of statements does not grow with the items.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, or_
from sqlmodel import col, select

from bot.documents.meeting_facts import ActionFacts
from bot.documents.minutes import Amendment, DecisionFacts, ItemFacts, MinutesFacts, Said
from bot.documents.papers import action_facts, ended_facts, presented
from bot.domain.permissions import Actor
from bot.domain.states import UNCONFIRMED_STATES
from bot.models.actions import Action
from bot.models.bookkeeping import DataKey
from bot.models.cases import Case, Flag, Recusal
from bot.models.meetings import AgendaItem, Decision, Meeting, Note
from bot.models.minutes import Minutes, MinutesPart
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import FlagState, ItemState, NoteKind
from bot.records.access.queries import Standing, local_time, readable_cases
from bot.records.actions.queries import AS_GIVEN, ActionView, endings, heard_since, opened_or_erased, view_actions
from bot.records.agenda.published import number_lines, published_lines
from bot.records.agenda.queries import ItemView, lines_for, view_items
from bot.records.agenda.returns import Asked, asked_at
from bot.records.cases.decisions import NOTE_STANDS, DecisionView, standing_decisions
from bot.records.cases.queries import hearings_of_each
from bot.records.diary.queries import last_closing
from bot.records.minutes.slips import SlipView, approved_slips
from bot.records.people.queries import names_of
from bot.services.minutes.frame import frame_of
from bot.services.minutes.headings import fill_headings, headings_of, removed_item
from bot.services.minutes.proof import digest_of, salted
from bot.store.key_ring import Erased
from bot.store.rows import add_rows, grouped, id_of
from bot.store.unit_of_work import Work

FRAME: Final = 0  #: the position of the part that is about the meeting itself


def record_parts(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> None:
    """Store the facts of the minutes in sealed parts.

    A case's parts are sealed under the case's own key, so that erasing the case erases these parts too.
    """
    parts: list[tuple[int | None, dict[str, Any]]] = [(None, frame_of(work, standing, meeting, minutes))]
    items = view_items(work, None, standing.panel, meeting)
    for item, facts in zip(items, _facts_of_items(work, standing, meeting, items), strict=True):
        said = {"item": facts.model_dump(mode="json"), "line": item.id}
        parts.append((item.flag.case_id if item.flag else None, said))
    parts[1:] = _with_unheard(work, standing, meeting, items, parts[1:])
    parts += [
        (one.case_id, {"tabled": one.words, "under": item.id, "key": item.section, "title": item.title})
        for item in items
        for one in item.tabled
    ]
    arising = view_actions(
        work,
        None,
        col(Action.panel_id) == standing.panel_id,
        col(Action.created_at) < meeting.opened_at,
        col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
    )
    # Actions on a case that is no item here are sealed under that case's key, for its readers.
    beside = (col(Action.item_id).is_(None), col(Action.case_id).is_not(None))
    for action in view_actions(work, None, col(Action.meeting_id) == id_of(meeting), *beside, most_pressing=AS_GIVEN):
        parts.append((action.case_id, {"loose": action_facts(action).model_dump(mode="json")}))
    until = meeting.closed_at or work.now
    heard = heard_since(work, standing.panel_id, meeting.opened_at or until, until)
    for action in arising:
        facts_of_it = action_facts(action)
        if action.id in heard:
            facts_of_it = facts_of_it.model_copy(update={"heard": heard[action.id].label})
        parts.append((action.case_id, {"outstanding": facts_of_it.model_dump(mode="json")}))
    # Each action's ending is printed once, in the minutes of the next meeting to close. The times at which the two
    # meetings closed decide which minutes print it, however often these minutes are written again.
    for ending in endings(work, standing.panel, last_closing(work, standing.panel_id, before=until), until):
        if ending.action.state not in UNCONFIRMED_STATES:  # reopened since, so it is on the open list again
            parts.append((ending.action.case_id, {"outstanding": ended_facts(ending).model_dump(mode="json")}))
    of_cases = select(Case).where(col(Case.id).in_({case_id for case_id, _ in parts if case_id is not None}))
    keys = {case.id: case.data_key_id for case in work.session.exec(of_cases)}
    erased = _erased_on(work, standing.panel, [case_id for case_id, _ in parts])
    work.keys.fetch(
        work.session,
        key_ids=[standing.panel.data_key_id, *(key for case_id, key in keys.items() if case_id not in erased)],
    )
    before = _parts_before(work, meeting, erased)
    made = []
    for position, (case_id, facts_of_part) in enumerate(parts):
        if case_id in erased:
            # The key is destroyed, so nothing can be sealed. The earlier version's part still proves that there was
            # one.
            if (earlier := before.get((case_id, facts_of_part.get("line")))) is not None:
                same = {name: getattr(earlier, name) for name in ("case_id", "item_id", "facts", "digest")}
                made.append(MinutesPart(minutes_id=id_of(minutes), position=position, **same))
            continue
        text = salted(facts_of_part)
        made.append(
            MinutesPart(
                minutes_id=id_of(minutes),
                position=position,
                case_id=case_id,
                item_id=facts_of_part.get("line"),
                facts=work.seal(standing.panel.data_key_id if case_id is None else keys[case_id], text),
                digest=digest_of(text),
            )
        )
    add_rows(work.session, made)


def _parts_before(
    work: Work, meeting: Meeting, case_ids: Collection[int | None]
) -> dict[tuple[int | None, int | None], MinutesPart]:
    """Return a dict from (case id, item id) to the latest part in earlier versions of a meeting's minutes."""
    if not case_ids:
        return {}
    rows = work.session.exec(
        select(MinutesPart)
        .join(Minutes, col(Minutes.id) == col(MinutesPart.minutes_id))
        .where(col(Minutes.meeting_id) == id_of(meeting), col(MinutesPart.case_id).in_(case_ids))
        .order_by(col(MinutesPart.id))
    )
    return {(part.case_id, part.item_id): part for part in rows}


def _with_unheard(
    work: Work,
    standing: Standing,
    meeting: Meeting,
    items: Sequence[ItemView],
    parts: Sequence[tuple[int | None, dict[str, Any]]],
) -> list[tuple[int | None, dict[str, Any]]]:
    """Return the parts of all items, and new parts for cases that left the agenda after it was published.

    Each new part is placed under its heading, in the order of the published numbers.
    """
    heard = {item.flag.case_id for item in items if item.flag is not None}
    published = {one.line.flag_id: one for one in published_lines(work, None, meeting) if one.case_id not in heard}
    of_them = col(Flag.id).in_([number for number in published if number is not None])
    has_left = col(Flag.state).in_([FlagState.DEFERRED, FlagState.WITHDRAWN, FlagState.SIGNPOSTED])
    flags = work.find_all(Flag, of_them, or_(has_left, col(Flag.meeting_id) != id_of(meeting)))
    is_closed = (col(Case.id).in_({flag.case_id for flag in flags}), col(Case.is_closed))
    closed = {case.id for case in work.find_all(Case, *is_closed)} if flags else set()
    sections = {section.key: section.title for section in work.definition(standing.panel.definition).agenda}
    lines = work.find_all(AgendaItem, col(AgendaItem.id).in_([item.id for item in items]))
    keys = {line.id: (line.number, line.late) for line in lines}
    made = [(keys[said["line"]], case_id, said) for case_id, said in parts]
    for flag in sorted(flags, key=lambda one: published[one.id].key):
        line = published[flag.id].line
        facts = ItemFacts(
            number="",
            key=line.section,
            section=sections.get(line.section, line.title),
            title=line.title,
            is_closed_item=flag.case_id in closed,
            is_reached=False,
            outcome=flag.state.value if flag.meeting_id == meeting.id else "moved",
        )
        part = {"item": facts.model_dump(mode="json"), "published": [line.number, line.late]}
        key = published[flag.id].key
        under = [at for at, (_, _, said) in enumerate(made) if said["item"]["key"] == line.section]
        lower = [at for at in under or range(len(made)) if made[at][0] < key]
        made.insert(lower[-1] + 1 if lower else min(under, default=0), (key, flag.case_id, part))
    return [(case_id, said) for _, case_id, said in made]


def facts_for(
    work: Work, actor: Actor, minutes: Minutes, *, of_cases: Collection[int] | None = None
) -> tuple[MinutesFacts, frozenset[int]]:
    """Return the facts of a version that this reader may see, and the ids of the cases in it.

    Items have the numbers of the reader's own agenda, so that items kept from the reader leave no gap. Old versions
    have no stored numbers, and their items are numbered from 1. With `of_cases`, read only the facts about these cases
    and about the meeting as a whole.
    """
    query = select(MinutesPart).where(col(MinutesPart.minutes_id) == id_of(minutes))
    parts = work.session.exec(query.order_by(col(MinutesPart.position))).all()
    allowed = readable_cases(work, actor.person_id, [part.case_id for part in parts if part.case_id is not None])
    shown = [part for part in parts if part.case_id is None or part.case_id in allowed]
    if of_cases is not None:
        shown = [part for part in shown if part.position == FRAME or part.case_id in of_cases]
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    work.saw(actor.person_id, ((part.case_id, meeting.panel_id) for part in shown))
    lines = lines_for(work, actor.person_id, meeting)
    keyed = number_lines(published_lines(work, actor.person_id, meeting), lines)
    labels = {line.id: keyed[line.number, line.late] for line in lines}
    work.keys.fetch(work.session, (part.facts for part in shown))
    panel = work.session.get_one(Panel, meeting.panel_id)
    erased = _erased_on(work, panel, [part.case_id for part in shown])
    approvals = _approvals(work, panel, shown)
    headings = headings_of(work, panel, shown) if erased else {}
    slips = approved_slips(work, actor.person_id, panel, minutes, of_cases=of_cases)
    slips_of = grouped((slip.item_id, _amendment(slip)) for slip in slips if slip.item_id is not None)
    frame: dict[str, Any] = {}
    items: list[ItemFacts] = []
    tabled: list[dict[str, Any]] = []
    actions: dict[str, list[ActionFacts]] = {"outstanding": [], "loose": []}
    case_ids: set[int | None] = set()
    for part in shown:
        try:
            facts = json.loads(work.open(part.facts))
        except Erased:
            if part.item_id is not None:
                removed = removed_item(part, labels, erased, headings)
                items.append(removed.model_copy(update={"amendments": tuple(slips_of.get(part.item_id, ()))}))
            continue
        case_ids.add(part.case_id)
        if "frame" in facts:
            frame = facts
        elif "item" in facts:
            number = labels.get(facts.get("line"), str(len(items) + 1))
            if "published" in facts:
                number = keyed.get(tuple(facts["published"]), "")
            item = _with_tools(work, facts["item"]) | {"number": number, "approval": approvals.get(part.id, "")}
            told = ItemFacts.model_validate_json(json.dumps(item))
            items.append(told.model_copy(update={"amendments": tuple(slips_of.get(facts.get("line"), ()))}))
        elif "tabled" in facts:
            tabled.append(facts)
        else:
            ((kind, action),) = ((kind, facts[kind]) for kind in actions if kind in facts)
            actions[kind].append(ActionFacts.model_validate_json(json.dumps(action)))
    fill_headings(items, tabled, labels)
    whole = MinutesFacts.model_validate_json(json.dumps(frame["frame"]))
    of_frame = _readable_loose(work, actor, frame["loose"] if of_cases is None else ())
    given = [*(action for item in items for action in item.actions), *of_frame, *actions["loose"]]
    return whole.model_copy(
        update={
            "items": tuple(items),
            # What is still open comes before what ended.
            "outstanding": tuple(
                sorted(actions["outstanding"], key=lambda action: (bool(action.ended), action.due, action.number))
            ),
            "actions": tuple(given),
            "amendments": tuple(map(_amendment, slips)),
        }
    ), frozenset(case_id for case_id in case_ids if case_id is not None)


def _readable_loose(work: Work, actor: Actor, facts: Iterable[Any]) -> list[ActionFacts]:
    """Return the actions in `facts` that a reader may see. `facts` has the actions given under no item.

    Older versions also kept actions about a case here. In newer versions, each such action has a part of its own.
    """
    loose = [ActionFacts.model_validate_json(json.dumps(action)) for action in facts]
    named = {action.case for action in loose if action.case}
    if not named:
        return loose
    of_cases = dict(
        tuple(row)
        for row in work.session.execute(select(Case.reference, Case.id).where(col(Case.reference).in_(named)))
    )
    allowed = readable_cases(work, actor.person_id, list(of_cases.values()))
    return [action for action in loose if not action.case or of_cases.get(action.case) in allowed]


def _amendment(slip: SlipView) -> Amendment:
    decided_at = slip.decided_at or slip.written_at
    by = f"written by {slip.written_by}, approved by {slip.decided_by}"
    return Amendment(
        number=slip.number, item=slip.item, text=slip.says, reason=slip.reason, by=by, made_on=decided_at.date()
    )


def _erased_on(work: Work, panel: Panel, case_ids: Sequence[int | None]) -> dict[int | None, date]:
    """Return a dict from case id to the day on which the case's key was destroyed."""
    of_cases = col(Case.id).in_({case_id for case_id in case_ids if case_id is not None})
    query = select(Case.id, DataKey.destroyed_at).join(DataKey, col(DataKey.id) == col(Case.data_key_id))
    rows = work.session.execute(query.where(of_cases, col(DataKey.destroyed_at).is_not(None)))
    return {case_id: local_time(work, panel, at).date() for case_id, at in rows if at is not None}


def _approvals(work: Work, panel: Panel, parts: Sequence[MinutesPart]) -> dict[int | None, str]:
    """Return a dict from part id to a sentence saying whether the part is approved, and by which reader.

    Only closed items that another reader must approve are included.
    """
    waiting = [part for part in parts if part.needs_another]
    names = names_of(work, Person, {part.approved_by_id for part in waiting if part.approved_by_id is not None})
    return {
        part.id: f"Approved by {names.get(part.approved_by_id or 0, '')} on "
        f"{local_time(work, panel, part.approved_at):%-d %B %Y}, since the approver of the minutes had recorded it."
        if part.approved_at is not None
        else "Not approved yet: another of its readers approves this closed item, since the approver had recorded it."
        for part in waiting
    }


def _with_tools(work: Work, item: dict[str, Any]) -> dict[str, Any]:
    """Return an item with a risk tool for each of its risk levels.

    Minutes from before migration 0020 have levels without a tool. These levels get the tool of the flag.
    """
    case, decision = item.get("case"), item.get("decision")
    if not case or "risk" in case:
        return item
    tool = case["risk_tool"] or _OTHER
    levels = {name: decision[name] for name in ("risk_before", "risk_after")} if decision else {}
    named = {name: risk and risk.model_dump() for name, level in levels.items() for risk in [work.risk(tool, level)]}
    risk = work.risk(case["risk_tool"], case["risk_level"])
    case = case | {"risk": risk and risk.model_dump()}
    return item | {"case": case, "decision": decision and decision | named}


_OTHER: Final = "other"  # the shipped risk tool whose name people write in the judgement


def _facts_of_items(work: Work, standing: Standing, meeting: Meeting, items: Sequence[ItemView]) -> list[ItemFacts]:
    """Return the facts of each item for the minutes, in the order of the items."""
    item_ids = [item.id for item in items]
    case_ids = [item.flag.case_id for item in items if item.flag is not None]
    said, returns, given = _said(work, item_ids), _returns(work, meeting), _given(work, item_ids)
    decisions = standing_decisions(work, item_ids)
    heard = hearings_of_each(work, case_ids, meeting, with_words=False)
    withdrew = _withdrew(work, meeting, items)
    headings = work.definition(standing.panel.definition).agenda
    sections = {section.key: section.title for section in headings}
    above = {one.key for one in headings if one.kind.accepts_minutes or one.kind.lists_actions}
    sent_up = {one.key for one in headings if one.kind.lists_sent_up}
    facts = []
    for item in items:
        shared = said[item.id, NoteKind.SHARED]
        if item.flag is not None and item.state is ItemState.DISCUSSED:
            shared = shared + _returned(work, returns[item.flag.id], {one.agency for one in shared})
        facts.append(
            ItemFacts(
                number=item.number,
                key=item.section if item.kind is None else "",
                section=title_in_minutes(item) if item.kind else sections.get(item.section, item.title),
                title=title_in_minutes(item),
                case=presented(item.flag, heard.get(item.flag.case_id, ())) if item.flag else None,
                is_closed_item=item.flag is not None and item.flag.is_closed_item,
                is_reached=item.state is ItemState.DISCUSSED,
                is_called=item.is_called,
                is_above=item.kind is None and item.section in above,
                lists_sent_up=item.kind is None and item.section in sent_up,
                withdrew=withdrew.get(item.id, ()),
                shared=tuple(shared),
                discussion=tuple(one.text for one in said[item.id, NoteKind.DISCUSSION]),
                **{kind.value: tuple(one.text for one in said[item.id, kind]) for kind in _HEADED},
                decisions=tuple(_decided(decision) for decision in decisions.get(item.id, ())),
                dissent=tuple(said[item.id, NoteKind.DISSENT]),
                actions=tuple(action_facts(action) for action in given[item.id]),
            )
        )
    return facts


#: Kinds of lines that are printed under their own heading, by the name of the fact that has them.
_HEADED: Final = (NoteKind.MAY_HAPPEN, NoteKind.RAISES_RISK, NoteKind.PROTECTS, NoteKind.CHILDS_VIEW)


def title_in_minutes(item: ItemView) -> str:
    """Return an item's title for the minutes. For an added item, the kind and the presenter are part of the title."""
    by = f" ({item.presenter})" if item.presenter else ""
    return f"{item.heading}: {item.title}{by}" if item.kind else item.title


def _decided(decision: DecisionView) -> DecisionFacts:
    return DecisionFacts(**{name: getattr(decision, name) for name in DecisionFacts.model_fields})


def _returned(work: Work, returns: Sequence[Asked], spoke: Collection[str]) -> list[Said]:
    """Return a line for each agency that sent a return but has no line in the record of the item.

    The minutes print these lines.
    """
    return [
        Said(
            agency=one.agency_name,
            text=f"In its return before the meeting: {opened_or_erased(work, one.answer.text)}",
        )
        for one in returns
        if one.answer is not None and one.answer.text and one.agency_name not in spoke
    ]


def _withdrew(work: Work, meeting: Meeting, items: Sequence[ItemView]) -> dict[int, tuple[str, ...]]:
    """Return a dict from item id to the names of the people who had stepped back when the item was discussed.

    An interest that was taken back later counts too.
    """
    over = meeting.closed_at or work.now
    begun = _first_words(work, [item.id for item in items])
    case_ids = {item.id: item.flag.case_id for item in items if item.flag is not None}
    recusals = work.session.execute(
        select(Recusal, Person)
        .join(Person, col(Person.id) == col(Recusal.person_id))
        .where(col(Recusal.case_id).in_(case_ids.values()), col(Recusal.declared_at) <= over)
    ).all()
    found: dict[int, set[str]] = defaultdict(set)
    for item_id, case_id in case_ids.items():
        for recusal, person in recusals:
            until = recusal.withdrawn_at
            if recusal.case_id == case_id and (until is None or until > begun.get(item_id, over)):
                found[item_id].add(person.name)
    return {item_id: tuple(sorted(names)) for item_id, names in found.items()}


def _said(work: Work, item_ids: Collection[int]) -> dict[tuple[int, NoteKind], list[Said]]:
    """Return a dict from (item id, kind of note) to the notes in force, in the order in which they were written."""
    notes = work.session.exec(
        select(Note).where(col(Note.item_id).in_(item_ids), NOTE_STANDS).order_by(col(Note.id))
    ).all()
    agencies = {agency.id: agency.name for agency in work.session.exec(select(Agency))}
    work.keys.fetch(work.session, (note.text for note in notes))
    found: dict[tuple[int, NoteKind], list[Said]] = defaultdict(list)
    for note in notes:
        said = Said(agency=agencies.get(note.agency_id, ""), text=opened_or_erased(work, note.text))
        found[note.item_id, note.kind].append(said)
    return found


def _first_words(work: Work, item_ids: Collection[int]) -> dict[int, datetime]:
    """Return a dict from item id to the time of the item's first note or decision, even one that was taken back."""
    found: dict[int, datetime] = {}
    for query in (
        select(col(Note.item_id), func.min(Note.written_at)).where(col(Note.item_id).in_(item_ids)),
        select(col(Decision.item_id), func.min(Decision.decided_at)).where(col(Decision.item_id).in_(item_ids)),
    ):
        for item_id, at in work.session.execute(query.group_by(query.selected_columns[0])):
            found[item_id] = min(at, found.get(item_id, at))
    return found


def _given(work: Work, item_ids: Collection[int]) -> dict[int, list[ActionView]]:
    """Return a dict from item id to the actions given under the item, in order."""
    of_items = select(Action.id, Action.item_id).where(col(Action.item_id).in_(item_ids))
    under = {action_id: item_id for action_id, item_id in work.session.execute(of_items)}  # noqa: C416 - rows
    found: dict[int, list[ActionView]] = defaultdict(list)
    for action in view_actions(work, None, col(Action.item_id).in_(item_ids), most_pressing=AS_GIVEN):
        found[under[action.id]].append(action)
    return found


def _returns(work: Work, meeting: Meeting) -> dict[int, list[Asked]]:
    """Return a dict from flag id to the requests for returns on the flag's case, with the agencies' answers."""
    asked = asked_at(work, [meeting], None).get(id_of(meeting), [])
    work.keys.fetch(work.session, (one.answer.text for one in asked if one.answer is not None))
    found: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        found[one.flag_id].append(one)
    return found
