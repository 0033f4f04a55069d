"""The desk: the pages of the staff, below /mod/, drawn here; scripts for passkeys and new posts.

    routes            every address of the desk and what it needs, on one screen
    gate              what a route needs is asked for here, before any responder runs
    parts             what the pages work with
    door              /mod/ itself: the log-in form, or the way to the pages
    sessions          logging in and out, the cookie, the token in every form
    known_devices     browsers that have logged in before
    half_logins       log-ins that a second factor is still to finish
    passkeys          what a browser is asked to sign instead of typing, and whether it did
    browsers          what a session is called: 'Firefox on Linux'
    account           one's own sessions and password, and proving that it is oneself
    staff_page        who is of the staff, as what, and roles that were made
    board_settings    the settings of boards
    board_pictures    banners and flags of boards
    written_pages     rules, questions and announcements
    invited           where the link of an invitation leads
    password_checks   passwords, looked at in a process of its own
    queue             the reported posts
    post_page         one post and what can be done to it
    ban_list          the bans in force
    appeal_list       what the banned ask
    edit_page         the words of a post, and what they were before
    file_bans         files that may not be posted, and banning one
    log_page          what was done, by whom

What staff do is in imageboard/store/*_deeds.py, a row each.
What it looks like is in templates/desk/. Imported by writer.app.
"""
