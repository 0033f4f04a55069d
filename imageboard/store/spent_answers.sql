-- spend --
-- An answer is used; nothing comes back when as many other forms as may have used it before.
INSERT INTO spent_answers (answer, expires_at, delivery)
VALUES (%(answer)s, to_timestamp(%(expires_s)s), %(delivery)s)
ON CONFLICT (answer) DO UPDATE SET
    uses = spent_answers.uses
        + CASE WHEN spent_answers.delivery = excluded.delivery THEN 0 ELSE 1 END,
    delivery = excluded.delivery
WHERE spent_answers.delivery = excluded.delivery OR spent_answers.uses < %(uses_max)s
RETURNING true

-- forget_expired --
-- Answers that are refused for their age by now; some minutes more, since clocks differ.
DELETE FROM spent_answers WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM spent_answers WHERE expires_at < now() - interval '10 minutes'
    ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
