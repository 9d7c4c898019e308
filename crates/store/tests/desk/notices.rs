//! Mentions, watchers and notices: who is told of what, and who never is.

use flowbit_domain::{
    Error, Principal, Result, Role,
    feed::ListEvents,
    id::{EventId, TicketId, UserId},
    message::{CreateMessage, ListMessages, Message, NewMessage},
    notice::{
        GetNoticeSettings, ListNotices, Notice, NoticeKind, NoticePage, NoticeSettingsPatch, QuietHours,
        ReadNotices, UpdateNoticeSettings, WhichNotices,
    },
    retention::{HasExpired, RemoveExpired},
    ticket::{Expression, NewTicket, RestoreTicket, Status, TicketFilter, TicketPatch},
    user::{Authority, EraseUser, UpdateUser, UserPatch},
    watch::{ListWatchers, WatchTicket},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, origin, ticket},
};

on_both_engines! {
    a_mention_tells_and_is_found,
    only_who_can_read_a_message_may_be_named,
    who_works_on_a_ticket_or_watches_it_is_told,
    a_requester_hears_of_answers_and_of_no_note,
    who_works_for_the_company_no_more_sees_nothing_of_it,
    one_is_told_once_and_not_of_ones_own_deeds,
    what_an_agent_does_with_their_own_ticket_is_told,
    what_is_muted_is_not_told,
    settings_are_checked_and_ones_own,
    notices_are_read_by_their_owner_alone,
    a_ticket_has_at_most_fifty_watchers,
    a_deleted_ticket_is_told_of_no_more,
    old_notices_and_too_many_are_forgotten,
    an_erased_person_leaves_no_notices,
}

async fn told(desk: &Desk, who: &Principal) -> NoticePage {
    let list = ListNotices { principal: who.clone(), unread: false, limit: 100, cursor: None };
    desk.store.read(&desk.tenant, list).await.unwrap()
}

async fn name(
    desk: &Desk,
    by: &Principal,
    ticket: TicketId,
    whom: &[UserId],
    internal: bool,
) -> Result<Message> {
    let input = NewMessage {
        body: "Look, please".into(),
        internal,
        mentions: whom.to_vec(),
        ..NewMessage::default()
    };
    let command =
        CreateMessage { principal: by.clone(), origin: origin(by), ticket, input, idempotency: None };
    Ok(desk.store.write(&desk.tenant, command).await?.answer)
}

async fn watch(desk: &Desk, by: &Principal, ticket: TicketId, watches: bool) -> Result<()> {
    let watch = WatchTicket { principal: by.clone(), origin: origin(by), ticket, watches };
    desk.store.write(&desk.tenant, watch).await
}

async fn watchers(desk: &Desk, ticket: TicketId) -> Vec<UserId> {
    let list = ListWatchers { principal: desk.admin.clone(), ticket };
    desk.store.read(&desk.tenant, list).await.unwrap().items.into_iter().map(|person| person.id).collect()
}

async fn set(desk: &Desk, by: &Principal, patch: NoticeSettingsPatch) -> Result<()> {
    let update = UpdateNoticeSettings { principal: by.clone(), origin: origin(by), patch };
    desk.store.write(&desk.tenant, update).await.map(drop)
}

async fn read(desk: &Desk, by: &Principal, which: WhichNotices) -> Result<i64> {
    let read = ReadNotices { principal: by.clone(), origin: origin(by), which };
    Ok(desk.store.write(&desk.tenant, read).await?.unread)
}

fn upto(last: EventId) -> WhichNotices {
    WhichNotices { up_to: Some(last), ..WhichNotices::default() }
}

fn assigned_to(who: &Principal) -> TicketPatch {
    TicketPatch { assignee_id: Some(Some(who.user)), ..TicketPatch::default() }
}

fn mentioned(who: &str) -> TicketFilter {
    let expression: Expression =
        serde_json::from_value(serde_json::json!({ "mentioned": { "is": [who] } })).unwrap();
    TicketFilter { expression: Some(expression), ..TicketFilter::default() }
}

