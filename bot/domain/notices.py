"""Every kind of notice: its label, the key that prevents duplicates, its urgency and the way in which it is sent."""

from enum import IntEnum, StrEnum, auto
from typing import Final


class Urgency(IntEnum):
    """The order in which messages are sent. A lower number is sent first."""

    ANSWER = 0  # to a person who has just clicked
    SCREEN = 1  # a Home that a person is looking at
    ASKED = 2  # a paper that a person asked for
    NEWS = 3  # a new action, a change, a decision
    DIGEST = 4  # one day's reminders
    REST = 5  # invitations, prompts
    TIDYING = 9  # an earlier message is rewritten, after the news that overtook it


class Way(StrEnum):
    """The way in which an effect is sent to Slack. Effects of each way are counted and paced separately."""

    POST = "post"  # a message
    FILE = "file"  # a paper in a direct message
    REWRITE = "rewrite"  # new words for an earlier message
    DELETION = "deletion"  # an earlier message is taken back
    SCREEN = "screen"  # a person's Home
    LOOK = "look"  # Slack is asked who is in a channel, and shows nothing to anyone
    REMOVAL = "removal"  # a file is taken out of Slack
    ANSWER = "answer"  # through the address that came with a click


_ASKED, _DAILY, _REST, _TIDY = Urgency.ASKED, Urgency.DIGEST, Urgency.REST, Urgency.TIDYING
_FILE, _REWRITE = Way.FILE, Way.REWRITE
#: People who keep the diary see the label of a message that did not arrive. The label must not reveal an item closed to
#: them.
_OF_A_CASE: Final = "a message about a case"
#: Stands for one meeting at one time, and one person since their last enrolment. A meeting moved away and back is told
#: again.
_AT_ITS_TIME = "{meeting_id}:{person_id}.{once[0]}:{once[1]}:{once[2]}"


