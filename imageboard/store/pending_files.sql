-- waiting --
-- Files that wait to be worked on, the oldest first; at most %(limit)s.
SELECT board, post_no AS no, position, stored_as, extension, original_name,
    extract(epoch FROM pending_since)::float8 AS since_s
FROM files WHERE pending_since IS NOT NULL AND removed_at IS NULL
ORDER BY pending_since, board, post_no, position LIMIT %(limit)s

-- ready --
-- A file that waited is fit to be shown.
SELECT media_ready(%(board)s, %(no)s, %(position)s, %(made)s)

-- failed --
-- A file that waited can't be shown.
SELECT media_failed(%(board)s, %(no)s, %(position)s, %(reason)s)
