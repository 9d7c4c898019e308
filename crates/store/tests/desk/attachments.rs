//! Files: whose they are, who sees them, and where they go along.

use flowbit_domain::{
    AttachmentId, ContentId, Error, Principal, Result,
    attachment::{
        Attachment, DeleteAttachment, KeepUpload, ListAttachments, NewUpload, OpenAttachment, Opened,
        ReserveContent, Reserved,
    },
    id::TicketId,
    macros::{ApplyMacro, CreateMacro, MacroUse, NewMacro},
    message::{CreateMessage, ListMessages, Message, NewMessage},
    retention::{HasExpired, RemoveExpired},
    ticket::{NewSplit, NewTicket, RestoreTicket, SplitTicket, TicketPatch},
    user::{Authority, EraseUser, UpdateUser, UserPatch},
};

use crate::{
    contents::sweep,
    engines::{Engine, on_both_engines},
    support::{Desk, is_conflict, origin, ticket},
};

on_both_engines! {
    what_is_not_sent_is_its_uploaders_alone,
    a_file_is_seen_by_who_sees_its_message,
    what_is_sent_once_is_sent,
    a_name_is_a_files_name,
    one_person_has_few_that_are_not_sent,
    an_admin_deletes_what_was_sent,
    files_go_with_their_ticket_and_come_back_with_it,
    files_go_along_when_a_message_is_split_off,
    files_go_with_their_persons_texts,
    what_a_macro_says_takes_files_along,
}

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const QUOTA: i64 = 1000;

pub(crate) fn upload(name: &str, content: u8, size: i64) -> NewUpload {
    NewUpload { name: name.into(), media_type: "image/png".into(), sha256: [content; 32], size }
}

pub(crate) async fn reserve(desk: &Desk, by: &Principal, upload: NewUpload) -> Result<Reserved> {
    let reserve = ReserveContent { principal: by.clone(), upload, quota: QUOTA };
    desk.store.write(&desk.tenant, reserve).await
}

pub(crate) async fn keep(
    desk: &Desk,
    by: &Principal,
    upload: NewUpload,
    content: ContentId,
) -> Result<Option<Attachment>> {
    let keep = KeepUpload { principal: by.clone(), upload, content };
    desk.store.write(&desk.tenant, keep).await
}

pub(crate) async fn put(desk: &Desk, by: &Principal, new: NewUpload) -> Result<Attachment> {
    let reserved = reserve(desk, by, new.clone()).await?;
    Ok(keep(desk, by, new, reserved.content).await?.unwrap())
}

pub(crate) async fn open(desk: &Desk, by: &Principal, id: AttachmentId) -> Result<Opened> {
    desk.store.read(&desk.tenant, OpenAttachment { principal: by.clone(), id }).await
}

pub(crate) async fn delete(desk: &Desk, by: &Principal, id: AttachmentId) -> Result<()> {
    let delete = DeleteAttachment { principal: by.clone(), origin: origin(by), id };
    desk.store.write(&desk.tenant, delete).await
}

pub(crate) async fn send(
    desk: &Desk,
    by: &Principal,
    ticket: TicketId,
    internal: bool,
    attachments: Vec<AttachmentId>,
) -> Result<Message> {
    let input = NewMessage { body: "See there".into(), internal, attachments, ..NewMessage::default() };
    let create =
        CreateMessage { principal: by.clone(), origin: origin(by), ticket, input, idempotency: None };
    Ok(desk.store.write(&desk.tenant, create).await?.answer)
}

fn names(files: &[Attachment]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

async fn list(desk: &Desk, by: &Principal, ticket: TicketId) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let list = ListAttachments { principal: by.clone(), ticket, limit: 2, cursor };
        let page = desk.store.read(&desk.tenant, list).await?;
        found.extend(page.items.into_iter().map(|file| file.name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

async fn messages(desk: &Desk, by: &Principal, ticket: TicketId) -> Vec<Message> {
    let list = ListMessages { principal: by.clone(), ticket, limit: 100, cursor: None };
    desk.store.read(&desk.tenant, list).await.unwrap().items
}

fn is_hidden<T>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::NotFound))
}

