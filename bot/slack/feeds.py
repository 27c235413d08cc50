"""Calendar feeds over HTTP: `GET /calendar/<secret>.ics`, with the person's access as it is at each fetch."""

import re
from dataclasses import dataclass

from bot.services.diary.calendars import FEED_PATH, fetch_feed
from bot.slack.incidents import incident
from bot.store.unit_of_work import Store

_ADDRESS = re.compile(re.escape(FEED_PATH) + r"([A-Za-z0-9_-]{20,100})\.ics")


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """One answer over HTTP."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


class CalendarFeeds:
    """Answers calendar programs. Wrong, revoked and left are one and the same answer; the address is never logged."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, path: str, method: str, known_tag: str = "") -> FeedAnswer:
        """One request; `known_tag` is what the calendar program has already (If-None-Match)."""
        if method not in ("GET", "HEAD"):
            return _said("405 Method Not Allowed")
        try:
            found = _ADDRESS.fullmatch(path)
            if found is None or self._store.public_url is None:
                return _said("404 Not Found")
            with self._store.reading() as work:
                feed = fetch_feed(work, found[1])
        except Exception as unexpected:  # noqa: BLE001 - the server would log the address with it
            incident(unexpected)
            return _said("503 Service Unavailable")
        if feed is None:
            return _said("404 Not Found")
        # Whoever's access ends gets nothing at the next look, so nobody may keep it without looking.
        headers = (("ETag", f'"{feed.tag}"'), ("Cache-Control", "private, no-cache"))
        if feed.tag in known_tag:
            return FeedAnswer("304 Not Modified", headers)
        plain = ("Content-Type", "text/calendar; charset=utf-8"), ("X-Content-Type-Options", "nosniff")
        length = ("Content-Length", str(len(feed.content)))
        return FeedAnswer("200 OK", (*plain, *headers, length), feed.content if method == "GET" else b"")


def _said(status: str) -> FeedAnswer:
    body = status.encode()
    headers = (("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"))
    return FeedAnswer(status, headers, body)
