"""A county file applied again: who changed, who left, what ended, and what became of what they held."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.documents.county_file import CountyFile, read_county_file
from bot.errors import Misconfigured, NotForYou, Stranger
from bot.models.actions import Action
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Case, Recusal
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.queries import Where, identify, readable_cases
from bot.services.actions.changes import add_action
from bot.services.county.application import apply_county
from bot.services.county.audit_report import AuditQuestion, report_audit
from bot.services.diary.panels import show_next_meeting
from bot.services.leaving.departure import leave
from bot.services.leaving.places import end_places, propose_end
from bot.services.people.changing import Change, change_person
from bot.services.people.deputies import name_deputy
from bot.services.people.enrolment import Account, enrol
from bot.services.people.readings import decide_reading
from bot.store.rows import id_of
from bot.store.slack_files import slack_file_days
from bot.store.unit_of_work import Store

#: Each applies whole files, several times.
pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]

AGENCIES = {"police": "ann", "health": "hal", "council": None}
PEOPLE = {"ann": "police", "bob": "police", "cat": "police", "hal": "health", "ned": "council", "kim": "council"}
NORTH = {"ann": "representative", "bob": "representative", "cat": "deputy:bob", "ned": "coordinator", "kim": "chair"}
CASE = """
[[cases]]
reference = "SAMPLE-0001"
district = "north"
age_band = "14_to_15"
legal_status = "child_in_need"
agency = "police"
flagged_by = "ann"
panel = "north"
risk_tool = "ceraf"
risk_level = "medium"
judgement = "More worried than the score says."
asked_of_panel = "A shared plan."
themes = ["missing"]
assessed_days_ago = 5
missing_episodes = 1
interviews_offered = 1
interviews_within_72h = 1
"""


RULE = 'rule = "second Tuesday of the month at 14:00"\ncount = 3'

#: The remark on meetings to which flags are late already.
CUT_OFF = (
    "! north: the cut-off for flags to {days} has passed. The chair decides on each flag. To begin later, set "
    "starts_on before you apply the file, or cancel in Slack: /panel cancel {first}"
)


def _panel(key: str, members: Mapping[str, str], channel: str, diary: str = RULE, title: str = "") -> str:
    lines = [
        f'[[panels]]\nkey = "{key}"\ntitle = "{title or key.title()}"\ndefinition = "district-operational-met"',
        f'area = "north"\nchannel = "{channel}"\n{diary}',
    ]
    for person, place in members.items():
        role, _, more = place.partition(":")
        deputy_for, _, days = more.partition(":")
        lines.append(f'[[panels.members]]\nperson = "{person}"\nrole = "{role}"')
        lines += [f'deputy_for = "{deputy_for}"'] if deputy_for else []
        lines += [day.replace("=", " = ") for day in days.split(",") if day]
    return "\n".join(lines)


def county_file(
    store: Store,
    *,
    people: Mapping[str, str] = PEOPLE,
    accounts: Mapping[str, str] | None = None,
    agencies: Mapping[str, str | None] = AGENCIES,
    members: Mapping[str, str] = NORTH,
    panels: Mapping[str, str] | None = None,
    diary: str = RULE,
    title: str = "",
    cases: str = "",
    county: str = "",
    administrators: Collection[str] = (),
) -> CountyFile:
    """Return a file with these."""
    accounts = {key: f"U0{key.upper()}" for key in people} | dict(accounts or {})
    parts = ['[county]\nkey = "demo"\ntitle = "Demo"\ntimezone = "Europe/London"\nteam = "T0DEMO"', county]
    parts.append('[[areas]]\nkey = "demo"\nname = "Demo"\nkind = "county"')
    parts.append('[[areas]]\nkey = "north"\nname = "North"\nkind = "district"\nparent = "demo"')
    for key, lead in agencies.items():
        kind = {"council": "district_council"}.get(key, key)
        parts.append(f'[[agencies]]\nkey = "{key}"\nname = "{key}"\nkind = "{kind}"')
        parts += [f'lead = "{lead}"'] if lead else []
    for key, agency in people.items():
        parts.append(f'[[people]]\nkey = "{key}"\nname = "{key}"\nuser = "{accounts[key]}"\nagency = "{agency}"')
        parts += ["administrator = true"] if key in administrators else []
    given = {"north": "C0NORTH"} if panels is None else panels
    parts += [_panel(key, members, channel, diary, title) for key, channel in given.items()]
    return read_county_file("\n".join([*parts, cases]), name="demo.toml", definitions=store.definitions)


def applies(store: Store, **given: Any) -> tuple[str, ...]:
    """Apply a file with these. Return what changed."""
    file = county_file(store, **given)
    with store.work() as work:
        return apply_county(work, file)


def without(of: Mapping[str, str], *keys: str) -> dict[str, str]:
    """Return the same, less some."""
    return {key: value for key, value in of.items() if key not in keys}


def gives(store: Store, to: str, case: str | None = None) -> int:
    """Let the co-ordinator give a person an action. Return its number."""
    with store.work() as work:
        return add_action(
            work,
            identify(work, "T0DEMO", "U0NED"),
            Where(panel_key="north"),
            holder_user_id=f"U0{to.upper()}",
            text="Ring the school",
            due="2026-03-09",
            case_reference=case,
        ).id


def holder(store: Store, number: int) -> tuple[str, str]:
    """Return who holds an action, and for which agency."""
    with store.reading() as work:
        action = work.session.get_one(Action, number)
        return (
            work.session.get_one(Person, action.holder_id).key,
            work.session.get_one(Agency, action.agency_id).key,
        )


@pytest.mark.parametrize("leaves", [False, True], ids=["loses the office", "left"])
def test_a_file_that_leaves_nobody_to_administer_is_refused(store: Store, *, leaves: bool) -> None:
    applies(store, administrators=["kim"])
    given = {"people": without(PEOPLE, "kim"), "members": without(NORTH, "kim")} if leaves else {}
    with pytest.raises(Misconfigured) as refused:
        applies(store, **given)
    assert str(refused.value) == (
        "people: kim is the only administrator, and after this file nobody would: keep administrator = true for them, "
        "or make another person administrator."
    )
    assert applies(store, administrators=["kim"]) == ()
    assert applies(store, administrators=["ned"]) == (
        "~ person ned: is administrator changed",
        "~ person kim: is administrator changed",
    )


def test_a_file_that_leaves_an_administrator_of_slack_to_administer_is_applied(store: Store) -> None:
    applies(store, administrators=["kim"])
    enrolled_in_slack(store, Role.OBSERVER)
    with store.work() as work:
        agency_id = work.session.exec(select(Agency.id).where(Agency.key == "council")).one()
        assert agency_id is not None
        kim = identify(work, "T0DEMO", "U0KIM")
        change_person(work, kim, "U0NEW", Change("New", agency_id, "Europe/London", False, True))
    assert applies(store) == ("~ person kim: is administrator changed",)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_file_applied_twice_changes_nothing(store: Store) -> None:
    assert applies(store, cases=CASE)
    assert applies(store, cases=CASE) == ()


def test_what_a_person_flagged_who_sits_there_no_more_is_presented_by_a_colleague(store: Store) -> None:
    applies(store, cases=CASE)
    assert applies(store, members=NORTH | {"ann": "observer"}, cases=CASE)[-1:] == (
        "~ north: 1 waiting flag passed from ann to bob",
    )


def test_a_panel_without_a_chair_is_remarked_each_time(store: Store) -> None:
    applies(store)
    chairless = without(NORTH, "kim")
    assert applies(store, members=chairless) == (
        "- north: kim is no longer chair",
        "! panel north has no chair: nobody can triage its flags or approve its minutes",
    )
    assert applies(store, members=chairless) == (
        "! panel north has no chair: nobody can triage its flags or approve its minutes",
    )


@pytest.mark.parametrize(
    ("diary", "says", "follows"),
    [
        (
            'rule = "every other Thursday at 10:00"\ncount = 3',
            '"every other Thursday at 10:00 for 3 meetings"',
            '"second Tuesday of the month at 14:00 for 3 meetings"',
        ),
        (
            'rule = "second Tuesday of the month at 14:00"',
            '"second Tuesday of the month at 14:00"',
            '"second Tuesday of the month at 14:00 for 3 meetings"',
        ),
    ],
)
def test_a_file_that_says_otherwise_than_the_diary_is_remarked_upon(
    store: Store, diary: str, says: str, follows: str
) -> None:
    applies(store)
    remark = (
        f"! north: the file says {says}, but the diary follows {follows}: "
        "move its meetings with /panel change, or change the file"
    )
    assert applies(store, diary=diary) == (remark,)
    assert applies(store, diary=diary) == (remark,)
    assert applies(store) == ()


@pytest.mark.parametrize(
    "rule",
    [
        "every 6 weeks on Tuesday",
        "last working day of the month at 9.30 from 1 March 2026",
        "every Tuesday for 4 meetings",
    ],
)
def test_a_diary_that_follows_the_file_is_not_remarked_upon(store: Store, rule: str) -> None:
    assert applies(store, diary=f'rule = "{rule}"')
    assert applies(store, diary=f'rule = "{rule}"') == ()


@pytest.mark.parametrize(
    ("diary", "said"),
    [
        (
            'rule = "every Tuesday at 14:00"\nstarts_on = 2026-03-03\ncount = 4',
            (
                "+ north: 4 meetings, every Tuesday at 14:00, the first on Tue 3 Mar 2026",
                CUT_OFF.format(days="Tue 3 Mar 2026 and Tue 10 Mar 2026", first="Tue 3 Mar 2026"),
            ),
        ),
        (
            'rule = "every Monday at 14:00"\nstarts_on = 2026-03-16\ncount = 1',
            ("+ north: 1 meeting, every Monday at 14:00, the first on Mon 16 Mar 2026",),
        ),
    ],
    ids=["two have passed", "today is the cut-off"],
)
def test_a_new_diary_says_when_it_begins_and_which_cut_offs_have_passed(
    store: Store, diary: str, said: tuple[str, ...]
) -> None:
    found = applies(store, diary=diary)
    assert tuple(line for line in found if " every " in line or "cut-off" in line) == said


def test_a_panel_that_hears_no_cases_has_no_cut_off_to_pass(store: Store) -> None:
    file = county_file(store)
    (panel,) = file.panels
    plan = panel.model_copy(update={"definition": "action-plan-group", "area": "demo"})
    with store.work() as work:
        found = apply_county(work, file.model_copy(update={"panels": (plan,)}))
    assert [line for line in found if "Tue 10 Mar 2026" in line] == [
        "+ north: 3 meetings, second Tuesday of the month at 14:00, the first on Tue 10 Mar 2026"
    ]


@pytest.mark.parametrize(
    ("diary", "fault"),
    [
        (
            'rule = "every Tuesday until March 2020"',
            "The series would end on Tuesday 31 March 2020, before it starts on Monday 2 March 2026; "
            'try "every Tuesday until the end of March 2026".',
        ),
        (
            'rule = "every Tuesday at 14:00"\nstarts_on = 2020-01-07\ncount = 6',
            'no date of "every Tuesday at 14:00" is to come; let it start later.',
        ),
    ],
)
def test_a_diary_that_cannot_begin_is_named_by_its_panel(store: Store, diary: str, fault: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        applies(store, diary=diary)
    assert str(refused.value) == f"panels: north: {fault}"


def test_another_rule_for_bank_holidays_is_remarked_upon_once(store: Store) -> None:
    applies(store)
    assert applies(store, diary=f'{RULE}\nbank_holidays = "skip"') == (
        "~ panel north: bank holidays changed",
        "! north: meetings in the diary keep the dates of the earlier rule for bank holidays; "
        "/panel change with the same rule moves them",
    )
    assert applies(store, diary=f'{RULE}\nbank_holidays = "skip"') == ()


@pytest.mark.databases("sqlite", "postgresql")
def test_coming_meetings_follow_the_panel_to_another_venue_and_members_are_told(store: Store) -> None:
    applies(store, diary=f'{RULE}\nvenue = "Civic Centre"')
    with store.work() as work:
        _, second, _ = work.session.exec(select(Meeting).order_by(col(Meeting.starts_at)))
        second.venue = "Online"  # as the co-ordinator chose for that one
        work.session.add(second)
    assert applies(store, diary=f'{RULE}\nvenue = "Town Hall"') == (
        "~ panel north: venue changed",
        "~ north: 2 coming meetings at another venue, members are told",
    )
    with store.reading() as work:
        rows = work.session.exec(select(Meeting).order_by(col(Meeting.starts_at)))
        assert [(row.venue, row.sequence) for row in rows] == [("Town Hall", 1), ("Online", 0), ("Town Hall", 1)]
        told = work.session.exec(select(OutboxRow).where(OutboxRow.kind == "diary_notice")).all()
        assert len(told) == len(NORTH)
    assert applies(store, diary=f'{RULE}\nvenue = "Town Hall"') == ()
    assert applies(store) == ()  # a file that says nothing of it leaves what was chosen


def test_calendars_learn_of_a_panels_new_title_and_nobody_is_written_to(store: Store) -> None:
    applies(store)
    with store.work() as work:
        held, cancelled, _ = work.session.exec(select(Meeting).order_by(col(Meeting.starts_at)))
        held.state, held.opened_at, held.closed_at = MeetingState.CLOSED, work.now, work.now
        cancelled.state = MeetingState.CANCELLED
        work.session.add_all([held, cancelled])
    assert applies(store, title="Northern") == ("~ panel north: title changed",)
    with store.reading() as work:
        meetings = work.session.exec(select(Meeting).order_by(col(Meeting.starts_at)))
        assert [meeting.sequence for meeting in meetings] == [0, 0, 1]
        assert {row.kind for row in work.session.exec(select(OutboxRow))} == {"welcome"}
    assert applies(store, title="Northern") == ()


def test_a_new_title_and_a_new_venue_are_one_change_of_a_meeting(store: Store) -> None:
    applies(store, diary=f'{RULE}\nvenue = "Civic Centre"')
    with store.work() as work:
        _, second, _ = work.session.exec(select(Meeting).order_by(col(Meeting.starts_at)))
        second.venue = "Online"  # takes the title alone
        work.session.add(second)
    applies(store, diary=f'{RULE}\nvenue = "Town Hall"', title="Northern")
    with store.reading() as work:
        rows = work.session.exec(select(Meeting).order_by(col(Meeting.starts_at)))
        assert [(row.venue, row.sequence) for row in rows] == [("Town Hall", 1), ("Online", 1), ("Town Hall", 1)]


@pytest.mark.databases("sqlite", "postgresql")
def test_two_people_swap_their_accounts(store: Store) -> None:
    applies(store)
    swapped = {"ann": "U0BOB", "bob": "U0ANN"}
    assert applies(store, accounts=swapped) == ("~ person ann: user changed", "~ person bob: user changed")
    assert applies(store, accounts=swapped) == ()
    with store.reading() as work:
        assert identify(work, "T0DEMO", "U0BOB").name == "ann"


@pytest.mark.databases("sqlite", "postgresql")
def test_an_account_of_a_person_who_left_goes_to_another(store: Store) -> None:
    applies(store)
    less = without(PEOPLE, "hal")
    agencies = AGENCIES | {"health": None}
    changes = applies(store, people=less, agencies=agencies, accounts={"bob": "U0HAL"})
    assert changes == (
        "~ person hal: their Slack account is bob's now",
        "~ person bob: user changed",
        "- person hal left",
    )
    assert applies(store, people=less, agencies=agencies, accounts={"bob": "U0HAL"}) == ()


@pytest.mark.databases("sqlite", "postgresql")
def test_a_panel_under_a_new_key_with_its_channel_is_the_same_panel(store: Store) -> None:
    applies(store)
    number = gives(store, "bob")
    changes = applies(store, panels={"northern": "C0NORTH"})
    assert changes == ("~ panel north: key changed to northern", "~ panel northern: title changed")
    assert applies(store, panels={"northern": "C0NORTH"}) == ()
    assert holder(store, number) == ("bob", "police")


@pytest.mark.databases("sqlite", "postgresql")
def test_two_panels_swap_their_channels(store: Store) -> None:
    applies(store, panels={"north": "C0NORTH", "south": "C0SOUTH"})
    swapped = {"north": "C0SOUTH", "south": "C0NORTH"}
    assert applies(store, panels=swapped) == ("~ panel north: channel changed", "~ panel south: channel changed")
    assert applies(store, panels=swapped) == ()


@pytest.mark.databases("sqlite", "postgresql")
def test_a_panel_that_is_gone_ends_and_begins_again(store: Store) -> None:
    applies(store)
    assert applies(store, panels={}) == (
        "- panel north ended for its 5 members",
        "- north: 3 coming meetings cancelled, members are told",
    )
    assert applies(store, panels={}) == ()
    with store.work() as work, pytest.raises(NotForYou):
        show_next_meeting(work, identify(work, "T0DEMO", "U0KIM"), Where(panel_key="north"))
    with store.reading() as work:
        assert not work.session.exec(select(Panel.is_active)).one()
        assert set(work.session.exec(select(Meeting.state))) == {MeetingState.CANCELLED}
        assert set(work.session.exec(select(Meeting.sequence))) == {1}  # so that calendars learn of it
        assert work.session.exec(select(Membership.id).where(col(Membership.ended_at).is_(None))).all() == []
    changes = applies(store)
    assert changes[0] == "+ panel north is back"
    assert changes[-3:] == (
        "+ north: 3 meetings, second Tuesday of the month at 14:00, the first on Tue 10 Mar 2026",
        "! panel north: invite to its channel in Slack: ann, bob, cat, kim, ned",
        CUT_OFF.format(days="Tue 10 Mar 2026", first="Tue 10 Mar 2026"),
    )
    assert applies(store) == ()


def test_a_panel_with_open_actions_does_not_end(store: Store) -> None:
    applies(store)
    numbers = [gives(store, "bob"), gives(store, "ann")]
    with pytest.raises(Misconfigured, match=f"{numbers[0]}, {numbers[1]}"):
        applies(store, panels={})
    assert applies(store) == ()


@pytest.mark.databases("sqlite", "postgresql")
def test_an_agency_that_is_gone_ends_and_begins_again(store: Store) -> None:
    applies(store)
    fewer = {"police": "ann", "council": None}
    assert applies(store, people=without(PEOPLE, "hal"), agencies=fewer) == (
        "- person hal left",
        "- agency health ended",
    )
    assert applies(store, people=without(PEOPLE, "hal"), agencies=fewer) == ()
    assert applies(store)[0] == "+ agency health is back"


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize(
    ("gone", "heir"),
    [
        (("bob",), ("cat", "police")),  # the deputy
        (("bob", "cat"), ("ann", "police")),  # the lead
        (("bob", "cat", "ann"), ("ned", "police")),  # the co-ordinator; it stays the agency's
        (("bob", "cat", "ann", "ned"), ("kim", "police")),  # the chair
    ],
)
@pytest.mark.parametrize("stays", [True, False], ids=["off the panel", "left"])
def test_what_a_person_held_passes_to_the_nearest(
    store: Store, gone: tuple[str, ...], heir: tuple[str, str], stays: bool
) -> None:
    applies(store)
    number = gives(store, "bob")
    members = without(NORTH, *gone)
    members |= {"cat": "representative"} if "cat" in members else {}
    people = PEOPLE if stays else without(PEOPLE, *gone)
    agencies = {key: lead if lead in people else None for key, lead in AGENCIES.items()}
    changes = applies(store, people=people, members=members, agencies=agencies)
    assert f"~ action {number}: passed from bob to {heir[0]}" in changes
    assert holder(store, number) == heir
    assert applies(store, people=people, members=members, agencies=agencies) == ()


def test_nobody_takes_what_they_may_not_read(store: Store) -> None:
    applies(store, cases=CASE)
    number = gives(store, "bob", "SAMPLE-0001")
    with store.work() as work:
        case_id = work.session.get_one(Action, number).case_id
        assert case_id is not None
        for key in ("cat", "ann"):
            person = work.session.exec(select(Person).where(col(Person.key) == key)).one()
            work.session.add(Recusal(case_id=case_id, person_id=id_of(person), declared_at=work.now))
    changes = applies(store, members=without(NORTH, "bob") | {"cat": "representative"}, cases=CASE)
    assert f"~ action {number}: passed from bob to ned" in changes


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        ("assessed_on = 2031-01-01", "assessed_on: The assessment cannot be dated in the future."),
        ("assessment_due_on = 2026-01-05", "assessment_due_on: Choose a day from today on"),
        ("assessment_due_on = 2099-01-05", "assessment_due_on: Choose a day within 2 years for the assessment."),
    ],
)
def test_a_file_flags_no_case_on_a_day_that_a_form_refuses(store: Store, instead: str, told: str) -> None:
    case = CASE.replace("assessed_days_ago = 5", instead)
    if "due" in instead:
        case = case.replace('risk_tool = "ceraf"\nrisk_level = "medium"\n', "")
    with pytest.raises(Misconfigured) as refused:
        applies(store, cases=case)
    assert refused.value.faults[0].startswith(f'cases (reference "SAMPLE-0001").{told}')


def test_a_blank_lead_professional_is_none(store: Store) -> None:
    file = county_file(store, cases=CASE + 'lead_professional = "  "\n')
    assert file.cases[0].facts(date(2026, 3, 2)).lead_professional == ""


def test_an_action_that_nobody_can_take_refuses_the_file(store: Store) -> None:
    applies(store)
    number = gives(store, "bob")
    with pytest.raises(Misconfigured, match=f"bob is no longer on north but holds action {number}, and nobody"):
        applies(store, members={"hal": "representative"})
    assert holder(store, number) == ("bob", "police")


def test_the_panel_above_follows_the_file(store: Store) -> None:
    def applied(above: str) -> tuple[str, ...]:
        extra = _panel("shire", NORTH, "C0SHIRE").replace("district-operational-met", "county-operational-met")
        extra = extra.replace('area = "north"', 'area = "demo"')
        kind = 'definition = "district-operational-met"\narea = "north"'
        here = f'\n[[panels]]\nkey = "west"\ntitle = "West"\n{kind}\n{above}'
        return applies(store, cases=f"{here}\n{extra}")

    def goes_to() -> str | None:
        with store.reading() as work:
            above = work.session.exec(select(Panel.escalates_to_id).where(Panel.key == "west")).one()
            return work.session.get_one(Panel, above).key if above else None

    applied('escalates_to = "shire"')
    assert goes_to() == "shire"
    assert applied('escalates_to = "shire"') == ()
    assert applied("") == ("~ panel west: escalates to changed",)
    assert goes_to() is None


def period(*days: str, person: str = "cat", deputy_for: str = "bob") -> dict[str, str]:
    """Return a deputy from a day until another, as `applies` takes members."""
    keys = {"from": days[0], "until": days[-1]} if len(days) > 1 else {"until": days[0]}
    return {person: f"deputy:{deputy_for}:" + ",".join(f"{key}={on}" for key, on in keys.items())}


def places(store: Store, key: str) -> list[tuple[str, str | None, str | None]]:
    """Return a person's places that go on: role, first and last day but one in UTC."""
    with store.reading() as work:
        rows = work.session.exec(
            select(Membership)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(col(Person.key) == key, col(Membership.ended_at).is_(None))
            .order_by(col(Membership.id))
        )
        return [
            (str(row.role), f"{row.began_at:%m-%d}", f"{row.lapses_at:%m-%d}" if row.lapses_at else None)
            for row in rows
        ]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_deputy_for_a_period_is_added_once_and_its_last_day_may_move(store: Store) -> None:
    members = without(NORTH, "cat") | period("2026-03-10", "2026-03-12")
    applies(store, members=without(NORTH, "cat"))
    assert applies(store, members=members) == ("+ north: cat is deputy from 10 March 2026 until 12 March 2026",)
    assert applies(store, members=members) == ()
    assert places(store, "cat") == [("deputy", "03-10", "03-13")]
    longer = without(NORTH, "cat") | period("2026-03-10", "2026-03-20")
    assert applies(store, members=longer) == ("~ north: cat is deputy until another day",)
    assert applies(store, members=longer) == ()
    assert places(store, "cat") == [("deputy", "03-10", "03-21")]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_period_that_is_over_changes_nothing(store: Store) -> None:
    applies(store, members=without(NORTH, "cat"))
    assert applies(store, members=without(NORTH, "cat") | period("2026-02-10", "2026-02-12")) == ()


