"""Declared interests in chat: who stepped back from a case, which actions on the case they hold, and who is told."""

from collections.abc import Sequence

from bot.records.actions.queries import ActionView
from bot.services.cases.interests import InterestNotice, InterestView
from bot.slack.blocks import escape


def stepped_back(found: InterestView) -> str:
    """Return a sentence saying that a member stepped back from a case, and which actions on the case they hold."""
    said = (
        f"You have declared an interest in *{escape(found.reference)}*. From now on you can't see or receive it, "
        "and the minutes will say that you stepped back."
        if found.is_own
        else f"{escape(found.name)} has declared an interest in *{escape(found.reference)}* "
        "and can no longer see or receive it. The minutes will say that they stepped back."
    )
    if not found.held:
        return said
    if found.is_own:
        numbers = _numbers(found.held)
        return f"{said}\nYou hold {numbers} on this case: I'm asking the chair to find another holder."
    return f"{said}\n{_another_holder(found)}"


def taken_back(found: InterestView) -> str:
    """Return a sentence saying that a declared interest is taken back and that the member can see the case again."""
    reference = escape(found.reference)
    if found.is_own:
        return (
            f"You have taken back your interest in *{reference}*. "
            "If your role lets you see the case, you can see it again. "
            "The minutes of meetings held in the meantime still say that you stepped back."
        )
    return (
        f"You have taken back {escape(found.name)}'s interest in *{reference}*. If their role lets them see the "
        "case, they can see it again. The minutes of meetings held in the meantime still say that they "
        "stepped back."
    )


def noted(notice: InterestNotice) -> str:
    """Return a message telling a member that their interest in a case was noted or taken back. It names no case."""
    by = "The chair" if notice.by_chair else "The co-ordinator"
    panel = escape(notice.panel_title)
    if notice.is_withdrawn:
        return f"{by} noted that you no longer have an interest in an item of {panel}. You can see the item again."
    return (
        f"{by} noted that you have an interest in an item of {panel}. You will not see or receive that item. "
        "If that is wrong, speak to the chair."
    )


def needs_holder(found: InterestView) -> str:
    """Return a message telling the chair that a member stepped back from a case and holds actions on the case."""
    return f"{escape(found.name)} has declared an interest in *{escape(found.reference)}*.\n{_another_holder(found)}"


def _another_holder(found: InterestView) -> str:
    needs = "needs" if len(found.held) == 1 else "need"
    return (
        f"They hold {_numbers(found.held)} on this case, which {needs} another holder: "
        f"`/action reassign {found.held[0].id} @name`."
    )


def _numbers(actions: Sequence[ActionView]) -> str:
    numbers = [str(action.id) for action in actions]
    if len(numbers) == 1:
        return f"action {numbers[0]}"
    return f"actions {', '.join(numbers[:-1])} and {numbers[-1]}"
