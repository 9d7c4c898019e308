-- New words go into the index at once. By default they wait in a list that every search of every tenant goes
-- through, up to 4 MB of it, until somebody's write or autovacuum has cleared it. What waits there now is put in.
ALTER INDEX flowbit.search_by_words SET (fastupdate = off);
SELECT gin_clean_pending_list('flowbit.search_by_words');
