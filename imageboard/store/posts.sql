-- add --
-- Adds one post under the board's lock, or says why not.
SELECT outcome, no, thread_no, change_no, created_s, poster_id, retry_after_s, media, links,
    ban_id
FROM add_post(
    p_board => %(board)s, p_thread => %(thread)s, p_name => %(name)s, p_tripcode => %(tripcode)s,
    p_capcode => %(capcode)s, p_email => %(email)s, p_is_sage => %(is_sage)s,
    p_subject => %(subject)s, p_body => %(body)s, p_address_hash => %(address_hash)s,
    p_address_sealed => %(address_sealed)s, p_password_hash => %(password_hash)s,
    p_files => %(files)s, p_quotes => %(quotes)s, p_nonce => %(nonce)s, p_wait_s => %(wait_s)s,
    p_same_text_wait_s => %(same_text_wait_s)s, p_ignores_lock => %(ignores_lock)s,
    p_created_at => %(created_at)s, p_address => %(address)s::inet)

-- remove --
-- Removes a post, or the thread of which it is the OP.
SELECT remove_post(%(board)s, %(no)s)

-- take_down --
-- The change that the board has just been given removes this post on someone's word.
INSERT INTO takedowns (board, change_no, post_no)
SELECT name, change_no, %(no)s FROM boards WHERE name = %(board)s

-- remove_files --
-- Removes the files of a post and keeps the post.
SELECT remove_files(%(board)s, %(no)s)

-- mark_thread --
-- Makes a thread sticky or locked, or no longer; NULL leaves it as it is.
SELECT mark_thread(%(board)s, %(thread)s, %(is_sticky)s, %(is_locked)s)

-- author --
-- Who wrote a post: thread, password hash, address hash, sealed address, Unix seconds.
SELECT thread_no, password_hash, address_hash, address_sealed, floor(extract(epoch FROM created_at))::bigint
FROM posts WHERE board = %(board)s AND no = %(no)s

-- forget_addresses --
-- Sealed addresses past their time.
UPDATE posts SET address_sealed = NULL
WHERE address_sealed IS NOT NULL AND created_at < now() - make_interval(days => %(days)s)

-- forget_receipts --
-- Receipts of yesterday.
DELETE FROM receipts WHERE created_at < now() - interval '1 day'

-- stored_names --
-- Names in the upload store that posts still hold.
SELECT stored_as FROM files WHERE removed_at IS NULL AND stored_as = ANY (%(names)s)
