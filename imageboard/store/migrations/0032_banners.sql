-- Pictures above the lists of a board, one at a time. Each is published like a post's file, and its name is
-- given in the same way, so no two files of a board share one.
CREATE TABLE banners (
    board text NOT NULL REFERENCES boards,
    tim text NOT NULL CHECK (tim ~ '^[0-9]{13,20}$'),
    extension text NOT NULL CHECK (extension ~ '^\.[a-z0-9]{2,5}$'),
    -- Name of the master copy in the upload store.
    stored_as text NOT NULL CHECK (stored_as ~ '^[0-9a-f]{32}$'),
    bytes integer NOT NULL CHECK (bytes > 0),
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    PRIMARY KEY (board, tim),
    -- The same picture hangs once.
    UNIQUE (board, sha256)
);