fn refused_at<T>(answer: Result<T>) -> Option<String> {
    match answer {
        Err(Error::Validation(mut errors)) => Some(errors.remove(0).path),
        _ => None,
    }
}

async fn what_is_not_sent_is_its_uploaders_alone(engine: Engine) {
    let desk = Desk::new(engine).await;
    let before = desk.ledger().await.len();
    let file = put(&desk, &desk.agent, upload("plan.png", 1, 10)).await.unwrap();
    assert_eq!((file.ticket_id, file.message_id, file.size), (None, None, 10));
    assert_eq!(file.uploader.name, "Greta Agent");
    assert_eq!(open(&desk, &desk.agent, file.id).await.unwrap().attachment, file);
    for other in [&desk.admin, &desk.user] {
        assert!(is_hidden(&open(&desk, other, file.id).await));
        assert!(is_hidden(&delete(&desk, other, file.id).await));
    }
    // Nobody sends another's.
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let sent = send(&desk, &desk.admin, raised.id, false, vec![file.id]).await;
    assert_eq!(refused_at(sent).as_deref(), Some("attachments[0]"));
    let input = NewTicket { attachments: vec![file.id], ..ticket("Mine") };
    assert_eq!(refused_at(desk.raise(&desk.user, input).await).as_deref(), Some("attachments[0]"));
    assert_eq!(desk.conversation(&desk.admin, raised.id).await.unwrap(), [""; 0]);
    delete(&desk, &desk.agent, file.id).await.unwrap();
    assert!(is_hidden(&open(&desk, &desk.agent, file.id).await));
    // What was never sent is nobody's business.
    assert_eq!(desk.actions_after(before).await, ["ticket.created"]);
}

async fn a_file_is_seen_by_who_sees_its_message(engine: Engine) {
    let desk = Desk::new(engine).await;
    let first = put(&desk, &desk.user, upload("damage.png", 1, 10)).await.unwrap();
    let raised = NewTicket { attachments: vec![first.id], ..ticket("Pallet 7") };
    let raised = desk.raise(&desk.user, raised).await.unwrap();
    let public = put(&desk, &desk.agent, upload("zeppelin.png", 2, 20)).await.unwrap();
    let secret = put(&desk, &desk.agent, upload("quagga.png", 3, 30)).await.unwrap();
    let second = put(&desk, &desk.agent, upload("map.png", 4, 40)).await.unwrap();
    let said =
        send(&desk, &desk.agent, raised.id, false, vec![public.id, second.id, public.id]).await.unwrap();
    assert_eq!(names(&said.attachments), ["zeppelin.png", "map.png"]);
    assert_eq!(said.attachments[0].message_id, Some(said.id));
    let noted = send(&desk, &desk.agent, raised.id, true, vec![secret.id]).await.unwrap();
    assert_eq!(names(&noted.attachments), ["quagga.png"]);

    // What is answered is what is read.
    let read = messages(&desk, &desk.agent, raised.id).await;
    assert_eq!(read[0].attachments, said.attachments);
    assert_eq!(read[1].attachments, noted.attachments);
    let read = messages(&desk, &desk.user, raised.id).await;
    assert_eq!(read.len(), 1);
    assert_eq!(names(&read[0].attachments), ["zeppelin.png", "map.png"]);
    let all = ["damage.png", "zeppelin.png", "map.png", "quagga.png"];
    assert_eq!(list(&desk, &desk.agent, raised.id).await.unwrap(), all);
    assert_eq!(list(&desk, &desk.user, raised.id).await.unwrap(), all[..3]);
    assert!(is_hidden(&list(&desk, &desk.other, raised.id).await));

    for file in [first.id, public.id] {
        for reader in [&desk.user, &desk.agent, &desk.admin] {
            open(&desk, reader, file).await.unwrap();
        }
        assert!(is_hidden(&open(&desk, &desk.other, file).await));
    }
    open(&desk, &desk.admin, secret.id).await.unwrap();
    assert!(is_hidden(&open(&desk, &desk.user, secret.id).await));
    // Nobody deletes what was sent but an admin, also not who has uploaded it.
    assert!(matches!(delete(&desk, &desk.agent, public.id).await, Err(Error::Forbidden(_))));
    assert!(matches!(delete(&desk, &desk.user, first.id).await, Err(Error::Forbidden(_))));
    assert!(is_hidden(&delete(&desk, &desk.user, secret.id).await));

    // Found by their names, a note's by the staff alone; also after the ticket's own text has changed.
    let found = ["Pallet 7"];
    assert_eq!(desk.search(&desk.user, "zeppelin").await, found);
    assert_eq!(desk.search(&desk.agent, "quagga").await, found);
    assert_eq!(desk.search(&desk.user, "quagga").await, [""; 0]);
    assert_eq!(desk.search(&desk.user, "damage").await, found);
    let patch = TicketPatch { title: Some("Pallet 8".into()), ..TicketPatch::default() };
    desk.update(&desk.agent, raised.id, patch).await.unwrap();
    assert_eq!(desk.search(&desk.user, "damage").await, ["Pallet 8"]);

    // The ledger says what came, and a note's files to the staff alone.
    let events = desk.ledger().await;
    let told: Vec<(i64, bool)> = events
        .iter()
        .filter(|event| event.data.contains("\"attachments\""))
        .map(|event| (event.audience.code(), event.data.contains("quagga.png")))
        .collect();
    assert_eq!(told, [(2, false), (2, false), (1, true)]);
}

