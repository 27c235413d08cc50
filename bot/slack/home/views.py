"""App Home by role. Each part has a heading and its own pages, so that all parts fit Slack's 100 blocks."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from typing import Any, TypeVar

from bot.domain.deadlines import Lateness
from bot.domain.minutes import approved_by
from bot.models.vocabulary import ActionState, Reply
from bot.records.actions.queries import ActionView
from bot.records.home.queries import HeldMeeting
from bot.services.actions.tracker import ActionList
from bot.services.home.overview import (
    ACTIONS_SHOWN,
    ChairCard,
    FlagToChange,
    Glance,
    HomeView,
    LateItem,
    OfTheDay,
    PanelCard,
)
from bot.services.home.undelivered import SHOWN as STRANDED
from bot.services.home.undelivered import Stranded
from bot.slack import pages
from bot.slack.actions.views import (
    EMPTY_FORM,
    accept_button,
    accept_shown,
    give_button,
    line,
    open_button,
    send_back_button,
    told,
)
from bot.slack.actions.views import answers as action_answers
from bot.slack.agenda.returns_views import make_returns
from bot.slack.blocks import (
    NOT_FOR_EMERGENCIES,
    VIEW_BLOCKS,
    button,
    buttons,
    context,
    counted,
    cut,
    day,
    divider,
    escape,
    header,
    how_many_fit,
    modal,
    moment,
    section,
    sure,
)
from bot.slack.cases.flag_views import ANY_PANEL, flag_button
from bot.slack.cases.review_views import on_home
from bot.slack.diary.views import meetings_not_held
from bot.slack.invitations.views import answers
from bot.slack.meeting.statement_views import here_button
from bot.slack.pages import earlier_later, page_of
from bot.slack.request import Block, View
from bot.store.slack_methods import Alarm

_Row = TypeVar("_Row")

#: How many rows of each part fit a page, so that all parts with buttons and headings stay within 100 blocks.
PANELS, CHAIRED, LATE, DIARY = 5, 5, 8, 5
#: The most buttons of one kind in the top row. Panels left out of the row have the button on their own card.
ALIKE = 5


#: The page of each part of Home that a person has turned to, kept in the view's metadata.
Places = Mapping[str, int]


def _paged(
    part: str, rows: Sequence[_Row], most: int, turned: Places, show: Callable[[_Row], Iterable[Block]]
) -> list[Block]:
    """Return one page of a part of Home, with buttons to the earlier and later pages."""
    first, shown = page_of(rows, turned.get(part, 0), most)
    blocks = [block for row in shown for block in show(row)]
    return [*blocks, *earlier_later("home.turn", part, len(rows), first, most)]


_REPLIED = {Reply.COMING: "you are coming", Reply.DEPUTY: "your deputy comes", Reply.APOLOGIES: "you sent apologies"}


def panels(cards: Sequence[PanelCard], turned: Places) -> list[Block]:
    """Return the reader's panels, soonest meeting first, with the number of invitations and returns to answer."""
    waits = sum(card.may_reply and card.reply is None for card in cards)
    owed = sum(card.returns_owed for card in cards)
    blocks: list[Block] = [header("Your next meetings")]
    if waits or owed:
        said = [counted(waits, "invitation")] if waits else []
        said += [counted(owed, "return")] if owed else []
        blocks.append(context(f"Waiting for your answer: {', '.join(said)}."))
    return [*blocks, *_paged("panels", cards, PANELS, turned, lambda one: _with(_card(one), _card_buttons(one)))]


def diary(cards: Sequence[PanelCard], turned: Places) -> list[Block]:
    """Return the panels whose diary the reader keeps, each with its next meeting."""

    def show(card: PanelCard) -> list[Block]:
        return [section(_card(card), next(iter(_card_buttons(card)), None))]

    return [header("Your panels' next meetings"), *_paged("diary", cards, DIARY, turned, show)]


def _card_buttons(card: PanelCard, style: str | None = "primary") -> list[Block]:
    under = f"{card.meeting_id}:{card.at}"
    made = []
    if card.may_reply and card.reply is None:
        made += answers(under, may_send_deputy=card.may_send_deputy, style=style)
    elif card.may_reply:
        made.append(button("Change my answer", "invitation.change", under))
    if card.returns_owed:
        made.append(make_returns(card.meeting_id))
    return made


def _with(text: str, made: Sequence[Block]) -> list[Block]:
    return [section(text), buttons(*made)] if made else [section(text)]


