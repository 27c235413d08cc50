"""The buttons of invitations, `/meeting reply` and `/meeting replies`: answers, lists of replies, reminders."""

import re
from datetime import date
from functools import partial

from bot.domain.language.day_words import WEEKDAY_OF, any_of
from bot.domain.language.diary_words import read_days
from bot.domain.language.person_names import MENTION
from bot.domain.language.pictures import THUMB_UP, without_pictures
from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import Reply as Answer
from bot.records.access.queries import Where
from bot.records.invitations.changes import InvitationView
from bot.services.invitations import answering, replies
from bot.services.rescheduling import meetings
from bot.slack.blocks import moment, notice
from bot.slack.invitations import views as invitations_views
from bot.slack.invitations.answers import (
    ANSWERS,
    AWAY,
    COMING_ON,
    FOR_A_DAY,
    FOR_MEMBER,
    ONLY_LATE,
    ONLY_SORRY,
    SEVERAL,
    SURELY_COMING,
    about_first,
)
from bot.slack.meant import MOST_OFFERS
from bot.slack.registry import Noun, Verb
from bot.slack.request import LATEST, Reply, Request, TypedAgain, for_number, for_panel, offering, take_panel, unread
from bot.slack.rescheduling import views as rescheduling_views
from bot.slack.typed import is_question, plain, take_mention


def _coming(request: Request) -> Reply:
    found = request.do(answering.reply_to, *request.two_numbers(), Answer.COMING)
    if request.is_from("modal"):
        return Reply(next_view=notice(invitations_views.answered(found), title="Done"))
    return request.shown(invitations_views.invitation(found.invitation), replaces=True)


def _change(request: Request) -> Reply:
    view = request.do(answering.invitation_of, *request.two_numbers())
    if request.is_from("home"):
        return Reply(modal=invitations_views.changing_form(view))
    return request.shown(invitations_views.changing(view), replaces=True)


def _leave(request: Request) -> Reply:
    view = request.do(answering.invitation_of, *request.two_numbers())
    return request.shown(invitations_views.invitation(view), replaces=True)


def _deputy(request: Request) -> Reply:
    return request.shown(invitations_views.deputy_form(request.do(answering.deputy_form, *request.two_numbers())))


def _apologies(request: Request) -> Reply:
    view, before = request.do(answering.apologies_form, *request.two_numbers())
    return request.shown(invitations_views.apologies_form(view, before))


def _answered(request: Request, answer: Answer) -> Reply:
    """Record an answer from an invitation's form: a deputy, or apologies with information from the absent agency."""
    found = request.do(
        answering.reply_to,
        request.metadata.number("meeting"),
        request.metadata.number("at", most=LATEST),
        answer,
        deputy=request.field("deputy"),
        information=request.field("information"),
    )
    return Reply(text=invitations_views.answered(found))


def _clicked_replies(request: Request) -> Reply:
    return Reply(modal=invitations_views.replies(request.do(replies.show_replies, Where(), request.number())))


def _move(request: Request) -> Reply:
    view = request.do(replies.show_replies, Where(), request.number())
    found = request.do(meetings.meetings_to_change, Where(panel_key=view.panel_key))
    this_first = sorted(found, key=lambda one: one.id != view.meeting_id)
    return Reply(modal=rescheduling_views.move_form(this_first, view.panel_title, {"panel": view.panel_key}))


NOUN = Noun(
    clicks={
        "invitation.coming": _coming,
        "invitation.change": _change,
        "invitation.leave": _leave,
        "invitation.deputy": _deputy,
        "invitation.apologies": _apologies,
        "invitation.replies": _clicked_replies,
        "invitation.remind": for_number(replies.remind, invitations_views.replies),
        "invitation.move": _move,
    },
    submissions={
        "invitation.deputy": partial(_answered, answer=Answer.DEPUTY),
        "invitation.apologies": partial(_answered, answer=Answer.APOLOGIES),
    },
    reads=frozenset({"invitation.replies"}),
)


