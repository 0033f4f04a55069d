-- of_poster --
-- The appeal that one of the banned has made against a ban.
SELECT body, answer FROM appeals WHERE ban = %(ban)s AND address_hash = %(address_hash)s

-- is_open --
-- Whether a ban may be appealed as its board has it (those of all boards: always), and has not been by
-- this poster, and no more appeals against it wait than staff can read.
SELECT coalesce((SELECT board_setting(settings, 'appeals')::boolean FROM boards WHERE name = b.board), true)
    AND NOT EXISTS (SELECT FROM appeals WHERE ban = b.id AND address_hash = %(address_hash)s)
    AND (SELECT count(*) FROM appeals WHERE ban = b.id AND answered_at IS NULL) < %(per_ban_max)s
FROM bans b WHERE b.id = %(ban)s

-- add --
-- An appeal that waits for staff.
INSERT INTO appeals (ban, address_hash, body) VALUES (%(ban)s, %(address_hash)s, %(body)s)
ON CONFLICT DO NOTHING

-- hold --
-- The ban against which an appeal waits; who else answers it waits meanwhile.
SELECT ban FROM appeals WHERE id = %(id)s AND answered_at IS NULL FOR UPDATE

-- answer --
-- An appeal is answered; NULL: by what was done alone.
UPDATE appeals SET answered_at = now(), answer = %(answer)s WHERE id = %(id)s

-- waiting --
-- Appeals against bans in force of these boards (NULL: of all, and those of all boards), the first first.
SELECT a.id AS appeal, floor(extract(epoch FROM a.made_at))::bigint AS made_s, a.body,
    b.id, b.board, b.range::text, b.reason, b.created_by,
    floor(extract(epoch FROM b.created_at))::bigint AS created_s,
    floor(extract(epoch FROM b.expires_at))::bigint AS expires_s,
    b.is_warning, floor(extract(epoch FROM b.seen_at))::bigint AS seen_s
FROM appeals a JOIN bans b ON b.id = a.ban
WHERE a.answered_at IS NULL AND b.lifted_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > now())
    AND (%(on)s::text[] IS NULL OR b.board = ANY (%(on)s))
ORDER BY a.id LIMIT %(limit)s OFFSET %(after)s

-- count --
-- How many wait there.
SELECT count(*) FROM appeals a JOIN bans b ON b.id = a.ban
WHERE a.answered_at IS NULL AND b.lifted_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > now())
    AND (%(on)s::text[] IS NULL OR b.board = ANY (%(on)s))

-- forget_hashes --
-- Appeals against bans that have been over for long enough.
DELETE FROM appeals WHERE id = ANY (ARRAY(
    SELECT a.id FROM appeals a JOIN bans b ON b.id = a.ban
    WHERE least(b.expires_at, b.lifted_at) < now() - make_interval(days => %(days)s)
    LIMIT %(limit)s FOR UPDATE OF a SKIP LOCKED))
