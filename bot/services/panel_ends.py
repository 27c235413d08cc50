"""What people are told of a panel that has ended: of waiting cases, what each may know."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb, may
from bot.models.cases import Case, Flag
from bot.models.panels import Panel
from bot.records.access.queries import readable
from bot.records.agenda.queries import LIVE_FLAGS
from bot.records.leaving.panels import roles_until_end
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class PanelEnded:
    """A panel that is no more."""

    panel_title: str
    had_meetings: bool  #: to come, which are cancelled with it
    references: tuple[str, ...]  #: of the cases of the reader's agency that waited there; for who read cases there
    waiting: int  #: how many there are, for a lead who did not sit there; never those kept from them


def compose_end(work: Work, actor: Actor, panel_id: int, flag_ids: Sequence[int], meetings: int) -> PanelEnded | None:
    """The end of a panel for somebody who sat there, or leads an agency; None once it is back, or is not theirs."""
    panel = work.session.get(Panel, panel_id)
    if panel is None or panel.is_active:
        return None
    found = work.session.exec(
        select(Case.reference)
        .join(Flag, col(Flag.case_id) == col(Case.id))
        .where(
            col(Flag.id).in_(list(flag_ids)),
            col(Flag.agency_id) == actor.agency_id,
            col(Flag.state).in_(LIVE_FLAGS),
            readable(actor.person_id),
        )
        .distinct()
        .order_by(col(Case.reference))
    ).all()
    roles = roles_until_end(work, panel, actor.person_id)
    counts = not roles and actor.leads_agency
    if not roles and not (counts and found):
        return None
    reads = may(Verb.READ_CASES, roles)
    return PanelEnded(panel.title, meetings > 0, tuple(found) if reads else (), len(found) if counts else 0)