def _card(card: PanelCard) -> str:
    roles = ", ".join(role.label for role in card.roles) or "administrator"
    where = f" in <#{card.channel_id}>" if card.channel_id else ""
    lines = [f"*{escape(card.title)}*{where} · {roles}", _when(card)]
    if card.returns_owed:
        lines.append(f"{counted(card.returns_owed, 'return')} to make for your agency")
    return "\n".join(lines)


def _when(card: PanelCard) -> str:
    if card.is_open:
        return "*The meeting is being held now.*"
    if card.next_at is None:
        return "No meeting in the diary."
    said = f"Next {moment(card.next_at)}" + (f", {escape(card.venue)}" if card.venue else "")
    if card.reply is not None:
        return f"{said} · {_REPLIED[card.reply]}"
    return f"{said} · *please answer the invitation*" if card.may_reply else said


def own_flags(found: Sequence[FlagToChange]) -> list[Block]:
    """Return a person's own flags before triage, with buttons to correct them."""
    shown, more = found[:ALIKE], len(found) - ALIKE
    listed = "; ".join(f"{escape(one.reference)}, {escape(one.panel_title)}, {day(one.meeting_at)}" for one in shown)
    rest = f"; {more} more, by `/case edit REFERENCE`" if more > 0 else ""
    edits = [button(f"Edit {one.reference}", "case.edit", f"{one.panel_key}:{one.reference}") for one in shown]
    return [section(f"*Your flags that still need triage:* {listed}{rest}."), buttons(*edits)]


def chairing(cards: Sequence[ChairCard], turned: Places) -> list[Block]:
    """Return the panels that the reader chairs, each with the chair's open tasks first, then invitations and quorum."""
    blocks = _paged("chairing", cards, CHAIRED, turned, lambda one: _with(_chaired(one), _chair_buttons(one)))
    return [header("Panels you chair"), *blocks]


def _chaired(card: ChairCard) -> str:
    lines = [_card(card.panel)]
    waits = []
    if card.waiting:
        waits.append(f"{counted(card.waiting, 'case needs', 'cases need')} triage")
    if card.gaps:
        waits.append(f"{counted(card.gaps, 'return')} missing")
    if card.to_confirm:
        waits.append(f"{counted(card.to_confirm, 'reported action')} to answer")
    if waits:
        lines.append(" · ".join(waits))
    if card.overdue:
        agencies = ", ".join(f"{escape(agency)} {count}" for agency, count in card.overdue[:6])
        more = f" and {len(card.overdue) - 6} more" if len(card.overdue) > 6 else ""
        lines.append(f":red_circle: overdue actions: {agencies}{more}")
    if card.forecast and not card.panel.is_open:
        lines.append(escape(card.forecast))
    if card.to_approve:
        lines.append(f"Minutes to approve: {', '.join(day(at.date()) for at in card.to_approve[:4])}")
    for at, names in card.by_others[:4]:
        lines.append(f"You drafted the minutes of {day(at.date())}. {approved_by([escape(name) for name in names])}")
    if card.not_held:
        lines.append(meetings_not_held([at for _, at in card.not_held]))
    if not card.waits:
        lines.append("Nothing to do.")
    return "\n".join(lines)


def _chair_buttons(card: ChairCard) -> list[Block]:
    key = card.panel.key
    made = [button("Triage", "home.triage", key, style="primary")] if card.waiting else []
    if card.gaps:
        made.append(button("Returns", "returns.gaps", card.panel.meeting_id))
    if card.to_confirm:
        made.append(button("Reported actions", "home.confirm", key))
    if card.not_held:
        made.append(button(_BECAME, "panel.not_held", f"{key}:{card.not_held[0][0]}"))
    if card.to_approve:
        at = card.to_approve[0]
        on = at.date()
        text = f"{card.panel.title}, {day(on)}. Approved minutes never change. I'll tell members."
        confirm = sure("Approve the minutes?", text, "Approve")
        label = f"Approve minutes of {on.day} {on:%B}"
        made.append(button(label, "home.approve", f"{key}:{at:%Y-%m-%d %H:%M}", confirm=confirm))
    made += _card_buttons(card.panel, style=None if made else "primary")  # what other people wait for comes first
    if card.forecast and not card.panel.is_open:
        made.append(button("Replies", "invitation.replies", card.panel.meeting_id))
    return made


