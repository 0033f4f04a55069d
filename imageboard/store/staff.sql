-- lock --
-- Until the transaction ends nobody else changes who may what; reading goes on.
LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE

-- add --
-- A new account, which may do nothing yet.
INSERT INTO staff (name, password_hash) VALUES (%(name)s, %(password_hash)s)
ON CONFLICT DO NOTHING

-- all --
-- All accounts by name.
SELECT name, role, is_enabled, floor(extract(epoch FROM created_at))::bigint FROM staff ORDER BY name

-- one --
-- One account.
SELECT name, role, is_enabled, floor(extract(epoch FROM created_at))::bigint FROM staff
WHERE name = %(name)s

-- admins --
-- Who can log in as admin of all boards.
SELECT name FROM staff WHERE role = 'admin' AND is_enabled

-- set_role --
-- Another role on all boards, or none.
UPDATE staff SET role = %(role)s WHERE name = %(name)s

-- board_roles --
-- The roles of an account on single boards.
SELECT role, board FROM board_roles WHERE staff = %(name)s ORDER BY board

-- set_board_role --
-- A role on one board, in place of the one before.
INSERT INTO board_roles (staff, board, role) VALUES (%(name)s, %(board)s, %(role)s)
ON CONFLICT (staff, board) DO UPDATE SET role = excluded.role

-- take_board_role --
-- No role on that board any more.
DELETE FROM board_roles WHERE staff = %(name)s AND board = %(board)s

-- password_hash --
-- The password of an account that may log in.
SELECT password_hash FROM staff WHERE name = %(name)s AND is_enabled

-- has_second_factor --
-- Whether a log-in asks for more than a password.
SELECT EXISTS (SELECT FROM totp WHERE staff = %(name)s AND enrolled_at IS NOT NULL)
    OR EXISTS (SELECT FROM passkeys WHERE staff = %(name)s)

-- set_password --
-- Another password.
UPDATE staff SET password_hash = %(password_hash)s WHERE name = %(name)s

-- set_enabled --
-- An account may log in, or may not.
UPDATE staff SET is_enabled = %(is_enabled)s WHERE name = %(name)s

-- open_session --
-- Someone logged in with the password that was checked. The lock makes a change of the password,
-- or of the account, wait and then see this session, or go first and leave no row here.
INSERT INTO sessions (token_hash, staff, expires_at, device)
SELECT %(token_hash)s, name, now() + make_interval(secs => %(kept_s)s), %(device)s FROM staff
WHERE name = %(name)s AND password_hash = %(password_hash)s AND is_enabled
FOR SHARE

-- session --
-- Who holds a session that is neither over nor of a disabled account. It is seen, to the minute.
WITH seen AS (
    UPDATE sessions SET seen_at = now()
    WHERE token_hash = %(token_hash)s AND seen_at < now() - interval '1 minute'
)
SELECT staff.name, staff.role, no, proved_at > now() - make_interval(secs => %(proved_s)s),
    EXISTS (SELECT FROM totp WHERE totp.staff = sessions.staff AND enrolled_at IS NOT NULL)
        OR EXISTS (SELECT FROM passkeys WHERE passkeys.staff = sessions.staff)
FROM sessions JOIN staff ON staff.name = sessions.staff
WHERE token_hash = %(token_hash)s AND expires_at > now() AND is_enabled

-- sessions --
-- Those of an account, the one that was seen last first.
SELECT no, device, floor(extract(epoch FROM created_at))::bigint AS created_s,
    floor(extract(epoch FROM seen_at))::bigint AS seen_s
FROM sessions WHERE staff = %(name)s AND expires_at > now() ORDER BY seen_at DESC, no DESC
LIMIT %(limit)s

-- prove --
-- Its holder has just proved who they are.
UPDATE sessions SET proved_at = now() WHERE token_hash = %(token_hash)s

-- end_session_of --
-- One session of an account is over.
DELETE FROM sessions WHERE staff = %(name)s AND no = %(no)s

-- end_session --
-- Someone logged out.
DELETE FROM sessions WHERE token_hash = %(token_hash)s

-- end_sessions --
-- Every session of an account is over, but for one.
DELETE FROM sessions WHERE staff = %(name)s AND no IS DISTINCT FROM %(keep)s

-- forget_sessions --
-- Sessions that are over.
DELETE FROM sessions WHERE expires_at <= now()

