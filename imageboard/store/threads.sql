-- posts --
-- Posts of these threads that came to look different after a change, oldest first.
SELECT p.no, p.thread_no, floor(extract(epoch FROM p.created_at))::bigint, p.name, p.tripcode,
    p.capcode, p.email, p.subject, p.body, p.poster_id, p.changed_no, p.address_hash,
    (SELECT json_agg(json_build_array(t.board, t.no, t.thread_no) ORDER BY t.board, t.no)
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no),
    (SELECT json_agg(json_build_array(s.no, s.thread_no) ORDER BY s.no)
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board),
    (SELECT json_agg(json_build_array(f.tim, f.extension, f.thumb_extension, f.original_name,
            f.bytes, f.width, f.height, f.thumb_width, f.thumb_height, encode(f.md5, 'base64'),
            f.is_spoiler, f.removed_at IS NOT NULL) ORDER BY f.position)
        FROM files f WHERE f.board = p.board AND f.post_no = p.no)
FROM posts p
WHERE p.board = %(board)s AND p.thread_no = ANY (%(threads)s) AND p.changed_no > %(after)s
ORDER BY p.no

-- posts_by_no --
-- The given posts of a board, oldest first.
SELECT p.no, p.thread_no, floor(extract(epoch FROM p.created_at))::bigint, p.name, p.tripcode,
    p.capcode, p.email, p.subject, p.body, p.poster_id, p.changed_no, p.address_hash,
    (SELECT json_agg(json_build_array(t.board, t.no, t.thread_no) ORDER BY t.board, t.no)
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no),
    (SELECT json_agg(json_build_array(s.no, s.thread_no) ORDER BY s.no)
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board),
    (SELECT json_agg(json_build_array(f.tim, f.extension, f.thumb_extension, f.original_name,
            f.bytes, f.width, f.height, f.thumb_width, f.thumb_height, encode(f.md5, 'base64'),
            f.is_spoiler, f.removed_at IS NOT NULL) ORDER BY f.position)
        FROM files f WHERE f.board = p.board AND f.post_no = p.no)
FROM posts p
WHERE p.board = %(board)s AND p.no = ANY (%(nos)s)
ORDER BY p.no

-- some --
-- These threads.
SELECT no, is_sticky, is_locked, reply_count, image_count,
    floor(extract(epoch FROM modified_at))::bigint, floor(extract(epoch FROM bumped_at))::bigint,
    0, changed_no, removal_no
FROM threads WHERE board = %(board)s AND no = ANY (%(threads)s)

-- in_order --
-- Threads of a board as its pages show them, with the numbers of the last replies of each.
SELECT t.no, t.is_sticky, t.is_locked, t.reply_count, t.image_count,
    floor(extract(epoch FROM t.modified_at))::bigint, floor(extract(epoch FROM t.bumped_at))::bigint,
    0, t.changed_no, t.removal_no,
    ARRAY(SELECT p.no FROM posts p
        WHERE p.board = t.board AND p.thread_no = t.no AND p.no <> t.no
        ORDER BY p.no DESC
        LIMIT CASE WHEN t.is_sticky THEN %(preview_replies_sticky)s::int ELSE %(preview_replies)s::int END)
FROM threads t WHERE t.board = %(board)s
ORDER BY t.is_sticky DESC, t.bump_no DESC

-- numbers --
-- Every thread of a board.
SELECT no FROM threads WHERE board = %(board)s ORDER BY no

-- recent --
-- The newest posts of all boards: board, number, thread, Unix seconds, subject, body.
SELECT board, no, thread_no, floor(extract(epoch FROM created_at))::bigint, subject, body
FROM posts ORDER BY created_at DESC, board, no DESC LIMIT %(limit)s

-- media --
-- Media of a board: names below /<board>/ of the files that are there, and where they are stored.
SELECT tim, extension, thumb_extension, stored_as, sha256
FROM files WHERE board = %(board)s AND removed_at IS NULL

-- media_by_tim --
-- The same for these names.
SELECT tim, extension, thumb_extension, stored_as, sha256
FROM files WHERE board = %(board)s AND removed_at IS NULL AND tim = ANY (%(tims)s)
