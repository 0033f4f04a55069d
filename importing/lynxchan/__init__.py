"""LynxChan's dump of MongoDB -> records.

    settings.py    what a board's settings mean here
    posts.py       a document of `threads` or `posts` -> a post with its files
    media.py       where its files are: on its disk, or in the dump
    others.py      bans, appeals, reports, accounts, pages and flags
    dump.py        all of it

Formats are those of LynxChan 2.x, as its source makes them (src/be/engine/, read 2026-11-29).
"""
