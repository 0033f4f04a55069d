"""Archives of 4chan as asagi and FoolFuuka keep them, out of a dump of their tables.

- `dump`: what is in it, as a source of `importing.moving`.
- `posts`: a row as a record.
- `text`: what was typed, out of what asagi made of its HTML.
- `clock`: New York's wall clock as moments.
- `files`: where one file of many posts stands.

As in asagi's own sources (net.easymodo.asagi; read 2026-11-29).
"""
