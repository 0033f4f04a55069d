-- An answer to a captcha of our own is good for one try, whichever writer it comes to. The challenge
-- itself is kept nowhere: it is signed. So only who has answered takes up room, and not for long.
CREATE TABLE spent_answers (
    -- Tells it from all others: 16 bytes of a hash.
    answer bytea PRIMARY KEY CHECK (octet_length(answer) = 16),
    -- From then on it would be refused for its age.
    expires_at timestamptz NOT NULL
);
-- Those that are too old by now.
CREATE INDEX spent_answers_by_age ON spent_answers (expires_at);
