"""The treatment of each error of each Slack method, in one table that the tests use too.

The errors are those on each method's page (docs.slack.dev/reference/methods) and under "Common errors". An error
that isn't in the table counts as a refusal, which a person sees.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class Treatment(Enum):
    """What happens to an effect whose call failed, and to the effects after it."""

    HOLD = "hold"  # about the token or workspace: nothing is sent until it works again, and one alarm is raised
    HOLD_METHOD = "hold method"  # the same for one method, such as one whose scope is missing
    REST = "rest"  # too many calls: the method rests for as long as Slack says, and other methods go on
    LATER = "later"  # not done, but may work later: tried again with growing waits, and in the end left to a person
    REFUSED = "refused"  # Slack will never take it: left to a person
    UNCERTAIN = "uncertain"  # "some aspect of the operation may have succeeded": only a repeatable call is repeated
    REBUILD = "rebuild"  # its subject has changed since: rendered and sent again
    REOPEN = "reopen"  # the stored direct message is gone: opened again; for other calls a refusal
    GONE = "gone"  # the message or file to change is gone already: nothing is left to do
    SHARED = "shared"  # people of another workspace would see it: dropped, and the panel's office is told
    TOLD = "told"  # a person waits for the call and is told at once; it has no effect in the outbox
    UNREACHABLE = "unreachable"  # Slack was not reached, so nothing is done: all wait, and Slack is asked every second
    NO_ANSWER = "no answer"  # lost, or not Slack's (a proxy's page): like UNCERTAIN, and Slack is asked before the next


def _all(treatment: Treatment, words: str) -> dict[str, Treatment]:
    return dict.fromkeys(words.split(), treatment)


#: Errors that Slack documents for (nearly) every method of the Web API.
COMMON: Final[Mapping[str, Treatment]] = {
    **_all(
        Treatment.HOLD,
        "account_inactive accesslimited ekm_access_denied enterprise_is_restricted invalid_auth not_allowed_token_type "
        "not_authed org_login_required team_access_not_granted team_added_to_org token_expired token_revoked "
        "two_factor_setup_required",
    ),
    **_all(Treatment.HOLD_METHOD, "deprecated_endpoint method_deprecated missing_scope unknown_method"),
    **_all(Treatment.REST, "rate_limited ratelimited"),
    **_all(Treatment.UNCERTAIN, "fatal_error internal_error request_timeout service_unavailable"),
    # Errors that concern only this call or this conversation.
    **_all(
        Treatment.REFUSED,
        "access_denied invalid_arg_name invalid_arguments invalid_array_arg invalid_charset invalid_form_data "
        "invalid_json invalid_post_type json_not_object missing_post_type no_permission",
    ),
}

_CONTENT: Final = (
    "invalid_attachments invalid_blocks invalid_blocks_format invalid_metadata_format invalid_metadata_schema "
    "markdown_text_conflict metadata_must_be_sent_from_app metadata_too_large msg_blocks_too_long msg_too_long no_text "
    "slack_connect_file_link_sharing_blocked team_not_found too_many_attachments"
)

_OWN: Final[Mapping[str, Mapping[str, Treatment]]] = {
    "chat.postMessage": {
        **_all(
            Treatment.REFUSED,
            f"{_CONTENT} as_user_not_supported attachment_payload_limit_exceeded cannot_dm_bot "
            "cannot_reply_to_message duplicate_channel_not_found duplicate_message_not_found restricted_action "
            "restricted_action_non_threadable_channel restricted_action_read_only_channel "
            "restricted_action_thread_locked restricted_action_thread_only_channel "
            "slack_connect_canvas_sharing_blocked slack_connect_lists_sharing_blocked thread_locked thread_not_found "
            "too_many_contact_cards user_disabled user_not_found",
        ),
        **_all(Treatment.REOPEN, "channel_not_found is_archived not_in_channel"),
        **_all(Treatment.REST, "message_limit_exceeded"),
        **_all(Treatment.HOLD_METHOD, "messages_tab_disabled"),
        **_all(Treatment.LATER, "external_channel_migrating"),
    },
    "chat.postEphemeral": {
        **_all(
            Treatment.REFUSED,
            f"{_CONTENT} as_user_not_supported cannot_dm_bot channel_not_found is_archived not_in_channel "
            "restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel "
            "user_not_in_channel",
        ),
        **_all(Treatment.HOLD_METHOD, "messages_tab_disabled"),
        **_all(Treatment.LATER, "external_channel_migrating"),
    },
    "chat.update": {
        **_all(
            Treatment.REFUSED,
            f"{_CONTENT} as_user_not_supported block_mismatch cant_broadcast_message cant_update_message "
            "channel_not_found edit_window_closed is_archived is_inactive no_dual_broadcast_content_update",
        ),
        **_all(Treatment.GONE, "message_not_found"),
        **_all(Treatment.UNCERTAIN, "update_failed"),
        **_all(Treatment.LATER, "external_channel_migrating streaming_state_conflict"),
    },
    "chat.delete": {
        **_all(Treatment.REFUSED, "as_user_not_supported cant_delete_message channel_not_found is_inactive"),
        **_all(Treatment.GONE, "message_not_found"),
        **_all(Treatment.UNCERTAIN, "delete_failed"),
        **_all(Treatment.LATER, "external_channel_migrating"),
    },
    "conversations.open": _all(
        Treatment.REFUSED,
        "cannot_dm_bot channel_not_found invalid_user_combination is_archived method_not_supported_for_channel_type "
        "not_enough_users too_many_users user_disabled user_not_found user_not_visible users_list_not_supplied",
    ),
    "views.publish": {
        **_all(Treatment.REFUSED, "duplicate_external_id missing_profile_id not_implemented view_too_large"),
        **_all(Treatment.REFUSED, "user_disabled user_not_found"),
        **_all(Treatment.REBUILD, "hash_conflict"),
        **_all(Treatment.HOLD_METHOD, "not_enabled"),
    },
    "files.getUploadURLExternal": {
        **_all(
            Treatment.REFUSED,
            "alt_txt_too_large file_upload_size_restricted missing_argument snippet_too_large unknown_snippet_type "
            "unknown_subtype",
        ),
        **_all(Treatment.HOLD_METHOD, "file_uploads_disabled storage_limit_reached"),
    },
    "files.completeUploadExternal": {
        **_all(
            Treatment.REFUSED,
            "invalid_blocks invalid_thread_ts posting_to_channel_denied slack_connect_file_upload_sharing_blocked",
        ),
        **_all(Treatment.REOPEN, "channel_not_found invalid_channel is_archived not_in_channel"),
        **_all(Treatment.UNCERTAIN, "file_update_failed"),
        # The uploaded file did not arrive, whatever Slack answered before, so it is uploaded again.
        **_all(Treatment.LATER, "file_not_found"),
    },
    "files.delete": {
        **_all(Treatment.REFUSED, "cant_delete_file delete_not_allowed"),
        **_all(Treatment.HOLD_METHOD, "file_deleting_disabled"),
        **_all(Treatment.GONE, "file_deleted file_not_found"),
    },
    # A refusal, since no other message should wait for a channel that the bot can't look at.
    "conversations.info": _all(
        Treatment.REFUSED, "channel_not_found method_not_supported_for_channel_type missing_scope"
    ),
    "conversations.members": {
        **_all(Treatment.REFUSED, "channel_not_found invalid_limit method_not_supported_for_channel_type"),
        **_all(Treatment.LATER, "fetch_members_failed invalid_cursor"),
    },
    "auth.test": {},
}

#: The errors of a click's response address, which has error codes of its own and takes no token.
_ANSWERS: Final = _all(
    Treatment.REFUSED,
    "access_denied action_prohibited cannot_dm_bot channel_is_archived channel_not_found expired_url invalid_blocks "
    "invalid_payload invalid_token no_text used_url user_not_found",
)

#: The errors of calls made while a person waits for a form or an account (`bot/slack/screens.py`).
_WHILE_WAITING: Final[Mapping[str, str]] = {
    "views.open": "duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id "
    "trigger_exchanged trigger_expired view_too_large",
    "views.push": "duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id not_found "
    "push_limit_reached trigger_exchanged trigger_expired view_too_large",
    "views.update": "duplicate_external_id hash_conflict not_found view_too_large",
    "users.info": "user_not_found user_not_visible",
}

ERRORS: Final[Mapping[str, Mapping[str, Treatment]]] = {
    **{method: {**COMMON, **own} for method, own in _OWN.items()},
    "response_url": {**_all(Treatment.REST, "rate_limited ratelimited"), **_ANSWERS},
    **{method: dict.fromkeys([*COMMON, *words.split()], Treatment.TOLD) for method, words in _WHILE_WAITING.items()},
}

DEFAULT: Final = Treatment.REFUSED


def treatment_of(method: str, error: str) -> Treatment:
    """Return the treatment of a method's error. An error that isn't in the table counts as a refusal."""
    return ERRORS.get(method, COMMON).get(error, DEFAULT)
