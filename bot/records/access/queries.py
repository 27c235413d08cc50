"""Who is asking, their roles on each panel, which places are in force, and which cases are kept from them.

A person gets access only if they are enrolled, their agency is active, and a role on the panel allows what they ask
for. For a case they must also have no declared interest in the case. A record that does not exist and a record that the
person may not see get the same answer. The functions for a panel's local time are here too.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, ColumnElement, FromClause, and_, bindparam, exists, func, literal, or_
from sqlalchemy import select as tables_select
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col, select

from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import ROLES, Actor, Verb, may, who_may
from bot.errors import Mistake, NotForYou, NotYourRole, Stranger
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import AccessEvent, Case, CaseReader, Flag, Recusal
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import MeetingState, Role
from bot.store.rows import grouped, id_of, object_of, table_of
from bot.store.unit_of_work import Work

Moment = datetime | ColumnElement[Any] | Mapped[Any]

_PLACE = table_of(Membership)


def holds_at(now: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """Return the SQL condition on Membership, true if the place is in force: begun, and neither ended nor lapsed."""
    return and_(place.c.began_at <= now, is_to_hold(now, place))


def is_to_hold(now: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """Return the SQL condition on Membership, true if the place is or will be in force: neither ended nor lapsed."""
    return and_(place.c.ended_at.is_(None), or_(place.c.lapses_at.is_(None), place.c.lapses_at > now))


def held_at(then: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """Return the SQL condition on Membership, true if the place was in force at `then`, even if it has ended since."""
    return and_(
        place.c.began_at <= then,
        or_(place.c.ended_at.is_(None), place.c.ended_at > then),
        or_(place.c.lapses_at.is_(None), place.c.lapses_at > then),
    )


def carries(verb: Verb, now: Moment, place: FromClause = _PLACE) -> ColumnElement[bool]:
    """Return the SQL condition on Membership, true if the place is in force and its role allows `verb`."""
    return and_(holds_at(now, place), place.c.role.in_(sorted(ROLES[verb])))


def is_running(work: Work) -> ColumnElement[bool]:
    """Return the SQL condition on Panel, true if the panel has not ended and its kind has a definition."""
    return and_(col(Panel.is_active), col(Panel.definition).in_(sorted(work.definitions)))


def standing_still(session: Session, kinds: Collection[str]) -> list[Panel]:
    """Return the active panels that can't be used, since `kinds` lacks their definition's key.

    The panels are sorted by title.
    """
    query = select(Panel).where(col(Panel.is_active), col(Panel.definition).not_in(sorted(kinds)))
    return list(session.exec(query.order_by(col(Panel.title), col(Panel.id))))


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's roles on one panel at the moment of one request."""

    actor: Actor
    panel: Panel
    panel_id: int
    roles: frozenset[Role]
    open_meeting_id: int | None = None  #: the panel's open meeting; not looked up for several panels at once

    def may(self, verb: Verb) -> bool:
        """Return whether the person's roles allow `verb` on this panel."""
        return may(verb, self.roles, is_administrator=self.actor.is_administrator)


@dataclass(frozen=True, slots=True)
class Where:
    """Which panel a command is about: the one named by its key, or else the one whose channel it was typed in."""

    panel_key: str | None = None
    channel_id: str | None = None
    here: Standing | None = None  #: their standing in that channel, if it was read together with the person


_person, _agency, _meeting, _panel = table_of(Person), table_of(Agency), table_of(Meeting), table_of(Panel)
_case = table_of(Case)
_IS_DONE = col(AuditEntry.outcome) == "done"  # in the entry of a refused request, the noun is a command's name
#: Selects enrolled people of active agencies, with columns in the order of Actor's fields.
_ACTORS = (
    tables_select(
        _person.c.id,
        _person.c.name,
        _person.c.team_id,
        _person.c.user_id,
        _person.c.agency_id,
        _agency.c.name,
        _person.c.leads_agency,
        _person.c.is_administrator,
        _person.c.timezone,
    )
    .join(_agency, _agency.c.id == _person.c.agency_id)
    .where(_person.c.left_at.is_(None), _agency.c.is_active)
)
_BY_ACCOUNT = _ACTORS.where(_person.c.team_id == bindparam("team"), _person.c.user_id == bindparam("user"))
_BY_NUMBER = _ACTORS.where(_person.c.id == bindparam("number"))