async fn a_mention_tells_and_is_found(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let other = desk.raise(&desk.user, ticket("Pallet 8")).await.unwrap();
    // Twice is once.
    let said = name(&desk, &desk.agent, raised.id, &[desk.admin.user; 2], true).await.unwrap();
    assert_eq!(said.mentions.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Ada Admin"]);
    desk.say(&desk.agent, other.id, "No names", false).await.unwrap();
    let Notice { kind, actor_name, ticket_id, number, title, path, read_at, .. } =
        told(&desk, &desk.admin).await.items.swap_remove(0);
    assert_eq!((kind, ticket_id, number), (NoticeKind::Mentioned, raised.id, 1));
    assert_eq!((actor_name.as_str(), title.as_str()), ("Greta Agent", "Pallet 7"));
    assert_eq!((path, read_at), (format!("/{}", raised.id), None));
    assert_eq!(desk.told_kinds(&desk.admin).await, [NoticeKind::Mentioned]);
    assert_eq!(desk.titles(&desk.admin, mentioned("me")).await, ["Pallet 7"]);
    assert_eq!(desk.titles(&desk.agent, mentioned("me")).await, [""; 0]);
    let admin = desk.admin.user.to_string();
    assert_eq!(desk.titles(&desk.agent, mentioned(&admin)).await, ["Pallet 7"]);
    // Whom a note names is no requester's business.
    assert_eq!(desk.titles(&desk.user, mentioned(&admin)).await, [""; 0]);
    name(&desk, &desk.agent, raised.id, &[desk.admin.user], false).await.unwrap();
    assert_eq!(desk.titles(&desk.user, mentioned(&admin)).await, ["Pallet 7"]);
    for (who, expected) in [(&desk.agent, 2), (&desk.user, 1)] {
        let list = ListMessages { principal: who.clone(), ticket: raised.id, limit: 10, cursor: None };
        let messages = desk.store.read(&desk.tenant, list).await.unwrap().items;
        let named: Vec<UserId> = messages.iter().flat_map(|m| m.mentions.iter().map(|p| p.id)).collect();
        assert_eq!(named, vec![desk.admin.user; expected]);
    }
}

async fn only_who_can_read_a_message_may_be_named(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let before = desk.ledger().await.len();
    let nobody = UserId(uuid::Uuid::from_u128(7));
    let cases = [(desk.user.user, true), (desk.other.user, false), (desk.other.user, true), (nobody, false)];
    for (whom, internal) in cases {
        let refused = name(&desk, &desk.agent, raised.id, &[desk.admin.user, whom], internal).await;
        let Err(Error::Validation(errors)) = refused else { panic!("{refused:?}") };
        assert_eq!(errors[0].path, "mentions[1]");
    }
    let many: Vec<UserId> = (0..21).map(|n| UserId(uuid::Uuid::from_u128(n))).collect();
    assert!(matches!(name(&desk, &desk.agent, raised.id, &many, true).await, Err(Error::Validation(_))));
    let refused = name(&desk, &desk.user, raised.id, &[desk.agent.user], false).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    assert_eq!(desk.ledger().await.len(), before);
    name(&desk, &desk.agent, raised.id, &[desk.user.user], false).await.unwrap();
    assert_eq!(desk.told_kinds(&desk.user).await, [NoticeKind::Mentioned]);
}

async fn who_works_on_a_ticket_or_watches_it_is_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    assert!(watchers(&desk, raised.id).await.is_empty());
    desk.update(&desk.admin, raised.id, assigned_to(&desk.agent)).await.unwrap();
    assert_eq!(watchers(&desk, raised.id).await, [desk.agent.user]);
    // Who works on it hears of it although they do not watch it.
    watch(&desk, &desk.agent, raised.id, false).await.unwrap();
    watch(&desk, &desk.admin, raised.id, true).await.unwrap();
    assert_eq!(watchers(&desk, raised.id).await, [desk.admin.user]);
    desk.say(&desk.user, raised.id, "Where is it?", false).await.unwrap();
    desk.say(&desk.admin, raised.id, "Between us", true).await.unwrap();
    let solved = TicketPatch { status: Some(Status::Waiting), ..TicketPatch::default() };
    desk.update(&desk.agent, raised.id, solved).await.unwrap();
    assert_eq!(
        desk.told_kinds(&desk.agent).await,
        [NoticeKind::Noted, NoticeKind::Replied, NoticeKind::Assigned]
    );
    assert_eq!(desk.told_kinds(&desk.admin).await, [NoticeKind::StatusChanged, NoticeKind::Replied]);
    // A reply that opens it again is one piece of news.
    desk.say(&desk.user, raised.id, "Hello?", false).await.unwrap();
    assert_eq!(desk.told_kinds(&desk.agent).await.len(), 4);
    // What is so already is no event.
    let before = desk.ledger().await.len();
    watch(&desk, &desk.admin, raised.id, true).await.unwrap();
    assert_eq!(desk.ledger().await.len(), before);
    watch(&desk, &desk.admin, raised.id, false).await.unwrap();
    assert_eq!(desk.actions_after(before).await, ["ticket.unwatched"]);
    let raised = NewTicket { assignee_id: Some(desk.agent.user), ..ticket("Pallet 8") };
    desk.raise(&desk.admin, raised).await.unwrap();
    assert_eq!(desk.told_kinds(&desk.agent).await[0], NoticeKind::Assigned);
}

