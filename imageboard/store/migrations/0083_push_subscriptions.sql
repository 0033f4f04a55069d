-- Browsers that are told of replies while they are closed. A row for each thread: without the board's key no two
-- rows can be told to be of one browser.
CREATE TABLE push_subscriptions (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    board text NOT NULL REFERENCES boards ON DELETE CASCADE,
    thread_no bigint NOT NULL,
    -- The thread's page, as publications has it.
    page text NOT NULL,
    -- The reader's own posts there. Replies to them are told of, or (wants_all) all others but these.
    own_nos bigint[] NOT NULL CHECK (cardinality(own_nos) <= 50),
    wants_all boolean NOT NULL,
    -- Where its messages go, and what they are encrypted with.
    sealed bytea NOT NULL CHECK (octet_length(sealed) <= 1400),
    address_hash bytea CHECK (octet_length(address_hash) = 16),
    -- Posts up to this one were told of.
    told_no bigint NOT NULL,
    -- The board's change that the page showed when it was last looked at.
    looked_no bigint NOT NULL DEFAULT 0,
    -- Not before. While somebody sends it: when others may try.
    due_at timestamptz NOT NULL DEFAULT now(),
    tries integer NOT NULL DEFAULT 0,
    -- How many of them its service did not want.
    refusals integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    CHECK (wants_all OR cardinality(own_nos) > 0)
);
-- Those that are to be forgotten.
CREATE INDEX push_subscriptions_by_expiry ON push_subscriptions (expires_at);
