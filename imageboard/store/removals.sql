-- begin --
-- A removal of posts of these boards that can be undone for as long as the longest of them says; no row:
-- none of them keeps anything.
INSERT INTO removals (staff, kept_until)
SELECT %(staff)s, clock_timestamp() + make_interval(hours => max(board_setting(settings, 'undo_hours')::integer))
FROM boards WHERE name = ANY (%(boards)s)
HAVING max(board_setting(settings, 'undo_hours')::integer) > 0
RETURNING id

-- boards_of --
-- The boards of which a removal that can still be undone took something.
SELECT DISTINCT l.board FROM laid_aside l JOIN removals r ON r.id = l.removal
WHERE r.id = %(removal)s AND r.held_because IS NULL AND r.kept_until > clock_timestamp() ORDER BY l.board

-- of_authors --
-- Posts of these posters that staff can see, by board: on these boards (NULL: on all), in this
-- thread (NULL: in all), not older than that (NULL: all). An OP stands for its thread.
SELECT p.board, array_agg(p.no ORDER BY p.no) FROM posts p
JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
WHERE p.address_hash = ANY (%(posters)s) AND t.aside_since IS DISTINCT FROM '-infinity'
    AND (%(on)s::text[] IS NULL OR p.board = ANY (%(on)s))
    AND (%(thread)s::bigint IS NULL OR p.thread_no = %(thread)s)
    AND p.created_at > coalesce(now() - make_interval(secs => %(since_s)s), '-infinity')
GROUP BY p.board ORDER BY p.board

-- count_of_author --
-- How many posts of whoever wrote this one there are, those that are held too: in its thread, on its board, on these
-- boards (NULL: on all); of the last hour, the last day, and ever.
SELECT where_, count(*) FILTER (WHERE age < interval '1 hour'),
    count(*) FILTER (WHERE age < interval '1 day'), count(*)
FROM (
    SELECT p.board, p.thread_no, now() - p.created_at AS age FROM posts p
    JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
    WHERE p.address_hash = %(address_hash)s AND t.aside_since IS DISTINCT FROM '-infinity'
        AND (%(on)s::text[] IS NULL OR p.board = ANY (%(on)s))
    UNION ALL
    SELECT l.board, l.thread_no, now() - r.made_at FROM laid_aside l JOIN removals r ON r.id = l.removal
    LEFT JOIN posts p ON l.kind = 'thread' AND p.board = l.board AND p.no = l.no
    WHERE r.held_because IS NOT NULL
        AND coalesce(l.what->'post'->>'address_hash', p.address_hash::text) = %(address_hash)s::bytea::text
        AND (%(on)s::text[] IS NULL OR l.board = ANY (%(on)s))
) AS theirs, LATERAL (VALUES ('thread', theirs.board = %(board)s AND theirs.thread_no = %(thread)s),
    ('board', theirs.board = %(board)s), ('site', true)) AS places (where_, is_there)
WHERE is_there GROUP BY where_

-- undo --
-- Brings back what has a place to come back to.
SELECT undo_removal(%(removal)s)

-- newest --
-- Removals by staff that can be undone and took nothing of other boards, the newest first: who, when, until when, how
-- many threads, replies and posts with files, and one of them.
SELECT r.id, r.staff, floor(extract(epoch FROM r.made_at))::bigint AS made_s,
    floor(extract(epoch FROM r.kept_until))::bigint AS kept_until_s,
    l.boards, l.threads, l.replies, l.files, first.board, first.no,
    coalesce(first.what->'post'->>'body', p.body, '') AS body
FROM removals r
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT board ORDER BY board) AS boards, count(*) FILTER (WHERE kind = 'thread') AS threads,
        count(*) FILTER (WHERE kind = 'post') AS replies, count(*) FILTER (WHERE kind = 'files') AS files
    FROM laid_aside WHERE removal = r.id
) AS l
CROSS JOIN LATERAL (
    SELECT board, no, what FROM laid_aside WHERE removal = r.id ORDER BY board, no LIMIT 1
) AS first
LEFT JOIN posts p ON p.board = first.board AND p.no = first.no
WHERE r.kept_until > clock_timestamp() AND r.held_because IS NULL
    AND (%(on)s::text[] IS NULL OR l.boards <@ %(on)s::text[])
ORDER BY r.id DESC LIMIT %(limit)s OFFSET %(after)s

-- open --
-- Those of these removals that can be undone.
SELECT id FROM removals WHERE id = ANY (%(removals)s) AND kept_until > clock_timestamp()

-- erase --
-- A removal can't be undone any more.
DELETE FROM removals WHERE id = %(removal)s

-- forget_expired --
-- Removals whose time is over.
DELETE FROM removals WHERE id IN (
    SELECT id FROM removals WHERE kept_until <= clock_timestamp()
    ORDER BY kept_until LIMIT %(limit)s FOR UPDATE SKIP LOCKED)

-- forget_addresses --
-- Sealed addresses of posts that are laid aside, past their time.
UPDATE laid_aside SET what = what #- '{post,address_sealed}'
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM laid_aside
    WHERE kind = 'post' AND what->'post'->>'address_sealed' IS NOT NULL
        AND (what->'post'->>'created_at')::timestamptz < now() - make_interval(days => %(days)s)
    LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED))

-- forget_hashes --
-- Hashes of their addresses. Which posts of a thread are of one poster stays.
UPDATE laid_aside SET what = jsonb_set(what, '{post}', what->'post' || jsonb_build_object(
    'poster_tag', coalesce((what->'post'->>'poster_tag')::integer,
        poster_tag((what->'post'->>'address_hash')::bytea, board, thread_no)), 'address_hash', NULL))
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM laid_aside
    WHERE kind = 'post' AND what->'post'->>'address_hash' IS NOT NULL
        AND (what->'post'->>'created_at')::timestamptz < now() - make_interval(days => %(days)s)
    LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED))
