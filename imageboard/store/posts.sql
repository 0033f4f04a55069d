-- add --
-- Adds one post under the board's lock, or says why not. The tables are named, so that they are held
-- from before a row of them is made until it is stored: a migration that adds a column waits, or comes
-- first. Else the row would lack the column that its table has by then.
SELECT * FROM add_post_v2((
    jsonb_populate_record(NULL::posts, %(new_post)s),
    jsonb_populate_record(NULL::post_terms, %(new_post)s)))
WHERE NOT EXISTS (SELECT FROM posts, files, threads, boards WHERE false)

-- hold --
-- Adds one post that staff look at first.
SELECT * FROM hold_post((
    jsonb_populate_record(NULL::posts, %(new_post)s),
    jsonb_populate_record(NULL::post_terms, %(new_post)s)), %(held_because)s)
WHERE NOT EXISTS (SELECT FROM posts, files, threads, boards WHERE false)

-- quoted --
-- Of these posts those that pages show, each by its key.
SELECT p.board, p.no, p.thread_no AS thread
FROM unnest(%(boards)s::text[], %(nos)s::bigint[]) AS asked (board, no), LATERAL (
    SELECT board, no, thread_no FROM posts
    WHERE posts.board = asked.board AND posts.no = asked.no
) AS p
WHERE EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
ORDER BY p.board, p.no

-- with_file --
-- A post of a board, or of one thread of it, that has a file of these bytes as it is served.
SELECT p.no, p.thread_no AS thread FROM files f JOIN posts p ON p.board = f.board AND p.no = f.post_no
WHERE f.board = %(board)s AND f.sha256 = ANY (%(hashes)s) AND f.removed_at IS NULL
    AND (%(thread)s::bigint IS NULL OR p.thread_no = %(thread)s)
    AND EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
ORDER BY p.no LIMIT 1

-- remove --
-- Removes posts, and threads of which they are the OPs, and notes when that was asked for. Without a removal
-- by which they can be brought back their master copies go with the pages; those are looked up as they
-- were before this statement.
INSERT INTO takedowns (board, change_no, post_no, uploads)
SELECT %(board)s, gone_at, gone_no, CASE WHEN %(removal)s::bigint IS NULL THEN ARRAY(
        SELECT f.stored_as FROM posts p JOIN files f ON f.board = p.board AND f.post_no = p.no
        WHERE p.board = %(board)s AND (p.no = gone_no OR p.thread_no = gone_no) AND f.removed_at IS NULL)
    ELSE '{}' END
FROM remove_posts(%(board)s, %(nos)s::bigint[], %(removal)s)

-- uploads_of --
-- Master copies of a post's files, or of the one at a position.
SELECT f.stored_as FROM files f
WHERE f.board = %(board)s AND f.post_no = %(no)s
    AND f.removed_at IS NULL AND (%(position)s::integer IS NULL OR f.position = %(position)s)

-- lay_files_aside --
-- The same files are about to be removed in a way that can be undone.
INSERT INTO laid_aside (removal, board, no, thread_no, kind, what, uploads)
SELECT %(removal)s, p.board, p.no, p.thread_no, 'files',
    jsonb_build_object('positions', jsonb_agg(f.position)), array_agg(f.stored_as)
FROM posts p JOIN files f ON f.board = p.board AND f.post_no = p.no
WHERE p.board = %(board)s AND p.no = %(no)s
    AND f.removed_at IS NULL AND (%(position)s::integer IS NULL OR f.position = %(position)s)
GROUP BY p.board, p.no, p.thread_no

-- take_down --
-- The change that the board has just been given removes files of this post on someone's word.
INSERT INTO takedowns (board, change_no, post_no, uploads)
SELECT name, change_no, %(no)s, %(uploads)s FROM boards WHERE name = %(board)s

-- remove_files --
-- Removes the files of a post, or the one at a position, and keeps the post.
SELECT remove_files(%(board)s, %(no)s, %(position)s)

-- mark_thread --
-- Gives a thread marks, by name.
SELECT mark_thread_v2(%(board)s, %(thread)s, %(marks)s)

-- boards_without_room --
-- Boards with a thread that has to go.
SELECT name FROM boards
WHERE removed_at IS NULL AND coalesce(dead_thread(name, %(limits)s), thread_without_room(name, %(limits)s)) IS NOT NULL
ORDER BY name

-- prune --
-- Archives, or sets aside, the last thread of a board that has no room for it.
SELECT prune_v2(%(board)s, %(limits)s)

-- cycle --
-- Removes the oldest reply of a cyclical thread that has too many.
SELECT cycle(%(board)s)

-- archive --
-- Puts a thread into the archive; no row: it does not stand on its board. Whoever calls holds that.
SELECT archive_thread(board, no) FROM threads WHERE board = %(board)s AND no = %(thread)s

-- bring_back --
-- Puts a thread that was archived or kept aside back on its board.
SELECT bring_back(%(board)s, %(thread)s)

-- expire_archived --
-- Removes a thread whose time in the archive is over.
SELECT expire_archived()

-- forget_aside --
-- Drops posts of threads that were kept aside long enough.
SELECT forget_aside(%(posts_max)s)

-- author --
-- Who wrote a post: thread, password hash and its scheme, address hash, sealed address, Unix seconds.
SELECT p.thread_no AS thread, p.password_hash, p.password_scheme, p.address_hash, p.address_sealed,
    floor(extract(epoch FROM p.created_at))::bigint AS created_s
FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
WHERE p.board = %(board)s AND p.no = %(no)s AND t.aside_since IS DISTINCT FROM '-infinity'

-- forget_addresses --
-- Sealed addresses past their time, the oldest first.
UPDATE posts SET address_sealed = NULL
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM posts
    WHERE address_sealed IS NOT NULL AND created_at < now() - make_interval(days => %(days)s)
    ORDER BY created_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED))

-- forget_hashes --
-- Hashes of addresses past their time, the oldest first. Which posts of a thread are of one poster stays.
UPDATE posts SET poster_tag = coalesce(poster_tag, poster_tag(address_hash, board, thread_no)), address_hash = NULL
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM posts
    WHERE address_hash IS NOT NULL AND created_at < now() - make_interval(days => %(days)s)
    ORDER BY created_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED))

-- stored_names --
-- Names in the upload store that posts still hold, or banners, or what can be brought back.
SELECT stored_as FROM files WHERE removed_at IS NULL AND stored_as = ANY (%(names)s)
UNION ALL
SELECT name FROM laid_aside, unnest(uploads) AS name
WHERE uploads && %(names)s::text[] AND name = ANY (%(names)s)
UNION ALL
SELECT stored_as FROM banners WHERE stored_as = ANY (%(names)s)
