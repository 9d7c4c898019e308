//! Teams: how they are kept, who is out of office, and who learns of it.

use std::collections::BTreeMap;

use flowbit_domain::{
    Error, Principal, Result, Role,
    event::Audience,
    feed::ListEvents,
    id::{TeamId, UserId},
    principal::Origin,
    team::{Assignment, CreateTeam, DeleteTeam, ListTeams, NewTeam, Team, TeamPatch, UpdateTeam},
    ticket::{NewTicket, RestoreTicket, Status, Ticket, TicketFilter, TicketPatch, WhichTeam},
    time::Timestamp,
    user::{Authority, Availability, CreateUser, EraseUser, NewUser, SetAvailability},
    view::CountViews,
};
use serde_json::{Value as Json, json};

use crate::{
    engines::{Engine, on_both_engines},
    filters::expression,
    support::{Desk, origin, ticket},
};

on_both_engines! {
    a_requester_learns_of_no_team,
    views_and_filters_find_a_teams_tickets,
    a_team_is_kept_by_admins_and_says_what_changed,
    a_team_with_work_left_stays,
    a_restored_ticket_comes_back_to_no_removed_team,
    who_is_out_of_office_says_so,
    an_erased_person_leaves_their_teams,
}

pub(super) async fn colleague(desk: &Desk, name: &str) -> Principal {
    let user = NewUser {
        email: format!("{name}@acme.example"),
        name: name.into(),
        role: Role::Agent,
        password_hash: Some("unusable".into()),
    };
    let by = Authority::Person(desk.admin.clone());
    let create = CreateUser { by, origin: Origin::system(), user };
    let user = desk.store.write(&desk.tenant, create).await.unwrap().user;
    Principal { user: user.id, name: user.name, role: Role::Agent, ..desk.agent.clone() }
}

pub(super) async fn make(desk: &Desk, name: &str, assignment: Assignment, members: &[&Principal]) -> Team {
    let member_ids = members.iter().map(|member| member.user).collect();
    let input = NewTeam { name: name.into(), assignment, member_ids };
    let create = CreateTeam { principal: desk.admin.clone(), origin: origin(&desk.admin), input };
    desk.store.write(&desk.tenant, create).await.unwrap()
}

pub(super) async fn change(desk: &Desk, by: &Principal, id: TeamId, patch: TeamPatch) -> Result<Team> {
    let update = UpdateTeam { principal: by.clone(), origin: origin(by), id, patch };
    desk.store.write(&desk.tenant, update).await
}

pub(super) async fn remove(desk: &Desk, id: TeamId) -> Result<()> {
    let delete = DeleteTeam { principal: desk.admin.clone(), origin: origin(&desk.admin), id };
    desk.store.write(&desk.tenant, delete).await
}

pub(super) async fn set(desk: &Desk, by: &Principal, user: UserId, input: Availability) -> Result<()> {
    let set = SetAvailability { principal: by.clone(), origin: origin(by), user, input };
    desk.store.write(&desk.tenant, set).await.map(|_| ())
}

pub(super) const GONE: Availability = Availability { out_of_office: true, until: None };
pub(super) const BACK: Availability = Availability { out_of_office: false, until: None };

pub(super) async fn raise(desk: &Desk, team: TeamId) -> Ticket {
    let input = NewTicket { team_id: Some(team), ..ticket("Pallet 7") };
    desk.raise(&desk.agent, input).await.unwrap()
}

pub(super) async fn whose(desk: &Desk, team: TeamId) -> Option<String> {
    raise(desk, team).await.assignee.map(|person| person.name)
}

pub(super) fn to_team(team: TeamId) -> TicketPatch {
    TicketPatch { team_id: Some(Some(team)), ..TicketPatch::default() }
}

pub(super) async fn shares(desk: &Desk) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for ticket in desk.list_all(&desk.agent).await {
        *shares.entry(ticket.assignee.map_or_else(String::new, |person| person.name)).or_insert(0) += 1;
    }
    shares
}

