//! Notices by e-mail: when somebody is due, what is in it, and what never is.

use flowbit_domain::{
    Principal, Role, Timestamp, UserId,
    id::EventId,
    notice::{
        GetNoticeSettings, ListDueMail, ListNotices, Mail, MailFrequency, MarkMailed, NextMail, NoticeKind,
        NoticeSettingsPatch, ReadMail, ReadNotices, StopMail, UpdateNoticeSettings, WhichNotices,
    },
    principal::Origin,
    user::{Authority, EraseUser, UpdateUser, UserPatch},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, origin, ticket},
};

on_both_engines! {
    mail_waits_for_being_read,
    mail_comes_once_and_by_the_hour_or_day,
    mail_has_what_a_person_may_still_see,
    mail_is_of_three_days_and_lists_fifty,
    mail_ends_when_a_person_says_so,
}

const SECOND: i64 = 1000;
const DELAY: i64 = 60 * SECOND;
const HOUR: i64 = 60 * DELAY;
const DAY: i64 = 24 * HOUR;

async fn next(desk: &Desk) -> Option<Timestamp> {
    desk.store.read(&desk.tenant, NextMail { delay_ms: DELAY, after: Timestamp(0) }).await.unwrap()
}

async fn due(desk: &Desk) -> Vec<UserId> {
    desk.store.read(&desk.tenant, ListDueMail { delay_ms: DELAY, limit: 10 }).await.unwrap()
}

async fn mail(desk: &Desk, who: &Principal) -> Option<Mail> {
    desk.store.read(&desk.tenant, ReadMail { user: who.user }).await.unwrap()
}

async fn kinds(desk: &Desk, who: &Principal) -> Vec<NoticeKind> {
    mail(desk, who).await.map_or_else(Vec::new, |mail| mail.notices.iter().map(|n| n.kind).collect())
}

async fn mark(desk: &Desk, who: &Principal, events: Vec<EventId>) {
    desk.store.write(&desk.tenant, MarkMailed { user: who.user, events }).await.unwrap();
}

async fn send(desk: &Desk, who: &Principal) {
    let events = mail(desk, who).await.unwrap().events;
    mark(desk, who, events).await;
}

async fn want(desk: &Desk, who: &Principal, email: MailFrequency) {
    let patch = NoticeSettingsPatch { email: Some(email), ..NoticeSettingsPatch::default() };
    let update = UpdateNoticeSettings { principal: who.clone(), origin: origin(who), patch };
    assert_eq!(desk.store.write(&desk.tenant, update).await.unwrap().email, email);
}

async fn mail_waits_for_being_read(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.stop_clock();
    assert_eq!(next(&desk).await, None);
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.say(&desk.agent, raised.id, "It is on its way", false).await.unwrap();
    let told = ListNotices { principal: desk.user.clone(), unread: true, limit: 1, cursor: None };
    let at = desk.store.read(&desk.tenant, told).await.unwrap().items[0].at;
    assert_eq!(next(&desk).await, Some(at.plus_ms(DELAY)));
    desk.wait(DELAY - 1);
    assert_eq!(due(&desk).await, []);
    desk.say(&desk.agent, raised.id, "It is there", false).await.unwrap();
    desk.wait(1);
    assert_eq!(due(&desk).await, [desk.user.user], "the oldest counts");
    let found = mail(&desk, &desk.user).await.unwrap();
    assert_eq!((found.name.as_str(), found.address.as_str()), ("Uwe User", "uwe.user@acme.example"));
    assert_eq!((found.notices.len(), found.more, found.events.len()), (2, 0, 2));
    assert_eq!(
        (found.notices[0].actor_name.as_str(), found.notices[0].number),
        ("Greta Agent", raised.number)
    );
    assert!(!format!("{found:?}").contains("on its way"), "no text of a message");
    let which = WhichNotices { ticket_id: Some(raised.id), ..WhichNotices::default() };
    let read = ReadNotices { principal: desk.user.clone(), origin: origin(&desk.user), which };
    desk.store.write(&desk.tenant, read).await.unwrap();
    assert_eq!((due(&desk).await, next(&desk).await), (vec![], None));
    assert!(mail(&desk, &desk.user).await.is_none());
}

async fn mail_comes_once_and_by_the_hour_or_day(engine: Engine) {
    let desk = Desk::new(engine).await;
    desk.stop_clock();
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    for (email, pause) in [(MailFrequency::Hourly, HOUR), (MailFrequency::Daily, DAY)] {
        desk.wait(2 * DAY);
        want(&desk, &desk.user, email).await;
        desk.say(&desk.agent, raised.id, "One", false).await.unwrap();
        desk.wait(DELAY);
        assert_eq!(due(&desk).await, [desk.user.user], "nothing came for long");
        send(&desk, &desk.user).await;
        assert_eq!((due(&desk).await, next(&desk).await), (vec![], None), "once");
        desk.say(&desk.agent, raised.id, "Two", false).await.unwrap();
        desk.say(&desk.agent, raised.id, "Three", false).await.unwrap();
        desk.wait(pause - 1);
        assert_eq!(due(&desk).await, []);
        desk.wait(1);
        assert_eq!(due(&desk).await, [desk.user.user]);
        assert_eq!(kinds(&desk, &desk.user).await.len(), 2);
        send(&desk, &desk.user).await;
    }
    want(&desk, &desk.user, MailFrequency::Instant).await;
    desk.say(&desk.agent, raised.id, "Four", false).await.unwrap();
    desk.wait(DELAY);
    assert_eq!(due(&desk).await, [desk.user.user]);
}