_OPEN_MEETING = (
    tables_select(_meeting.c.id)
    .where(_meeting.c.panel_id == _panel.c.id, _meeting.c.state == MeetingState.OPEN)
    .correlate(_panel)
    .scalar_subquery()
)
#: A row begins with the actor's columns if the query asks for the actor, then comes a role, the open meeting, the
#: panel.
_ACTOR_FIELDS = len(_ACTORS.selected_columns)
_STANDING = (_PLACE.c.role, _OPEN_MEETING, *_panel.c)


def _places_of(person: ColumnElement[int] | BindParameter[int]) -> ColumnElement[bool]:
    return and_(_PLACE.c.panel_id == _panel.c.id, _PLACE.c.person_id == person, holds_at(bindparam("now")))


#: Selects a panel and its open meeting, in one row for each role of the person there, or one row without a role.
_STANDINGS = tables_select(*_STANDING).select_from(_panel).outerjoin(_PLACE, _places_of(bindparam("person")))
_BY_KEY = _STANDINGS.where(_panel.c.key == bindparam("sought"))
_BY_CHANNEL = _STANDINGS.where(_panel.c.channel_id == bindparam("sought"))
_BY_ID = _STANDINGS.where(_panel.c.id == bindparam("sought"))
#: Selects the person who types in a channel together with their standing on its panel: one statement for every command.
_BY_ACCOUNT_IN_CHANNEL = (
    _BY_ACCOUNT.add_columns(*_STANDING)
    .outerjoin(_panel, _panel.c.channel_id == bindparam("channel"))
    .outerjoin(_PLACE, _places_of(_person.c.id))
)


def identify(work: Work, team_id: str, user_id: str) -> Actor:
    """Return the enrolled person who has this Slack account.

    Raise Stranger, which gives no reason, if there is none.
    """
    found = work.execute(_BY_ACCOUNT, {"team": team_id, "user": user_id}).first()
    if found is None:
        raise Stranger
    return Actor(*found)


def identify_in(work: Work, team_id: str, user_id: str, channel_id: str) -> tuple[Actor, Standing | None]:
    """Return the enrolled person, and their standing on the channel's panel.

    The standing is None if the channel has no panel. Raise Stranger for an account that is not enrolled.
    """
    facts = {"team": team_id, "user": user_id, "channel": channel_id, "now": work.now}
    rows = work.execute(_BY_ACCOUNT_IN_CHANNEL, facts).all()
    if not rows:
        raise Stranger
    actor = Actor(*rows[0][:_ACTOR_FIELDS])
    return actor, _standing_in(work, actor, [row[_ACTOR_FIELDS:] for row in rows])


def actor_of(work: Work, person_id: int) -> Actor | None:
    """Return the person as an Actor, or None if they have left or their agency is no longer active."""
    found = work.execute(_BY_NUMBER, {"number": person_id}).first()
    return None if found is None else Actor(*found)


def standing_on(work: Work, actor: Actor, panel: Panel) -> Standing:
    """Return the person's standing on the panel. A person without a place on the panel has no roles."""
    standing = _standing(work, actor, _BY_ID, id_of(panel))
    return standing or Standing(actor, panel, id_of(panel), frozenset())


def _standing(work: Work, actor: Actor, found_by: Any, sought: str | int) -> Standing | None:
    facts = {"person": actor.person_id, "sought": sought, "now": work.now}
    return _standing_in(work, actor, work.execute(found_by, facts).all())


def _standing_in(work: Work, actor: Actor, rows: Sequence[Sequence[Any]]) -> Standing | None:
    """Return the person's standing on the panel in these rows, or None if the rows contain no panel.

    The rows come from the query `_STANDINGS`. Each has one role of the person, the panel's open meeting and the panel's
    columns.
    """
    if not rows:
        return None
    _, open_meeting_id, *fields = rows[0]
    facts = dict(zip(_panel.c.keys(), fields, strict=True))
    if facts["id"] is None:
        return None
    roles = frozenset(row[0] for row in rows if row[0] is not None)
    return Standing(actor, object_of(work.session, Panel, facts), facts["id"], roles, open_meeting_id)


def standings_on(work: Work, actor: Actor, panels: Sequence[Panel]) -> dict[int, Standing]:
    """Return a dict from panel id to the person's standing on that panel, read in one statement."""
    by_number = {id_of(panel): panel for panel in panels}
    on_them = col(Membership.panel_id).in_(by_number)
    places = work.find_all(Membership, col(Membership.person_id) == actor.person_id, on_them, holds_at(work.now))
    roles = grouped((place.panel_id, place.role) for place in places)
    return {
        number: Standing(actor, panel, number, frozenset(roles.get(number, ()))) for number, panel in by_number.items()
    }


