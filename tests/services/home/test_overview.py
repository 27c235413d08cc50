"""Home by role: what one owes, what a chair rules on, what is late in a diary; each panel once, no query by panel."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from bench.home import TEAM as BENCH_TEAM
from bench.home import USER as BENCH_USER
from bench.home import furnish as furnish_bench
from bot.domain.deadlines import Lateness
from bot.models.panels import Membership
from bot.models.vocabulary import DecisionKind, Reply, Role
from bot.records.access.queries import identify
from bot.records.home.queries import HeldMeeting
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import accepting, changes
from bot.services.agenda import returns, triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import flags, interests
from bot.services.home import overview
from bot.services.home.overview import ChairCard, FlagToChange, HomeView, LateItem, OfTheDay, PanelCard
from bot.services.home.undelivered import Stranded, Undelivered, list_undelivered
from bot.services.invitations import answering, replies
from bot.services.meeting import opening
from bot.services.minutes import approving, papers
from bot.services.rescheduling import meetings
from bot.slack.home import views
from bot.store.slack_methods import Alarm
from bot.store.unit_of_work import Store
from tests.county import WEST, WEST_SITS, flag_form, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import LONDON, Play

WEST_AT = datetime(2026, 3, 24, 14, 0, tzinfo=LONDON)


def west(play: Play, role: Role, **more: Any) -> PanelCard:
    usual: dict[str, Any] = {"reply": None, "returns_owed": 0} | more
    return PanelCard(
        key="west-met",
        title="West Operational MET",
        channel_id="CWEST",
        roles=(role,),
        meeting_id=play.county.west_meetings[0],
        at=int(WEST_AT.timestamp()),
        is_open=False,
        next_at=WEST_AT,
        venue="Civic Centre",
        may_reply=True,
        may_send_deputy=True,
        **usual,
    )


def test_a_representative_sees_their_actions_meetings_and_returns(play: Play) -> None:
    number = give(play)
    play.accepted("WEST-0001")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    card = west(play, Role.REPRESENTATIVE)
    play.does("nurse", answering.reply_to, card.meeting_id, card.at, Reply.COMING)
    nurse = play.does("nurse", overview.home_of)
    assert [action.id for action in nurse.actions] == [number]
    assert nurse == HomeView(
        name="Nurse",
        agency_name="Health",
        holds_actions=True,
        actions=nurse.actions,
        actions_count=1,
        actions_from=0,
        panels=(west(play, Role.REPRESENTATIVE, reply=Reply.COMING, returns_owed=1),),
        chairing=(),
        keeps_diary=False,
        late=(),
        diary=(),
        overdue_count=1,
        of_the_day=OfTheDay(flags_to=("west-met",), gives_actions=True, returns=nurse.panels),
    )
    play.does("matron", returns.answer_rest, card.meeting_id)
    assert [card.returns_owed for card in play.does("nurse", overview.home_of).panels] == [0]


def test_every_invitation_that_waits_stands_on_home(play: Play) -> None:
    play.at(3, 31)  # three weeks before the second meeting of three; the first was never opened
    second, third = play.county.west_meetings[1:]
    soon = datetime(2026, 4, 23, 14, 0)  # noqa: DTZ001 - the panel's wall clock
    play.does("coordinator", meetings.reschedule_meeting, WEST, starts_at=soon, reason="Sooner.", meeting_id=third)
    seen = play.does("nurse", overview.home_of).panels
    assert [(card.meeting_id, card.may_reply, card.reply) for card in seen] == [
        (second, True, None),
        (third, True, None),
    ]
    play.does("nurse", answering.reply_to, seen[1].meeting_id, seen[1].at, Reply.COMING)
    assert [card.meeting_id for card in play.does("nurse", overview.home_of).panels] == [second]


def test_who_comes_for_one_meeting_sees_that_one(play: Play) -> None:
    second = play.county.west_meetings[1]
    at = int(WEST_SITS[1].timestamp())
    play.does("nurse", answering.reply_to, second, at, Reply.DEPUTY, deputy=user_id("outsider"))
    (card,) = play.does("outsider", overview.home_of).panels
    assert (card.meeting_id, card.reply, card.may_send_deputy) == (second, Reply.COMING, False)


def test_a_deputy_who_comes_no_more_is_not_counted_on(play: Play) -> None:
    card = west(play, Role.REPRESENTATIVE)
    play.does("nurse", answering.reply_to, card.meeting_id, card.at, Reply.DEPUTY, deputy=user_id("outsider"))
    assert [one.reply for one in play.does("nurse", overview.home_of).panels] == [Reply.DEPUTY]
    play.does("outsider", answering.reply_to, card.meeting_id, card.at, Reply.APOLOGIES)
    assert play.does("nurse", overview.home_of).panels == (card,)


def test_a_chair_sees_each_panel_at_a_glance(play: Play) -> None:
    give(play)
    play.accepted("WEST-0001")
    play.flags("WEST-0002", "nurse")
    done = give(play)
    play.does("nurse", changes.complete_action, done)
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    chair = play.does("chair", overview.home_of)
    assert chair.chairing == (
        ChairCard(
            panel=west(play, Role.CHAIR),
            waiting=1,
            gaps=2,
            forecast="Not quorate yet: no answer from children's social care, police and health.",
            overdue=(("Health", 1),),
            to_confirm=1,
            to_approve=(),
        ),
    )
    # Shire, where they only represent the police, is among their other meetings; nothing is shown twice.
    assert [card.key for card in chair.panels] == ["shire-met"]
    assert (chair.keeps_diary, chair.late, chair.diary) == (False, (), ())


def test_minutes_wait_for_the_chairs_approval(play: Play) -> None:
    play.at(3, 24, 14)
    play.holds({})
    play.does("coordinator", papers.draft_minutes, WEST)
    assert [card.to_approve for card in play.does("chair", overview.home_of).chairing] == [(WEST_AT,)]
    play.does("chair", approving.approve_minutes, WEST)
    assert [card.to_approve for card in play.does("chair", overview.home_of).chairing] == [()]


def test_a_chair_who_drafted_the_minutes_reads_who_else_may_approve_them(play: Play) -> None:
    play.at(3, 24, 14)
    play.holds({})
    play.does("chair", papers.draft_minutes, WEST)
    (card,) = play.does("chair", overview.home_of).chairing
    assert (card.to_approve, card.by_others) == ((), ((WEST_AT, ("Vicechair (vice-chair)",)),))
    (other,) = play.does("vicechair", overview.home_of).chairing
    assert (other.to_approve, other.by_others) == ((WEST_AT,), ())
    play.loses_place("vicechair")
    (card,) = play.does("chair", overview.home_of).chairing
    assert (card.to_approve, card.by_others) == ((), ((WEST_AT, ()),))


def test_a_draft_is_sent_again_to_the_person_who_may_approve_it(play: Play) -> None:
    meeting_id = play.county.west_meetings[0]
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    assert play.does("coordinator", replies.resend_draft, meeting_id) == ("Chair",)
    play.does("chair", papers.draft_minutes, WEST)
    assert play.does("coordinator", replies.resend_draft, meeting_id) == ("Vicechair",)
    play.loses_place("vicechair")
    assert play.refused("coordinator", replies.resend_draft, meeting_id) == (
        "Another person must approve the minutes, but nobody else on this panel may. Ask the co-ordinator to name "
        "a vice-chair, or ask another person to draft the minutes with `/minutes draft`."
    )


def late(play: Play, who: str = "coordinator") -> list[tuple[Lateness, str, date]]:
    return [(one.kind, one.panel_key, one.since) for one in play.does(who, overview.home_of).late]


def test_a_coordinator_sees_what_is_late_first(play: Play) -> None:
    assert late(play) == []
    play.flags("WEST-0001")
    play.at(3, 11)
    assert late(play) == [(Lateness.TRIAGE, "west-met", date(2026, 3, 10))]
    play.at(3, 18)
    assert late(play) == [
        (Lateness.TRIAGE, "west-met", date(2026, 3, 10)),
        (Lateness.AGENDA, "west-met", date(2026, 3, 17)),
    ]
    found = play.does("coordinator", overview.home_of)
    assert found.late[0] == LateItem(
        Lateness.TRIAGE, "west-met", "West Operational MET", play.county.west_meetings[0], WEST_AT, date(2026, 3, 10), 1
    )
    assert [card.key for card in found.diary] == ["west-met", "shire-met"]
    play.at(3, 24, 14)
    play.does("chair", triage.triage_flag, 1, triage.Verdict.SIGNPOST, "Early help.")
    play.holds({})
    play.at(3, 25)
    assert (Lateness.SUMMARY, "west-met", date(2026, 3, 25)) in late(play)
    play.at(3, 31, 8)
    assert (Lateness.DRAFT, "west-met", date(2026, 3, 31)) in late(play)
    play.does("coordinator", papers.draft_minutes, WEST)
    assert [kind for kind, key, _ in late(play) if key == "west-met"] == []
    play.at(4, 9)
    assert (Lateness.APPROVAL, "west-met", date(2026, 4, 9)) in late(play)
    assert (Lateness.EMPTY, "shire-met", date(2026, 4, 9)) in late(play)


def test_a_closed_item_is_not_counted_for_who_may_not_read_it(play: Play) -> None:
    flag_id = play.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0009", closed=True)).id
    play.at(3, 11)
    assert late(play) == []
    assert [card.waiting for card in play.does("chair", overview.home_of).chairing] == [1]
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    for who in ("constable", "nurse", "coordinator"):
        seen = play.does(who, overview.home_of)
        assert "WEST-0009" not in repr(seen)
        assert [card.returns_owed for card in (*seen.panels, *seen.diary)] in ([0], [0, 0])
    assert [card.gaps for card in play.does("chair", overview.home_of).chairing] == [0]


def test_an_administrator_without_a_panel_sees_people_and_panels(play: Play) -> None:
    found = play.does("administrator", overview.home_of)
    assert found.glance == overview.Glance(people=13, panels=2, without_chair=())
    assert [card.key for card in found.diary] == ["west-met", "shire-met"]
    assert [(card.may_reply, card.returns_owed) for card in found.diary] == [(False, 0), (False, 0)]
    assert (found.holds_actions, found.panels, found.chairing) == (False, (), ())
    outsider = play.does("outsider", overview.home_of)
    assert (outsider.panels, outsider.diary, outsider.glance) == ((), (), None)
    assert "You aren't on a panel yet." in repr(views.home(outsider))


def test_own_actions_are_turned_over_page_by_page(play: Play) -> None:
    numbers = [give(play) for _ in range(10)]
    first = play.does("nurse", overview.home_of)
    assert ([action.id for action in first.actions], first.actions_count) == (numbers[:8], 10)
    rest = play.does("nurse", overview.home_of, {"actions": 1})
    assert ([action.id for action in rest.actions], rest.actions_from) == (numbers[8:], 8)
    # What is reported comes last and stays; accepted meanwhile, a page beyond the last shows the last.
    for number in numbers[:3]:
        play.does("nurse", changes.complete_action, number)
    rest = play.does("nurse", overview.home_of, {"actions": 1})
    assert ([action.id for action in rest.actions], rest.actions_count) == (numbers[1:3], 10)
    for number in numbers[:3]:
        play.does("chair", accepting.accept_action, number)
    assert play.does("nurse", overview.home_of, {"actions": 1}).actions_from == 0


def test_a_chair_is_reminded_by_hand_once_a_day(play: Play) -> None:
    play.flags("WEST-0001")
    play.at(3, 12)
    meeting_id = play.county.west_meetings[0]
    for _ in range(2):
        play.does("coordinator", replies.remind_of_triage, meeting_id)
    assert play.sent("prompt") == [("prompt", "chair")]
    assert play.refused("nurse", replies.remind_of_triage, meeting_id).startswith("I can't find that meeting")
    assert play.refused("coordinator", replies.resend_draft, meeting_id) == "There is no draft of those minutes."


def test_without_a_chair_the_vice_chair_is_reminded_and_nobody_without_either(play: Play) -> None:
    play.flags("WEST-0001")
    meeting_id = play.county.west_meetings[0]
    play.loses_place("chair")
    play.does("coordinator", replies.remind_of_triage, meeting_id)
    assert play.sent("prompt") == [("prompt", "vicechair")]
    play.loses_place("vicechair")
    assert play.refused("coordinator", replies.remind_of_triage, meeting_id) == (
        "West Operational MET has no chair to remind."
    )


@pytest.mark.databases("sqlite")
def test_the_buttons_of_the_day_are_those_that_the_person_may_use_now(play: Play) -> None:
    def buttons(who: str) -> list[str]:
        first = views.home(play.does(who, overview.home_of))["blocks"][0]
        return [one["action_id"] for one in first["elements"]] if first["type"] == "actions" else []

    usual = ["case.flag:west-met", "action.new:form"]
    assert buttons("chair") == ["case.flag:*", "action.new:form"]  # two panels, one of which is chosen
    assert buttons("nurse") == buttons("vicechair") == usual
    assert buttons("minutetaker") == ["action.new:form"]
    assert buttons("observer") == buttons("administrator") == buttons("outsider") == []
    # The meeting begins at 14:00.
    for hour, minute, opens in ((12, 59, []), (13, 0, ["meeting.open:west-met"]), (15, 59, ["meeting.open:west-met"])):
        play.at(3, 24, hour, minute)
        assert [one for one in buttons("vicechair") if one not in usual] == opens
        assert buttons("nurse") == usual
    play.opens()
    held = ["meeting.here:1", "meeting.item:west-met:0", "meeting.agenda:west-met:0:1"]
    assert buttons("vicechair") == [*held, *usual]
    assert buttons("nurse") == [*held[1:], *usual]  # recorded as here


@pytest.mark.databases("sqlite")
def test_returns_are_answered_from_the_top_until_they_are_made(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    first, *rest = views.home(play.does("nurse", overview.home_of))["blocks"]
    assert [one["text"]["text"] for one in first["elements"]] == ["Answer returns", "Flag a case", "New action"]
    assert first["elements"][0]["value"] == str(play.county.west_meetings[0])
    assert "Answer returns" in repr(rest)  # on the card of its panel too
    play.does("matron", returns.answer_rest, play.county.west_meetings[0])
    assert "Answer returns" not in repr(views.home(play.does("nurse", overview.home_of)))


def headings(play: Play, who: str, places: dict[str, int] | None = None) -> list[str]:
    found = play.does(who, overview.home_of, places)
    return [one["text"]["text"] for one in views.home(found, places=places)["blocks"] if one["type"] == "header"]


@pytest.mark.databases("sqlite")
def test_what_is_overdue_or_waits_comes_before_what_is_due_and_the_rest_last(play: Play) -> None:
    assert headings(play, "nurse") == ["Your next meetings", "Your open actions"]
    give(play)  # due on Monday 9 March
    assert headings(play, "nurse") == ["Your open actions (1)", "Your next meetings"]
    assert headings(play, "chair") == ["Your next meetings", "Your open actions", "Panels you chair"]
    assert headings(play, "coordinator") == ["Your open actions", "Your diary", "Your panels' next meetings"]
    play.flags("WEST-0001")
    play.at(3, 12)
    give(play, due="2026-03-20")
    assert headings(play, "nurse") == ["Your overdue actions (1)", "Your other open actions (1)", "Your next meetings"]
    assert headings(play, "chair") == ["Panels you chair", "Your next meetings", "Your open actions"]
    assert headings(play, "coordinator") == [
        "Late in your diary (1)",
        "Your open actions",
        "Your panels' next meetings",
    ]


@pytest.mark.databases("sqlite")
def test_own_flags_stand_there_until_the_chair_has_ruled(play: Play) -> None:
    def waiting(who: str) -> list[tuple[str, str]]:
        return [(one.reference, one.panel_key) for one in play.does(who, overview.home_of).flags]

    first = play.flags("WEST-0002")
    play.flags("WEST-0001")
    play.flags("WEST-0001", "nurse")  # served by the same hearing
    play.flags("WEST-0666", "constable", closed=True)
    play.flags("WEST-0666", "nurse")  # who may not read it
    assert waiting("socialworker") == [("WEST-0001", "west-met"), ("WEST-0002", "west-met")]
    assert waiting("nurse") == [("WEST-0001", "west-met"), ("WEST-0666", "west-met")]
    assert waiting("coordinator") == []
    play.does("chair", triage.triage_flag, first, triage.Verdict.ACCEPT)
    assert waiting("socialworker") == [("WEST-0001", "west-met")]
    play.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert waiting("nurse") == [("WEST-0666", "west-met")]
    play.does("coordinator", triage.compile_agenda, WEST)
    play.at(3, 24, 14)
    play.opens()
    assert waiting("socialworker") == waiting("nurse") == []


@pytest.mark.databases("sqlite")
def test_five_own_flags_have_a_button_and_the_rest_a_command(play: Play) -> None:
    for number in range(1, 8):
        play.flags(f"WEST-000{number}")
    blocks = views.home(play.does("socialworker", overview.home_of))["blocks"]
    (at,) = (n for n, one in enumerate(blocks) if "Your flags that still need triage" in repr(one))
    assert blocks[at]["text"]["text"].endswith("; 2 more, by `/case edit REFERENCE`.")
    edits = [(one["text"]["text"], one["value"]) for one in blocks[at + 1]["elements"]]
    assert edits == [(f"Edit WEST-000{number}", f"west-met:WEST-000{number}") for number in range(1, 6)]


@pytest.mark.databases("sqlite")
def test_overdue_actions_are_counted_over_all_pages(play: Play) -> None:
    for _ in range(10):
        give(play)
    play.at(3, 12)
    give(play, due="2026-03-20")
    assert headings(play, "nurse") == ["Your overdue actions (10)", "Your next meetings"]
    later = ["Your overdue actions (10)", "Your other open actions (1)", "Your next meetings"]
    assert headings(play, "nurse", {"actions": 1}) == later


@pytest.mark.parametrize("panels", [4, 40])
def test_home_asks_no_more_of_the_database_for_more_panels(store: Store, panels: int) -> None:
    with store.work() as work:
        furnish_bench(work, panels=panels, meetings=panels * 4)
    asked: list[str] = []
    with store.reading() as work:
        actor = identify(work, BENCH_TEAM, BENCH_USER)
        event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = overview.home_of(work, actor)
        stranded = list_undelivered(work, actor)
        count = len(asked)
    assert len(found.diary) == panels - 3
    # Whatever the number of panels: what both sizes need, written out.
    assert count <= 28, count
    for places in ({}, {"actions": 1, "panels": 1, "chairing": 1, "late": 1, "diary": 2}, {"late": 99, "diary": 99}):
        view = views.home(found, stranded, places)
        assert len(view["blocks"]) <= 100
        assert len({*_actions(view)}) == len(_actions(view))


@pytest.mark.databases("sqlite")
def test_home_at_its_fullest_fits_into_what_slack_takes(store: Store) -> None:
    with store.work() as work:
        furnish_bench(work, panels=40, meetings=160)
    with store.reading() as work:
        found = overview.home_of(work, identify(work, BENCH_TEAM, BENCH_USER))
    first, *others = found.actions
    full = replace(
        found,
        actions=(replace(first, due_on=date(2020, 1, 2)), *(replace(one, due_on=date(2100, 1, 4)) for one in others)),
        overdue_count=1,
        panels=tuple(replace(card, may_reply=True, returns_owed=1) for card in found.diary),
        chairing=found.chairing * 2,
        places_to_decide=1,
        flags=tuple(FlagToChange(f"WEST-000{number}", "west-met", "West", WEST_AT) for number in range(5)),
    )
    message = Undelivered(1, "Sam", "an agenda", WEST_AT, may_have_arrived=True, error="")
    view = views.home(full, Stranded((message,) * 5, 0, 12, 1.0), alarms=[Alarm("*", "account_inactive", WEST_AT, 3)])
    headings = [one["text"]["text"] for one in view["blocks"] if one["type"] == "header"]
    assert len(headings) == 8, headings  # every part that a person with a place can have
    assert len(view["blocks"]) <= 100


def _actions(view: dict[str, Any]) -> list[str]:
    elements = [one for block in view["blocks"] for one in block.get("elements", []) if "action_id" in one]
    elements += [block["accessory"] for block in view["blocks"] if "accessory" in block]
    return [one["action_id"] for one in elements]


@pytest.mark.parametrize(
    ("who", "opens_items"),
    [
        ("chair", True),
        ("vicechair", True),
        ("coordinator", True),
        ("minutetaker", True),
        ("nurse", True),
        ("observer", False),
    ],
)
def test_each_member_enters_a_meeting_that_is_being_held_from_home(play: Play, who: str, opens_items: bool) -> None:
    meeting_id = play.county.west_meetings[0]
    play.at(3, 24, 14)
    assert play.does(who, overview.home_of).of_the_day.held == ()
    play.does("chair", opening.open_panel_meeting, WEST)
    found = play.does(who, overview.home_of)
    assert found.of_the_day.held == (
        HeldMeeting("west-met", "West Operational MET", meeting_id, is_here=False, opens_items=opens_items),
    )
    here, items = (
        f"meeting.here:{meeting_id}",
        ["meeting.item:west-met:0", f"meeting.agenda:west-met:0:{meeting_id}"],
    )
    assert top(found) == [here, *(items if opens_items else [])]
    play.does(who, opening.acknowledge, meeting_id)
    assert top(play.does(who, overview.home_of)) == (items if opens_items else [])
    play.does("chair", opening.close_meeting, WEST)
    assert play.does(who, overview.home_of).of_the_day.held == ()


def test_who_has_no_place_on_the_panel_is_offered_nothing_of_its_meeting(play: Play) -> None:
    play.at(3, 24, 14)
    play.does("chair", opening.open_panel_meeting, WEST)
    for who in ("countychair", "administrator", "outsider"):
        assert play.does(who, overview.home_of).of_the_day.held == ()


def top(found: HomeView) -> list[str]:
    """Return the buttons at the top of Home that are about a meeting, by their ids."""
    made = [one["action_id"] for row in views.of_the_day(found.of_the_day) for one in row["elements"]]
    return [one for one in made if one.startswith("meeting.")]


def observes(play: Play, who: str) -> None:
    """Give a person an observer's place on West and no other."""
    play.loses_place(who)
    with play.store.work() as work:
        number, west_id = play.county.person[who], play.county.west_id
        work.session.add(Membership(panel_id=west_id, person_id=number, role=Role.OBSERVER, began_at=work.now))


