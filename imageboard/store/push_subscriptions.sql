-- counts --
-- How many there are besides this one: of an address, of a thread, of a board, altogether.
SELECT count(*) FILTER (WHERE address_hash = %(address_hash)s) AS of_address,
    count(*) FILTER (WHERE board = %(board)s AND thread_no = %(thread)s) AS of_thread,
    count(*) FILTER (WHERE board = %(board)s) AS of_board, count(*) AS of_site
FROM push_subscriptions WHERE key <> %(key)s AND expires_at > now()

-- add --
-- A browser is told of a thread from now on; one that is already: as it says now, of what comes after what it was
-- told of.
INSERT INTO push_subscriptions
    (key, board, thread_no, page, own_nos, wants_all, sealed, address_hash, told_no, expires_at)
VALUES (%(key)s, %(board)s, %(thread)s, %(page)s, %(own)s, %(wants_all)s, %(sealed)s, %(address_hash)s,
    (SELECT coalesce(max(no), 0) FROM posts WHERE board = %(board)s), now() + make_interval(days => %(days)s))
ON CONFLICT (key) DO UPDATE SET own_nos = excluded.own_nos, wants_all = excluded.wants_all,
    sealed = excluded.sealed, address_hash = excluded.address_hash, expires_at = excluded.expires_at, tries = 0, refusals = 0

-- remove --
-- A browser is told no more.
DELETE FROM push_subscriptions WHERE key = ANY (%(keys)s)

-- backlog --
-- How many there are, and how many of them have a page that shows something new, and may be told.
SELECT count(*) AS subscriptions,
    count(*) FILTER (WHERE s.due_at <= now() AND p.change_no > s.looked_no AND p.sha256 IS NOT NULL) AS due
FROM push_subscriptions s LEFT JOIN publications p ON p.path = s.page WHERE s.expires_at > now()

-- claim --
-- Some of those, for whoever asks; for others only after so many seconds, by when a message is sent or lost.
WITH due AS (
    SELECT s.key, p.change_no FROM push_subscriptions s JOIN publications p ON p.path = s.page
    WHERE s.due_at <= now() AND s.expires_at > now() AND p.change_no > s.looked_no AND p.sha256 IS NOT NULL
    ORDER BY s.due_at LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
)
UPDATE push_subscriptions s SET due_at = now() + make_interval(secs => %(lease_s)s)
FROM due WHERE s.key = due.key
RETURNING s.key, s.board, s.thread_no AS thread, s.own_nos AS own, s.wants_all, s.sealed, s.told_no, s.tries,
    s.refusals, due.change_no

-- replies --
-- What came in a thread that its page shows, besides own posts: how many, up to which number.
WITH fresh AS (
    SELECT p.no, p.changed_no FROM posts p
    JOIN shown_threads t ON t.board = p.board AND t.no = p.thread_no
    WHERE p.board = %(board)s AND p.thread_no = %(thread)s AND p.no > %(told_no)s AND p.no <> ALL (%(own)s)
)
SELECT count(*), coalesce(max(no), 0) FROM fresh
WHERE no < (SELECT coalesce(min(no), 'infinity'::float8) FROM fresh WHERE changed_no > %(change_no)s)

-- replies_to_own --
-- The same of posts of the board that quote own ones.
WITH fresh AS (
    SELECT DISTINCT p.no, p.changed_no FROM quotes q
    JOIN posts p ON p.board = q.board AND p.no = q.no
    JOIN shown_threads t ON t.board = p.board AND t.no = p.thread_no
    WHERE q.to_board = %(board)s AND q.to_no = ANY (%(own)s) AND q.board = %(board)s
        AND q.no > %(told_no)s AND q.no <> ALL (%(own)s)
)
SELECT count(*), coalesce(max(no), 0) FROM fresh
WHERE no < (SELECT coalesce(min(no), 'infinity'::float8) FROM fresh WHERE changed_no > %(change_no)s)

-- nothing_new --
-- Its page shows nothing of which to tell.
UPDATE push_subscriptions SET looked_no = %(change_no)s, due_at = now() WHERE key = %(key)s

-- told --
-- A message is with the service. The next one follows after so many seconds at the earliest.
UPDATE push_subscriptions SET told_no = %(told_no)s, looked_no = %(change_no)s, tries = 0,
    refusals = 0, due_at = now() + make_interval(secs => %(pace_s)s)
WHERE key = %(key)s

-- put_off --
-- It is tried again after so many seconds. Where nobody was asked it was no try.
UPDATE push_subscriptions SET tries = tries + %(is_try)s::integer, refusals = refusals + %(is_refused)s::integer,
    due_at = now() + make_interval(secs => %(wait_s)s)
WHERE key = %(key)s

-- forget_hashes --
-- From which address it was asked for, after so many days.
UPDATE push_subscriptions SET address_hash = NULL WHERE key = ANY (ARRAY(
    SELECT key FROM push_subscriptions
    WHERE address_hash IS NOT NULL AND expires_at < now() + make_interval(days => %(kept_days)s - %(days)s)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED))

-- forget_expired --
-- Browsers that did not come again, and those of threads that are no more.
DELETE FROM push_subscriptions WHERE key = ANY (ARRAY(
    SELECT s.key FROM push_subscriptions s
    WHERE s.expires_at <= now() OR NOT EXISTS (SELECT FROM threads t WHERE t.board = s.board AND t.no = s.thread_no)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
