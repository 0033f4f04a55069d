"""Boards of other engines in, and boards out again.

- `whole_board`: an export that holds everything, written and read back.
- `to_vichan`: a board as vichan has it.
- `moving`: a board of another engine, from the first look at it to its last post.
- `vichan/`: what stands in vichan's dump, as records.
- `fourchan/`: threads that somebody has as JSON, as records.
- `asagi/`: archives of 4chan as asagi and FoolFuuka keep them, as records.
- `living/`: a site that lives, made a folder of such threads.
- `jschan/`, `lynxchan/`: what stands in their dumps, as records.
- `bson_dump`, `documents`: a dump of MongoDB, document by document, and their fields.
- `sql_dump`: a dump of MySQL or MariaDB, row by row.
- `records`: boards, posts and all else, as no engine in particular has them.
- `rows`: a record as rows of our tables.
- `media`: files of old boards into the upload store.
- `loading`: posts and files, in steps.
- `others`: bans, reports, accounts and all else that is no post.
- `report`: what came, and what could not, and why.
- `errors`: why a board of another engine can't come.

Nothing here draws a page: what was stored the renderer draws, as all else.
"""