async fn a_requester_learns_of_no_team(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    let team = make(&desk, "Okapi", Assignment::RoundRobin, &[&ben]).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let before = desk.ledger().await.len();
    let after = desk.update(&desk.agent, raised.id, to_team(team.id)).await.unwrap();
    assert_eq!(after.team.map(|team| team.id), Some(team.id));
    let events = desk.ledger().await.split_off(before);
    let said: Vec<(Audience, Json)> = events
        .iter()
        .map(|event| (event.audience, serde_json::from_str::<Json>(&event.data).unwrap()))
        .collect();
    let ben_is = json!({ "id": ben.user, "name": "Ben" });
    assert_eq!(said[0].0, Audience::Requester);
    assert_eq!(said[0].1["changes"], json!({ "assignee": { "from": null, "to": ben_is } }));
    assert_eq!(said[1].0, Audience::Staff);
    let okapi = json!({ "id": team.id, "name": "Okapi" });
    assert_eq!(said[1].1["changes"], json!({ "team": { "from": null, "to": okapi } }));
    assert_eq!(said[1].1["given"], json!({ "rule": "round_robin", "assignee": ben_is }));
    let seen = desk.get(&desk.user, raised.id).await.unwrap();
    assert!(seen.team.is_none() && desk.list_all(&desk.user).await[0].team.is_none());
    let list = ListEvents { principal: desk.user.clone(), after: 0, limit: 100, ticket: None };
    let heard = desk.store.read(&desk.tenant, list).await.unwrap().items;
    assert!(!serde_json::to_string(&heard).unwrap().contains("Okapi"));
    // Nor can they find out by asking.
    for (which, found) in [(WhichTeam::Is(team.id), 0), (WhichTeam::Mine, 0), (WhichTeam::Nobodys, 1)] {
        let filter = TicketFilter { team: Some(which), ..TicketFilter::default() };
        assert_eq!(desk.titles(&desk.user, filter).await.len(), found, "{which}");
    }
    let error = desk.store.read(&desk.tenant, ListTeams { principal: desk.user.clone() }).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
}

async fn views_and_filters_find_a_teams_tickets(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    let depot = make(&desk, "Depot", Assignment::Manual, &[&desk.agent]).await;
    let customs = make(&desk, "Customs", Assignment::Manual, &[&ben]).await;
    for (title, team) in [("a", Some(depot.id)), ("b", Some(customs.id)), ("c", None), ("d", Some(depot.id))]
    {
        desk.raise(&desk.agent, NewTicket { team_id: team, ..ticket(title) }).await.unwrap();
    }
    let by = |team| TicketFilter { team: Some(team), ..TicketFilter::default() };
    assert_eq!(desk.titles(&desk.agent, by(WhichTeam::Is(depot.id))).await, ["a", "d"]);
    assert_eq!(desk.titles(&desk.agent, by(WhichTeam::Mine)).await, ["a", "d"]);
    assert_eq!(desk.titles(&ben, by(WhichTeam::Mine)).await, ["b"]);
    assert_eq!(desk.titles(&ben, by(WhichTeam::Nobodys)).await, ["c"]);
    let not = json!({ "team": { "isNot": [depot.id] } });
    let not = TicketFilter { expression: Some(expression(&not)), ..TicketFilter::default() };
    assert_eq!(desk.titles(&ben, not).await, ["b", "c"]);
    for (who, number) in [(&desk.agent, 2), (&ben, 1), (&desk.admin, 0), (&desk.user, 0)] {
        let counts = desk.store.read(&desk.tenant, CountViews { principal: who.clone() }).await.unwrap();
        let mine = counts.items.iter().find(|count| count.view == "my_teams").unwrap();
        assert_eq!((mine.count, mine.or_more), (Some(number), false), "{}", who.name);
    }
    // A page that was written before shows the new name.
    let renamed = TeamPatch { name: Some("Harbour".into()), ..TeamPatch::default() };
    change(&desk, &desk.admin, depot.id, renamed).await.unwrap();
    let names: Vec<_> =
        desk.list_all(&desk.agent).await.into_iter().map(|t| t.team.map(|team| team.name)).collect();
    assert_eq!(names, [Some("Harbour".into()), Some("Customs".into()), None, Some("Harbour".into())]);
}

async fn a_team_is_kept_by_admins_and_says_what_changed(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    let team = make(&desk, "Depot", Assignment::Manual, &[&ben]).await;
    let create = |by: &Principal, name: &str, members: &[UserId]| CreateTeam {
        principal: by.clone(),
        origin: origin(by),
        input: NewTeam { name: name.into(), member_ids: members.to_vec(), ..NewTeam::default() },
    };
    for by in [&desk.agent, &desk.user] {
        let error = desk.store.write(&desk.tenant, create(by, "Own", &[])).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
        let error = change(&desk, by, team.id, TeamPatch::default()).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    }
    let error = desk.store.write(&desk.tenant, create(&desk.admin, " depot ", &[])).await.unwrap_err();
    assert!(error.to_string().starts_with("name: is another team's"), "{error}");
    let wrong = [ben.user, ben.user, desk.user.user];
    let Error::Validation(errors) =
        desk.store.write(&desk.tenant, create(&desk.admin, "Other", &wrong)).await.unwrap_err()
    else {
        panic!("it was made")
    };
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["memberIds[1]", "memberIds[2]"]);
    let before = desk.ledger().await.len();
    let patch = TeamPatch {
        assignment: Some(Assignment::ByLoad),
        member_ids: Some(vec![desk.agent.user]),
        version: Some(1),
        ..TeamPatch::default()
    };
    let changed = change(&desk, &desk.admin, team.id, patch.clone()).await.unwrap();
    assert_eq!((changed.version, changed.members[0].name.as_str()), (2, "Greta Agent"));
    let error = change(&desk, &desk.admin, team.id, patch).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "conflict", .. }), "{error:?}");
    let events = desk.ledger().await.split_off(before);
    assert_eq!((events.len(), events[0].audience), (1, Audience::Staff));
    let data: Json = serde_json::from_str(&events[0].data).unwrap();
    assert_eq!(data["changes"]["assignment"], json!({ "from": "manual", "to": "by_load" }));
    assert_eq!(data["changes"]["members"]["from"], json!([{ "id": ben.user, "name": "Ben" }]));
}

