"""Flags of one case by several agencies for one meeting: one hearing serves them all, and none is lost with another's.

One of them is live. The others are folded into it: deferred at the same meeting, without a reason from the chair.
"""

from typing import Any

from bot.domain.case_facts import NARRATIVE, CaseFacts
from bot.models.cases import Case, Flag
from bot.models.vocabulary import FlagState
from bot.records.cases.queries import FLAG_FACTS, live_flag, merged_flags
from bot.store.unit_of_work import Work


def facts_on_flag(work: Work, facts: CaseFacts, data_key_id: int) -> dict[str, Any]:
    """Return the columns of a flag that hold these facts, an agency's words sealed under the case's key."""
    columns = {name: getattr(facts, name) for name in FLAG_FACTS}
    for name in NARRATIVE:
        columns[name] = work.seal(data_key_id, columns[name]) if columns[name] else None
    columns["themes"] = [theme.value for theme in facts.themes]
    return columns


def set_facts_on_case(case: Case, facts: CaseFacts) -> None:
    """Let a case say what an agency now says of the child."""
    for name in CaseFacts.model_fields.keys() - FLAG_FACTS:
        setattr(case, name, getattr(facts, name))


def copied_facts(flag: Flag) -> dict[str, Any]:
    """Return the columns of a flag that hold facts, for another flag of the same case; what is sealed stays so."""
    return {name: getattr(flag, name) for name in FLAG_FACTS}


def merge_flag(work: Work, flag: Flag, into: Flag) -> None:
    """One hearing serves both; where the chair accepted either, the case is heard."""
    if flag.state is FlagState.ACCEPTED:
        flag.triaged_at = flag.triaged_at or work.now  # of a review that is due nobody had to say yes
        if into.state is FlagState.OPEN:
            into.state = FlagState.ACCEPTED
            into.triaged_by_id, into.triaged_at = flag.triaged_by_id, flag.triaged_at
            work.session.add(into)
    flag.state = FlagState.DEFERRED
    flag.meeting_id = into.meeting_id
    work.session.add(flag)
    work.session.flush()


def move_merged(work: Work, case_id: int, before: int, after: int) -> None:
    """What is folded into a flag goes to its new meeting with it."""
    for flag in merged_flags(work, case_id, before):
        flag.meeting_id = after
        work.session.add(flag)
    work.session.flush()


def unmerge(work: Work, withdrawn: Flag) -> Flag | None:
    """A live flag was withdrawn: what was folded into it asks for the hearing now, accepted if it was before."""
    work.session.flush()
    folded = merged_flags(work, withdrawn.case_id, withdrawn.meeting_id)
    if not folded or live_flag(work, withdrawn.case_id, withdrawn.meeting_id) is not None:
        return None
    flag = folded[0]
    flag.state = FlagState.OPEN if flag.triaged_at is None else FlagState.ACCEPTED
    work.session.add(flag)
    work.session.flush()
    work.audit("return", "case", flag.case_id, panel_id=flag.panel_id)
    return flag
