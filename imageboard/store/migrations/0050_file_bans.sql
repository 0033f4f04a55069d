-- Files may be banned, by their bytes or by what they look like.
-- Files that may not be posted.
CREATE TABLE file_bans (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL: on all boards.
    board text REFERENCES boards,
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 500),
    -- SHA-256 of the file as it was sent and as it is served.
    hashes bytea[] NOT NULL CHECK (cardinality(hashes) BETWEEN 1 AND 2),
    -- What it looks like, and in how many of 64 bits others may differ. NULL, both: these bytes alone.
    likeness bigint,
    bits_apart_max smallint CHECK (bits_apart_max BETWEEN 0 AND 14),
    -- Whoever sends it is banned too, for so many seconds; NULL: for good.
    bans_poster boolean NOT NULL DEFAULT false,
    ban_s bigint CHECK (ban_s > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT file_bans_likeness_is_whole CHECK (num_nulls(likeness, bits_apart_max) IN (0, 2))
);
-- Whether a file is one of them: by its bytes; by what it looks like, one after the other.
CREATE INDEX file_bans_of_bytes ON file_bans USING gin (hashes);
CREATE INDEX file_bans_alike ON file_bans (id) WHERE bits_apart_max IS NOT NULL;
