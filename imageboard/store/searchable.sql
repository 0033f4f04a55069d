-- is_behind --
-- Whether posts came that can't be found yet, or are found by what they no longer say.
SELECT EXISTS (SELECT FROM search_due) OR EXISTS (
    SELECT FROM boards b LEFT JOIN search_progress s ON s.board = b.name
    WHERE b.last_no > coalesce(s.no, 0) AND b.removed_at IS NULL)

-- is_our_turn --
-- Whether nobody else adds posts at this moment, until the transaction ends.
SELECT pg_try_advisory_xact_lock(7264004)

-- ends --
-- The first and the last place that is taken; 1 and 0 when none is.
SELECT coalesce((SELECT min(place) FROM searchable), 1), coalesce((SELECT max(place) FROM searchable), 0)

-- behind --
-- Boards with posts that can't be found yet: up to which number they can be, and which is the newest.
SELECT b.name, coalesce(s.no, 0), b.last_no
FROM boards b LEFT JOIN search_progress s ON s.board = b.name
WHERE b.last_no > coalesce(s.no, 0) AND b.removed_at IS NULL ORDER BY b.name

-- new_posts --
-- What is found of the posts of a board after a number, the oldest first.
SELECT p.board, p.no, extract(epoch FROM p.created_at)::float8 AS created_s, p.subject, p.name, p.tripcode,
    p.body, file_words(p) AS files
FROM posts p WHERE p.board = %(board)s AND p.no > %(after)s AND p.no <= %(last)s ORDER BY p.no LIMIT %(limit)s

-- note_progress --
-- Posts of a board can be found up to this number.
INSERT INTO search_progress (board, no) VALUES (%(board)s, %(no)s)
ON CONFLICT (board) DO UPDATE SET no = excluded.no

-- older_posts --
-- The same of posts that were there before search was, the newest first.
-- PERF: each is looked for by itself. As a join all posts and all words were read, ever longer, and at each start
-- of the keeper: of ten million posts longer than a statement may take.
SELECT p.board, p.no, extract(epoch FROM p.created_at)::float8 AS created_s, p.subject, p.name, p.tripcode,
    p.body, file_words(p) AS files
FROM posts p
WHERE p.created_at <= (SELECT before FROM search_backlog)
    AND NOT EXISTS (SELECT FROM searchable s WHERE s.board = p.board AND s.no = p.no OFFSET 0)
ORDER BY p.created_at DESC, p.board, p.no LIMIT %(limit)s

-- note_older --
-- Posts from this moment on have been gone through; NULL: all have been.
UPDATE search_backlog SET before = to_timestamp(%(created_s)s)

-- due_posts --
-- The same of posts that are found by what they no longer say, with their places.
SELECT p.board, p.no, extract(epoch FROM p.created_at)::float8 AS created_s, p.subject, p.name, p.tripcode,
    p.body, file_words(p) AS files, s.place
FROM search_due d JOIN posts p ON p.board = d.board AND p.no = d.no
JOIN searchable s ON s.board = d.board AND s.no = d.no
ORDER BY d.board, d.no LIMIT %(limit)s

-- add --
-- Posts with their words, those that are still there. Who removes one of them meanwhile waits.
INSERT INTO searchable (place, board, no, words, thread_no)
SELECT added.place, p.board, p.no, added.words::tsvector, p.thread_no
FROM unnest(%(places)s::bigint[], %(boards)s::text[], %(nos)s::bigint[], %(words)s::text[])
    AS added (place, board, no, words)
JOIN posts p ON p.board = added.board AND p.no = added.no
ORDER BY p.board, p.no FOR KEY SHARE OF p
ON CONFLICT (board, no) DO NOTHING

-- change --
-- Other words of posts.
UPDATE searchable SET words = changed.words::tsvector
FROM unnest(%(boards)s::text[], %(nos)s::bigint[], %(words)s::text[]) AS changed (board, no, words)
WHERE searchable.board = changed.board AND searchable.no = changed.no

-- settle --
-- These posts are found by what they say.
DELETE FROM search_due d USING unnest(%(boards)s::text[], %(nos)s::bigint[]) AS settled (board, no)
WHERE d.board = settled.board AND d.no = settled.no

-- find --
-- A page of the newest posts that have these words, in the order that was asked for; in each row how many were found,
-- and the place of the newest. A page without posts is one row without one.
-- PERF: in one statement. Whoever searches is not alone, and each answer of the database has to wait for a turn of
-- Python's and of the processor. Each post is looked for by itself: joined, all posts of a small board were read.
WITH found AS MATERIALIZED (
    SELECT place, board, no, rank FROM find_posts(
        %(words)s::tsquery, %(since)s, %(before)s, %(until)s, %(is_ranked)s, %(found_max)s + 1)
), on_page AS MATERIALIZED (
    SELECT * FROM (SELECT * FROM found ORDER BY place DESC LIMIT %(found_max)s) AS newest
    ORDER BY rank DESC, place DESC LIMIT %(limit)s OFFSET %(start)s
)
SELECT counted.found, counted.newest, post.*
FROM (SELECT count(*) AS found, max(place) AS newest FROM found) AS counted
LEFT JOIN (on_page CROSS JOIN LATERAL (SELECT * FROM shown_posts s
    WHERE s.board = on_page.board AND s.no = on_page.no OFFSET 0) AS post) ON true
ORDER BY on_page.rank DESC, on_page.place DESC