_BECAME = "What happened?"
_LATE: dict[Lateness, tuple[Callable[[LateItem], str], str, str]] = {
    Lateness.TRIAGE: (
        lambda one: f"flags closed on {day(one.since)}, {counted(one.count, 'case needs', 'cases need')} triage",
        "Remind the chair",
        "home.nudge",
    ),
    Lateness.AGENDA: (lambda one: f"the agenda is not published, due {day(one.since)}", "Publish", "home.publish"),
    Lateness.SUMMARY: (
        lambda one: f"decisions and actions are not out, due {day(one.since)}",
        "Draft the minutes",
        "home.draft",
    ),
    Lateness.DRAFT: (lambda one: f"no draft minutes, due {day(one.since)}", "Draft the minutes", "home.draft"),
    Lateness.APPROVAL: (
        lambda one: f"the minutes are not approved, due {day(one.since)}",
        "Send the draft again",
        "home.resend",
    ),
    Lateness.RECEIPT: (
        lambda one: (
            f"{counted(one.count, 'member has', 'members have')} not acknowledged the minutes, due {day(one.since)}"
        ),
        "Who has them?",
        "minutes.receipts",
    ),
    Lateness.NOT_HELD: (lambda _: "*not held*, nobody opened it", _BECAME, "panel.not_held"),
    Lateness.EMPTY: (
        lambda one: "the diary is running out of meetings" if one.meeting_at else "no meeting is in the diary",
        "Add meetings",
        "home.series",
    ),
}


def late_in_diary(items: Sequence[LateItem], turned: Places) -> list[Block]:
    """Return what is late in the diary, each line with a button to deal with it."""
    if not items:
        return [header("Your diary"), section("Nothing is late.")]
    return [header(f"Late in your diary ({len(items)})"), *_paged("late", items, LATE, turned, _late_line)]


def _late_line(one: LateItem) -> list[Block]:
    says, label, action = _LATE[one.kind]
    when = f", {moment(one.meeting_at)}" if one.meeting_at else ""
    confirm = None
    if one.kind is Lateness.AGENDA:
        text = f"{one.panel_title}: I'll compile the agenda as it is now, and tell members."
        confirm = sure("Publish the agenda?", text, "Publish")
    mend = button(label, action, f"{one.panel_key}:{one.meeting_id}", confirm=confirm)
    return [section(f"*{escape(one.panel_title)}*{when}: {says(one)}", mend)]


#: Slack's error codes in words, for refusals that a co-ordinator can do something about.
_REFUSALS = {
    "channel_not_found": "the channel isn't there, or the bot isn't in it",
    "is_archived": "the channel is archived",
    "not_in_channel": "the bot isn't in the channel",
    "restricted_action": "only some members may post there",
    "user_disabled": "their Slack account is switched off",
    "user_not_found": "Slack doesn't know their account",
    "user_not_visible": "their account can't be reached from this workspace",
    "cannot_dm_bot": "their account is an app's",
    "expired_url": "it came too late to be shown",
    "used_url": "it came too late to be shown",
    "the process ended while sending": "the bot was stopped while sending it",
}


def stranded(undelivered: Stranded) -> list[Block]:
    """Return the undelivered messages about which a person must decide, with buttons to send again or dismiss each."""
    total = undelivered.total
    blocks: list[Block] = [
        header(f"Messages that need you ({total})" if total > 1 else "Messages that need you"),
        context("Slack refused these messages, or may not have shown them. I'll send them again only if you ask."),
    ]
    for one in undelivered.messages:
        what = "may or may not have arrived" if one.may_have_arrived else "was refused by Slack"
        why = f" ({escape(cut(_REFUSALS.get(one.error, one.error), 80))})" if one.error else ""
        blocks.append(section(f"*{escape(one.addressee)}*: {one.kind} {what}{why} · {moment(one.since)}"))
        blocks.append(
            buttons(
                button("Send again", "undelivered.send", one.id),
                button("Dismiss", "undelivered.let_be", one.id),
            )
        )
    if total > 1:
        twice = sure(f"Send all {total} again?", "Messages that did arrive will appear twice.", "Send all again")
        never = sure(f"Dismiss all {total}?", "I won't send or list these messages again.", "Dismiss all")
        blocks.append(
            buttons(
                button(f"Send all {total} again", "undelivered.send_all", undelivered.until, confirm=twice),
                button(f"Dismiss all {total}", "undelivered.let_all_be", undelivered.until, confirm=never),
            )
        )
    return [*blocks, *earlier_later("home.turn", "stranded", total, undelivered.first, STRANDED)]


def held_back(alarms: Sequence[Alarm]) -> list[Block]:
    """Return the reasons why messages are held back. The bot sends these messages once Slack accepts messages again."""
    return [header("Slack doesn't take messages"), *(section(_held_line(one)) for one in alarms)]


