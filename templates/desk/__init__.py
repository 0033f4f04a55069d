"""The pages of the staff's desk, a module for each group of screens.

    urls              where each of them stands
    frame             what is around them: the menu, and the language
    forms             deeds as buttons and forms
    entrance_pages    logging in, proving that it is oneself, an invitation, and what waits
    staff_pages       one's own account, who is of the staff, roles
    queue_pages       posts that wait for somebody: reported ones, and held ones
    post_pages        one post, its author, and posts in lists
    ban_pages         bans, appeals, files that may not be posted
    rule_pages        rules against spam
    board_pages       settings, states, pictures and pages of boards
    history_pages     the log, and what can be brought back

SECURITY: these show reports and bans, so the writer sends them with `Cache-Control: no-store`.
Every form that changes something holds the visitor's `form_token`.
"""