def require(work: Work, actor: Actor, panel_id: int, *verbs: Verb, noun: str = "that panel") -> Standing:
    """Return the person's standing on a panel. Raise NotForYou unless they may do all `verbs` there.

    `noun` is what the error says can't be found.
    """
    return _allowed(_standing(work, actor, _BY_ID, panel_id), verbs, noun)


def require_meeting(
    work: Work, actor: Actor, meeting_id: int, verb: Verb, *, noun: str = "that meeting"
) -> tuple[Standing, Meeting]:
    """Return the person's standing and the meeting. Raise NotForYou unless they may do `verb` on its panel."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou(noun)
    return require(work, actor, meeting.panel_id, verb, noun=noun), meeting


def require_flag(
    work: Work, actor: Actor, flag_id: int, verb: Verb, *, noun: str = "that case"
) -> tuple[Standing, Flag, Case]:
    """Return the person's standing, the flag and its case.

    Raise NotForYou unless they may do `verb` on the flag's panel and may read the case.
    """
    flag = work.session.get(Flag, flag_id)
    if flag is None:
        raise NotForYou(noun)
    standing = require(work, actor, flag.panel_id, verb, noun=noun)
    if not readable_cases(work, actor.person_id, [flag.case_id]):
        raise NotForYou(noun)
    return standing, flag, work.session.get_one(Case, flag.case_id)


def _refuse_member(standing: Standing | None, verb: Verb) -> None:
    """Raise NotYourRole if the person has a place on this active panel but none of their roles allows `verb`."""
    if standing is not None and standing.panel.is_active and standing.roles and not standing.may(verb):
        raise NotYourRole(f"On {standing.panel.title}, {who_may(verb)}.")


def _allowed(standing: Standing | None, verbs: Iterable[Verb], noun: str) -> Standing:
    if standing is None or not standing.panel.is_active or not all(standing.may(verb) for verb in verbs):
        raise NotForYou(noun)
    return standing


def panels_where(work: Work, actor: Actor, verb: Verb) -> list[Panel]:
    """Return the running panels on which the person may do `verb`, sorted by title."""
    return [panel for panel in panels_to_name(work, actor, verb) if panel.definition in work.definitions]


def allowed_anywhere(work: Work, actor: Actor) -> frozenset[Verb]:
    """Return every verb that the person may do, either on at least one running panel or as an administrator."""
    of_panel = (col(Panel.id) == col(Membership.panel_id), col(Membership.person_id) == actor.person_id)
    held = select(Membership.role).join(Panel, and_(*of_panel)).where(holds_at(work.now), is_running(work))
    roles = [Role(role) for role in work.session.exec(held.distinct())]
    return frozenset(verb for verb in Verb if may(verb, roles, is_administrator=actor.is_administrator))


def allowed_here(work: Work, actor: Actor, where: Where, typed: str) -> frozenset[Verb]:
    """Return every verb that the person may do on the panel they mean, or on any panel if they have no place there.

    The panel they mean is the one that `where` names by its key, or else the one whose key is among the words `typed`,
    or else the channel's.
    """
    keys = [word.casefold() for word in (where.panel_key or typed).split()]
    named = work.find(Panel, col(Panel.key).in_(keys))
    if named is not None:
        standing: Standing | None = standing_on(work, actor, named)
    else:
        standing = where.here or (_standing(work, actor, _BY_CHANNEL, where.channel_id) if where.channel_id else None)
    if standing is None or not standing.roles or not standing.panel.is_active:
        return allowed_anywhere(work, actor)
    return frozenset(verb for verb in Verb if standing.may(verb))


def panels_to_name(work: Work, actor: Actor, verb: Verb) -> list[Panel]:
    """Return the active panels on which the person may do `verb`, sorted by title.

    Panels without a definition are included: a person who names such a panel must be told why it can't be used.
    """
    return _panels_to_name(work, actor, verb, carries(verb, work.now))


def panels_of_member(work: Work, actor: Actor, verb: Verb) -> list[Panel]:
    """Return the active panels where the person has a place in any role, even if the role doesn't allow `verb`.

    On these panels, a refusal may tell the person which roles allow `verb`. An administrator gets every panel for an
    administrative verb.
    """
    return _panels_to_name(work, actor, verb, holds_at(work.now))


def _panels_to_name(work: Work, actor: Actor, verb: Verb, place: ColumnElement[bool]) -> list[Panel]:
    query = select(Panel).where(col(Panel.is_active)).order_by(col(Panel.title))
    if not (actor.is_administrator and verb.is_administrative):
        theirs = select(Membership.panel_id).where(col(Membership.person_id) == actor.person_id, place)
        query = query.where(col(Panel.id).in_(theirs))
    return list(work.session.exec(query))


def find_panel(work: Work, actor: Actor, where: Where, verb: Verb) -> Standing:
    """Return the person's standing on the panel that they mean.

    This panel is the one that they name, or else the channel's, or else the only panel on which they may do `verb`.
    Raise NotForYou if that panel does not exist or they have no place on it, and NotYourRole if none of their roles
    allows `verb`. If they could mean several panels, raise Mistake, which lists them.
    """
    if where.panel_key:
        sought = where.panel_key.lower()
        named = _standing(work, actor, _BY_KEY, sought)
        _refuse_member(named, verb)
        try:
            return _allowed(named, [verb], "that panel")
        except NotForYou:
            # Suggest only the person's own panels, so that nothing tells which other panels exist.
            near = difflib.get_close_matches(sought, [panel.key for panel in panels_to_name(work, actor, verb)], n=1)
            raise NotForYou("that panel", f"Did you mean `{near[0]}`?" if near else "") from None
    if where.channel_id:
        standing = where.here or _standing(work, actor, _BY_CHANNEL, where.channel_id)
        if standing is not None:
            _refuse_member(standing, verb)
            return _allowed(standing, [verb], "that panel")
    candidates = panels_to_name(work, actor, verb)
    if not candidates and panels_of_member(work, actor, verb):
        raise NotYourRole(f"On your panels, {who_may(verb)}.")
    if not candidates:
        raise NotYourRole("You have no place on a panel. Ask a panel's co-ordinator if you should have one.")
    if len(candidates) > 1:
        keys = ", ".join(f"`{panel.key}`" for panel in candidates)
        raise Mistake(f"Which panel? Type this in the panel's own channel, or add one of these at the end: {keys}.")
    return standing_on(work, actor, candidates[0])


def readable(person_id: int | Mapped[int]) -> ColumnElement[bool]:
    """Return the SQL condition on Case, true if the person may read the case.

    A person may read a case if they have declared no interest in it. For a closed item, they must also be one of its
    named readers.
    """
    named_reader = exists().where(col(CaseReader.case_id) == col(Case.id), col(CaseReader.person_id) == person_id)
    return and_(~stepped_back(person_id), or_(~col(Case.is_closed), named_reader))


def stepped_back(person_id: int | Mapped[int]) -> ColumnElement[bool]:
    """Return the SQL condition on Case, true if the person has a declared interest in the case."""
    return exists().where(
        col(Recusal.case_id) == col(Case.id), col(Recusal.person_id) == person_id, col(Recusal.withdrawn_at).is_(None)
    )


_STILL_IN_CHANNEL: Final = timedelta(days=365)


def kept_from_nobody(work: Work, panel_id: int) -> ColumnElement[bool]:
    """Return the SQL condition on Case, true if the case is not a closed item and no member has an interest in it.

    Only such a case may be named in the panel's channel. People whose places ended within the last year count as
    members, since they may still be in the channel.
    """
    of_member = and_(col(Membership.person_id) == col(Recusal.person_id), col(Membership.panel_id) == panel_id)
    sat = or_(col(Membership.ended_at).is_(None), col(Membership.ended_at) > work.now - _STILL_IN_CHANNEL)
    declared = (
        select(Recusal.id)
        .join(Membership, and_(of_member, sat))
        .where(col(Recusal.case_id) == col(Case.id), col(Recusal.withdrawn_at).is_(None))
    )
    return and_(~col(Case.is_closed), ~exists(declared).correlate(Case))


def readable_cases(work: Work, reader_id: int, case_ids: Iterable[int]) -> set[int]:
    """Return the ids among `case_ids` of cases that the person may read.

    The caller checks the person's place on the panel.
    """
    wanted = set(case_ids)
    if not wanted:
        return set()
    query = select(Case.id).where(col(Case.id).in_(wanted), readable(reader_id))
    return {case_id for case_id in work.session.exec(query) if case_id is not None}


def has_lost_access(work: Work, person_id: int, since: datetime) -> bool:
    """Return whether the person lost a place, or may have lost the right to read a case, after the moment `since`."""
    ended = or_(_PLACE.c.ended_at > since, and_(_PLACE.c.lapses_at > since, _PLACE.c.lapses_at <= work.now))
    declared = and_(col(Recusal.declared_at) > since, col(Recusal.withdrawn_at).is_(None))
    merged = aliased(Case)
    changed = or_(
        exists().where(col(AccessEvent.case_id) == col(Case.id), col(AccessEvent.at) > since),
        exists().where(col(merged.merged_into_id) == col(Case.id), col(merged.merged_at) > since),
    )
    lost = or_(
        exists().where(_PLACE.c.person_id == person_id, ended),
        exists().where(col(Recusal.person_id) == person_id, declared),
        exists().where(changed, ~readable(person_id)),
    )
    return bool(work.execute(tables_select(lost)).scalar_one())


def is_about_case(case_id: int | Mapped[int | None]) -> ColumnElement[bool]:
    """Return the SQL condition on AuditEntry, true if the entry is about this case.

    Older entries have no `case_id`. They have the case's id in `noun_id`.
    """
    noun_is_case = and_(col(AuditEntry.case_id).is_(None), col(AuditEntry.noun) == "case", _IS_DONE)
    return or_(col(AuditEntry.case_id) == case_id, and_(noun_is_case, col(AuditEntry.noun_id) == case_id))


#: At most this many of the typed words are looked up.
_MOST_WORDS = 100
_WORD = re.compile("[A-Za-z0-9/_-]+")


def named_in(work: Work, typed: str, references: str, channel_id: str | None = None) -> tuple[int | None, int | None]:
    """Return the id of the panel and the id of the case that a person names, each None if they name none.

    The panel is the one whose key is among the words `typed`, or else the channel's. The case is the one whose
    reference is among the words of `references`.
    """
    keys, named = ([word.lower() for word in _words(typed)], [word.upper() for word in _words(references)])
    panels = tables_select(_panel.c.id, literal("panel")).where(_panel.c.key.in_(keys))
    here = tables_select(_panel.c.id, literal("here")).where(_panel.c.channel_id == channel_id)
    case_id = func.coalesce(_case.c.merged_into_id, _case.c.id)
    cases = tables_select(case_id, literal("case")).where(_case.c.reference.in_(named))
    found = {kind: number for number, kind in work.execute(panels.union_all(here, cases))}
    return found.get("panel", found.get("here")), found.get("case")


def _words(text: str) -> list[str]:
    return list(islice(dict.fromkeys(_WORD.findall(text)), _MOST_WORDS))


def rules_of(work: Work, panel: Panel) -> PanelDefinition:
    """Return the panel's definition, with the panel's own bank holidays if it has any.

    The dates of its meetings follow from this definition.
    """
    definition = work.definition(panel.definition)
    if panel.bank_holidays is None:
        return definition
    return definition.model_copy(update={"bank_holidays": panel.bank_holidays.value})


def zone_of(work: Work, panel: Panel) -> ZoneInfo:
    """Return the panel's time zone."""
    return ZoneInfo(work.definition(panel.definition).timezone)


def local_time(work: Work, panel: Panel, moment: datetime) -> datetime:
    """Return a moment in the panel's time zone."""
    return moment.astimezone(zone_of(work, panel))


def today_at(work: Work, panel: Panel) -> date:
    """Return today's date in the panel's time zone."""
    return local_time(work, panel, work.now).date()


def day_begins(work: Work, panel: Panel, on: date) -> datetime:
    """Return the moment, in UTC, at which the day `on` begins in the panel's time zone."""
    return datetime.combine(on, time.min, tzinfo=zone_of(work, panel)).astimezone(UTC)


def day_ends(work: Work, panel: Panel, on: date) -> datetime:
    """Return the moment, in UTC, at which the day `on` ends in the panel's time zone.

    A place whose last day is `on` lapses at that moment.
    """
    return day_begins(work, panel, on + timedelta(days=1))


def last_day(work: Work, panel: Panel, lapses_at: datetime) -> date:
    """Return the last day on which a place that lapses at `lapses_at` is in force."""
    return local_time(work, panel, lapses_at - timedelta(seconds=1)).date()
