"""vichan's dump and settings -> records.

    php.py         settings from instance-config.php: read, never executed
    settings.py    what they mean here
    tables.py      rows by the names of their columns, whatever the version
    charsets.py    the text of columns, also where UTF-8 was taken for Latin-1
    text.py        what was typed: without modifiers, or out of HTML
    posts.py       a row of posts_b -> a post with its files
    others.py      bans, reports, accounts and all else that is no post
    filters.py     filters of the settings -> rules against spam
    pictures.py    flags and banners in its folders
    themes.py      addresses of its themes' pages

Formats are those of vichan 5.2.1 (checked against a real dump) and of its elders back to 4.4.
"""