async fn a_requester_hears_of_answers_and_of_no_note(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.say(&desk.agent, raised.id, "Secret", true).await.unwrap();
    name(&desk, &desk.agent, raised.id, &[desk.admin.user], true).await.unwrap();
    assert!(desk.told_kinds(&desk.user).await.is_empty());
    desk.say(&desk.agent, raised.id, "It is on its way", false).await.unwrap();
    for status in [Status::Waiting, Status::Resolved] {
        let patch = TicketPatch { status: Some(status), ..TicketPatch::default() };
        desk.update(&desk.agent, raised.id, patch).await.unwrap();
    }
    assert_eq!(desk.told_kinds(&desk.user).await, [NoticeKind::Resolved, NoticeKind::Answered]);
    assert!(desk.told_kinds(&desk.other).await.is_empty());
    let hidden = watch(&desk, &desk.other, raised.id, true).await;
    assert!(matches!(hidden, Err(Error::NotFound)), "{hidden:?}");
    let refused = watch(&desk, &desk.user, raised.id, true).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    let list = ListWatchers { principal: desk.user.clone(), ticket: raised.id };
    assert!(matches!(desk.store.read(&desk.tenant, list).await, Err(Error::Forbidden(_))));
    // What who watches is called reaches them on no way.
    let events = ListEvents { principal: desk.user.clone(), after: 0, limit: 500, ticket: None };
    let events = desk.store.read(&desk.tenant, events).await.unwrap().items;
    assert!(!events.iter().any(|event| event.action.starts_with("ticket.w")));
}

async fn who_works_for_the_company_no_more_sees_nothing_of_it(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let own = desk.raise(&desk.agent, ticket("My own")).await.unwrap();
    watch(&desk, &desk.agent, raised.id, true).await.unwrap();
    desk.say(&desk.user, raised.id, "Where is it?", false).await.unwrap();
    desk.say(&desk.admin, own.id, "Secret", true).await.unwrap();
    watch(&desk, &desk.agent, own.id, true).await.unwrap();
    desk.say(&desk.admin, own.id, "Secret again", true).await.unwrap();
    desk.say(&desk.admin, own.id, "Hello", false).await.unwrap();
    assert_eq!(told(&desk, &desk.agent).await.unread, 3);
    let command = UpdateUser {
        by: Authority::Person(desk.admin.clone()),
        origin: origin(&desk.admin),
        id: desk.agent.user,
        patch: UserPatch { role: Some(Role::User), ..UserPatch::default() },
    };
    desk.store.write(&desk.tenant, command).await.unwrap();
    let demoted = Principal { role: Role::User, ..desk.agent.clone() };
    assert_eq!(desk.told_kinds(&demoted).await, [NoticeKind::Answered]);
    assert_eq!(told(&desk, &demoted).await.unread, 1);
    let unread = ListNotices { principal: demoted.clone(), unread: true, limit: 100, cursor: None };
    let unread = desk.store.read(&desk.tenant, unread).await.unwrap().items;
    assert_eq!(unread.iter().map(|notice| notice.kind).collect::<Vec<_>>(), [NoticeKind::Answered]);
    // And hears of no more, although the ticket still knows them.
    desk.say(&desk.admin, raised.id, "Secret at last", true).await.unwrap();
    desk.say(&desk.admin, own.id, "Secret at last", true).await.unwrap();
    assert_eq!(told(&desk, &desk.agent).await.items.len(), 3);
}

