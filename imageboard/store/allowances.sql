-- take --
-- Takes one use of each, or says which has no room, and for how many seconds: spent is NULL if all have.
SELECT spent, wait_s FROM take_allowances(%(asked)s->'allowances', clock_timestamp())

-- give_back --
-- Takes one use of each back.
UPDATE allowances SET used_until = used_until - make_interval(secs => asked.cost_s)
FROM jsonb_to_recordset(%(asked)s->'allowances') AS asked (key bytea, cost_s double precision)
WHERE allowances.key = asked.key

-- used_up --
-- A row for each that has no room for one more use.
SELECT FROM jsonb_to_recordset(%(asked)s->'allowances')
    AS asked (key bytea, cost_s double precision, room_s double precision)
JOIN allowances ON allowances.key = asked.key
WHERE used_until > clock_timestamp() + make_interval(secs => room_s - cost_s)

-- half_used --
-- Names of those that are used by more than half.
SELECT asked.name FROM jsonb_to_recordset(%(asked)s->'allowances')
    AS asked (name text, key bytea, room_s double precision)
JOIN allowances ON allowances.key = asked.key
WHERE used_until > clock_timestamp() + make_interval(secs => room_s / 2)

-- forget_expired --
-- What counts no more.
DELETE FROM allowances WHERE used_until <= clock_timestamp()