class Notice(StrEnum):
    """Every kind of effect on Slack. `bot/slack/notices.py` has a renderer for each kind.

    Each row has the name stored in the outbox (the member's own name in lower case), a label for people, the key, the
    urgency, and the way in which the effect is sent. The outbox takes each key only once, so each notice is queued
    once. A key is filled in with the notice's ids, with `now`, and with `once`. The use case gives `once` to tell apart
    notices with the same ids.
    """

    label: str  #: what it is called for a person who decides about an undelivered one
    key: str
    urgency: Urgency
    way: Way

    RESPONSE = auto(), "the answer to a click", "response:{once}", Urgency.ANSWER, Way.ANSWER
    ACTION_HINT = (
        auto(),
        "a hint about a message that reads like an action",
        "action-hint:{once}",
        Urgency.ANSWER,
        Way.POST,
    )
    HOME = auto(), "their Home tab", "home:{once}", Urgency.SCREEN, Way.SCREEN
    AGENDA_FILE = auto(), "an agenda", "agenda:{meeting_id}:{once}:{person_id}", _ASKED, _FILE
    BOARD_POSTED = auto(), "the board of a meeting", "board:{meeting_id}:{post}", Urgency.SCREEN
    BOARD_CHANGED = auto(), "a change of a board", "board-changed:{meeting_id}:{once}", Urgency.SCREEN, _REWRITE
    CALENDAR_FILE = auto(), "a calendar file", "calendar-file:{once[0]}:{person_id}:{once[1]}", _ASKED, _FILE
    EXPORT_FILE = auto(), "papers that they asked for together", "export-file:{export_id}", _ASKED, _FILE
    EXTRACT_FILE = auto(), _OF_A_CASE, "extract-file:{panel_id}:{case_id}:{person_id}:{once}", _ASKED, _FILE
    GRID_FILE = auto(), "a grid of returns", "grid-file:{meeting_id}:{person_id}:{once}", _ASKED, _FILE
    MINUTES_FILE = auto(), "minutes", "minutes-file:{minutes_id}:{person_id}:{once}", _ASKED, _FILE
    ANNEX_FILE = auto(), "minutes", "annex-file:{minutes_id}:{person_id}:{once}", _ASKED, _FILE
    PACK_FILE = auto(), "an agency's pack", "pack-file:{minutes_id}:{agency_id}:{person_id}:{once}", _ASKED, _FILE
    SUMMARY_FILE = auto(), "decisions and actions", "summary-file:{meeting_id}:{person_id}:{once}", _ASKED, _FILE
    TRACKER_FILE = auto(), "an action tracker", "tracker-file:{panel_id}:{person_id}:{once}", _ASKED, _FILE
    ACCESS_CHANGED = auto(), _OF_A_CASE, "access_changed:{event_id}:{person_id}"
    ACCOUNT_BACK = auto(), "that an account is on again", "account_back:{left_id}:{person_id}:{now}"
    ACTION_CHANGED = auto(), "a change of an action", "action_changed:{event_id}:{person_id}"
    ACTION_GIVEN = auto(), "a new action", "action_given:{event_id}:{person_id}"
    AGENDA_PUBLISHED = auto(), "an agenda", "agenda:{meeting_id}:{once}:{person_id}"
    AMENDMENT_ASKED = auto(), "a slip to approved minutes", "amendment-asked:{slip_id}:{person_id}"
    AGREEMENT_REVIEW = (
        auto(),
        "the review of a sharing agreement",
        "agreement-review:{agency_id}:{once}:{person_id}",
        _REST,
    )
    ANSWERED_FOR_YOU = auto(), "an answer entered for them", "answered-for:{meeting_id}:{person_id}:{now}"
    ATTENDANCE_CHANGED = auto(), "a change of recorded attendance", "attendance-changed:{act}:{person_id}"
    CASE_OUTCOMES = auto(), _OF_A_CASE, "case-outcomes:{meeting_id}:{person_id}:{once}"
    CASES_SENT = auto(), _OF_A_CASE, "cases-sent:{meeting_id}:{flags[0]}:{person_id}"
    CHANNEL_GUESTS = auto(), "who is in a channel without a place", "channel-guests:{panel_id}:{once}:{person_id}"
    CHANNEL_SHARED = auto(), "that a channel is shared with outsiders", "channel-shared:{panel_id}:{once}:{person_id}"
    CLOSED_FLAG = auto(), _OF_A_CASE, "closed-flag:{flag_id}:{person_id}"
    DEPUTY_AWAY = auto(), "that a deputy can't come", "deputy-away:{meeting_id}:{person_id}:{now}"
    DEPUTY_NAMED = auto(), "the naming of a deputy", "deputy_named:{places[0]}:{person_id}"
    DIARY_NOTICE = auto(), "changes to a panel's diary", "{once}:{person_id}"
    ENTRY_CHANGED = auto(), _OF_A_CASE, "entry-changed:{item_id}:{person_id}:{once}"
    EXPORT_BEGUN = auto(), "how far papers asked for together are", "export-begun:{export_id}", _ASKED
    EXPORT_CHANGED = auto(), "how far papers have got", "export-changed:{export_id}:{once}", _ASKED, _REWRITE
    EXTENSION_ANSWERED = auto(), "the chair's answer on more time", "extension_answered:{event_id}:{person_id}"
    EXTENSION_ASKED = auto(), "a request for more time", "extension_asked:{event_id}:{person_id}"
    FLAG_TRIAGED = auto(), _OF_A_CASE, "triaged:{flag_id}:{once}:{person_id}"
    FLAG_WITHDRAWN = auto(), _OF_A_CASE, "withdrawn:{flag_id}:{person_id}"
    HANDED_OVER = auto(), "what a colleague handed over", "handed_over:{from_id}:{person_id}:{once}:{now}"
    INTEREST_HOLDS = auto(), _OF_A_CASE, "interest-holds:{recusal_id}:{person_id}"
    INTEREST_NOTED = auto(), _OF_A_CASE, "interest-noted:{recusal_id}"
    INTEREST_WITHDRAWN = auto(), _OF_A_CASE, "interest-withdrawn:{recusal_id}"
    LATE_FLAG = auto(), _OF_A_CASE, "late-flag:{flag_id}:{person_id}"
    MEETING_ACTIONS = auto(), "the actions of a meeting", "meeting-actions:{meeting_id}:{person_id}:{once}"
    MEETING_LEFT_OPEN = auto(), "a question whether a meeting is over", "left-open:{meeting_id}:{once}:{person_id}"
    MEETING_NOTICE = auto(), "a change of date", "{notice}:{meeting_id}:{once}:{person_id}"
    MINUTES_AMENDED = auto(), "a slip to approved minutes", "minutes-amended:{slip_id}:{person_id}"
    MINUTES_ANNEX = auto(), _OF_A_CASE, "minutes-annex:{minutes_id}:{person_id}"
    MINUTES_CORRECTED = auto(), _OF_A_CASE, "minutes-corrected:{minutes_id}:{item_id}:{person_id}:{once}"
    MINUTES_DRAFTED = auto(), "draft minutes", "minutes-drafted:{minutes_id}:{person_id}:{once}"
    MINUTES_SENT_BACK = auto(), "that draft minutes were sent back", "minutes-sent-back:{minutes_id}:{person_id}:{now}"
    MINUTES_APPROVED = auto(), "the approval of minutes", "minutes-approved:{minutes_id}:{person_id}"
    PANEL_ENDED = auto(), "the end of a panel", "panel-ended:{panel_id}:{now}:{person_id}"
    PERSON_LEFT = auto(), "that a member has left", "person_left:{left_id}:{person_id}:{now}"
    PLACES_GIVEN = auto(), "that a place was given", "places-given:{places[0]}:{person_id}"
    QUORUM = auto(), "a warning that a meeting may not be quorate", f"quorum:{_AT_ITS_TIME}:{{once[3]}}"
    REFERENCES_MERGED = auto(), _OF_A_CASE, "references-merged:{case_id}:{person_id}"
    TRANSFER_DECIDED = auto(), _OF_A_CASE, "transfer-decided:{meeting_id}:{panel_id}:{person_id}"
    STAND_IN = auto(), "that a colleague stands in", "stand-in:{meeting_id}:{person_id}:{now}"
    # The key has the moment and not the day. If a wrong clock used today's date before, today's digest is still sent.
    DIGEST = auto(), "a reminder of actions", "digest:{person_id}:{now}", _DAILY
    ASSESSMENTS_PROMPT = auto(), "a reminder of risk assessments", "assessments:{person_id}:{now}", _DAILY
    # By its first number, of those told on the day, so that the next chase finds on which day the last was.
    NRM_AWAITED = auto(), _OF_A_CASE, "nrm-awaited:{referral_id}:{grounds}:{on}:{once}", _DAILY
    INVITATION = auto(), "an invitation", f"invitation:{_AT_ITS_TIME}", _REST
    PROMPT = auto(), "a prompt about a deadline", "prompt:{prompt}:{meeting_id}:{person_id}:{deadline_on}:{once}", _REST
    REPLY_REMINDER = auto(), "a second request for an answer", f"reply_reminder:{_AT_ITS_TIME}", _REST
    REVIEWS_PROMPT = auto(), "a question about cases that come back", "reviews:{meeting_id}:{person_id}:{once}", _REST
    RETURNS_PROMPT = auto(), "a prompt about returns", "returns:{meeting_id}:{person_id}:{due_on}:{once}", _REST
    URGENT_FLAG = auto(), _OF_A_CASE, "urgent-flag:{flag_id}:{once}:{person_id}"
    HEARD_SOONER = auto(), _OF_A_CASE, "heard-sooner:{flag_id}:{meeting_id}:{person_id}"
    WELCOME = auto(), "a welcome to a panel", "welcome:{panel_id}:{person_id}", _REST
    INVITATION_ANSWERED = auto(), "what they answered, in their invitation", "answered:{message}:{now}", _TIDY, _REWRITE
    WORDS_TAKEN_OUT = auto(), "the shortening of an earlier message", "words-taken-out:{message}", _TIDY, _REWRITE
    FILE_REMOVED = auto(), "the removal of a file from Slack", "file-removed:{file_id}:{now}", _TIDY, Way.REMOVAL
    BOARD_REMOVED = (
        auto(),
        "the removal of an earlier board",
        "board-removed:{channel_id}:{ts}:{once}",
        _TIDY,
        Way.DELETION,
    )
    CHANNEL_LOOK = auto(), "a look at who is in a panel's channel", "channel-look:{panel_id}:{once}", _TIDY, Way.LOOK
    MESSAGE_OVERTAKEN = auto(), "a correction of an earlier message", "rewritten:{message}:{once}", _TIDY, _REWRITE

    def __new__(cls, name: str, label: str, key: str, urgency: Urgency = Urgency.NEWS, way: Way = Way.POST) -> "Notice":
        """Return a new member with the values of its row. The value of the enum member is the name alone."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.label, member.key, member.urgency, member.way = label, key, urgency, way
        return member


_STORED: Final = {notice.value: notice for notice in Notice}


def notice_of(stored: str) -> Notice | None:
    """Return the notice with a stored name, or None if this version of panelbot doesn't know the name.

    An effect with an unknown name can't be sent and ends as a dead letter.
    """
    return _STORED.get(stored)
