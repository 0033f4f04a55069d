-- columns --
-- Every column of every table of ours.
SELECT table_name, column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE'

-- count --
-- Rows that hold something there.
SELECT count({column}) FROM {table}

-- count_of_hash --
-- Rows with one of these hashes.
SELECT count(*) FROM {table} WHERE {column} = ANY (%(hashes)s)

-- count_of_range --
-- Rows with a range that holds an address.
SELECT count(*) FROM {table} WHERE {column} >>= %(address)s::inet

-- count_laid_aside --
-- Posts that staff removed and can still bring back, with one of these hashes.
SELECT count(*) FROM laid_aside
WHERE kind = 'post' AND decode(substr(what->'post'->>'address_hash', 3), 'hex') = ANY (%(hashes)s)

-- posts_of --
-- Posts with one of these hashes, by board: those kept aside too.
SELECT board, array_agg(no ORDER BY no) FROM posts WHERE address_hash = ANY (%(hashes)s)
GROUP BY board ORDER BY board

-- erase_unseen --
-- A post of a thread that nobody sees, since staff removed it or hold it; an OP takes its thread along.
WITH unseen AS (
    SELECT p.no, p.thread_no, (SELECT count(*) FROM files f
        WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL) AS files
    FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
    WHERE p.board = %(board)s AND p.no = %(no)s AND t.aside_since = '-infinity'
), thread AS (
    DELETE FROM all_threads t USING unseen u WHERE t.board = %(board)s AND t.no = u.no
), counted AS (
    UPDATE all_threads t SET reply_count = t.reply_count - 1, image_count = t.image_count - u.files
    FROM unseen u WHERE t.board = %(board)s AND t.no = u.thread_no AND u.no <> u.thread_no
)
DELETE FROM posts p USING unseen u WHERE p.board = %(board)s AND p.no = u.no

-- erase_what_waits --
-- What staff could bring back of these posts, or of threads that they begin: nothing is left to bring it back to.
DELETE FROM laid_aside
WHERE board = %(board)s AND kind <> 'post' AND no = ANY (%(nos)s)
    AND NOT EXISTS (SELECT FROM posts p WHERE p.board = laid_aside.board AND p.no = laid_aside.no)

-- erase_laid_aside --
-- Those that staff removed are erased at once.
DELETE FROM laid_aside
WHERE kind = 'post' AND decode(substr(what->'post'->>'address_hash', 3), 'hex') = ANY (%(hashes)s)

-- forget_reports --
-- Who reported.
UPDATE reports SET address_hash = NULL WHERE address_hash = ANY (%(hashes)s)

-- forget_receipts --
-- Which forms were answered.
DELETE FROM receipts WHERE address_hash = ANY (%(hashes)s)

-- forget_push --
-- Browsers that are told of replies.
DELETE FROM push_subscriptions WHERE address_hash = ANY (%(hashes)s)
