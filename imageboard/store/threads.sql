-- posts --
-- Posts of these threads that came to look different after a change, oldest first.
SELECT * FROM shown_posts
WHERE board = %(board)s AND thread = ANY (%(threads)s) AND changed_no > %(after)s
ORDER BY no

-- posts_by_no --
-- The given posts of a board, oldest first.
SELECT * FROM shown_posts WHERE board = %(board)s AND no = ANY (%(nos)s) ORDER BY no

-- some --
-- These threads.
SELECT no, is_sticky, is_locked, reply_count AS replies, image_count AS images,
    floor(extract(epoch FROM modified_at))::bigint AS modified_s,
    floor(extract(epoch FROM bumped_at))::bigint AS bumped_s, changed_no, removal_no
FROM threads WHERE board = %(board)s AND no = ANY (%(threads)s)

-- in_order --
-- Threads of a board as its pages show them, with the numbers of the last replies of each.
SELECT t.no, t.is_sticky, t.is_locked, t.reply_count AS replies, t.image_count AS images,
    floor(extract(epoch FROM t.modified_at))::bigint AS modified_s,
    floor(extract(epoch FROM t.bumped_at))::bigint AS bumped_s, t.changed_no, t.removal_no,
    ARRAY(SELECT p.no FROM posts p
        WHERE p.board = t.board AND p.thread_no = t.no AND p.no <> t.no
        ORDER BY p.no DESC
        LIMIT CASE WHEN t.is_sticky THEN %(preview_replies_sticky)s::int ELSE %(preview_replies)s::int END) AS last_replies
FROM threads t WHERE t.board = %(board)s
ORDER BY t.is_sticky DESC, t.bump_no DESC, t.no DESC

-- numbers --
-- Every thread of a board.
SELECT no FROM threads WHERE board = %(board)s ORDER BY no

-- recent --
-- The newest posts of all boards: board, number, thread, Unix seconds, subject, body.
SELECT board, no, thread_no AS thread, floor(extract(epoch FROM created_at))::bigint AS created_s,
    subject, body
FROM posts ORDER BY created_at DESC, board, no DESC LIMIT %(limit)s

-- media --
-- Media of a board: names below /<board>/ of the files that can be had, and where they are stored.
SELECT tim, extension, thumb_extension, stored_as, sha256
FROM files WHERE board = %(board)s AND removed_at IS NULL AND pending_since IS NULL

-- media_by_tim --
-- The same for these names.
SELECT tim, extension, thumb_extension, stored_as, sha256
FROM files WHERE board = %(board)s AND removed_at IS NULL AND pending_since IS NULL AND tim = ANY (%(tims)s)
