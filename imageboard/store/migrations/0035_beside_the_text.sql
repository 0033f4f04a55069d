-- What a post has beside what its poster typed: dice that were thrown, a country, a thread's tag.

ALTER TABLE posts
    -- Dice as they fell: '2d6+1=3,5 1d20=17'.
    ADD COLUMN dice text CHECK (char_length(dice) <= 1000),
    -- Where it was sent from, as ISO 3166 has it.
    ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$'),
    -- Of an OP: what kind of thread it is.
    ADD COLUMN tag text CHECK (char_length(tag) BETWEEN 1 AND 40);
