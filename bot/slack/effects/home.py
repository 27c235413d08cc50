"""App Home: published when it is opened and after a click in it."""

from collections.abc import Mapping
from typing import Any

from bot.errors import Stranger
from bot.records.access.queries import identify
from bot.services.home.overview import home_of
from bot.services.home.undelivered import list_held_back, list_undelivered
from bot.slack.outgoing import Outgoing, PublishHome, Renderer
from bot.slack.views import home as show
from bot.store.audit import Entry
from bot.store.outbox import Effect
from bot.store.unit_of_work import Work


def home_effect(team_id: str, user_id: str, key: str, places: Mapping[str, int] | None = None) -> Effect:
    """Publishing somebody's Home once for this delivery, turned over as far as it was."""
    return Effect(
        key=f"home:{key}",
        lane=f"home:{user_id}",
        kind="home",
        payload={"team": team_id, "user": user_id, "places": dict(places or {})},
        gap=0.0,
    )


def on_opened(work: Work, team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Somebody opened a tab of the bot's; Slack also says so of the Messages tab."""
    if body["event"].get("tab") == "home":
        work.send(home_effect(team_id, user_id, body["event_id"]))


def home(work: Work, payload: Mapping[str, Any]) -> Outgoing:
    """What they see now; a stranger sees the refusal and nothing else."""
    try:
        actor = identify(work, payload["team"], payload["user"])
    except Stranger as stranger:
        return Outgoing(PublishHome(payload["user"], show.refused(str(stranger))))
    places = payload.get("places", {})
    stranded = list_undelivered(work, actor, places)
    view = show.home(home_of(work, actor, places), stranded, places, list_held_back(work, actor))
    return Outgoing(PublishHome(actor.user_id, view), (Entry("read", "home", actor_id=actor.person_id),))


RENDERERS: dict[str, Renderer] = {"home": home}
