-- add --
-- A note on a poster.
INSERT INTO poster_notes (address_hash, staff, note)
SELECT %(address_hash)s, %(staff)s, %(note)s
WHERE (SELECT count(*) FROM poster_notes WHERE address_hash = %(address_hash)s) < %(notes_max)s

-- remove --
-- Takes a note on a poster away.
DELETE FROM poster_notes WHERE id = %(id)s AND address_hash = %(address_hash)s

-- on_poster --
-- Notes on a poster, the newest first.
SELECT id, staff, floor(extract(epoch FROM written_at))::bigint AS written_s, note
FROM poster_notes WHERE address_hash = %(address_hash)s ORDER BY id DESC LIMIT %(limit)s

-- forget_expired --
-- Notes on posters of whom no post, nothing that can be brought back and no ban is kept.
DELETE FROM poster_notes WHERE id IN (
    SELECT id FROM poster_notes n
    WHERE NOT EXISTS (SELECT FROM posts p WHERE p.address_hash = n.address_hash)
        AND NOT EXISTS (SELECT FROM bans b WHERE b.address_hash = n.address_hash)
        AND NOT EXISTS (SELECT FROM laid_aside l WHERE l.what->'post'->>'address_hash' = n.address_hash::text)
    LIMIT %(limit)s)
