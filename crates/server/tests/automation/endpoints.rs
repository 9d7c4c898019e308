//! Administration of endpoints.

use flowbit_domain::{
    Role,
    delivery::DeliveryState,
    endpoint::{
        CreateEndpoint, DeleteEndpoint, ENDPOINTS_MAX, EndpointPatch, GetEndpoint, ListEndpoints,
        NewEndpoint, RotateSecret, TestEndpoint, UpdateEndpoint,
    },
    error::Error,
    id::EndpointId,
    ticket::WorkflowState,
};

use super::fixture::{Desk, HOUR, MINUTE, answered};

#[tokio::test]
async fn only_admins_administer() {
    let desk = Desk::open().await;
    let id = desk.endpoint(&["ticket.created"], None).await.endpoint.id;
    let events = desk.ledger().await.len();
    for role in [Role::Agent, Role::User] {
        let principal = desk.as_role(role);
        let (p, o) = (|| principal.clone(), || desk.origin());
        let input = NewEndpoint {
            url: "https://example.com/".into(),
            events: vec!["ticket.created".into()],
            active: true,
            description: String::new(),
            deadline_seconds: None,
        };
        let secrets = desk.secrets();
        let create = CreateEndpoint { principal: p(), origin: o(), id, secrets: secrets.clone(), input };
        let update = UpdateEndpoint { principal: p(), origin: o(), id, patch: EndpointPatch::default() };
        let refusals = [
            desk.write(create).await.err(),
            desk.write(update).await.err(),
            desk.write(RotateSecret { principal: p(), origin: o(), id, secrets }).await.err(),
            desk.write(TestEndpoint { principal: p(), origin: o(), id }).await.err(),
            desk.write(DeleteEndpoint { principal: p(), origin: o(), id }).await.err(),
            desk.read(ListEndpoints { principal: p(), limit: 10, cursor: None }).await.err(),
            desk.read(GetEndpoint { principal: p(), id }).await.err(),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Some(Error::Forbidden(_))), "{refusal:?}");
        }
    }
    assert_eq!(desk.ledger().await.len(), events, "nothing was recorded or done");
}

#[tokio::test]
async fn secrets_are_as_the_standard_wants_them_and_shown_once() {
    let desk = Desk::open().await;
    let made = desk.endpoint(&["ticket.created"], None).await;
    assert!(made.secret.starts_with("whsec_") && made.secret.len() == 6 + 44);
    assert!(made.shared_secret.starts_with("fbs_") && made.shared_secret.len() == 4 + 43);
    let shown = desk.read(GetEndpoint { principal: desk.admin.clone(), id: made.endpoint.id }).await.unwrap();
    let text = serde_json::to_string(&shown).unwrap();
    assert!(!text.to_lowercase().contains("secret"), "{text}");
}

#[tokio::test]
async fn both_signing_secrets_are_good_for_a_day_after_a_rotation() {
    let desk = Desk::open().await;
    let old = desk.endpoint(&["ticket.created"], None).await;
    let secrets = desk.secrets();
    let id = old.endpoint.id;
    let rotate = RotateSecret { principal: desk.admin.clone(), origin: desk.origin(), id, secrets };
    let new = desk.write(rotate).await.unwrap();
    assert_ne!((&new.secret, &new.shared_secret), (&old.secret, &old.shared_secret));
    desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    assert_eq!(claimed.secrets.signing, [new.secret.clone(), old.secret.clone()]);
    assert_eq!(claimed.secrets.shared, new.shared_secret);
    desk.finish(&claimed, answered(200)).await;
    desk.clock.turn(24 * HOUR);
    desk.ticket("Two").await;
    assert_eq!(desk.claim_one().await.secrets.signing, [new.secret]);
    assert_eq!(desk.events("endpoint.secretRotated").await.len(), 1);
}

