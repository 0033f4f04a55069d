-- The whole schema as it stands; migrations/ leads here step by step, and a test proves that
-- both agree. Rules that must hold are constraints; what must happen together is one function.

-- Boards ---------------------------------------------------------------------------------

CREATE TABLE boards (
    name text PRIMARY KEY CHECK (name ~ '^[0-9A-Za-z$_\u0080-\uFFFF]{1,58}$'),
    settings jsonb NOT NULL,
    -- Number of the newest post. Given under the row's lock, so numbers have no gaps and no twins.
    last_no bigint NOT NULL DEFAULT 0,
    -- Number of the newest change, given under the same lock: commit order is number order.
    change_no bigint NOT NULL DEFAULT 0,
    settings_change_no bigint NOT NULL DEFAULT 0,
    -- Newest media name (Unix milliseconds): two files never share one.
    last_tim bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- The fingerprint of all that shapes a page besides posts. NULL: never drawn since it is kept.
    drawn_as text CHECK (char_length(drawn_as) <= 64),
    -- Since when it is going, with all that it holds: no reader finds it, and nobody posts to it. NULL: it is
    -- there.
    removed_at timestamptz
);

-- Boards that are gone: what a new one of that name goes on counting from. So no number, no change and no name of
-- a file ever means something else than it did, wherever an old copy of it is kept.
CREATE TABLE gone_boards (
    name text PRIMARY KEY,
    last_no bigint NOT NULL,
    change_no bigint NOT NULL,
    settings_change_no bigint NOT NULL,
    last_tim bigint NOT NULL
);

-- What a setting is where a board was stored before there was one of that name: of all settings
-- that the functions below read. Each version brings its own with its steps.
CREATE TABLE setting_defaults (
    is_the_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row),
    settings jsonb NOT NULL
);

-- Boards that came from another engine, and what of it goes on (imageboard/old_boards.py).
CREATE TABLE old_boards (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    -- 'vichan'
    engine text NOT NULL CHECK (engine ~ '^[a-z0-9]{1,20}$'),
    -- What it hashed passwords, tripcodes and IDs with, as JSON. Sealed with STILLBOARD_ADDRESS_KEY, for this
    -- board alone.
    secrets_sealed bytea NOT NULL CHECK (octet_length(secrets_sealed) BETWEEN 29 AND 4096),
    -- Of the IDs in its threads, which go on in these. NULL: it had none, or they can't go on.
    poster_id_chars smallint CHECK (poster_id_chars BETWEEN 1 AND 16)
);

-- Flags that posters of a board choose from: their pictures. What they are called is a setting of the board.
CREATE TABLE board_flags (
    board text NOT NULL REFERENCES boards,
    name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    -- A PNG.
    picture bytea NOT NULL CHECK (octet_length(picture) <= 16384),
    PRIMARY KEY (board, name)
);

-- Threads and posts ----------------------------------------------------------------------

-- Those on their boards, and those kept aside. Who asks `threads` below gets the first alone.
CREATE TABLE all_threads (
    board text NOT NULL REFERENCES boards,
    no bigint NOT NULL,
    is_sticky boolean NOT NULL DEFAULT false,
    is_locked boolean NOT NULL DEFAULT false,
    -- Change of the last bump that stands: the order of threads. Two that are the same can only be
    -- ones that were reckoned (last_bump); then the newer thread comes first.
    bump_no bigint NOT NULL,
    bumped_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    -- Replies and their files, without the OP.
    reply_count integer NOT NULL DEFAULT 0 CHECK (reply_count >= 0),
    image_count integer NOT NULL DEFAULT 0 CHECK (image_count >= 0),
    changed_no bigint NOT NULL,
    removal_no bigint NOT NULL DEFAULT 0,
    -- What its page weighs, in bytes at most: with all that was added, and without what was removed up to
    -- that change. NULL: not reckoned yet.
    page_weight integer,
    page_weight_no bigint,
    -- When it fell off its board and was set aside, where nobody but staff sees it. NULL: it is on
    -- its board; -infinity: it was removed or its time is over, and what is left of it goes.
    aside_since timestamptz,
    -- Change at which staff brought it back, and when: a bump that no reply has. NULL: never.
    brought_back_no bigint,
    brought_back_at timestamptz,
    -- Since when readers see it in the archive of its board, though it fell off (aside_since is set too), and
    -- on which page of that. NULL, both: it is not there.
    archived_at timestamptz,
    archive_page text,
    -- Of sticky threads those of a higher rank come first.
    sticky_rank smallint NOT NULL DEFAULT 0,
    -- By staff: no reply bumps it.
    is_bump_locked boolean NOT NULL DEFAULT false,
    -- It takes replies without end, and its oldest ones go.
    is_cyclical boolean NOT NULL DEFAULT false,
    -- It came with its board, and IDs in it go on as they were there.
    has_old_ids boolean NOT NULL DEFAULT false,
    PRIMARY KEY (board, no)
);
-- The thread that falls off the last page, and the order of threads that are not sticky.
CREATE INDEX threads_on_board ON all_threads (board, is_sticky DESC, bump_no DESC, no DESC)
    WHERE aside_since IS NULL;
-- Order of threads: board pages, catalog.
CREATE INDEX threads_by_rank ON all_threads (board, is_sticky DESC, sticky_rank DESC, bump_no DESC, no DESC)
    WHERE aside_since IS NULL;
-- Threads whose oldest replies go.
CREATE INDEX threads_cyclical ON all_threads (board) WHERE is_cyclical AND aside_since IS NULL;
-- Threads kept aside, the newest first; those whose time is over.
CREATE INDEX threads_kept_aside ON all_threads (board, aside_since DESC, no DESC)
    WHERE aside_since IS NOT NULL AND archived_at IS NULL;
-- Archived threads: the last that came, those whose time is over.
CREATE INDEX threads_archived ON all_threads (board, archived_at, no) WHERE archived_at IS NOT NULL;
-- A page of the archive; and whether all archived threads are drawn, by their numbers.
CREATE INDEX threads_on_archive_page ON all_threads (board, archive_page, archived_at, no)
    WHERE archived_at IS NOT NULL;
CREATE INDEX threads_archived_by_no ON all_threads (board, no) WHERE archived_at IS NOT NULL;

-- Threads that stand on their boards.
CREATE VIEW threads AS SELECT * FROM all_threads WHERE aside_since IS NULL;

-- SECURITY: the threads that readers may see, archived ones too. What pages show is asked of these two views
-- and of shown_posts.
CREATE VIEW shown_threads AS SELECT * FROM all_threads WHERE aside_since IS NULL OR archived_at IS NOT NULL;

-- Pages of the archive of a board: a month has as many as its threads need.
CREATE TABLE archive_pages (
    board text NOT NULL REFERENCES boards,
    -- '2026-11', '2026-11-2'
    name text NOT NULL CHECK (name ~ '^[0-9]{4}-[0-9]{2}(-[0-9]+)?$'),
    month text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    -- Those that stand there now.
    threads integer NOT NULL CHECK (threads >= 0),
    -- Change at which it last came to look different.
    changed_no bigint NOT NULL,
    PRIMARY KEY (board, month, number)
);
-- Pages that a change which waits has altered; the page of a thread.
CREATE INDEX archive_pages_changed ON archive_pages (board, changed_no);
CREATE UNIQUE INDEX archive_pages_named ON archive_pages (board, name);
-- How far archived threads are drawn with their board's settings as of that change. Without a row none is.
CREATE TABLE archive_drawn (
    board text PRIMARY KEY REFERENCES boards,
    settings_change_no bigint NOT NULL,
    -- Those of numbers up to this one are; 9223372036854775807: all.
    up_to_no bigint NOT NULL
);

CREATE TABLE posts (
    board text NOT NULL,
    no bigint NOT NULL,
    thread_no bigint NOT NULL,
    created_at timestamptz NOT NULL,
    name text CHECK (char_length(name) BETWEEN 1 AND 100),
    tripcode text CHECK (char_length(tripcode) <= 40),
    capcode text CHECK (char_length(capcode) <= 60),
    email text CHECK (char_length(email) BETWEEN 1 AND 100),
    subject text CHECK (char_length(subject) BETWEEN 1 AND 200),
    body text NOT NULL CHECK (char_length(body) <= 65536),
    poster_id text CHECK (char_length(poster_id) BETWEEN 1 AND 16),
    -- The address is kept as a keyed hash, and sealed (encrypted), each until it expires.
    address_hash bytea CHECK (octet_length(address_hash) = 16),
    address_sealed bytea CHECK (octet_length(address_sealed) <= 64),
    password_hash bytea CHECK (octet_length(password_hash) = 32),
    changed_no bigint NOT NULL,
    -- Change at which it bumped its thread (an OP: made it); 0: it did not. NULL: not known, since
    -- it is older than this column.
    bump_no bigint,
    -- What is left of a hash that expired: see poster_tag(). NULL: the hash is there.
    poster_tag integer,
    -- Dice as they fell: '2d6+1=3,5 1d20=17'.
    dice text CHECK (char_length(dice) <= 1000),
    -- Where it was sent from, as ISO 3166 has it.
    country text CHECK (country ~ '^[A-Z]{2}$'),
    -- Of an OP: what kind of thread it is.
    tag text CHECK (char_length(tag) BETWEEN 1 AND 40),
    -- The flag that its poster chose, and what it was called then.
    flag text CHECK (flag ~ '^[a-z0-9][a-z0-9_-]{0,31}$'),
    flag_name text CHECK (char_length(flag_name) BETWEEN 1 AND 60),
    -- By staff, under the text: that its author was banned for it. NULL: nothing is said.
    ban_message text CHECK (char_length(ban_message) BETWEEN 1 AND 200),
    -- When staff last changed its words; what it said before each change, the oldest first, with who and when.
    -- NULL, both: as it was written. It goes wherever the post does.
    edited_at timestamptz,
    versions jsonb,
    -- What its password was made of before it was hashed, as imageboard.old_passwords calls it. NULL: nothing.
    password_scheme text CHECK (password_scheme ~ '^[a-z0-9_]{1,20}$'),
    PRIMARY KEY (board, no),
    FOREIGN KEY (board, thread_no) REFERENCES all_threads (board, no) ON DELETE CASCADE
);
-- The posts of one thread, oldest first; the last replies on board pages.
CREATE INDEX posts_of_thread ON posts (board, thread_no, no);
-- Flood checks: the last post of one address.
CREATE INDEX posts_of_address ON posts (address_hash, created_at DESC);
-- The sealed addresses that are due to expire.
CREATE INDEX posts_with_address ON posts (created_at) WHERE address_sealed IS NOT NULL;
-- The hashes that are due to expire.
CREATE INDEX posts_with_hash ON posts (created_at) WHERE address_hash IS NOT NULL;
-- Recent posts on the front page.
CREATE INDEX posts_newest ON posts (created_at DESC, board, no);

-- Threads that are elsewhere now: at their old addresses a page leads there.
CREATE TABLE moved_threads (
    board text NOT NULL REFERENCES boards,
    no bigint NOT NULL,
    to_board text NOT NULL REFERENCES boards,
    to_no bigint NOT NULL,
    PRIMARY KEY (board, no)
);
-- Those that lead to a thread which moves on.
CREATE INDEX moved_threads_by_place ON moved_threads (to_board, to_no);

-- What was removed from a thread, as long as that is there: whoever follows it by its changes is told.
CREATE TABLE removed_posts (
    board text NOT NULL,
    thread_no bigint NOT NULL,
    change_no bigint NOT NULL,
    -- NULL: whichever posts were removed before this was noted.
    no bigint,
    removed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (board, thread_no, change_no),
    FOREIGN KEY (board, thread_no) REFERENCES all_threads (board, no) ON DELETE CASCADE
);

CREATE TABLE files (
    board text NOT NULL,
    post_no bigint NOT NULL,
    position smallint NOT NULL CHECK (position BETWEEN 0 AND 99),
    -- Files of one post that came from another engine may share a number, and have a part of it each: '…-1'.
    tim text NOT NULL CHECK (tim ~ '^[0-9]{10,20}(-[0-9]{1,3})?$'),
    extension text NOT NULL CHECK (extension ~ '^\.[a-z0-9]{1,10}$'),
    thumb_extension text CHECK (thumb_extension ~ '^\.[a-z0-9]{1,10}$'),
    original_name text NOT NULL CHECK (char_length(original_name) <= 500),
    -- Name of its master copies in the upload store.
    stored_as text CHECK (stored_as ~ '^[0-9a-f]{32}$'),
    bytes integer CHECK (bytes > 0),
    width integer CHECK (width > 0),
    height integer CHECK (height > 0),
    thumb_width integer CHECK (thumb_width > 0),
    thumb_height integer CHECK (thumb_height > 0),
    md5 bytea CHECK (octet_length(md5) = 16),
    sha256 bytea CHECK (octet_length(sha256) = 32),
    is_spoiler boolean NOT NULL DEFAULT false,
    removed_at timestamptz,
    -- Of the upload as it was sent: what is kept has no metadata. NULL: not known.
    sent_sha256 bytea CHECK (octet_length(sent_sha256) = 32),
    -- Stored as it was sent, and waiting since then for what makes it fit to be shown. NULL: it is.
    pending_since timestamptz,
    -- Why it could not be shown, in a sentence for readers. NULL: it was not removed for that.
    removed_because text CHECK (char_length(removed_because) BETWEEN 1 AND 200),
    -- How often somebody has begun to work on it while it waited. NULL: never.
    pending_tries smallint CHECK (pending_tries >= 0),
    -- Of what is played. NULL, all three: it is not.
    duration_ms integer CHECK (duration_ms > 0),
    has_sound boolean,
    -- 'vp9, opus': what a browser must know to play it.
    codecs text CHECK (char_length(codecs) BETWEEN 1 AND 40),
    -- What a picture or a film's still looks like, in 64 bits: two that look alike differ in few of them.
    -- NULL: it shows nothing, or came in before this was kept.
    likeness bigint,
    -- What it shows, in its poster's words, for who can't see it. NULL: nobody said.
    alt text CHECK (char_length(alt) BETWEEN 1 AND 500),
    -- 0xrrggbb of its thumbnail on average. NULL: the page shines through it, or it came in before this was kept.
    colour integer CHECK (colour BETWEEN 0 AND 16777215),
    -- Of its second thumbnail, for dense screens. NULL: it has none.
    dense_extension text CHECK (dense_extension ~ '^\.[a-z0-9]{1,10}$'),
    -- A part of a tim stands where the second thumbnail's name says that it is one.
    CONSTRAINT files_dense_stands_beside_thumb
        CHECK (dense_extension IS NULL OR (thumb_extension IS NOT NULL AND tim !~ '-')),
    CONSTRAINT files_played_is_whole CHECK (num_nulls(duration_ms, has_sound, codecs) IN (0, 3)),
    -- All of it, or none: a sound has no picture, and a file may have no thumbnail.
    CONSTRAINT files_thumb_is_whole
        CHECK (num_nulls(thumb_extension, thumb_width, thumb_height) IN (0, 3)),
    CONSTRAINT files_size_is_whole CHECK (num_nulls(width, height) IN (0, 2)),
    -- Of one that was removed before its board came here hardly anything is known.
    CONSTRAINT files_kept_is_whole
        CHECK (removed_at IS NOT NULL OR num_nulls(stored_as, bytes, md5, sha256) = 0),
    PRIMARY KEY (board, post_no, position),
    UNIQUE (board, tim),
    FOREIGN KEY (board, post_no) REFERENCES posts (board, no) ON DELETE CASCADE
);
-- Uploads that no post holds any more.
CREATE INDEX files_stored ON files (stored_as);
-- Whether a board has a file already.
CREATE INDEX files_alike ON files (board, sha256) WHERE removed_at IS NULL;
-- Files that wait, the oldest first.
CREATE INDEX files_pending ON files (pending_since)
    WHERE pending_since IS NOT NULL AND removed_at IS NULL;

-- Addresses by which another engine knew a file by its bytes, for all posts that have it: LynxChan, jschan.
CREATE TABLE old_files (
    -- '.media/0a1b….png', without the first slash.
    address text NOT NULL CHECK (address ~ '^[0-9A-Za-z._/-]{1,200}$'),
    board text NOT NULL,
    post_no bigint NOT NULL,
    position smallint NOT NULL,
    -- Of its thumbnail.
    is_thumbnail boolean NOT NULL DEFAULT false,
    PRIMARY KEY (address, board, post_no, position),
    FOREIGN KEY (board, post_no, position) REFERENCES files (board, post_no, position)
        ON DELETE CASCADE ON UPDATE CASCADE
);
-- The addresses of a file that goes.
CREATE INDEX old_files_of_file ON old_files (board, post_no, position);

-- Which post quotes which. A row stands while both posts do: a quote without a row is plain text.
CREATE TABLE quotes (
    board text NOT NULL,
    no bigint NOT NULL,
    to_board text NOT NULL,
    to_no bigint NOT NULL,
    -- What its text says, where the quoted post has gone elsewhere since. NULL, both: where that is.
    typed_board text,
    typed_no bigint,
    PRIMARY KEY (board, no, to_board, to_no),
    FOREIGN KEY (board, no) REFERENCES posts (board, no) ON DELETE CASCADE,
    FOREIGN KEY (to_board, to_no) REFERENCES posts (board, no) ON DELETE CASCADE
);
-- Backlinks of a post; the posts that must change when it is removed.
CREATE INDEX quotes_of_post ON quotes (to_board, to_no, board, no);

-- A poster's ID in one thread: the same for one address, different in another thread.
-- The address hash is keyed and never shown, so the ID can't be computed from an address.
CREATE FUNCTION poster_id(address_hash bytea, board text, thread_no bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(encode(sha256(address_hash || convert_to(board || '/' || thread_no, 'UTF8')), 'hex'), 8)
$$;

-- By this two posts of one thread are told to be of one poster, also when the hash is gone: a poster's ID as
-- a number, of 32 bits. In another thread the same address has another.
CREATE FUNCTION poster_tag(p_address_hash bytea, p_board text, p_thread bigint) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || poster_id(p_address_hash, p_board, p_thread))::bit(32)::integer
$$;

