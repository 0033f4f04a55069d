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
