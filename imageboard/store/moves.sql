-- hold --
-- Holds all boards that a thread's way to another board, or into another thread, changes; whether it stands
-- on its board.
SELECT hold_for_move(%(board)s, %(thread)s, %(to_board)s)

-- texts --
-- The posts of a thread, what they say and what they said before, in order.
SELECT no, body, versions FROM posts WHERE board = %(board)s AND thread_no = %(thread)s ORDER BY no

-- waiting --
-- A reply to a thread that is held until staff have looked at it; whoever holds its board keeps others away.
SELECT 1 FROM removals r JOIN laid_aside l ON l.removal = r.id
WHERE r.held_because IS NOT NULL AND r.kept_until > clock_timestamp()
    AND l.board = %(board)s AND l.thread_no = %(thread)s LIMIT 1

-- last_no --
-- The newest number of a board.
SELECT last_no FROM boards WHERE name = %(board)s

-- move --
-- A thread stands on another board from now on.
SELECT move_thread(%(board)s, %(thread)s, %(to_board)s, %(nos)s, %(new_nos)s, %(bodies)s)

-- keep_versions --
-- What a post said before, with other numbers.
UPDATE posts SET versions = %(versions)s WHERE board = %(board)s AND no = %(no)s

-- follow_from_aside --
-- Replies that are laid aside quote moved posts, and are quoted by them, where those are now: when they come back.
UPDATE laid_aside l SET what = jsonb_set(l.what, '{quotes}', (
    SELECT jsonb_agg(q
        || CASE WHEN quoting.no IS NULL THEN '{}'
            ELSE jsonb_build_object('board', %(to_board)s::text, 'no', quoting.new_no) END
        || CASE WHEN quoted.no IS NULL THEN '{}'
            ELSE jsonb_build_object('to_board', %(to_board)s::text, 'to_no', quoted.new_no,
                'typed_board', coalesce(q->>'typed_board', q->>'to_board'),
                'typed_no', coalesce(q->>'typed_no', q->>'to_no')::bigint) END)
    FROM jsonb_array_elements(l.what->'quotes') AS q
    LEFT JOIN unnest(%(nos)s::bigint[], %(new_nos)s::bigint[]) AS quoting (no, new_no)
        ON q->>'board' = %(board)s AND (q->>'no')::bigint = quoting.no
    LEFT JOIN unnest(%(nos)s::bigint[], %(new_nos)s::bigint[]) AS quoted (no, new_no)
        ON q->>'to_board' = %(board)s AND (q->>'to_no')::bigint = quoted.no))
WHERE l.kind = 'post' AND NOT (l.board = %(board)s AND l.thread_no = %(thread)s)
    AND EXISTS (SELECT FROM jsonb_array_elements(l.what->'quotes') AS q
        WHERE q->>'board' = %(board)s AND (q->>'no')::bigint = ANY (%(nos)s)
            OR q->>'to_board' = %(board)s AND (q->>'to_no')::bigint = ANY (%(nos)s))

-- merge --
-- The posts of a thread stand in another one.
SELECT merge_threads(%(board)s, %(thread)s, %(into)s)

-- moved_to --
-- Where a thread is now.
SELECT to_board AS board, to_no AS thread FROM moved_threads WHERE board = %(board)s AND no = %(thread)s

-- numbers --
-- Threads of a board that are elsewhere now.
SELECT no FROM moved_threads WHERE board = %(board)s ORDER BY no
