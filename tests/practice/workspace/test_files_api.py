"""Files, from the announcement to the message that shows them."""

from slack_sdk import WebClient

from bot.practice.workspace.web_api import RateLimits
from bot.practice.workspace.workspace import Workspace
from tests.practice.workspace.conftest import Call, Json, answer, http


def test_a_file_sent_by_the_real_client_shows_in_the_channel(workspace: Workspace, client: WebClient) -> None:
    sent = client.files_upload_v2(
        channel="C1", content=b"minutes", filename="minutes.docx", title="Minutes", initial_comment="Draft"
    )
    (seen,) = workspace.person("U1").messages("C1")
    assert (seen.text, seen.files, sent["file"]["title"]) == ("Draft", (("minutes.docx", b"minutes"),), "Minutes")


def test_a_file_goes_into_a_thread(workspace: Workspace, client: WebClient) -> None:
    first = client.chat_postMessage(channel="C1", text="Papers")["ts"]
    client.files_upload_v2(channel="C1", content=b"x", filename="a.txt", thread_ts=first)
    assert [seen.files for seen in workspace.person("U1").messages("C1", thread_ts=first)] == [(), (("a.txt", b"x"),)]


def test_a_file_can_be_fetched_with_the_bot_token_only(workspace: Workspace, client: WebClient) -> None:
    address = client.files_upload_v2(channel="C1", content=b"bytes", filename="a.txt")["file"]["url_private"]
    assert [http(address, token=workspace.bot_token)[:2], http(address)[0]] == [(200, "bytes"), 404]


def _announce(form: Call, length: int = 3) -> tuple[str, str]:
    told = form("files.getUploadURLExternal", filename="a.txt", length=length)
    return told["file_id"], told["upload_url"]


def test_bytes_of_another_length_are_not_taken(workspace: Workspace, form: Call, call: Call) -> None:
    file_id, address = _announce(form)
    assert http(address, b"four", kind="application/octet-stream")[0] == 400
    unfinished = call("files.completeUploadExternal", files=[{"id": file_id}])
    assert unfinished == {"ok": False, "error": "file_not_found"}


def test_a_file_is_sent_once_and_completed_once(form: Call, call: Call) -> None:
    file_id, address = _announce(form)
    sent = [http(address, b"abc", kind="application/octet-stream")[:2] for _ in range(2)]
    completed = [call("files.completeUploadExternal", files=[{"id": file_id}]) for _ in range(2)]
    assert (sent, [one.get("error") for one in completed]) == (
        [(200, "OK - 3"), (400, "upload failed")],
        [None, "file_not_found"],
    )


def test_a_file_is_shared_only_where_the_bot_is(workspace: Workspace, form: Call, call: Call) -> None:
    workspace.add_channel("open", ["U1"], id="C5", with_bot=False)
    file_id, address = _announce(form)
    http(address, b"abc", kind="application/octet-stream")
    files = [{"id": file_id}]
    refusals = [
        call("files.completeUploadExternal", files=files, channel_id=place, **more)["error"]
        for place, more in (("C9", {}), ("C5", {}), ("C1", {"thread_ts": "1.0"}))
    ]
    assert refusals == ["channel_not_found", "not_in_channel", "invalid_thread_ts"]


def test_a_file_above_the_limit_is_refused(manifest: Json) -> None:
    with Workspace(manifest, max_file_bytes=10, rate_limits=RateLimits.off()) as workspace:
        address = workspace.api_url + "files.getUploadURLExternal?filename=a&length=11"
        status, body, _ = http(address, token=workspace.bot_token)
        assert (status, body) == (200, '{"ok":false,"error":"file_upload_size_restricted"}')


def test_missing_parts_are_named(form: Call, call: Call) -> None:
    lines = [
        form("files.getUploadURLExternal", length=1)["response_metadata"]["messages"],
        form("files.getUploadURLExternal", filename="a")["response_metadata"]["messages"],
        call("files.completeUploadExternal")["response_metadata"]["messages"],
    ]
    assert lines == [
        ["[ERROR] missing required field: filename"],
        ["[ERROR] missing required field: length"],
        ["[ERROR] missing required field: files"],
    ]


def test_a_deleted_file_leaves_its_messages(workspace: Workspace, client: WebClient) -> None:
    file_id = client.files_upload_v2(channel="C1", content=b"x", filename="a.txt")["file"]["id"]
    assert answer(client, "files.delete", file=file_id) == {"ok": True}
    assert answer(client, "files.delete", file=file_id) == {"ok": False, "error": "file_deleted"}
    assert answer(client, "files.delete", file="F0NONE") == {"ok": False, "error": "file_not_found"}
    assert workspace.state.files[file_id].content is None
    (seen,) = workspace.person("U1").messages("C1")
    assert seen.files == ()
