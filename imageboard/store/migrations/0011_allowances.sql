-- Networks and boards have allowances, which a post takes under the board's lock.

-- Held until this is done: whoever adds a post names it first, so that no post is on its way.
LOCK TABLE boards IN ACCESS EXCLUSIVE MODE;

-- What networks and boards have used of what they may: until `used_until`, if nothing more is taken.
-- A key can't be turned back into a network. Not logged: a crash of the server forgives.
CREATE UNLOGGED TABLE allowances (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    used_until timestamptz NOT NULL
) WITH (fillfactor = 70);

ALTER TYPE post_terms
    ADD ATTRIBUTE allowances jsonb;  -- [{name, key, cost_s, room_s}, …] that it takes; NULL: none
