-- What staff did on a board before it came here, as its old engine wrote it down. No chain proves it.
CREATE TABLE old_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL: of the whole site.
    board text REFERENCES boards ON DELETE CASCADE,
    happened_at timestamptz NOT NULL,
    -- NULL: a poster, or the program. '': one of the staff, whoever it was.
    staff text CHECK (char_length(staff) <= 100),
    told text NOT NULL CHECK (char_length(told) BETWEEN 1 AND 500),
    -- To whom it was told there, in the words of the setting public_log.
    was_told text NOT NULL CHECK (was_told IN ('none', 'without_names', 'with_names')),
    -- Of all that stands above: it comes once.
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 16)
);
-- Entries by days (UTC), for public pages; of a board, for the desk.
CREATE INDEX old_log_by_day ON old_log (((happened_at AT TIME ZONE 'UTC')::date), board);
CREATE INDEX old_log_by_time ON old_log (happened_at, id);