def test_deputies_named_in_slack_for_a_while_stay(store: Store) -> None:
    applies(store, members=without(NORTH, "cat"))
    with store.work() as work:
        name_deputy(work, identify(work, "T0DEMO", "U0BOB"), "U0CAT", "U0BOB", how="period", until=date(2026, 3, 20))
    assert applies(store, members=without(NORTH, "cat")) == ()
    assert [role for role, _, _ in places(store, "cat")] == ["deputy"]


def test_standing_places_are_the_files(store: Store) -> None:
    applies(store, members=without(NORTH, "cat"))
    with store.work() as work:
        name_deputy(work, identify(work, "T0DEMO", "U0BOB"), "U0CAT", "U0BOB", how="standing")
    assert applies(store, members=without(NORTH, "cat")) == ("- north: cat is no longer deputy",)


def test_who_was_enrolled_in_slack_stays_until_a_file_names_them(store: Store) -> None:
    applies(store)
    enrolled_in_slack(store, Role.OBSERVER)
    assert applies(store) == ()
    assert places(store, "@T0DEMO.U0NEW") != []
    assert applies(store, people=PEOPLE | {"new": "council"}, members=NORTH | {"new": "observer"}) == (
        "~ person @T0DEMO.U0NEW: key changed to new",
        "~ person new: name changed",
    )