async fn what_is_sent_once_is_sent(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let file = put(&desk, &desk.user, upload("a.png", 1, 10)).await.unwrap();
    send(&desk, &desk.user, raised.id, false, vec![file.id]).await.unwrap();
    let again = send(&desk, &desk.user, raised.id, false, vec![file.id]).await;
    assert_eq!(refused_at(again).as_deref(), Some("attachments[0]"));
    let own = put(&desk, &desk.user, upload("b.png", 2, 10)).await.unwrap();
    let both = send(&desk, &desk.user, raised.id, false, vec![own.id, file.id]).await;
    assert_eq!(refused_at(both).as_deref(), Some("attachments[1]"));
    // Nothing was changed by what was refused.
    assert_eq!(messages(&desk, &desk.user, raised.id).await.len(), 1);
    assert_eq!(open(&desk, &desk.user, own.id).await.unwrap().attachment.ticket_id, None);
    let many = vec![own.id; 21];
    assert_eq!(
        refused_at(send(&desk, &desk.user, raised.id, false, many).await).as_deref(),
        Some("attachments")
    );
}

async fn a_name_is_a_files_name(engine: Engine) {
    let desk = Desk::new(engine).await;
    let long = "x".repeat(256);
    for wrong in ["", "  ", "a/b.png", "..\\b.png", "a\nb", "invoice\u{202e}gnp.exe", "a\u{200b}b", &long] {
        let refused = put(&desk, &desk.user, upload(wrong, 1, 10)).await;
        assert_eq!(refused_at(refused).as_deref(), Some("name"), "{wrong:?}");
    }
    let named = put(&desk, &desk.user, upload(" Zoll für Genève (2).png ", 1, 10)).await.unwrap();
    assert_eq!(named.name, "Zoll für Genève (2).png");
}

