-- posts --
-- Posts of these threads that came to look different after a change, oldest first.
SELECT * FROM shown_posts
WHERE board = %(board)s AND thread = ANY (%(threads)s) AND changed_no > %(after)s
ORDER BY no

-- posts_by_no --
-- The given posts of a board, oldest first.
SELECT * FROM shown_posts WHERE board = %(board)s AND no = ANY (%(nos)s) ORDER BY no

-- posts_for_staff --
-- The same, those of threads kept aside too.
SELECT e.* FROM every_post e JOIN all_threads t ON t.board = e.board AND t.no = e.thread
WHERE e.board = %(board)s AND e.no = ANY (%(nos)s) AND t.aside_since IS DISTINCT FROM '-infinity'
ORDER BY e.no

-- some --
-- These threads, on the board or in its archive.
SELECT no, is_sticky, is_locked, reply_count AS replies, image_count AS images,
    floor(extract(epoch FROM modified_at))::bigint AS modified_s,
    floor(extract(epoch FROM bumped_at))::bigint AS bumped_s, changed_no, removal_no,
    sticky_rank, is_bump_locked, is_cyclical,
    floor(extract(epoch FROM archived_at))::bigint AS archived_s
FROM shown_threads WHERE board = %(board)s AND no = ANY (%(threads)s)

-- one_aside --
-- A thread that is kept aside.
SELECT no, is_sticky, is_locked, reply_count AS replies, image_count AS images,
    floor(extract(epoch FROM modified_at))::bigint AS modified_s,
    floor(extract(epoch FROM bumped_at))::bigint AS bumped_s, changed_no, removal_no,
    sticky_rank, is_bump_locked, is_cyclical
FROM all_threads
WHERE board = %(board)s AND no = %(thread)s AND aside_since > '-infinity' AND archived_at IS NULL

-- aside --
-- Threads of these boards that are kept aside, the last that fell off first.
SELECT t.board, t.no, t.reply_count AS replies, t.image_count AS images, op.subject, op.body,
    floor(extract(epoch FROM t.aside_since))::bigint AS aside_s
FROM all_threads t JOIN posts op ON op.board = t.board AND op.no = t.no
WHERE t.aside_since > '-infinity' AND t.archived_at IS NULL
    AND (%(on)s::text[] IS NULL OR t.board = ANY (%(on)s))
ORDER BY t.aside_since DESC, t.board, t.no DESC LIMIT %(limit)s OFFSET %(after)s

-- in_order --
-- Threads of a board as its pages show them, with the numbers of the last replies of each.
SELECT t.no, t.is_sticky, t.is_locked, t.reply_count AS replies, t.image_count AS images,
    floor(extract(epoch FROM t.modified_at))::bigint AS modified_s,
    floor(extract(epoch FROM t.bumped_at))::bigint AS bumped_s, t.changed_no, t.removal_no,
    t.sticky_rank, t.is_bump_locked, t.is_cyclical,
    ARRAY(SELECT p.no FROM posts p
        WHERE p.board = t.board AND p.thread_no = t.no AND p.no <> t.no
        ORDER BY p.no DESC
        LIMIT CASE WHEN t.is_sticky THEN %(preview_replies_sticky)s::int ELSE %(preview_replies)s::int END) AS last_replies
FROM threads t WHERE t.board = %(board)s
ORDER BY t.is_sticky DESC, t.sticky_rank DESC, t.bump_no DESC, t.no DESC

-- bumped_last --
-- The threads of these boards that were bumped last, wherever they stand there, each with the numbers of its
-- last replies as its board shows them.
-- PERF: of each board its index gives as many as could be among them.
SELECT t.board, t.no, t.is_sticky, t.is_locked, t.reply_count AS replies, t.image_count AS images,
    floor(extract(epoch FROM t.modified_at))::bigint AS modified_s,
    floor(extract(epoch FROM t.bumped_at))::bigint AS bumped_s, t.changed_no, t.removal_no,
    ARRAY(SELECT p.no FROM posts p
        WHERE p.board = t.board AND p.thread_no = t.no AND p.no <> t.no
        ORDER BY p.no DESC LIMIT CASE WHEN t.is_sticky THEN t.of_sticky ELSE t.of_others END) AS last_replies
FROM (
    SELECT last.*, asked.of_sticky, asked.of_others
    FROM unnest(%(boards)s::text[], %(preview_replies_sticky)s::int[], %(preview_replies)s::int[])
        AS asked (board, of_sticky, of_others)
    CROSS JOIN LATERAL (
        (SELECT * FROM threads t WHERE t.board = asked.board AND NOT t.is_sticky
            ORDER BY t.bump_no DESC, t.no DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT * FROM threads t WHERE t.board = asked.board AND t.is_sticky
            ORDER BY t.bump_no DESC, t.no DESC LIMIT %(limit)s)
    ) AS last
    ORDER BY last.bumped_at DESC, last.board, last.no DESC LIMIT %(limit)s
) AS t
ORDER BY t.bumped_at DESC, t.board, t.no DESC

-- removed --
-- So many posts that were removed from each of these threads, the last first; no number: whichever were removed
-- up to then.
SELECT t.no, r.change_no, r.no FROM unnest(%(threads)s::bigint[]) AS t (no) CROSS JOIN LATERAL (
    SELECT change_no, no FROM removed_posts WHERE board = %(board)s AND thread_no = t.no
    ORDER BY change_no DESC LIMIT %(limit)s
) AS r
ORDER BY t.no, r.change_no DESC

-- numbers --
-- Every thread of a board that stands there.
SELECT no FROM threads WHERE board = %(board)s ORDER BY no

