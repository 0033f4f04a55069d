-- hold --
-- A post that staff can see, with its board held: its words, what they were before, how many files it has.
SELECT p.name, p.subject, p.body, p.versions,
    (SELECT count(*) FROM files f WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL) AS files
FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
WHERE p.board = %(board)s AND p.no = %(no)s AND t.aside_since IS DISTINCT FROM '-infinity'

-- rewrite --
-- A post says something else.
SELECT rewrite_post(%(board)s, %(no)s, %(name)s, %(subject)s, %(body)s, %(quotes)s, %(versions)s,
    to_timestamp(%(edited_s)s::float8))

-- hide_files --
-- Files of a post, or the one at a position, are hidden behind a spoiler, or no longer.
UPDATE files SET is_spoiler = %(is_hidden)s
WHERE board = %(board)s AND post_no = %(no)s AND removed_at IS NULL AND is_spoiler <> %(is_hidden)s
    AND (%(position)s::integer IS NULL OR position = %(position)s)

-- look_different --
-- A post looks different; its board is held.
SELECT post_changed(%(board)s, %(no)s, 'PostChanged', '{}', 0)