def enrolled_in_slack(store: Store, role: Role) -> None:
    """Let the co-ordinator enrol a person no file names, with a place on North."""
    account = Account("U0NEW", "T0DEMO", "New", "Europe/London", is_bot=False, is_guest=False, is_deactivated=False)
    with store.work() as work:
        ned = identify(work, "T0DEMO", "U0NED")
        place = [(id_of(work.session.exec(select(Panel)).one()), role)]
        enrol(work, ned, account, name="New", timezone="Europe/London", agency_id=ned.agency_id, places=place)


def test_a_chair_chosen_in_slack_stays_though_the_file_makes_another_and_each_time_it_is_said(store: Store) -> None:
    applies(store)
    with store.work() as work:
        ned = identify(work, "T0DEMO", "U0NED")
        end_places(work, ned, "U0KIM", [place.id for place in propose_end(work, ned, "U0KIM").places])
    enrolled_in_slack(store, Role.CHAIR)
    remark = (
        "! panel north: the file makes kim chair, but New chairs it (chosen in Slack): end their place with "
        "/people end and apply the file again, or let the file name them"
    )
    assert applies(store) == (remark,)
    assert applies(store) == (remark,)
    assert (places(store, "kim"), [role for role, _, _ in places(store, "@T0DEMO.U0NEW")]) == ([], ["chair"])
    named = {"people": PEOPLE | {"new": "council"}, "members": without(NORTH, "kim") | {"new": "chair"}}
    assert applies(store, **named)[0] == "~ person @T0DEMO.U0NEW: key changed to new"
    # The file takes the chair again from a person a file has named.
    both = {"people": PEOPLE | {"new": "council"}, "members": NORTH}
    assert applies(store, **both) == (
        "- north: new is no longer chair",
        "+ north: kim is chair",
        "! panel north: invite to its channel in Slack: kim",
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_who_left_in_slack_stays_away_though_the_file_names_them(store: Store) -> None:
    applies(store)
    with store.work() as work:
        leave(work, identify(work, "T0DEMO", "U0NED"), "U0BOB")
    remark = (
        "! person bob left on 2 March 2026 and stays away: take them out of the file, "
        "or bring them back with /people return"
    )
    assert applies(store) == (remark,)
    assert applies(store) == (remark,)
    with store.reading() as work, pytest.raises(Stranger):
        identify(work, "T0DEMO", "U0BOB")
    assert places(store, "bob") == []


def test_an_action_stays_with_the_agency_that_its_holder_leaves(store: Store) -> None:
    applies(store)
    number = gives(store, "bob")
    moved = PEOPLE | {"bob": "health"}
    changes = applies(store, people=moved, members=NORTH | {"cat": "representative"})
    assert changes == (
        "~ person bob: agency changed",
        "- north: cat is no longer deputy",
        "+ north: cat is representative",
        f"~ action {number}: passed from bob to cat",
    )
    assert holder(store, number) == ("cat", "police")
    assert applies(store, people=moved, members=NORTH | {"cat": "representative"}) == ()


@pytest.mark.databases("sqlite", "postgresql")
def test_waiting_flags_pass_on_too(store: Store) -> None:
    applies(store, cases=CASE)
    gone = without(PEOPLE, "ann")
    agencies = AGENCIES | {"police": None}
    changes = applies(store, people=gone, members=without(NORTH, "ann"), agencies=agencies)
    assert changes == ("- person ann left", "~ north: 1 waiting flag passed from ann to bob")
    assert applies(store, people=gone, members=without(NORTH, "ann"), agencies=agencies) == ()


def test_a_place_of_the_file_is_told_to_the_chair_and_opens_nothing_that_was_closed(store: Store) -> None:
    closed = CASE.replace("[[cases]]", '[[cases]]\nclosed = true\nreaders = ["kim", "ann"]')
    applies(store, cases=closed)
    assert places_told(store) == []  # who is there from the beginning is news to nobody
    applies(store, cases=closed, members=NORTH | {"hal": "vice_chair"})
    applies(store, cases=closed, members=NORTH | {"hal": "vice_chair"})
    assert places_told(store) == [("ann", None), ("kim", None), ("ned", None)]
    with store.work() as work:
        numbers = {key: id_of(work.session.exec(select(Person).where(Person.key == key)).one()) for key in PEOPLE}
        assert readable_cases(work, numbers["hal"], [1]) == set()
        kim = identify(work, "T0DEMO", "U0KIM")
        (place,) = work.find_all(Membership, col(Membership.role) == Role.VICE_CHAIR)
        shown = decide_reading(work, kim, id_of(place), is_granted=True)
        assert (shown.by_name, shown.places[0].answer) == (None, True)
        assert readable_cases(work, numbers["hal"], [1]) == {1}


def places_told(store: Store) -> list[tuple[str, int | None]]:
    """Return who is told of places, by key, and who gave them."""
    with store.reading() as work:
        rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "places_given")
        told = [(work.session.get_one(Person, row.payload["person_id"]).key, row.payload["by_id"]) for row in rows]
    return sorted(told, key=lambda one: one[0])


