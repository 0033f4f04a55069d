-- take --
-- Takes one use of each, or says which has no room, and for how many seconds: spent is NULL if all have.
SELECT spent, wait_s FROM take_allowances(%(asked)s->'allowances', clock_timestamp())

-- half_used --
-- Names of those that are used by more than half.
SELECT asked.name FROM jsonb_to_recordset(%(asked)s->'allowances')
    AS asked (name text, key bytea, room_s double precision)
JOIN allowances ON allowances.key = asked.key
WHERE used_until > clock_timestamp() + make_interval(secs => room_s / 2)

-- forget_expired --
-- What counts no more.
DELETE FROM allowances WHERE used_until <= clock_timestamp()
