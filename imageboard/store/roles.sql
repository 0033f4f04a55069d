-- made --
-- The roles that staff made, by name.
SELECT name, powers FROM made_roles ORDER BY name

-- make --
-- A new one, or other powers for one that is there.
INSERT INTO made_roles (name, powers) VALUES (%(name)s, %(powers)s)
ON CONFLICT (name) DO UPDATE SET powers = excluded.powers

-- holders --
-- Whoever holds it, on all boards or on one, or is invited to.
SELECT name FROM staff WHERE role = %(name)s
UNION ALL SELECT staff FROM board_roles WHERE role = %(name)s
UNION ALL SELECT name FROM invitations WHERE role = %(name)s AND expires_at > now()
LIMIT 1

-- remove --
-- It is gone.
DELETE FROM made_roles WHERE name = %(name)s
