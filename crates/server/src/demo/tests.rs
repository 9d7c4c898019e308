//! Made once, whole, and without doubles.

use flowbit_domain::{
    Principal, Role, SessionId, UserId,
    audit::{GetHead, ReadLedger},
    event::ChainVerifier,
    session::FindLogin,
    ticket::{CountTickets, ListTickets, TicketFilter, TicketSort},
    user::ListUsers,
};

use std::path::Path;

use super::*;

fn config(data: &Path) -> Config {
    Config::read([], &[("data", data.display().to_string())]).unwrap()
}

async fn open(data: &Path) -> Stage {
    Stage::open(&config(data)).await.unwrap()
}

async fn admin(stage: &Stage, slug: &str) -> (TenantCtx, Principal) {
    let tenant = stage.store.control().tenant_by_slug(slug).await.unwrap().unwrap();
    let ctx = context(&tenant);
    let email = format!("admin@{slug}.com");
    let login = stage.store.read(&ctx, FindLogin { email }).await.unwrap().unwrap();
    let principal = Principal {
        tenant: tenant.id,
        user: UserId(login.user.0),
        name: "admin".into(),
        role: Role::Admin,
        session: SessionId(uuid::Uuid::nil()),
    };
    (ctx, principal)
}

#[tokio::test(flavor = "multi_thread")]
async fn made_twice_there_are_no_doubles_and_the_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let made = make_companies(&config(folder.path())).await.unwrap();
    assert_eq!(made.len(), 2);
    assert!(made.iter().all(|company| company.tickets >= 36), "{made:?}");
    assert_eq!(make_companies(&config(folder.path())).await.unwrap(), []);

    let stage = open(folder.path()).await;
    for company in &made {
        let (ctx, principal) = admin(&stage, &company.slug).await;
        let counts = stage.store.read(&ctx, CountTickets { principal: principal.clone() }).await.unwrap();
        assert_eq!(counts.all, i64::try_from(company.tickets).unwrap());
        let by = &counts.by_status;
        assert!(
            [by.open, by.in_progress, by.waiting, by.resolved, by.closed].iter().all(|n| *n > 0),
            "{by:?}"
        );

        let events = stage.store.read(&ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap();
        let mut chain = ChainVerifier::default();
        for event in &events {
            chain.check(event).unwrap();
        }
        assert_eq!(stage.store.read(&ctx, GetHead).await.unwrap().hash, chain.head);
        assert!(events.is_sorted_by_key(|event| event.at), "the ledger tells it in the order of time");
        assert!(events.iter().all(|event| event.at < stage.now), "nothing is in the future");
        let weeks = (events.last().unwrap().at.0 - events.first().unwrap().at.0) / (7 * 24 * 3600 * 1000);
        assert!(weeks >= 3, "{weeks}");
    }
    stage.store.close().await;
}

/// Both companies have people of each role, one speaks German, and neither has a text of the other.
#[tokio::test(flavor = "multi_thread")]
async fn they_are_two_companies_with_every_role_and_languages_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    make_companies(&config(folder.path())).await.unwrap();
    let stage = open(folder.path()).await;
    let mut titles = Vec::new();
    for (slug, locale) in [("logisticsco", "en"), ("retailgmbh", "de")] {
        let (ctx, principal) = admin(&stage, slug).await;
        let tenant = stage.store.control().tenant_by_slug(slug).await.unwrap().unwrap();
        assert_eq!(tenant.locale, locale);
        let people = ListUsers { principal: principal.clone(), text: None, limit: 100, cursor: None };
        let people = stage.store.read(&ctx, people).await.unwrap().items;
        for role in [Role::Admin, Role::Agent, Role::User] {
            assert!(people.iter().any(|person| person.role == role), "{slug} has no {role:?}");
        }
        let list = ListTickets {
            principal,
            filter: TicketFilter::default(),
            sort: TicketSort::NumberDesc,
            limit: 100,
            cursor: None,
        };
        let tickets = stage.store.read(&ctx, list).await.unwrap().items;
        titles.push(tickets.into_iter().map(|ticket| ticket.title).collect::<Vec<_>>());
    }
    let german = |title: &&String| {
        let words: Vec<&str> = title.split(|c: char| !c.is_alphabetic()).collect();
        [
            "der", "die", "das", "und", "nicht", "ist", "auf", "für", "im", "mit", "bei", "zur", "zum",
            "ein", "eine",
        ]
        .iter()
        .any(|word| words.contains(word))
    };
    let [english, deutsch] = &titles[..] else { panic!("{titles:?}") };
    let count = |titles: &[String]| titles.iter().filter(german).count();
    assert!(count(deutsch) * 3 > deutsch.len(), "{deutsch:?}");
    assert!(count(english) * 10 < english.len(), "{english:?}");
    assert!(english.iter().all(|title| !deutsch.contains(title)));
    stage.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_company_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let script = script::for_slug("retailgmbh").unwrap();
    {
        // As if it had been killed after the people and a ticket.
        let stage = open(folder.path()).await;
        std::fs::write(stage.unfinished("retailgmbh"), "").unwrap();
        stage.store.control().create_tenant(script.company.to_tenant()).await.unwrap();
        let mut begun = script.clone();
        begun.tickets.truncate(1);
        let tenant = stage.store.control().tenant_by_slug("retailgmbh").await.unwrap().unwrap();
        play::perform(&stage, &context(&tenant), &begun).await.unwrap();
        stage.store.close().await;
    }
    let made = make_companies(&config(folder.path())).await.unwrap();
    assert_eq!(made.len(), 2, "{made:?}");
    let stage = open(folder.path()).await;
    let (ctx, principal) = admin(&stage, "retailgmbh").await;
    let counts = stage.store.read(&ctx, CountTickets { principal }).await.unwrap();
    assert_eq!(counts.all, i64::try_from(script.tickets.len()).unwrap());
    assert!(!stage.unfinished("retailgmbh").exists());
    stage.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tickets_go_only_into_demo_companies() {
    let folder = tempfile::tempdir().unwrap();
    let refused = make_many(&config(folder.path()), "acme", 10).await;
    assert!(matches!(refused, Err(DemoError::NotDemo(_))), "{refused:?}");

    let made = make_many(&config(folder.path()), "demo-large", 1_200).await.unwrap();
    assert_eq!(made.tickets, 1_200);
    let stage = open(folder.path()).await;
    let tenant = stage.store.control().tenant_by_slug("demo-large").await.unwrap().unwrap();
    let ctx = context(&tenant);
    let email = "admin@demo-large.example".to_owned();
    let login = stage.store.read(&ctx, FindLogin { email }).await.unwrap().unwrap();
    let principal = play::principal(&ctx, login.user, "admin", Role::Admin);
    let page = ListTickets {
        principal,
        filter: TicketFilter::default(),
        sort: TicketSort::NumberDesc,
        limit: 1,
        cursor: None,
    };
    assert_eq!(stage.store.read(&ctx, page).await.unwrap().items[0].number, 1_200);
    stage.store.close().await;
}
