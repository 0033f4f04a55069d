-- lock --
-- Of one account no key comes or goes until the transaction ends.
SELECT FROM staff WHERE name = %(staff)s FOR UPDATE

-- of --
-- Those of an account, by name.
SELECT no, id, name, floor(extract(epoch FROM created_at))::bigint AS created_s,
    floor(extract(epoch FROM used_at))::bigint AS used_s
FROM passkeys WHERE staff = %(staff)s ORDER BY name, no

-- find --
-- A key, whose account may log in.
SELECT passkeys.staff, credential FROM passkeys JOIN staff ON staff.name = passkeys.staff
WHERE id = %(id)s AND is_enabled

-- add --
-- One more; nothing when somebody has it already.
INSERT INTO passkeys (id, staff, name, credential, sign_count)
VALUES (%(id)s, %(staff)s, %(name)s, %(credential)s, %(sign_count)s)
ON CONFLICT DO NOTHING

-- use --
-- It has signed once more; nothing when it counts and has not counted on: then there are two of it.
UPDATE passkeys SET sign_count = %(sign_count)s, used_at = now()
WHERE id = %(id)s AND (sign_count < %(sign_count)s OR (sign_count = 0 AND %(sign_count)s = 0))

-- rename --
-- Another name.
UPDATE passkeys SET name = %(name)s WHERE staff = %(staff)s AND no = %(no)s

-- remove --
-- It opens nothing any more.
DELETE FROM passkeys WHERE staff = %(staff)s AND no = %(no)s

-- remove_all --
-- None of an account's opens anything any more.
DELETE FROM passkeys WHERE staff = %(staff)s