async fn one_is_told_once_and_not_of_ones_own_deeds(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    desk.update(&desk.agent, raised.id, assigned_to(&desk.agent)).await.unwrap();
    name(&desk, &desk.agent, raised.id, &[desk.agent.user], true).await.unwrap();
    desk.say(&desk.agent, raised.id, "Hello", false).await.unwrap();
    assert!(desk.told_kinds(&desk.agent).await.is_empty());
    // Who is named in what they would hear of anyway is told of the name.
    watch(&desk, &desk.admin, raised.id, true).await.unwrap();
    name(&desk, &desk.agent, raised.id, &[desk.admin.user], false).await.unwrap();
    assert_eq!(desk.told_kinds(&desk.admin).await, [NoticeKind::Mentioned]);
    assert_eq!(desk.told_kinds(&desk.user).await, [NoticeKind::Answered, NoticeKind::Answered]);
}

/// Whoever works on tickets may have raised one: what becomes of it is news for those who watch it.
async fn what_an_agent_does_with_their_own_ticket_is_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let own = desk.raise(&desk.agent, ticket("Order paper")).await.unwrap();
    watch(&desk, &desk.admin, own.id, true).await.unwrap();
    let patch = TicketPatch { status: Some(Status::Waiting), ..TicketPatch::default() };
    desk.update(&desk.agent, own.id, patch).await.unwrap();
    assert_eq!(desk.told_kinds(&desk.admin).await, [NoticeKind::StatusChanged]);
}

async fn what_is_muted_is_not_told(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    watch(&desk, &desk.agent, raised.id, true).await.unwrap();
    let muted = Some(vec![NoticeKind::Noted, NoticeKind::Noted]);
    set(&desk, &desk.agent, NoticeSettingsPatch { muted, ..NoticeSettingsPatch::default() }).await.unwrap();
    desk.say(&desk.admin, raised.id, "Between us", true).await.unwrap();
    desk.say(&desk.user, raised.id, "Hello?", false).await.unwrap();
    assert_eq!(desk.told_kinds(&desk.agent).await, [NoticeKind::Replied]);
}

async fn settings_are_checked_and_ones_own(engine: Engine) {
    let desk = Desk::new(engine).await;
    let quiet = |from: &str, to: &str, zone: &str| NoticeSettingsPatch {
        quiet_hours: Some(Some(QuietHours { from: from.into(), to: to.into(), time_zone: zone.into() })),
        ..NoticeSettingsPatch::default()
    };
    for (patch, path) in [
        (quiet("24:00", "07:00", "Europe/Berlin"), "quietHours.from"),
        (quiet("22:00", "7:00", "Europe/Berlin"), "quietHours.to"),
        (quiet("22:00", "+7:00", "Europe/Berlin"), "quietHours.to"),
        (quiet("22:00", "22:00", "Europe/Berlin"), "quietHours.to"),
        (quiet("22:00", "07:00", "Nowhere<"), "quietHours.timeZone"),
    ] {
        let Err(Error::Validation(errors)) = set(&desk, &desk.user, patch).await else { panic!("{path}") };
        assert_eq!(errors[0].path, path);
    }
    let before = desk.ledger().await.len();
    set(&desk, &desk.user, quiet("22:00", "07:00", "Europe/Berlin")).await.unwrap();
    set(&desk, &desk.user, quiet("22:00", "07:00", "Europe/Berlin")).await.unwrap();
    assert_eq!(desk.actions_after(before).await, ["notices.set"]);
    for (who, from) in [(&desk.user, Some("22:00")), (&desk.admin, None)] {
        let get = GetNoticeSettings { principal: who.clone() };
        let settings = desk.store.read(&desk.tenant, get).await.unwrap();
        assert_eq!(settings.quiet_hours.as_ref().map(|quiet| quiet.from.as_str()), from);
        // Its event reaches nobody else, an admin neither.
        let events = ListEvents { principal: who.clone(), after: 0, limit: 500, ticket: None };
        let events = desk.store.read(&desk.tenant, events).await.unwrap().items;
        assert_eq!(events.iter().any(|event| event.action == "notices.set"), from.is_some());
    }
}