def test_how_long_files_stay_in_slack_is_taken_over_and_fourteen_days_unless_said(store: Store) -> None:
    def days() -> int:
        with store.reading() as work:
            return slack_file_days(work.session)

    assert days() == 14
    assert not [change for change in applies(store) if "removed from Slack" in change]
    assert applies(store, county="slack_files_days = 3") == ("~ county: files are removed from Slack after 3 days",)
    assert days() == 3
    assert applies(store, county="slack_files_days = 3") == ()
    assert applies(store) == ("~ county: files are removed from Slack after 14 days",)


def test_that_the_words_of_actions_stay_in_messages_is_on_record_with_who_agreed_and_when(store: Store) -> None:
    applies(store)
    agreed = 'action_text_agreed_by = "The partnership"\naction_text_agreed_on = 2026-03-01'
    assert applies(store, county=agreed) == ()
    told = "~ county: the words of actions stay in messages, as The partnership agreed on 2026-03-01"
    assert applies(store, county=f"action_text_in_messages = true\n{agreed}") == (told,)
    assert applies(store, county=f"action_text_in_messages = true\n{agreed}") == ()
    assert applies(store, county=agreed) == ("~ county: the words of actions stay out of messages",)
    with pytest.raises(Misconfigured, match="needs action_text_agreed_by and action_text_agreed_on"):
        applies(store, county="action_text_in_messages = true")


