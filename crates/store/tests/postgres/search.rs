//! The index of words.

use crate::support::Bench;

#[tokio::test]
async fn no_new_word_waits_in_a_list_that_every_search_goes_through() {
    let bench = Bench::new(|_| {}).await;
    for n in 0..20 {
        bench.store.write(&bench.a.ctx, bench.a.raise(&format!("Word{n}"))).await.unwrap();
    }
    let admin = bench.database.connect("postgres").await.unwrap();
    admin.batch_execute("CREATE EXTENSION pgstattuple SCHEMA public").await.unwrap();
    let waiting = "SELECT pending_tuples FROM public.pgstatginindex('flowbit.search_by_words')";
    assert_eq!(admin.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0), 0);
}
