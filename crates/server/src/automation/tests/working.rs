//! The worker: from a commit to a delivery that is written down.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aws_lc_rs::hmac;
use axum::{http::StatusCode, response::IntoResponse};
use base64::{Engine, engine::general_purpose::STANDARD};
use flowbit_content::{Contents, Place};
use flowbit_domain::{
    attachment::{DeleteAttachment, KeepUpload, NewUpload, ReserveContent, content::HasLoose},
    control::TenantState,
    delivery::DeliveryState,
    id::{ContentId, TenantId},
    time::Clock,
};
use flowbit_store::NewTenant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::{
        sweep::sweep,
        worker::{Parts, Worker},
    },
    Arrived, Desk, receiver,
};

impl Desk {
    /// A worker that stops, without patience, when it is told to.
    fn work(&self, stop: &CancellationToken) -> tokio::task::JoinHandle<()> {
        let worker = Worker::new(Parts {
            store: self.store.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            sender: Arc::new(self.sender(&["127.0.0.0/8"])),
            waker: Arc::clone(&self.waker),
            exclusive: true,
            drain: Duration::ZERO,
        });
        tokio::spawn(worker.run(stop.clone()))
    }
}

/// HMAC-SHA256 by another implementation than the one that signs.
fn signature_by_hand(secret: &str, arrived: &Arrived) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = [
        arrived.header("webhook-id").as_bytes(),
        arrived.header("webhook-timestamp").as_bytes(),
        &arrived.body,
    ];
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &signed.join(&b'.'));
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

#[tokio::test]
async fn a_commit_is_delivered_signed_and_written_down() {
    let mut desk = Desk::open().await;
    let (url, mut arrivals) = receiver().await;
    let stop = CancellationToken::new();
    let worker = desk.work(&stop);
    let endpoint = desk.endpoint(&format!("{url}/hook")).await;
    let ticket = desk.ticket().await;

    let arrived = arrivals.recv().await.unwrap();
    assert_eq!(arrived.path, "/hook");
    assert_eq!(arrived.header("content-type"), "application/json");
    assert_eq!(arrived.header("x-webhook-secret"), endpoint.shared_secret);
    assert_eq!(arrived.header("webhook-timestamp"), "1800000000");
    assert_eq!(arrived.header("webhook-signature"), signature_by_hand(&endpoint.secret, &arrived));
    let delivery = ticket.workflow.unwrap().delivery_id.unwrap();
    assert_eq!(arrived.header("webhook-id"), delivery.to_string());
    let body: serde_json::Value = serde_json::from_slice(&arrived.body).unwrap();
    assert_eq!(body["data"]["ticketId"], ticket.id.to_string());
    assert_eq!(body["data"]["callbackToken"], format!("token-of-{delivery}"));
    assert_eq!(body["data"]["callbackUrl"], "https://desk.example.com/webhook/ticket-done");

    arrived.answer.send(StatusCode::OK.into_response()).unwrap();
    let event = desk.until("workflow.delivered").await;
    assert_eq!(event.ticket, Some(ticket.id));
    assert_eq!(desk.states().await, [(DeliveryState::Delivered, 1)]);
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test]
async fn what_waited_and_what_a_dead_process_had_claimed_is_found_at_the_start() {
    let mut desk = Desk::open().await;
    let (url, mut arrivals) = receiver().await;
    desk.endpoint(&url).await;
    desk.ticket().await;
    desk.ticket().await;
    let left = desk.claim().await;
    desk.clock.0.fetch_add(1, Ordering::SeqCst);
    // Nobody tells the worker: what was heard is gone with the process that heard it.
    desk.waker.take();
    let stop = CancellationToken::new();
    let worker = desk.work(&stop);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let arrived = arrivals.recv().await.unwrap();
        ids.push(arrived.header("webhook-id").to_owned());
        arrived.answer.send(StatusCode::NO_CONTENT.into_response()).unwrap();
    }
    assert!(ids.contains(&left.id.to_string()));
    desk.until("workflow.delivered").await;
    desk.until("workflow.delivered").await;
    assert!(desk.states().await.iter().all(|(state, _)| *state == DeliveryState::Delivered));
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test]
async fn at_a_stop_what_is_under_way_is_given_back() {
    let desk = Desk::open().await;
    let (url, mut arrivals) = receiver().await;
    desk.endpoint(&url).await;
    let stop = CancellationToken::new();
    let worker = desk.work(&stop);
    desk.ticket().await;
    let arrived = arrivals.recv().await.unwrap();
    stop.cancel();
    worker.await.unwrap();
    assert_eq!(desk.states().await, [(DeliveryState::Pending, 1)]);

    let stop = CancellationToken::new();
    let next = desk.work(&stop);
    let again = arrivals.recv().await.unwrap();
    assert_eq!(again.header("webhook-id"), arrived.header("webhook-id"), "the other side can tell");
    stop.cancel();
    next.await.unwrap();
}

