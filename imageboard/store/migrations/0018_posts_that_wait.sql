-- A post takes its allowances, fits on its thread's page and finds room on its board, or waits: for no
-- longer than the rule says, also when the clock was set back.

-- Takes one use of each allowance, for which it counts as used `cost_s` longer; or takes none, and says
-- which has no room, and for how many seconds.
CREATE FUNCTION take_allowances(
    p_allowances jsonb, p_now timestamptz, OUT spent text, OUT wait_s integer
) LANGUAGE plpgsql AS $$
BEGIN
    WITH asked AS (
        SELECT * FROM jsonb_to_recordset(p_allowances)
            AS asked (name text, key bytea, cost_s double precision, room_s double precision)
    ), taken AS (
        INSERT INTO allowances AS held (key, used_until)
        SELECT key, p_now + make_interval(secs => cost_s) FROM asked ORDER BY key
        ON CONFLICT (key) DO UPDATE SET
            -- Further ahead than its room, and a second of clocks of one moment, is none but one of before
            -- the clock was set back: it counts for nothing.
            used_until = CASE
                WHEN held.used_until > p_now + make_interval(
                    secs => (SELECT room_s + 1 FROM asked WHERE asked.key = held.key))
                THEN p_now ELSE greatest(held.used_until, p_now) END + (excluded.used_until - p_now)
        RETURNING key, used_until
    )
    SELECT asked.name, ceil(extract(epoch FROM used_until - p_now) - room_s)::integer INTO spent, wait_s
    FROM asked JOIN taken USING (key)
    WHERE used_until > p_now + make_interval(secs => room_s)
    ORDER BY 2 DESC LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    -- What is refused does not count: else a network that goes on trying would be shut out for ever.
    UPDATE allowances SET used_until = used_until - make_interval(secs => asked.cost_s)
    FROM jsonb_to_recordset(p_allowances) AS asked (key bytea, cost_s double precision)
    WHERE allowances.key = asked.key;
END $$;

-- Seconds until a new thread finds room; NULL or less than 1: now.
CREATE FUNCTION wait_for_room_s(p_board text, p_now timestamptz) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT ceil(extract(epoch FROM least(bumped_at, p_now) + stays_after_bump(p_board) - p_now))::integer
    FROM threads WHERE board = p_board AND NOT is_sticky
    ORDER BY bump_no DESC, no DESC
    OFFSET 2 * room_on_board(p_board) - 1 LIMIT 1
$$;
