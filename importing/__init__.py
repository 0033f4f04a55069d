"""Boards of other engines in, and boards out again.

- `whole_board`: an export that holds everything, written and read back.
- `public_site`: the public pages as a folder that opens from a disk.
- `sql_dump`: a dump of MySQL or MariaDB, row by row.
- `errors`: why a board of another engine can't come.
"""