#[tokio::test]
async fn no_more_than_four_are_on_their_way_to_one_endpoint() {
    let mut desk = Desk::open().await;
    let (url, mut arrivals) = receiver().await;
    desk.endpoint(&url).await;
    for _ in 0..9 {
        desk.ticket().await;
    }
    let stop = CancellationToken::new();
    let worker = desk.work(&stop);
    let mut under_way = Vec::new();
    for _ in 0..4 {
        under_way.push(arrivals.recv().await.unwrap());
    }
    for round in 0..9 {
        assert!(arrivals.try_recv().is_err(), "a fifth");
        let first = under_way.remove(0);
        first.answer.send(StatusCode::OK.into_response()).unwrap();
        desk.until("workflow.delivered").await;
        if round < 5 {
            under_way.push(arrivals.recv().await.unwrap());
        }
    }
    assert!(
        desk.states().await.iter().all(|(state, count)| (*state, *count) == (DeliveryState::Delivered, 1))
    );
    stop.cancel();
    worker.await.unwrap();
}

#[tokio::test]
async fn a_sweep_has_nothing_to_do_on_a_young_desk() {
    let desk = Desk::open().await;
    let (url, _arrivals) = receiver().await;
    desk.endpoint(&url).await;
    desk.ticket().await;
    let folder = tempfile::tempdir().unwrap();
    let contents = Contents::open(&Place::Folder(folder.path().into()), folder.path()).unwrap();
    sweep(&desk.store, &contents, &*desk.clock).await;
    assert_eq!(desk.states().await, [(DeliveryState::Pending, 0)]);
}

#[tokio::test]
#[expect(clippy::unreachable, reason = "a test that cannot go on fails there")]
async fn a_sweep_removes_what_files_held_that_are_no_more() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let contents = Contents::open(&Place::Folder(folder.path().join("contents")), folder.path()).unwrap();
    let by = || desk.admin.clone();
    let mut files = Vec::new();
    for text in ["kept", "removed"] {
        let mut arrival = contents.begin().await.unwrap();
        arrival.add(text.as_bytes()).await.unwrap();
        let mut file = arrival.finish().await.unwrap();
        let upload = NewUpload {
            name: text.into(),
            media_type: file.media_type.into(),
            sha256: file.sha256,
            size: i64::try_from(file.size).unwrap(),
        };
        let reserve = ReserveContent { principal: by(), upload: upload.clone(), quota: 100 };
        let content = desk.store.write(&desk.ctx, reserve).await.unwrap().content;
        contents.put(desk.ctx.tenant(), content, &mut file).await.unwrap();
        let keep = KeepUpload { principal: by(), upload, content };
        let id = desk.store.write(&desk.ctx, keep).await.unwrap().unwrap().id;
        files.push((id, content, file.size));
    }
    let [(_, kept, size), (id, removed, removed_size)] = files[..] else { unreachable!("two were kept") };
    let delete = DeleteAttachment { principal: by(), origin: desk.origin(), id };
    desk.store.write(&desk.ctx, delete).await.unwrap();
    sweep(&desk.store, &contents, &*desk.clock).await;
    let tenant = desk.ctx.tenant();
    assert!(contents.get(tenant, kept, size).await.is_ok());
    assert!(contents.get(tenant, removed, removed_size).await.is_err());
    // Nothing is left to do, and nothing is kept that was to go.
    assert!(!desk.store.read(&desk.ctx, HasLoose).await.unwrap());
}

/// Nor what is left of a company that is gone; but one that is merely not known may be another installation's, or this
/// one's whose database is not the right one.
#[tokio::test]
async fn a_sweep_removes_what_is_left_of_a_company_that_is_gone_and_of_no_other() {
    let desk = Desk::open().await;
    let control = desk.store.control();
    let new = NewTenant {
        slug: "gone".into(),
        name: "Gone".into(),
        locale: "en".into(),
        accent_color: "#336699".into(),
    };
    let erased = control.create_tenant(new).await.unwrap().id;
    control.set_tenant_state(erased, TenantState::Suspended).await.unwrap();
    control.erase_tenant(erased, "{}").await.unwrap();
    let [unknown, coming] = [7, 8].map(|n| TenantId(Uuid::from_u128(n)));
    let content = ContentId(Uuid::from_u128(9));
    let data = tempfile::tempdir().unwrap();
    let open = || {
        let place = Place::Folder(data.path().join("contents"));
        Contents::open(&place, &data.path().join("arriving")).unwrap()
    };
    let contents = open();
    for left in [erased, unknown, coming, desk.ctx.tenant()] {
        let mut file = contents.begin().await.unwrap().finish().await.unwrap();
        contents.put(left, content, &mut file).await.unwrap();
    }
    let is_there = async |tenant| contents.get(tenant, content, 0).await.is_ok();
    let under_way = contents.bring_in(coming).unwrap();
    sweep(&desk.store, &contents, &*desk.clock).await;
    assert!(!is_there(erased).await);
    assert!(is_there(coming).await, "it is being brought in");
    // Killed: the next process finds its note.
    std::mem::forget(under_way);
    sweep(&desk.store, &open(), &*desk.clock).await;
    assert!(!is_there(coming).await);
    // What has come is no more to be removed than what was never noted.
    drop(contents.bring_in(desk.ctx.tenant()).unwrap());
    sweep(&desk.store, &contents, &*desk.clock).await;
    assert_eq!(contents.broken_off().unwrap(), []);
    for stays in [desk.ctx.tenant(), unknown] {
        assert!(is_there(stays).await);
    }
}
