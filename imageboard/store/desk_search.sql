-- find --
-- Of the newest posts of these boards (NULL: of all) that staff can see those with all that is asked for, the newest
-- first: board, number. Of `boards` and `nos`, if they are given, alone.
SELECT p.board, p.no FROM (
    SELECT p.board, p.no, p.thread_no, p.created_at, p.subject, p.body, p.name, p.tripcode FROM posts p
    WHERE (%(on)s::text[] IS NULL OR p.board = ANY (%(on)s))
        AND (%(nos)s::bigint[] IS NULL OR (p.board, p.no) IN (
            SELECT * FROM unnest(%(boards)s::text[], %(nos)s::bigint[])))
    ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(posts_max)s
) AS p
WHERE (%(text)s::text IS NULL OR position(%(text)s IN lower(concat_ws(E'\n', p.subject, p.body))) > 0)
    AND (%(name)s::text IS NULL OR position(%(name)s IN lower(concat(p.name, p.tripcode))) > 0)
    AND (%(digest)s::bytea IS NULL OR EXISTS (SELECT FROM files f
        WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL
            AND %(digest)s IN (f.md5, f.sha256, f.sent_sha256)))
    AND EXISTS (SELECT FROM all_threads t WHERE t.board = p.board AND t.no = p.thread_no
        AND t.aside_since IS DISTINCT FROM '-infinity' OFFSET 0)
ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(limit)s OFFSET %(after)s
