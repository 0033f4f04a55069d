-- Whether a block list had an address, by a keyed hash of it, for a while. Not logged: it is asked again.
CREATE UNLOGGED TABLE block_list_answers (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    is_listed boolean NOT NULL,
    until timestamptz NOT NULL
);
-- Those that have expired.
CREATE INDEX block_list_answers_by_expiry ON block_list_answers (until);
