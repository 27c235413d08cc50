"""Only the bot and the page itself may talk to practice mode, and nothing of it is within a bot at Slack."""

import ast
import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

import bot
from bot.cli import app
from bot.errors import Misconfigured
from bot.practice.mode import PracticeMode
from bot.practice.stopwatch import GIVE_UP_SECONDS

OTHER_SITE = "Practice mode does not answer pages of other sites.\n"
OTHER_NAME = "Practice mode answers only to its own address on this machine.\n"


def ask(practice: PracticeMode, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    """Return one request with these headers, as a browser would send them: status and body."""
    host = urlsplit(practice.address).netloc
    connection = http.client.HTTPConnection(host, timeout=GIVE_UP_SECONDS)
    try:
        connection.putrequest(method, path, skip_host=True)
        sent = {"Host": host, "Content-Length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}}
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/page/directory", "/page/traffic", "/api/api.test", "/page/control/reset"])
def test_a_name_that_was_made_to_point_here_is_refused(shared: PracticeMode, path: str) -> None:
    assert ask(shared, "GET", path, Host="evil.example:3000") == (403, OTHER_NAME)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/page/control/reset", "/page/do/say", "/api/chat.postMessage", "/actions/T/1/x"])
def test_a_page_of_another_site_can_do_nothing(shared: PracticeMode, path: str, headers: dict[str, str]) -> None:
    assert ask(shared, "POST", path, "{}", Content_Type="application/json", **headers) == (403, OTHER_SITE)


def test_a_form_of_another_site_that_hides_where_it_comes_from_is_not_understood(shared: PracticeMode) -> None:
    body = json.dumps({"as": "U0RHYS", "place": "C0HARROWMERE", "line": "hello"})
    status, answer = ask(shared, "POST", "/page/do/say", body, Content_Type="text/plain")
    assert (status, json.loads(answer)) == (400, {"error": "That could not be understood (Malformed)."})


def test_a_socket_from_another_site_is_refused(shared: PracticeMode) -> None:
    status, _ = ask(
        shared,
        "GET",
        "/page/live",
        Origin="https://evil.example",
        Connection="Upgrade",
        Upgrade="websocket",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
    )
    assert status == 403


def test_a_person_may_follow_a_link_to_the_page(shared: PracticeMode) -> None:
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert ask(shared, "GET", "/", **visit)[0] == 200
    assert ask(shared, "GET", "/page/directory", **visit) == (403, OTHER_SITE)


def test_the_page_forbids_everything_that_it_does_not_need(shared: PracticeMode) -> None:
    connection = http.client.HTTPConnection(urlsplit(shared.address).netloc, timeout=GIVE_UP_SECONDS)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("name", ["..%2F..%2Fmode.py", "guard.py", ".hidden.js", "nothing.js", "%2e%2e/guard.js"])
def test_only_the_pages_own_files_are_given_out(shared: PracticeMode, name: str) -> None:
    assert ask(shared, "GET", f"/page/static/{name}")[0] == 404


def test_a_file_is_given_only_to_a_person_who_sees_its_message(shared: PracticeMode) -> None:
    owner = shared.workspace.person("U0AVERY")
    file_id = owner.uploads("papers.docx", b"papers")
    said = owner.says(owner.direct, "here")
    state = shared.workspace.state
    with state.lock:
        message = state.find(said.channel, said.ts)
        assert message is not None
        message.files.append(state.files[file_id])
    assert ask(shared, "GET", f"/page/file/{file_id}/papers.docx?as=U0AVERY") == (200, "papers")
    assert ask(shared, "GET", f"/page/file/{file_id}/papers.docx?as=U0RHYS")[0] == 404
    assert ask(shared, "GET", f"/page/payload?as=U0RHYS&channel={said.channel}&ts={said.ts}")[0] == 404


def test_a_bot_at_slack_knows_nothing_of_practice() -> None:
    """The clock of a bot that runs at Slack cannot be moved: only the command line leads to practice mode."""
    root = Path(bot.__file__).parent
    leading_here = {
        file.relative_to(root).as_posix()
        for file in root.rglob("*.py")
        if "practice" not in file.relative_to(root).parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot.practice")
    }
    assert leading_here == {"cli.py"}


def test_asked_to_listen_elsewhere_practice_mode_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELBOT_HOST", "0.0.0.0")  # noqa: S104 - it is refused
    ended = CliRunner().invoke(app, ["run"])
    assert isinstance(ended.exception, Misconfigured)
    assert str(ended.exception) == (
        "PANELBOT_HOST: practice mode is for this machine only and does not listen on 0.0.0.0. "
        "Unset it, or set Slack's tokens."
    )
