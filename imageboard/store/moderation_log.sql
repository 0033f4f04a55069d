-- add --
-- One thing that was done, by whom.
INSERT INTO moderation_log (staff, action, board, post_no, detail)
VALUES (%(staff)s, %(action)s, %(board)s, %(post_no)s, %(detail)s)

-- newest --
-- What was done, newest first, before the entry given; on these boards only.
SELECT id, floor(extract(epoch FROM happened_at))::bigint, staff, action, board, post_no, detail
FROM moderation_log
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
    AND (%(on)s::text[] IS NULL OR board = ANY (%(on)s))
ORDER BY id DESC
LIMIT %(limit)s
