"""The agenda of one meeting, opened from its board or from Home, even after the meeting is closed."""

from bot.domain.permissions import Verb as May
from bot.records.meeting.duties import find_for_meeting
from bot.services.agenda import triage
from bot.slack.agenda import views as agenda_views
from bot.slack.meeting.duties import shown_anywhere
from bot.slack.pages import LINES
from bot.slack.request import Reply, Request, number_of
from bot.store.rows import Page


def clicked_agenda(request: Request) -> Reply:
    """Show the agenda to the person who clicked on the board. The board stays as it is.

    The button carries the panel, the item shown and the meeting. A board posted by an earlier version carries no
    meeting. Then show the meeting of the item or, without an item, the open or next meeting.
    """
    where, carried = request.panel_and(":")
    item_id, _, meeting_id = carried.partition(":")
    meant = triage.MeantMeeting(number_of(meeting_id or "0"), number_of(item_id or "0"))
    request.do(find_for_meeting, where, May.SEE_AGENDA)
    agenda = request.do(triage.show_agenda, where, Page(0, LINES), meant)
    return shown_anywhere(request, agenda_views.shown(agenda), "Agenda")
