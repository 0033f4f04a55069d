-- seen --
-- The last that was done to each of these posts.
SELECT asked.board, asked.no, (
    SELECT max(id) FROM moderation_log l WHERE l.board = asked.board AND l.post_no = asked.no)
FROM unnest(%(boards)s::text[], %(nos)s::bigint[]) AS asked (board, no)
WHERE EXISTS (SELECT FROM moderation_log l WHERE l.board = asked.board AND l.post_no = asked.no)

-- one_by_one --
-- Until this transaction ends nobody else does anything to the post; what they did is seen from here on.
SELECT pg_advisory_xact_lock(7264005, hashtext(%(board)s || '/' || %(no)s::text))

-- since --
-- The last that others did to a post since a page knew of it: who, what, Unix seconds.
SELECT staff, action, floor(extract(epoch FROM happened_at))::bigint FROM moderation_log
WHERE board = %(board)s AND post_no = %(no)s AND id > %(seen)s AND staff <> %(staff)s
ORDER BY id DESC LIMIT 1

-- removed --
-- Who removed a post, or its thread, that can still be brought back.
SELECT r.staff, 'delete_post', floor(extract(epoch FROM r.made_at))::bigint
FROM laid_aside l JOIN removals r ON r.id = l.removal
WHERE l.board = %(board)s AND l.kind <> 'files' AND r.held_because IS NULL AND r.staff <> %(staff)s
    AND l.no IN (%(no)s, (SELECT thread_no FROM posts WHERE board = %(board)s AND no = %(no)s))
ORDER BY r.id DESC LIMIT 1
