-- set_page --
-- A page as it is from now on.
INSERT INTO written_pages (board, name, title, body)
VALUES (%(board)s, %(name)s, %(title)s, %(body)s)
ON CONFLICT (board, name) DO UPDATE SET
    title = excluded.title, body = excluded.body, changed_at = excluded.changed_at

-- remove_page --
-- It is gone.
DELETE FROM written_pages WHERE board IS NOT DISTINCT FROM %(board)s AND name = %(name)s

-- pages --
-- Every page of a board, or of the site, by its name.
SELECT name, title, body, floor(extract(epoch FROM changed_at))::bigint AS changed_s
FROM written_pages WHERE board IS NOT DISTINCT FROM %(board)s ORDER BY name

-- page --
-- One of them.
SELECT name, title, body, floor(extract(epoch FROM changed_at))::bigint AS changed_s
FROM written_pages WHERE board IS NOT DISTINCT FROM %(board)s AND name = %(name)s

-- titles --
-- Every page of a board, or of the site, with the text of what stands above the threads alone; of a board
-- also what the site has there.
SELECT board, name, title, CASE WHEN name = %(announcement)s THEN body ELSE '' END AS body
FROM written_pages
WHERE board IS NOT DISTINCT FROM %(board)s OR (board IS NULL AND name = %(announcement)s)
ORDER BY name, board NULLS FIRST

-- titles_by_board --
-- Every page of any board that has an address.
SELECT board, name, title FROM written_pages
WHERE board IS NOT NULL AND name <> %(announcement)s ORDER BY board, name

-- add_news --
-- One more.
INSERT INTO news (board, title, body, created_at)
VALUES (%(board)s, %(title)s, %(body)s, coalesce(to_timestamp(%(created_s)s), now())) RETURNING id

-- remove_news --
-- It is gone.
DELETE FROM news WHERE id = %(id)s RETURNING board

-- news --
-- The newest of a board, or of the site.
SELECT id, board, title, body, floor(extract(epoch FROM created_at))::bigint AS created_s
FROM news WHERE board IS NOT DISTINCT FROM %(board)s ORDER BY id DESC LIMIT %(limit)s

-- headlines --
-- The newest of a board and of the site together, without their text.
SELECT id, board, title, '' AS body, floor(extract(epoch FROM created_at))::bigint AS created_s
FROM news WHERE board IS NULL OR board = %(board)s ORDER BY id DESC LIMIT %(limit)s
