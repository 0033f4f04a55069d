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