def _reply(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.SEE_DIARY)
    text = about_first(request, without_pictures("yes" if THUMB_UP.fullmatch(text.strip()) else text))
    if several := SEVERAL.search(text):
        before, after = text[: several.start()], text[several.end() :]
        lines = [f"/meeting reply {before} for {one}{after}" for one in re.findall(MENTION, several[0])]
        raise TypedAgain(
            "One person at a time. Should I record the same for each?", [("Each of them", "\n".join(lines))]
        )
    found = FOR_MEMBER.search(text)
    member, text = (found[1], f"{text[: found.start()]}{text[found.end() :]}".strip()) if found else (None, text)
    if where.panel_key is None:
        where, text = take_panel(request, text, May.SEE_DIARY)
    text = f"coming, {text}" if ONLY_LATE.fullmatch(text) else text
    matches = ((answer, shape.fullmatch(text)) for answer, shape in ANSWERS.items())
    answer, said = next(((answer, said) for answer, said in matches if said), (None, None))
    if answer is None and (dated := COMING_ON.fullmatch(text)):
        answer, said = Answer.COMING, ANSWERS[Answer.COMING].fullmatch(dated["coming"])
        on = read_days(dated["day"], request.work.now.date())[1]
    else:
        on = None
    if answer is None or said is None:
        is_away = AWAY.search(text) and not SURELY_COMING.match(text)
        asks = ["/panel next"] if is_question(text) and len(text.split()) > _FEW else []
        likely = [f"apologies \u2013 {text}", "coming"] if is_away else ["coming", "apologies"]
        with offering(*asks, *(f"/meeting reply {one}" for one in likely[: MOST_OFFERS - len(asks)])):
            raise unread(
                text if " " in text else "",
                f"Are you coming, sending a deputy, or sending apologies? {_REPLY.how_to('/meeting')}",
            )
    rest = said["rest"] if answer is not Answer.COMING else ""
    if day := FOR_A_DAY.match(rest):
        with offering(f"/meeting reply {answer.value if answer is not Answer.DEPUTY else 'deputy'}"):
            raise Mistake(
                f"This answers for the next meeting, and I can't tell whether that is on “{plain(day['day'])}”. "
                "Leave the day out if it is. For a later meeting, answer its invitation."
            )
    deputy = take_mention(rest)[0] if answer is Answer.DEPUTY else None
    if answer is Answer.APOLOGIES and member is None and re.match(MENTION, rest):
        member, rest = take_mention(rest)  # "apologies @sam, on leave"
    if answer is Answer.DEPUTY and deputy is None:
        raise Mistake("Who comes instead? Type `/meeting reply deputy @name`.")
    answered = request.do(
        answering.reply_to_next,
        where,
        answer,
        deputy=deputy,
        information=plain(rest) if answer is Answer.APOLOGIES and not ONLY_SORRY.fullmatch(rest) else "",
        for_user=member,
    )
    _refuse_other_day(request.text, answered.invitation, on)
    late = said["late"] if answer is Answer.COMING else None
    return Reply(text=invitations_views.answered(answered) + (_NOT_LATE.format(plain(late)) if late else ""))


_FEW = 2  #: words of an answer with a question mark, such as "yes?"
_ON_DAY = re.compile(rf"\b(?:make|do|on|this)\s+(?P<weekday>{any_of(WEEKDAY_OF)})\b", re.IGNORECASE)


def _refuse_other_day(text: str, invitation: InvitationView, on: date | None) -> None:
    """Raise Mistake if the typed answer names a weekday or a day (`on`) other than the next meeting's.

    The error undoes the answer, which was recorded in the same transaction.
    """
    found = _ON_DAY.search(text)
    is_other = on is not None and on != invitation.starts_at.date()
    if is_other or (found is not None and WEEKDAY_OF[found["weekday"].lower()] != invitation.starts_at.weekday()):
        raise Mistake(
            f"The next meeting is on {moment(invitation.starts_at)}, so I recorded nothing. "
            "Leave the day out if you mean that one. For a later meeting, answer its invitation."
        )


_NOT_LATE = "\nI didn't record “{}”: tell the chair."
_REPLY = Verb("reply", "coming, deputy @name, or apologies [WORDS] [for @name]", "say who comes", "coming", _reply)
BEFORE_VERBS = (
    _REPLY,
    Verb(
        "replies",
        "[panel]",
        "show who is coming, and whether the meeting will be quorate",
        "",
        for_panel(replies.show_replies, invitations_views.replies),
        reads=True,
        offered_for=("who", "whos", "who's", "who\u2019s"),
    ),
)
