"""The office on App Home: what is late in a diary, messages of unknown fate, and the county at a glance."""

from collections.abc import Callable, Sequence

from bot.domain.lateness import Lateness
from bot.services.home.overview import Glance, LateItem
from bot.services.home.undelivered import SHOWN as STRANDED
from bot.services.home.undelivered import HeldBack, Stranded
from bot.slack.reply import Block
from bot.slack.views.blocks import button, buttons, context, counted, cut, escape, header, plain, section
from bot.slack.views.days import day, moment
from bot.slack.views.home_turning import LATE, Places, turning

_LATE: dict[Lateness, tuple[Callable[[LateItem], str], str, str]] = {
    Lateness.TRIAGE: (
        lambda one: (
            f"flags closed on {day(one.since)}, {one.count} {'waits' if one.count == 1 else 'wait'} for the chair"
        ),
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
        "Send the chair the draft again",
        "home.resend",
    ),
    Lateness.EMPTY: (
        lambda one: "the diary runs empty" if one.meeting_at else "no meeting is in the diary",
        "Add meetings",
        "home.series",
    ),
}


def late_in_diary(items: Sequence[LateItem], turned: Places) -> list[Block]:
    """What is late, each with the button that mends it."""
    if not items:
        return [header("Your diary"), section("Nothing is late.")]
    blocks: list[Block] = [header(f"Late in your diary ({len(items)})")]
    first, shown = turned.page("late", items, LATE)
    return [*blocks, *(_late_line(one) for one in shown), *turning("late", len(items), first, LATE)]


def _late_line(one: LateItem) -> Block:
    says, label, action = _LATE[one.kind]
    when = f", {moment(one.meeting_at)}" if one.meeting_at else ""
    mend = button(label, action, f"{one.panel_key}:{one.meeting_id}")
    if one.kind is Lateness.AGENDA:
        mend["confirm"] = {
            "title": plain("Publish the agenda?"),
            "text": plain(f"{one.panel_title}: the agenda is compiled as it stands now, and members are told."),
            "confirm": plain("Publish"),
            "deny": plain("Not yet"),
        }
    return section(f"*{escape(one.panel_title)}*{when}: {says(one)}", mend)


#: What a refusal means, where a co-ordinator can do something about it.
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
    """Messages that a person must decide about: send again, or let be."""
    total = undelivered.total
    blocks: list[Block] = [
        header(f"Messages that need you ({total})" if total > 1 else "Messages that need you"),
        context("Nobody knows whether these arrived, or Slack refused them. They are never repeated by themselves."),
    ]
    for one in undelivered.messages:
        what = "may or may not have arrived" if one.may_have_arrived else "was refused by Slack"
        why = f" ({escape(cut(_REFUSALS.get(one.error, one.error), 80))})" if one.error else ""
        blocks.append(section(f"*{escape(one.addressee)}*: {one.kind} {what}{why} · {moment(one.since)}"))
        blocks.append(
            buttons(
                button("Send again", "undelivered.send", one.id),
                button("Let it be", "undelivered.let_be", one.id),
            )
        )
    if total > 1:
        send_all = button(f"Send all {total} again", "undelivered.send_all", undelivered.until)
        send_all["confirm"] = _sure(
            f"Send all {total} again?", "Those that did arrive will be there twice.", "Send all again"
        )
        leave_all = button(f"Let them be ({total})", "undelivered.let_all_be", undelivered.until)
        leave_all["confirm"] = _sure(f"Let all {total} be?", "They won't be sent, and leave this list.", "Let them be")
        blocks.append(buttons(send_all, leave_all))
    return [*blocks, *turning("stranded", total, undelivered.first, STRANDED)]


def _sure(title: str, text: str, yes: str) -> Block:
    return {"title": plain(title), "text": plain(text), "confirm": plain(yes), "deny": plain("Not yet")}


def held_back(alarms: Sequence[HeldBack]) -> list[Block]:
    """Why messages do not go out at all; they go by themselves once it is put right."""
    return [header("Slack doesn't take messages"), *(section(_held_line(one)) for one in alarms)]


def _held_line(one: HeldBack) -> str:
    where = "nothing" if one.method == "*" else f"nothing that needs `{escape(one.method)}`"
    waits = "" if one.waiting == 0 else f" {counted(one.waiting, 'message')} wait{'s' if one.waiting == 1 else ''}."
    return (
        f"Since {moment(one.since)} Slack answers `{escape(cut(one.error, 80))}`, and {where} is sent.{waits} "
        "All of it goes out, once, when that is put right; `panelbot check` says more."
    )


def glance(found: Glance) -> list[Block]:
    """People and panels, for an administrator who sits on none."""
    lines = [f"{counted(found.people, 'person', 'people')} enrolled · {counted(found.panels, 'panel')}"]
    if found.without_chair:
        lines.append(f"Without a chair: {escape(cut(', '.join(found.without_chair), 1000))}")
    lines.append("`/people list` and `/panel list` have them all.")
    return [header("People and panels"), section("\n".join(lines))]
