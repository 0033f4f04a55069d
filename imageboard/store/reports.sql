-- hold --
-- Those of the posts that are there, which stay so until the transaction ends; nobody else reports
-- them meanwhile.
SELECT no FROM posts WHERE board = %(board)s AND no = ANY (%(nos)s) ORDER BY no FOR NO KEY UPDATE

-- add --
-- Reports of posts by one address; those that it has reported already stay as they are, as do those
-- of which enough wait.
INSERT INTO reports (board, post_no, reason, address_hash)
SELECT %(board)s, no, %(reason)s, %(address_hash)s FROM unnest(%(nos)s::bigint[]) AS no
WHERE (
    SELECT count(*) FROM reports r
    WHERE r.board = %(board)s AND r.post_no = no AND r.dismissed_at IS NULL
) < %(per_post_max)s
ON CONFLICT DO NOTHING

-- forget_hashes --
-- Hashes of addresses past their time.
UPDATE reports SET address_hash = NULL
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM reports
    WHERE address_hash IS NOT NULL AND created_at < now() - make_interval(days => %(days)s)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED))

-- queue --
-- Reported posts of these boards that are there, in the order of their first reports, or the most reported first: board, post, thread, count, Unix
-- seconds of the first report, the first reasons.
SELECT w.board, w.post_no, p.thread_no, w.reports, floor(extract(epoch FROM w.first_at))::bigint, ARRAY(
        SELECT r.reason FROM reports r
        WHERE r.board = w.board AND r.post_no = w.post_no AND r.dismissed_at IS NULL
        ORDER BY r.id LIMIT %(reasons_max)s)
FROM (
    SELECT board, post_no, count(*) AS reports, min(id) AS first_id, min(created_at) AS first_at
    FROM reports r
    WHERE dismissed_at IS NULL AND (%(on)s::text[] IS NULL OR board = ANY (%(on)s))
        AND EXISTS (SELECT FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
            WHERE p.board = r.board AND p.no = r.post_no AND t.aside_since IS DISTINCT FROM '-infinity')
    GROUP BY board, post_no
    ORDER BY CASE WHEN %(most_first)s THEN -count(*) END, min(id) LIMIT %(limit)s OFFSET %(after)s
) AS w JOIN posts p ON p.board = w.board AND p.no = w.post_no
ORDER BY CASE WHEN %(most_first)s THEN -w.reports END, w.first_id

-- count --
-- Reported posts of these boards that nobody has dealt with.
SELECT count(DISTINCT (board, post_no)) FROM reports r
WHERE dismissed_at IS NULL
    AND (%(on)s::text[] IS NULL OR board = ANY (%(on)s))
    AND EXISTS (SELECT FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
        WHERE p.board = r.board AND p.no = r.post_no AND t.aside_since IS DISTINCT FROM '-infinity')

-- of_post --
-- Reasons of one post's reports that nobody has dealt with, oldest first.
SELECT reason FROM reports
WHERE board = %(board)s AND post_no = %(no)s AND dismissed_at IS NULL ORDER BY id LIMIT %(limit)s

-- dismiss --
-- The reports of one post are dealt with, up to the last that was known (NULL: all).
UPDATE reports SET dismissed_at = now()
WHERE board = %(board)s AND post_no = %(no)s AND dismissed_at IS NULL AND id <= coalesce(%(known)s::bigint, id)

-- newest --
-- The last report of all.
SELECT coalesce(max(id), 0) FROM reports

-- dismissed --
-- Posts of these boards with reports that were dismissed in the last hours, the last first: as in the queue.
SELECT w.board, w.post_no, p.thread_no, w.reports, floor(extract(epoch FROM w.first_at))::bigint, ARRAY(
        SELECT r.reason FROM reports r
        WHERE r.board = w.board AND r.post_no = w.post_no AND r.dismissed_at IS NOT NULL
        ORDER BY r.id LIMIT %(reasons_max)s)
FROM (
    SELECT board, post_no, count(*) AS reports, min(created_at) AS first_at, max(dismissed_at) AS last_at
    FROM reports
    WHERE dismissed_at > now() - make_interval(hours => %(hours)s)
        AND (%(on)s::text[] IS NULL OR board = ANY (%(on)s))
    GROUP BY board, post_no
    ORDER BY max(dismissed_at) DESC, board, post_no LIMIT %(limit)s
) AS w JOIN posts p ON p.board = w.board AND p.no = w.post_no
ORDER BY w.last_at DESC, w.board, w.post_no

-- reopen --
-- What was dismissed of a post in the last hours waits again.
UPDATE reports SET dismissed_at = NULL
WHERE board = %(board)s AND post_no = %(no)s AND dismissed_at > now() - make_interval(hours => %(hours)s)
