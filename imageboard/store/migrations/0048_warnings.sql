-- A ban may be a warning, which refuses one post; and it is known whether the banned were told.
ALTER TABLE bans
    -- Refuses one post, by which it is read, and is over then; expires_at: if it is never read.
    ADD COLUMN is_warning boolean NOT NULL DEFAULT false,
    -- When the banned were first told of it. NULL: nobody was yet.
    ADD COLUMN seen_at timestamptz,
    -- Of a range the first who came by would read it, and nobody else.
    ADD CONSTRAINT bans_warning_is_of_one_poster CHECK (NOT is_warning OR range IS NULL);

CREATE OR REPLACE FUNCTION find_ban(p_board text, p_address_hash bytea, p_address inet) RETURNS SETOF bans
LANGUAGE sql STABLE AS $$
    SELECT * FROM bans
    WHERE (address_hash = p_address_hash OR range >>= p_address) AND lifted_at IS NULL
        AND (expires_at IS NULL OR expires_at > now()) AND (board IS NULL OR board = p_board)
        AND NOT (is_warning AND seen_at IS NOT NULL)
    ORDER BY is_warning, expires_at DESC NULLS FIRST, id
    LIMIT 1
$$;