async fn mail_has_what_a_person_may_still_see(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let own = desk.raise(&desk.agent, ticket("My own")).await.unwrap();
    let watch = |ticket| flowbit_domain::watch::WatchTicket {
        principal: desk.agent.clone(),
        origin: origin(&desk.agent),
        ticket,
        watches: true,
    };
    desk.store.write(&desk.tenant, watch(raised.id)).await.unwrap();
    desk.say(&desk.user, raised.id, "Where is it?", false).await.unwrap();
    desk.say(&desk.admin, own.id, "Hello", false).await.unwrap();
    assert_eq!(kinds(&desk, &desk.agent).await, [NoticeKind::Replied, NoticeKind::Answered]);
    let set = |patch| UpdateUser {
        by: Authority::Person(desk.admin.clone()),
        origin: origin(&desk.admin),
        id: desk.agent.user,
        patch,
    };
    let demote = UserPatch { role: Some(Role::User), ..UserPatch::default() };
    desk.store.write(&desk.tenant, set(demote)).await.unwrap();
    assert_eq!(kinds(&desk, &desk.agent).await, [NoticeKind::Answered]);
    let disable = UserPatch { active: Some(false), ..UserPatch::default() };
    desk.store.write(&desk.tenant, set(disable)).await.unwrap();
    assert!(mail(&desk, &desk.agent).await.is_none());
    desk.say(&desk.admin, raised.id, "Secret", true).await.unwrap();
    assert!(mail(&desk, &desk.user).await.is_none(), "a note is no news for who raised it");
    desk.say(&desk.admin, raised.id, "Here", false).await.unwrap();
    assert!(mail(&desk, &desk.user).await.is_some());
    desk.delete(&desk.admin, raised.id).await.unwrap();
    desk.wait(DELAY);
    assert_eq!((mail(&desk, &desk.user).await.is_none(), due(&desk).await), (true, vec![]));
    let again = desk.raise(&desk.user, ticket("Pallet 8")).await.unwrap();
    desk.say(&desk.admin, again.id, "Here", false).await.unwrap();
    let erase = EraseUser {
        by: Authority::Person(desk.admin.clone()),
        origin: origin(&desk.admin),
        id: desk.user.user,
        texts: false,
    };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    desk.wait(DELAY);
    assert_eq!((due(&desk).await, next(&desk).await), (vec![], None));
    // An e-mail that was under way meanwhile leaves nothing of them.
    mark(&desk, &desk.user, vec![]).await;
    assert!(!desk.everything().await.contains("uwe.user@acme.example"));
}

async fn mail_is_of_three_days_and_lists_fifty(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.say(&desk.agent, raised.id, "Long ago", false).await.unwrap();
    desk.wait(3 * DAY);
    assert_eq!((due(&desk).await, next(&desk).await), (vec![], None));
    for n in 0..53 {
        desk.say(&desk.agent, raised.id, &format!("{n}"), false).await.unwrap();
    }
    let found = mail(&desk, &desk.user).await.unwrap();
    assert_eq!((found.notices.len(), found.more, found.events.len()), (50, 3, 53));
    assert!(found.notices.is_sorted_by_key(|notice| notice.id.0));
    assert_eq!(found.notices.last().unwrap().id, found.events[0], "the newest are listed");
    mark(&desk, &desk.user, found.events).await;
    assert!(mail(&desk, &desk.user).await.is_none());
}

async fn mail_ends_when_a_person_says_so(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.say(&desk.agent, raised.id, "One", false).await.unwrap();
    assert!(mail(&desk, &desk.user).await.is_some());
    let before = desk.ledger().await.len();
    let stop = |user| StopMail { origin: Origin::system(), user };
    for _ in 0..2 {
        assert!(desk.store.write(&desk.tenant, stop(desk.user.user)).await.unwrap());
    }
    assert_eq!(desk.actions_after(before).await, ["notices.set"], "the second time changes nothing");
    let event = desk.ledger().await.pop().unwrap();
    assert_eq!(event.data, r#"{"changes":{"email":{"from":"instant","to":"off"}}}"#);
    let settings = GetNoticeSettings { principal: desk.user.clone() };
    assert_eq!(desk.store.read(&desk.tenant, settings).await.unwrap().email, MailFrequency::Off);
    desk.say(&desk.agent, raised.id, "Two", false).await.unwrap();
    // What came before is no news when they want e-mails again.
    want(&desk, &desk.user, MailFrequency::Instant).await;
    assert!(mail(&desk, &desk.user).await.is_none());
    desk.say(&desk.agent, raised.id, "Three", false).await.unwrap();
    assert_eq!(mail(&desk, &desk.user).await.unwrap().events.len(), 1);
    let nobody = UserId(uuid::Uuid::from_u128(7));
    assert!(!desk.store.write(&desk.tenant, stop(nobody)).await.unwrap());
}