@pytest.mark.databases("sqlite")
def test_only_who_reads_cases_may_send_a_deputy(play: Play) -> None:
    sends = {
        who: [card.may_send_deputy for card in play.does(who, overview.home_of).panels]
        for who in ("nurse", "minutetaker", "observer")
    }
    assert sends == {"nurse": [True], "minutetaker": [True], "observer": [False]}


@pytest.mark.databases("sqlite")
def test_an_observers_home_never_shows_actions_flags_or_reviews(play: Play) -> None:
    number = give(play)
    play.flags("WEST-0001", "nurse")
    before = play.does("nurse", overview.home_of)
    assert ([one.id for one in before.actions], [one.reference for one in before.flags]) == ([number], ["WEST-0001"])
    observes(play, "nurse")
    after = play.does("nurse", overview.home_of)
    assert (after.holds_actions, after.actions, after.flags) == (False, (), ())


@pytest.mark.databases("sqlite")
def test_only_who_may_flag_cases_is_asked_on_home_what_has_changed(play: Play) -> None:
    play.accepted("WEST-0001", "nurse")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))})
    play.at(4, 1)
    play.ticks(GATHERINGS)
    observes(play, "matron")
    asked = {who: [one.reference for one in play.does(who, overview.home_of).reviews] for who in ("nurse", "matron")}
    assert asked == {"nurse": ["WEST-0001"], "matron": []}
