-- What was said on boards where nothing is said twice: hashes of letters, until they may be said again.
CREATE TABLE said_texts (
    board text NOT NULL REFERENCES boards,
    digest bytea NOT NULL CHECK (octet_length(digest) = 16),
    until timestamptz NOT NULL,
    PRIMARY KEY (board, digest)
);
-- Those that have expired.
CREATE INDEX said_texts_by_expiry ON said_texts (until);

-- What was said in the last minutes on boards that look for texts that many post: see
-- imageboard/spam/sketches.py. Not logged: a crash of the server forgives.
CREATE UNLOGGED TABLE text_sketches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    board text NOT NULL REFERENCES boards,
    sketch integer[] NOT NULL CHECK (cardinality(sketch) BETWEEN 1 AND 16),
    address_hash bytea NOT NULL CHECK (octet_length(address_hash) = 16),
    until timestamptz NOT NULL
);
-- The last ones of a board.
CREATE INDEX text_sketches_of_board ON text_sketches (board, until);
