"""What members read who may not do something in the meeting: who does it, and buttons for what they may do."""

from bot.errors import NotTheirDuty
from bot.slack.blocks import button
from bot.slack.request import Handler, Offering, Reply, Request


def telling_whose(handler: Handler) -> Handler:
    """Return a handler that refuses members with who may do it, and with buttons for what they may do."""

    def answer(request: Request) -> Reply:
        try:
            return handler(request)
        except NotTheirDuty as refused:
            raise _offering(refused) from refused

    return answer


def _offering(refused: NotTheirDuty) -> Offering:
    offered = []
    if refused.may_open_items:
        offered.append(button("Open item", "meeting.item", f"{refused.panel_key}:0"))
    if refused.meeting_id is not None and not refused.is_here:
        offered.append(button("I'm here", "meeting.acknowledge", refused.meeting_id))
    return Offering(str(refused), offered)