async fn a_team_with_work_left_stays(engine: Engine) {
    let desk = Desk::new(engine).await;
    let team = make(&desk, "Depot", Assignment::Manual, &[&desk.agent]).await;
    let raised = raise(&desk, team.id).await;
    let error = remove(&desk, team.id).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { code: "team_has_tickets", .. }), "{error:?}");
    let solved = TicketPatch { status: Some(Status::Closed), ..TicketPatch::default() };
    desk.update(&desk.agent, raised.id, solved).await.unwrap();
    remove(&desk, team.id).await.unwrap();
    assert!(matches!(remove(&desk, team.id).await.unwrap_err(), Error::NotFound));
    // What was solved still says whose it was, and is nobody's when it is opened again.
    assert!(desk.get(&desk.agent, raised.id).await.unwrap().team.is_some());
    let reopened = TicketPatch { status: Some(Status::Open), ..TicketPatch::default() };
    assert!(desk.update(&desk.agent, raised.id, reopened).await.unwrap().team.is_none());
    // The name is free.
    make(&desk, "Depot", Assignment::Manual, &[]).await;
}

async fn a_restored_ticket_comes_back_to_no_removed_team(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (gone, kept) = (
        make(&desk, "Depot", Assignment::Manual, &[]).await,
        make(&desk, "Customs", Assignment::Manual, &[]).await,
    );
    for (team, stays) in [(gone.id, false), (kept.id, true)] {
        let raised = raise(&desk, team).await;
        desk.delete(&desk.admin, raised.id).await.unwrap();
        if !stays {
            remove(&desk, team).await.unwrap();
        }
        let (principal, by) = (desk.admin.clone(), origin(&desk.admin));
        let restore = RestoreTicket { principal, origin: by, id: raised.id };
        let back = desk.store.write(&desk.tenant, restore).await.unwrap();
        assert_eq!(back.team.is_some(), stays);
    }
}

async fn who_is_out_of_office_says_so(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    let before = desk.ledger().await.len();
    set(&desk, &ben, ben.user, GONE).await.unwrap();
    set(&desk, &ben, ben.user, GONE).await.unwrap();
    let events = desk.ledger().await.split_off(before);
    assert_eq!(events.len(), 1, "the second time nothing changes");
    assert_eq!(
        (events[0].action.as_str(), events[0].audience),
        ("user.availabilityChanged", Audience::Staff)
    );
    // Nobody says it of another but an admin; who raises tickets never.
    for (by, whom) in [(&desk.agent, ben.user), (&desk.user, desk.user.user)] {
        let error = set(&desk, by, whom, BACK).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
    }
    let error = set(&desk, &desk.admin, desk.user.user, GONE).await.unwrap_err();
    assert!(error.to_string().starts_with("outOfOffice: is for who works"), "{error}");
    for until in [Timestamp(0), Timestamp(i64::MAX)] {
        let error =
            set(&desk, &ben, ben.user, Availability { until: Some(until), ..GONE }).await.unwrap_err();
        assert!(error.to_string().starts_with("until: must be in the future"), "{error}");
    }
}

async fn an_erased_person_leaves_their_teams(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    let team = make(&desk, "Depot", Assignment::RoundRobin, &[&ben]).await;
    set(&desk, &ben, ben.user, GONE).await.unwrap();
    raise(&desk, team.id).await;
    let by = Authority::Person(desk.admin.clone());
    let erase = EraseUser { by, origin: origin(&desk.admin), id: ben.user, texts: false };
    desk.store.write(&desk.tenant, erase).await.unwrap();
    let all = desk.everything().await;
    assert!(!all.contains("\"name\":\"Ben\"") && !all.contains("picked"), "{all}");
    desk.ledger().await;
}
