-- find --
-- The longest-lasting ban in force that hits a poster on a board.
SELECT id, board, range::text, reason, created_by, floor(extract(epoch FROM created_at))::bigint AS created_s,
    floor(extract(epoch FROM expires_at))::bigint AS expires_s,
    is_warning, floor(extract(epoch FROM seen_at))::bigint AS seen_s
FROM find_ban(%(board)s, %(address_hash)s, %(address)s::inet)

-- one --
-- One ban, in force or not.
SELECT id, board, range::text, reason, created_by, floor(extract(epoch FROM created_at))::bigint AS created_s,
    floor(extract(epoch FROM expires_at))::bigint AS expires_s,
    is_warning, floor(extract(epoch FROM seen_at))::bigint AS seen_s
FROM bans WHERE id = %(id)s

-- in_force --
-- Bans that are neither lifted nor expired, and warnings that nobody has read, newest first, older than the one given; of these
-- boards only, which those of all boards are not.
SELECT id, board, range::text, reason, created_by, floor(extract(epoch FROM created_at))::bigint AS created_s,
    floor(extract(epoch FROM expires_at))::bigint AS expires_s,
    is_warning, floor(extract(epoch FROM seen_at))::bigint AS seen_s
FROM bans
WHERE lifted_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AND NOT (is_warning AND seen_at IS NOT NULL)
    AND (%(before)s::bigint IS NULL OR id < %(before)s)
    AND (%(on)s::text[] IS NULL OR board = ANY (%(on)s))
ORDER BY id DESC
LIMIT %(limit)s

-- of_poster --
-- Bans that hit a poster (NULL: whose address is no longer kept) or did, on these boards alone, newest first.
SELECT id, board, range::text, reason, created_by, floor(extract(epoch FROM created_at))::bigint AS created_s,
    floor(extract(epoch FROM least(expires_at, lifted_at)))::bigint AS expires_s,
    is_warning, floor(extract(epoch FROM seen_at))::bigint AS seen_s
FROM bans
WHERE (address_hash = %(address_hash)s OR range >>= %(address)s::inet)
    AND (%(on)s::text[] IS NULL OR board IS NULL OR board = ANY (%(on)s))
ORDER BY id DESC LIMIT %(limit)s

-- add --
-- A new ban, from now on.
INSERT INTO bans (address_hash, range, board, reason, created_by, expires_at, is_warning, post_board, post_no, message)
VALUES (%(address_hash)s, %(range)s::cidr, %(board)s, %(reason)s, %(created_by)s,
    now() + make_interval(secs => %(duration_s)s), %(is_warning)s, %(post_board)s, %(post_no)s, %(message)s)
RETURNING id

-- lift --
-- Ends a ban that is in force; the post under which it is said.
UPDATE bans SET lifted_at = now()
WHERE id = %(id)s AND lifted_at IS NULL AND (expires_at IS NULL OR expires_at > now())
RETURNING post_board, post_no

-- shorten --
-- A ban in force ends sooner.
UPDATE bans SET expires_at = now() + make_interval(secs => %(duration_s)s)
WHERE id = %(id)s AND lifted_at IS NULL
    AND (expires_at IS NULL OR expires_at > now() + make_interval(secs => %(duration_s)s))

-- note_seen --
-- The banned are told of it for the first time.
UPDATE bans SET seen_at = now() WHERE id = %(id)s AND seen_at IS NULL

-- say_under_post --
-- What bans for a post say comes to stand under it.
SELECT say_of_bans(%(board)s, %(no)s)

-- forget_hashes --
-- Hashes of addresses in bans that have been over for long enough.
UPDATE bans SET address_hash = decode(repeat('00', 16), 'hex')
WHERE id = ANY (ARRAY(
    SELECT id FROM bans
    WHERE address_hash <> decode(repeat('00', 16), 'hex')
        AND least(expires_at, lifted_at, CASE WHEN is_warning THEN seen_at END) < now() - make_interval(days => %(days)s)
    LIMIT %(limit)s FOR UPDATE SKIP LOCKED))

-- take_over --
-- Bans in force that were kept under other hashes of a poster are kept under this one, and their appeals against bans
-- in force with them, those of ranges too: one a ban.
WITH theirs AS (
    UPDATE bans SET address_hash = %(address_hash)s WHERE address_hash = ANY (%(former)s) AND lifted_at IS NULL
)
UPDATE appeals a SET address_hash = %(address_hash)s
FROM bans b WHERE b.id = a.ban AND b.lifted_at IS NULL AND a.address_hash = ANY (%(former)s)
    AND NOT EXISTS (SELECT FROM appeals x WHERE x.ban = a.ban AND x.address_hash = %(address_hash)s)
