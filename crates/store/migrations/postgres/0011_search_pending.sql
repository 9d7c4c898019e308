-- The words of the newest documents wait in a list that every search goes through from end to end, by default up to
-- 4 MB. With 256 kB it is taken in more often, a hundred documents or so at a time, and a search of a large company
-- does not become slower with what was written since.
ALTER INDEX flowbit.search_by_words SET (gin_pending_list_limit = 256);