#[tokio::test]
async fn changes_are_recorded_with_before_and_after() {
    let desk = Desk::open().await;
    let id = desk.endpoint(&["ticket.created"], Some(60)).await.endpoint.id;
    let patch =
        r#"{"events": ["ticket.updated", "ticket.created"], "deadlineSeconds": null, "description": "n8n"}"#;
    desk.patch_endpoint(id, serde_json::from_str(patch).unwrap()).await;
    desk.patch_endpoint(id, serde_json::from_str(patch).unwrap()).await;
    let recorded = desk.events("endpoint.updated").await;
    assert_eq!(recorded.len(), 1, "the second time nothing differs");
    assert_eq!(recorded[0]["changes"]["deadlineSeconds"]["from"], 60);
    assert!(recorded[0]["changes"]["deadlineSeconds"]["to"].is_null());
    assert_eq!(recorded[0]["changes"]["events"]["from"][0], "ticket.created");
    assert!(recorded[0]["changes"].get("url").is_none());

    for wrong in [r#"{"url": "ftp://example.com"}"#, r#"{"events": []}"#, r#"{"deadlineSeconds": 0}"#] {
        let patch: EndpointPatch = serde_json::from_str(wrong).unwrap();
        let update = UpdateEndpoint { principal: desk.admin.clone(), origin: desk.origin(), id, patch };
        assert!(matches!(desk.write(update).await, Err(Error::Validation(_))), "{wrong}");
    }
    assert!(serde_json::from_str::<EndpointPatch>(r#"{"secret": "mine"}"#).is_err());
}

#[tokio::test]
async fn a_removed_endpoint_is_gone_and_what_waited_for_it_is_given_up() {
    let desk = Desk::open().await;
    let made = desk.endpoint(&["ticket.created"], Some(60)).await;
    let id = made.endpoint.id;
    let ticket = desk.ticket("One").await;
    let under_way = desk.claim_one().await;
    let waiting = desk.ticket("Two").await;
    desk.write(DeleteEndpoint { principal: desk.admin.clone(), origin: desk.origin(), id }).await.unwrap();

    let again = DeleteEndpoint { principal: desk.admin.clone(), origin: desk.origin(), id };
    assert!(matches!(desk.write(again).await, Err(Error::NotFound)));
    let list = ListEndpoints { principal: desk.admin.clone(), limit: 10, cursor: None };
    assert!(desk.read(list).await.unwrap().items.is_empty());
    let parked = desk.delivery(waiting.workflow.unwrap().delivery_id.unwrap()).await;
    assert_eq!(parked.delivery.state, DeliveryState::Dead);
    assert_eq!(parked.delivery.endpoint_url, made.endpoint.url, "what was sent can still be read");
    for ticket in [ticket.id, waiting.id] {
        assert_eq!(desk.workflow(ticket).await, WorkflowState::Failed);
    }
    assert_eq!(desk.events("endpoint.deleted").await[0]["deliveriesParked"], 1);
    desk.finish(&under_way, answered(500)).await;
    assert_eq!(desk.delivery(under_way.id).await.delivery.state, DeliveryState::Dead);
    desk.clock.turn(10 * MINUTE);
    assert!(desk.claim().await.is_empty());
    assert_eq!(desk.next_due().await, None);
    assert!(desk.ticket("Three").await.workflow.is_none());
}

#[tokio::test]
async fn there_is_a_bound_and_pages_show_each_once() {
    let desk = Desk::open().await;
    let mut made = Vec::new();
    for _ in 0..ENDPOINTS_MAX {
        made.push(desk.endpoint(&["ticket.deleted"], None).await.endpoint.id);
    }
    let input = NewEndpoint {
        url: "https://example.com/".into(),
        events: vec!["ticket.created".into()],
        active: true,
        description: String::new(),
        deadline_seconds: None,
    };
    let create = CreateEndpoint {
        principal: desk.admin.clone(),
        origin: desk.origin(),
        id: EndpointId(uuid::Uuid::from_u128(9)),
        secrets: desk.secrets(),
        input,
    };
    assert!(matches!(desk.write(create).await, Err(Error::Conflict { code: "too_many_endpoints", .. })));
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let list = ListEndpoints { principal: desk.admin.clone(), limit: 15, cursor };
        let page = desk.read(list).await.unwrap();
        seen.extend(page.items.into_iter().map(|e| e.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    made.sort();
    assert_eq!(seen, made);
}
