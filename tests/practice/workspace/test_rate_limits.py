"""Rate limits, counted with a clock set by hand."""

import pytest
from slack_sdk.errors import SlackApiError

from bot.practice.workspace.web_api import Limiter, RateLimits
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Json, Time, client_for


def test_a_second_post_within_a_second_is_answered_with_429(manifest: Json, time: Time) -> None:
    with Workspace(manifest, monotonic=time.monotonic) as workspace:
        workspace.add_channel("a", id="C1")
        workspace.add_channel("b", id="C2")
        client = client_for(workspace)
        client.chat_postMessage(channel="C1", text="one")
        client.chat_postMessage(channel="C2", text="another channel has its own limit")
        with pytest.raises(SlackApiError) as refused:
            client.chat_postMessage(channel="C1", text="two")
        response = refused.value.response
        assert (response.status_code, response.headers["retry-after"], response.data) == (
            429,
            "1",
            {"ok": False, "error": "ratelimited"},
        )
        time.passes(1.0)
        assert client.chat_postMessage(channel="C1", text="two")["ok"] is True


def test_a_post_to_a_person_counts_on_their_direct_message(manifest: Json, time: Time) -> None:
    with Workspace(manifest, monotonic=time.monotonic) as workspace:
        workspace.add_user("alex", id="U1")
        client = client_for(workspace)
        direct = client.conversations_open(users="U1")["channel"]["id"]
        client.chat_postMessage(channel="U1", text="one")
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel=direct, text="two")


def test_a_burst_may_be_allowed(time: Time) -> None:
    limiter = Limiter(RateLimits(post_burst=3), time.monotonic)
    assert [limiter.wait_for("chat.postMessage", 3, "C1") for _ in range(4)] == [0, 0, 0, 1]


@pytest.mark.parametrize(("tier", "calls", "wait"), [(2, 20, 3), (3, 50, 2), (4, 100, 1)])
def test_other_methods_are_counted_per_minute_by_tier(time: Time, tier: int, calls: int, wait: int) -> None:
    limiter = Limiter(RateLimits(), time.monotonic)
    assert [limiter.wait_for("x", tier, "") for _ in range(calls + 1)] == [0] * calls + [wait]
    time.passes(60)
    assert limiter.wait_for("x", tier, "") == 0


def test_limits_can_be_switched_off(time: Time) -> None:
    limiter = Limiter(RateLimits.off(), time.monotonic)
    assert [limiter.wait_for("chat.postMessage", 3, "C1") for _ in range(3)] == [0, 0, 0]
