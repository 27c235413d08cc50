"""The renderers that turn each notice of the outbox into a message, listed in one table at the end.

A renderer returns None to drop a notice that is out of date, or that its addressee may no longer see.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from bot.domain.notices import Notice, notice_of
from bot.domain.permissions import Actor, Verb
from bot.errors import Misconfigured, PanelbotError
from bot.models.vocabulary import MeetingChange, MeetingState, PromptKind
from bot.records.access.queries import actor_of
from bot.records.actions.queries import actions_held, extension_asked_for
from bot.records.invitations.changes import InvitationView
from bot.records.meeting.outcomes import outcomes_for
from bot.records.meeting.transfers import transfer_for_notice
from bot.records.rescheduling.changes import SentMessage, sent_message
from bot.services.actions.accepting import change_for_notice
from bot.services.actions.action_log import log_document
from bot.services.actions.chasing import Digest, compose_digest
from bot.services.agenda import return_prompts, sooner
from bot.services.agenda.owed import compose_late, compose_sent
from bot.services.agenda.papers import agenda_document, grid_document
from bot.services.agenda.triage import agenda_of_meeting, triaged_flag_for_notice
from bot.services.cases import closed_items
from bot.services.cases.assessments import compose_assessments
from bot.services.cases.interests import InterestView, held_for_notice, interest_for_notice
from bot.services.cases.lists import closed_flag_for_notice
from bot.services.cases.merging import merge_for_notice
from bot.services.cases.nrm_chasing import compose_awaited
from bot.services.cases.reviews import compose_reviews
from bot.services.cases.withdrawing import withdrawal_for_notice
from bot.services.county.agreements import agreement_for_notice
from bot.services.county.slack_files import file_to_remove
from bot.services.diary import prompts
from bot.services.diary.calendars import calendar_document
from bot.services.diary.channels import channel_to_look_at, guests_for_notice, shared_for_notice
from bot.services.diary.panels import diary_for_notice, meeting_for_notice
from bot.services.invitations.answering import answer_for_message, standing_in
from bot.services.invitations.asking import (
    Overtaken,
    compose_invitation,
    compose_warning,
    look_again,
    question_for_notice,
)
from bot.services.leaving.departure import back_for_notice, compose_end, handover_for_notice, left_for_notice
from bot.services.meeting.board import BoardView, compose_board, is_overtaken, is_post_coming, place_of_board
from bot.services.meeting.left_open import compose_left_open
from bot.services.meeting.opening import actions_of_meeting
from bot.services.meeting.undoing import compose_changed, compose_changed_attendance
from bot.services.minutes import amending, approving, correcting, exporting
from bot.services.minutes.annex import annex_document
from bot.services.minutes.extract import extract_document
from bot.services.minutes.pack import pack_document
from bot.services.minutes.papers import minutes_document, minutes_for_notice
from bot.services.minutes.summary import summary_document
from bot.services.people.deputies import deputyship_for_notice
from bot.services.people.readings import given_for_notice
from bot.services.people.welcome import compose_welcome
from bot.slack.actions import answer_views
from bot.slack.actions import views as actions_views
from bot.slack.actions.drafts import hint
from bot.slack.agenda import returns_views, sooner_views
from bot.slack.agenda import views as agenda_views
from bot.slack.blocks import section
from bot.slack.cases import closed_views, interest_views, merge_views, nrm_views, review_views
from bot.slack.cases import views as cases_views
from bot.slack.diary import views as diary_views
from bot.slack.home.commands import home
from bot.slack.invitations import views as invitations_views
from bot.slack.listener import render_response
from bot.slack.meeting import board_views, closing_views, undo_views
from bot.slack.meeting import views as meeting_views
from bot.slack.minutes import export_views, look_views, slip_views
from bot.slack.minutes import views as minutes_views
from bot.slack.outgoing import (
    Delete,
    Gathering,
    LookAtMembers,
    Outgoing,
    PostToPerson,
    RemoveFile,
    Renderer,
    Rewrite,
    for_person,
    message,
    note_sent,
    paper,
    to_panel,
    to_them,
)
from bot.slack.pages import LINES
from bot.slack.people import views as people_views
from bot.slack.request import Said
from bot.store.outbox import find_sent
from bot.store.rows import Page
from bot.store.unit_of_work import Work

_INTEREST: Final = ("recusal_id", "panel_id")
_WORDS_GONE = "Slack no longer has the words of this message. `/action list mine` shows your open actions."
MOST_TOGETHER = 20  # actions, or panels, in one message: two blocks each, of fifty


def given(work: Work, payloads: Sequence[Mapping[str, Any]]) -> Outgoing | None:
    """Return one message to a holder about new actions, without those they no longer hold or may not see."""
    actor = actor_of(work, payloads[0]["person_id"])
    if actor is None:
        return None
    numbers = [payload["action_id"] for payload in payloads]
    found = actions_held(work, actor, numbers)
    if not found:
        return None
    text, blocks, shown = actions_views.given(found)
    told = {action.id for action in found[:shown]}
    waiting = {action.id for action in found[shown:]}
    note_sent(work, actor, found[:shown])
    return Outgoing(
        PostToPerson(actor.team_id, actor.user_id, text, blocks),
        dropped=tuple(at for at, number in enumerate(numbers) if number not in told | waiting),
        waiting=tuple(at for at, number in enumerate(numbers) if number in waiting),
    )


def welcomed(work: Work, payloads: Sequence[Mapping[str, Any]]) -> Outgoing | None:
    """Return one message that welcomes a new representative to all panels that they joined at the same time."""
    actor = actor_of(work, payloads[0]["person_id"])
    numbers = [payload["panel_id"] for payload in payloads]
    found = None if actor is None else compose_welcome(work, actor, numbers)
    if actor is None or found is None:
        return None
    told = {one.panel_id for one in found.panels}
    return Outgoing(
        PostToPerson(actor.team_id, actor.user_id, *people_views.welcome(found)),
        dropped=tuple(at for at, number in enumerate(numbers) if number not in told),
    )


def nrm_awaited(work: Work, payloads: Sequence[Mapping[str, Any]]) -> Outgoing | None:
    """Return one message to a person about all NRM decisions of which they are reminded at the same time."""
    actor = actor_of(work, payloads[0]["person_id"])
    asked = [(payload["referral_id"], payload["grounds"]) for payload in payloads]
    found = () if actor is None else compose_awaited(work, actor, asked)
    if actor is None or not found:
        return None
    told = {(one.referral_id, one.awaited.grounds) for one in found}
    return Outgoing(
        PostToPerson(actor.team_id, actor.user_id, *nrm_views.awaited(found)),
        dropped=tuple(at for at, one in enumerate(asked) if one not in told),
    )


@for_person
def extension_asked(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the message that asks a chair to grant or refuse more time, or None if they may not see the action."""
    found = extension_asked_for(work, actor, payload["action_id"], payload["event_id"], Verb.CONFIRM_ACTIONS)
    if found is None:
        return None
    note_sent(work, actor, [found.action])
    return to_them(actor, *actions_views.extension_asked(found, payload["event_id"]))