def _held_line(one: Alarm) -> str:
    where = "send anything" if one.method == "*" else f"send anything that needs `{escape(one.method)}`"
    waits = "" if one.waiting == 0 else f" {counted(one.waiting, 'message is', 'messages are')} waiting."
    return (
        f"Since {moment(one.since)}, Slack gives the error `{escape(cut(one.error, 80))}`, so I can't {where}.{waits} "
        "When that is fixed, I'll send the waiting messages. To learn more, run `panelbot check`."
    )


def glance(found: Glance) -> list[Block]:
    """Return, for an administrator, how many people and panels there are and which panels lack a chair."""
    lines = [f"{counted(found.people, 'person', 'people')} enrolled · {counted(found.panels, 'panel')}"]
    if found.without_chair:
        lines.append(f"Without a chair: {escape(cut(', '.join(found.without_chair), 1000))}")
    lines.append("`/people list` and `/panel list` show all of them.")
    return [header("People and panels"), section("\n".join(lines))]


class Band(IntEnum):
    """The urgency of a part of Home. Home shows urgent parts first, and keeps the order of the parts within a band."""

    URGENT = 0  # overdue, late, or held up by this person
    SOON = 1  # due soon, or asked of this person
    REST = 2


def _band(band: Band, is_so: bool) -> Band:
    """Return `band` if `is_so`, or otherwise the least urgent band."""
    return band if is_so else Band.REST


def _asks(card: PanelCard) -> bool:
    """Return whether a panel's card has an invitation to answer or returns to make."""
    return bool(card.returns_owed) or (card.may_reply and card.reply is None)


def of_the_day(found: OfTheDay) -> list[Block]:
    """Return the row of buttons at the top of Home for what this person is most likely to do now."""
    made = [one for meeting in found.held[:ALIKE] for one in _in_meeting(meeting, is_only=len(found.held) == 1)]
    for card in found.opens[:ALIKE]:
        label = "Open meeting" if len(found.opens) == 1 else f"Open meeting: {card.title}"
        made.append(button(label, "meeting.open", card.key, style="primary"))
    for card in found.returns[:ALIKE]:
        label = "Answer returns" if len(found.returns) == 1 else f"Answer returns: {card.title}"
        # The panel's card has the same button, and ids of buttons must differ within a view.
        made.append(
            {**button(label, "returns.mine", card.meeting_id), "action_id": f"returns.mine:{card.meeting_id}:top"}
        )
    if found.flags_to:
        made.append(flag_button(found.flags_to[0] if len(found.flags_to) == 1 else ANY_PANEL))
    if found.gives_actions:
        made.append(button("New action", "action.new", EMPTY_FORM))
    return [buttons(*made)] if made else []


def _in_meeting(meeting: HeldMeeting, *, is_only: bool) -> list[Block]:
    """Return the buttons for a meeting that is being held.

    If the person is not recorded as present, *I'm here* comes first. Unless `is_only`, the buttons name the panel.
    """
    of_panel = "" if is_only else f": {meeting.title}"
    made: list[Block] = []
    if not meeting.is_here:
        made.append(here_button(meeting.meeting_id, f"I'm here{of_panel}", "primary"))
    if meeting.opens_items:
        style = "primary" if meeting.is_here else None
        made.append(button(f"Open item{of_panel}", "meeting.item", f"{meeting.key}:0", style=style))
        made.append(button(f"Agenda{of_panel}", "meeting.agenda", f"{meeting.key}:0:{meeting.meeting_id}"))
    return made


def home(
    view: HomeView,
    undelivered: Stranded | None = None,
    places: Mapping[str, int] | None = None,
    alarms: Sequence[Alarm] = (),
) -> View:
    """Return one person's Home: the buttons at the top, then the parts, the most urgent first, then *Help*."""
    turned = {part: number for part, number in (places or {}).items() if number > 0}
    parts: list[tuple[Band, list[Block]]] = []
    if alarms:
        parts.append((Band.URGENT, held_back(alarms)))
    parts += _own(view)
    parts += _of_cases(view)
    if view.chairing:
        parts.append((_band(Band.URGENT, view.chairing[0].waits), chairing(view.chairing, turned)))
    if view.glance is not None:
        parts.append((Band.REST, glance(view.glance)))
    if view.glance is not None or view.keeps_diary:
        parts.append((_band(Band.URGENT, bool(view.late)), late_in_diary(view.late, turned)))
    if undelivered is not None and undelivered.total:
        parts.append((Band.URGENT, stranded(undelivered)))
    if view.panels:
        parts.append((_band(Band.SOON, any(map(_asks, view.panels))), panels(view.panels, turned)))
    if view.diary:
        parts.append((Band.REST, diary(view.diary, turned)))
    if not (view.panels or view.chairing or view.diary or view.glance):
        none = [header("Your panels"), section("You aren't on a panel yet. Your administrator can add you.")]
        parts.append((Band.REST, none))
    blocks = of_the_day(view.of_the_day)
    for _, part in sorted(parts, key=lambda one: one[0]):
        blocks += [*part, divider()]
    blocks += [buttons(button("Help", "command.help", 0)), context(NOT_FOR_EMERGENCIES)]
    made: View = {"type": "home", "blocks": blocks}
    if turned:
        made["private_metadata"] = json.dumps({"places": turned}, sort_keys=True, separators=(",", ":"))
    return made