-- Posts as staff see them, those of threads kept aside too. Columns are named as the fields of
-- imageboard.threads.Post, and below of QuoteTarget, Backlink and PostFile: a field more is a line here
-- and a line there. Of backlinks the first hundred are shown: else a post would grow by whoever quotes it.
--
-- PERF: whether a thread is shown is asked by its key for each row (OFFSET 0 keeps it so). A join
-- would be planned for the few rows of a young board, and go through all threads and posts of it for each
-- when it has grown: 35 ms a file at 400 posts.
CREATE VIEW every_post AS
SELECT p.board, p.no, p.thread_no AS thread,
    floor(extract(epoch FROM p.created_at))::bigint AS created_s,
    p.name,
    p.tripcode,
    p.capcode,
    p.email,
    p.subject,
    p.body,
    p.poster_id,
    p.changed_no,
    int4send(coalesce(p.poster_tag, poster_tag(p.address_hash, p.board, p.thread_no))) AS poster,
    (SELECT json_agg(target ORDER BY target.board, target.no) FROM (
        SELECT t.board, t.no, t.thread_no AS thread, q.typed_board, q.typed_no
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = t.board AND h.no = t.thread_no OFFSET 0)) AS target) AS quotes,
    (SELECT json_agg(source ORDER BY source.no) FROM (
        SELECT s.no, s.thread_no AS thread
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = s.board AND h.no = s.thread_no OFFSET 0)
        ORDER BY s.no LIMIT 100) AS source) AS backlinks,
    (SELECT json_agg(file) FROM (
        SELECT f.tim,
            f.extension,
            f.thumb_extension,
            f.original_name,
            f.bytes,
            f.width,
            f.height,
            f.thumb_width,
            f.thumb_height,
            encode(f.md5, 'base64') AS md5,
            f.is_spoiler,
            f.removed_at IS NOT NULL AS is_removed,
            f.removed_because,
            f.pending_since IS NOT NULL AS is_pending,
            f.duration_ms,
            f.has_sound,
            f.codecs,
            f.alt,
            f.colour,
            f.dense_extension
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files,
    p.dice,
    p.country,
    p.tag,
    p.flag,
    p.flag_name,
    p.ban_message,
    floor(extract(epoch FROM p.edited_at))::bigint AS edited_s
FROM posts p;

-- Posts as pages show them: of threads that stand on their board or in its archive.
CREATE VIEW shown_posts AS
SELECT e.* FROM every_post e WHERE EXISTS (SELECT FROM shown_threads t
    WHERE t.board = e.board AND t.no = e.thread OFFSET 0);

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

-- A form that comes twice (same nonce or delivery, of the same owner) is answered as the first time. Of a post it
-- keeps the numbers; of a deletion or a report the thread that it leads back to (0: the board), and no post.
CREATE TABLE receipts (
    address_hash bytea NOT NULL,
    nonce text NOT NULL CHECK (char_length(nonce) BETWEEN 8 AND 128),
    board text NOT NULL,
    thread_no bigint NOT NULL,
    no bigint NOT NULL,
    change_no bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '1 day',
    PRIMARY KEY (address_hash, nonce)
);
-- Those that are to be forgotten.
CREATE INDEX receipts_by_expiry ON receipts (expires_at);

-- Whom a receipt belongs to. A long nonce is nobody else's, so its form is known wherever it comes from: a phone
-- changes its network between a try and the next. 32 characters is what 128 bits take in hexadecimal.
CREATE FUNCTION receipt_owner(p_address_hash bytea, p_nonce text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN char_length(p_nonce) >= 32 THEN ''::bytea ELSE p_address_hash END
$$;

-- What networks and boards have used of what they may: until `used_until`, if nothing more is taken.
-- A key can't be turned back into a network. Not logged: a crash of the server forgives.
CREATE UNLOGGED TABLE allowances (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    used_until timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Outbox and publications -----------------------------------------------------------------

-- Facts that the pages do not show yet; settled rows are deleted.
CREATE TABLE outbox (
    board text NOT NULL REFERENCES boards,
    change_no bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (board, change_no)
);

-- Up to which change a board's threads and media show all, though its lists do not yet: written by
-- whoever leaves a board before they have followed. Without a row none does.
CREATE TABLE threads_shown (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    change_no bigint NOT NULL
);

-- What stands in the web root: one row a file, by its path below it.
CREATE TABLE publications (
    path text PRIMARY KEY,
    -- NULL: a file of the whole site.
    board text,
    -- The board's change that the file shows.
    change_no bigint NOT NULL,
    -- NULL: gone from the web root; the row stays until it is gone from the cloud too.
    sha256 bytea CHECK (octet_length(sha256) = 32),
    bytes bigint NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Media before the pages that show them, threads before the rest.
    service_order smallint NOT NULL DEFAULT 2,
    -- A takedown waits for it.
    is_urgent boolean NOT NULL DEFAULT false,
    -- What the bucket holds: hash, ETag, and the board's change that it shows. NULL: nothing.
    cloud_sha256 bytea CHECK (octet_length(cloud_sha256) = 32),
    cloud_etag text,
    cloud_change_no bigint,
    -- Set before the first put: from then on a deletion in the bucket is owed.
    may_be_in_cloud boolean NOT NULL DEFAULT false,
    -- The bucket changed and the CDN has not been told.
    purge_due boolean NOT NULL DEFAULT false,
    -- Not to be touched before: the pace of one write a second, a lease, or a wait after failures.
    not_before timestamptz NOT NULL DEFAULT '-infinity',
    is_behind boolean NOT NULL GENERATED ALWAYS AS (
        purge_due OR sha256 IS DISTINCT FROM cloud_sha256 OR (sha256 IS NULL AND may_be_in_cloud)
    ) STORED,
    -- Its .gz and .br were compressed in haste: thorough ones are owed.
    is_hasty boolean NOT NULL DEFAULT false
);
CREATE INDEX publications_of_board ON publications (board);
-- Those that are neither a thread's nor media: what is left over when a board is drawn anew.
CREATE INDEX publications_of_lists ON publications (board) WHERE path !~ '/(res|src|thumb)/';
-- Files that wait to be compressed thoroughly. Not by time: a page that is hot would change it each time.
CREATE INDEX publications_hasty ON publications (path) WHERE is_hasty;
-- Files that the second stage has work with, in the order in which it takes them.
CREATE INDEX publications_behind ON publications (is_urgent DESC, service_order, not_before)
    WHERE is_behind;

-- What is of the whole site has no board whose number would tell that something changed: it has its own.
CREATE TABLE site (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    -- Number of the newest change of what staff wrote for the whole site.
    written_no bigint NOT NULL DEFAULT 0
);
INSERT INTO site DEFAULT VALUES;

-- Which moment of the site each kind of its pages shows. One is behind when the boards' numbers add up to
-- another sum than is noted here; one without a row was never drawn.
CREATE TABLE site_pages_shown (
    kind text PRIMARY KEY CHECK (char_length(kind) <= 64),
    -- Sums over all boards of change_no and of settings_change_no.
    change_no bigint NOT NULL,
    settings_change_no bigint NOT NULL,
    -- The site's written_no.
    written_no bigint NOT NULL,
    drawn_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The last place of the log's chain.
    log_no bigint NOT NULL DEFAULT 0
);

-- What was removed on someone's word, and when it was gone.
CREATE TABLE takedowns (
    board text NOT NULL,
    change_no bigint NOT NULL,
    -- NULL: the whole board, of which each step has a row.
    post_no bigint,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The files that showed it; known once the pages are rendered.
    paths text[],
    origin_gone_at timestamptz,
    -- Set once it is gone from the bucket and the CDN was told: when the CDN is told again, and
    -- looked at.
    edge_due_at timestamptz,
    edge_gone_at timestamptz,
    -- Names of the master copies in the upload store, dropped with the pages.
    uploads text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (board, change_no)
);
-- Takedowns that are not finished.
CREATE INDEX takedowns_open ON takedowns (asked_at) WHERE edge_gone_at IS NULL;

-- What staff removed and can still bring back. Each is one act, of one post or of thousands.
CREATE TABLE removals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Then it is erased.
    kept_until timestamptz NOT NULL,
    -- Nobody has seen it yet: why staff are to look at it first. NULL: staff removed it.
    held_because text CHECK (char_length(held_because) BETWEEN 1 AND 200)
);
-- Those that are to be erased.
CREATE INDEX removals_by_end ON removals (kept_until);
-- Posts that are held.
CREATE INDEX removals_held ON removals (id) WHERE held_because IS NOT NULL;

-- SECURITY: what a removal took, where nothing that is asked of posts or files finds it: posts and files are
-- gone from their tables, and a thread is marked as one of which nobody sees anything.
CREATE TABLE laid_aside (
    removal bigint NOT NULL REFERENCES removals ON DELETE CASCADE,
    board text NOT NULL REFERENCES boards,
    no bigint NOT NULL,
    thread_no bigint NOT NULL,
    -- A whole thread (its posts stay in their table), a reply, or files of a post that stays.
    kind text NOT NULL CHECK (kind IN ('thread', 'post', 'files')),
    -- {aside_since, archived_at, archive_page}; {post, files, quotes, reports, searchable, old_files}: rows;
    -- {positions}. Of one that is held also {held_of}: keys of the networks that it counts for; of one that was
    -- refused {held_because}.
    what jsonb NOT NULL,
    -- Names in the upload store that must not be swept.
    uploads text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (removal, board, no, kind)
);
-- Whether a thread was removed in a way that can be undone; posts that a quote waits for.
CREATE INDEX laid_aside_by_post ON laid_aside (board, no);
-- Held replies of a poster: said_by_poster(), held.of_authors.
CREATE INDEX laid_aside_by_poster ON laid_aside ((what->'post'->>'address_hash')) WHERE kind = 'post';

-- What staff write -------------------------------------------------------------------------

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

-- Pictures above the lists of a board, one at a time. Each is published like a post's file, and its name is
-- given in the same way, so no two files of a board share one.
CREATE TABLE banners (
    board text NOT NULL REFERENCES boards,
    tim text NOT NULL CHECK (tim ~ '^[0-9]{13,20}$'),
    extension text NOT NULL CHECK (extension ~ '^\.[a-z0-9]{1,10}$'),
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

-- Staff ------------------------------------------------------------------------------------

CREATE TABLE staff (
    name text PRIMARY KEY CHECK (name ~ '^[^[:cntrl:][:space:]]([^[:cntrl:]]{0,38}[^[:cntrl:][:space:]])?$'),
    password_hash text NOT NULL,
    -- On all boards. NULL: none there.
    role text,
    is_enabled boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Roles that staff made, beside those that come with the board: sets of powers.
CREATE TABLE made_roles (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9_-]{1,32}$'),
    powers text[] NOT NULL CHECK (cardinality(powers) <= 100)
);

-- Roles on one board.
CREATE TABLE board_roles (
    staff text NOT NULL REFERENCES staff ON DELETE CASCADE,
    board text NOT NULL REFERENCES boards,
    role text NOT NULL,
    PRIMARY KEY (staff, board)
);

CREATE TABLE sessions (
    -- SHA-256 of the cookie's value: who reads the table can't log in with it.
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    staff text NOT NULL REFERENCES staff ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    -- By which its holder names it among others.
    no bigint GENERATED ALWAYS AS IDENTITY,
    -- 'Firefox on Linux': what the browser said when it logged in.
    device text NOT NULL DEFAULT '' CHECK (char_length(device) <= 60),
    -- To the minute.
    seen_at timestamptz NOT NULL DEFAULT now(),
    -- When its holder last proved who they are.
    proved_at timestamptz NOT NULL DEFAULT now()
);

-- Links by which somebody makes an account of their own, with a password that nobody else has known: each once.
CREATE TABLE invitations (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of the link's code: who reads the table can't use it.
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    name text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,32}$'),
    role text NOT NULL,
    -- NULL: on all boards.
    board text REFERENCES boards,
    -- NULL: by the command.
    invited_by text REFERENCES staff ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);

-- Codes of six digits that an app shows, of which each is good once.
CREATE TABLE totp (
    staff text PRIMARY KEY REFERENCES staff ON DELETE CASCADE,
    -- Sealed with STILLBOARD_ADDRESS_KEY, for this account alone.
    secret_sealed bytea NOT NULL CHECK (octet_length(secret_sealed) BETWEEN 29 AND 200),
    -- NULL: nobody has shown yet that an app knows it, and no log-in asks for it.
    enrolled_at timestamptz,
    -- Half minute of the newest code that was used: none of it or before it is taken.
    step bigint NOT NULL DEFAULT 0
);

-- What stands in for an app or a key that was lost; each goes when it is used.
CREATE TABLE recovery_codes (
    staff text NOT NULL REFERENCES staff ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (staff, code_hash)
);

-- Keys that a device or a browser keeps, by which somebody logs in without a password.
CREATE TABLE passkeys (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- As the key calls itself.
    id bytea NOT NULL UNIQUE CHECK (octet_length(id) BETWEEN 1 AND 1023),
    staff text NOT NULL REFERENCES staff ON DELETE CASCADE,
    -- As its holder calls it.
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    -- Its public half, as it was attested.
    credential bytea NOT NULL CHECK (octet_length(credential) <= 4096),
    -- How often it has signed, where it counts; 0: it does not.
    sign_count bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now()
);
-- Those of an account.
CREATE INDEX passkeys_by_staff ON passkeys (staff);

-- Nothing counts attempts to log in here any more. The version before still empties it: to be dropped when that
-- no longer runs.
CREATE TABLE login_attempts (
    address_hash bytea NOT NULL,
    -- '' when what was typed can't be a name: it may have been a password.
    staff text NOT NULL,
    tried_at timestamptz NOT NULL DEFAULT now()
);
-- Attempts of one address, and on one name, in the last minutes.
CREATE INDEX login_attempts_by_address ON login_attempts (address_hash, tried_at);
CREATE INDEX login_attempts_by_staff ON login_attempts (staff, tried_at);

-- An answer to a captcha of our own is good for one try, whichever writer it comes to. The challenge
-- itself is kept nowhere: it is signed. So only who has answered takes up room, and not for long.
CREATE TABLE spent_answers (
    -- Tells it from all others: 16 bytes of a hash.
    answer bytea PRIMARY KEY CHECK (octet_length(answer) = 16),
    -- From then on it would be refused for its age.
    expires_at timestamptz NOT NULL,
    -- The delivery that used it up, 16 bytes of a hash: the same form, handed on once more, may too.
    delivery bytea CHECK (octet_length(delivery) = 16),
    -- A pass is used by several forms; an answer to a captcha by one.
    uses integer NOT NULL DEFAULT 1 CHECK (uses > 0)
);
-- Those that are too old by now.
CREATE INDEX spent_answers_by_age ON spent_answers (expires_at);

CREATE TABLE bans (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- One address by its hash (zeros when it expired, since the ban is over), or a range as it was typed.
    address_hash bytea CHECK (octet_length(address_hash) = 16),
    range cidr,
    -- NULL: all boards.
    board text REFERENCES boards,
    reason text NOT NULL CHECK (char_length(reason) <= 5000),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- NULL: never.
    expires_at timestamptz,
    lifted_at timestamptz,
    -- The post under which it is said, and in which words. NULL, all three: it is not said.
    post_board text,
    post_no bigint,
    message text CHECK (char_length(message) BETWEEN 1 AND 200),
    -- Refuses one post, by which it is read, and is over then; expires_at: if it is never read.
    is_warning boolean NOT NULL DEFAULT false,
    -- When the banned were first told of it. NULL: nobody was yet.
    seen_at timestamptz,
    CHECK ((address_hash IS NULL) <> (range IS NULL)),
    CONSTRAINT bans_message_is_whole CHECK (num_nulls(post_board, post_no, message) IN (0, 3)),
    -- Of a range the first who came by would read it, and nobody else.
    CONSTRAINT bans_warning_is_of_one_poster CHECK (NOT is_warning OR range IS NULL)
);
-- What is said under a post.
CREATE INDEX bans_of_post ON bans (post_board, post_no) WHERE message IS NOT NULL;
-- Is this address banned?
CREATE INDEX bans_of_address ON bans (address_hash) WHERE lifted_at IS NULL;
CREATE INDEX bans_of_range ON bans USING gist (range inet_ops) WHERE lifted_at IS NULL;

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

-- What the banned ask of staff: each poster once a ban. Gone some time after the ban.
CREATE TABLE appeals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ban bigint NOT NULL REFERENCES bans ON DELETE CASCADE,
    address_hash bytea NOT NULL CHECK (octet_length(address_hash) = 16),
    body text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 1000),
    made_at timestamptz NOT NULL DEFAULT now(),
    -- NULL: it waits.
    answered_at timestamptz,
    -- What its poster reads of it. NULL: nothing, as long as it waits or since the ban was lifted.
    answer text CHECK (char_length(answer) BETWEEN 1 AND 500),
    UNIQUE (ban, address_hash)
);
-- The queue: appeals that nobody has answered.
CREATE INDEX appeals_open ON appeals (id) WHERE answered_at IS NULL;
-- Appeals of a poster under a former key: bans.take_over.
CREATE INDEX appeals_by_poster ON appeals (address_hash);

CREATE TABLE reports (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    board text NOT NULL,
    post_no bigint NOT NULL,
    reason text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 2000),
    -- NULL: it expired.
    address_hash bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    dismissed_at timestamptz,
    FOREIGN KEY (board, post_no) REFERENCES posts (board, no) ON DELETE CASCADE,
    -- One address reports a post once, also when its report was dismissed.
    UNIQUE (board, post_no, address_hash)
);
-- The queue: reports that nobody has dealt with.
CREATE INDEX reports_open ON reports (board, post_no) WHERE dismissed_at IS NULL;
-- How much one address reported in the last hour.
CREATE INDEX reports_of_address ON reports (address_hash, created_at);

-- Reports that were just dismissed, and may be opened again.
CREATE INDEX reports_dismissed ON reports (dismissed_at) WHERE dismissed_at IS NOT NULL;

-- What staff write down about whoever has this address, for each other; as long as something else tells of it.
CREATE TABLE poster_notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_hash bytea NOT NULL CHECK (octet_length(address_hash) = 16),
    staff text NOT NULL,
    note text NOT NULL CHECK (char_length(note) BETWEEN 1 AND 500),
    written_at timestamptz NOT NULL DEFAULT now()
);
-- Those on one poster.
CREATE INDEX poster_notes_of_address ON poster_notes (address_hash, id);

-- Who of the staff looks at a reported post just now, so that nobody else does the same. A few minutes count.
CREATE TABLE claims (
    board text NOT NULL,
    post_no bigint NOT NULL,
    staff text NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (board, post_no)
);

CREATE TABLE moderation_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL DEFAULT now(),
    -- NULL: the poster, by the post's password.
    staff text,
    action text NOT NULL,
    board text,
    post_no bigint,
    detail jsonb NOT NULL DEFAULT '{}'
);
-- What was done to a post, the newest first.
CREATE INDEX moderation_log_of_post ON moderation_log (board, post_no, id) WHERE post_no IS NOT NULL;

-- Entries of a board by days (UTC), for its public log; those of the whole site.
CREATE INDEX moderation_log_by_day ON moderation_log (((happened_at AT TIME ZONE 'UTC')::date), board);
-- The entry that a ban was written down with.
CREATE INDEX moderation_log_of_ban ON moderation_log ((detail->'ban')) WHERE action = 'ban';

-- Entries of the log by days (UTC) and boards; none: of no board.
CREATE TABLE log_days (
    day date NOT NULL,
    board text,
    entries bigint NOT NULL CHECK (entries > 0),
    UNIQUE NULLS NOT DISTINCT (day, board)
);

