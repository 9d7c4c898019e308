//! Teams' rules: whose turn it is, and who is passed over.

use std::collections::BTreeMap;

use flowbit_domain::{
    Error, Role,
    id::TeamId,
    macros::{CreateMacro, MacroActions, NewMacro},
    team::{Assignment, ListTeams},
    ticket::{BulkChange, ChangeTickets, CreateTicket, NewTicket, Status, TicketPatch},
    user::{Authority, Availability, UpdateUser, UserPatch},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, apply, origin, ticket},
    teams::{BACK, GONE, colleague, make, raise, set, shares, to_team, whose},
};

on_both_engines! {
    the_members_take_turns_however_many_ask_at_once,
    the_least_laden_gets_it_and_a_batch_is_shared_out,
    who_is_gone_is_passed_over,
    a_rule_picks_only_where_nobody_is_named_and_something_is_to_do,
    a_macro_gives_to_a_team,
}

async fn the_members_take_turns_however_many_ask_at_once(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (ben, cleo) = (colleague(&desk, "Ben").await, colleague(&desk, "Cleo").await);
    let team = make(&desk, "Depot", Assignment::RoundRobin, &[&cleo, &ben, &desk.agent]).await;
    let asked: Vec<_> = (0..31)
        .map(|_| {
            let (store, tenant) = (desk.store.clone(), desk.tenant.clone());
            let create = CreateTicket {
                principal: desk.admin.clone(),
                origin: origin(&desk.admin),
                input: NewTicket { team_id: Some(team.id), ..ticket("At once") },
                idempotency: None,
            };
            tokio::spawn(async move { store.write(&tenant, create).await.unwrap() })
        })
        .collect();
    for one in asked {
        one.await.unwrap();
    }
    let given = shares(&desk).await;
    let counts: Vec<usize> = given.values().copied().collect();
    assert_eq!(given.len(), 3, "{given:?}");
    assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{given:?}");
    // One after the other, each has the next turn.
    let mut turns = Vec::new();
    for _ in 0..6 {
        turns.push(whose(&desk, team.id).await.unwrap());
    }
    assert_eq!(turns[..3], turns[3..]);
    turns.sort();
    assert_eq!(turns, ["Ben", "Ben", "Cleo", "Cleo", "Greta Agent", "Greta Agent"]);
    desk.ledger().await;
}

async fn the_least_laden_gets_it_and_a_batch_is_shared_out(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    for at in 0..3 {
        let input = NewTicket { assignee_id: Some(ben.user), ..ticket(&format!("Ben's {at}")) };
        let raised = desk.raise(&desk.agent, input).await.unwrap();
        // What is solved weighs nothing.
        if at == 0 {
            let solved = TicketPatch { status: Some(Status::Resolved), ..TicketPatch::default() };
            desk.update(&desk.agent, raised.id, solved).await.unwrap();
        }
    }
    let team = make(&desk, "Depot", Assignment::ByLoad, &[&ben, &desk.agent]).await;
    for _ in 0..2 {
        assert_eq!(whose(&desk, team.id).await.as_deref(), Some("Greta Agent"));
    }
    // Both have two now: the one picked longest ago is next.
    assert_eq!(whose(&desk, team.id).await.as_deref(), Some("Ben"));
    assert_eq!(whose(&desk, team.id).await.as_deref(), Some("Greta Agent"));
    let mut ids = Vec::new();
    for at in 0..10 {
        ids.push(desk.raise(&desk.user, ticket(&format!("Loose {at}"))).await.unwrap().id);
    }
    let input = BulkChange { ids, team_id: Some(Some(team.id)), ..BulkChange::default() };
    let bulk = ChangeTickets {
        principal: desk.agent.clone(),
        origin: origin(&desk.agent),
        input,
        idempotency: None,
    };
    desk.store.write(&desk.tenant, bulk).await.unwrap();
    assert_eq!(shares(&desk).await, BTreeMap::from([("Ben".into(), 9), ("Greta Agent".into(), 8)]));
}