async fn one_person_has_few_that_are_not_sent(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let mut files = Vec::new();
    for at in 0..50 {
        files.push(put(&desk, &desk.user, upload(&format!("{at}.png"), 1, 10)).await.unwrap().id);
    }
    let more = || upload("more.png", 1, 10);
    assert!(is_conflict(put(&desk, &desk.user, more()).await, "too_many_uploads"));
    put(&desk, &desk.other, more()).await.unwrap();
    send(&desk, &desk.user, raised.id, false, vec![files[0]]).await.unwrap();
    put(&desk, &desk.user, more()).await.unwrap();
    // A week later those that were never sent are gone.
    assert!(!desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    desk.wait(7 * DAY_MS);
    assert!(desk.store.read(&desk.tenant, HasExpired).await.unwrap());
    while desk.store.write(&desk.tenant, RemoveExpired { limit: 20 }).await.unwrap() {}
    assert!(is_hidden(&open(&desk, &desk.user, files[1]).await));
    open(&desk, &desk.user, files[0]).await.unwrap();
}

async fn an_admin_deletes_what_was_sent(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let file = put(&desk, &desk.user, upload("passport.png", 1, 10)).await.unwrap();
    let note = put(&desk, &desk.agent, upload("quagga.png", 2, 10)).await.unwrap();
    send(&desk, &desk.user, raised.id, false, vec![file.id]).await.unwrap();
    send(&desk, &desk.agent, raised.id, true, vec![note.id]).await.unwrap();
    let before = desk.ledger().await.len();
    delete(&desk, &desk.admin, file.id).await.unwrap();
    delete(&desk, &desk.admin, note.id).await.unwrap();
    assert!(is_hidden(&delete(&desk, &desk.admin, file.id).await));
    assert_eq!(list(&desk, &desk.agent, raised.id).await.unwrap(), [""; 0]);
    assert_eq!(desk.search(&desk.user, "passport").await, [""; 0]);
    assert_eq!(desk.search(&desk.agent, "quagga").await, [""; 0]);
    // The message itself stays, and is found.
    assert_eq!(desk.search(&desk.user, "there").await, ["Pallet 7"]);
    let told: Vec<_> = desk.ledger().await.split_off(before);
    let told: Vec<_> = told.iter().map(|event| (event.action.as_str(), event.audience.code())).collect();
    assert_eq!(told, [("attachment.deleted", 2), ("attachment.deleted", 1)]);
    assert_eq!(sweep(&desk).await.len(), 2);
}

async fn files_go_with_their_ticket_and_come_back_with_it(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let file = put(&desk, &desk.user, upload("zeppelin.png", 1, 10)).await.unwrap();
    send(&desk, &desk.user, raised.id, false, vec![file.id]).await.unwrap();
    desk.delete(&desk.admin, raised.id).await.unwrap();
    for reader in [&desk.user, &desk.admin] {
        assert!(is_hidden(&open(&desk, reader, file.id).await));
        assert!(is_hidden(&delete(&desk, reader, file.id).await));
    }
    assert_eq!(desk.search(&desk.agent, "zeppelin").await, [""; 0]);
    // What can come back is kept.
    assert_eq!(sweep(&desk).await, []);
    let restore = RestoreTicket { principal: desk.admin.clone(), origin: origin(&desk.admin), id: raised.id };
    desk.store.write(&desk.tenant, restore).await.unwrap();
    assert_eq!(names(&messages(&desk, &desk.user, raised.id).await[0].attachments), ["zeppelin.png"]);
    assert_eq!(desk.search(&desk.user, "zeppelin").await, ["Pallet 7"]);
    desk.delete(&desk.admin, raised.id).await.unwrap();
    desk.wait(DAY_MS + 1);
    while desk.store.write(&desk.tenant, RemoveExpired { limit: 1 }).await.unwrap() {}
    let everything = desk.everything().await;
    let is_left = everything.lines().any(|line| line.contains("zeppelin") && line.contains("\"contentId\""));
    assert!(!is_left, "of the ticket only the ledger is left");
    assert_eq!(sweep(&desk).await.len(), 1);
}

async fn files_go_along_when_a_message_is_split_off(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let file = put(&desk, &desk.user, upload("zeppelin.png", 1, 10)).await.unwrap();
    let said = send(&desk, &desk.user, raised.id, false, vec![file.id]).await.unwrap();
    let split = SplitTicket {
        principal: desk.agent.clone(),
        origin: origin(&desk.agent),
        ticket: raised.id,
        input: NewSplit { message_id: said.id, title: "Apart".into() },
        idempotency: None,
    };
    let apart = desk.store.write(&desk.tenant, split).await.unwrap().answer;
    assert_eq!(list(&desk, &desk.user, apart.id).await.unwrap(), ["zeppelin.png"]);
    assert_eq!(list(&desk, &desk.user, raised.id).await.unwrap(), ["zeppelin.png"]);
    // Each is there without the other.
    delete(&desk, &desk.admin, file.id).await.unwrap();
    assert_eq!(sweep(&desk).await, []);
    assert_eq!(list(&desk, &desk.user, apart.id).await.unwrap(), ["zeppelin.png"]);
    assert_eq!(desk.search(&desk.user, "zeppelin").await, ["Apart"]);
}

async fn files_go_with_their_persons_texts(engine: Engine) {
    let desk = Desk::new(engine).await;
    let unsent = put(&desk, &desk.user, upload("unsent.png", 1, 10)).await.unwrap();
    let file = put(&desk, &desk.user, upload("passport.png", 2, 10)).await.unwrap();
    let raised = NewTicket { attachments: vec![file.id], ..ticket("Pallet 7") };
    let raised = desk.raise(&desk.user, raised).await.unwrap();
    let answer = put(&desk, &desk.agent, upload("answer.png", 3, 10)).await.unwrap();
    send(&desk, &desk.agent, raised.id, false, vec![answer.id]).await.unwrap();
    let erase =
        |texts| EraseUser { by: Authority::Operator, origin: origin(&desk.admin), id: desk.user.user, texts };
    let mut kept = desk.store.write(&desk.tenant, erase(false)).await.unwrap();
    assert!(kept.events > 0);
    let there = open(&desk, &desk.agent, file.id).await.unwrap().attachment;
    assert_ne!(there.uploader.name, "Uwe User");
    assert!(is_hidden(&open(&desk, &desk.user, unsent.id).await));

    // Another person, with their texts.
    let file = put(&desk, &desk.other, upload("visa.png", 4, 10)).await.unwrap();
    let raised = NewTicket { attachments: vec![file.id], ..ticket("Pallet 8") };
    desk.raise(&desk.other, raised).await.unwrap();
    kept = desk.store.write(&desk.tenant, EraseUser { id: desk.other.user, ..erase(true) }).await.unwrap();
    assert!(kept.events > 0);
    assert!(is_hidden(&open(&desk, &desk.admin, file.id).await));
    assert!(!desk.everything().await.contains("visa.png"));
    assert_eq!(desk.search(&desk.agent, "visa").await, [""; 0]);
    assert_eq!(sweep(&desk).await.len(), 2);
    let disable = UpdateUser {
        by: Authority::Operator,
        origin: origin(&desk.admin),
        id: desk.agent.user,
        patch: UserPatch { active: Some(false), ..UserPatch::default() },
    };
    desk.store.write(&desk.tenant, disable).await.unwrap();
    open(&desk, &desk.admin, answer.id).await.unwrap();
}

async fn what_a_macro_says_takes_files_along(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let file = put(&desk, &desk.agent, upload("form.png", 1, 10)).await.unwrap();
    let new = NewMacro { name: "Form".into(), body: "Fill it in".into(), ..NewMacro::default() };
    let create = CreateMacro { principal: desk.agent.clone(), origin: origin(&desk.agent), input: new };
    let macro_id = desk.store.write(&desk.tenant, create).await.unwrap().id;
    let input = |body: Option<&str>| MacroUse {
        macro_id,
        body: body.map(Into::into),
        html: None,
        mentions: Vec::new(),
        attachments: vec![file.id],
        version: None,
        last_message_id: None,
    };
    let apply = |body| ApplyMacro {
        principal: desk.agent.clone(),
        origin: origin(&desk.agent),
        ticket: raised.id,
        input: input(body),
        idempotency: None,
    };
    let silent = desk.store.write(&desk.tenant, apply(Some(""))).await;
    assert_eq!(refused_at(silent).as_deref(), Some("attachments"));
    let said = desk.store.write(&desk.tenant, apply(None)).await.unwrap().answer.message.unwrap();
    assert_eq!(names(&said.attachments), ["form.png"]);
}
