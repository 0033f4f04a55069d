-- add --
-- One more.
INSERT INTO invitations (token_hash, name, role, board, invited_by, expires_at)
VALUES (%(token_hash)s, %(name)s, %(role)s, %(board)s, %(invited_by)s,
    now() + make_interval(secs => %(kept_s)s))

-- open --
-- Those that can still be used, the newest first.
SELECT no, name, role, board, invited_by, floor(extract(epoch FROM expires_at))::bigint
FROM invitations WHERE expires_at > now() ORDER BY no DESC

-- find --
-- One that can still be used, by its code.
SELECT no, name, role, board, invited_by, floor(extract(epoch FROM expires_at))::bigint
FROM invitations WHERE token_hash = %(token_hash)s AND expires_at > now()

-- take --
-- It is used, or taken back.
DELETE FROM invitations WHERE no = %(no)s

-- forget_expired --
-- Those that nobody has used in time.
DELETE FROM invitations WHERE expires_at <= now()
