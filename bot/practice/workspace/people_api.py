"""The methods about people, the team and the app itself: `auth.*`, `users.*`, `team.info`, `bots.info`."""

from bot.practice.workspace.calls import Call, Method, page
from bot.practice.workspace.findings import ApiError
from bot.practice.workspace.records import Json, User


def _describe(call: Call, user: User) -> Json:
    return user.payload(
        at=call.state.clock(),
        home_team=call.state.team.id,
        with_email="users:read.email" in call.manifest.scopes,
    )


def auth_test(call: Call) -> Json:
    """auth.test: who this token is."""
    state = call.state
    return {
        "url": f"{state.base_url}/",
        "team": state.team.name,
        "user": state.bot.name,
        "team_id": state.team.id,
        "user_id": state.bot.id,
        "bot_id": state.bot.bot_id,
        "is_enterprise_install": False,
    }


def info(call: Call) -> Json:
    """users.info: one person, also a deactivated or foreign one."""
    return {"user": _describe(call, call.user(call.args.required("user")))}


def list_(call: Call) -> Json:
    """users.list: everybody in this workspace, deactivated people too."""
    home = [user for user in call.state.users.values() if user.team_id == call.state.team.id]
    items, cursor = page([_describe(call, user) for user in home], call.args, default=1000)
    return {"members": items, "cache_ts": int(call.state.clock()), "response_metadata": {"next_cursor": cursor}}


def by_email(call: Call) -> Json:
    """users.lookupByEmail: the active person with this address; raises `users_not_found`."""
    wanted = call.args.required("email").lower()
    for user in call.state.users.values():
        if (user.email or "").lower() == wanted and not user.deleted and user.team_id == call.state.team.id:
            return {"user": _describe(call, user)}
    raise ApiError("users_not_found")


def team(call: Call) -> Json:
    """team.info: this workspace."""
    wanted = call.args.text("team") or call.state.team.id
    if wanted != call.state.team.id:
        raise ApiError("team_not_found")
    return {
        "team": {
            "id": call.state.team.id,
            "name": call.state.team.name,
            "domain": call.state.team.domain,
            "email_domain": "",
            "url": f"{call.state.base_url}/",
        }
    }


def bot(call: Call) -> Json:
    """bots.info: the app's own bot."""
    state = call.state
    if call.args.text("bot") not in (None, state.bot.bot_id):
        raise ApiError("bot_not_found")
    return {
        "bot": {
            "id": state.bot.bot_id,
            "deleted": False,
            "name": state.bot.real_name,
            "updated": state.bot.updated,
            "app_id": state.app_id,
            "user_id": state.bot.id,
            "icons": {},
        }
    }


def api_test(call: Call) -> Json:
    """api.test: answers with the arguments it got; raises what `error` says."""
    if "error" in call.args:
        raise ApiError(call.args.required("error"), args=call.args.raw)
    return {"args": call.args.raw}


METHODS = {
    "api.test": Method(api_test, tier=4, caller="anyone"),
    "auth.test": Method(auth_test, tier=4),
    "users.info": Method(info, tier=4, scopes=("users:read",), takes_json=False),
    "users.list": Method(list_, tier=2, scopes=("users:read",), takes_json=False),
    "users.lookupByEmail": Method(by_email, scopes=("users:read.email",), takes_json=False),
    "team.info": Method(team, scopes=("team:read",), takes_json=False),
    "bots.info": Method(bot, scopes=("users:read",), takes_json=False),
}
