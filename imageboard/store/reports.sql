-- hold --
-- Those of the posts that are there, which stay so until the transaction ends.
SELECT no FROM posts WHERE board = %(board)s AND no = ANY (%(nos)s) ORDER BY no FOR KEY SHARE

-- add --
-- Reports of posts by one address; those that it has reported already stay as they are.
INSERT INTO reports (board, post_no, reason, address_hash)
SELECT %(board)s, no, %(reason)s, %(address_hash)s FROM unnest(%(nos)s::bigint[]) AS no
ON CONFLICT DO NOTHING

-- queue --
-- Reported posts of these boards, the most reported first: board, post, thread, count, Unix seconds
-- of the first report, reasons.
SELECT r.board, r.post_no, p.thread_no, count(*),
    floor(extract(epoch FROM min(r.created_at)))::bigint, array_agg(r.reason ORDER BY r.id)
FROM reports r JOIN posts p ON p.board = r.board AND p.no = r.post_no
WHERE r.dismissed_at IS NULL
    AND (%(on)s::text[] IS NULL OR r.board = ANY (%(on)s))
GROUP BY r.board, r.post_no, p.thread_no
ORDER BY count(*) DESC, min(r.id)
LIMIT %(limit)s

-- count --
-- Reported posts of these boards that nobody has dealt with.
SELECT count(DISTINCT (board, post_no)) FROM reports
WHERE dismissed_at IS NULL
    AND (%(on)s::text[] IS NULL OR board = ANY (%(on)s))

-- of_post --
-- Reasons of one post's reports that nobody has dealt with, oldest first.
SELECT reason FROM reports
WHERE board = %(board)s AND post_no = %(no)s AND dismissed_at IS NULL ORDER BY id

-- dismiss --
-- The reports of one post are dealt with.
UPDATE reports SET dismissed_at = now()
WHERE board = %(board)s AND post_no = %(no)s AND dismissed_at IS NULL
