-- forget --
-- Claims whose time is over.
DELETE FROM claims WHERE claimed_at < now() - make_interval(secs => %(kept_s)s)

-- take --
-- A post is claimed by whoever opens it first.
INSERT INTO claims (board, post_no, staff) VALUES (%(board)s, %(no)s, %(staff)s)
ON CONFLICT (board, post_no) DO UPDATE SET claimed_at = now() WHERE claims.staff = excluded.staff

-- of_others --
-- Those of these posts that somebody else looks at: board, post, who, minutes.
SELECT c.board, c.post_no, c.staff, floor(extract(epoch FROM now() - c.claimed_at) / 60)::integer
FROM unnest(%(boards)s::text[], %(nos)s::bigint[]) AS asked (board, no)
JOIN claims c ON c.board = asked.board AND c.post_no = asked.no
WHERE c.staff <> %(staff)s AND c.claimed_at > now() - make_interval(secs => %(kept_s)s)
