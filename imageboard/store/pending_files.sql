-- waiting --
-- Files that wait to be worked on, the oldest first; at most %(limit)s.
SELECT board, post_no AS no, position, stored_as, extension, original_name,
    extract(epoch FROM pending_since)::float8 AS since_s, coalesce(pending_tries, 0) AS tries
FROM files WHERE pending_since IS NOT NULL AND removed_at IS NULL
ORDER BY pending_since, board, post_no, position LIMIT %(limit)s

-- backlog --
-- How many files wait, and for how long the oldest of them has.
SELECT count(*) AS files,
    coalesce(extract(epoch FROM clock_timestamp() - min(pending_since)), 0)::float8 AS oldest_s
FROM files WHERE pending_since IS NOT NULL AND removed_at IS NULL

-- claim --
-- The right to work on one file, if nobody has it, until it is given up or the session ends.
SELECT pg_try_advisory_lock(hashtextextended(%(name)s, 7264004))

-- give_up --
-- Others may work on it.
SELECT pg_advisory_unlock(hashtextextended(%(name)s, 7264004))

-- count_try --
-- Somebody begins to work on a file, unless it waits no longer.
UPDATE files SET pending_tries = coalesce(pending_tries, 0) + 1
WHERE board = %(board)s AND post_no = %(no)s AND position = %(position)s
    AND pending_since IS NOT NULL AND removed_at IS NULL
RETURNING pending_tries

-- forget_try --
-- It came to no end, for a reason that says nothing of the file.
UPDATE files SET pending_tries = pending_tries - 1
WHERE board = %(board)s AND post_no = %(no)s AND position = %(position)s AND pending_tries > 0

-- ready --
-- A file that waited is fit to be shown.
SELECT media_ready(%(board)s, %(no)s, %(position)s, %(made)s)

-- failed --
-- A file that waited can't be shown.
SELECT media_failed(%(board)s, %(no)s, %(position)s, %(reason)s)
