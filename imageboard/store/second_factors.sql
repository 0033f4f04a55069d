-- begin --
-- A new secret, which counts from its first code on; nothing when one counts already.
INSERT INTO totp (staff, secret_sealed) VALUES (%(staff)s, %(secret_sealed)s)
ON CONFLICT (staff) DO UPDATE SET secret_sealed = excluded.secret_sealed, step = 0
WHERE totp.enrolled_at IS NULL

-- secret --
-- The secret of an account, and whether it counts.
SELECT secret_sealed, enrolled_at IS NOT NULL FROM totp WHERE staff = %(staff)s

-- use_step --
-- A code is used; nothing when it was before, or one after it.
UPDATE totp SET step = %(step)s, enrolled_at = coalesce(enrolled_at, now())
WHERE staff = %(staff)s AND step < %(step)s

-- remove --
-- No app is asked for any more.
DELETE FROM totp WHERE staff = %(staff)s

-- forget_recovery_codes --
-- Those that an account has are good no longer.
DELETE FROM recovery_codes WHERE staff = %(staff)s

-- add_recovery_code --
-- One more.
INSERT INTO recovery_codes (staff, code_hash) VALUES (%(staff)s, %(code_hash)s)

-- use_recovery_code --
-- One is used up.
DELETE FROM recovery_codes WHERE staff = %(staff)s AND code_hash = %(code_hash)s

-- recovery_codes --
-- How many an account has left.
SELECT count(*) FROM recovery_codes WHERE staff = %(staff)s
