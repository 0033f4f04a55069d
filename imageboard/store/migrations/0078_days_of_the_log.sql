-- How many entries each day of the log has is counted as they come. The lock lets nobody add one in between.
LOCK TABLE moderation_log IN SHARE ROW EXCLUSIVE MODE;

-- Entries of the log by days (UTC) and boards; none: of no board.
CREATE TABLE log_days (
    day date NOT NULL,
    board text,
    entries bigint NOT NULL CHECK (entries > 0),
    UNIQUE NULLS NOT DISTINCT (day, board)
);
INSERT INTO log_days (day, board, entries)
SELECT (happened_at AT TIME ZONE 'UTC')::date, board, count(*) FROM moderation_log GROUP BY 1, 2;

-- What a new entry of the log leads to.
CREATE OR REPLACE FUNCTION chain_new_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM chain_entry(NEW);
    INSERT INTO log_days AS d (day, board, entries)
    VALUES ((NEW.happened_at AT TIME ZONE 'UTC')::date, NEW.board, 1)
    ON CONFLICT (day, board) DO UPDATE SET entries = d.entries + 1;
    RETURN NULL;
END $$;

-- Appeals of a poster under a former key: bans.take_over.
CREATE INDEX appeals_by_poster ON appeals (address_hash);
