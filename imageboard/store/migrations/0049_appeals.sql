-- The banned may ask staff to lift their ban.
-- What the banned ask of staff: each poster once a ban. Gone some time after the ban.
CREATE TABLE appeals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ban bigint NOT NULL REFERENCES bans ON DELETE CASCADE,
    address_hash bytea NOT NULL CHECK (octet_length(address_hash) = 16),
    body text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 1000),
    made_at timestamptz NOT NULL DEFAULT now(),
    -- NULL: it waits.
    answered_at timestamptz,
    -- What its poster reads of it. NULL: nothing, as long as it waits or since the ban was lifted.
    answer text CHECK (char_length(answer) BETWEEN 1 AND 500),
    UNIQUE (ban, address_hash)
);
-- The queue: appeals that nobody has answered.
CREATE INDEX appeals_open ON appeals (id) WHERE answered_at IS NULL;
