"""Calendar files and feeds in chat."""

from bot.services.diary.calendars import FeedView
from bot.slack.reply import Block, View
from bot.slack.views.blocks import button, buttons, context, escape, modal, plain, section, spoken
from bot.slack.views.days import day


def calendar_file(title: str) -> str:
    """That a file is coming."""
    return f"The calendar file of {escape(title)} is on its way to you by direct message."


def diary_file(count: int, *, can_subscribe: bool) -> str:
    """That a file with all meetings is coming, and why there may be nothing better."""
    meetings = f"your {count} coming meetings" if count > 1 else "your coming meeting"
    why = "" if can_subscribe else " I have no web address here that a calendar could subscribe to."
    return (
        f"A calendar file with {meetings} is on its way to you by direct message.{why} "
        "It does not change by itself: ask for it again when dates have moved."
    )


def subscription(feed: FeedView) -> tuple[str, tuple[Block, ...]]:
    """What somebody can do about their own calendar."""
    if feed.made_at is None:
        text = "Your calendar can follow your panels by itself: subscribe to an address that is yours alone."
        made = [button("Get my feed's address", "calendar.make", "new", style="primary")]
    else:
        text = f"Your calendar feed has an address since {day(feed.made_at.date())}. It was shown once."
        again = button("Make a new address", "calendar.make", "again")
        again["confirm"] = _confirm("Make a new address?", "Calendars that use the old one get nothing any more.")
        off = button("Switch it off", "calendar.off", "feed", style="danger")
        off["confirm"] = _confirm("Switch the feed off?", "Calendars that use its address get nothing any more.")
        made = [again, off]
    made.append(button("One file with all my meetings", "calendar.diary", "all"))
    return text, (section(text), buttons(*made))


def _confirm(title: str, text: str) -> Block:
    return {"title": plain(title), "text": plain(text), "confirm": plain("Yes"), "deny": plain("No")}


def feed_address(address: str) -> View:
    """The address, this once."""
    return modal(
        "feed",  # nothing is submitted
        "Your feed's address",
        [
            section("Copy it into your calendar, under *Subscribe* or *Add calendar from the web*:"),
            spoken(address),
            context(
                "It is shown this once. Whoever has it sees when your panels meet, so keep it to yourself; "
                "`/meeting calendar` makes a new one or switches it off."
            ),
        ],
        submit=None,
    )


def feed_off(had_one: bool) -> str:
    """That nothing is served any more."""
    return "Your calendar feed is switched off." if had_one else "Your calendar feed was off already."