async fn who_is_gone_is_passed_over(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (ben, cleo) = (colleague(&desk, "Ben").await, colleague(&desk, "Cleo").await);
    let team = make(&desk, "Depot", Assignment::RoundRobin, &[&ben, &cleo]).await;
    set(&desk, &ben, ben.user, GONE).await.unwrap();
    for _ in 0..3 {
        assert_eq!(whose(&desk, team.id).await.as_deref(), Some("Cleo"));
    }
    set(&desk, &desk.admin, ben.user, BACK).await.unwrap();
    assert_eq!(whose(&desk, team.id).await.as_deref(), Some("Ben"));
    // Until then, and no longer.
    let now = raise(&desk, team.id).await.created_at;
    let until = Availability { until: Some(now.plus_ms(3_600_000)), ..GONE };
    set(&desk, &ben, ben.user, until).await.unwrap();
    assert_eq!(whose(&desk, team.id).await.as_deref(), Some("Cleo"));
    desk.wait(3_600_000);
    assert_eq!(whose(&desk, team.id).await.as_deref(), Some("Ben"));
    // Who is disabled or works on tickets no more is out; with nobody left it waits for somebody.
    for (whom, patch) in [
        (&ben, UserPatch { active: Some(false), ..UserPatch::default() }),
        (&cleo, UserPatch { role: Some(Role::User), ..UserPatch::default() }),
    ] {
        let by = Authority::Person(desk.admin.clone());
        let update = UpdateUser { by, origin: origin(&desk.admin), id: whom.user, patch };
        desk.store.write(&desk.tenant, update).await.unwrap();
    }
    let waiting = raise(&desk, team.id).await;
    assert_eq!((waiting.team.map(|team| team.id), waiting.assignee), (Some(team.id), None));
    let list = ListTeams { principal: desk.agent.clone() };
    assert!(desk.store.read(&desk.tenant, list).await.unwrap().items[0].members.is_empty());
    // A ticket that comes to the team leaves whoever had it.
    let input = NewTicket { assignee_id: Some(desk.agent.user), ..ticket("Mine") };
    let mine = desk.raise(&desk.agent, input).await.unwrap();
    assert_eq!(desk.update(&desk.agent, mine.id, to_team(team.id)).await.unwrap().assignee, None);
}

async fn a_rule_picks_only_where_nobody_is_named_and_something_is_to_do(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    let team = make(&desk, "Depot", Assignment::RoundRobin, &[&ben]).await;
    let by_hand = make(&desk, "Customs", Assignment::Manual, &[&ben]).await;
    let named =
        NewTicket { team_id: Some(team.id), assignee_id: Some(desk.agent.user), ..ticket("To Greta") };
    let named = desk.raise(&desk.agent, named).await.unwrap();
    assert_eq!(named.assignee.as_ref().map(|person| person.id), Some(desk.agent.user));
    // It is the team's already.
    let same = desk.update(&desk.agent, named.id, to_team(team.id)).await.unwrap();
    assert_eq!(same.version, named.version);
    let nobody = TicketPatch { assignee_id: Some(None), ..to_team(team.id) };
    assert_eq!(desk.update(&desk.agent, named.id, nobody).await.unwrap().assignee, None);
    let again = desk.update(&desk.agent, named.id, to_team(team.id)).await.unwrap();
    assert_eq!(again.assignee.map(|person| person.id), Some(ben.user));
    // A team that takes its tickets leaves it with whom it was.
    let moved = desk.update(&desk.agent, named.id, to_team(by_hand.id)).await.unwrap();
    assert_eq!(moved.assignee.map(|person| person.id), Some(ben.user));
    let solved = TicketPatch { status: Some(Status::Resolved), ..TicketPatch::default() };
    let loose = desk.raise(&desk.user, ticket("Loose")).await.unwrap();
    desk.update(&desk.agent, loose.id, solved).await.unwrap();
    let given = desk.update(&desk.agent, loose.id, to_team(team.id)).await.unwrap();
    assert_eq!((given.team.map(|team| team.id), given.assignee), (Some(team.id), None));
    let nowhere = to_team(TeamId(desk.agent.user.0));
    let error = desk.update(&desk.agent, loose.id, nowhere).await.unwrap_err();
    assert!(error.to_string().starts_with("teamId: is no team"), "{error}");
    let own = NewTicket { team_id: Some(team.id), ..ticket("By a requester") };
    let error = desk.raise(&desk.user, own).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
}

async fn a_macro_gives_to_a_team(engine: Engine) {
    let desk = Desk::new(engine).await;
    let ben = colleague(&desk, "Ben").await;
    let team = make(&desk, "Depot", Assignment::RoundRobin, &[&ben]).await;
    let raised = desk.raise(&desk.user, ticket("Pallet 7")).await.unwrap();
    let make = |team| {
        let actions = MacroActions { team_id: Some(team), ..MacroActions::default() };
        let input = NewMacro { name: "To the depot".into(), actions, shared: true, ..NewMacro::default() };
        CreateMacro { principal: desk.admin.clone(), origin: origin(&desk.admin), input }
    };
    let error = desk.store.write(&desk.tenant, make(TeamId(ben.user.0))).await.unwrap_err();
    assert!(error.to_string().starts_with("actions.teamId: is no team"), "{error}");
    let made = desk.store.write(&desk.tenant, make(team.id)).await.unwrap();
    let apply = apply(&desk.agent, raised.id, made.id);
    let after = desk.store.write(&desk.tenant, apply).await.unwrap().answer.ticket;
    assert_eq!(after.team.map(|team| team.name).as_deref(), Some("Depot"));
    assert_eq!(after.assignee.map(|person| person.id), Some(ben.user));
}
