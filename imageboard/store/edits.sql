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

-- spoiler --
-- Its files are hidden, or no longer.
SELECT hide_files(%(board)s, %(no)s, %(is_hidden)s)
