"""Boards whose threads somebody has as JSON: of 4chan and its like, or of vichan.

- `folder`: a folder of threads with their files, as a source of `importing.moving`.
- `threads`: JSON of one thread.
- `posts`: a post of it as a record.
- `text`: the HTML of 4chan's API as what was typed.
- `pages`: what only vichan's pages tell.
- `media`: where files stand.
- `boards`: boards.json.

What can be known from outside is all that comes: no address, password, ban or account.
"""