def _digest(work: Work, actor: Actor, on: str) -> Digest | None:
    """Return one day's reminders to a person, or None if all actions of that day have been dealt with."""
    found = compose_digest(work, actor, date.fromisoformat(on))
    return found if found.lines else None


@for_person
def of_meeting(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the message to a holder about actions given to them at a meeting, or None if no such action is left."""
    since = payload.get("since")
    after = datetime.fromisoformat(since) if since else None
    title, actions = actions_of_meeting(work, actor, payload["meeting_id"], after)
    if not actions:
        return None
    note_sent(work, actor, actions)
    return to_them(actor, *actions_views.given_at_meeting(title, actions))


@for_person
def agenda_published(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the published agenda as a member may see it, or None if nothing in it is new to this member."""
    version = payload.get("version")
    agenda = agenda_of_meeting(work, actor, payload["meeting_id"], Page(0, LINES), version=version)
    if agenda is None:
        return None
    asked = return_prompts.asked_with_agenda(work, actor, agenda.meeting_id)
    work.audit("send", "agenda", agenda.meeting_id, actor_id=actor.person_id)
    return to_them(actor, *agenda_views.published(agenda, returns_views.asked(asked) if asked else ()))


@for_person
def flag_triaged(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """Return the message to a flagger about the chair's decision on a flag."""
    flag, reason = triaged_flag_for_notice(work, actor, payload["flag_id"])
    work.audit("send", "case", flag.case_id, actor_id=actor.person_id)
    return to_them(actor, *cases_views.triaged_notice(flag, reason))


@for_person
def flag_withdrawn(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the message saying that a flag was withdrawn, or None if the flag is no longer withdrawn."""
    found = withdrawal_for_notice(work, actor, payload["flag_id"])
    if found is None:
        return None
    work.audit("send", "case", found.flag.case_id, actor_id=actor.person_id)
    return to_them(actor, *cases_views.withdrawn_notice(found))


@for_person
def closed_flag(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """Return the message to a reader of a closed item: a person who can't see the item flagged the same case."""
    flag = closed_flag_for_notice(work, actor, payload["flag_id"])
    work.audit("send", "case", flag.case_id, actor_id=actor.person_id)
    return to_them(actor, *cases_views.closed_notice(flag))


def _held(work: Work, actor: Actor, recusal_id: int, panel_id: int) -> InterestView | None:
    """Return a declared interest with the actions that the member still holds on the case, or None if none are held."""
    found = held_for_notice(work, actor, recusal_id, panel_id)
    return found if found.held else None


#: Changes of a meeting after which the answers to its invitation still count.
_ASKING_NOTHING: Final = (MeetingChange.ELSEWHERE, MeetingChange.LENGTHENED)


@for_person
def meeting_notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the message about a changed meeting, or None if the meeting was cancelled or reinstated since."""
    kind = MeetingChange(payload["notice"])
    meeting, reason = meeting_for_notice(work, actor, payload["meeting_id"])
    if (meeting.state is MeetingState.CANCELLED) != (kind is MeetingChange.CANCELLED):
        return None
    text, blocks = diary_views.notice(meeting, kind, reason)
    # A change of venue or end asks for no new answer. The first message still has its buttons, and shows the change.
    asks = None if kind in _ASKING_NOTHING else question_for_notice(work, actor, payload["meeting_id"])
    return to_them(actor, text, (*blocks, *invitations_views.under_notice(asks, payload["meeting_id"])))


def board_posted(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return a new board for the bottom of the panel's channel, or None if the board was posted again since."""
    meeting_id = payload["meeting_id"]
    found = None if is_overtaken(work, meeting_id, payload["post"]) else compose_board(work, meeting_id)
    return None if found is None else _board(work, payload["channel_id"], found)


def board_changed(work: Work, payloads: Sequence[Mapping[str, Any]]) -> Outgoing | None:
    """Return the redrawn board, once for all queued changes, or None if a new board is about to be posted."""
    meeting_id = payloads[-1]["meeting_id"]
    found = compose_board(work, meeting_id)
    if found is None or is_post_coming(work, meeting_id):
        return None
    place = place_of_board(work, meeting_id)
    if place is None or place.channel_id != found.channel_id:  # not known to be in Slack, or in another channel
        return _board(work, found.channel_id, found)
    if found.is_shared:
        return None
    text, blocks = board_views.board(found)
    return Outgoing(Rewrite(place.channel_id, place.ts, text, blocks, is_for_panel=True, board_of=meeting_id))


def _board(work: Work, channel_id: str, found: BoardView) -> Outgoing:
    return to_panel(work, channel_id, *board_views.board(found), board_of=found.meeting_id)


def board_removed(_work: Work, payload: Mapping[str, Any]) -> Outgoing:
    """Return the call that deletes a board from its channel after a newer board was posted."""
    return Outgoing(Delete(payload["channel_id"], payload["ts"]))


@for_person
def invitation(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the invitation to a meeting, or None if the meeting was moved or cancelled."""
    view = compose_invitation(work, actor, payload["meeting_id"], payload["at"])
    return None if view is None else to_them(actor, *invitations_views.invitation(view, flags=payload["flags"]))


def _unanswered(work: Work, actor: Actor, meeting_id: int, at: int) -> InvitationView | None:
    """Return the invitation for a reminder, or None if it has been answered."""
    view = compose_invitation(work, actor, meeting_id, at)
    return None if view is None or view.reply is not None else view


@for_person
def answered(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the invitation rewritten with its answer, or None if the meeting has moved or its message isn't known."""
    view = answer_for_message(work, actor, payload["meeting_id"], payload["at"])
    # The invitation was sent before this effect of the same lane, so its place is known. Effects of version 0.1 named
    # that place instead of the message. They are dropped, since a click on the old buttons shows the answer too.
    sent = sent_message(work, payload["message"]) if "message" in payload else None
    if view is None or sent is None:
        return None
    return Outgoing(Rewrite(sent.channel_id, sent.ts, *invitations_views.invitation(view)))


@for_person
def overtaken(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return an earlier message rewritten for a meeting's new date or state, or None once the meeting is over."""
    sent = sent_message(work, payload["message"])
    found = look_again(work, actor, sent.meeting_id, sent.at) if sent is not None else None
    if sent is None or found is None:
        return None
    said = invitations_views.overtaken(found) or _as_it_is(work, actor, sent, found)
    return Outgoing(Rewrite(sent.channel_id, sent.ts, *said))


def _as_it_is(work: Work, actor: Actor, sent: SentMessage, found: Overtaken) -> Said:
    """Return an earlier message about a meeting as it now reads, after the meeting was reinstated or held elsewhere."""
    view = found.invitation
    if sent.kind == Notice.STAND_IN:
        return invitations_views.stand_in(standing_in(work, actor, found.meeting_id))
    if sent.kind == Notice.QUORUM:
        warned = compose_warning(work, actor, found.meeting_id, sent.at)
        return invitations_views.meets(found) if warned is None else invitations_views.warning(warned)
    asked_nothing = sent.kind == Notice.MEETING_NOTICE and not found.is_asked
    if view is None or asked_nothing or sent.notice in {MeetingChange.CANCELLED, *_ASKING_NOTHING}:
        return invitations_views.meets(found)
    again = sent.kind in (Notice.REPLY_REMINDER, Notice.DEPUTY_AWAY) and view.reply is None
    return invitations_views.invitation(view, flags=sent.says_flags_open, again=again)


def words_taken_out(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return a message from version 0.1 as this version would send it, without the words that people wrote.

    If the message can't be rendered any longer, return one that says only where to look.
    """
    sent = find_sent(work.session, payload["messages"])
    kind = notice_of(sent[0].kind) if sent else None
    if kind is None:
        return None
    renderer = RENDERERS[kind]
    facts = [one.payload for one in sent]
    try:
        again = renderer.render(work, facts) if isinstance(renderer, Gathering) else renderer(work, facts[0])
    except PanelbotError:
        again = None
    call = again.call if again is not None else None
    said: Said = (_WORDS_GONE, (section(_WORDS_GONE),))
    if isinstance(call, PostToPerson):
        said = call.text, call.blocks
    return Outgoing(Rewrite(sent[0].channel_id, sent[0].ts, *said))


def file_removed(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the call that removes a file from Slack, or None if the file is removed already."""
    slack_id = file_to_remove(work, payload["file_id"])
    return None if slack_id is None else Outgoing(RemoveFile(slack_id))


def channel_look(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the call that reads who is in a panel's channel, or None if the panel has ended or has no channel."""
    found = channel_to_look_at(work, payload["panel_id"])
    if found is None:
        return None
    return Outgoing(LookAtMembers(payload["panel_id"], found.channel_id, found.expected, found.known))


@for_person
def export_changed(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return an export's message rewritten with the export's progress, or None if the message isn't known."""
    found = exporting.export_to_show(work, actor, payload["export_id"])
    return None if found is None else Outgoing(Rewrite(found.channel_id, found.ts, *export_views.shown(found.export)))


@for_person
def deputy_named(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the message to a member or deputy about who stands in for the member, or None if nobody does now."""
    found = deputyship_for_notice(work, actor, payload["places"])
    if found is None:
        return None
    is_deputy = any(place.person_id == actor.person_id for place in found.places)
    return to_them(actor, *people_views.deputy_named(found, is_deputy=is_deputy))


#: A message to the new holder about everything that a colleague handed over and that they still hold.
handed_over = message(handover_for_notice, people_views.handed_over, sends=lambda found: found.actions)
#: A message to a co-ordinator that an account was switched off, and who holds that person's work now.
person_left = message(left_for_notice, people_views.account_off)
#: A message to a co-ordinator that a person's account is switched on again.
account_back = message(back_for_notice, people_views.account_on, "left_id")


#: The renderer of each notice. It runs when the notice is sent and checks access again.
RENDERERS: Final[Mapping[Notice, Renderer]] = {
    Notice.RESPONSE: render_response,
    Notice.ACTION_HINT: hint,
    Notice.HOME: home,
    Notice.AGENDA_FILE: paper(Notice.AGENDA_FILE, agenda_document, "agenda", "meeting_id"),
    Notice.BOARD_CHANGED: Gathering(board_changed, most=100, rest=0.0),  # the pause of the channel's lane is enough
    Notice.BOARD_POSTED: board_posted,
    Notice.BOARD_REMOVED: board_removed,
    Notice.CALENDAR_FILE: paper(Notice.CALENDAR_FILE, calendar_document, "calendar", "meeting_id"),
    Notice.EXPORT_FILE: paper(Notice.EXPORT_FILE, exporting.export_document, "export", "export_id"),
    Notice.EXPORT_BEGUN: message(exporting.export_for_notice, export_views.shown, "export_id"),
    Notice.EXPORT_CHANGED: export_changed,
    Notice.EXTRACT_FILE: paper(Notice.EXTRACT_FILE, extract_document, "case", "case_id", "panel_id", "meeting_id"),
    Notice.GRID_FILE: paper(Notice.GRID_FILE, grid_document, "return", "meeting_id"),
    Notice.MINUTES_FILE: paper(Notice.MINUTES_FILE, minutes_document, "minutes", "minutes_id"),
    Notice.ANNEX_FILE: paper(Notice.ANNEX_FILE, annex_document, "minutes", "minutes_id"),
    Notice.PACK_FILE: paper(Notice.PACK_FILE, pack_document, "minutes", "minutes_id", "agency_id"),
    Notice.SUMMARY_FILE: paper(Notice.SUMMARY_FILE, summary_document, "summary", "meeting_id"),
    Notice.TRACKER_FILE: paper(Notice.TRACKER_FILE, log_document, "tracker", "panel_id", "agency_id", "holder_id"),
    Notice.ACCESS_CHANGED: message(closed_items.change_for_notice, closed_views.told, "event_id"),
    Notice.ACCOUNT_BACK: account_back,
    Notice.ACTION_CHANGED: message(
        change_for_notice, answer_views.changed, "action_id", "event_id", sends=lambda found: [found.action]
    ),
    Notice.ACTION_GIVEN: Gathering(given, most=MOST_TOGETHER),
    Notice.AGENDA_PUBLISHED: agenda_published,
    Notice.AMENDMENT_ASKED: message(amending.slip_for_notice, slip_views.asked, "slip_id"),
    Notice.AGREEMENT_REVIEW: message(agreement_for_notice, people_views.agreement_review, "agency_id", "on"),
    Notice.ANSWERED_FOR_YOU: message(answer_for_message, invitations_views.answered_for, "meeting_id", "at"),
    Notice.ATTENDANCE_CHANGED: message(
        compose_changed_attendance, undo_views.changed_attendance, "meeting_id", "act", "people", "guests"
    ),
    Notice.CASE_OUTCOMES: message(outcomes_for, meeting_views.outcomes, "meeting_id"),
    Notice.CASES_SENT: message(compose_sent, agenda_views.sent, "meeting_id", "flags"),
    Notice.CHANNEL_GUESTS: message(guests_for_notice, diary_views.channel_guests, "panel_id", "users"),
    Notice.CHANNEL_LOOK: channel_look,
    Notice.CHANNEL_SHARED: message(shared_for_notice, diary_views.channel_shared, "panel_id"),
    Notice.CLOSED_FLAG: closed_flag,
    Notice.DEPUTY_AWAY: message(_unanswered, invitations_views.deputy_away, "meeting_id", "at"),
    Notice.DEPUTY_NAMED: deputy_named,
    Notice.DIARY_NOTICE: message(diary_for_notice, diary_views.diary_notice, "panel_id", "changes", "series_id"),
    Notice.ENTRY_CHANGED: message(compose_changed, undo_views.changed, "item_id", "changed_by_id"),
    Notice.EXTENSION_ANSWERED: message(
        partial(extension_asked_for, verb=Verb.SEE_ACTIONS),
        actions_views.extension_answered,
        "action_id",
        "event_id",
        sends=lambda found: [found.action],
    ),
    Notice.EXTENSION_ASKED: extension_asked,
    Notice.FLAG_TRIAGED: flag_triaged,
    Notice.FLAG_WITHDRAWN: flag_withdrawn,
    Notice.HANDED_OVER: handed_over,
    Notice.INTEREST_HOLDS: message(_held, interest_views.needs_holder, *_INTEREST, sends=lambda found: found.held),
    Notice.INTEREST_NOTED: message(partial(interest_for_notice, withdrawn=False), interest_views.noted, *_INTEREST),
    Notice.INTEREST_WITHDRAWN: message(partial(interest_for_notice, withdrawn=True), interest_views.noted, *_INTEREST),
    Notice.LATE_FLAG: message(compose_late, agenda_views.late, "flag_id"),
    Notice.MEETING_ACTIONS: of_meeting,
    Notice.MEETING_LEFT_OPEN: message(compose_left_open, closing_views.left_open, "meeting_id"),
    Notice.MEETING_NOTICE: meeting_notice,
    Notice.MINUTES_AMENDED: message(amending.slip_for_notice, slip_views.told, "slip_id"),
    Notice.MINUTES_ANNEX: message(approving.annex_for_notice, minutes_views.annex, "minutes_id"),
    Notice.MINUTES_CORRECTED: message(
        correcting.corrected_for_notice, look_views.corrected, "minutes_id", "item_id", "by_id"
    ),
    Notice.MINUTES_DRAFTED: message(approving.draft_for_notice, minutes_views.to_look_at, "minutes_id"),
    Notice.MINUTES_SENT_BACK: message(approving.remarks_on, minutes_views.was_sent_back, "minutes_id"),
    Notice.MINUTES_APPROVED: message(minutes_for_notice, minutes_views.told, "minutes_id"),
    Notice.PANEL_ENDED: message(compose_end, diary_views.ended, "panel_id", "flags", "meetings"),
    Notice.PERSON_LEFT: person_left,
    Notice.PLACES_GIVEN: message(given_for_notice, people_views.places_given, "panel_id", "places", "by_id"),
    Notice.QUORUM: message(compose_warning, invitations_views.warning, "meeting_id", "at"),
    Notice.TRANSFER_DECIDED: message(transfer_for_notice, closing_views.transfer_decided, "meeting_id", "panel_id"),
    Notice.REFERENCES_MERGED: message(merge_for_notice, merge_views.told, "case_id"),
    Notice.STAND_IN: message(standing_in, invitations_views.stand_in, "meeting_id"),
    Notice.DIGEST: message(
        _digest, actions_views.digest, "on", sends=lambda found: [line.action for line in found.lines]
    ),
    Notice.ASSESSMENTS_PROMPT: message(compose_assessments, cases_views.assessments_missing),
    Notice.NRM_AWAITED: Gathering(nrm_awaited, most=MOST_TOGETHER),
    Notice.INVITATION: invitation,
    Notice.PROMPT: message(
        lambda work, actor, meeting_id, kind, on: prompts.compose_prompt(
            work, actor, meeting_id, PromptKind(kind), date.fromisoformat(on)
        ),
        diary_views.prompt,
        "meeting_id",
        "prompt",
        "deadline_on",
    ),
    Notice.REVIEWS_PROMPT: message(compose_reviews, review_views.asked, "meeting_id"),
    Notice.REPLY_REMINDER: message(_unanswered, partial(invitations_views.invitation, again=True), "meeting_id", "at"),
    Notice.RETURNS_PROMPT: message(
        lambda work, actor, meeting_id, on: return_prompts.compose_prompt(
            work, actor, meeting_id, date.fromisoformat(on)
        ),
        returns_views.prompt,
        "meeting_id",
        "due_on",
    ),
    Notice.URGENT_FLAG: message(sooner.compose_urgent, sooner_views.urgent, "flag_id"),
    Notice.HEARD_SOONER: message(sooner.sooner_flag_for_notice, sooner_views.told, "flag_id", "meeting_id"),
    Notice.WELCOME: Gathering(welcomed, most=MOST_TOGETHER),
    Notice.INVITATION_ANSWERED: answered,
    Notice.WORDS_TAKEN_OUT: words_taken_out,
    Notice.FILE_REMOVED: file_removed,
    Notice.MESSAGE_OVERTAKEN: overtaken,
}
if set(Notice) != set(RENDERERS):
    raise Misconfigured(f"Nothing puts {min(set(Notice) - set(RENDERERS))} into words.")
