-- add --
-- A new account.
INSERT INTO staff (name, password_hash, role) VALUES (%(name)s, %(password_hash)s, %(role)s)
ON CONFLICT DO NOTHING

-- all --
-- All accounts by name.
SELECT name, role, is_enabled, floor(extract(epoch FROM created_at))::bigint FROM staff ORDER BY name

-- password_hash --
-- The password of an account that may log in.
SELECT password_hash FROM staff WHERE name = %(name)s AND is_enabled

-- set_password --
-- Another password.
UPDATE staff SET password_hash = %(password_hash)s WHERE name = %(name)s

-- set_enabled --
-- An account may log in, or may not.
UPDATE staff SET is_enabled = %(is_enabled)s WHERE name = %(name)s

-- open_session --
-- Someone logged in with the password that was checked. The lock makes a change of the password,
-- or of the account, wait and then see this session, or go first and leave no row here.
INSERT INTO sessions (token_hash, staff, expires_at)
SELECT %(token_hash)s, name, now() + make_interval(secs => %(kept_s)s) FROM staff
WHERE name = %(name)s AND password_hash = %(password_hash)s AND is_enabled
FOR SHARE

-- session --
-- Who holds a session that is neither over nor of a disabled account.
SELECT staff.name, staff.role FROM sessions JOIN staff ON staff.name = sessions.staff
WHERE token_hash = %(token_hash)s AND expires_at > now() AND is_enabled

-- end_session --
-- Someone logged out.
DELETE FROM sessions WHERE token_hash = %(token_hash)s

-- end_sessions --
-- Every session of an account is over.
DELETE FROM sessions WHERE staff = %(name)s

-- one_at_a_time --
-- Attempts to log in are counted one after the other, until the transaction ends: of two that
-- come together, the second sees the first.
SELECT pg_advisory_xact_lock(7264002)

-- wait_of_address --
-- Seconds until an address may try again; no row: at once.
SELECT greatest(1, ceil(%(window_s)s - extract(epoch FROM now() - tried_at)))::integer
FROM login_attempts
WHERE address_hash = %(address_hash)s AND tried_at > now() - make_interval(secs => %(window_s)s)
ORDER BY tried_at DESC
OFFSET %(allowed_before)s
LIMIT 1

-- wait_of_name --
-- Seconds until an account may be tried again by anyone; no row: at once.
SELECT greatest(1, ceil(%(window_s)s - extract(epoch FROM now() - tried_at)))::integer
FROM login_attempts
WHERE staff = %(name)s AND tried_at > now() - make_interval(secs => %(window_s)s)
ORDER BY tried_at DESC
OFFSET %(allowed_before)s
LIMIT 1

-- note_attempt --
-- An attempt counts from its beginning.
INSERT INTO login_attempts (address_hash, staff) VALUES (%(address_hash)s, %(name)s)

-- forget_attempt --
-- The newest attempt was a success, which does not count.
DELETE FROM login_attempts WHERE ctid = (
    SELECT ctid FROM login_attempts
    WHERE address_hash = %(address_hash)s AND staff = %(name)s
    ORDER BY tried_at DESC LIMIT 1)

-- forget_sessions --
-- Sessions that are over.
DELETE FROM sessions WHERE expires_at <= now()

-- forget_attempts --
-- Attempts that count no more.
DELETE FROM login_attempts WHERE tried_at <= now() - make_interval(secs => %(window_s)s)