async fn notices_are_read_by_their_owner_alone(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let second = desk.raise(&desk.user, ticket("Pallet 8")).await.unwrap();
    for id in [raised.id, second.id] {
        watch(&desk, &desk.agent, id, true).await.unwrap();
    }
    for n in 0..3 {
        desk.say(&desk.user, raised.id, &format!("{n}"), false).await.unwrap();
    }
    desk.say(&desk.user, second.id, "Hello", false).await.unwrap();
    let all = told(&desk, &desk.agent).await;
    assert_eq!((all.items.len(), all.unread), (4, 4));
    let before = desk.ledger().await.len();
    for which in
        [upto(all.items[0].id), WhichNotices { ids: Some(vec![all.items[0].id]), ..Default::default() }]
    {
        assert_eq!(read(&desk, &desk.admin, which).await.unwrap(), 0);
    }
    assert_eq!((told(&desk, &desk.agent).await.unread, desk.ledger().await.len()), (4, before));
    assert_eq!(read(&desk, &desk.agent, upto(all.items[3].id)).await.unwrap(), 3);
    let ids = WhichNotices { ids: Some(vec![all.items[2].id, all.items[3].id]), ..Default::default() };
    assert_eq!(read(&desk, &desk.agent, ids).await.unwrap(), 2);
    assert_eq!(desk.actions_after(before).await, ["notices.read", "notices.read"]);
    let of_ticket = WhichNotices { ticket_id: Some(raised.id), ..Default::default() };
    assert_eq!(read(&desk, &desk.agent, of_ticket).await.unwrap(), 1);
    for which in [
        WhichNotices::default(),
        WhichNotices { ids: Some(Vec::new()), ..Default::default() },
        WhichNotices { ticket_id: Some(raised.id), ..upto(all.items[0].id) },
    ] {
        assert!(matches!(read(&desk, &desk.agent, which).await, Err(Error::Validation(_))));
    }
    // Pages follow each other.
    let page = |unread, cursor| ListNotices { principal: desk.agent.clone(), unread, limit: 3, cursor };
    let first = desk.store.read(&desk.tenant, page(false, None)).await.unwrap();
    let rest = desk.store.read(&desk.tenant, page(false, first.next_cursor)).await.unwrap();
    assert_eq!((first.items.len(), rest.items.len(), rest.next_cursor), (3, 1, None));
    let unread = desk.store.read(&desk.tenant, page(true, None)).await.unwrap();
    assert_eq!(unread.items.iter().map(|n| n.ticket_id).collect::<Vec<_>>(), [second.id]);
}

