"""The desk: the pages of the staff, below /mod/. Server-rendered, without a script.

    routes       every address of the desk, on one screen
    parts        what each page does first: who is it, is the form ours; and how it refuses
    door         /mod/ itself: the log-in form, or the way to the pages
    sessions     logging in and out, the cookie, the token in every form
    deeds        what staff do to posts, each in one transaction with its entry in the log
    queue        the reported posts
    post_page    one post and what can be done to it
    ban_list     the bans in force
    log_page     what was done, by whom

What it looks like is in templates/desk_pages.py. Imported by writer.app.
"""