def audited(store: Store) -> list[tuple[str, str, str, str]]:
    """Return what the audit says of applied files: verb, noun, the person or case by its key, and the panel."""
    with store.reading() as work:
        person = {id_of(one): one.key for one in work.find_all(Person)}
        case = {id_of(one): one.reference for one in work.find_all(Case)}
        panel = {id_of(one): one.key for one in work.find_all(Panel)}
        entries = work.find_all(AuditEntry, by=[col(AuditEntry.id)])
        assert all(one.actor_id is None and (one.case_id is None) == (one.noun != "case") for one in entries)
        return [
            (
                one.verb,
                one.noun,
                (case if one.noun == "case" else person).get(one.noun_id or 0, ""),
                panel.get(one.panel_id or 0, ""),
            )
            for one in entries
            if one.noun in ("county", "case", "person", "membership")
        ]


def test_the_audit_names_each_case_person_and_place_of_a_file(store: Store) -> None:
    applies(store, cases=CASE)
    first = audited(store)
    assert sorted(first) == sorted(
        [
            ("flag", "case", "SAMPLE-0001", "north"),
            ("apply", "county", "", ""),
            *(("enrol", "person", key, "") for key in PEOPLE),
            *(("place", "membership", key, "north") for key in NORTH),
        ]
    )
    assert applies(store, cases=CASE) == ()
    assert audited(store) == first
    left = without(PEOPLE, "hal") | {"eve": "health"}
    members = without(NORTH, "bob", "cat") | {"eve": "observer"}
    applies(store, people=left, members=members, agencies=AGENCIES | {"health": None}, administrators=["ann"])
    assert sorted(audited(store)[len(first) :]) == sorted(
        [
            ("apply", "county", "", ""),
            ("change", "person", "ann", ""),
            ("leave", "person", "hal", ""),
            ("enrol", "person", "eve", ""),
            *(("end", "membership", key, "north") for key in ("bob", "cat")),
            ("place", "membership", "eve", "north"),
        ]
    )
    with store.work() as work:
        found = report_audit(work, AuditQuestion(person="bob"))
        assert [(row.verb, row.noun, row.about) for row in found.rows] == [
            ("enrol", "person", "bob"),
            ("place", "membership", "bob"),
            ("end", "membership", "bob"),
        ]
        assert [row.case for row in report_audit(work, AuditQuestion(case="SAMPLE-0001")).rows] == ["SAMPLE-0001"]


