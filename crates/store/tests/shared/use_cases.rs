//! Every use-case once, with values by which it does something: one text for all tests that go through all of
//! them. [`every_query`] and [`every_command`] hand each to a macro of the test's own, as `run!(Name, value)`.

#[path = "furnished.rs"]
mod furnished;
#[path = "imported.rs"]
pub(crate) mod imported;

pub(crate) use furnished::{Known, furnish, hash_of, secrets_of};

/// A filter of each kind of condition, in words that the company's tickets have.
pub(crate) fn filters(
    of: &Known,
) -> Vec<(flowbit_domain::ticket::Expression, flowbit_domain::ticket::TicketSort)> {
    use flowbit_domain::ticket::TicketSort;
    let (admin, colleague, slug, team) = (of.admin.user, of.colleague, &of.slug, of.team);
    let texts = [
        r#"{"all":[]}"#.to_owned(),
        r#"{"status":{"is":["open"]}}"#.to_owned(),
        r#"{"all":[{"status":{"isNot":["closed","resolved"]}},{"priority":{"is":["normal","high"]}}]}"#
            .to_owned(),
        format!(
            r#"{{"any":[{{"assignee":{{"is":["{colleague}"]}}}},{{"assignee":{{"is":["none","me"]}}}}]}}"#
        ),
        format!(
            r#"{{"all":[{{"assignee":{{"is":["{colleague}"]}}}},{{"requester":{{"is":["{admin}"]}}}}]}}"#
        ),
        format!(r#"{{"mentioned":{{"is":["me","{colleague}"]}}}}"#),
        format!(r#"{{"all":[{{"tag":{{"is":["tag-{slug}"]}}}},{{"tag":{{"isNot":["x"]}}}}]}}"#),
        format!(
            r#"{{"any":[{{"text":{{"contains":"secret {slug}"}}}},{{"priority":{{"is":["urgent"]}}}}]}}"#
        ),
        r#"{"any":[{"workflow":{"is":["overdue"]}},{"workflow":{"isNot":["done"]}}]}"#.to_owned(),
        r#"{"all":[{"createdAt":{"withinDays":3}},{"updatedAt":{"after":"2020-01-01T00:00:00.000Z"}}]}"#
            .to_owned(),
        r#"{"any":[{"resolvedAt":{"olderThanDays":3}},{"createdAt":{"before":"2099-01-01T00:00:00.000Z"}}]}"#
            .to_owned(),
        r#"{"all":[{"customField":{"key":"a","isNot":["b",1,true]}},{"any":[{"all":[]}]}]}"#.to_owned(),
        r#"{"customField":{"key":"a","is":["b",1.5,false]}}"#.to_owned(),
        format!(r#"{{"any":[{{"team":{{"is":["{team}","mine"]}}}},{{"team":{{"isNot":["none"]}}}}]}}"#),
        format!(r#"{{"team":{{"is":["{team}"]}}}}"#),
    ];
    let sorts = [TicketSort::UpdatedDesc, TicketSort::CreatedAsc, TicketSort::ResolvedDesc];
    let read = |(at, text): (usize, &String)| (serde_json::from_str(text).unwrap(), sorts[at % sorts.len()]);
    texts.iter().enumerate().map(read).collect()
}

/// Hands every query to `$run!(Name, value)`: asked by the company `$me` about what is `$of`'s, which may be the
/// same or another.
macro_rules! every_query {
    ($me:expr, $of:expr, $run:ident) => {{
        use flowbit_domain::{
            archive::{CountRows, ReadArchive},
            assignee::ListAssignees,
            audit::{AuditFilter, GetHead, ListAudit, ReadLedger},
            delivery::{CountStuck, DeliveryFilter, GetBacklog, GetDelivery, ListDeliveries, NextDue},
            endpoint::{GetEndpoint, ListEndpoints},
            feed::{ListEvents, TailEvents},
            fields::ListFields,
            import::{Facts, FindBelonging, RehearseBatch},
            macros::ListMacros,
            message::ListMessages,
            notice::{GetNoticeSettings, ListNotices},
            presence::LookIn,
            retention::HasExpired,
            screens::{ListMyScreens, ListScreenSettings},
            session::{CheckSession, FindLogin},
            tags::{HasTagMoves, ListTags},
            team::ListTeams,
            ticket::{CountTickets, GetTicket, ListTickets, TicketFilter, TicketSort, WriteTickets},
            user::{FindPassword, GetProfile, ListUsers},
            view::{CountViews, ListViews},
            watch::ListWatchers,
        };
        let (me, of): (&$crate::use_cases::Known, &$crate::use_cases::Known) = ($me, $of);
        let principal = || me.admin.clone();
        let list = |filter: TicketFilter, sort| ListTickets {
            principal: principal(),
            filter,
            sort,
            limit: 50,
            cursor: None,
        };
        $run!(GetTicket, GetTicket { principal: principal(), id: of.ticket });
        $run!(ListTickets, list(TicketFilter::default(), TicketSort::NumberAsc));
        let filter = || TicketFilter { text: Some(format!("secret {}", of.slug)), ..TicketFilter::default() };
        $run!(ListTickets, list(filter(), TicketSort::UpdatedDesc));
        let filter = || TicketFilter {
            tag: Some(format!("tag-{}", of.slug)),
            requester: Some(of.admin.user),
            ..TicketFilter::default()
        };
        $run!(ListTickets, list(filter(), TicketSort::PriorityDesc));
        for (at, (expression, sort)) in $crate::use_cases::filters(of).into_iter().enumerate() {
            let filter = || TicketFilter { expression: Some(expression.clone()), ..TicketFilter::default() };
            assert!(expression.check("filter").is_ok(), "filter {at}");
            $run!(ListTickets, list(filter(), sort));
        }
        $run!(ListViews, ListViews { principal: principal() });
        $run!(CountViews, CountViews { principal: principal() });
        let list = || list(TicketFilter::default(), TicketSort::NumberDesc);
        $run!(WriteTickets, WriteTickets { list: list(), cards: std::sync::Arc::default() });
        $run!(CountTickets, CountTickets { principal: principal() });
        $run!(
            ListMessages,
            ListMessages { principal: principal(), ticket: of.ticket, limit: 50, cursor: None }
        );
        $run!(ListEvents, ListEvents { principal: principal(), after: 0, limit: 50, ticket: None });
        $run!(
            ListEvents,
            ListEvents { principal: principal(), after: 0, limit: 50, ticket: Some(of.ticket) }
        );
        $run!(TailEvents, TailEvents { after: 0, limit: 500 });
        let filter = || AuditFilter { user: Some(of.admin.user), ..AuditFilter::default() };
        $run!(ListAudit, ListAudit { principal: principal(), filter: filter(), limit: 50, cursor: None });
        $run!(ReadLedger, ReadLedger { after: 0, limit: 500 });
        $run!(GetHead, GetHead);
        let text = || Some(format!("admin of {}", of.slug));
        $run!(ListUsers, ListUsers { principal: principal(), text: text(), limit: 50, cursor: None });
        $run!(
            GetProfile,
            GetProfile { principal: flowbit_domain::Principal { user: of.admin.user, ..principal() } }
        );
        $run!(ListAssignees, ListAssignees { principal: principal() });
        $run!(ListMacros, ListMacros { principal: principal(), ticket: Some(of.ticket) });
        $run!(ListTags, ListTags { principal: principal() });
        $run!(ListWatchers, ListWatchers { principal: principal(), ticket: of.ticket });
        $run!(LookIn, LookIn { principal: principal(), ticket: of.ticket });
        for unread in [true, false] {
            $run!(ListNotices, ListNotices { principal: principal(), unread, limit: 50, cursor: None });
        }
        $run!(GetNoticeSettings, GetNoticeSettings { principal: principal() });
        $run!(ListTeams, ListTeams { principal: principal() });
        $run!(HasTagMoves, HasTagMoves);
        $run!(ListFields, ListFields { principal: principal() });
        $run!(FindLogin, FindLogin { email: format!("admin@{}.example", of.slug) });
        $run!(FindPassword, FindPassword { user: of.admin.user });
        $run!(CheckSession, CheckSession { session: of.session, user: of.admin.user });
        $run!(ListEndpoints, ListEndpoints { principal: principal(), limit: 50, cursor: None });
        $run!(GetEndpoint, GetEndpoint { principal: principal(), id: of.endpoint });
        let filter = || DeliveryFilter { state: None, endpoint: Some(of.endpoint), ticket: Some(of.ticket) };
        $run!(
            ListDeliveries,
            ListDeliveries { principal: principal(), filter: filter(), limit: 50, cursor: None }
        );
        let callback_url = || "https://desk.example/callback".to_owned();
        $run!(
            GetDelivery,
            GetDelivery { principal: principal(), id: of.delivery, callback_url: callback_url() }
        );
        $run!(NextDue, NextDue { per_endpoint: 4 });
        $run!(GetBacklog, GetBacklog { per_endpoint: 4 });
        $run!(CountStuck, CountStuck { before: flowbit_domain::Timestamp(i64::MAX) });
        $run!(HasExpired, HasExpired);
        $run!(ListMyScreens, ListMyScreens { principal: principal(), declared: of.screens() });
        $run!(ListScreenSettings, ListScreenSettings { principal: principal(), declared: of.screens() });
        let find = || FindBelonging { source: "test".into(), customer: of.slug.clone() };
        $run!(FindBelonging, find());
        for kind in 0..$crate::use_cases::imported::KINDS {
            let documents = || $crate::use_cases::imported::one_of_each(&of.slug, "one").swap_remove(kind);
            let rules = || $crate::use_cases::imported::rules(&of.slug);
            $run!(
                RehearseBatch,
                RehearseBatch { rules: rules(), documents: documents(), facts: Facts::default() }
            );
        }
        $run!(CountRows, CountRows);
        $run!(ReadArchive, ReadArchive { sink: Box::new(|_| Ok(())) });
    }};
}
pub(crate) use every_query;

/// Hands every command to `$run!(Name, value)`: done by the company `$me` to what is `$of`'s, which may be the
/// same or another. `$round`, read anew for each, makes what must be new differ from one
/// time to the next.
macro_rules! every_command {
    ($me:expr, $of:expr, $round:expr, $run:ident) => {{
        use flowbit_domain::{
            Timestamp,
            callback::{ApplyCallback, CallbackClaim, RecordRefusedCallback, Refusal},
            company::RecordFounding,
            delivery::{
                ClaimDeliveries, FinishAttempt, MarkOverdue, Outcome, ReclaimLeases, ReplayDelivery,
                ReturnLeases,
            },
            endpoint::{
                DeleteEndpoint, EndpointPatch, RotateSecret, TestEndpoint, UpdateEndpoint, hash_secret,
            },
            fields::{FieldPatch, UpdateField},
            import::{AdoptCompany, FinishImport, ImportBatch, Tally},
            macros::{ApplyMacro, DeleteMacro, MacroPatch, MacroUse, UpdateMacro},
            message::{CreateMessage, NewMessage},
            notice::{NoticeKind, NoticeSettingsPatch, ReadNotices, UpdateNoticeSettings, WhichNotices},
            retention::RemoveExpired,
            screens::{ScreenChange, ScreensChange, UpdateScreens},
            session::{
                EndSession, RecordDenial, RecordExport, RecordRefusal, RefreshSession, RefusalReason,
                StartSession, UpgradePasswordHash,
            },
            tags::{ColorTag, ContinueTagMoves, MoveTag, TagColor, TagMove},
            team::{Assignment, DeleteTeam, TeamPatch, UpdateTeam},
            ticket::{
                BulkChange, ChangeTickets, DeleteTicket, Priority, RestoreTicket, Status, TicketPatch,
                UpdateTicket,
            },
            user::{
                AcceptInvitation, Authority, Availability, ChangePassword, EraseUser, InviteUser, ResetPassword,
                SetAvailability, UpdateUser, UserPatch,
            },
            view::{DeleteView, UpdateView, ViewPatch},
            watch::WatchTicket,
        };
        use $crate::use_cases::{Known, hash_of, secrets_of};
        let (me, of): (&Known, &Known) = ($me, $of);
        let round = || -> usize { $round };
        let principal = || me.admin.clone();
        let origin = || me.origin();
        let by = || Authority::Person(principal());
        let text = |text: &str| text.to_owned();
        $run!(
            RecordFounding,
            RecordFounding { origin: origin(), slug: me.slug.clone(), name: me.slug.clone() }
        );
        $run!(CreateUser, me.new_user(&format!("new-{}", round())));
        let patch = || UserPatch {
            name: Some(format!("Renamed of {} {}", me.slug, round())),
            ..UserPatch::default()
        };
        $run!(UpdateUser, UpdateUser { by: by(), origin: origin(), id: of.colleague, patch: patch() });
        $run!(
            AcceptInvitation,
            AcceptInvitation {
                origin: origin(),
                user: of.colleague,
                invitation: of.invitation.id,
                password_hash: hash_of(&me.slug),
                user_agent: None,
            }
        );
        $run!(InviteUser, InviteUser { by: by(), origin: origin(), id: of.colleague });
        let seen_hash = || hash_of(&of.slug);
        $run!(
            StartSession,
            StartSession { origin: origin(), user: of.admin.user, seen_hash: seen_hash(), user_agent: None }
        );
        $run!(
            RefreshSession,
            RefreshSession { origin: origin(), session: of.session, refresh_id: of.refresh }
        );
        $run!(
            RecordRefusal,
            RecordRefusal {
                origin: origin(),
                email: format!("admin@{}.example", me.slug),
                user: me.admin.user,
                reason: RefusalReason::WrongPassword,
            }
        );
        $run!(
            RecordDenial,
            RecordDenial { principal: principal(), origin: origin(), method: text("GET"), route: text("/x") }
        );
        $run!(RecordExport, RecordExport { principal: principal(), origin: origin(), format: "csv" });
        $run!(CreateTicket, me.new_ticket(&format!("Made {}", round())));
        let patch = || TicketPatch {
            status: Some(Status::InProgress),
            tags: Some(vec![format!("t{}-{}", round(), me.slug)]),
            custom_fields: serde_json::json!({ "order": me.slug, "round": round() }).as_object().cloned(),
            ..TicketPatch::default()
        };
        $run!(
            UpdateTicket,
            UpdateTicket { principal: principal(), origin: origin(), id: of.ticket, patch: patch() }
        );
        let input = || NewMessage { body: format!("Hello {} from {}", round(), me.slug), internal: false, ..NewMessage::default() };
        $run!(
            CreateMessage,
            CreateMessage {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        let input = || NewMessage {
            body: format!("@{} look", me.slug),
            internal: true,
            mentions: vec![of.colleague],
            ..NewMessage::default()
        };
        $run!(
            CreateMessage,
            CreateMessage {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        for watches in [round() % 2 == 0, round() % 2 == 1] {
            $run!(
                WatchTicket,
                WatchTicket { principal: principal(), origin: origin(), ticket: of.ticket, watches }
            );
        }
        let which = || WhichNotices { ticket_id: Some(of.ticket), ..WhichNotices::default() };
        $run!(ReadNotices, ReadNotices { principal: principal(), origin: origin(), which: which() });
        let patch = || NoticeSettingsPatch {
            muted: Some(vec![NoticeKind::ALL[round() % 7]]),
            ..NoticeSettingsPatch::default()
        };
        $run!(
            UpdateNoticeSettings,
            UpdateNoticeSettings { principal: principal(), origin: origin(), patch: patch() }
        );
        $run!(CreateView, me.new_view(&format!("View {}", round()), round() % 2 == 0));
        for view in [of.view, of.shared_view] {
            let patch = || ViewPatch {
                name: Some(format!("Round {} of {}", round(), me.slug)),
                position: Some(round() as i64),
                ..ViewPatch::default()
            };
            $run!(
                UpdateView,
                UpdateView { principal: principal(), origin: origin(), id: view, patch: patch() }
            );
        }
        $run!(DeleteView, DeleteView { principal: principal(), origin: origin(), id: of.view });
        let input = || TagColor {
            // A name that is free to all: what another company calls its tags is no trace of it.
            name: format!("tag-{}", me.slug),
            color: Some(Some(text(["red", "blue"][round() % 2]))),
        };
        $run!(ColorTag, ColorTag { principal: principal(), origin: origin(), input: input() });
        $run!(ContinueTagMoves, ContinueTagMoves { limit: 10 });
        // One of two, so that there is one that is under way.
        let input = || TagMove {
            from: format!("tag-{}", of.slug),
            to: Some(format!("moved-{}-{}", round(), of.slug)),
            merge: false,
        };
        $run!(MoveTag, MoveTag { principal: principal(), origin: origin(), input: input(), limit: 1 });
        $run!(CreateTeam, me.new_team(&format!("Made {}", round())));
        let patch = || TeamPatch {
            name: Some(format!("{} of {}", round(), me.slug)),
            assignment: Some([Assignment::RoundRobin, Assignment::ByLoad][round() % 2]),
            member_ids: Some(if round() % 2 == 0 { vec![of.colleague] } else { vec![of.admin.user, of.colleague] }),
            ..TeamPatch::default()
        };
        $run!(
            UpdateTeam,
            UpdateTeam { principal: principal(), origin: origin(), id: of.team, patch: patch() }
        );
        $run!(DeleteTeam, DeleteTeam { principal: principal(), origin: origin(), id: of.doomed_team });
        let patch = || TicketPatch { team_id: Some(Some(of.team)), ..TicketPatch::default() };
        $run!(
            UpdateTicket,
            UpdateTicket { principal: principal(), origin: origin(), id: of.ticket, patch: patch() }
        );
        let input = || Availability { out_of_office: round() % 2 == 0, until: None };
        $run!(
            SetAvailability,
            SetAvailability { principal: principal(), origin: origin(), user: of.colleague, input: input() }
        );
        $run!(CreateField, me.new_field(&format!("made_{}", round())));
        let patch =
            || FieldPatch { label: Some(format!("{} of {}", round(), me.slug)), ..FieldPatch::default() };
        $run!(
            UpdateField,
            UpdateField { principal: principal(), origin: origin(), id: of.field, patch: patch() }
        );
        $run!(CreateMacro, me.new_macro(&format!("Made {}", round())));
        let patch =
            || MacroPatch { name: Some(format!("{} of {}", round(), me.slug)), ..MacroPatch::default() };
        $run!(
            UpdateMacro,
            UpdateMacro { principal: principal(), origin: origin(), id: of.shared_macro, patch: patch() }
        );
        let input = || MacroUse { macro_id: of.shared_macro, body: None, mentions: Vec::new(), version: None, last_message_id: None };
        $run!(
            ApplyMacro,
            ApplyMacro {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        $run!(DeleteMacro, DeleteMacro { principal: principal(), origin: origin(), id: of.doomed_macro });
        $run!(DeleteTicket, DeleteTicket { principal: principal(), origin: origin(), id: of.doomed });
        $run!(RestoreTicket, RestoreTicket { principal: principal(), origin: origin(), id: of.doomed });
        let input = || BulkChange {
            ids: vec![of.ticket, of.doomed, flowbit_domain::id::TicketId(uuid::Uuid::from_u128(7))],
            priority: Some(Priority::ALL[round() % 4]),
            add_tags: vec![format!("bulk-{}", me.slug)],
            ..BulkChange::default()
        };
        $run!(
            ChangeTickets,
            ChangeTickets { principal: principal(), origin: origin(), input: input(), idempotency: None }
        );
        let input = || BulkChange { ids: vec![of.doomed], delete: true, ..BulkChange::default() };
        $run!(
            ChangeTickets,
            ChangeTickets { principal: principal(), origin: origin(), input: input(), idempotency: None }
        );
        $run!(CreateEndpoint, me.new_endpoint(100 + round() as u128));
        let patch = || EndpointPatch {
            description: Some(format!("Round {} of {}", round(), me.slug)),
            ..EndpointPatch::default()
        };
        $run!(
            UpdateEndpoint,
            UpdateEndpoint { principal: principal(), origin: origin(), id: of.endpoint, patch: patch() }
        );
        $run!(TestEndpoint, TestEndpoint { principal: principal(), origin: origin(), id: of.endpoint });
        $run!(
            DeleteEndpoint,
            DeleteEndpoint { principal: principal(), origin: origin(), id: of.doomed_endpoint }
        );
        $run!(ClaimDeliveries, ClaimDeliveries { limit: 2, per_endpoint: 8, lease_ms: 60_000 });
        let outcome = || Outcome::Answered { status: 200, body: text("fine"), retry_after_ms: None };
        $run!(
            FinishAttempt,
            FinishAttempt {
                lease: of.leases[0],
                claimed_at: of.claimed_at,
                duration_ms: 5,
                outcome: outcome()
            }
        );
        $run!(ReturnLeases, ReturnLeases { leases: of.leases.clone() });
        $run!(ReclaimLeases, ReclaimLeases { claimed_before: Timestamp(i64::MAX) });
        $run!(MarkOverdue, MarkOverdue { limit: 10 });
        let claim = CallbackClaim { ticket: of.ticket, delivery: of.delivery, endpoint: of.endpoint };
        $run!(
            ApplyCallback,
            ApplyCallback {
                origin: origin(),
                claim,
                secret: hash_secret(&secrets_of(&of.slug).shared),
                status: None,
                message: Some(format!("Done {} by {}", round(), me.slug)),
                custom_fields: None,
                data: None,
            }
        );
        $run!(
            RecordRefusedCallback,
            RecordRefusedCallback {
                origin: origin(),
                refusal: Refusal::WrongToken,
                endpoint: of.endpoint,
                delivery: Some(of.delivery),
            }
        );
        $run!(
            RotateSecret,
            RotateSecret {
                principal: principal(),
                origin: origin(),
                id: of.endpoint,
                secrets: secrets_of(&me.slug)
            }
        );
        $run!(ReplayDelivery, ReplayDelivery { principal: principal(), origin: origin(), id: of.delivery });
        let screens =
            || vec![ScreenChange { id: text("tickets"), enabled: Some(round() % 2 == 1), roles: None }];
        let change = || ScreensChange { screens: screens() };
        $run!(
            UpdateScreens,
            UpdateScreens {
                principal: principal(),
                origin: origin(),
                declared: me.screens(),
                change: change()
            }
        );
        for kind in 0..$crate::use_cases::imported::KINDS {
            let documents = || {
                let id = format!("round-{}", round());
                $crate::use_cases::imported::one_of_each(&me.slug, &id).swap_remove(kind)
            };
            let rules = || $crate::use_cases::imported::rules(&me.slug);
            $run!(ImportBatch, ImportBatch { origin: origin(), rules: rules(), documents: documents() });
        }
        $run!(
            AdoptCompany,
            AdoptCompany {
                origin: origin(),
                source: text("test"),
                customer: me.slug.clone(),
                slug: me.slug.clone(),
                name: me.slug.clone()
            }
        );
        let tally = || Tally { tickets: 1, ..Tally::default() };
        $run!(
            FinishImport,
            FinishImport {
                origin: origin(),
                source: text("test"),
                customer: me.slug.clone(),
                tally: tally()
            }
        );
        $run!(RemoveExpired, RemoveExpired { limit: 10 });
        $run!(EndSession, EndSession { origin: origin(), session: of.session });
        // Last, since they change what others name.
        $run!(
            UpgradePasswordHash,
            UpgradePasswordHash { user: of.colleague, seen_hash: seen_hash(), new_hash: seen_hash() }
        );
        $run!(
            ResetPassword,
            ResetPassword {
                by: by(),
                origin: origin(),
                email: format!("colleague@{}.example", of.slug),
                new_hash: seen_hash(),
            }
        );
        $run!(
            ChangePassword,
            ChangePassword {
                principal: flowbit_domain::Principal { user: of.admin.user, ..principal() },
                origin: origin(),
                seen_hash: seen_hash(),
                new_hash: seen_hash(),
            }
        );
        $run!(EraseUser, EraseUser { by: by(), origin: origin(), id: of.leaver, texts: true });
    }};
}
pub(crate) use every_command;
