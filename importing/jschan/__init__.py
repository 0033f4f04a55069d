"""jschan's dump of MongoDB and its secrets -> records.

    secrets.py     what it hashes with, out of configs/secrets.js: read, never run
    settings.py    what a board's settings mean here
    text.py        its grammar as ours
    posts.py       a document of `posts` -> a post with its files
    others.py      bans, appeals, reports, accounts, news and pages
    pictures.py    flags and banners
    dump.py        all of it

Formats are those of jschan 1.x and its elders, as its source makes them (fatchan/jschan on GitHub,
models/ and lib/, read 2026-11-29).
"""
