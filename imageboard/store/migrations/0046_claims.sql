-- Two of the staff never do the same thing twice.
-- Who of the staff looks at a reported post just now, so that nobody else does the same. A few minutes count.
CREATE TABLE claims (
    board text NOT NULL,
    post_no bigint NOT NULL,
    staff text NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (board, post_no)
);

-- What was done to a post, the newest first.
CREATE INDEX moderation_log_of_post ON moderation_log (board, post_no, id) WHERE post_no IS NOT NULL;
