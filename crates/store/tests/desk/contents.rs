//! What files hold: kept once, counted, and removed when nobody refers to it.

use flowbit_domain::{
    ContentId,
    attachment::content::{CondemnContents, ForgetContents, HasLoose},
};

use crate::{
    attachments::{DAY_MS, delete, keep, open, put, reserve, upload},
    engines::{Engine, on_both_engines},
    support::{Desk, is_conflict},
};

on_both_engines! {
    a_company_keeps_so_much_and_equal_files_once,
    what_nobody_refers_to_is_removed,
}

async fn a_company_keeps_so_much_and_equal_files_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let one = put(&desk, &desk.user, upload("a.png", 1, 600)).await.unwrap();
    assert!(is_conflict(put(&desk, &desk.agent, upload("b.png", 2, 500)).await, "quota_exceeded"));
    // The same again takes no room, whoever has it.
    let first = reserve(&desk, &desk.agent, upload("c.png", 1, 600)).await.unwrap();
    assert!(first.is_kept);
    let same = put(&desk, &desk.agent, upload("c.png", 1, 600)).await.unwrap();
    let content = open(&desk, &desk.user, one.id).await.unwrap().content;
    assert_eq!(open(&desk, &desk.agent, same.id).await.unwrap().content, content);
    assert_eq!(first.content, content);
    put(&desk, &desk.agent, upload("d.png", 3, 400)).await.unwrap();
    assert!(is_conflict(put(&desk, &desk.agent, upload("e.png", 4, 1)).await, "quota_exceeded"));
    // Room is there again at once when nobody has what took it, and never twice.
    delete(&desk, &desk.user, one.id).await.unwrap();
    delete(&desk, &desk.agent, same.id).await.unwrap();
    put(&desk, &desk.agent, upload("e.png", 4, 599)).await.unwrap();
    assert!(is_conflict(put(&desk, &desk.agent, upload("f.png", 5, 2)).await, "quota_exceeded"));
    assert_eq!(sweep(&desk).await, [content]);
    put(&desk, &desk.agent, upload("f.png", 5, 1)).await.unwrap();
    assert!(is_conflict(put(&desk, &desk.agent, upload("g.png", 6, 1)).await, "quota_exceeded"));
}

/// Removes what nobody refers to, as the server does. Answers which ones.
pub(crate) async fn sweep(desk: &Desk) -> Vec<ContentId> {
    let mut removed = Vec::new();
    loop {
        let condemned = desk.store.write(&desk.tenant, CondemnContents { limit: 2 }).await.unwrap();
        if condemned.is_empty() {
            assert!(!desk.store.read(&desk.tenant, HasLoose).await.unwrap());
            return removed;
        }
        removed.extend(condemned.iter().copied());
        let forget = ForgetContents { contents: condemned };
        desk.store.write(&desk.tenant, forget).await.unwrap();
    }
}

async fn what_nobody_refers_to_is_removed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let one = put(&desk, &desk.user, upload("a.png", 1, 10)).await.unwrap();
    let two = put(&desk, &desk.agent, upload("b.png", 1, 10)).await.unwrap();
    let content = open(&desk, &desk.user, one.id).await.unwrap().content;
    delete(&desk, &desk.user, one.id).await.unwrap();
    // Another still holds the same.
    assert!(desk.store.read(&desk.tenant, HasLoose).await.unwrap());
    assert_eq!(sweep(&desk).await, []);
    delete(&desk, &desk.agent, two.id).await.unwrap();
    let condemned = desk.store.write(&desk.tenant, CondemnContents { limit: 2 }).await.unwrap();
    assert_eq!(condemned, [content]);
    // From now on nobody comes to refer to it: an equal file is kept anew.
    assert_eq!(keep(&desk, &desk.user, upload("a.png", 1, 10), content).await.unwrap(), None);
    let anew = put(&desk, &desk.user, upload("a.png", 1, 10)).await.unwrap();
    let other = open(&desk, &desk.user, anew.id).await.unwrap().content;
    assert_ne!(other, content);
    // Whoever removes is killed: what was condemned is found again.
    assert_eq!(sweep(&desk).await, [content]);
    open(&desk, &desk.user, anew.id).await.unwrap();

    // An upload that broke off has a day.
    let broken = reserve(&desk, &desk.user, upload("c.png", 3, 10)).await.unwrap();
    assert!(!broken.is_kept);
    assert_eq!(sweep(&desk).await, []);
    desk.wait(DAY_MS);
    // Whoever comes back for it has another.
    assert_eq!(reserve(&desk, &desk.user, upload("c.png", 3, 10)).await.unwrap(), broken);
    assert_eq!(sweep(&desk).await, []);
    desk.wait(DAY_MS + 1);
    assert_eq!(sweep(&desk).await, [broken.content]);
}
