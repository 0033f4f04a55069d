-- add --
-- A new board.
INSERT INTO boards (name, settings) VALUES (%(name)s, %(settings)s) ON CONFLICT DO NOTHING

-- one --
-- One board.
SELECT name, settings, change_no, last_no, settings_change_no FROM boards WHERE name = %(name)s

-- all --
-- All boards by name.
SELECT name, settings, change_no, last_no, settings_change_no FROM boards ORDER BY name

-- changes --
-- What grows with every change of these boards (NULL: of all).
SELECT coalesce(sum(change_no), 0)::bigint FROM boards WHERE %(on)s::text[] IS NULL OR name = ANY (%(on)s)

-- lock --
-- Hold the board: no post or change is numbered until the transaction ends.
SELECT name, settings, change_no, last_no, settings_change_no
FROM boards WHERE name = %(name)s FOR NO KEY UPDATE

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
    WHERE name = coalesce(%(name)s, name)
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
WHERE drawn_as IS DISTINCT FROM %(appearance)s
    AND NOT EXISTS (SELECT FROM outbox o WHERE o.board = b.name AND o.kind = 'BoardChanged')
ORDER BY name

-- note_drawn --
-- All pages of the board have this appearance.
UPDATE boards SET drawn_as = %(appearance)s
WHERE name = %(name)s AND drawn_as IS DISTINCT FROM %(appearance)s

-- counts --
-- Threads and posts of each board.
SELECT b.name, count(DISTINCT t.no), coalesce(sum(t.reply_count + 1), 0)::bigint
FROM boards b LEFT JOIN threads t ON t.board = b.name
GROUP BY b.name
