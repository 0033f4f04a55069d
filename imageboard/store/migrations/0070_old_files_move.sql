-- The addresses of a file go along when its thread goes to another board.
ALTER TABLE old_files
    DROP CONSTRAINT old_files_board_post_no_position_fkey,
    ADD CONSTRAINT old_files_board_post_no_position_fkey FOREIGN KEY (board, post_no, position)
        REFERENCES files (board, post_no, position) ON DELETE CASCADE ON UPDATE CASCADE;
