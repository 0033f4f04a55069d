-- say --
-- One text more that is said here; nothing, while it may not be said again.
INSERT INTO said_texts AS s (board, digest, until)
VALUES (%(board)s, %(digest)s, now() + make_interval(days => %(days)s))
ON CONFLICT (board, digest) DO UPDATE SET until = EXCLUDED.until WHERE s.until <= now()

-- note --
-- What was just said, for so many minutes.
INSERT INTO text_sketches (board, sketch, address_hash, until)
VALUES (%(board)s, %(sketch)s::integer[], %(address_hash)s, now() + make_interval(mins => %(minutes)s))

-- is_alike --
-- A text of somebody else among the last ones that has so much in common with this one.
SELECT 1 FROM (
    SELECT sketch, address_hash FROM text_sketches
    WHERE board = %(board)s AND until > now() ORDER BY until DESC LIMIT %(limit)s
) AS last
WHERE address_hash <> %(address_hash)s AND sketch && %(sketch)s::integer[] AND (
    SELECT count(*) FROM unnest(sketch) AS piece WHERE piece = ANY (%(sketch)s::integer[])
) >= least(%(in_common)s, cardinality(sketch))
LIMIT 1

-- forget_texts --
-- Texts that may be said again.
DELETE FROM said_texts WHERE (board, digest) IN (
    SELECT board, digest FROM said_texts WHERE until <= now() LIMIT %(limit)s FOR UPDATE SKIP LOCKED)

-- forget_sketches --
-- What was said more than some minutes ago.
DELETE FROM text_sketches WHERE id IN (
    SELECT id FROM text_sketches WHERE until <= now() LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
