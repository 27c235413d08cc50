"""Changes to a version of the minutes: its state (set only in this module) and corrections of the record."""

from sqlmodel import col, select

from bot.domain.minutes import OPEN_STATES, next_minutes_state
from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.models.actions import Action
from bot.models.cases import Case
from bot.models.meetings import Meeting
from bot.models.minutes import Correction, Minutes, MinutesEvent
from bot.models.panels import Panel
from bot.models.vocabulary import CorrectionKind, MinutesState, MinutesStep
from bot.records.actions.queries import ActionView
from bot.records.minutes.queries import latest_version
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def lock_minutes(work: Work, meeting_id: int) -> None:
    """Lock the current version of a meeting's minutes, and have the session read its rows again.

    Other transactions that correct, approve or replace the version wait. Transactions that only refer to the version
    don't. If there is no version yet, nothing is locked.
    """
    work.session.flush()
    of_meeting = select(Minutes.id).where(col(Minutes.meeting_id) == meeting_id)
    living = of_meeting.where(col(Minutes.state) != MinutesState.REPLACED).with_for_update(key_share=True)
    # The version may have been replaced while this waited for its lock: then lock the new one.
    while work.session.exec(living).first() is None and work.session.exec(of_meeting.limit(1)).first() is not None:
        pass
    work.session.expire_all()


def change_minutes(
    work: Work, actor: Actor, minutes: Minutes, step: MinutesStep, *, remarks: bytes | None = None
) -> None:
    """Set the state of a version of the minutes after a step, and record who took the step and when.

    Raise Mistake if the version's state doesn't allow the step. `remarks` are already sealed.
    """
    if step is not MinutesStep.DRAFTED:
        minutes.state = next_minutes_state(minutes.state, step)
    if step is MinutesStep.APPROVED:
        minutes.approved_by_id, minutes.approved_at = actor.person_id, work.now
    work.session.add(minutes)
    work.session.add(
        MinutesEvent(minutes_id=id_of(minutes), step=step, by_id=actor.person_id, at=work.now, remarks=remarks)
    )
    work.session.flush()


def keep_correction(
    work: Work,
    actor: Actor,
    minutes: Minutes,
    kind: CorrectionKind,
    *,
    before: str,
    after: str,
    reason: str,
    item_id: int | None = None,
    case_id: int | None = None,
    of_id: int | None = None,
) -> None:
    """Record a correction to this version of the minutes, sealed under the key of the case or the panel.

    `before` is empty if an entry is added, and `after` is empty if one is removed. The person `of_id`, who wrote the
    corrected entry, is told unless they made the correction.
    """
    if case_id is not None:
        key_id = work.session.get_one(Case, case_id).data_key_id
    else:
        meeting = work.session.get_one(Meeting, minutes.meeting_id)
        key_id = work.session.get_one(Panel, meeting.panel_id).data_key_id
    work.session.add(
        Correction(
            minutes_id=id_of(minutes),
            item_id=item_id,
            case_id=case_id,
            kind=kind,
            before=work.seal(key_id, before) if before else None,
            after=work.seal(key_id, after) if after else None,
            reason=work.seal(key_id, reason),
            of_id=of_id,
            by_id=actor.person_id,
            at=work.now,
        )
    )
    if of_id is not None and of_id != actor.person_id:
        work.tell(
            of_id,
            Notice.MINUTES_CORRECTED,
            once=work.now.isoformat(),
            minutes_id=id_of(minutes),
            item_id=item_id,
            by_id=actor.person_id,
        )


def correct_action(
    work: Work,
    actor: Actor,
    action: Action,
    *,
    before: tuple[ActionView, int | None] | None,
    after: tuple[ActionView, int | None] | None,
    reason: str,
) -> None:
    """Record a change of an action as a correction in the open draft of the meeting's minutes, if there is one.

    Only an action that was given at a meeting is recorded. `before` and `after` are pairs: the view that the person who
    changed the action had of it before or after the change, and the id of its agenda item. A pair is None if no list
    showed the action then. If the action moved to another case, each of the two cases gets its own correction, for its
    own readers.
    """
    if action.meeting_id is None:
        return
    lock_minutes(work, action.meeting_id)
    minutes = latest_version(work, work.session.get_one(Meeting, action.meeting_id))
    if minutes is None or minutes.state not in OPEN_STATES:
        return
    kept = [
        (view.case_id, item_id, *words)
        for one, words in (
            (before, (_action_words(before), "")),
            (after, ("", _action_words(after))),
        )
        if one is not None
        for view, item_id in [one]
    ]
    if len(kept) == 2 and kept[0][0] == kept[1][0]:
        kept = [(*kept[1][:2], kept[0][2], kept[1][3])]
    elif len(kept) == 2:
        reason = "It was about another case."  # the typed reason may name the other case
    for case_id, item_id, was, is_now in kept:
        keep_correction(
            work,
            actor,
            minutes,
            CorrectionKind.ACTION,
            before=was,
            after=is_now,
            reason=reason,
            item_id=item_id,
            case_id=case_id,
        )
    work.session.flush()


def _action_words(given: tuple[ActionView, int | None] | None) -> str:
    if given is None:
        return ""
    action, _ = given
    return (
        f"Action {action.id}: {action.text} ({action.kind.label}, {action.holder_name}, {action.agency_name}, "
        f"due {action.due_on:%-d %B %Y})"
    )
