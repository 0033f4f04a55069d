-- waiting --
-- Posts of these boards (NULL: of all) that are held, the first that came first, each with its files.
SELECT r.id, l.board, l.no, l.thread_no AS thread, r.held_because AS because,
    floor(extract(epoch FROM r.made_at))::bigint AS held_s,
    floor(extract(epoch FROM r.kept_until))::bigint AS kept_until_s,
    p.name, p.tripcode, p.subject, p.body, f.files
FROM removals r
JOIN laid_aside l ON l.removal = r.id
CROSS JOIN LATERAL (
    SELECT held.* FROM jsonb_populate_record(NULL::posts, l.what->'post') AS held WHERE l.kind = 'post'
    UNION ALL
    SELECT held.* FROM posts held WHERE l.kind = 'thread' AND held.board = l.board AND held.no = l.no
) AS p
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_array(held.original_name || held.extension,
        held.thumb_extension IS NOT NULL) ORDER BY held.position), '[]') AS files
    FROM (
        SELECT * FROM jsonb_populate_recordset(NULL::files, l.what->'files') WHERE l.kind = 'post'
        UNION ALL
        SELECT * FROM files f WHERE l.kind = 'thread' AND f.board = l.board AND f.post_no = l.no
    ) AS held
) AS f
WHERE r.held_because IS NOT NULL AND r.kept_until > clock_timestamp()
    AND (%(on)s::text[] IS NULL OR l.board = ANY (%(on)s))
ORDER BY r.id LIMIT %(limit)s OFFSET %(after)s

-- count --
-- How many posts of these boards (NULL: of all) are held.
SELECT count(*) FROM removals r JOIN laid_aside l ON l.removal = r.id
WHERE r.held_because IS NOT NULL AND r.kept_until > clock_timestamp()
    AND (%(on)s::text[] IS NULL OR l.board = ANY (%(on)s))

-- boards_of --
-- On which boards these posts are held, those that still are.
SELECT r.id, l.board FROM removals r JOIN laid_aside l ON l.removal = r.id
WHERE r.id = ANY (%(ids)s) AND r.held_because IS NOT NULL

-- is_waiting --
-- Whether a post is held.
SELECT EXISTS (SELECT FROM laid_aside l JOIN removals r ON r.id = l.removal
    WHERE l.board = %(board)s AND l.no = %(no)s AND r.held_because IS NOT NULL)

-- release --
-- Lets a held post appear.
SELECT release_held(%(id)s)

-- refuse --
-- Held posts will not appear; which of these, those that were still held.
SELECT refuse_held(%(ids)s, %(removal)s)

-- of_authors --
-- What these posters wrote and is held: on these boards (NULL: on all), in this thread (NULL: in all), not older than
-- that (NULL: all). Whoever asks refuses it: it is locked.
SELECT r.id, l.board FROM removals r JOIN laid_aside l ON l.removal = r.id
WHERE r.id IN (
    SELECT l.removal FROM laid_aside l JOIN posts p ON p.board = l.board AND p.no = l.no
    WHERE l.kind = 'thread' AND p.address_hash = ANY (%(posters)s)
        AND (%(on)s::text[] IS NULL OR l.board = ANY (%(on)s))
        AND (%(thread)s::bigint IS NULL OR l.thread_no = %(thread)s)
    UNION ALL
    SELECT l.removal FROM laid_aside l
    WHERE l.kind = 'post' AND l.what->'post'->>'address_hash' = ANY (%(posters)s::bytea[]::text[])
        AND (%(on)s::text[] IS NULL OR l.board = ANY (%(on)s))
        AND (%(thread)s::bigint IS NULL OR l.thread_no = %(thread)s)
) AND r.held_because IS NOT NULL AND r.made_at > coalesce(now() - make_interval(secs => %(since_s)s), '-infinity')
ORDER BY r.id FOR UPDATE OF r

-- file --
-- A file of a held post, by its position.
SELECT held.stored_as, held.extension, held.thumb_extension
FROM removals r
JOIN laid_aside l ON l.removal = r.id
CROSS JOIN LATERAL (
    SELECT * FROM jsonb_populate_recordset(NULL::files, l.what->'files') WHERE l.kind = 'post'
    UNION ALL
    SELECT * FROM files f WHERE l.kind = 'thread' AND f.board = l.board AND f.post_no = l.no
) AS held
WHERE r.id = %(id)s AND r.held_because IS NOT NULL AND held.position = %(position)s
