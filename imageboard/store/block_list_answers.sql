-- find --
-- What was answered about an address lately.
SELECT is_listed FROM block_list_answers WHERE key = %(key)s AND until > now()

-- keep --
-- An answer, for so long.
INSERT INTO block_list_answers (key, is_listed, until)
VALUES (%(key)s, %(is_listed)s, now() + make_interval(secs => %(kept_s)s))
ON CONFLICT (key) DO UPDATE SET is_listed = EXCLUDED.is_listed, until = EXCLUDED.until

-- forget_expired --
-- Answers that are too old.
DELETE FROM block_list_answers WHERE key IN (
    SELECT key FROM block_list_answers WHERE until <= now() LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
