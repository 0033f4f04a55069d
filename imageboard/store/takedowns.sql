-- gone_from_origin --
-- The pages that showed these were rendered without them.
UPDATE takedowns SET
    paths = %(paths)s, origin_gone_at = clock_timestamp(),
    edge_gone_at = CASE WHEN %(has_cloud)s THEN NULL ELSE clock_timestamp() END
WHERE board = %(board)s AND change_no <= %(change_no)s AND origin_gone_at IS NULL
RETURNING post_no, extract(epoch FROM origin_gone_at - asked_at)::float8

-- gone_from_bucket --
-- Takedowns whose every file in the bucket shows a later change, and the CDN was told.
SELECT t.board, t.change_no, t.post_no, t.paths FROM takedowns t
WHERE t.edge_gone_at IS NULL AND t.origin_gone_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM publications p
    WHERE p.path = ANY (t.paths)
        AND (p.purge_due OR p.cloud_change_no < t.change_no OR (p.sha256 IS NULL AND p.may_be_in_cloud)
            OR (p.sha256 IS NOT NULL AND p.cloud_change_no IS NULL))
)

-- gone_from_edge --
-- A reader at the edge does not find it any more.
UPDATE takedowns SET edge_gone_at = clock_timestamp()
WHERE board = %(board)s AND change_no = %(change_no)s
RETURNING extract(epoch FROM edge_gone_at - asked_at)::float8

-- open --
-- Takedowns that are not finished, and the age of the oldest in seconds.
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(asked_at)), 0)::float8
FROM takedowns WHERE edge_gone_at IS NULL
