-- gone_from_origin --
-- The pages that showed these were rendered without them.
UPDATE takedowns SET
    paths = %(paths)s, origin_gone_at = clock_timestamp(),
    edge_gone_at = CASE WHEN %(has_cloud)s THEN NULL ELSE clock_timestamp() END
WHERE board = %(board)s AND change_no <= %(change_no)s AND origin_gone_at IS NULL
RETURNING extract(epoch FROM origin_gone_at - asked_at)::float8 AS took_s, uploads

-- gone_from_bucket --
-- Takedowns whose every file in the bucket shows a later change, and the CDN was told. A page that
-- changes all the time is behind all the time: what counts is whether it shows this change.
UPDATE takedowns t SET edge_due_at = clock_timestamp() + make_interval(secs => %(look_after_s)s)
WHERE t.edge_due_at IS NULL AND t.edge_gone_at IS NULL AND t.origin_gone_at IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM publications p
        WHERE p.path = ANY (t.paths) AND p.is_behind AND (
            p.purge_due OR p.sha256 IS NULL
            OR p.cloud_change_no IS NULL OR p.cloud_change_no < t.change_no
        )
    )
RETURNING extract(epoch FROM clock_timestamp() - t.asked_at)::float8

-- due_at_edge --
-- Takedowns of which the CDN is to be told again and looked at, the oldest first; whether the post
-- is still there, so that only its files have to be gone.
SELECT board, change_no, post_no, paths,
    EXISTS (
        SELECT FROM posts p JOIN all_threads h ON h.board = p.board AND h.no = p.thread_no
        WHERE p.board = t.board AND p.no = t.post_no AND h.aside_since IS DISTINCT FROM '-infinity')
FROM takedowns t
WHERE edge_due_at <= clock_timestamp() AND edge_gone_at IS NULL
ORDER BY asked_at LIMIT %(limit)s

-- look_later --
-- The edge still shows it, or nobody could look.
UPDATE takedowns SET edge_due_at = clock_timestamp() + make_interval(secs => %(look_after_s)s)
WHERE board = %(board)s AND change_no = %(change_no)s

-- gone_from_edge --
-- A reader at the edge does not find it any more.
UPDATE takedowns SET edge_gone_at = clock_timestamp()
WHERE board = %(board)s AND change_no = %(change_no)s
RETURNING extract(epoch FROM edge_gone_at - asked_at)::float8

-- open --
-- Takedowns that are not finished, and the age of the oldest in seconds.
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(asked_at)), 0)::float8
FROM takedowns WHERE edge_gone_at IS NULL
