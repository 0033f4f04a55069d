-- find --
-- The thread that a form of this client led to; no row: it has not come yet.
SELECT thread_no FROM receipts WHERE address_hash = %(address_hash)s AND nonce = %(key)s

-- of_post --
-- A row: the form of this post has come before.
SELECT FROM receipts
WHERE address_hash IN (%(address_hash)s, receipt_owner(%(address_hash)s, %(nonce)s::text))
    AND nonce = coalesce(%(nonce)s::text, %(delivery)s)

-- begin --
-- The receipt of a deletion or a report, unless there is one.
INSERT INTO receipts (address_hash, nonce, board, thread_no, no, change_no, expires_at)
VALUES (%(address_hash)s, %(key)s, %(board)s, 0, 0, 0, now() + interval '10 minutes')
ON CONFLICT DO NOTHING

-- lead_back_to --
-- Where it leads back to: a thread.
UPDATE receipts SET thread_no = %(thread)s
WHERE address_hash = %(address_hash)s AND nonce = %(key)s

-- forget_expired --
-- Receipts whose time is over.
DELETE FROM receipts WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM receipts WHERE expires_at < now()
    ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
