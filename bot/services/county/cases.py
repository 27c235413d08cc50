"""The cases of a county file: each is added with its flag, and never changed."""

from datetime import date

from sqlmodel import col, select

from bot.documents.county_file import Case as DeclaredCase
from bot.errors import Misconfigured
from bot.models.cases import Case, CaseReader, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState
from bot.records.access.clocks import today_at
from bot.records.diary.queries import next_meeting
from bot.services.county.run import Run
from bot.store.rows import id_of


def apply_case(run: Run, declared: DeclaredCase) -> None:
    session = run.work.session
    if session.exec(select(Case.id).where(col(Case.reference) == declared.reference)).first() is not None:
        return
    panel = run.panels[declared.panel]
    meeting = next_meeting(run.work, id_of(panel))
    if meeting is None:
        raise Misconfigured(
            f"cases: {declared.reference} is flagged to {declared.panel}, which has no meeting in its diary."
        )
    case = Case(
        reference=declared.reference,
        area_id=id_of(run.areas[declared.district]),
        age_band=declared.age_band,
        legal_status=declared.legal_status,
        is_closed=declared.closed,
        data_key_id=run.work.keys.new_key(session, "case", run.work.now),
        created_at=run.work.now,
    )
    session.add(case)
    session.flush()
    for reader in declared.readers:
        session.add(CaseReader(case_id=id_of(case), person_id=id_of(run.people[reader])))
    session.add(_flag(run, declared, case, panel, meeting))
    run.changes.append(f"+ case {declared.reference}, flagged to {declared.panel}")


def _flag(run: Run, declared: DeclaredCase, case: Case, panel: Panel, meeting: Meeting) -> Flag:
    today: date = today_at(run.work, panel)
    return Flag(
        case_id=id_of(case),
        panel_id=id_of(panel),
        meeting_id=id_of(meeting),
        agency_id=id_of(run.agencies[declared.agency]),
        person_id=id_of(run.people[declared.flagged_by]),
        state=FlagState.OPEN,
        urgency=declared.urgency,
        risk_tool=declared.risk_tool,
        risk_level=declared.risk_level,
        score=declared.score,
        assessed_on=declared.assessed(today),
        judgement=run.work.seal(case.data_key_id, declared.judgement),
        asked_of_panel=run.work.seal(case.data_key_id, declared.asked_of_panel),
        themes=[theme.value for theme in declared.themes],
        missing_episodes=declared.missing_episodes,
        interviews_offered=declared.interviews_offered,
        interviews_within_72h=declared.interviews_within_72h,
        flagged_at=run.work.now,
    )