def _of_cases(view: HomeView) -> list[tuple[Band, list[Block]]]:
    """Return the parts of Home about cases: reviews to answer, own flags, and who may read older closed items."""
    parts: list[tuple[Band, list[Block]]] = []
    if view.reviews:
        parts.append((Band.SOON, on_home(view.reviews)))
    if view.flags:
        parts.append((Band.REST, own_flags(view.flags)))
    if view.places_to_decide:
        parts.append((Band.URGENT, [section(_to_decide(view.places_to_decide))]))
    return parts


def _to_decide(count: int) -> str:
    waits = counted(count, "new chair or vice-chair needs", "new chairs or vice-chairs need")
    return f"*{waits} your decision:* may they read older closed items? `/people closed`."


def _own(view: HomeView) -> list[tuple[Band, list[Block]]]:
    """Return one page of the person's open actions, in two parts if some of them are overdue."""
    if not view.holds_actions:
        return []
    if not view.actions_count:
        return [(Band.REST, [header("Your open actions"), section("Nothing is open. Thank you.")])]
    overdue = [one for one in view.actions if one.is_overdue]
    others = [one for one in view.actions if not one.is_overdue]
    parts: list[tuple[Band, list[Block]]] = []
    if overdue:
        parts.append((Band.URGENT, [header(f"Your overdue actions ({view.overdue_count})"), *_each_action(overdue)]))
    if others:
        count = view.actions_count - (view.overdue_count if overdue else 0)
        title = f"Your other open actions ({count})" if overdue else f"Your open actions ({count})"
        # On a page after the overdue actions, this part keeps their place at the top, with the button back to them.
        band = Band.URGENT if view.overdue_count and not overdue else Band.SOON
        parts.append((band, [header(title), *_each_action(others)]))
    parts[-1][1].extend(earlier_later("home.turn", "actions", view.actions_count, view.actions_from, ACTIONS_SHOWN))
    return parts


def _each_action(actions: Sequence[ActionView]) -> list[Block]:
    return [block for one in actions for block in (section(told(one)), action_answers(one, open_button(one)))]


def to_confirm(title: str, found: ActionList, metadata: Mapping[str, Any], starts: pages.Starts = pages.FIRST) -> View:
    """Return one page of reported actions. Each has buttons for the chair, and one button accepts all reports shown."""
    blocks: list[Block] = [section(f"*{escape(title)}*: reported, awaiting your answer")]
    groups = [_reported(action, may_accept=action.id in found.acceptable) for action in found.actions]
    fit = how_many_fit(groups, most_blocks=VIEW_BLOCKS - 4)
    blocks += [block for group in groups[:fit] for block in group]
    blocks += accept_shown(found, fit)
    if not groups:
        blocks.append(section("No report needs an answer."))
    blocks += pages.turning("home.confirm_page", found.panel_key, starts.at(found.first), fit, found.count)
    return modal("notice", "Reported actions", blocks, submit=None, metadata=metadata)


def _reported(action: ActionView, *, may_accept: bool) -> list[Block]:
    """Return one reported action with the buttons that its reader may use. Nobody can accept their own report."""
    made = [accept_button(action)] if may_accept else []
    made += [give_button(action)] if action.state is ActionState.REPORTED_NOT_OURS else []
    made += [send_back_button(action), button("Show", "action.show", action.id)]
    own = [] if may_accept or action.state is ActionState.REPORTED_NOT_OURS else [context(_NOT_YOURS_TO_ACCEPT)]
    return [section(cut(line(action), 1800)), *own, buttons(*made)]


_NOT_YOURS_TO_ACCEPT = (
    "This action is yours, so you can't accept it. The chair or vice-chair can, or the panel at its next meeting."
)


def refused(sentence: str) -> View:
    """Return the Home of a person who is not enrolled. Home then shows only `sentence`, which refuses the person."""
    return {"type": "home", "blocks": [section(sentence)]}
