-- Staff write pages, announcements and news. What is of the whole site has no board whose number would
-- tell that something changed, so the site has a number of its own.
CREATE TABLE site (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    -- Number of the newest change of what staff wrote for the whole site.
    written_no bigint NOT NULL DEFAULT 0
);
INSERT INTO site DEFAULT VALUES;

-- Pages in Markdown, at /b/rules.html or /faq.html; the one called `announcement` stands above the threads.
CREATE TABLE written_pages (
    -- NULL: of the whole site.
    board text REFERENCES boards,
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_-]{0,31}$'),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    body text NOT NULL CHECK (char_length(body) <= 50000),
    changed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (board, name)
);

-- What staff tell, newest first.
CREATE TABLE news (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL: of the whole site.
    board text REFERENCES boards,
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    body text NOT NULL CHECK (char_length(body) <= 50000),
    created_at timestamptz NOT NULL DEFAULT now()
);
-- The newest of a board, or of the site.
CREATE INDEX news_newest ON news (board, id DESC);

-- Which moment of the site each kind of its pages shows. One is behind when the boards' numbers add up to
-- another sum than is noted here; one without a row was never drawn. The row of site_moment goes on being
-- read by the version before alone.
CREATE TABLE site_pages_shown (
    kind text PRIMARY KEY CHECK (char_length(kind) <= 64),
    -- Sums over all boards of change_no and of settings_change_no.
    change_no bigint NOT NULL,
    settings_change_no bigint NOT NULL,
    -- The site's written_no.
    written_no bigint NOT NULL,
    drawn_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