-- recent --
-- The newest posts of these boards: board, number, thread, Unix seconds, subject, body.
-- PERF: of a board that is still coming from elsewhere no thread is shown. Where it is not among the boards, its
-- posts are passed over in the index; else each is read, and its thread looked for: a million took 15 s.
SELECT p.board, p.no, p.thread_no AS thread, floor(extract(epoch FROM p.created_at))::bigint AS created_s,
    p.subject, p.body
FROM posts p
WHERE p.board = ANY (%(boards)s)
    AND EXISTS (SELECT FROM threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(limit)s

-- recent_pictures --
-- Pictures to be seen unasked among the newest posts of these boards, of those of them that may be shown, the
-- newest first.
SELECT p.board, p.no, p.thread_no AS thread, f.tim, f.thumb_extension, f.thumb_width, f.thumb_height, f.colour
FROM (
    SELECT p.board, p.no, p.thread_no, p.created_at FROM posts p
    WHERE p.board = ANY (%(boards)s)
        AND EXISTS (SELECT FROM threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
    ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(posts)s
) AS p
CROSS JOIN LATERAL (
    SELECT * FROM files f WHERE f.board = p.board AND f.post_no = p.no AND f.thumb_extension IS NOT NULL
        AND NOT f.is_spoiler AND f.removed_at IS NULL AND f.pending_since IS NULL
    ORDER BY f.position LIMIT 1
) AS f
WHERE p.board = ANY (%(may_show)s)
ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(limit)s

-- last_hour --
-- How many posts of these boards that are shown came in the hour up to the newest of them, at most %(limit)s, and
-- when that was.
SELECT count(*), floor(extract(epoch FROM max(created_at)))::bigint FROM (
    SELECT p.created_at FROM posts p
    WHERE p.created_at > (
            SELECT n.created_at - interval '1 hour' FROM posts n
            WHERE n.board = ANY (%(boards)s)
                AND EXISTS (SELECT FROM threads t WHERE t.board = n.board AND t.no = n.thread_no OFFSET 0)
            ORDER BY n.created_at DESC, n.board, n.no DESC LIMIT 1)
        AND p.board = ANY (%(boards)s)
        AND EXISTS (SELECT FROM threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
    ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(limit)s
) AS newest

-- media --
-- Media of the threads on a board, and its banners: names below /<board>/ of the files that can be had, and
-- where they are stored.
SELECT f.tim, f.extension, f.thumb_extension, f.dense_extension, f.stored_as, f.sha256, f.bytes
FROM files f
WHERE f.board = %(board)s AND f.removed_at IS NULL AND f.pending_since IS NULL
    AND EXISTS (SELECT FROM posts p WHERE p.board = f.board AND p.no = f.post_no
        AND EXISTS (SELECT FROM threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0) OFFSET 0)
UNION ALL
SELECT tim, extension, NULL, NULL, stored_as, sha256, bytes FROM banners WHERE board = %(board)s

-- media_archived --
-- The same of these archived threads.
SELECT f.tim, f.extension, f.thumb_extension, f.dense_extension, f.stored_as, f.sha256, f.bytes
FROM all_threads t
JOIN posts p ON p.board = t.board AND p.thread_no = t.no
JOIN files f ON f.board = p.board AND f.post_no = p.no
WHERE t.board = %(board)s AND t.no = ANY (%(threads)s) AND t.archived_at IS NOT NULL
    AND f.removed_at IS NULL AND f.pending_since IS NULL

-- media_by_tim --
-- The same for these names.
SELECT f.tim, f.extension, f.thumb_extension, f.dense_extension, f.stored_as, f.sha256, f.bytes
FROM files f
WHERE f.board = %(board)s AND f.removed_at IS NULL AND f.pending_since IS NULL AND f.tim = ANY (%(tims)s)
    AND EXISTS (SELECT FROM posts p WHERE p.board = f.board AND p.no = f.post_no
        AND EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0) OFFSET 0)
UNION ALL
SELECT tim, extension, NULL, NULL, stored_as, sha256, bytes FROM banners WHERE board = %(board)s AND tim = ANY (%(tims)s)

-- media_from --
-- The same, of each of these posts the first file at or after it.
SELECT f.tim, f.extension, f.thumb_extension, f.dense_extension, f.stored_as, f.sha256, f.bytes
FROM unnest(%(nos)s::bigint[]) WITH ORDINALITY AS asked (no, place) CROSS JOIN LATERAL (
    SELECT * FROM files f
    WHERE f.board = %(board)s AND f.post_no >= asked.no
        AND f.removed_at IS NULL AND f.pending_since IS NULL
        AND EXISTS (SELECT FROM posts p WHERE p.board = f.board AND p.no = f.post_no
            AND EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0) OFFSET 0)
    ORDER BY f.post_no, f.position LIMIT 1
) f
ORDER BY asked.place

-- for_staff --
-- Posts of these boards (NULL: of all) that staff can see, those of these posters (NULL: everybody's), the newest
-- first: board, number.
-- PERF: boards of which staff can see none are passed over, as `recent` tells.
SELECT p.board, p.no FROM posts p
WHERE (%(posters)s::bytea[] IS NULL OR p.address_hash = ANY (%(posters)s))
    AND p.board = ANY (ARRAY(SELECT b.name FROM boards b
        WHERE b.removed_at IS NULL AND (%(on)s::text[] IS NULL OR b.name = ANY (%(on)s))
            AND EXISTS (SELECT FROM all_threads t WHERE t.board = b.name
                AND t.aside_since IS DISTINCT FROM '-infinity' OFFSET 0)))
    AND EXISTS (SELECT FROM all_threads t WHERE t.board = p.board AND t.no = p.thread_no
        AND t.aside_since IS DISTINCT FROM '-infinity' OFFSET 0)
ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(limit)s OFFSET %(after)s