-- The chain of the log: the hash of each entry covers that of the one before, so none is altered, put in or taken
-- out unseen. docs/audit.md has the bytes; imageboard/log_chain.py makes the same ones.
CREATE TABLE log_chain (
    -- Counts without gaps, in the order of commits.
    place bigint PRIMARY KEY CHECK (place > 0),
    entry bigint NOT NULL UNIQUE,
    -- Random, and hashed with the names, which could be guessed from a bare hash. NULL: they are forgotten.
    salt bytea CHECK (octet_length(salt) = 16),
    names_hash bytea NOT NULL CHECK (octet_length(names_hash) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
-- Entries whose names are due to be forgotten.
CREATE INDEX log_chain_with_names ON log_chain (place) WHERE salt IS NOT NULL;

-- Who did it and to whom, as it is hashed: what may be forgotten without breaking the chain.
CREATE FUNCTION log_names(p_entry moderation_log) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'staff ' || coalesce(to_json(p_entry.staff)::text, 'null') || E'\n'
        || coalesce('account ' || (p_entry.detail->'account')::text || E'\n', '')
$$;

-- The bytes of an entry that are hashed.
CREATE FUNCTION log_bytes(p_entry moderation_log, p_place bigint, p_before bytea, p_names_hash bytea)
RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(
        E'stillboard log 1\nplace ' || p_place
        || E'\nbefore ' || encode(p_before, 'hex')
        || E'\nat ' || to_char(p_entry.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || E'\nby ' || CASE WHEN p_entry.staff IS NULL THEN 'poster' ELSE 'staff' END
        || E'\naction ' || to_json(p_entry.action)::text
        || E'\nboard ' || coalesce(to_json(p_entry.board)::text, 'null')
        || E'\npost ' || coalesce(p_entry.post_no::text, 'null') || E'\n'
        || coalesce((
            SELECT string_agg('detail.' || key || ' ' || value || E'\n', '' ORDER BY key COLLATE "C")
            FROM jsonb_each(p_entry.detail - 'account')), '')
        || 'names ' || encode(p_names_hash, 'hex') || E'\n', 'UTF8')
$$;

-- Chains an entry to the last one. Others who commit entries wait until the transaction ends.
CREATE FUNCTION chain_entry(p_entry moderation_log) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_last log_chain;
    v_salt bytea := uuid_send(gen_random_uuid());
    v_names_hash bytea := sha256(v_salt || convert_to(log_names(p_entry), 'UTF8'));
BEGIN
    PERFORM pg_advisory_xact_lock(7264002);
    SELECT * INTO v_last FROM log_chain ORDER BY place DESC LIMIT 1;
    INSERT INTO log_chain (place, entry, salt, names_hash, hash)
    SELECT place, p_entry.id, v_salt, v_names_hash, sha256(log_bytes(p_entry, place, before, v_names_hash))
    FROM (SELECT coalesce(v_last.place, 0) + 1 AS place,
        coalesce(v_last.hash, decode(repeat('00', 32), 'hex')) AS before) AS next
    ON CONFLICT (entry) DO NOTHING;
END $$;

-- What a new entry of the log leads to.
CREATE FUNCTION chain_new_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM chain_entry(NEW);
    INSERT INTO log_days AS d (day, board, entries)
    VALUES ((NEW.happened_at AT TIME ZONE 'UTC')::date, NEW.board, 1)
    ON CONFLICT (day, board) DO UPDATE SET entries = d.entries + 1;
    RETURN NULL;
END $$;
-- At the commit: so whoever does something lengthy keeps nobody else waiting, and holds no board meanwhile
-- that somebody in the chain waits for.
CREATE CONSTRAINT TRIGGER chained AFTER INSERT ON moderation_log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION chain_new_entry();

-- What was done stays written down, whoever asks.
CREATE FUNCTION moderation_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON moderation_log
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_is_append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON log_chain
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_is_append_only();

-- Names alone may be forgotten, of entries older than a month.
CREATE FUNCTION log_forgets_names_alone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_forgotten moderation_log := OLD;
BEGIN
    IF OLD.staff IS NOT NULL THEN v_forgotten.staff := ''; END IF;
    v_forgotten.detail := OLD.detail - 'account';
    IF NEW IS DISTINCT FROM v_forgotten OR OLD.happened_at > now() - interval '30 days' THEN
        RAISE EXCEPTION 'moderation_log is append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER names_alone BEFORE UPDATE ON moderation_log
    FOR EACH ROW EXECUTE FUNCTION log_forgets_names_alone();

-- And with them the salt, by which they could be proven.
CREATE FUNCTION chain_forgets_salt_alone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_forgotten log_chain := OLD;
BEGIN
    v_forgotten.salt := NULL;
    IF NEW IS DISTINCT FROM v_forgotten
        OR (SELECT happened_at FROM moderation_log WHERE id = OLD.entry) > now() - interval '30 days'
    THEN
        RAISE EXCEPTION 'log_chain is append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER salt_alone BEFORE UPDATE ON log_chain
    FOR EACH ROW EXECUTE FUNCTION chain_forgets_salt_alone();

-- Rules against spam ---------------------------------------------------------------------------

-- What staff hold against spam: which posts, and what becomes of them. What each word stands for is a row of
-- imageboard/spam/rules.py: one more is no step here.
CREATE TABLE spam_rules (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL: all boards.
    board text REFERENCES boards,
    is_on boolean NOT NULL,
    place text NOT NULL CHECK (char_length(place) BETWEEN 1 AND 40),
    way text NOT NULL CHECK (char_length(way) BETWEEN 1 AND 40),
    what text NOT NULL CHECK (char_length(what) <= 500),
    kind text NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 40),
    poster text NOT NULL CHECK (char_length(poster) BETWEEN 1 AND 40),
    pace text NOT NULL CHECK (char_length(pace) BETWEEN 1 AND 40),
    -- As ISO 3166 has them; none: from anywhere.
    countries text[] NOT NULL CHECK (cardinality(countries) <= 60),
    action text NOT NULL CHECK (char_length(action) BETWEEN 1 AND 40),
    sentence text NOT NULL CHECK (char_length(sentence) <= 500),
    -- Of a ban. NULL: for good.
    ban_s bigint CHECK (ban_s > 0),
    replacement text NOT NULL CHECK (char_length(replacement) <= 200),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Changes with the rules, in their transaction: whoever has compiled them asks for this alone. Without a row
-- there never was one.
CREATE TABLE spam_rules_version (
    is_the_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row),
    version bigint NOT NULL
);
-- Another version, whatever was done to rules.
CREATE FUNCTION spam_rules_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO spam_rules_version AS v (version) VALUES (1)
    ON CONFLICT (is_the_only_row) DO UPDATE SET version = v.version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON spam_rules
    FOR EACH STATEMENT EXECUTE FUNCTION spam_rules_changed();

-- How many posts each has hit. Not logged: it is no more than a figure.
CREATE UNLOGGED TABLE spam_rule_hits (
    rule bigint PRIMARY KEY REFERENCES spam_rules ON DELETE CASCADE,
    hits bigint NOT NULL CHECK (hits > 0),
    last_at timestamptz NOT NULL
);

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

-- Whether a block list had an address, by a keyed hash of it, for a while. Not logged: it is asked again.
CREATE UNLOGGED TABLE block_list_answers (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    is_listed boolean NOT NULL,
    until timestamptz NOT NULL
);
-- Those that have expired.
CREATE INDEX block_list_answers_by_expiry ON block_list_answers (until);

-- What came from other engines -------------------------------------------------------------

CREATE TABLE imports (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    -- Of a post that came, twice its number above this is its change.
    change_base bigint NOT NULL,
    -- NULL: what came is not shown yet.
    finished_at timestamptz,
    -- What came with it and is no post was noted without a digest, by its name there alone.
    without_digests boolean NOT NULL DEFAULT true
);

CREATE TABLE imported_posts (
    board text NOT NULL REFERENCES boards,
    no bigint NOT NULL,
    -- Of all that may be another in a later dump.
    digest bytea NOT NULL CHECK (octet_length(digest) = 16),
    PRIMARY KEY (board, no)
);

CREATE TABLE imported_threads (
    board text NOT NULL,
    no bigint NOT NULL,
    bumped_at timestamptz NOT NULL,
    -- False: it is still coming, and nobody sees it.
    is_shown boolean NOT NULL DEFAULT false,
    -- Something of it came that its counts and its place do not show yet.
    is_due boolean NOT NULL DEFAULT true,
    -- Since when it was archived there. NULL: it stood on its board.
    archived_at timestamptz,
    PRIMARY KEY (board, no),
    FOREIGN KEY (board, no) REFERENCES all_threads (board, no) ON DELETE CASCADE
);

-- Links in texts that came, to posts that were not there (yet).
CREATE TABLE imported_quotes (
    board text NOT NULL,
    no bigint NOT NULL,
    to_board text NOT NULL,
    to_no bigint NOT NULL,
    -- That board was not asked for: they lead to a post that comes from there another day, and to no other.
    of_what_comes boolean NOT NULL DEFAULT false,
    PRIMARY KEY (board, no, to_board, to_no),
    FOREIGN KEY (board, no) REFERENCES posts (board, no) ON DELETE CASCADE
);

-- Bans, reports, accounts, news and pages that came, by what they were called there.
CREATE TABLE imported_others (
    kind text NOT NULL CHECK (kind ~ '^[a-z]{1,20}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    -- What they are called here: a ban of several ranges is several.
    ours text[] NOT NULL DEFAULT '{}',
    -- Of what tells it from that of another site which is called so; '': whatever is called so has come.
    digest bytea NOT NULL DEFAULT '' CHECK (octet_length(digest) IN (0, 16)),
    PRIMARY KEY (kind, name, digest)
);

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

-- What must happen together ------------------------------------------------------------------

-- The default of a setting that a board lacks. An unknown name is an error: NULL would be 0 or false
-- somewhere, and a board with no page left loses its threads.
CREATE FUNCTION setting_default(p_name text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    v_default text := (SELECT settings->>p_name FROM setting_defaults);
BEGIN
    IF v_default IS NULL THEN RAISE EXCEPTION 'there is no setting % of a board', p_name; END IF;
    RETURN v_default;
END $$;

-- What a board has set, or else the default. PERF: PostgreSQL puts its text in the caller's place, so
-- nothing is called for a board that has the setting (in PL/pgSQL five of them cost a post 4 %).
CREATE FUNCTION board_setting(p_settings jsonb, p_name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(p_settings->>p_name, setting_default(p_name))
$$;

-- The page (from 1) on which a thread stands; NULL when it is not there.
CREATE FUNCTION page_of_thread(p_board text, p_thread bigint, p_per_page integer) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT (count(above.no) / p_per_page)::integer + 1
    FROM threads t
    LEFT JOIN threads above ON above.board = t.board
        AND (above.is_sticky, above.sticky_rank, above.bump_no, above.no)
            > (t.is_sticky, t.sticky_rank, t.bump_no, t.no)
    WHERE t.board = p_board AND t.no = p_thread
    GROUP BY t.no
$$;

-- Pages on which these threads stand, and all that lie between: [first, last], or [1, 1]. Only of the first
-- and the last of them it is counted where they stand: there may be thousands.
CREATE FUNCTION pages_of_threads(p_board text, p_threads bigint[], p_per_page integer)
RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY[
        coalesce(page_of_thread(p_board, nos[1], p_per_page), 1),
        coalesce(page_of_thread(p_board, nos[cardinality(nos)], p_per_page), 1)]
    FROM (
        SELECT array_agg(no ORDER BY is_sticky DESC, sticky_rank DESC, bump_no DESC, no DESC) AS nos
        FROM threads WHERE board = p_board AND no = ANY (p_threads)
    ) AS standing
$$;

-- Gives the board's next change its number; the caller holds the board's row from here on.
CREATE FUNCTION next_change(p_board text) RETURNS bigint LANGUAGE sql AS $$
    UPDATE boards SET change_no = change_no + 1 WHERE name = p_board RETURNING change_no
$$;

-- The longest-lasting ban in force that hits a poster on a board; a warning comes last.
CREATE FUNCTION find_ban(p_board text, p_address_hash bytea, p_address inet) RETURNS SETOF bans
LANGUAGE sql STABLE AS $$
    SELECT * FROM bans
    WHERE (address_hash = p_address_hash OR range >>= p_address) AND lifted_at IS NULL
        AND (expires_at IS NULL OR expires_at > now()) AND (board IS NULL OR board = p_board)
        AND NOT (is_warning AND seen_at IS NOT NULL)
    ORDER BY is_warning, expires_at DESC NULLS FIRST, id
    LIMIT 1
$$;

-- Whether a reply bumps its thread, sage apart. As vichan counts: the one that reaches the limit
-- does not. 0: no limit.
CREATE FUNCTION is_below_bump_limit(p_replies_before bigint, p_bump_limit integer) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_bump_limit = 0 OR p_replies_before + 1 < p_bump_limit
$$;

-- How many bytes of its thread's page a post takes at most: what was typed, with what escaping, line ends,
-- marks and links add to it, and what stands around. A test draws the worst of each.
CREATE FUNCTION page_weight(p_post posts, p_file_names text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_typed text := coalesce(p_post.name, '') || coalesce(p_post.email, '')
        || coalesce(p_post.subject, '') || p_post.body;
    v_chars integer := length(v_typed);
BEGIN
    RETURN 800
        -- Marks beside the text: each with an element of its own.
        + coalesce(6 * octet_length(p_post.dice) + 60, 0)
        + CASE WHEN p_post.country IS NULL THEN 0 ELSE 160 END
        + coalesce(8 * octet_length(p_post.tag) + 60, 0)
        + coalesce(12 * octet_length(p_post.flag_name) + 260, 0)
        + coalesce(6 * octet_length(p_post.ban_message) + 80, 0)
        + CASE WHEN p_post.edited_at IS NULL THEN 0 ELSE 160 END
        -- What is said of each file: its name, which stands there twice, and what it shows.
        + 700 * cardinality(p_file_names) + 5 * octet_length(array_to_string(p_file_names, ''))
        -- The name says whose the post is, too.
        + 6 * coalesce(octet_length(p_post.name), 0)
        -- A link has its address twice.
        + octet_length(v_typed) * CASE WHEN position('://' IN v_typed) > 0 THEN 2 ELSE 1 END
        + 8 * (v_chars - length(translate(v_typed, '&"', '')))
        + 2 * (v_chars - length(translate(v_typed, '_~', '')))
        + 10 * (v_chars - length(translate(v_typed, E'=`\n''', '')))
        -- Two, or a tag, begin or end a spoiler, which the keyboard has to reach.
        + 19 * (v_chars - length(translate(v_typed, '*|', '')))
        + 30 * (v_chars - length(translate(v_typed, '[', '')))
        -- It may begin a line of its own colour.
        + 34 * (v_chars - length(translate(v_typed, '<', '')))
        -- Each line of a spoiler is one.
        + CASE WHEN v_typed ~* '\[spoiler]|\|\|'
            THEN 75 * (v_chars - length(translate(v_typed, E'\n', ''))) ELSE 0 END
        + 40 * (v_chars - length(translate(v_typed, ':', '')))
        -- Two of them quote, which also shows below the quoted post.
        + 64 * (v_chars - length(translate(v_typed, '>', '')));
END $$;

-- Whether the page of a thread has room for a post of that weight. What was removed is reckoned only when
-- it may give room, once after each removal; the caller holds the board.
CREATE FUNCTION has_room_on_page(p_board text, p_thread bigint, p_weight integer, p_weight_max integer)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_weight integer;
BEGIN
    UPDATE threads SET page_weight_no = changed_no, page_weight = (
        SELECT sum(page_weight(p, ARRAY(
            SELECT concat(original_name, original_name, alt)
            FROM files f WHERE f.board = p.board AND f.post_no = p.no)))
        FROM posts p WHERE p.board = p_board AND p.thread_no = p_thread)
    WHERE board = p_board AND no = p_thread AND (page_weight IS NULL OR removal_no > page_weight_no);
    SELECT page_weight INTO v_weight FROM threads WHERE board = p_board AND no = p_thread;
    RETURN v_weight + p_weight <= p_weight_max;
END $$;

-- Takes one use of each allowance, for which it counts as used `cost_s` longer; or takes none, and says
-- which has no room, and for how many seconds: of several, the one that has none for longest.
--
-- Rows are taken in the order of their keys, so two that take some of the same wait for one another
-- in turn; and they are held until the transaction ends, so what one takes the next one sees.
CREATE FUNCTION take_allowances(
    p_allowances jsonb, p_now timestamptz, OUT spent text, OUT wait_s integer
) LANGUAGE plpgsql AS $$
BEGIN
    WITH asked AS (
        SELECT * FROM jsonb_to_recordset(p_allowances)
            AS asked (name text, key bytea, cost_s double precision, room_s double precision)
    ), taken AS (
        INSERT INTO allowances AS held (key, used_until)
        SELECT key, p_now + make_interval(secs => cost_s) FROM asked ORDER BY key
        ON CONFLICT (key) DO UPDATE SET
            -- Further ahead than its room, and a second of clocks of one moment, is none but one of before
            -- the clock was set back: it counts for nothing.
            used_until = CASE
                WHEN held.used_until > p_now + make_interval(
                    secs => (SELECT room_s + 1 FROM asked WHERE asked.key = held.key))
                THEN p_now ELSE greatest(held.used_until, p_now) END + (excluded.used_until - p_now)
        RETURNING key, used_until
    )
    SELECT asked.name, ceil(extract(epoch FROM used_until - p_now) - room_s)::integer INTO spent, wait_s
    FROM asked JOIN taken USING (key)
    WHERE used_until > p_now + make_interval(secs => room_s)
    ORDER BY 2 DESC LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    -- What is refused does not count: else a network that goes on trying would be shut out for ever.
    UPDATE allowances SET used_until = used_until - make_interval(secs => asked.cost_s)
    FROM jsonb_to_recordset(p_allowances) AS asked (key bytea, cost_s double precision)
    WHERE allowances.key = asked.key;
END $$;

-- How many threads that are not sticky have room on a board.
CREATE FUNCTION room_on_board(p_board text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(1, board_setting(settings, 'threads_per_page')::integer
        * board_setting(settings, 'pages_max')::integer
        - (SELECT count(*) FROM threads WHERE board = p_board AND is_sticky))
    FROM boards WHERE name = p_board
$$;

-- For how long a thread stays on a board after each bump, whatever comes.
CREATE FUNCTION stays_after_bump(p_board text) RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT make_interval(mins => board_setting(settings, 'quiet_minutes_min')::integer)
    FROM boards WHERE name = p_board
$$;

-- Seconds until a new thread finds room; NULL or less than 1: now. Threads that were just bumped stay,
-- so a board holds up to twice as many as have room on it: the last of that many tells how long to wait.
CREATE FUNCTION wait_for_room_s(p_board text, p_now timestamptz) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT ceil(extract(epoch FROM least(bumped_at, p_now) + stays_after_bump(p_board) - p_now))::integer
    FROM threads WHERE board = p_board AND NOT is_sticky
    ORDER BY bump_no DESC, no DESC
    OFFSET 2 * room_on_board(p_board) - 1 LIMIT 1
$$;

-- A new post: what its poster wrote, as the row that it becomes, and on which terms. Both are filled
-- by name, so a column of posts is a field of a new post; what a version does not know is NULL.
CREATE TYPE post_terms AS (
    thread bigint,  -- NULL: a new thread
    files jsonb,  -- rows of files, by name; NULL: none
    quotes jsonb,  -- [[board, no], …]; NULL: none
    is_sage boolean,
    nonce text,
    wait_s integer,  -- since the last post (or thread) of this address; 0: none
    same_text_wait_s integer,
    ignores_lock boolean,
    address inet,  -- NULL: nobody who could be banned
    allowances jsonb,  -- [{name, key, cost_s, room_s}, …] that it takes; NULL: none
    page_weight_max integer,  -- of its thread's page, with it; NULL: any
    ignores_limits boolean,  -- the board's own on replies
    waits_for_room boolean,  -- refused while a new thread finds no room; NULL: never
    delivery text,  -- what nginx calls the request, however often it hands it on; NULL: it did not say
    held_shares jsonb  -- [{key, most}, …]: of each network at most so many may be held; NULL: any number
);
CREATE TYPE new_post_v2 AS (
    post posts,  -- without what it is given: number, thread, ID; created_at NULL: now
    terms post_terms
);

-- Names below /<board>/ of all that a file is served as, as facts hold them: the only place in SQL that spells
-- them; in Python it is addresses.media_names().
CREATE FUNCTION media_names(p_file files) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT name FROM (VALUES ('src/' || p_file.tim || p_file.extension),
        ('thumb/' || p_file.tim || p_file.thumb_extension),
        ('thumb/' || p_file.tim || '-0002' || p_file.dense_extension),
        -- Nothing ever stands there: the version before takes a thumbnail's name for one only beside a file's.
        -- To be dropped when that no longer runs.
        ('src/' || p_file.tim || '-0002' || p_file.dense_extension)) AS named (name)
    WHERE name IS NOT NULL
$$;

-- A renderer of the version before puts no second thumbnail in place, so a file whose fact it settles has none
-- from then on: no page is to name what is not there. One that is there already keeps it. To be dropped when
-- that version no longer runs.
CREATE FUNCTION give_up_dense(p_board text, p_fact jsonb) RETURNS void LANGUAGE sql AS $$
    UPDATE files f SET dense_extension = NULL
    FROM jsonb_array_elements_text(p_fact->'media') AS name
    WHERE name LIKE 'thumb/%-0002.%' AND f.board = p_board AND f.tim = substring(name FROM '[0-9]+')
        AND NOT EXISTS (SELECT FROM publications p WHERE p.path = p_board || '/' || name AND p.sha256 IS NOT NULL)
$$;
-- Of each fact that is settled so.
CREATE FUNCTION settled_without_dense() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM give_up_dense(OLD.board, OLD.body);
    ELSE
        PERFORM give_up_dense(o.board, o.body) FROM outbox o WHERE o.board = NEW.board AND o.change_no <= NEW.change_no;
    END IF;
    RETURN NULL;
END $$;
-- A fact that goes in the transaction in which it came was of a post that is held.
CREATE TRIGGER settled_without_dense AFTER DELETE ON outbox FOR EACH ROW
    WHEN (current_setting('stillboard.shows_dense', true) IS DISTINCT FROM 'yes' AND OLD.added_at < now())
    EXECUTE FUNCTION settled_without_dense();
CREATE TRIGGER shown_without_dense AFTER INSERT OR UPDATE ON threads_shown FOR EACH ROW
    WHEN (current_setting('stillboard.shows_dense', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION settled_without_dense();

-- All that a poster has said and staff have not taken away; a reply that is held too.
CREATE FUNCTION said_by_poster(p_address_hash bytea)
RETURNS TABLE (no bigint, thread_no bigint, created_at timestamptz, body text) LANGUAGE sql STABLE AS $$
    SELECT p.no, p.thread_no, p.created_at, p.body FROM posts p WHERE p.address_hash = p_address_hash
    UNION ALL
    SELECT l.no, l.thread_no, (l.what->'post'->>'created_at')::timestamptz, l.what->'post'->>'body'
    FROM laid_aside l JOIN removals r ON r.id = l.removal
    WHERE l.kind = 'post' AND l.what->'post'->>'address_hash' = p_address_hash::text AND r.held_because IS NOT NULL
$$;

-- Adds one post, or says why not: outcome is 'added', 'repeated' (it had been sent before: the
-- numbers are those of the first time), 'banned' (ban_id), 'no_board', 'no_thread', 'thread_locked',
-- 'thread_full', 'thread_files_full', 'page_full', 'too_fast' or 'board_full' (retry_after_s), or 'spent …' (an allowance of
-- that name; retry_after_s).
--
-- One function, since everything in it happens under the board's lock: each round trip to the
-- client in between would be paid by all who wait for the same board.
--
-- PERF: planned once a connection, whatever the numbers: a plan made for them alone costs more
-- than it saves (0.05 of 0.26 ms; tests/store/bench_add_post.py).
CREATE FUNCTION add_post_v2(
    p_new_post new_post_v2,
    OUT outcome text,
    OUT no bigint,
    OUT thread_no bigint,
    OUT change_no bigint,
    OUT created_s bigint,
    OUT poster_id text,
    OUT retry_after_s integer,
    OUT media jsonb,  -- [{tim, extension, thumb_extension}, …] of its files, in order; NULL: none
    OUT quotes jsonb,  -- [{board, no, thread}, …] of the quoted posts that are there; NULL: none
    OUT ban_id bigint
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_post posts := p_new_post.post;
    v_terms post_terms := p_new_post.terms;
    b record;
    t record;
    v_now timestamptz;
    v_file_count integer := coalesce(jsonb_array_length(v_terms.files), 0);
    v_weight integer := page_weight(v_post, ARRAY(
        SELECT concat(file->>'original_name', file->>'original_name', file->>'alt')
        FROM jsonb_array_elements(v_terms.files) AS file));
    v_tim bigint;
    v_media text[] := '{}';
    v_old_id text;
    v_bumps boolean;
    v_pages integer[];
    v_is_alike boolean;
    v_quoted_nos bigint[];
    v_quoted_threads bigint[] := '{}';
    -- A delivery is called by its nonce if it has one: that is kept for longer.
    v_key text := coalesce(v_terms.nonce, v_terms.delivery);
    v_receipt_owner bytea := receipt_owner(v_post.address_hash, v_terms.nonce);
    -- A clock that was set back by an hour leaves posts an hour ahead. They are no reason to wait: each
    -- wait is as long as its rule says at most, and this much, of clocks and snapshots of one moment.
    c_skew_max CONSTANT interval := '1 second';
BEGIN
    IF v_terms.address IS NOT NULL THEN
        SELECT f.id INTO ban_id FROM find_ban(v_post.board, v_post.address_hash, v_terms.address) AS f;
        IF FOUND THEN outcome := 'banned'; RETURN; END IF;
    END IF;

    -- PERF: those who post to one board queue here. Queueing for its row, all of them are woken by
    -- each that commits, to follow the row to its next version and wait again (24 context switches
    -- a post with 12 at once; this way 6). The row itself is what removals and marks wait for.
    PERFORM pg_advisory_xact_lock(7264003, hashtext(v_post.board));
    SELECT last_no, change_no, last_tim,
        board_setting(settings, 'threads_per_page')::integer AS threads_per_page,
        board_setting(settings, 'bump_limit')::integer AS bump_limit,
        board_setting(settings, 'reply_limit')::integer AS reply_limit,
        board_setting(settings, 'image_limit')::integer AS image_limit,
        board_setting(settings, 'bump_days_max')::integer AS bump_days_max,
        board_setting(settings, 'poster_ids')::boolean AS has_poster_ids
    INTO b FROM boards WHERE name = v_post.board AND removed_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN outcome := 'no_board'; RETURN; END IF;
    v_now := coalesce(v_post.created_at, clock_timestamp());

    IF v_key IS NOT NULL THEN
        SELECT r.no, r.thread_no, r.change_no INTO no, thread_no, change_no
        FROM receipts r WHERE r.address_hash IN (v_post.address_hash, v_receipt_owner) AND r.nonce = v_key;
        IF FOUND THEN outcome := 'repeated'; RETURN; END IF;
    END IF;

    IF v_terms.wait_s > 0 OR v_terms.same_text_wait_s > 0 THEN
        SELECT ceil(extract(epoch FROM greatest(
            make_interval(secs => v_terms.wait_s) + max(p.created_at) FILTER (
                WHERE v_terms.wait_s > 0 AND (v_terms.thread IS NOT NULL OR p.no = p.thread_no)),
            make_interval(secs => v_terms.same_text_wait_s) + max(p.created_at) FILTER (
                WHERE v_terms.same_text_wait_s > 0 AND v_post.body <> '' AND p.body = v_post.body)) - v_now)),
            bool_or(p.body = v_post.body)
        INTO retry_after_s, v_is_alike FROM said_by_poster(v_post.address_hash) AS p
        WHERE p.created_at > v_now - make_interval(secs => greatest(v_terms.wait_s, v_terms.same_text_wait_s))
            AND p.created_at <= v_now + c_skew_max;
        -- A form without a nonce (the browser runs no script) may be sent by a second press of the
        -- button. Whoever sends a nonce says so by itself.
        IF v_is_alike AND v_terms.nonce IS NULL THEN
            SELECT p.no, p.thread_no, p.changed_no INTO no, thread_no, change_no
            FROM posts p
            WHERE p.address_hash = v_post.address_hash
                AND p.created_at > v_now - make_interval(secs => greatest(v_terms.wait_s, v_terms.same_text_wait_s))
                AND p.board = v_post.board AND p.body = v_post.body
                AND CASE WHEN p.no = p.thread_no THEN v_terms.thread IS NULL
                    ELSE p.thread_no = v_terms.thread END
                AND (p.name, p.tripcode, p.capcode, p.subject) IS NOT DISTINCT FROM
                    (v_post.name, v_post.tripcode, v_post.capcode, v_post.subject)
                AND ARRAY(SELECT coalesce(f.sent_sha256, f.sha256) FROM files f
                    WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position)
                    = ARRAY(SELECT coalesce(f->>'sent_sha256', f->>'sha256')::bytea
                    FROM jsonb_array_elements(v_terms.files) WITH ORDINALITY AS sent (f, place)
                    ORDER BY place)
            ORDER BY p.no DESC LIMIT 1;
            IF FOUND THEN outcome := 'repeated'; retry_after_s := NULL; RETURN; END IF;
        END IF;
        IF retry_after_s > 0 THEN outcome := 'too_fast'; RETURN; END IF;
    END IF;

    IF v_terms.thread IS NOT NULL THEN
        SELECT is_sticky, sticky_rank, is_locked, is_cyclical, reply_count, image_count, bump_no, page_weight,
            has_old_ids,
            NOT is_bump_locked AND (is_cyclical OR is_below_bump_limit(reply_count, b.bump_limit)) AS may_bump
        INTO t FROM threads
        WHERE threads.board = v_post.board AND threads.no = v_terms.thread;
        IF NOT FOUND THEN
            outcome := CASE WHEN EXISTS (SELECT FROM shown_threads s
                WHERE s.board = v_post.board AND s.no = v_terms.thread)
                THEN 'thread_locked' ELSE 'no_thread' END;
            RETURN;
        END IF;
        IF t.is_locked AND NOT v_terms.ignores_lock THEN outcome := 'thread_locked'; RETURN; END IF;
        IF b.reply_limit > 0 AND t.reply_count >= b.reply_limit AND NOT t.is_cyclical
            AND v_terms.ignores_limits IS NOT TRUE
        THEN
            outcome := 'thread_full'; RETURN;
        END IF;
        IF b.image_limit > 0 AND v_file_count > 0 AND t.image_count + v_file_count > b.image_limit
            AND NOT t.is_cyclical AND v_terms.ignores_limits IS NOT TRUE
        THEN
            outcome := 'thread_files_full'; RETURN;
        END IF;
        IF coalesce(t.page_weight + v_weight > v_terms.page_weight_max, v_terms.page_weight_max IS NOT NULL)
            AND NOT has_room_on_page(v_post.board, v_terms.thread, v_weight, v_terms.page_weight_max)
        THEN
            outcome := 'page_full'; RETURN;
        END IF;
    ELSIF v_terms.waits_for_room THEN
        retry_after_s := wait_for_room_s(v_post.board, v_now);
        IF retry_after_s > 0 THEN outcome := 'board_full'; RETURN; END IF;
    END IF;

    IF v_terms.allowances IS NOT NULL THEN
        -- Last, so that what is refused for another reason takes nothing.
        SELECT 'spent ' || spent, wait_s INTO outcome, retry_after_s
        FROM take_allowances(v_terms.allowances, v_now);
        IF outcome IS NOT NULL THEN RETURN; END IF;
    END IF;

    -- Nothing can be refused from here on.
    no := b.last_no + 1;
    change_no := b.change_no + 1;
    thread_no := coalesce(v_terms.thread, no);
    created_s := floor(extract(epoch FROM v_now));
    outcome := 'added';

    IF v_terms.thread IS NULL THEN
        v_bumps := true;
        INSERT INTO threads (board, no, bump_no, bumped_at, modified_at, changed_no, page_weight, page_weight_no)
        VALUES (v_post.board, no, change_no, v_now, v_now, change_no, v_weight, change_no);
        -- The whole order moves down by one.
        SELECT ARRAY[1, (greatest(count(*), 1) - 1) / b.threads_per_page + 1] INTO v_pages
        FROM threads WHERE threads.board = v_post.board;
    ELSE
        IF t.has_old_ids THEN v_old_id := v_post.poster_id; END IF;
        v_bumps := t.may_bump AND NOT v_terms.is_sage;
        IF v_bumps AND b.bump_days_max > 0 THEN
            v_bumps := v_now < make_interval(days => b.bump_days_max) + (
                SELECT p.created_at FROM posts p WHERE p.board = v_post.board AND p.no = v_terms.thread);
        END IF;
        -- From where it comes to stand, below the sticky ones unless it is one, to where it stands.
        SELECT ARRAY[
            CASE WHEN v_bumps THEN count(*) FILTER (
                WHERE (is_sticky, sticky_rank) > (t.is_sticky, t.sticky_rank)) ELSE count(*) END
                / b.threads_per_page + 1,
            count(*) / b.threads_per_page + 1]
        INTO v_pages FROM threads
        WHERE threads.board = v_post.board AND (is_sticky, sticky_rank, bump_no, threads.no)
            > (t.is_sticky, t.sticky_rank, t.bump_no, v_terms.thread);
        UPDATE threads SET
            reply_count = reply_count + 1,
            image_count = image_count + v_file_count,
            modified_at = v_now,
            changed_no = add_post_v2.change_no,
            page_weight = page_weight + v_weight,
            bump_no = CASE WHEN v_bumps THEN add_post_v2.change_no ELSE bump_no END,
            bumped_at = CASE WHEN v_bumps THEN v_now ELSE bumped_at END
        WHERE threads.board = v_post.board AND threads.no = v_terms.thread;
    END IF;

    IF b.has_poster_ids THEN
        poster_id := coalesce(v_old_id, poster_id(v_post.address_hash, v_post.board, thread_no));
    END IF;
    v_post.no := no;
    v_post.thread_no := thread_no;
    v_post.created_at := v_now;
    v_post.poster_id := poster_id;
    v_post.changed_no := change_no;
    v_post.bump_no := CASE WHEN v_bumps THEN change_no ELSE 0 END;
    INSERT INTO posts VALUES (v_post.*);

    v_tim := b.last_tim;
    IF v_file_count > 0 THEN
        v_tim := greatest(floor(extract(epoch FROM v_now) * 1000)::bigint, b.last_tim + 1);
        WITH stored AS (
            INSERT INTO files
            SELECT file.* FROM jsonb_array_elements(v_terms.files) WITH ORDINALITY AS f (fields, place),
                jsonb_populate_record(NULL::files, f.fields || jsonb_build_object(
                    'board', v_post.board, 'post_no', v_post.no, 'position', f.place - 1,
                    'tim', (v_tim + f.place - 1)::text,
                    'pending_since', CASE WHEN (f.fields->>'is_pending')::boolean THEN v_now END)) AS file
            RETURNING files AS file
        )
        SELECT jsonb_agg(jsonb_build_object('tim', (file).tim, 'extension', (file).extension,
                'thumb_extension', (file).thumb_extension) ORDER BY (file).position),
            ARRAY(SELECT name FROM stored, media_names(file) AS name
                WHERE (file).pending_since IS NULL ORDER BY (file).position, name)
        INTO media, v_media FROM stored;
        v_tim := v_tim + v_file_count - 1;
    END IF;

    IF v_terms.quotes <> '[]' THEN
        -- The share lock makes a deletion of a quoted post wait, and see this quote.
        WITH target AS (
            SELECT p.board, p.no, p.thread_no, (
                SELECT t.no FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no
            ) IS NOT NULL AS is_shown
            FROM jsonb_array_elements(v_terms.quotes) AS q, LATERAL (
                -- By its key, each: a join would be planned for the posts of this moment, and read
                -- them all when the board has grown.
                SELECT board, no, thread_no FROM posts
                WHERE board = q->>0 AND no = (q->>1)::bigint
                    AND NOT (board = v_post.board AND no = add_post_v2.no)
                FOR KEY SHARE
            ) AS p
            -- So that a removal has a bound: a quote beyond it is plain text.
            WHERE (SELECT true FROM quotes linked WHERE linked.to_board = p.board AND linked.to_no = p.no
                OFFSET 4999 LIMIT 1) IS NULL
        ), quoted AS (
            INSERT INTO quotes (board, no, to_board, to_no)
            SELECT v_post.board, add_post_v2.no, target.board, target.no FROM target
        )
        SELECT jsonb_agg(jsonb_build_object('board', board, 'no', no, 'thread', thread_no)
                ORDER BY board, no) FILTER (WHERE is_shown),
            array_agg(no) FILTER (WHERE is_shown AND board = v_post.board),
            coalesce(array_agg(DISTINCT thread_no) FILTER (
                WHERE is_shown AND board = v_post.board AND thread_no <> add_post_v2.thread_no), '{}')
        INTO quotes, v_quoted_nos, v_quoted_threads FROM target;
        -- Backlinks change the quoted posts of this board, and their threads.
        IF v_quoted_nos IS NOT NULL THEN
            UPDATE posts SET changed_no = add_post_v2.change_no
            WHERE posts.board = v_post.board AND posts.no = ANY (v_quoted_nos);
        END IF;
        IF v_quoted_threads <> '{}' THEN
            UPDATE all_threads SET changed_no = add_post_v2.change_no
            WHERE all_threads.board = v_post.board AND all_threads.no = ANY (v_quoted_threads);
            -- A thread is on the pages where it stands now, and where the quoted ones do.
            SELECT ARRAY[least(v_pages[1], quoted[1]), greatest(v_pages[2], quoted[2])] INTO v_pages
            FROM pages_of_threads(v_post.board, v_quoted_threads, b.threads_per_page) AS quoted;
        END IF;
    END IF;

    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (v_post.board, change_no, 'PostAdded', jsonb_build_object(
        'thread', thread_no, 'no', no, 'pages', v_pages,
        'quoted_threads', v_quoted_threads, 'media', v_media));
    IF v_key IS NOT NULL THEN
        INSERT INTO receipts (address_hash, nonce, board, thread_no, no, change_no, expires_at)
        VALUES (v_receipt_owner, v_key, v_post.board, thread_no, no, change_no,
            now() + CASE WHEN v_terms.nonce IS NULL THEN interval '10 minutes' ELSE interval '1 day' END);
    END IF;
    UPDATE boards SET last_no = add_post_v2.no, change_no = add_post_v2.change_no, last_tim = v_tim
    WHERE name = v_post.board;
END $$;

-- Holds a board, and every board with a post that quotes one of these, in the order of their
-- names: two removals never wait for each other. (A removal inside add_post holds its own board
-- already, and a quote may come in between: those rare ones PostgreSQL ends, and they are run again.)
CREATE FUNCTION hold_boards(p_board text, p_nos bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM boards
    WHERE name = p_board
        OR name IN (SELECT q.board FROM quotes q WHERE q.to_board = p_board AND q.to_no = ANY (p_nos))
    ORDER BY name FOR NO KEY UPDATE;
END $$;

-- The thread of `p_nos`, which are of one thread, if its OP is among them; else NULL.
CREATE FUNCTION whole_thread(p_board text, p_nos bigint[]) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT thread_no FROM posts WHERE board = p_board AND no = p_nos[1] AND thread_no = ANY (p_nos)
$$;

-- Posts of one board that quote any of `p_nos`, all of one thread, come to look different at
-- `p_change_no`, and so do their threads; returns those that readers see. Call it before the quoted posts are
-- deleted. When a whole thread goes or comes, its own posts are left alone.
CREATE FUNCTION touch_quoting_posts(p_board text, p_nos bigint[], p_change_no bigint)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_whole bigint := whole_thread(p_board, p_nos);
    v_threads bigint[];
BEGIN
    WITH touched AS (
        UPDATE posts SET changed_no = p_change_no
        FROM quotes q
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = p_board
            AND posts.board = q.board AND posts.no = q.no
            AND posts.thread_no IS DISTINCT FROM v_whole
        RETURNING posts.thread_no
    )
    SELECT coalesce(array_agg(DISTINCT thread_no), '{}') INTO v_threads FROM touched
    JOIN shown_threads t ON t.board = p_board AND t.no = touched.thread_no;
    UPDATE all_threads SET changed_no = p_change_no WHERE board = p_board AND no = ANY (v_threads);
    RETURN v_threads;
END $$;

-- The same of posts that are quoted by any of `p_nos`: their backlinks change. Call it before the quoting
-- posts are deleted.
CREATE FUNCTION touch_quoted_posts(p_board text, p_nos bigint[], p_change_no bigint)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_whole bigint := whole_thread(p_board, p_nos);
    v_threads bigint[];
BEGIN
    WITH touched AS (
        UPDATE posts SET changed_no = p_change_no
        FROM quotes q
        WHERE q.board = p_board AND q.no = ANY (p_nos) AND q.to_board = p_board
            AND posts.board = q.to_board AND posts.no = q.to_no
            AND posts.thread_no IS DISTINCT FROM v_whole
        RETURNING posts.thread_no
    )
    SELECT coalesce(array_agg(DISTINCT thread_no), '{}') INTO v_threads FROM touched
    JOIN shown_threads t ON t.board = p_board AND t.no = touched.thread_no;
    UPDATE all_threads SET changed_no = p_change_no WHERE board = p_board AND no = ANY (v_threads);
    RETURN v_threads;
END $$;

-- A thread goes from its board or comes back to it: links to it and from it change on all boards.
-- Returns the numbers of its posts, NULL: it is not there; and of other threads here that look different.
-- The caller holds the boards.
CREATE FUNCTION touch_around_thread(
    p_board text, p_thread bigint, p_change_no bigint, OUT nos bigint[], OUT linked_threads bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
    -- Locked first: whoever adds a quote of them waits, and is then seen here or finds them gone.
    WITH held AS (
        SELECT no FROM posts WHERE board = p_board AND thread_no = p_thread FOR UPDATE
    )
    SELECT array_agg(no) INTO nos FROM held;
    IF nos IS NULL THEN RETURN; END IF;
    PERFORM tell_other_boards(p_board, nos);
    linked_threads := ARRAY(
        SELECT DISTINCT no FROM unnest(
            touch_quoting_posts(p_board, nos, p_change_no) || touch_quoted_posts(p_board, nos, p_change_no)
        ) AS no WHERE no <> p_thread ORDER BY no);
END $$;

-- Names of all media of these posts, as facts hold them.
CREATE FUNCTION media_names_of_posts(p_board text, p_nos bigint[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(name), '{}')
    FROM files, media_names(files) AS name WHERE board = p_board AND post_no = ANY (p_nos)
$$;

-- The page on which an archived thread stands comes to look different at that change.
CREATE FUNCTION touch_archive(p_board text, p_thread bigint, p_change_no bigint) RETURNS void
LANGUAGE sql AS $$
    UPDATE archive_pages a SET changed_no = p_change_no FROM all_threads t
    WHERE t.board = p_board AND t.no = p_thread AND t.archived_at IS NOT NULL
        AND a.board = t.board AND a.name = t.archive_page
$$;

-- A thread is no longer in the archive, if it was there. The caller holds the board.
CREATE FUNCTION leave_archive(p_board text, p_thread bigint, p_change_no bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE archive_pages a SET threads = a.threads - 1, changed_no = p_change_no FROM all_threads t
    WHERE t.board = p_board AND t.no = p_thread AND t.archived_at IS NOT NULL
        AND a.board = t.board AND a.name = t.archive_page;
    UPDATE all_threads SET archived_at = NULL, archive_page = NULL
    WHERE board = p_board AND no = p_thread AND archived_at IS NOT NULL;
END $$;

-- A thread is about to go from its board, removed or set aside: gives the change its number and writes the
-- fact. False when it is not there. The caller holds the boards.
CREATE FUNCTION thread_goes(p_board text, p_thread bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_per_page integer;
    v_pages integer[];
    v_around record;
    v_threads integer;
BEGIN
    v_around := touch_around_thread(p_board, p_thread, v_change_no);
    IF v_around.nos IS NULL THEN RETURN false; END IF;
    PERFORM leave_archive(p_board, p_thread, v_change_no);
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    v_pages := pages_of_threads(p_board, p_thread || v_around.linked_threads, v_per_page);
    -- The whole order below it moves up by one; when the last page goes, all pages lose its link.
    SELECT count(*) INTO v_threads FROM threads WHERE board = p_board;
    v_pages[2] := greatest(v_pages[2], (v_threads - 1) / v_per_page + 1);
    IF v_threads % v_per_page = 1 OR v_per_page = 1 THEN v_pages[1] := 1; END IF;
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadRemoved', jsonb_build_object(
        'thread', p_thread, 'pages', v_pages, 'media', media_names_of_posts(p_board, v_around.nos),
        'quoting_threads', v_around.linked_threads));
    RETURN true;
END $$;

-- Removes a whole thread; false when it is not there. Posts, files, quotes and reports go with it: those of
-- a long one after a while, in batches (forget_aside), since its board is held meanwhile. PERF: 20,000
-- posts take 2.4 s, and so 0.3.
CREATE FUNCTION remove_thread(p_board text, p_thread bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT thread_goes(p_board, p_thread) THEN RETURN false; END IF;
    UPDATE all_threads SET aside_since = '-infinity'
    WHERE board = p_board AND no = p_thread AND reply_count > 1000;
    IF NOT FOUND THEN DELETE FROM all_threads WHERE board = p_board AND no = p_thread; END IF;
    RETURN true;
END $$;

-- The thread that has to go from a board next, since it no longer has room on it; NULL: none has to. One
-- that was bumped a while ago (`p_waits`: as the board has it) stays.
CREATE FUNCTION thread_without_room(p_board text, p_waits boolean) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT no FROM (
        SELECT no, bump_no, bumped_at FROM threads WHERE board = p_board AND NOT is_sticky
        ORDER BY bump_no DESC, no DESC OFFSET room_on_board(p_board)
    ) AS without
    WHERE NOT p_waits OR bumped_at <= clock_timestamp() - stays_after_bump(p_board)
    ORDER BY bump_no, no LIMIT 1
$$;

-- The thread that is to go next before it has to, NULL: none: far down, and hardly anybody replied.
CREATE FUNCTION dead_thread(p_board text, p_waits boolean) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT no FROM (
        SELECT no, bump_no, bumped_at, reply_count FROM threads WHERE board = p_board AND NOT is_sticky
        ORDER BY bump_no DESC, no DESC
        OFFSET (
            SELECT nullif(board_setting(settings, 'dead_after_pages')::bigint, 0)
                * board_setting(settings, 'threads_per_page')::integer
            FROM boards WHERE name = p_board)
    ) AS low
    WHERE reply_count < (SELECT board_setting(settings, 'dead_replies_max')::integer
        FROM boards WHERE name = p_board AND board_setting(settings, 'dead_after_pages')::integer > 0)
        AND (NOT p_waits OR bumped_at <= clock_timestamp() - stays_after_bump(p_board))
    ORDER BY bump_no, no LIMIT 1
$$;

-- A thread goes from its board into the archive: readers find it where it was, with all its links and files.
-- The caller holds the board.
CREATE FUNCTION archive_thread(p_board text, p_thread bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c_threads_max CONSTANT integer := 500;  -- of one page of the archive
    v_change_no bigint := next_change(p_board);
    v_now timestamptz := clock_timestamp();
    v_month text := to_char(v_now AT TIME ZONE 'UTC', 'YYYY-MM');
    v_per_page integer;
    v_pages integer[];
    v_threads integer;
    v_number integer;
    v_on_page integer;
    v_page text;
BEGIN
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    v_pages := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    -- The whole order below it moves up by one; when the last page goes, all pages lose its link.
    SELECT count(*) INTO v_threads FROM threads WHERE board = p_board;
    v_pages[2] := greatest(v_pages[2], (v_threads - 1) / v_per_page + 1);
    IF v_threads % v_per_page = 1 OR v_per_page = 1 THEN v_pages[1] := 1; END IF;
    SELECT number, threads INTO v_number, v_on_page FROM archive_pages
    WHERE board = p_board AND month = v_month ORDER BY number DESC LIMIT 1;
    v_number := coalesce(v_number, 1);
    IF v_on_page >= c_threads_max THEN v_number := v_number + 1; END IF;
    v_page := v_month || CASE WHEN v_number > 1 THEN '-' || v_number ELSE '' END;
    INSERT INTO archive_pages AS a (board, name, month, number, threads, changed_no)
    VALUES (p_board, v_page, v_month, v_number, 1, v_change_no)
    ON CONFLICT (board, month, number) DO UPDATE SET
        threads = a.threads + 1, changed_no = excluded.changed_no;
    UPDATE all_threads SET
        aside_since = v_now, archived_at = v_now, archive_page = v_page,
        modified_at = v_now, changed_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadChanged', jsonb_build_object('thread', p_thread, 'pages', v_pages));
END $$;

-- Takes from a board the thread that has to go next; its number, NULL: none has to. Dead ones go first, and
-- are set aside: pages show them no longer, and nothing of them is lost. Others go into the archive, if the
-- board has one. One a transaction, so that posts wait for no more than that.
CREATE FUNCTION prune_v2(p_board text, p_waits boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_has_archive boolean;
    v_dead bigint := dead_thread(p_board, p_waits);
    v_thread bigint := coalesce(v_dead, thread_without_room(p_board, p_waits));
BEGIN
    IF v_thread IS NULL THEN RETURN NULL; END IF;
    SELECT board_setting(settings, 'archive_days')::integer > 0 AND v_dead IS NULL INTO v_has_archive
    FROM boards WHERE name = p_board;
    -- An archived thread keeps its links: no other board changes.
    PERFORM hold_boards(p_board, CASE WHEN v_has_archive THEN '{}' ELSE ARRAY(
        SELECT no FROM posts WHERE board = p_board AND thread_no = v_thread) END);
    -- Again, now that nobody else can change it.
    IF v_thread IS DISTINCT FROM coalesce(dead_thread(p_board, p_waits), thread_without_room(p_board, p_waits))
    THEN RETURN NULL; END IF;
    IF v_has_archive THEN
        PERFORM archive_thread(p_board, v_thread);
    ELSE
        PERFORM thread_goes(p_board, v_thread);
        UPDATE all_threads SET aside_since = clock_timestamp() WHERE board = p_board AND no = v_thread;
    END IF;
    RETURN v_thread;
END $$;

-- Removes the oldest reply of a cyclical thread that has more of them than its board keeps; its number,
-- NULL: none has. One a transaction, as prune_v2().
CREATE FUNCTION cycle(p_board text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_no bigint;
BEGIN
    SELECT p.no INTO v_no FROM boards b
    JOIN threads t ON t.board = b.name AND t.is_cyclical
        AND t.reply_count > board_setting(b.settings, 'cyclical_replies')::integer
    CROSS JOIN LATERAL (
        SELECT no FROM posts WHERE board = t.board AND thread_no = t.no AND no <> t.no ORDER BY no LIMIT 1
    ) AS p
    WHERE b.name = p_board ORDER BY p.no LIMIT 1;
    IF v_no IS NOT NULL THEN PERFORM remove_post(p_board, v_no); END IF;
    RETURN v_no;
END $$;

-- Removes a thread whose time in the archive of its board is over; false: none is due.
CREATE FUNCTION expire_archived() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_due record;
BEGIN
    SELECT t.board, t.no INTO v_due FROM boards b, LATERAL (
        SELECT board, no, archived_at FROM all_threads
        WHERE board = b.name AND archived_at IS NOT NULL ORDER BY archived_at, no LIMIT 1
    ) AS t
    WHERE t.archived_at <= now() - make_interval(days => board_setting(b.settings, 'archive_days')::integer)
    LIMIT 1;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM hold_boards(v_due.board, ARRAY(
        SELECT no FROM posts WHERE board = v_due.board AND thread_no = v_due.no));
    -- Somebody may just have brought it back, or removed it.
    PERFORM 1 FROM all_threads
    WHERE board = v_due.board AND no = v_due.no AND archived_at IS NOT NULL FOR UPDATE;
    IF FOUND THEN PERFORM remove_thread(v_due.board, v_due.no); END IF;
    RETURN true;
END $$;

-- Puts a thread that was kept aside or archived at the head of its board, with all that it had; false when
-- it is neither (any more).
CREATE FUNCTION bring_back(p_board text, p_thread bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
    v_now timestamptz;
    v_around record;
BEGIN
    PERFORM hold_boards(p_board, ARRAY(SELECT no FROM posts WHERE board = p_board AND thread_no = p_thread));
    PERFORM 1 FROM all_threads
    WHERE board = p_board AND no = p_thread AND aside_since > '-infinity' FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    v_change_no := next_change(p_board);
    v_now := clock_timestamp();
    PERFORM leave_archive(p_board, p_thread, v_change_no);
    -- As if posts had been removed from it: what a renderer kept of it is out of date.
    UPDATE all_threads SET
        aside_since = NULL, bump_no = v_change_no, bumped_at = v_now,
        brought_back_no = v_change_no, brought_back_at = v_now,
        modified_at = v_now, changed_no = v_change_no, removal_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    v_around := touch_around_thread(p_board, p_thread, v_change_no);
    -- The whole order moves down by one.
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_change_no, 'PostAdded', jsonb_build_object(
        'thread', p_thread, 'no', p_thread, 'quoted_threads', v_around.linked_threads,
        'media', media_names_of_posts(p_board, v_around.nos), 'pages', ARRAY[1, (
            SELECT (count(*) - 1) / board_setting(b.settings, 'threads_per_page')::integer + 1
            FROM threads WHERE board = p_board)])
    FROM boards b WHERE b.name = p_board;
    RETURN true;
END $$;

-- Drops at most `p_posts_max` posts of a thread that was kept aside for long enough, or is one too many of
-- those that its board keeps; how many, 0: none is due. No page shows them, so none changes.
CREATE FUNCTION forget_aside(p_posts_max integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_due record;
    v_posts integer;
BEGIN
    SELECT t.board, t.no INTO v_due
    FROM boards b, LATERAL (
        SELECT a.board, a.no FROM (
            SELECT aside.board, aside.no, aside.aside_since,
                row_number() OVER (ORDER BY aside.aside_since DESC, aside.no DESC) AS place
            FROM all_threads aside
            WHERE aside.board = b.name AND aside.aside_since IS NOT NULL AND aside.archived_at IS NULL
                -- A removal that can be undone holds it.
                AND NOT EXISTS (SELECT FROM laid_aside l
                    WHERE l.board = aside.board AND l.no = aside.no AND l.kind = 'thread')
                -- It is still coming from another engine.
                AND NOT EXISTS (SELECT FROM imported_threads i
                    WHERE i.board = aside.board AND i.no = aside.no AND NOT i.is_shown)
        ) AS a
        WHERE a.place > board_setting(b.settings, 'aside_threads_max')::integer
            OR a.aside_since
                < now() - make_interval(days => board_setting(b.settings, 'aside_days')::integer)
        ORDER BY a.place DESC LIMIT 1
    ) AS t
    LIMIT 1;
    IF NOT FOUND THEN RETURN 0; END IF;
    -- From now on it can't be brought back, unless somebody just does that.
    UPDATE all_threads SET aside_since = '-infinity'
    WHERE board = v_due.board AND no = v_due.no AND aside_since IS NOT NULL AND archived_at IS NULL;
    IF NOT FOUND THEN RETURN 0; END IF;
    -- The OP last: without it the thread would be none.
    DELETE FROM posts WHERE board = v_due.board AND no IN (
        SELECT no FROM posts WHERE board = v_due.board AND thread_no = v_due.no
        ORDER BY no DESC LIMIT p_posts_max);
    GET DIAGNOSTICS v_posts = ROW_COUNT;
    DELETE FROM all_threads t WHERE t.board = v_due.board AND t.no = v_due.no
        AND NOT EXISTS (SELECT FROM posts p WHERE p.board = t.board AND p.thread_no = t.no);
    RETURN greatest(1, v_posts);
END $$;

-- Drops at most `p_posts_max` posts of a board that is going, the newest first, and what then is left of threads;
-- how many, 0: there are none, and the names of their files in the upload store. Links to them go as those to any
-- removed post do; its own pages are gone, so of those none changes.
CREATE FUNCTION forget_posts_of_board(p_board text, p_posts_max integer, OUT dropped integer, OUT uploads text[])
LANGUAGE plpgsql AS $$
DECLARE
    v_nos bigint[];
BEGIN
    -- Of a board that is there nothing is forgotten so, whoever asks.
    v_nos := ARRAY(SELECT no FROM posts p WHERE p.board = p_board
        AND EXISTS (SELECT FROM boards b WHERE b.name = p_board AND b.removed_at IS NOT NULL)
        ORDER BY no DESC LIMIT p_posts_max);
    PERFORM hold_boards(p_board, v_nos);
    -- Locked first: whoever adds a quote of them waits, and is then seen here or finds them gone.
    PERFORM 1 FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) ORDER BY p.no FOR UPDATE;
    PERFORM tell_other_boards(p_board, v_nos);
    uploads := ARRAY(SELECT f.stored_as FROM files f
        WHERE f.board = p_board AND f.post_no = ANY (v_nos) AND f.removed_at IS NULL);
    WITH gone AS (
        DELETE FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) RETURNING p.no, p.thread_no
    )
    SELECT count(*), array_agg(gone.no) FILTER (WHERE gone.no = gone.thread_no) INTO dropped, v_nos FROM gone;
    DELETE FROM all_threads t WHERE t.board = p_board AND t.no = ANY (v_nos)
        AND NOT EXISTS (SELECT FROM posts p WHERE p.board = t.board AND p.thread_no = t.no);
END $$;

-- The bump of a thread as its posts have it: that of the last one that bumps, or else of the OP; or that
-- by which staff brought it back, when that was later.
--
-- Of a post that is older than the column it is reckoned whether it bumped; and at which change: the
-- last at which it changed, if that lies where its moment does among the bumps of all threads.
CREATE FUNCTION last_bump(p_board text, p_thread bigint, OUT bump_no bigint, OUT bumped_at timestamptz)
LANGUAGE sql STABLE AS $$
    WITH post AS (
        SELECT p.no, p.created_at, p.bump_no, p.changed_no, p.email,
            row_number() OVER (ORDER BY p.no) - 2 AS replies_before
        FROM posts p WHERE p.board = p_board AND p.thread_no = p_thread
    ), bump AS (
        SELECT post.created_at, post.bump_no, post.changed_no
        FROM post JOIN boards ON boards.name = p_board
        WHERE CASE WHEN post.bump_no IS NOT NULL THEN post.bump_no > 0 ELSE post.no = p_thread
            OR (coalesce(post.email, '') !~* '(^|\s)sage(\s|$)' AND is_below_bump_limit(
                post.replies_before, board_setting(boards.settings, 'bump_limit')::integer)) END
        ORDER BY post.no DESC LIMIT 1
    ), reckoned AS (
        SELECT coalesce(bump.bump_no, (
                SELECT least(min(t.bump_no) FILTER (WHERE t.bumped_at > bump.created_at) - 1, greatest(
                    max(t.bump_no) FILTER (WHERE t.bumped_at < bump.created_at) + 1, bump.changed_no))
                FROM threads t WHERE t.board = p_board
            )) AS bump_no, bump.created_at AS bumped_at
        FROM bump
        UNION ALL
        SELECT t.brought_back_no, t.brought_back_at FROM all_threads t
        WHERE t.board = p_board AND t.no = p_thread AND t.brought_back_no IS NOT NULL
    )
    SELECT bump_no, bumped_at FROM reckoned ORDER BY bump_no DESC LIMIT 1
$$;

-- Posts of other boards that quote these, all of one thread, gain or lose their link: each thread that
-- shows it gets a change of its board, and one fact, however many quote. Boards are locked in the order of
-- their names.
CREATE FUNCTION tell_other_boards(p_board text, p_nos bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_board text;
    v_per_page integer;
    v_before bigint;
    v_threads bigint[];
    v_nos bigint[];
BEGIN
    FOR v_board IN
        SELECT DISTINCT q.board FROM quotes q
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board <> p_board ORDER BY q.board
    LOOP
        SELECT change_no, board_setting(settings, 'threads_per_page')::integer INTO v_before, v_per_page
        FROM boards WHERE name = v_board FOR NO KEY UPDATE;
        SELECT array_agg(thread_no ORDER BY thread_no), array_agg(no ORDER BY thread_no)
        INTO v_threads, v_nos FROM (
            -- Its OP before all others: lists of openings show that too.
            SELECT p.thread_no, coalesce(min(p.no) FILTER (WHERE p.no = p.thread_no), max(p.no)) AS no FROM quotes q
            JOIN posts p ON p.board = q.board AND p.no = q.no
            JOIN shown_threads t ON t.board = p.board AND t.no = p.thread_no
            WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = v_board
            GROUP BY p.thread_no
        ) AS quoting;
        CONTINUE WHEN v_threads IS NULL;
        UPDATE posts SET changed_no = v_before + told.place
        FROM quotes q, unnest(v_threads) WITH ORDINALITY AS told (thread, place)
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = v_board
            AND posts.board = q.board AND posts.no = q.no AND posts.thread_no = told.thread;
        UPDATE all_threads SET changed_no = v_before + told.place
        FROM unnest(v_threads) WITH ORDINALITY AS told (thread, place)
        WHERE all_threads.board = v_board AND all_threads.no = told.thread;
        INSERT INTO outbox (board, change_no, kind, body)
        SELECT v_board, v_before + told.place, 'PostChanged', jsonb_build_object(
            'thread', told.thread, 'no', told.no,
            'pages', ARRAY[coalesce(standing.page, 1), coalesce(standing.page, 1)])
        FROM unnest(v_threads, v_nos) WITH ORDINALITY AS told (thread, no, place)
        -- One in the archive stands on no page.
        LEFT JOIN (
            SELECT no, (row_number() OVER (
                ORDER BY is_sticky DESC, sticky_rank DESC, bump_no DESC, no DESC) - 1) / v_per_page + 1 AS page
            FROM threads WHERE board = v_board
        ) AS standing ON standing.no = told.thread;
        UPDATE boards SET change_no = change_no + cardinality(v_threads) WHERE name = v_board;
    END LOOP;
END $$;

-- A post of a board looks different: gives the change its number, and writes the fact. `p_files_less`
-- of its files are gone. The caller holds the board.
CREATE FUNCTION post_changed(p_board text, p_no bigint, p_kind text, p_media text[], p_files_less bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_thread bigint;
BEGIN
    UPDATE posts SET changed_no = v_change_no WHERE board = p_board AND no = p_no
    RETURNING thread_no INTO v_thread;
    UPDATE all_threads SET
        image_count = image_count - CASE WHEN v_thread = p_no THEN 0 ELSE p_files_less END,
        modified_at = clock_timestamp(), changed_no = v_change_no
    WHERE board = p_board AND no = v_thread;
    PERFORM touch_archive(p_board, v_thread, v_change_no);
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_change_no, p_kind, jsonb_build_object(
        'thread', v_thread, 'no', p_no, 'media', p_media, 'pages', pages_of_threads(
            p_board, ARRAY[v_thread], board_setting(settings, 'threads_per_page')::integer))
    FROM boards WHERE name = p_board;
END $$;

-- Under a post stands what the last ban for it says that was not lifted, or nothing. A post that is laid aside
-- comes back so. False when that stands there already.
CREATE FUNCTION say_of_bans(p_board text, p_no bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_message text;
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    SELECT message INTO v_message FROM bans
    WHERE post_board = p_board AND post_no = p_no AND message IS NOT NULL AND lifted_at IS NULL
    ORDER BY id DESC LIMIT 1;
    UPDATE laid_aside SET what = jsonb_set(what, '{post,ban_message}', coalesce(to_jsonb(v_message), 'null'))
    WHERE board = p_board AND no = p_no AND kind = 'post';
    UPDATE posts SET ban_message = v_message
    WHERE board = p_board AND no = p_no AND ban_message IS DISTINCT FROM v_message;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM post_changed(p_board, p_no, 'PostChanged', '{}', 0);
    -- Its page is weighed anew.
    UPDATE all_threads t SET page_weight = NULL FROM posts p
    WHERE p.board = p_board AND p.no = p_no AND t.board = p.board AND t.no = p.thread_no;
    RETURN true;
END $$;

-- A post says something else, and quotes other posts ([[board, no], …]): those that it no longer quotes, or
-- newly, look different too. The caller holds the board.
CREATE FUNCTION rewrite_post(
    p_board text, p_no bigint, p_name text, p_subject text, p_body text, p_quotes jsonb, p_versions jsonb,
    p_edited_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_quoted_before bigint[];
    v_quoted_no bigint;
BEGIN
    v_quoted_before := ARRAY(
        SELECT to_no FROM quotes WHERE board = p_board AND no = p_no AND to_board = p_board);
    -- A quote of what has gone elsewhere stays, as long as it is said.
    DELETE FROM quotes WHERE board = p_board AND no = p_no AND NOT p_quotes @> jsonb_build_array(
        jsonb_build_array(coalesce(typed_board, to_board), coalesce(typed_no, to_no)));
    -- As add_post_v2() does.
    INSERT INTO quotes (board, no, to_board, to_no)
    SELECT p_board, p_no, p.board, p.no
    FROM jsonb_array_elements(p_quotes) AS q, LATERAL (
        SELECT board, no FROM posts
        WHERE board = q->>0 AND no = (q->>1)::bigint AND NOT (board = p_board AND no = p_no)
        FOR KEY SHARE
    ) AS p
    WHERE (SELECT true FROM quotes linked WHERE linked.to_board = p.board AND linked.to_no = p.no
        OFFSET 4999 LIMIT 1) IS NULL
    ON CONFLICT DO NOTHING;
    FOR v_quoted_no IN
        SELECT quoted.no FROM (
            SELECT unnest(v_quoted_before) AS no
            UNION ALL
            SELECT to_no FROM quotes WHERE board = p_board AND no = p_no AND to_board = p_board
        ) AS quoted GROUP BY quoted.no HAVING count(*) = 1 ORDER BY quoted.no
    LOOP
        PERFORM post_changed(p_board, v_quoted_no, 'PostChanged', '{}', 0);
    END LOOP;
    UPDATE posts SET name = p_name, subject = p_subject, body = p_body, versions = p_versions,
        edited_at = p_edited_at
    WHERE board = p_board AND no = p_no;
    PERFORM post_changed(p_board, p_no, 'PostChanged', '{}', 0);
    -- Its page is weighed anew.
    UPDATE all_threads t SET page_weight = NULL FROM posts p
    WHERE p.board = p_board AND p.no = p_no AND t.board = p.board AND t.no = p.thread_no;
END $$;

-- Removes the file of a post at `p_position` (NULL: all of them) and keeps the post; false when there is
-- nothing to remove.
CREATE FUNCTION remove_files(p_board text, p_no bigint, p_position integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_media text[];
    v_files bigint;
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    WITH gone AS (
        UPDATE files SET removed_at = clock_timestamp()
        WHERE board = p_board AND post_no = p_no AND removed_at IS NULL
            AND (p_position IS NULL OR position = p_position)
        RETURNING files AS file
    )
    SELECT array_agg(name), count(DISTINCT (file).position) INTO v_media, v_files
    FROM gone, media_names(file) AS name;
    IF v_files = 0 THEN RETURN false; END IF;
    PERFORM post_changed(p_board, p_no, 'PostChanged', v_media, v_files);
    RETURN true;
END $$;

-- A file that waited is fit to be shown: p_made holds what was made of it, by name. False when it
-- waits no longer: removed, with its post or alone, or done by somebody else.
CREATE FUNCTION media_ready(p_board text, p_no bigint, p_position integer, p_made jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_file files;
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    DELETE FROM files WHERE board = p_board AND post_no = p_no AND position = p_position
        AND pending_since IS NOT NULL AND removed_at IS NULL
    RETURNING * INTO v_file;
    IF NOT FOUND THEN RETURN false; END IF;
    -- Its place, and what its poster said of it, stay. What was made is all that there is.
    v_file := jsonb_populate_record(v_file, p_made || jsonb_build_object(
        'board', p_board, 'post_no', p_no, 'position', p_position, 'tim', v_file.tim,
        'original_name', v_file.original_name, 'is_spoiler', v_file.is_spoiler, 'alt', v_file.alt,
        'sent_sha256', v_file.sent_sha256, 'pending_since', NULL, 'pending_tries', NULL));
    INSERT INTO files VALUES (v_file.*);
    PERFORM post_changed(p_board, p_no, 'MediaReady', ARRAY(SELECT media_names(v_file)), 0);
    RETURN true;
END $$;

-- A file that waited can't be shown: it goes, its post stays and says why. False when it waits no
-- longer.
CREATE FUNCTION media_failed(p_board text, p_no bigint, p_position integer, p_reason text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    UPDATE files SET removed_at = clock_timestamp(), removed_because = p_reason
    WHERE board = p_board AND post_no = p_no AND position = p_position
        AND pending_since IS NOT NULL AND removed_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM post_changed(p_board, p_no, 'PostChanged', '{}', 1);
    RETURN true;
END $$;

-- Gives a thread marks, by the names of its columns: {"is_sticky": true, "sticky_rank": 2}. False when it is
-- not there or is so already.
CREATE FUNCTION mark_thread_v2(p_board text, p_thread bigint, p_marks jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
    v_before integer[];
    v_after integer[];
    v_per_page integer;
    v_was all_threads;
    v_is all_threads;
BEGIN
    SELECT board_setting(settings, 'threads_per_page')::integer INTO v_per_page
    FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    SELECT * INTO v_was FROM all_threads WHERE board = p_board AND no = p_thread AND aside_since IS NULL;
    v_is := jsonb_populate_record(v_was, p_marks);
    IF NOT v_is.is_sticky THEN v_is.sticky_rank := 0; END IF;
    IF NOT FOUND OR v_was IS NOT DISTINCT FROM v_is THEN RETURN false; END IF;
    v_before := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    v_change_no := next_change(p_board);
    UPDATE all_threads SET
        is_sticky = v_is.is_sticky, sticky_rank = v_is.sticky_rank, is_locked = v_is.is_locked,
        is_bump_locked = v_is.is_bump_locked, is_cyclical = v_is.is_cyclical,
        modified_at = clock_timestamp(), changed_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    v_after := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadChanged', jsonb_build_object(
        'thread', p_thread,
        'pages', ARRAY[least(v_before[1], v_after[1]), greatest(v_before[2], v_after[2])]));
    RETURN true;
END $$;

-- Search -------------------------------------------------------------------------------------

-- What posts are found by, as imageboard.search_words makes it: a row each, added by the keeper soon after
-- the post, and gone with it.
CREATE TABLE searchable (
    -- The order of posts in time, over all boards. Those that were there before it count down from 0.
    place bigint PRIMARY KEY,
    board text NOT NULL,
    no bigint NOT NULL,
    words tsvector NOT NULL,
    -- Its thread when it was added: if the post stands in another one now, that thread is gone. NULL: the row is
    -- older than this column.
    thread_no bigint,
    UNIQUE (board, no),
    FOREIGN KEY (board, no) REFERENCES posts (board, no) ON DELETE CASCADE
);
-- Posts by their words. PERF: those of about a hundred posts wait in a list until they are sorted in together: a word
-- that many of them have is written once, and not once for each. Every search reads that list, so it is short (KB).
CREATE INDEX searchable_by_words ON searchable USING gin (words)
    WITH (fastupdate = on, gin_pending_list_limit = 128);

-- Up to which number posts of a board can be found; those that were there before search was: see below.
CREATE TABLE search_progress (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    no bigint NOT NULL
);

-- Before which moment posts are still to be gone through, backwards. NULL: all have been.
CREATE TABLE search_backlog (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    before timestamptz DEFAULT 'infinity'
);
INSERT INTO search_backlog DEFAULT VALUES;

-- Posts that are found by what they no longer say.
CREATE TABLE search_due (
    board text NOT NULL,
    no bigint NOT NULL,
    PRIMARY KEY (board, no),
    FOREIGN KEY (board, no) REFERENCES posts (board, no) ON DELETE CASCADE
);
-- A post says something else.
CREATE FUNCTION search_post_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_due (board, no) VALUES (NEW.board, NEW.no) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER is_searched_anew AFTER UPDATE OF subject, name, tripcode, body ON posts
    FOR EACH ROW EXECUTE FUNCTION search_post_anew();
-- A post has other files, or fewer.
CREATE FUNCTION search_file_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Where the post itself goes there is nothing left to find.
    INSERT INTO search_due (board, no) SELECT board, no FROM posts WHERE board = OLD.board AND no = OLD.post_no
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER is_searched_anew AFTER UPDATE OF removed_at ON files
    FOR EACH ROW EXECUTE FUNCTION search_file_anew();
-- One that waited becomes another file.
CREATE TRIGGER becomes_another AFTER DELETE ON files
    FOR EACH ROW WHEN (OLD.pending_since IS NOT NULL) EXECUTE FUNCTION search_file_anew();

-- What the files of a post are found by, as imageboard.search_words.FileWords; NULL: it has none.
CREATE FUNCTION file_words(p_post posts) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_agg(json_build_object(
        'name', f.original_name || f.extension,
        'hashes', ARRAY(SELECT encode(hash, 'hex') FROM unnest(ARRAY[f.md5, f.sha256, f.sent_sha256]) AS hash
            WHERE hash IS NOT NULL)) ORDER BY f.position)
    FROM files f WHERE f.board = p_post.board AND f.post_no = p_post.no AND f.removed_at IS NULL
$$;

-- At most `p_limit` posts that have these words, in no order, without the words. By the index alone, whatever the
-- planner takes the words to be: it knows nothing of places.
CREATE FUNCTION posts_of_words(p_words tsquery, p_until bigint, p_limit integer) RETURNS searchable[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT (found.place, found.board, found.no, NULL, found.thread_no)::searchable
        FROM (SELECT * FROM searchable WHERE words @@ p_words OFFSET 0) AS found
        WHERE found.place <= p_until LIMIT p_limit);
END $$;
-- The same of the blocks that have `p_blocks`.
-- PERF: by two conditions, the blocks first, the index leaps over posts that have one alone. As one, `words & blocks`,
-- it goes through each post of each block where more posts have the words than a block holds: 31 ms instead of 9.
CREATE FUNCTION posts_of_words(p_words tsquery, p_blocks tsquery, p_until bigint, p_limit integer) RETURNS searchable[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT (found.place, found.board, found.no, NULL, found.thread_no)::searchable
        FROM (SELECT * FROM searchable WHERE words @@ p_blocks AND words @@ p_words OFFSET 0) AS found
        WHERE found.place <= p_until LIMIT p_limit);
END $$;
-- The first by their places alone, for a search that was begun before posts_of_words() was there. To be dropped
-- with the next step.
CREATE FUNCTION places_of_words(p_words tsquery, p_until bigint, p_limit integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT found.place FROM (SELECT place FROM searchable WHERE words @@ p_words OFFSET 0) AS found
        WHERE found.place <= p_until LIMIT p_limit);
END $$;

-- The words that stand for places: those of blocks from `p_first` to `p_last`, which are 4,096 places each;
-- 32 that stand together have one word (imageboard/search_words.py).
CREATE FUNCTION words_of_places(p_first bigint, p_last bigint) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(DISTINCT CASE WHEN block >> 5 << 5 >= p_first AND (block >> 5 << 5) + 31 <= p_last
        THEN '''@@' || (block >> 5) ELSE '''@' || block END || '''', '|')::tsquery
    FROM generate_series(p_first, p_last) AS block
$$;

-- The newest posts that have these words and that readers may see, the newest first, none newer than
-- `p_until`. One statement, so that the time that it may take is its session's statement_timeout.
--
-- The index knows no order, and words may be in every second post: so places are gone through backwards, each time
-- as far as what is wanted should reach, by what was found so far, and no further than 256 times what was looked at:
-- 64 posts without a word say little of the next 40,000. No step looks at more than 4,096 posts: the next is an
-- eighth of one that would. Where the words of all that is left are few, the index is asked for them alone: to ask
-- for each block too takes longer than to read the few that were looked at before.
--
-- PERF: the newest 64 posts themselves are looked at, and as long as every eighth has the words those that follow. The
-- index would give all places of a block, of which 500 are wanted: 4.1 ms of the processor instead of 1.9; and of all
-- words that begin alike it reads all posts first, 40 ms each time.
--
-- PERF: posts themselves are read where their threads are not seen, or for their time, and for the page: of 500 that
-- were found each was a page of 8 kB of the table and one of its index.
CREATE FUNCTION find_posts(
    p_words tsquery, p_from timestamptz, p_before timestamptz, p_until bigint, p_is_ranked boolean, p_limit integer
) RETURNS TABLE (place bigint, board text, no bigint, rank real)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off AS $$
#variable_conflict use_column
DECLARE
    c_posts_max CONSTANT integer := 4096;
    v_oldest bigint := (SELECT min(place) FROM searchable);
    v_newest bigint := (SELECT max(place) FROM searchable);
    v_first bigint := v_oldest;
    v_start bigint;
    v_until bigint := least(p_until, v_newest);
    v_reach bigint;
    v_reach_max bigint;
    v_from bigint;
    v_posts searchable[];
    v_left integer := p_limit;
    v_found integer;
BEGIN
    -- Places are in the order of time but for what came within a pass of the keeper.
    IF p_before IS NOT NULL THEN
        v_until := least(v_until, (
            SELECT s.place FROM posts p JOIN searchable s ON s.board = p.board AND s.no = p.no
            WHERE p.created_at < p_before + interval '10 seconds'
            ORDER BY p.created_at DESC LIMIT 1));
    END IF;
    IF p_from IS NOT NULL THEN
        v_first := greatest(v_first, (
            SELECT s.place FROM posts p JOIN searchable s ON s.board = p.board AND s.no = p.no
            WHERE p.created_at >= p_from - interval '10 seconds'
            ORDER BY p.created_at LIMIT 1));
    END IF;
    v_start := v_until;
    WHILE v_until >= v_first AND v_left > 0 LOOP
        v_reach := greatest(64, least(
            v_reach_max, (v_start - v_until) * least(256, v_left / (p_limit - v_left + 1.0))));
        v_from := v_until - v_reach + 1;
        IF v_start - v_until <= 8 * (p_limit - v_left) THEN
            v_posts := ARRAY(
                SELECT (near.place, near.board, near.no, NULL, near.thread_no)::searchable
                FROM (SELECT * FROM searchable WHERE place BETWEEN v_from AND v_until OFFSET 0) AS near
                WHERE near.words @@ p_words);
        ELSE
            -- All that is left, where a quarter more would be: words do not lie evenly. Nobody knows how many have
            -- them above where it began.
            IF v_from - v_reach / 4 <= v_oldest AND v_start > v_newest - c_posts_max THEN
                v_from := v_oldest;
                v_posts := posts_of_words(p_words, v_until, c_posts_max + 1);
            ELSE
                v_from := greatest(v_from, v_first) >> 12 << 12;
                v_posts := posts_of_words(
                    p_words, words_of_places(v_from >> 12, v_until >> 12), v_until, c_posts_max + 1);
            END IF;
            IF cardinality(v_posts) > c_posts_max THEN
                v_reach_max := (v_until - v_from + 1) / 8;
                CONTINUE;
            END IF;
            v_reach_max := v_reach_max * 4;
        END IF;
        RETURN QUERY
        SELECT s.place, s.board, s.no, CASE WHEN p_is_ranked THEN
            ts_rank((SELECT r.words FROM searchable r WHERE r.place = s.place), p_words) END
        FROM (SELECT * FROM unnest(v_posts) ORDER BY place DESC OFFSET 0) AS s
        WHERE (EXISTS (SELECT FROM shown_threads t WHERE t.board = s.board AND t.no = s.thread_no OFFSET 0)
                OR EXISTS (SELECT FROM posts p JOIN shown_threads t ON t.board = p.board AND t.no = p.thread_no
                    WHERE p.board = s.board AND p.no = s.no OFFSET 0))
            AND ((p_from IS NULL AND p_before IS NULL) OR EXISTS (SELECT FROM posts p
                WHERE p.board = s.board AND p.no = s.no AND p.created_at >= coalesce(p_from, '-infinity')
                    AND p.created_at < coalesce(p_before, 'infinity') OFFSET 0))
        ORDER BY s.place DESC LIMIT v_left;
        GET DIAGNOSTICS v_found = ROW_COUNT;
        v_left := v_left - v_found;
        v_until := v_from - 1;
    END LOOP;
END $$;

-- Removals that can be undone ---------------------------------------------------------------

-- Replies are about to be removed: all that hangs on them is laid aside with them.
CREATE FUNCTION lay_aside(p_board text, p_nos bigint[], p_removal bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laid_aside (removal, board, no, thread_no, kind, what, uploads)
    SELECT p_removal, p.board, p.no, p.thread_no, 'post', jsonb_build_object(
            'post', to_jsonb(p),
            'files', coalesce((SELECT jsonb_agg(to_jsonb(f)) FROM files f
                WHERE f.board = p.board AND f.post_no = p.no), '[]'),
            'quotes', coalesce((SELECT jsonb_agg(to_jsonb(q)) FROM (
                SELECT * FROM quotes WHERE board = p.board AND no = p.no
                UNION SELECT * FROM quotes WHERE to_board = p.board AND to_no = p.no) AS q), '[]'),
            'reports', coalesce((SELECT jsonb_agg(to_jsonb(r) - 'address_hash') FROM reports r
                WHERE r.board = p.board AND r.post_no = p.no), '[]'),
            'searchable', (SELECT to_jsonb(s) FROM searchable s WHERE s.board = p.board AND s.no = p.no),
            'old_files', coalesce((SELECT jsonb_agg(to_jsonb(o)) FROM old_files o
                WHERE o.board = p.board AND o.post_no = p.no), '[]')),
        ARRAY(SELECT stored_as FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL)
    FROM posts p WHERE p.board = p_board AND p.no = ANY (p_nos)
$$;

-- Removes these posts of a board at once, and takes their bumps back; an OP takes its thread along. With
-- `p_removal` they are laid aside, until that is undone or erased. Which are gone, each with its change.
CREATE FUNCTION remove_posts(p_board text, p_nos bigint[], p_removal bigint)
RETURNS TABLE (gone_no bigint, gone_at bigint) LANGUAGE plpgsql AS $$
DECLARE
    v_threads bigint[];
    v_nos bigint[];
    v_of_threads bigint[];
    v_bumped bigint[];
    v_quoting bigint[];
    v_before bigint;
    v_last bigint;
    v_per_page integer;
    v_pages integer[];
    v_pages_then integer[];
    v_media jsonb;
BEGIN
    PERFORM hold_boards(p_board, ARRAY(
        SELECT no FROM posts WHERE board = p_board AND (no = ANY (p_nos) OR thread_no = ANY (p_nos))));
    -- Locked first: whoever adds a quote of them waits, and is then seen here or finds them gone.
    WITH held AS (
        SELECT p.no, p.thread_no FROM posts p
        WHERE p.board = p_board AND p.no = ANY (p_nos) AND EXISTS (SELECT FROM all_threads t
            WHERE t.board = p.board AND t.no = p.thread_no AND t.aside_since IS DISTINCT FROM '-infinity')
        ORDER BY p.no FOR UPDATE
    )
    SELECT array_agg(no) FILTER (WHERE no = thread_no),
        array_agg(no ORDER BY no) FILTER (WHERE thread_no <> ALL (p_nos)),
        array_agg(DISTINCT thread_no) FILTER (WHERE thread_no <> ALL (p_nos))
    INTO v_threads, v_nos, v_of_threads FROM held;

    FOREACH gone_no IN ARRAY coalesce(v_threads, '{}') LOOP
        IF p_removal IS NULL THEN
            PERFORM remove_thread(p_board, gone_no);
        ELSE
            INSERT INTO laid_aside (removal, board, no, thread_no, kind, what)
            SELECT p_removal, p_board, no, no, 'thread', jsonb_build_object('aside_since', aside_since,
                'archived_at', archived_at, 'archive_page', archive_page)
            FROM all_threads WHERE board = p_board AND no = gone_no;
            PERFORM thread_goes(p_board, gone_no);
            UPDATE all_threads SET aside_since = '-infinity' WHERE board = p_board AND no = gone_no;
        END IF;
        gone_at := (SELECT change_no FROM boards WHERE name = p_board);
        RETURN NEXT;
    END LOOP;
    IF v_nos IS NULL THEN RETURN; END IF;

    SELECT change_no, board_setting(settings, 'threads_per_page')::integer INTO v_before, v_per_page
    FROM boards WHERE name = p_board;
    v_last := v_before + cardinality(v_nos);
    UPDATE boards SET change_no = v_last WHERE name = p_board;
    PERFORM tell_other_boards(p_board, v_nos);
    v_quoting := ARRAY(
        SELECT DISTINCT no FROM unnest(
            touch_quoting_posts(p_board, v_nos, v_last) || touch_quoted_posts(p_board, v_nos, v_last)
        ) AS no WHERE no <> ALL (v_of_threads) ORDER BY no);
    v_media := (
        SELECT coalesce(jsonb_object_agg(post_no, names), '{}') FROM (
            SELECT post_no, jsonb_agg(name) AS names FROM files, media_names(files) AS name
            WHERE board = p_board AND post_no = ANY (v_nos) GROUP BY post_no) AS named);
    v_pages := pages_of_threads(p_board, v_of_threads || v_quoting, v_per_page);
    v_bumped := ARRAY(
        SELECT DISTINCT t.no FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
        WHERE p.board = p_board AND p.no = ANY (v_nos)
            AND coalesce(p.bump_no = t.bump_no, p.created_at = t.bumped_at));
    UPDATE all_threads t SET
        reply_count = reply_count - less.posts, image_count = image_count - less.files,
        modified_at = clock_timestamp(), changed_no = v_last, removal_no = v_last
    FROM (
        SELECT p.thread_no, count(*) AS posts, sum((SELECT count(*) FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL)) AS files
        FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) GROUP BY p.thread_no
    ) AS less
    WHERE t.board = p_board AND t.no = less.thread_no;
    INSERT INTO removed_posts (board, thread_no, change_no, no)
    SELECT p_board, p.thread_no, v_before + gone.place, p.no
    FROM unnest(v_nos) WITH ORDINALITY AS gone (no, place)
    JOIN posts p ON p.board = p_board AND p.no = gone.no;
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_before + gone.place, 'PostRemoved', jsonb_build_object(
        'thread', p.thread_no, 'no', p.no, 'media', coalesce(v_media->p.no::text, '[]'), 'pages', v_pages,
        'quoting_threads', CASE WHEN v_before + gone.place = v_last THEN v_quoting ELSE '{}' END)
    FROM unnest(v_nos) WITH ORDINALITY AS gone (no, place)
    JOIN posts p ON p.board = p_board AND p.no = gone.no;
    IF p_removal IS NOT NULL THEN PERFORM lay_aside(p_board, v_nos, p_removal); END IF;
    DELETE FROM posts WHERE board = p_board AND no = ANY (v_nos);
    PERFORM touch_archive(p_board, no, v_last) FROM unnest(v_of_threads) AS no;
    UPDATE all_threads t SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, t.no))
    WHERE t.board = p_board AND t.no = ANY (v_bumped);
    -- A thread that lost its bump moved down: to there pages changed too.
    v_pages_then := pages_of_threads(p_board, v_of_threads, v_per_page);
    IF v_pages_then <> v_pages THEN
        UPDATE outbox SET body = jsonb_set(body, '{pages}', to_jsonb(ARRAY[
            least(v_pages[1], v_pages_then[1]), greatest(v_pages[2], v_pages_then[2])]))
        WHERE board = p_board AND change_no > v_before AND change_no <= v_last;
    END IF;
    RETURN QUERY SELECT gone.no, v_before + gone.place
    FROM unnest(v_nos) WITH ORDINALITY AS gone (no, place);
END $$;

-- Removes one post, and takes its bump back; an OP takes its thread along. False when it is not there.
CREATE FUNCTION remove_post(p_board text, p_no bigint) RETURNS boolean
LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM remove_posts(p_board, ARRAY[p_no], NULL))
$$;

-- The takedown of what is brought back is over: nobody is to look for it any more.
CREATE FUNCTION end_takedowns(p_board text, p_nos bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE takedowns SET paths = coalesce(paths, '{}'),
        origin_gone_at = coalesce(origin_gone_at, clock_timestamp()), edge_gone_at = clock_timestamp()
    WHERE board = p_board AND post_no = ANY (p_nos) AND edge_gone_at IS NULL
$$;

-- A thread that a removal took stands again where it stood. The caller holds the boards.
CREATE FUNCTION thread_comes_back(p_board text, p_thread bigint, p_was jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_around record;
BEGIN
    UPDATE all_threads SET
        aside_since = (p_was->>'aside_since')::timestamptz,
        archived_at = (p_was->>'archived_at')::timestamptz, archive_page = p_was->>'archive_page',
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    UPDATE archive_pages SET threads = threads + 1, changed_no = v_change_no
    WHERE board = p_board AND name = p_was->>'archive_page';
    v_around := touch_around_thread(p_board, p_thread, v_change_no);
    -- The order below it moves down by one.
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_change_no, 'PostAdded', jsonb_build_object(
        'thread', p_thread, 'no', p_thread, 'quoted_threads', v_around.linked_threads,
        'media', media_names_of_posts(p_board, v_around.nos), 'pages', ARRAY[1, (
            SELECT greatest(count(*) - 1, 0) / board_setting(b.settings, 'threads_per_page')::integer + 1
            FROM threads WHERE board = p_board)])
    FROM boards b WHERE b.name = p_board;
    PERFORM end_takedowns(p_board, ARRAY[p_thread]);
END $$;

-- Replies that a removal took from a board stand again where they stood, those whose threads are there;
-- how many. The caller holds the boards.
CREATE FUNCTION posts_come_back(p_board text, p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_nos bigint[];
    v_threads bigint[];
    v_linked bigint[];
    v_before bigint;
    v_last bigint;
    v_per_page integer;
    v_pages integer[];
    v_pages_then integer[];
BEGIN
    SELECT array_agg(l.no ORDER BY l.no), array_agg(DISTINCT l.thread_no) INTO v_nos, v_threads
    FROM laid_aside l JOIN all_threads t ON t.board = l.board AND t.no = l.thread_no
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post';
    IF v_nos IS NULL THEN RETURN 0; END IF;
    SELECT change_no, board_setting(settings, 'threads_per_page')::integer INTO v_before, v_per_page
    FROM boards WHERE name = p_board;
    v_last := v_before + cardinality(v_nos);
    UPDATE boards SET change_no = v_last WHERE name = p_board;
    v_pages := pages_of_threads(p_board, v_threads, v_per_page);

    INSERT INTO posts SELECT p.* FROM laid_aside l, jsonb_populate_record(
        NULL::posts, l.what->'post' || jsonb_build_object('changed_no', v_last)) AS p
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    INSERT INTO files SELECT f.* FROM laid_aside l, jsonb_populate_recordset(NULL::files, l.what->'files') AS f
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    INSERT INTO old_files SELECT o.* FROM laid_aside l, jsonb_populate_recordset(NULL::old_files, l.what->'old_files') AS o
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    INSERT INTO reports OVERRIDING SYSTEM VALUE
    SELECT r.* FROM laid_aside l, jsonb_populate_recordset(NULL::reports, l.what->'reports') AS r
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
    ON CONFLICT DO NOTHING;
    INSERT INTO searchable SELECT s.* FROM laid_aside l, jsonb_populate_record(
        NULL::searchable, l.what->'searchable') AS s
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
        AND l.what->'searchable' <> 'null'
    ON CONFLICT DO NOTHING;
    -- Those that went before they could be found are gone through once more.
    UPDATE search_progress SET no = least(no, (
        SELECT min(l.no) - 1 FROM laid_aside l
        WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
            AND l.what->'searchable' = 'null'))
    WHERE board = p_board;
    INSERT INTO quotes SELECT q.* FROM laid_aside l,
        jsonb_populate_recordset(NULL::quotes, l.what->'quotes') AS q
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
        AND EXISTS (SELECT FROM posts p WHERE p.board = q.board AND p.no = q.no)
        AND EXISTS (SELECT FROM posts p WHERE p.board = q.to_board AND p.no = q.to_no)
    ON CONFLICT DO NOTHING;
    -- A quote whose other end another removal took comes back with that.
    UPDATE laid_aside other SET what = jsonb_set(other.what, '{quotes}', other.what->'quotes' || waiting.quotes)
    FROM (
        SELECT x.removal, x.board, x.no, jsonb_agg(q) AS quotes
        FROM laid_aside l, jsonb_array_elements(l.what->'quotes') AS q, laid_aside x
        WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
            AND x.kind = 'post' AND x.removal <> p_removal
            AND (x.board, x.no) IN ((q->>'board', (q->>'no')::bigint), (q->>'to_board', (q->>'to_no')::bigint))
        GROUP BY x.removal, x.board, x.no
    ) AS waiting
    WHERE other.removal = waiting.removal AND other.board = waiting.board AND other.no = waiting.no
        AND other.kind = 'post';

    PERFORM tell_other_boards(p_board, v_nos);
    v_linked := ARRAY(
        SELECT DISTINCT no FROM unnest(
            touch_quoting_posts(p_board, v_nos, v_last) || touch_quoted_posts(p_board, v_nos, v_last)
        ) AS no WHERE no <> ALL (v_threads) ORDER BY no);
    -- As if posts had been removed: what a renderer kept of these threads is out of date.
    UPDATE all_threads t SET
        reply_count = reply_count + more.posts, image_count = image_count + more.files,
        modified_at = clock_timestamp(), changed_no = v_last, removal_no = v_last, page_weight = NULL
    FROM (
        SELECT p.thread_no, count(*) AS posts, sum((SELECT count(*) FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL)) AS files
        FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) GROUP BY p.thread_no
    ) AS more
    WHERE t.board = p_board AND t.no = more.thread_no;
    UPDATE all_threads t SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, t.no))
    WHERE t.board = p_board AND t.no IN (
        SELECT p.thread_no FROM posts p JOIN all_threads h ON h.board = p.board AND h.no = p.thread_no
        WHERE p.board = p_board AND p.no = ANY (v_nos)
            AND coalesce(p.bump_no > h.bump_no, p.created_at > h.bumped_at));
    PERFORM touch_archive(p_board, no, v_last) FROM unnest(v_threads) AS no;
    DELETE FROM removed_posts WHERE board = p_board AND thread_no = ANY (v_threads) AND no = ANY (v_nos);
    v_pages_then := pages_of_threads(p_board, v_threads || v_linked, v_per_page);
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_before + back.place, 'PostAdded', jsonb_build_object(
        'thread', p.thread_no, 'no', p.no, 'media', media_names_of_posts(p_board, ARRAY[p.no]),
        'pages', ARRAY[least(v_pages[1], v_pages_then[1]), greatest(v_pages[2], v_pages_then[2])],
        'quoted_threads', CASE WHEN v_before + back.place = v_last THEN v_linked ELSE '{}' END)
    FROM unnest(v_nos) WITH ORDINALITY AS back (no, place)
    JOIN posts p ON p.board = p_board AND p.no = back.no;
    PERFORM end_takedowns(p_board, v_nos);
    -- An OP that quotes one of them has its link again: lists of openings show that too. Of a thread in the
    -- archive they count replies and files.
    PERFORM post_changed(p_board, op.no, 'PostChanged', '{}', 0) FROM (
        SELECT p.no FROM quotes q
        JOIN posts p ON p.board = q.board AND p.no = q.no AND p.no = p.thread_no
        JOIN shown_threads t ON t.board = p.board AND t.no = p.no
        WHERE q.to_board = p_board AND q.to_no = ANY (v_nos) AND q.board = p_board
        UNION
        SELECT no FROM all_threads
        WHERE board = p_board AND no = ANY (v_threads) AND archived_at IS NOT NULL ORDER BY no
    ) AS op;
    DELETE FROM laid_aside l
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    RETURN cardinality(v_nos);
END $$;

-- Posts that are held and that staff refuse: laid aside by `p_removal` from then on, as what they remove, with the
-- reason for which they were held. Without one they are erased. Which of them, those that were still held.
CREATE FUNCTION refuse_held(p_held bigint[], p_removal bigint) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_refused bigint[];
BEGIN
    v_refused := ARRAY(SELECT id FROM removals WHERE id = ANY (p_held) AND held_because IS NOT NULL
        ORDER BY id FOR UPDATE);
    IF p_removal IS NOT NULL THEN
        UPDATE laid_aside l SET removal = p_removal,
            what = l.what || jsonb_build_object('held_because', r.held_because)
        FROM removals r WHERE r.id = l.removal AND r.id = ANY (v_refused);
    END IF;
    DELETE FROM removals WHERE id = ANY (v_refused);
    RETURN v_refused;
END $$;

-- What a removal refused is held again, each post by itself, for as long as one that comes now; how many.
CREATE FUNCTION held_again(p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_aside record;
    v_held bigint;
    v_done integer := 0;
BEGIN
    FOR v_aside IN
        SELECT l.board, l.no, l.kind, l.what->>'held_because' AS because,
            board_setting(b.settings, 'held_hours')::integer AS hours
        FROM laid_aside l JOIN boards b ON b.name = l.board
        WHERE l.removal = p_removal AND l.what ? 'held_because' ORDER BY l.board, l.no
    LOOP
        INSERT INTO removals (staff, kept_until, held_because)
        VALUES ('', clock_timestamp() + make_interval(hours => v_aside.hours), v_aside.because)
        RETURNING id INTO v_held;
        UPDATE laid_aside SET removal = v_held, what = what - 'held_because'
        WHERE removal = p_removal AND board = v_aside.board AND no = v_aside.no AND kind = v_aside.kind;
        v_done := v_done + 1;
    END LOOP;
    RETURN v_done;
END $$;

-- Brings back all that a removal took and that has a place to come back to: how many threads, replies and
-- posts with files. What another removal still holds the thread or the post of waits for that; what it refused is held again.
CREATE FUNCTION undo_removal(p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_board text;
    v_done integer := 0;
    v_aside record;
    v_media text[];
    v_files bigint;
BEGIN
    PERFORM 1 FROM removals WHERE id = p_removal FOR UPDATE;
    v_done := held_again(p_removal);
    -- In the order of their names, as hold_boards().
    PERFORM 1 FROM boards WHERE name IN (
        SELECT board FROM laid_aside WHERE removal = p_removal
        UNION ALL
        SELECT q->>'board' FROM laid_aside, jsonb_array_elements(what->'quotes') AS q
        WHERE removal = p_removal AND kind = 'post'
        UNION ALL
        SELECT q.board FROM laid_aside l
        JOIN posts p ON p.board = l.board AND p.thread_no = l.no
        JOIN quotes q ON q.to_board = p.board AND q.to_no = p.no
        WHERE l.removal = p_removal AND l.kind = 'thread')
    ORDER BY name FOR NO KEY UPDATE;
    FOR v_board IN SELECT DISTINCT board FROM laid_aside WHERE removal = p_removal ORDER BY board LOOP
        FOR v_aside IN DELETE FROM laid_aside
            WHERE removal = p_removal AND board = v_board AND kind = 'thread' RETURNING no, what
        LOOP
            PERFORM thread_comes_back(v_board, v_aside.no, v_aside.what);
            v_done := v_done + 1;
        END LOOP;
        v_done := v_done + posts_come_back(v_board, p_removal);
        FOR v_aside IN DELETE FROM laid_aside l
            WHERE removal = p_removal AND board = v_board AND kind = 'files'
                AND EXISTS (SELECT FROM posts p WHERE p.board = l.board AND p.no = l.no)
            RETURNING no, what
        LOOP
            WITH back AS (
                UPDATE files SET removed_at = NULL
                WHERE board = v_board AND post_no = v_aside.no AND removed_at IS NOT NULL
                    AND v_aside.what->'positions' @> to_jsonb(position)
                RETURNING files AS file
            )
            SELECT array_agg(name), count(DISTINCT (file).position) INTO v_media, v_files
            FROM back, media_names(file) AS name;
            -- As any change of the archive, where files of a thread are counted.
            PERFORM post_changed(v_board, v_aside.no, 'PostChanged', v_media, -v_files);
            PERFORM end_takedowns(v_board, ARRAY[v_aside.no]);
            v_done := v_done + 1;
        END LOOP;
    END LOOP;
    DELETE FROM removals r WHERE r.id = p_removal
        AND NOT EXISTS (SELECT FROM laid_aside l WHERE l.removal = r.id);
    RETURN v_done;
END $$;

-- A post that staff are to look at first: checked and stored as any other, then laid aside before anybody saw
-- it, by a removal of its own. It keeps the number that it was given, and no page, fact, bump or count tells of
-- it. Answers as add_post_v2 does, 'added' with the removal; or 'held_full' when too many wait, or of one network.
CREATE FUNCTION hold_post(
    p_new_post new_post_v2,
    p_because text,
    OUT outcome text,
    OUT no bigint,
    OUT thread_no bigint,
    OUT change_no bigint,
    OUT created_s bigint,
    OUT poster_id text,
    OUT retry_after_s integer,
    OUT media jsonb,
    OUT quotes jsonb,
    OUT ban_id bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_post posts := p_new_post.post;
    v_terms post_terms := p_new_post.terms;
    v_change_no bigint;
    v_hours integer;
    v_thread all_threads;
    v_quoted jsonb;
    v_quotes jsonb;
    v_removal bigint;
    -- Of each board.
    c_held_max CONSTANT integer := 1000;
BEGIN
    PERFORM pg_advisory_xact_lock(7264003, hashtext(v_post.board));
    SELECT b.change_no, board_setting(b.settings, 'held_hours')::integer INTO v_change_no, v_hours
    FROM boards b WHERE b.name = v_post.board FOR NO KEY UPDATE;
    SELECT * INTO v_thread FROM all_threads t WHERE t.board = v_post.board AND t.no = v_terms.thread;
    -- A form that comes again is answered as its post is by now.
    IF NOT EXISTS (SELECT FROM receipts s
        WHERE s.address_hash IN (v_post.address_hash, receipt_owner(v_post.address_hash, v_terms.nonce))
            AND s.nonce = coalesce(v_terms.nonce, v_terms.delivery))
    THEN
        IF (SELECT count(*) FROM laid_aside l JOIN removals r ON r.id = l.removal
            WHERE l.board = v_post.board AND r.held_because IS NOT NULL) >= c_held_max
        THEN
            outcome := 'held_full'; retry_after_s := 60; RETURN;
        END IF;
        -- Nobody takes all places of a board: what waits of a network is counted by what was laid aside for it.
        IF EXISTS (SELECT FROM jsonb_to_recordset(v_terms.held_shares) AS share (key text, most integer)
            WHERE most <= (SELECT count(*) FROM laid_aside l JOIN removals r ON r.id = l.removal
                WHERE l.board = v_post.board AND r.held_because IS NOT NULL AND l.what->'held_of' ? key))
        THEN
            outcome := 'held_full_of_network'; retry_after_s := 60; RETURN;
        END IF;
    END IF;

    -- Without its quotes, so that no post that it quotes comes to look different.
    v_quoted := v_terms.quotes;
    v_terms.quotes := NULL;
    SELECT a.outcome, a.no, a.thread_no, a.created_s, a.poster_id, a.retry_after_s, a.ban_id
    INTO outcome, no, thread_no, created_s, poster_id, retry_after_s, ban_id
    FROM add_post_v2((v_post, v_terms)::new_post_v2) AS a;
    change_no := v_change_no;
    IF outcome <> 'added' THEN RETURN; END IF;

    SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('board', v_post.board, 'no', hold_post.no,
            'to_board', p.board, 'to_no', p.no)), '[]') INTO v_quotes
    FROM jsonb_array_elements(v_quoted) AS q
    JOIN posts p ON p.board = q->>0 AND p.no = (q->>1)::bigint
    WHERE (p.board, p.no) <> (v_post.board, hold_post.no);
    INSERT INTO removals (staff, kept_until, held_because)
    VALUES ('', clock_timestamp() + make_interval(hours => v_hours), p_because) RETURNING id INTO v_removal;
    IF v_terms.thread IS NULL THEN
        INSERT INTO laid_aside (removal, board, no, thread_no, kind, what)
        VALUES (v_removal, v_post.board, no, no, 'thread', '{}');
        UPDATE all_threads t SET aside_since = '-infinity' WHERE t.board = v_post.board AND t.no = hold_post.no;
        INSERT INTO quotes SELECT q.* FROM jsonb_populate_recordset(NULL::quotes, v_quotes) AS q;
    ELSE
        PERFORM lay_aside(v_post.board, ARRAY[no], v_removal);
        UPDATE laid_aside l SET what = jsonb_set(l.what, '{quotes}', v_quotes) WHERE l.removal = v_removal;
        DELETE FROM posts p WHERE p.board = v_post.board AND p.no = hold_post.no;
        UPDATE all_threads t SET
            reply_count = v_thread.reply_count, image_count = v_thread.image_count,
            bump_no = v_thread.bump_no, bumped_at = v_thread.bumped_at, modified_at = v_thread.modified_at,
            changed_no = v_thread.changed_no, page_weight = v_thread.page_weight,
            page_weight_no = v_thread.page_weight_no
        WHERE t.board = v_post.board AND t.no = v_terms.thread;
    END IF;
    UPDATE laid_aside l SET what = l.what || jsonb_build_object('held_of', (
        SELECT jsonb_agg(key) FROM jsonb_to_recordset(v_terms.held_shares) AS share (key text)))
    WHERE l.removal = v_removal AND v_terms.held_shares IS NOT NULL;
    -- Nothing happened that a page could show.
    DELETE FROM outbox o WHERE o.board = v_post.board AND o.change_no > v_change_no;
    UPDATE boards b SET change_no = v_change_no WHERE b.name = v_post.board;
END $$;

-- A post that was held appears, with its number; it bumps its thread now, unless a later reply has. 0: its
-- thread is gone, or somebody was quicker.
CREATE FUNCTION release_held(p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_held laid_aside;
    v_change_no bigint;
BEGIN
    PERFORM 1 FROM removals WHERE id = p_removal AND held_because IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN RETURN 0; END IF;
    SELECT * INTO v_held FROM laid_aside WHERE removal = p_removal;
    SELECT change_no INTO v_change_no FROM boards WHERE name = v_held.board FOR NO KEY UPDATE;
    IF v_held.kind = 'thread' THEN
        UPDATE all_threads SET bump_no = v_change_no + 1, bumped_at = clock_timestamp()
        WHERE board = v_held.board AND no = v_held.no;
        UPDATE posts SET bump_no = v_change_no + 1, changed_no = v_change_no + 1
        WHERE board = v_held.board AND no = v_held.no;
    ELSIF (v_held.what->'post'->>'bump_no')::bigint > 0 THEN
        UPDATE laid_aside SET what = jsonb_set(what, '{post,bump_no}', to_jsonb(v_change_no + 1))
        WHERE removal = p_removal;
    END IF;
    RETURN undo_removal(p_removal);
END $$;

-- Threads that go elsewhere ------------------------------------------------------------------

-- Holds every board that changes when a thread goes to another board, or (the same board) into another thread:
-- those of posts that quote its posts, and of threads that once led here. False: it does not stand on its board.
CREATE FUNCTION hold_for_move(p_board text, p_thread bigint, p_to text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of their names, as hold_boards().
    PERFORM 1 FROM boards
    WHERE name IN (p_board, p_to)
        OR name IN (SELECT q.board FROM posts p JOIN quotes q ON q.to_board = p.board AND q.to_no = p.no
            WHERE p.board = p_board AND p.thread_no = p_thread)
        OR name IN (SELECT m.board FROM moved_threads m WHERE m.to_board = p_board AND m.to_no = p_thread)
    ORDER BY name FOR NO KEY UPDATE;
    RETURN EXISTS (SELECT FROM threads WHERE board = p_board AND no = p_thread);
END $$;

-- From where a thread was, and from where it had been before, pages lead to where it is now. The caller holds
-- the boards.
CREATE FUNCTION lead_on(p_board text, p_thread bigint, p_to text, p_to_thread bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_before record;
BEGIN
    FOR v_before IN
        UPDATE moved_threads SET to_board = p_to, to_no = p_to_thread
        WHERE to_board = p_board AND to_no = p_thread RETURNING board, no
    LOOP
        INSERT INTO outbox (board, change_no, kind, body)
        VALUES (v_before.board, next_change(v_before.board), 'ThreadRerendered',
            jsonb_build_object('thread', v_before.no));
    END LOOP;
    INSERT INTO moved_threads (board, no, to_board, to_no) VALUES (p_board, p_thread, p_to, p_to_thread);
END $$;

-- A thread came to a board, or others came into it: all that leads to it or from it looks different. The
-- caller holds the boards.
CREATE FUNCTION thread_came(p_board text, p_thread bigint, p_change_no bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_around record := touch_around_thread(p_board, p_thread, p_change_no);
BEGIN
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, p_change_no, 'PostAdded', jsonb_build_object(
        'thread', p_thread, 'no', p_thread, 'quoted_threads', v_around.linked_threads,
        'media', media_names_of_posts(p_board, v_around.nos), 'pages', ARRAY[1, (
            SELECT (count(*) - 1) / board_setting(b.settings, 'threads_per_page')::integer + 1
            FROM threads WHERE board = p_board)])
    FROM boards b WHERE b.name = p_board;
END $$;

-- A thread stands at the head of another board from now on: its posts `p_nos` are `p_new_nos` there, and say
-- `p_bodies`. What hangs on them goes along; what was removed from it before can't come back. The caller
-- has called hold_for_move().
CREATE FUNCTION move_thread(
    p_board text, p_thread bigint, p_to text, p_nos bigint[], p_new_nos bigint[], p_bodies text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_thread bigint := p_new_nos[array_position(p_nos, p_thread)];
    v_now timestamptz := clock_timestamp();
    v_change_no bigint;
    v_tim bigint;
BEGIN
    PERFORM thread_goes(p_board, p_thread);
    v_change_no := next_change(p_to);
    INSERT INTO all_threads SELECT moved.* FROM all_threads t, jsonb_populate_record(t, jsonb_build_object(
        'board', p_to, 'no', v_thread, 'is_sticky', false, 'sticky_rank', 0,
        'bump_no', v_change_no, 'bumped_at', v_now, 'modified_at', v_now,
        'changed_no', v_change_no, 'removal_no', 0, 'page_weight', NULL, 'page_weight_no', NULL,
        'brought_back_no', NULL, 'brought_back_at', NULL)) AS moved
    WHERE t.board = p_board AND t.no = p_thread;
    -- Changes of one board are numbered apart from another's: whatever bumped it counts as of now.
    INSERT INTO posts SELECT moved.*
    FROM unnest(p_nos, p_new_nos, p_bodies) AS renumbered (no, new_no, body)
    JOIN posts p ON p.board = p_board AND p.no = renumbered.no,
        jsonb_populate_record(p, jsonb_build_object(
            'board', p_to, 'no', renumbered.new_no, 'thread_no', v_thread, 'body', renumbered.body,
            'changed_no', v_change_no, 'bump_no', CASE WHEN p.bump_no = 0 THEN 0 ELSE v_change_no END,
            'poster_tag', coalesce(p.poster_tag, poster_tag(p.address_hash, p.board, p.thread_no)),
            'flag', (SELECT name FROM board_flags WHERE board = p_to AND name = p.flag),
            'flag_name', (SELECT p.flag_name FROM board_flags WHERE board = p_to AND name = p.flag))) AS moved;
    -- A name that a file of the other board has already becomes another one.
    v_tim := (SELECT greatest(last_tim, floor(extract(epoch FROM v_now) * 1000)::bigint) FROM boards WHERE name = p_to);
    UPDATE files f SET board = p_to, post_no = named.new_no, tim = named.tim
    FROM (
        SELECT f.post_no, f.position, renumbered.new_no,
            CASE WHEN EXISTS (SELECT FROM files x WHERE x.board = p_to AND x.tim = f.tim)
                OR EXISTS (SELECT FROM banners x WHERE x.board = p_to AND x.tim = f.tim)
                -- Of one that may come back.
                OR f.tim IN (SELECT x->>'tim' FROM laid_aside l, jsonb_array_elements(l.what->'files') AS x
                    WHERE l.board = p_to AND l.kind = 'post')
                THEN (v_tim + row_number() OVER (ORDER BY f.post_no, f.position))::text ELSE f.tim END AS tim
        FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
        JOIN files f ON f.board = p_board AND f.post_no = renumbered.no
    ) AS named
    WHERE f.board = p_board AND f.post_no = named.post_no AND f.position = named.position;
    UPDATE boards SET last_no = p_new_nos[cardinality(p_new_nos)], last_tim = v_tim + 5 * cardinality(p_nos)
    WHERE name = p_to;
    -- What quotes it from elsewhere goes on to say what it says.
    UPDATE quotes q SET to_board = p_to, to_no = renumbered.new_no,
        typed_board = CASE WHEN q.board = p_board AND q.no = ANY (p_nos) THEN q.typed_board
            ELSE coalesce(q.typed_board, q.to_board) END,
        typed_no = CASE WHEN q.board = p_board AND q.no = ANY (p_nos) THEN q.typed_no
            ELSE coalesce(q.typed_no, q.to_no) END
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE q.to_board = p_board AND q.to_no = renumbered.no;
    UPDATE quotes q SET board = p_to, no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE q.board = p_board AND q.no = renumbered.no;
    UPDATE reports r SET board = p_to, post_no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE r.board = p_board AND r.post_no = renumbered.no;
    UPDATE bans b SET post_board = p_to, post_no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE b.post_board = p_board AND b.post_no = renumbered.no AND b.message IS NOT NULL;
    -- It is found as new by search.
    DELETE FROM all_threads WHERE board = p_board AND no = p_thread;
    PERFORM lead_on(p_board, p_thread, p_to, v_thread);
    PERFORM thread_came(p_to, v_thread, v_change_no);
END $$;

-- The posts of a thread stand in an older one of its board from now on, by their numbers. The caller has
-- called hold_for_move() for both.
CREATE FUNCTION merge_threads(p_board text, p_thread bigint, p_into bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
BEGIN
    PERFORM thread_goes(p_board, p_thread);
    v_change_no := next_change(p_board);
    UPDATE posts SET thread_no = p_into, changed_no = v_change_no,
        poster_tag = coalesce(poster_tag, poster_tag(address_hash, board, thread_no))
    WHERE board = p_board AND thread_no = p_thread;
    UPDATE laid_aside SET thread_no = p_into, what = jsonb_set(what, '{post}', what->'post' || jsonb_build_object(
        'thread_no', p_into, 'poster_tag', coalesce((what->'post'->>'poster_tag')::integer,
            poster_tag((what->'post'->>'address_hash')::bytea, board, thread_no))))
    WHERE board = p_board AND thread_no = p_thread AND kind = 'post';
    -- As if posts had been removed: what a renderer kept of it is out of date.
    UPDATE all_threads t SET
        reply_count = t.reply_count + s.reply_count + 1, image_count = t.image_count + s.image_count + (
            SELECT count(*) FROM files f
            WHERE f.board = p_board AND f.post_no = p_thread AND f.removed_at IS NULL),
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no, page_weight = NULL
    FROM all_threads s
    WHERE t.board = p_board AND t.no = p_into AND s.board = p_board AND s.no = p_thread;
    UPDATE all_threads SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, p_into))
    WHERE board = p_board AND no = p_into;
    DELETE FROM all_threads WHERE board = p_board AND no = p_thread;
    PERFORM lead_on(p_board, p_thread, p_board, p_into);
    PERFORM thread_came(p_board, p_into, v_change_no);
END $$;
