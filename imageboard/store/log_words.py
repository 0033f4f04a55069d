"""What the log says of what it keeps."""

from __future__ import annotations

from imageboard.moderation import Action
from imageboard.store import (
    account_deeds,
    appeal_deeds,
    ban_deeds,
    board_deeds,
    edit_deeds,
    file_ban_deeds,
    move_deeds,
    post_deeds,
    poster_deeds,
    removal_deeds,
    rule_deeds,
    staff_deeds,
    state_deeds,
)
from imageboard.words import N_

#: What it adds, by the name of the figure that it keeps.
DETAILS = {
    "account": N_("account: {value}"),
    "banner": N_("banner: {value}"),
    "ban": N_("ban: {value}"),
    "file": N_("file: {value}"),
    "file_ban": N_("ban of a file: {value}"),
    "flag": N_("flag: {value}"),
    "moved_to": N_("now {value}"),
    "page": N_("page: {value}"),
    "posts": N_("posts: {value}"),
    "removal": N_("removal: {value}"),
    "reports": N_("reports: {value}"),
    "rule": N_("rule: {value}"),
    "role": N_("role: {value}"),
    "settings": N_("settings: {value}"),
}
_TABLES = (
    post_deeds.OF_POSTS,
    ban_deeds.OF_BANS,
    appeal_deeds.OF_APPEALS,
    file_ban_deeds.OF_POST_FILES,
    file_ban_deeds.OF_FILE_BANS,
    edit_deeds.OF_EDITS,
    move_deeds.OF_THREADS,
    removal_deeds.OF_REMOVALS,
    removal_deeds.OF_SEVERAL,
    removal_deeds.OF_DISMISSED,
    poster_deeds.OF_POSTERS,
    state_deeds.OF_STATES,
    state_deeds.OF_HELD,
    account_deeds.OF_ACCOUNT,
    staff_deeds.OF_STAFF,
    staff_deeds.OF_ROLES,
    board_deeds.OF_BOARDS,
    board_deeds.OF_NEW_BOARDS,
    board_deeds.OF_PAGES,
    board_deeds.OF_PICTURES,
    rule_deeds.OF_RULES,
)
#: What staff do to their own accounts, and note for each other of posters: the log at the desk
#: tells of it, a public one does not.
WITHHELD = frozenset(
    action.name
    for action in (
        account_deeds.USED_RECOVERY_CODE,
        *(action for deed in account_deeds.OF_ACCOUNT for action in deed.actions),
        *(action for deed in poster_deeds.OF_POSTERS for action in deed.actions),
    )
)
#: What a command alone does, and no deed of the desk.
_OF_COMMANDS = (
    Action("add_account", N_("made an account")),
    Action("set_password", N_("gave an account another password")),
)
#: All there are, by the names that the log keeps.
ACTIONS = {
    action.name: action
    for action in (
        account_deeds.USED_RECOVERY_CODE,
        *_OF_COMMANDS,
        *(action for table in _TABLES for deed in table for action in deed.actions),
    )
}
#: What was done, in words.
WORDS = {name: action.words for name, action in ACTIONS.items()}
