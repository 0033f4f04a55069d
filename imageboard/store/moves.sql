-- hold --
-- Holds all boards that a thread's way to another board, or into another thread, changes; whether it stands
-- on its board.
SELECT hold_for_move(%(board)s, %(thread)s, %(to_board)s)

-- texts --
-- The posts of a thread and what they say, in order.
SELECT no, body FROM posts WHERE board = %(board)s AND thread_no = %(thread)s ORDER BY no

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

-- merge --
-- The posts of a thread stand in another one.
SELECT merge_threads(%(board)s, %(thread)s, %(into)s)

-- moved_to --
-- Where a thread is now.
SELECT to_board AS board, to_no AS thread FROM moved_threads WHERE board = %(board)s AND no = %(thread)s

-- numbers --
-- Threads of a board that are elsewhere now.
SELECT no FROM moved_threads WHERE board = %(board)s ORDER BY no