async fn a_ticket_has_at_most_fifty_watchers(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let mut agents = Vec::new();
    for n in 0..51 {
        let email = format!("agent{n}@acme.example");
        let add = flowbit_domain::user::CreateUser {
            by: Authority::Operator,
            origin: origin(&desk.admin),
            user: flowbit_domain::user::NewUser {
                email,
                name: format!("Agent {n}"),
                role: Role::Agent,
                password_hash: None,
            },
        };
        let user = desk.store.write(&desk.tenant, add).await.unwrap().user.id;
        let agent = Principal { user, ..desk.agent.clone() };
        let watched = watch(&desk, &agent, raised.id, true).await;
        assert_eq!(watched.is_ok(), n < 50, "{watched:?}");
        agents.push(agent);
    }
    // Who writes is none beyond them.
    desk.say(&desk.agent, raised.id, "Hello", true).await.unwrap();
    assert_eq!(watchers(&desk, raised.id).await.len(), 50);
    // Those who work here no more take nobody's place, whether one writes or asks to watch.
    for gone in &agents[..2] {
        let command = UpdateUser {
            by: Authority::Operator,
            origin: origin(&desk.admin),
            id: gone.user,
            patch: UserPatch { active: Some(false), ..UserPatch::default() },
        };
        desk.store.write(&desk.tenant, command).await.unwrap();
    }
    desk.say(&desk.agent, raised.id, "Hello again", true).await.unwrap();
    watch(&desk, &agents[50], raised.id, true).await.unwrap();
    let watching = watchers(&desk, raised.id).await;
    assert!(
        watching.len() == 50 && watching.contains(&desk.agent.user) && watching.contains(&agents[50].user)
    );
    watch(&desk, &desk.admin, raised.id, true).await.unwrap_err();
}

async fn a_deleted_ticket_is_told_of_no_more(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    name(&desk, &desk.agent, raised.id, &[desk.admin.user], true).await.unwrap();
    desk.delete(&desk.admin, raised.id).await.unwrap();
    assert_eq!((told(&desk, &desk.admin).await.items.len(), told(&desk, &desk.admin).await.unread), (0, 0));
    let restore = RestoreTicket { principal: desk.admin.clone(), origin: origin(&desk.admin), id: raised.id };
    desk.store.write(&desk.tenant, restore).await.unwrap();
    // Whom it names and who watches it came back, what was told did not.
    assert_eq!(desk.titles(&desk.admin, mentioned("me")).await, ["Pallet 7"]);
    assert_eq!(watchers(&desk, raised.id).await.len(), 2);
    assert!(desk.told_kinds(&desk.admin).await.is_empty());
}

async fn old_notices_and_too_many_are_forgotten(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    watch(&desk, &desk.agent, raised.id, true).await.unwrap();
    for n in 0..1_003 {
        desk.say(&desk.user, raised.id, &format!("{n}"), false).await.unwrap();
    }
    assert!(desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    desk.store.write(&desk.tenant, RemoveExpired { limit: 100 }).await.unwrap();
    assert!(!desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    assert_eq!(told(&desk, &desk.agent).await.unread, 1_000);
    let newest = told(&desk, &desk.agent).await.items[0].id;
    assert_eq!(read(&desk, &desk.agent, upto(newest)).await.unwrap(), 0);
    desk.wait(91 * 24 * 60 * 60 * 1000);
    assert!(desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    desk.store.write(&desk.tenant, RemoveExpired { limit: 5_000 }).await.unwrap();
    assert!(desk.told_kinds(&desk.agent).await.is_empty());
}

async fn an_erased_person_leaves_no_notices(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    name(&desk, &desk.admin, raised.id, &[desk.agent.user], true).await.unwrap();
    name(&desk, &desk.agent, raised.id, &[desk.admin.user], true).await.unwrap();
    set(
        &desk,
        &desk.agent,
        NoticeSettingsPatch { muted: Some(vec![NoticeKind::Noted]), ..Default::default() },
    )
    .await
    .unwrap();
    let by = Authority::Person(desk.admin.clone());
    let erase = EraseUser { by, origin: origin(&desk.admin), id: desk.agent.user, texts: true };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    assert!(!desk.everything().await.contains("Greta"));
    let told_of = told(&desk, &desk.admin).await.items;
    assert_eq!(told_of.iter().map(|n| n.actor_name.as_str()).collect::<Vec<_>>(), ["(erased)"]);
    assert!(desk.told_kinds(&desk.agent).await.is_empty());
    assert_eq!(watchers(&desk, raised.id).await, [desk.admin.user]);
    let agent = desk.agent.user.to_string();
    assert!(desk.titles(&desk.admin, mentioned(&agent)).await.is_empty());
}