def test_a_panel_that_ends_is_audited_for_each_who_sat_there(store: Store) -> None:
    applies(store, panels={"north": "C0NORTH", "south": "C0SOUTH"})
    before = len(audited(store))
    applies(store)
    assert sorted(audited(store)[before:]) == [
        ("apply", "county", "", ""),
        *(("end", "membership", key, "south") for key in sorted(NORTH)),
    ]


def test_an_agreement_that_is_still_to_come_is_refused(store: Store) -> None:
    agreed = 'action_text_in_messages = true\naction_text_agreed_by = "The partnership"\naction_text_agreed_on = '
    with store.work() as work:
        today = work.now.date()
    tomorrow = today + timedelta(days=1)
    with pytest.raises(Misconfigured) as refused:
        applies(store, county=f"{agreed}{tomorrow}")
    assert str(refused.value) == (
        f"county.action_text_agreed_on: {tomorrow} is still to come. Give the day on which it was agreed."
    )
    assert f"~ county: the words of actions stay in messages, as The partnership agreed on {today}" in applies(
        store, county=f"{agreed}{today}"
    )


def test_new_representatives_are_welcomed_once_and_the_terminal_names_people_to_invite(store: Store) -> None:
    def welcomed() -> list[str]:
        with store.reading() as work:
            rows = work.session.exec(select(OutboxRow).where(col(OutboxRow.kind) == "welcome"))
            return sorted(work.session.get_one(Person, row.payload["person_id"]).key for row in rows)

    assert "! panel north: invite to its channel in Slack: ann, bob, cat, kim, ned" in applies(store)
    assert welcomed() == ["ann", "bob"]  # neither the deputy nor the office
    assert applies(store) == ()
    more = {"people": PEOPLE | {"zoe": "health"}, "members": NORTH | {"zoe": "representative", "ann": "observer"}}
    assert applies(store, **more)[-1] == "! panel north: invite to its channel in Slack: zoe"
    assert welcomed() == ["ann", "bob", "zoe"]
    applies(store, **{**more, "members": NORTH | {"zoe": "representative"}})  # ann represents the police again
    assert welcomed() == ["ann", "bob", "zoe"]


def test_the_shape_of_an_agencys_references_follows_the_file(store: Store) -> None:
    applies(store)
    file = county_file(store)
    agencies = (one.model_copy(update={"reference_pattern": f"{one.key.upper()}-###"}) for one in file.agencies)
    shaped = file.model_copy(update={"agencies": tuple(agencies)})
    said = tuple(f"~ agency {one.key}: reference pattern changed" for one in file.agencies)
    for declared, changes in ((shaped, said), (shaped, ()), (file, said)):
        with store.work() as work:
            assert apply_county(work, declared) == changes


def test_the_short_names_of_an_agency_follow_the_file(store: Store) -> None:
    applies(store)
    file = county_file(store)
    first, *others = file.agencies
    named = file.model_copy(update={"agencies": (first.model_copy(update={"short_names": ("CSC West",)}), *others)})
    said = (f"~ agency {first.key}: short names changed",)
    for declared, changes in ((named, said), (named, ()), (file, said)):
        with store.work() as work:
            assert apply_county(work, declared) == changes
