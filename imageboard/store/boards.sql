-- add --
-- A new board. It goes on counting from where one of its name was when that went.
WITH gone AS (DELETE FROM gone_boards WHERE name = %(name)s RETURNING *)
INSERT INTO boards (name, settings, last_no, change_no, settings_change_no, last_tim)
SELECT asked.name, asked.settings, coalesce(gone.last_no, 0), coalesce(gone.change_no, 0),
    coalesce(gone.settings_change_no, 0), coalesce(gone.last_tim, 0)
FROM (SELECT %(name)s::text AS name, %(settings)s::jsonb AS settings) AS asked LEFT JOIN gone USING (name)
ON CONFLICT DO NOTHING

-- one --
-- One board that is there.
SELECT name, settings::text, change_no, last_no, settings_change_no, drawn_as
FROM boards WHERE name = %(name)s AND removed_at IS NULL

-- all --
-- All boards that are there, by name.
SELECT name, settings::text, change_no, last_no, settings_change_no, drawn_as
FROM boards WHERE removed_at IS NULL ORDER BY name

-- changes --
-- What grows with every change of these boards (NULL: of all), those that are gone too.
SELECT coalesce(sum(change_no), 0)::bigint
FROM (SELECT name, change_no FROM boards UNION ALL SELECT name, change_no FROM gone_boards) AS every
WHERE %(on)s::text[] IS NULL OR name = ANY (%(on)s)

-- lock --
-- Hold the board: no post or change is numbered until the transaction ends.
SELECT name, settings::text, change_no, last_no, settings_change_no, drawn_as
FROM boards WHERE name = %(name)s AND removed_at IS NULL FOR NO KEY UPDATE

-- is_busy --
-- Whether the newest but so many of a board's posts is not an hour old: by numbers, which have no
-- gaps but those of posts that are gone; so one step in the index of them, however many there are.
SELECT created_at > now() - interval '1 hour' FROM posts
WHERE board = %(name)s
    AND no <= (SELECT last_no FROM boards WHERE name = %(name)s) - %(posts)s + 1
ORDER BY no DESC LIMIT 1

-- change_settings --
-- Some of a board's settings; the others stay as they are, those of another version too.
UPDATE boards SET settings = settings || %(changes)s WHERE name = %(name)s

-- change_pages --
-- Every page of a board is stale; without a name, of every board: all of them show the list of boards.
WITH changed AS (
    UPDATE boards SET change_no = change_no + 1, settings_change_no = change_no + 1
    WHERE name = coalesce(%(name)s, name) AND removed_at IS NULL
    RETURNING name, change_no
)
INSERT INTO outbox (board, change_no, kind, body)
SELECT name, change_no, 'BoardChanged', '{}' FROM changed
RETURNING board

-- bring_defaults --
-- What a setting is that a stored board lacks; those of another version stay.
INSERT INTO setting_defaults (settings) VALUES (%(defaults)s)
ON CONFLICT (is_the_only_row) DO UPDATE SET settings = setting_defaults.settings || excluded.settings
WHERE NOT setting_defaults.settings @> excluded.settings

-- touch --
-- A change of the board of the given kind that changes nothing but what is rendered.
WITH changed AS (
    UPDATE boards SET change_no = change_no + 1 WHERE name = %(name)s RETURNING name, change_no
)
INSERT INTO outbox (board, change_no, kind, body)
SELECT name, change_no, %(kind)s, %(body)s FROM changed

-- drawn_otherwise --
-- Boards whose pages were last drawn as a whole with another appearance, and that nobody has
-- asked to draw anew.
SELECT name FROM boards b
WHERE drawn_as IS DISTINCT FROM %(appearance)s AND removed_at IS NULL
    AND NOT EXISTS (SELECT FROM outbox o WHERE o.board = b.name AND o.kind = 'BoardChanged')
ORDER BY name

-- note_drawn --
-- All pages of the board have this appearance; NULL: not all have the same.
UPDATE boards SET drawn_as = %(appearance)s::text
WHERE name = %(name)s AND drawn_as IS DISTINCT FROM %(appearance)s::text

-- counts --
-- Threads and posts of each board.
SELECT b.name, count(DISTINCT t.no), coalesce(sum(t.reply_count + 1), 0)::bigint
FROM boards b LEFT JOIN threads t ON t.board = b.name
WHERE b.removed_at IS NULL
GROUP BY b.name
