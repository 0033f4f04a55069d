-- gone_from_origin --
-- The pages that showed these were rendered without them. What one step of the renderer has taken away has one
-- moment, by which it is known together, and the paths once, at its last change.
WITH step AS (
    SELECT clock_timestamp() AS gone_at, max(change_no) AS last_no FROM takedowns
    WHERE board = %(board)s AND change_no <= %(change_no)s AND origin_gone_at IS NULL
)
UPDATE takedowns SET
    paths = CASE WHEN change_no = step.last_no THEN %(paths)s::text[] ELSE '{}' END,
    origin_gone_at = step.gone_at,
    edge_gone_at = CASE WHEN %(has_cloud)s THEN NULL ELSE step.gone_at END
FROM step
WHERE board = %(board)s AND change_no <= %(change_no)s AND origin_gone_at IS NULL
RETURNING extract(epoch FROM origin_gone_at - asked_at)::float8 AS took_s, uploads

-- board_gone_from_origin --
-- These files of a board that is going are gone from the web root, as of the board's next change, or (its own
-- folder apart) show nothing of it.
INSERT INTO takedowns (board, change_no, post_no, asked_at, paths, origin_gone_at, edge_gone_at)
SELECT name, next_change(name), NULL, removed_at, %(paths)s, clock_timestamp(),
    CASE WHEN NOT %(has_cloud)s THEN clock_timestamp() END
FROM boards WHERE name = %(board)s AND removed_at IS NOT NULL
RETURNING change_no

-- being_drawn --
-- Something that was removed within the last seconds, and that pages here may still show.
SELECT FROM takedowns
WHERE edge_gone_at IS NULL AND origin_gone_at IS NULL
    AND asked_at > clock_timestamp() - make_interval(secs => %(lately_s)s)
LIMIT 1

-- gone_from_bucket --
-- Takedowns of steps whose every file in the bucket shows a later change, and the CDN was told. A page that
-- changes all the time is behind all the time: what counts is whether it shows this change. Of a file of the whole
-- site the number is no board's: it was urgent from then on, until the CDN was told.
WITH steps AS MATERIALIZED (
    SELECT board, origin_gone_at, max(change_no) AS last_no FROM takedowns
    WHERE edge_due_at IS NULL AND edge_gone_at IS NULL AND origin_gone_at IS NOT NULL
    GROUP BY board, origin_gone_at
), awaited AS MATERIALIZED (
    -- PERF: looked for in each row that is to be updated, one press that removed 500 posts with 1,300 files took a second
    -- of a processor in each round of the publisher.
    SELECT DISTINCT s.board, s.origin_gone_at
    FROM steps s JOIN takedowns t ON t.board = s.board AND t.origin_gone_at = s.origin_gone_at
    CROSS JOIN LATERAL unnest(t.paths) AS of_step (path)
    JOIN publications p ON p.path = of_step.path
    WHERE p.is_behind AND (
        p.purge_due OR p.sha256 IS NULL
        OR p.cloud_change_no IS NULL
        OR CASE WHEN p.board IS NULL THEN p.is_urgent ELSE p.cloud_change_no < s.last_no END
    )
)
UPDATE takedowns t SET edge_due_at = clock_timestamp() + make_interval(secs => %(look_after_s)s)
FROM steps s
WHERE t.board = s.board AND t.origin_gone_at = s.origin_gone_at
    AND NOT EXISTS (SELECT FROM awaited a WHERE a.board = s.board AND a.origin_gone_at = s.origin_gone_at)
    AND t.edge_due_at IS NULL AND t.edge_gone_at IS NULL
RETURNING extract(epoch FROM clock_timestamp() - t.asked_at)::float8

-- due_at_edge --
-- Steps of whose takedowns the CDN is to be told again and looked at, the oldest first; which of their posts
-- are gone whole (NULL: all of the board is). Of the others only files have to be gone.
SELECT t.board, t.origin_gone_at, coalesce(array_agg(t.post_no) FILTER (WHERE NOT EXISTS (
        SELECT FROM posts p JOIN all_threads h ON h.board = p.board AND h.no = p.thread_no
        WHERE p.board = t.board AND p.no = t.post_no AND h.aside_since IS DISTINCT FROM '-infinity')), '{}'),
    ARRAY(SELECT each.path FROM (
            SELECT unnest(paths) AS path, s.post_no IS NULL AS is_of_board FROM takedowns s
            WHERE s.board = t.board AND s.origin_gone_at = t.origin_gone_at
        ) AS each
        -- A new board of that name may have a page there.
        WHERE NOT (each.is_of_board AND starts_with(each.path, t.board || '/') AND EXISTS (
            SELECT FROM publications p WHERE p.path = each.path AND p.sha256 IS NOT NULL)))
FROM takedowns t
WHERE edge_due_at <= clock_timestamp() AND edge_gone_at IS NULL
GROUP BY t.board, t.origin_gone_at
ORDER BY min(t.asked_at) LIMIT %(limit)s

-- look_later --
-- The edge still shows something of a step, or nobody could look.
UPDATE takedowns SET edge_due_at = clock_timestamp() + make_interval(secs => %(look_after_s)s)
WHERE board = %(board)s AND origin_gone_at = %(gone_at)s AND edge_gone_at IS NULL

-- gone_from_edge --
-- A reader at the edge does not find anything of a step any more.
UPDATE takedowns SET edge_gone_at = clock_timestamp()
WHERE board = %(board)s AND origin_gone_at = %(gone_at)s AND edge_gone_at IS NULL
RETURNING extract(epoch FROM edge_gone_at - asked_at)::float8

-- open --
-- Takedowns that are not finished, and the age of the oldest in seconds.
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(asked_at)), 0)::float8
FROM takedowns WHERE edge_gone_at IS NULL
