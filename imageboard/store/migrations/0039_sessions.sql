ALTER TABLE sessions
    -- By which its holder names it among others.
    ADD COLUMN no bigint GENERATED ALWAYS AS IDENTITY,
    -- 'Firefox on Linux': what the browser said when it logged in.
    ADD COLUMN device text NOT NULL DEFAULT '' CHECK (char_length(device) <= 60),
    -- To the minute.
    ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now(),
    -- When its holder last proved who they are.
    ADD COLUMN proved_at timestamptz NOT NULL DEFAULT now();
UPDATE sessions SET seen_at = created_at, proved_at = created_at;
